"""Field rules for tests of the engine: as simple as a rule can be, and as lossy as one may be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncer.mapping.rules import CannotSay, Direction, Names, Reading, Value
from syncer.record import FieldSpec, FieldType, Raw


@dataclass(frozen=True)
class Plain:
    """Raw and canonical value are one."""

    field: str
    spec: FieldSpec
    type: FieldType
    direction: Direction = Direction.BOTH
    domain: tuple[Value, ...] = ()
    default: Value = None

    @property
    def record_field(self) -> str:
        """See FieldRule."""
        return self.spec.id

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        return Reading(raw or None)

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule."""
        return (raw or None) == value or (value is None and raw is not None and raw == self.spec.absent_shows)

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        return shown if self.fits(shown, value, names) else value

    def shown(self, value: Value) -> Value:
        """See FieldRule."""
        return value

    def fingerprint(self) -> str:
        """See FieldRule."""
        return f"plain:{self.spec.id}"


@dataclass(frozen=True)
class Mapped(Plain):
    """A choice whose values are mapped: item value → what a side may show for it, the first being written.

    `reads`: which item value a shared option reads as, where it is not the first that lists it.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads: Mapping[str, str] = field(default_factory=dict)

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        if raw is None:
            return Reading(None)
        meanings = [value for value, shown in self.values.items() if raw in shown]
        if not meanings:
            return Reading(unreadable=f"no value is mapped to {raw!r}")
        best = self.reads.get(str(raw), meanings[0])
        return Reading(best, exact=len(meanings) == 1, weak=raw == self.spec.absent_shows)

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule."""
        if value is None:
            return raw is None or raw == self.spec.absent_shows
        return raw in self.values.get(value, ())

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        if self.fits(shown, value, names):
            return shown
        if value is None:
            return self.spec.absent_shows
        if value not in self.values:
            return CannotSay(f"no option for {value!r}")
        return self.values[value][0]

    def fingerprint(self) -> str:
        """See FieldRule."""
        return f"mapped:{self.spec.id}:{sorted(self.values.items())}:{sorted(self.reads.items())}"


@dataclass(frozen=True)
class OneOf(Plain):
    """A side that can show one of an item's several people."""

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        return Reading([raw] if raw else None, exact=False)

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule."""
        return raw in value if value else not raw

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        return shown if self.fits(shown, value, names) else value[0] if value else None


@dataclass(frozen=True)
class Refers(Plain):
    """A reference to another item."""

    connection: str = ""

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        if raw is None:
            return Reading(None)
        item = names.item_of(self.connection, str(raw))
        return Reading(item) if item else Reading(unreadable=f"no item is known for {raw}")

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule."""
        reading = self.read(raw, names)
        return not reading.unreadable and reading.value == value

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        if self.fits(shown, value, names) or value is None:
            return shown if self.fits(shown, value, names) else None
        ref = names.ref_of(self.connection, value, ())
        return ref if ref is not None else CannotSay("it has no record here")
