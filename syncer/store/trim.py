"""Keeps the journal no longer than asked, a bounded piece at a time, and gives the room it took back to the disk.

a run that ended before the horizon                                         goes, with the conflicts it closed
a run with an intent that is still open or unknown                          stays whole
a run by which a choice became a rule                                       stays whole
the last write of a field of a living record: what it showed before us      stays (a restored backup is told by it)
the archiving of a record that is still archived                            stays (how to bring it back)
an open conflict, an open question, an answer that still counts             stays
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import Connection, and_, delete, exists, func, select

from syncer.record import Ref
from syncer.store.lease import Lease
from syncer.store.rows import ConflictState, JournalRow, JournalState, LinkState, RunRow
from syncer.store.schema import conflict, journal, link, memo, run
from syncer.store.store import Store
from syncer.store.tables import chunks, load, load_in, query, upsert

MEMO = "trimmed"
RULE = "rule"
"""Names, among a run's circumstances, the rule that a choice in it became."""
PIECE = 2000
"""Rows of the journal, and runs, that one call looks at."""
PAGES = 2000
"""Pages of the file that one call gives back."""
REST = timedelta(days=1)
"""How long nothing is looked at once everything was."""

UNFINISHED = (JournalState.OPEN, JournalState.UNKNOWN)
AWAY = (LinkState.ARCHIVED, LinkState.UNDONE)
UPDATE, ARCHIVE = "update", "archive"


@dataclass(frozen=True, slots=True)
class Trimmed:
    """How far trimming got: runs that began before `before` (ISO) are no longer whole. `next`: the row to go on at;
    `rested`: when the last row was reached (ISO)."""

    before: str
    next: int = 0
    rested: str = ""


def trimmed(store: Store) -> Trimmed | None:
    """Return how far the journal was trimmed; None where it never was."""
    found = store.memo(MEMO)
    return Trimmed(**found) if found else None


def begins(store: Store) -> datetime | None:
    """Return where the story begins: what happened before was trimmed. None where nothing ever was."""
    known = trimmed(store)
    return datetime.fromisoformat(known.before) if known is not None else None


def trim(store: Store, lease: Lease, keep: float, now: datetime) -> int:
    """Trim what is older than `keep` seconds, a bounded piece of it; return how many rows of the journal went."""
    horizon = now - timedelta(seconds=keep)
    known = trimmed(store)
    if known is not None and known.rested and now - datetime.fromisoformat(known.rested) < REST:
        return 0
    with store.rewriting(lease) as connection:
        gone = _runs(connection, horizon)
        rows = _old(connection, horizon, known.next if known else 0)
        orphans = _orphans(connection, rows)
        needed = _needed(connection, orphans)
        doomed = [row.id for row in orphans if row.id not in needed]
        _delete(connection, doomed)
        if gone or doomed or known is not None:
            over = len(rows) < PIECE
            before = max(horizon.isoformat(), known.before) if known is not None else horizon.isoformat()
            state = Trimmed(before, 0 if over else rows[-1].id, now.isoformat() if over else "")
            # in the same commit: what is gone must never look as if it had not been
            upsert(connection, memo, [{"key": MEMO, "value": asdict(state)}])
    if doomed or gone:
        store.give_back(PAGES)
    return len(doomed)


def _runs(connection: Connection, horizon: datetime) -> list[str]:
    """Delete the runs that are over since before the horizon, save those that must stay; return their ids."""
    # Whoever trims holds the lease: a run that never ended was killed.
    ended = func.coalesce(run.c.finished_at, run.c.started_at)
    unfinished = exists().where(journal.c.run == run.c.id, journal.c.state.in_(UNFINISHED))
    last = select(run.c.id).order_by(run.c.started_at.desc(), run.c.id.desc()).limit(1).scalar_subquery()
    old = query(RunRow).where(ended < horizon, ~unfinished, run.c.id != last).order_by(run.c.started_at).limit(PIECE)
    gone = [row.id for row in load(connection, RunRow, old) if RULE not in row.circumstances]
    for some in chunks(gone):
        # an answer to a question counts for as long as its item lives; numbers are never given twice
        over = and_(conflict.c.state != ConflictState.OPEN, conflict.c.closed_run.in_(some))
        answered = and_(conflict.c.field == "", conflict.c.state == ConflictState.SETTLED)
        newest = select(func.max(conflict.c.id)).scalar_subquery()
        connection.execute(delete(conflict).where(over, ~answered, conflict.c.id != newest))
        connection.execute(delete(run).where(run.c.id.in_(some)))
    return gone


