"""A record that fewer people may see than its collection is known by its address alone, from here on inwards.

Every answer of an adapter passes through here before the engine sees it: what is not let in can be carried, kept and
told by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from syncer.adapter import Adapter, Traits
from syncer.mapping.rules import Rules
from syncer.record import Batch, Change, Cursor, Draft, Gone, Lookup, Raw, Record, Ref, Schema, Tag


def discreet(adapters: Mapping[str, Adapter], rules: Rules) -> dict[str, Adapter]:
    """Return the adapters such that a side's restricted records come without their contents, unless it carries them."""
    return {s: a if rules.sides[s].restricted == "carry" else Discreet(a) for s, a in adapters.items()}


def bare(record: Record) -> Record:
    """Return a record; of a restricted one only where it is, of which type, since when, and our own tag."""
    if not record.restricted:
        return record
    return Record(
        record.ref,
        record.type,
        {},
        version=record.version,
        tag=record.tag,
        edited_at=record.edited_at,
        created_at=record.created_at,
        archived=record.archived,
        settled=record.settled,
        restricted="restricted",  # its words may say more: a security level's name
        outside=record.outside,
    )


@dataclass(frozen=True, slots=True)
class Discreet:
    """An adapter whose restricted records are bare."""

    inner: Adapter

    @property
    def traits(self) -> Traits:
        """See Adapter."""
        return self.inner.traits

    def schema(self) -> Schema:
        """See Adapter."""
        return self.inner.schema()

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        """See Adapter."""
        for batch in self.inner.list(since):
            yield replace(batch, records=tuple(bare(r) for r in batch.records)) if _any(batch.records) else batch

    def get(self, refs: Sequence[Ref], fields: Set[str] | None = None) -> Mapping[Ref, Record | Gone]:
        """See Adapter."""
        found = self.inner.get(refs, fields)
        return {ref: bare(a) if isinstance(a, Record) else a for ref, a in found.items()}

    def find(self, tags: Sequence[Tag], since: datetime) -> Lookup:
        """See Adapter."""
        found = self.inner.find(tags, since)
        return replace(found, records={tag: bare(record) for tag, record in found.records.items()})

    def create(self, draft: Draft) -> Record:
        """See Adapter."""
        return bare(self.inner.create(draft))

    def groups(self, fields: Set[str]) -> Sequence[frozenset[str]]:
        """See Adapter."""
        return self.inner.groups(fields)

    def update(self, ref: Ref, record_type: str, changes: Mapping[str, Change]) -> Record:
        """See Adapter."""
        return bare(self.inner.update(ref, record_type, changes))

    def archive(self, ref: Ref) -> None:
        """See Adapter."""
        self.inner.archive(ref)

    def restore(self, ref: Ref) -> Record:
        """See Adapter."""
        return bare(self.inner.restore(ref))

    def mark(self, ref: Ref, tag: Tag) -> Ref:
        """See Adapter."""
        return self.inner.mark(ref, tag)

    def normal(self, field: str, raw: Raw) -> Raw:
        """See Adapter."""
        return self.inner.normal(field, raw)


def _any(records: Sequence[Record]) -> bool:
    return any(record.restricted for record in records)
