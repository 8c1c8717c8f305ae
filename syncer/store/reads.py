"""What the store can be asked. Every question is a few statements, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, Text, func, or_, select, text, type_coerce, union

from syncer.record import Ref
from syncer.store import records
from syncer.store.engine import damaged, reading
from syncer.store.rows import (
    ConflictRow,
    ConflictState,
    CursorRow,
    IndexEntry,
    ItemRow,
    JournalRow,
    JournalState,
    LinkedRef,
    LinkRow,
    LinkState,
    Refs,
    Refusal,
    RunRow,
    StrayRow,
    Value,
)
from syncer.store.schema import WAITING, applied, conflict, item, journal, link, memo, refusal, run, stray
from syncer.store.tables import CHUNK, chunks, load, load_in, query
from syncer.store.types import moment

FOUND_AT_MOST = 50

# State and time are read as plain text: over a hundred thousand rows, a call for each is felt.
_INDEX = (
    link.c.ref,
    link.c.item,
    link.c.digest,
    type_coerce(link.c.state, Text),
    link.c.hot,
    link.c.version,
    type_coerce(link.c.edited_at, Text),
)
_STATES = {word.value: word for word in LinkState}


class Reads:
    """The questions. Each answer is one state of the store."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine, self._path = engine, path

    def index(self, side: str, refs: Collection[Ref] | None = None) -> dict[Ref, IndexEntry]:
        """Return the links of a side that hold these refs, or all, as far as they say whether a record changed."""
        wanted = select(*_INDEX).where(link.c.side == side)
        with self._read() as connection:
            if refs is None:
                return self._entries(connection.execute(wanted))
            some = (connection.execute(wanted.where(link.c.ref.in_(part))) for part in chunks(refs))
            return {ref: entry for rows in some for ref, entry in self._entries(rows).items()}

    def hot(self, side: str) -> dict[Ref, IndexEntry]:
        """Return the links of a side whose records must be read by ref next time."""
        # No index has `side || ''`: the few links that wait are looked at, and not all of a side.
        wanted = select(*_INDEX).where(text(f"({WAITING})"), link.c.side.concat("") == side, link.c.hot)
        with self._read() as connection:
            return self._entries(connection.execute(wanted))

    def living(self, side: str) -> Iterator[Ref]:
        """Yield the refs of a side's live links, without holding them all."""
        wanted = select(link.c.ref).where(link.c.side == side, link.c.state == LinkState.LIVE)
        with self._read() as connection:
            yield from connection.execution_options(yield_per=CHUNK).execute(wanted).scalars()

    def count_living(self, side: str) -> int:
        """Return how many live links a side has."""
        wanted = select(func.count()).where(link.c.side == side, link.c.state == LinkState.LIVE)
        with self._read() as connection:
            return int(connection.execute(wanted).scalar_one())

    def in_state(self, state: LinkState) -> dict[str, int]:
        """Return how many links of each side stand so; sides without any are left out."""
        wanted = select(link.c.side, func.count().label("records")).where(link.c.state == state).group_by(link.c.side)
        with self._read() as connection:
            return {row.side: row.records for row in connection.execute(wanted)}

    def showing(self, side: str, field: str) -> int:
        """Return how many linked records of a side have a value in a record field, as last seen."""
        with self._read() as connection:
            seen = connection.execute(select(link.c.seen).where(link.c.side == side)).scalars()
            return sum(1 for fields in seen if fields.get(field) not in (None, "", []))

    def stray_index(self, side: str) -> dict[Ref, str]:
        """Return the digest of every stray of a side."""
        wanted = select(stray.c.ref, stray.c.digest).where(stray.c.side == side)
        with self._read() as connection:
            return {Ref(ref): digest for ref, digest in connection.execute(wanted)}

    def items(self, ids: Collection[str] | None = None) -> dict[str, ItemRow]:
        """Return items by id: these, as far as they exist, or all."""
        wanted = query(ItemRow)
        with self._read() as connection:
            found = (
                load(connection, ItemRow, wanted)
                if ids is None
                else load_in(connection, ItemRow, wanted, item.c.id, ids)
            )
            return {row.id: row for row in found}

    def each_item(self) -> Iterator[ItemRow]:
        """Yield every item, without holding them all."""
        with self._read() as connection:
            yield from load(connection.execution_options(yield_per=CHUNK), ItemRow, query(ItemRow))

    def links(self, items: Collection[str] | None = None) -> dict[str, dict[str, LinkRow]]:
        """Return links by item and side: every item asked for is a key; None asks for all."""
        wanted = query(LinkRow)
        answer: dict[str, dict[str, LinkRow]] = {name: {} for name in items or ()}
        with self._read() as connection:
            found = (
                load(connection, LinkRow, wanted)
                if items is None
                else load_in(connection, LinkRow, wanted, link.c.item, items)
            )
            for row in found:
                answer.setdefault(row.item, {})[row.side] = row
        return answer

    def each_link(self, side: str) -> Iterator[LinkRow]:
        """Yield every link of a side, without holding them all."""
        wanted = query(LinkRow).where(link.c.side == side)
        with self._read() as connection:
            yield from load(connection.execution_options(yield_per=CHUNK), LinkRow, wanted)

    def link_by_ref(self, side: str, refs: Collection[Ref]) -> dict[Ref, LinkRow]:
        """Return the links of a side that hold these refs."""
        wanted = query(LinkRow).where(link.c.side == side)
        with self._read() as connection:
            return {row.ref: row for row in load_in(connection, LinkRow, wanted, link.c.ref, refs)}

    def refs(self, sides: Collection[str], refs: Collection[str] = (), items: Collection[str] = ()) -> Refs:
        """Return, on these sides, which items these refs are, and where these items live."""
        owners = select(link.c.side, link.c.ref, link.c.item).where(link.c.side.in_(list(sides)))
        homes = select(link.c.side, link.c.item, link.c.ref, link.c.record_type)
        homes = homes.where(link.c.side.in_(list(sides)), link.c.state == LinkState.LIVE)
        found = Refs({}, {})
        with self._read() as connection:
            for part in chunks(refs):
                for side, ref, owner in connection.execute(owners.where(link.c.ref.in_(part))):
                    found.items[side, ref] = owner
            for part in chunks(items):
                for side, owner, ref, kind in connection.execute(homes.where(link.c.item.in_(part))):
                    found.refs[side, owner] = LinkedRef(ref, kind)
        return found

    def strays(self, side: str | None = None) -> list[StrayRow]:
        """Return the records that are no item yet, of one side or of all."""
        wanted = select(stray.c.side, stray.c.ref, stray.c.digest, stray.c.record, stray.c.reason)
        wanted = wanted.order_by(stray.c.side, stray.c.ref)
        if side is not None:
            wanted = wanted.where(stray.c.side == side)
        with self._read() as connection:
            return [
                StrayRow(row.side, row.ref, row.digest, records.from_json(row.record), row.reason)
                for row in connection.execute(wanted)
            ]

    def conflicts(
        self, state: ConflictState | None = ConflictState.OPEN, item: str | None = None, field: str | None = None
    ) -> list[ConflictRow]:
        """Return conflicts and questions (`field` ""), oldest first; those that are open, unless asked otherwise."""
        chosen = {conflict.c.state: state, conflict.c.item: item, conflict.c.field: field}
        wanted = _where(query(ConflictRow), chosen)
        with self._read() as connection:
            return list(load(connection, ConflictRow, wanted.order_by(conflict.c.id)))

    def refusals(self, items: Collection[str] | None = None) -> list[Refusal]:
        """Return what sides refused, of these items or of all."""
        with self._read() as connection:
            if items is None:
                return list(load(connection, Refusal, query(Refusal)))
            return list(load_in(connection, Refusal, query(Refusal), refusal.c.item, items))

    def journal(
        self,
        run: str | None = None,
        item: str | None = None,
        state: JournalState | None = None,
        action: str | None = None,
        side: str | None = None,
        refs: Collection[Ref] | None = None,
        since: datetime | None = None,
    ) -> list[JournalRow]:
        """Return what was intended and done, in order."""
        chosen = {
            journal.c.run: run,
            journal.c.item: item,
            journal.c.state: state,
            journal.c.action: action,
            journal.c.side: side,
        }
        wanted = _where(query(JournalRow), chosen)
        if since is not None:
            wanted = wanted.where(journal.c.at >= since)
        with self._read() as connection:
            if refs is None:
                return list(load(connection, JournalRow, wanted.order_by(journal.c.id)))
            found = load_in(connection, JournalRow, wanted, journal.c.ref, refs)
            return sorted(found, key=lambda row: row.id)

    def cursors(self) -> dict[str, CursorRow]:
        """Return how far each side was read."""
        with self._read() as connection:
            return {row.side: row for row in load(connection, CursorRow, query(CursorRow))}

    def runs(self, limit: int = 20) -> list[RunRow]:
        """Return the last runs, newest first."""
        wanted = query(RunRow).order_by(run.c.started_at.desc(), run.c.id.desc()).limit(limit)
        with self._read() as connection:
            return list(load(connection, RunRow, wanted))

    def runs_since(self, since: datetime | None) -> dict[str, RunRow]:
        """Return the runs that began at a time or later, oldest first; without a time, all."""
        wanted = query(RunRow).order_by(run.c.started_at, run.c.id)
        with self._read() as connection:
            chosen = wanted if since is None else wanted.where(run.c.started_at >= since)
            return {row.id: row for row in load(connection, RunRow, chosen)}

    def runs_by_id(self, ids: Collection[str]) -> dict[str, RunRow]:
        """Return these runs, as far as they exist."""
        with self._read() as connection:
            return {row.id: row for row in load_in(connection, RunRow, query(RunRow), run.c.id, ids)}

    def run(self, id: str) -> RunRow | None:
        """Return one run, or None."""
        with self._read() as connection:
            return next(load(connection, RunRow, query(RunRow).where(run.c.id == id)), None)

    def applied(self, plan_id: str) -> str | None:
        """Return the run that applied a plan, or None."""
        with self._read() as connection:
            return connection.execute(select(applied.c.run).where(applied.c.plan_id == plan_id)).scalar()

    def find_items(self, text: str) -> list[ItemRow]:
        """Return the items a person may mean by `text`: an id, a ref, a label or a title.

        Those named exactly, if there are any; else those that have it in a label or title, at most 50.
        """
        folded = text.casefold()
        exact = select(item.c.id).where(or_(item.c.id == text, item.c.title == folded))
        named = select(link.c.item).where(or_(link.c.ref == text, link.c.label == text))
        near = select(item.c.id).where(item.c.title.contains(folded, autoescape=True))
        labelled = select(link.c.item).where(link.c.label.icontains(text, autoescape=True))
        with self._read() as connection:
            ids = set(connection.execute(union(exact, named)).scalars())
            if not ids and text:
                ids = set(connection.execute(union(near, labelled).limit(FOUND_AT_MOST)).scalars())
            found = load_in(connection, ItemRow, query(ItemRow), item.c.id, ids)
            return sorted(found, key=lambda row: row.id)

    def memo(self, key: str) -> Value:
        """Return a remembered answer, or None."""
        with self._read() as connection:
            return connection.execute(select(memo.c.value).where(memo.c.key == key)).scalar()

    def dirty(self) -> set[str]:
        """Return the items to be read again by ref: anything open, unknown, refused, hot or not yet written."""
        unfinished = journal.c.state.in_([JournalState.OPEN, JournalState.UNKNOWN])
        wanted = union(
            select(conflict.c.item).where(conflict.c.state == ConflictState.OPEN),
            select(journal.c.item).where(unfinished),
            select(refusal.c.item),
            select(link.c.item).where(WAITING),
        )
        with self._read() as connection:
            return set(connection.execute(wanted).scalars()) - {""}

    def _entries(self, rows: Iterable[Any]) -> dict[Ref, IndexEntry]:
        try:
            return {
                ref: IndexEntry(owner, digest, _STATES[word], hot, version, moment(at) if at else None)
                for ref, owner, digest, word, hot, version, at in rows
            }
        except (KeyError, ValueError) as error:
            raise damaged(self._path, "a link is none") from error

    def _read(self) -> AbstractContextManager[Connection]:
        return reading(self._engine, self._path)


def _where(wanted: Select[Any], chosen: dict[Any, Any]) -> Select[Any]:
    """Narrow a select by the columns that a value is given for."""
    for column, value in chosen.items():
        if value is not None:
            wanted = wanted.where(column == value)
    return wanted