def _old(connection: Connection, horizon: datetime, after: int) -> list[JournalRow]:
    """Return the next piece of the journal from before the horizon."""
    first = select(journal.c.at).where(journal.c.id > after).order_by(journal.c.id).limit(1)
    at = connection.execute(first).scalar()
    if at is None or at >= horizon:
        return []
    piece = query(JournalRow).where(journal.c.id > after).order_by(journal.c.id).limit(PIECE)
    return list(takewhile(lambda row: row.at is not None and row.at < horizon, load(connection, JournalRow, piece)))


def _orphans(connection: Connection, rows: Sequence[JournalRow]) -> list[JournalRow]:
    """Return the rows whose runs are gone."""
    names = list({row.run for row in rows})
    there = {run_id for some in chunks(names) for run_id in _run_ids(connection, some)}
    return [row for row in rows if row.run not in there]


def _run_ids(connection: Connection, some: Sequence[str]) -> Sequence[str]:
    return connection.execute(select(run.c.id).where(run.c.id.in_(some))).scalars().all()


def _needed(connection: Connection, rows: Sequence[JournalRow]) -> set[int]:
    """Return those of these rows that something still stands on."""
    newest = connection.execute(select(func.max(journal.c.id))).scalar()
    needed = {row.id for row in rows if row.state in UNFINISHED or row.id == newest}
    done = [row for row in rows if row.state == JournalState.DONE and row.ref is not None]
    needed |= _last_writes(connection, [row for row in done if row.action == UPDATE])
    return needed | _archivings(connection, [row for row in done if row.action == ARCHIVE])


def _last_writes(connection: Connection, rows: Sequence[JournalRow]) -> set[int]:
    """Return the rows that are the last write of some field of a living record."""
    refs = {row.ref for row in rows if row.ref is not None}
    living = _places(connection, refs, (LinkState.LIVE,))
    last: dict[tuple[str, Ref | None, str], int] = {}
    wanted = query(JournalRow).where(journal.c.action == UPDATE, journal.c.state == JournalState.DONE)
    for row in load_in(connection, JournalRow, wanted, journal.c.ref, refs):
        for name in row.fields if (row.side, row.ref) in living else ():
            key = (row.side, row.ref, name)
            last[key] = max(row.id, last.get(key, 0))
    return {*last.values()} & {row.id for row in rows}


def _archivings(connection: Connection, rows: Sequence[JournalRow]) -> set[int]:
    """Return the rows that archived, last of all, a record which still is archived."""
    refs = {row.ref for row in rows if row.ref is not None}
    away = _places(connection, refs, AWAY)
    last: dict[tuple[str, Ref | None], int] = {}
    wanted = query(JournalRow).where(journal.c.action == ARCHIVE, journal.c.state == JournalState.DONE)
    for row in load_in(connection, JournalRow, wanted, journal.c.ref, refs):
        if (row.side, row.ref) in away:
            last[row.side, row.ref] = max(row.id, last.get((row.side, row.ref), 0))
    return {*last.values()} & {row.id for row in rows}


def _places(connection: Connection, refs: Collection[Ref], states: Sequence[LinkState]) -> set[tuple[str, Ref]]:
    found: set[tuple[str, Ref]] = set()
    for some in chunks(refs):
        wanted = select(link.c.side, link.c.ref).where(link.c.ref.in_(some), link.c.state.in_(states))
        found |= {(side, Ref(ref)) for side, ref in connection.execute(wanted)}
    return found


def _delete(connection: Connection, ids: Sequence[int]) -> None:
    for some in chunks(ids):
        connection.execute(delete(journal).where(journal.c.id.in_(some)))
