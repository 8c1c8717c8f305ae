"""Converters: how one item field reads, fits and is written on one side. Pure, and never raises on a raw value.

item type            record types it can live in
line, url            line, url, number, choice (by name); a line also a document of one paragraph
number, date, flag   the same, or a line that says it; a flag also one option of a set
instant, period      the same; a date is a part of a period, too
choice               choice, line
set                  set, line (separated by commas)
person, people       person, people, line (a written name or e-mail)
reference(s)         reference, references
sequence             sequence, line (a line an entry, `- [x] text`)
document             document, line (plain text)
money, table         the same
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from syncer.errors import DocumentError
from syncer.mapping import text
from syncer.mapping.rules import CannotSay, Direction, Names, Reading, Value
from syncer.model import types
from syncer.record import FieldSpec, FieldType, Raw, canonical_json
from syncer.richtext.codec import Codec
from syncer.richtext.nodes import Node

T = FieldType

REMEMBERED = 256
"""Documents a rule keeps decoded."""


@dataclass(frozen=True)
class Rule:
    """What every converter has in common."""

    field: str
    type: FieldType
    spec: FieldSpec
    direction: Direction = Direction.BOTH
    default: Value = None
    domain: tuple[Value, ...] = ()

    @property
    def record_field(self) -> str:
        """See FieldRule."""
        return self.spec.id

    def fingerprint(self) -> str:
        """See FieldRule."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        said = [type(self).__name__, self.field, self.type, self.spec.id, self.spec.type, *self.details()]
        return hashlib.blake2b(canonical_json(said).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    def details(self) -> list[Any]:
        """Return what else the rule's readings depend on."""
        return []

    def shown(self, value: Value) -> Value:
        """See FieldRule."""
        return value

    def absent(self, raw: Raw) -> bool:
        """Say whether a raw value is, or may stand for, absent."""
        return raw in (None, "", []) or (self.spec.absent_shows is not None and raw == self.spec.absent_shows)

    def normal(self, value: Value) -> Value:
        """Return a value's normal form."""
        return types.normal(self.type, value)


@dataclass(frozen=True)
class Plain(Rule):
    """One value, one way to say it: `parse` and `say` are inverse on everything `parse` takes."""

    part: str = ""
    pair: bool = False
    """The other end of the same range is mapped too: a start that equals the end then says "due only"."""

    def details(self) -> list[Any]:
        """See Rule."""
        return [self.part, self.pair]

    def due_only(self, raw: Raw) -> bool:
        """Say whether a range of one day may stand for a due date without a start."""
        return self.pair and self.part == "start" and isinstance(raw, dict) and raw.get("start") == raw.get("end")

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        if raw in (None, "", []):
            return Reading(None)
        try:
            value = None if self.due_only(raw) else self.normal(text.parse(self.type, self.spec.type, raw, self.part))
        except (ValueError, TypeError, KeyError) as error:
            return Reading(unreadable=f"{raw!r} is no {self.type}: {error}")
        return Reading(value, exact=not self.due_only(raw), weak=raw == self.spec.absent_shows and raw is not None)

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule."""
        if value is None and self.absent(raw):
            return True
        if self.due_only(raw):
            return value is None or types.equal(self.type, text.parse(self.type, self.spec.type, raw, "start"), value)
        reading = self.read(raw, names)
        return not reading.unreadable and types.equal(self.type, reading.value, value)

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        if self.fits(shown, value, names):
            return shown
        if value is None and not self.part:
            return self.spec.absent_shows
        try:
            raw = text.say(self.type, self.spec.type, value, shown, self.part, self.pair)
        except (ValueError, TypeError) as error:
            return CannotSay(str(error))
        if self.spec.max_length and isinstance(raw, str) and len(raw) > self.spec.max_length:
            return CannotSay(f"it is longer than {self.spec.max_length} characters")
        return raw


@dataclass(frozen=True)
class Choice(Rule):
    """A choice by a value map: item value → what a side may show for it (option ids), the first being written.

    `reads`: option → item value, where several item values share the option. Without a map, names speak for
    themselves.
    """

    values: Mapping[Any, tuple[str, ...]] = field(default_factory=dict)
    reads: Mapping[str, Any] = field(default_factory=dict)
    mapped: bool = False

    def details(self) -> list[Any]:
        """See Rule."""
        return [sorted((k, list(v)) for k, v in self.values.items()), sorted(self.reads.items()), self.mapped]

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        if raw in (None, ""):
            return Reading(None)
        option = str(raw)
        meanings = [value for value, shown in self.values.items() if option in shown]
        if not meanings:
            if self.mapped:
                return Reading(unreadable=f"the option {self.name(option)!r} has no counterpart in the mapping")
            return Reading(self.name(option))
        best = self.reads.get(option, meanings[0])
        return Reading(best, exact=len(meanings) == 1, weak=raw == self.spec.absent_shows)

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule."""
        if value is None:
            return self.absent(raw)
        if raw in (None, ""):
            return value is False and False not in self.values
        return str(raw) in self.values.get(value, ()) or self.read(raw, names).value == value

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        if self.fits(shown, value, names):
            return shown
        if value is None or (value is False and False not in self.values):
            return self.spec.absent_shows
        if self.values.get(value):
            return self.values[value][0]
        named = next((o.id for o in self.spec.options if o.name == value), None)
        if not self.mapped and (named is not None or self.spec.open_options or not self.spec.options):
            return named or str(value)
        return CannotSay(f"no option stands for {value!r}")

    def name(self, option: str) -> str:
        """Return an option's name."""
        return next((o.name for o in self.spec.options if o.id == option), option)


@dataclass(frozen=True)
class Elements(Rule):
    """A set, element by element: `names_of` and `ids_of` translate; what has no name stays on the side untouched."""

    connection: str = ""
    single: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    """Option id → element, for sets of options."""

    def details(self) -> list[Any]:
        """See Rule."""
        return [self.single, sorted(self.options.items())]

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        known, unnamed = [], []
        for part in self.parts(raw):
            element = self.element(part, names)
            if element is None:
                unnamed.append(part)
            else:
                known.append(element)
        if unnamed and (self.one or not known) and self.type is not T.SET:
            return Reading(unreadable=f"{unnamed[0]!r} is nobody and nothing we know", unnamed=tuple(unnamed))
        value = self.normal(known[0] if self.one and known else sorted(set(known)) or None)
        one = self.one and len(known) == 1
        return Reading(value, exact=one or not (self.single or self.one), unnamed=tuple(unnamed))

    @property
    def one(self) -> bool:
        """Say whether the item's field holds one element."""
        return self.type in (T.PERSON, T.REFERENCE)

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule."""
        reading = self.read(raw, names)
        if reading.unreadable:
            return False
        have = set(_list(reading.value))
        want = set(_list(value))
        if self.single and not self.one:
            return bool(have & want) if want and have else have == want
        if self.one and want and want <= {self.element(p, names) for p in self.parts(raw)}:
            return True
        sayable = {w for w in want if self.part(w, names) is not None}
        return have in (want, sayable)

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        if self.fits(shown, value, names):
            return shown
        reading = self.read(shown, names)
        ids = {w: self.part(w, names) for w in _list(value)}
        parts = [part for part in ids.values() if part is not None]
        if value is not None and not parts:
            return CannotSay(f"{', '.join(ids)} is nobody and nothing there")
        if self.single:
            return parts[0] if parts else None
        keep = {self.element(p, names): p for p in self.parts(shown)}
        parts = [keep.get(w, part) for w, part in ids.items() if part is not None]
        return self.join([*parts, *(str(u) for u in reading.unnamed)])

    def parts(self, raw: Raw) -> list[str]:
        """Return the raw elements."""
        if raw in (None, "", []):
            return []
        if isinstance(raw, list):
            return [str(part) for part in raw]
        if self.spec.type in (T.LINE, T.DOCUMENT) and not self.single:
            return [part.strip() for part in str(raw).split(",") if part.strip()]
        return [str(raw)]

    def join(self, parts: list[str]) -> Raw:
        """Return raw elements as the side holds them."""
        if self.spec.type is T.LINE:
            return ", ".join(sorted(parts)) or None
        return [*sorted(set(parts))] or None

    def element(self, part: str, names: Names) -> str | None:
        """Return the item's word for a raw element, or None."""
        if self.type in (T.PERSON, T.PEOPLE):
            return names.person_of(self.connection, part)
        if self.type in (T.REFERENCE, T.REFERENCES):
            return names.item_of(self.connection, part)
        return self.options.get(part, None if self.spec.options and not self.spec.open_options else part)

    def part(self, element: str, names: Names) -> str | None:
        """Return the raw element for the item's word, or None."""
        if self.type in (T.PERSON, T.PEOPLE):
            return names.account_of(self.connection, element)
        if self.type in (T.REFERENCE, T.REFERENCES):
            return names.ref_of(self.connection, element, self.spec.targets)
        found = next((option for option, name in self.options.items() if name == element), None)
        if found is None and (self.spec.open_options or not self.spec.options):
            return element
        return found


@dataclass(frozen=True)
class Text(Rule):
    """A document through the codec of the side's format."""

    codec: Callable[[], Codec] | None = None
    format: str = ""
    remembered: dict[str, Reading] = field(default_factory=dict, compare=False, repr=False)
    """The last documents read, by their raw text: deciding one item reads the same few again and again."""

    def details(self) -> list[Any]:
        """See Rule."""
        return [self.format]

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        if raw in (None, "", []):
            return Reading(None)
        key = canonical_json(raw)
        found = self.remembered.get(key)
        if found is None:
            if len(self.remembered) >= REMEMBERED:
                self.remembered.clear()
            found = self.remembered[key] = self._decoded(raw)
        return found

    def _decoded(self, raw: Raw) -> Reading:
        try:
            return Reading(self.normal(self._codec.decode(raw).to_json()))
        except DocumentError as error:
            return Reading(unreadable=error.message)

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule."""
        reading = self.read(raw, names)
        if reading.unreadable:
            return False
        return types.equal(T.DOCUMENT, reading.value, value) or types.equal(
            T.DOCUMENT, reading.value, self.shown(value)
        )

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        if self.fits(shown, value, names):
            return shown
        if value is None:
            return None
        document = Node.from_json(value)
        if shown in (None, "", []):
            return self._codec.encode(document)
        return self._codec.patch(shown, self._codec.decode(shown), document)

    def shown(self, value: Value) -> Value:
        """See FieldRule."""
        if value is None:
            return None
        return self.normal(self._codec.shown(Node.from_json(value)).to_json())

    @property
    def _codec(self) -> Codec:
        assert self.codec is not None
        return self.codec()


def _list(value: Value) -> list[str]:
    return list(value) if isinstance(value, list) else [] if value is None else [str(value)]
