"""What a name that no longer fits was called before: a thing keeps its id when people rename it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from syncer.record import FieldSpec, RecordType, Schema


def _nowhere(_: str) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Former:
    """The schema that a mapping fitted last. `touched` counts the linked records in which a field has a value."""

    schema: Schema
    touched: Callable[[str], int] = _nowhere

    def record_type(self, name: str, schema: Schema) -> RecordType | None:
        """Return the record type that was called this, as it is called now."""
        old = next((t for t in self.schema.types.values() if _same(name, t.name)), None)
        return schema.types.get(old.id) if old else None

    def field(self, name: str, record_type: RecordType) -> FieldSpec | None:
        """Return the field that was called this, as it is called now."""
        was = self.schema.types.get(record_type.id)
        old = next((f for f in _fields(was) if any(_same(name, n) for n in (f.name, *f.aliases))), None)
        return record_type.fields.get(old.id) if old else None

    def option(self, name: str, spec: FieldSpec) -> str | None:
        """Return what the option that was called this is called now."""
        known = (f for t in self.schema.types.values() for f in t.fields.values() if f.id == spec.id)
        ids = {o.id for f in known for o in f.options if _same(name, o.name)}
        return next((o.name for o in spec.options if o.id in ids), None)


def _fields(record_type: RecordType | None) -> Iterable[FieldSpec]:
    return record_type.fields.values() if record_type else ()


def _same(left: str, right: str) -> bool:
    return left.casefold() == right.casefold()
