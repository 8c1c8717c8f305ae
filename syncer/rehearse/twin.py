"""A collection's stand-in: reads what the real one shows, keeps it in memory, and is written there and nowhere else.

It never passes a write on. What only the system can tell (schema, abilities, normal forms, what is written together)
is asked of its adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from syncer.adapter import Adapter, Can, Traits
from syncer.errors import NotFoundError, RejectedError
from syncer.record import (
    Batch,
    Change,
    Cursor,
    Draft,
    FieldSpec,
    Gone,
    GoneKind,
    Lookup,
    Raw,
    Record,
    Ref,
    Schema,
    Tag,
    Version,
)
from syncer.rehearse.refuse import refusals

MADE = "rehearsed:"
"""How the refs of records begin that exist only here; they mean nothing to any system."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that the system will show otherwise than it was sent, raw."""

    side: str
    ref: Ref
    record_type: str
    field: str
    sent: Raw
    shown: Raw


@dataclass
class Twin:
    """An adapter over what another one shows. Until `leave`, every read goes to the real one."""

    side: str
    real: Adapter
    now: Callable[[], datetime]
    last_seen: Callable[[Ref], Record | None] = lambda ref: None
    """What is remembered of a record that is no longer there to be read."""
    before: dict[Ref, Record] = field(default_factory=dict)
    """Every record as the real collection showed it."""
    records: dict[Ref, Record] = field(default_factory=dict)
    """Every record as it stands here."""
    stored: list[Kept] = field(default_factory=list)
    _gone: dict[Ref, Gone] = field(default_factory=dict)
    _whole: Batch | None = None
    _left: bool = False
    _schema: Schema | None = None
    _traits: Traits | None = None
    _serial: int = 0

    def leave(self) -> None:
        """Answer from memory from now on; only what was never read is still asked for."""
        self._left = True

    def name(self, record_type: str, field_id: str) -> str:
        """Return what people call a field."""
        spec = self._known().spec(record_type, field_id)
        return spec.name if spec is not None else field_id

    # the contract

    @property
    def traits(self) -> Traits:
        """See Adapter."""
        if self._traits is None:
            self._traits = self.real.traits
        return self._traits

    def schema(self) -> Schema:
        """See Adapter."""
        self._schema = self.real.schema()
        return self._schema

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        """See Adapter. Everything, whatever the cursor: the real collection's listing the first time."""
        if self._whole is None:
            last = Batch(())
            for batch in self.real.list(None):
                for record in batch.records:
                    self._meet(record.ref, record)
                yield batch
                last = replace(batch, records=())
            self._whole = last
        else:
            yield replace(self._whole, records=tuple(r for r in self.records.values() if not r.outside))

    def get(self, refs: Sequence[Ref], fields: Set[str] | None = None) -> Mapping[Ref, Record | Gone]:
        """See Adapter."""
        ask = [ref for ref in refs if self._unread(ref, fields)]
        for ref, answer in (self.real.get(ask, fields) if ask else {}).items():
            self._meet(ref, answer)
        return {ref: self.records[ref] if ref in self.records else self._gone[ref] for ref in refs}

    def find(self, tags: Sequence[Tag], since: datetime) -> Lookup:
        """See Adapter."""
        here = {record.tag: record for record in self.records.values() if record.tag in tags and record.tag}
        rest = [tag for tag in tags if tag not in here]
        there = self.real.find(rest, since) if rest else Lookup({}, proves_absence=True)
        known = {tag: self.records.get(record.ref, record) for tag, record in there.records.items()}
        return Lookup({**known, **here}, there.proves_absence)

    def create(self, draft: Draft) -> Record:
        """See Adapter."""
        self._must(Can.CREATE, "makes no new records")
        specs = self._specs(draft.type)
        given = {f: raw for f, raw in draft.fields.items() if f not in specs or specs[f].on_create}
        self._refuse(refusals(specs, given, new=True))
        self._serial += 1
        ref = Ref(f"{MADE}{self.side}:{self._serial}")
        fields = {f: spec.absent_shows for f, spec in specs.items() if spec.writable}
        fields |= {f: self._kept(ref, draft.type, specs[f], raw) for f, raw in given.items()}
        at = self._moment()
        tag = draft.tag if Can.TAG_IN_CREATE in self.traits.can else None
        return self._put(Record(ref, draft.type, fields, tag=tag, created_at=at, edited_at=at))

    def groups(self, fields: Set[str]) -> Sequence[frozenset[str]]:
        """See Adapter."""
        return self.real.groups(fields)

    def update(self, ref: Ref, record_type: str, changes: Mapping[str, Change]) -> Record:
        """See Adapter. Nobody else writes here, so that sets, too, may be written whole."""
        self._must(Can.UPDATE, "is not written")
        record, specs = self._here(ref), self._specs(record_type)
        self._refuse(refusals(specs, {f: change.now for f, change in changes.items()}))
        if (was := self.before.get(ref)) is not None:
            unread = {f: change.was for f, change in changes.items() if f not in was.fields}
            self.before[ref] = replace(was, fields={**was.fields, **unread})
        now = {f: self._kept(ref, record_type, specs[f], change.now) for f, change in changes.items()}
        return self._put(self._edited(record, fields={**record.fields, **now}))

    def archive(self, ref: Ref) -> None:
        """See Adapter."""
        self._must(Can.ARCHIVE, "archives nothing")
        self._put(self._edited(self._here(ref), archived=True))

    def restore(self, ref: Ref) -> Record:
        """See Adapter. What lies in the system's trash comes back as it was last seen."""
        self._must(Can.RESTORE, "brings nothing back")
        if self._unread(ref, None):
            self.get([ref])
        gone = self._gone.get(ref)
        if gone is not None and gone.kind == GoneKind.TRASHED and (seen := self.last_seen(ref)) is not None:
            self._gone.pop(ref)
            self.before[ref] = replace(seen, archived=True)
            self.records[ref] = seen
        return self._put(self._edited(self._here(ref), archived=False))

    def mark(self, ref: Ref, tag: Tag) -> Ref:
        """See Adapter."""
        self._must(Can.TAG, "holds no mark of ours")
        self.records[ref] = replace(self._here(ref), tag=tag)
        return ref

    def normal(self, field: str, raw: Raw) -> Raw:
        """See Adapter. A ref that was made here is shown as it is."""
        return raw if _made(raw) else self.real.normal(field, raw)

    # memory

    def _meet(self, ref: Ref, answer: Record | Gone) -> None:
        """Remember what the real collection showed; what was written here since stands."""
        if isinstance(answer, Gone):
            self.records.pop(ref, None)
            self.before.pop(ref, None)
            self._gone[ref] = answer
            return
        self._gone.pop(ref, None)
        for memory in (self.before, self.records):
            old = memory.get(ref)
            # what stands here may have been written here: only before the play does the newer answer win
            memory[ref] = answer if old is None else _whole(old, answer) if self._left else _whole(answer, old)

    def _unread(self, ref: Ref, fields: Set[str] | None) -> bool:
        if ref.startswith(MADE):
            return False
        if not self._left:
            return True
        record = self.records.get(ref)
        if record is None:
            return ref not in self._gone
        costly = {f for f, spec in self._specs(record.type).items() if spec.costly and (fields is None or f in fields)}
        return not costly <= {*record.fields, *record.unreadable}

    def _here(self, ref: Ref) -> Record:
        record = self.get([ref], frozenset())[ref]
        if isinstance(record, Gone):
            raise NotFoundError(f"{self.side} has no record {ref}", system=self.side, ref=ref)
        return record

    def _put(self, record: Record) -> Record:
        self._serial += 1
        editor = self.traits.account if Can.TELLS_EDITOR in self.traits.can else ""
        self.records[record.ref] = replace(
            record, version=Version(f"{MADE}{self._serial}"), edited_by=editor, settled=True
        )
        return self.records[record.ref]

    def _edited(
        self, record: Record, *, fields: Mapping[str, Raw] | None = None, archived: bool | None = None
    ) -> Record:
        return replace(
            record,
            fields=record.fields if fields is None else fields,
            archived=record.archived if archived is None else archived,
            edited_at=self._moment() if record.edited_at is not None else None,
        )

    def _moment(self) -> datetime | None:
        """Return the time as the system's clock rounds it; None where its records show no times."""
        if self.before and all(record.edited_at is None for record in self.before.values()):
            return None
        stamp, grain = self.now().timestamp(), self.traits.clock_grain
        return datetime.fromtimestamp(stamp - stamp % grain if grain else stamp, UTC)

    # what the system would say

    def _known(self) -> Schema:
        return self._schema if self._schema is not None else self.schema()

    def _specs(self, record_type: str) -> Mapping[str, FieldSpec]:
        found = self._known().types.get(record_type)
        return found.fields if found is not None else {}

    def _kept(self, ref: Ref, record_type: str, spec: FieldSpec, raw: Raw) -> Raw:
        """Return how the system will show a value, and note it where that is something else."""
        shown = self.normal(spec.id, raw)
        shown = spec.absent_shows if shown is None else shown
        if shown != raw and raw is not None:
            self.stored.append(Kept(self.side, ref, record_type, spec.id, raw, shown))
        return shown

    def _must(self, ability: Can, what: str) -> None:
        if ability not in self.traits.can:
            raise RejectedError(f"{self.side} {what}", system=self.side)

    def _refuse(self, bad: Mapping[str, str]) -> None:
        if bad:
            raise RejectedError("; ".join(dict.fromkeys(bad.values())), fields=bad, system=self.side)


def _whole(record: Record, other: Record) -> Record:
    """Return a record with what it lacks taken from another reading of it."""
    known = {*record.fields, *record.unreadable}
    fields = {name: raw for name, raw in other.fields.items() if name not in known}
    unreadable = {name: why for name, why in other.unreadable.items() if name not in known}
    return replace(record, fields={**fields, **record.fields}, unreadable={**unreadable, **record.unreadable})


def _made(raw: Raw) -> bool:
    parts = raw if isinstance(raw, list) else [raw]
    return any(isinstance(part, str) and part.startswith(MADE) for part in parts)
