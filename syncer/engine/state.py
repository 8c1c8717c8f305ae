"""What the engine holds of one item while it decides. Plain data; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from syncer.engine.merge import Base, Outcome
from syncer.mapping.rules import FieldRule, KindRule, Value
from syncer.record import Editor, Gone, Raw, Record, canonical_json
from syncer.store.rows import LinkRow

UNDONE = "undone"
"""The kind of a conflict that holds what was undone."""


def value_digest(value: Value, rule: FieldRule) -> str:
    """Return a digest under which a refused value is remembered: until value, schema or mapping changes."""
    text = canonical_json([value, rule.fingerprint(), [o.id for o in rule.spec.options]])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


@dataclass(slots=True)
class SideView:
    """One side of one item: its link and what it shows now.

    `record` is fresh, or None where the side was not read (then it stands at `link.seen`). `own` says that the
    record was found through our own open intent: unfinished work, not a person's.
    """

    side: str
    rule: KindRule
    link: LinkRow
    record: Record | None = None
    gone: Gone | None = None
    grain: float = 0.0
    """Seconds to which this side's clock is rounded."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Field → digest of the value that this side refused to take."""
    editors: Mapping[str, Editor] = field(default_factory=dict)
    """Record field → who edited it last, where that was asked and told."""

    def refuses(self, name: str, value: Value) -> bool:
        """Say whether this side refused this very value, and nothing about it changed since."""
        return name in self.refused and self.refused[name] == value_digest(value, self.rule.fields[name])

    @property
    def live(self) -> bool:
        """Say whether a linked, living record takes part."""
        if self.link.state != "live" or self.gone is not None:
            return False
        return self.record is None or not self.record.archived

    def raw(self, record_field: str) -> tuple[bool, Raw]:
        """Return (known, raw value) of a record field, fresh or as last seen."""
        if self.record is not None and record_field in self.record.unreadable:
            return False, None
        if self.record is not None and record_field in self.record.fields:
            return True, self.record.fields[record_field]
        if record_field in self.link.seen:
            return True, self.link.seen[record_field]
        return False, None

    def base(self, name: str, record_field: str) -> Base | None:
        """Return the base of an item field; one made with another record field is none."""
        entry: Mapping[str, Any] | None = self.link.base.get(name)
        if entry is None or entry["rf"] != record_field:
            return None
        return Base(entry["raw"], entry["value"])


@dataclass(slots=True)
class ItemView:
    """One item, with every side that may hold it."""

    id: str
    kind: str
    state: str
    fields: Mapping[str, Value]
    sides: dict[str, SideView]
    new: bool = False
    why: str = ""
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(side, what a question was about) → what a person answered."""
    holds: frozenset[str] = frozenset()
    """Fields that were undone: what stood against them is not carried again until the sides agree."""

    @property
    def title(self) -> str:
        """Return what people call it."""
        labels = (view.record.label for view in self.sides.values() if view.record)
        return str(self.fields.get("title") or next((label for label in labels if label), self.id))


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person can settle that is not about one field."""

    item: str
    side: str
    text: str
    choices: tuple[str, ...] = ()
    about: str = ""


@dataclass(slots=True)
class Decision:
    """What becomes of one item, before a byte is written anywhere.

    `fields` is the whole new value of the item. `frozen` sides are neither read nor written now, and why.
    `links` are new link states by side. `revive`, `archive`: sides whose record comes back, or goes.
    """

    view: ItemView
    fields: dict[str, Value]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    state: str = "live"
    links: dict[str, str] = field(default_factory=dict)
    frozen: dict[str, str] = field(default_factory=dict)
    revive: dict[str, str] = field(default_factory=dict)
    archive: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    revived_by: str = ""

    @property
    def item(self) -> str:
        """Return the item's id."""
        return self.view.id

    def put(self, name: str, value: Value) -> None:
        """Give the item a value; None is absent."""
        if value is None:
            self.fields.pop(name, None)
        else:
            self.fields[name] = value

    @property
    def title(self) -> str:
        """Return what people call the item now."""
        return str(self.fields.get("title") or self.view.title)
