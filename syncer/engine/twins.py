"""Where a tag cannot travel with a create: which new record did a create of ours make, if any?

an unlinked record without a tag, made since …       then
one shows exactly what was to be created             it is ours
others: a person may have edited ours meanwhile      a question, with them as answers; nothing is created until then
none, in a complete listing that is no outage        the create never landed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncer.adapter import Adapter
from syncer.engine.ledger import Ledger
from syncer.engine.plan import Write
from syncer.engine.state import Question
from syncer.record import Record
from syncer.store.rows import ConflictState, JournalRow, JournalState

TWIN = "twin"
"""The kind of the question."""
NONE = "none of these"
EMPTY = "looked for once, in a listing that was empty"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What looking for a create came to: the record, or whether there surely is none, or a question about it."""

    record: Record | None = None
    proves: bool = False
    question: Question | None = None


def look_alike(
    ledger: Ledger, adapter: Adapter, row: JournalRow, kind: str, writes: Mapping[str, Write], began: datetime
) -> Sighting:
    """Look for the record that an intent may have made. `began`: when it was noted, less a margin (UTC)."""
    complete = False
    records: list[Record] = []
    for batch in adapter.list(None):
        records += batch.records
        complete = batch.complete
    if _like_an_outage(ledger, row, records):
        return Sighting()
    linked = ledger.store.link_by_ref(row.side, [r.ref for r in records])
    record_type = ledger.rules.sides[row.side].kinds[kind].record_type
    loose = [r for r in records if r.ref not in linked and r.tag is None and not r.archived]
    alike = [r for r in loose if _shows(adapter, r, writes)]
    if len(alike) == 1:
        return Sighting(alike[0])
    new = [r for r in loose if r.type == record_type and (r.created_at is None or r.created_at >= began)]
    if not new:
        return Sighting(proves=complete)
    return _asked(ledger, row, {_called(r): r for r in new}, complete=complete)


def _shows(adapter: Adapter, record: Record, writes: Mapping[str, Write]) -> bool:
    shown = {n: record.fields[n] for n in writes if n in record.fields}
    return bool(shown) and shown == {n: adapter.normal(n, writes[n].after) for n in shown}


def _called(record: Record) -> str:
    return f"{record.label} ({record.ref})" if record.label and record.label != record.ref else str(record.ref)


def _asked(ledger: Ledger, row: JournalRow, named: Mapping[str, Record], *, complete: bool) -> Sighting:
    item = ledger.store.items([row.item])[row.item]
    text = (
        f"run {row.run} may have created {item.fields.get('title') or row.item!r} on {row.side}, and somebody may have "
        f"edited it since: is it one of these? {'; '.join(named)}"
    )
    for known in ledger.store.conflicts(ConflictState.SETTLED, item=row.item, field=""):
        if known.kind == TWIN and row.side in known.sides and f"run {row.run} " in known.reason:
            if known.how in named:
                return Sighting(named[known.how])
            if known.how == NONE:
                return Sighting(proves=complete)
    return Sighting(question=Question(row.item, row.side, text, (*named, NONE), about=TWIN))


def _like_an_outage(ledger: Ledger, row: JournalRow, records: Sequence[Record]) -> bool:
    """Say whether a listing shows nothing of what we know, or nothing at all for the first time: it proves nothing."""
    living = set(ledger.store.living(row.side))
    if living:
        return not living & {record.ref for record in records}
    if records or row.error == EMPTY:
        return False
    ledger.finish(row.id, JournalState.UNKNOWN, error=EMPTY)
    return True
