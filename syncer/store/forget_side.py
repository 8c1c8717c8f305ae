"""Erases a side: what was read there, what was agreed and done with it. The other sides' own words stay.

an item that lived on other sides too     loses the link, and the fields that no other side ever agreed on
an item that lived there alone            is emptied; its id stays, for what refers to it
a row of the journal about that side      keeps what was done, when and by which run; values, reasons, address go
a conflict                                loses that side's word; a question about that side is emptied
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table, delete, func, select, union, update

from syncer.store.lease import Lease
from syncer.store.rows import ConflictRow, ConflictState, ItemState, JournalState
from syncer.store.schema import conflict, cursor, item, journal, link, memo, refusal, stray
from syncer.store.store import Store
from syncer.store.tables import chunks, load, query

WHY = "its collection was forgotten"
OF_A_SIDE = (link, stray, refusal, cursor)
"""Tables whose rows about a side go whole."""


@dataclass(frozen=True, slots=True)
class SideTraces:
    """What is remembered of a side: rows by table, items that live nowhere else, fields that only it knew."""

    rows: Counter[str]
    alone: frozenset[str] = frozenset()
    only_there: dict[str, frozenset[str]] = field(default_factory=dict)
    """Item → its fields that no other side ever agreed on."""


def sides(store: Store) -> set[str]:
    """Return every side that something is remembered of."""
    with store.looking() as connection:
        found = union(*(select(table.c.side) for table in (*OF_A_SIDE, journal)))
        return set(connection.execute(found).scalars()) - {""}


def side_traces(store: Store, side: str) -> SideTraces:
    """Return what is remembered of a side. Nothing is changed."""
    with store.looking() as connection:
        return _look(connection, side)


def forget_side(store: Store, lease: Lease, side: str, connections: Collection[str]) -> SideTraces:
    """Erase a side; `connections` are those there still are: what is remembered of people on others goes, too.

    Raises BusyError if the lease is no longer ours. The file still holds the old words until `Store.compact`.
    """
    with store.rewriting(lease) as connection:
        found = _look(connection, side)
        for table in OF_A_SIDE:
            connection.execute(delete(table).where(table.c.side == side))
        _empty_items(connection, found)
        _silence_journal(connection, side, found)
        _silence_conflicts(connection, side, found)
        _drop_memos(connection, side, connections)
    return found


def _look(connection: Connection, side: str) -> SideTraces:
    rows = Counter({table.name: _count(connection, table, side) for table in (*OF_A_SIDE, journal)})
    bases = {
        row.item: row.base for row in connection.execute(select(link.c.item, link.c.base).where(link.c.side == side))
    }
    elsewhere: dict[str, set[str]] = {}
    for some in chunks(bases):
        others = select(link.c.item, link.c.base).where(link.c.item.in_(some), link.c.side != side)
        for row in connection.execute(others):
            elsewhere.setdefault(row.item, set()).update(row.base)
    alone = frozenset(bases.keys() - elsewhere.keys())
    only = {i: frozenset(base) - elsewhere[i] for i, base in bases.items() if i in elsewhere}
    rows["item"] = len(alone)
    return SideTraces(+rows, alone, {i: names for i, names in only.items() if names})


def _count(connection: Connection, table: Table, side: str) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(table.c.side == side)).scalar_one())


def _empty_items(connection: Connection, found: SideTraces) -> None:
    for some in chunks(found.alone):
        gone = update(item).where(item.c.id.in_(some))
        connection.execute(gone.values(fields={}, title="", state=ItemState.REMOVED, removed={"why": WHY}))
        connection.execute(update(journal).where(journal.c.item.in_(some)).values(fields={}, why="", error=""))
    for some in chunks(found.only_there):
        for row in connection.execute(select(item.c.id, item.c.fields).where(item.c.id.in_(some))).all():
            left = {n: v for n, v in row.fields.items() if n not in found.only_there[row.id]}
            named = {} if "title" in left else {"title": ""}
            connection.execute(update(item).where(item.c.id == row.id).values(fields=left, **named))
        told = select(journal.c.id, journal.c.item, journal.c.fields)
        for deed in connection.execute(told.where(journal.c.item.in_(some), journal.c.side == "")).all():
            left = {n: v for n, v in deed.fields.items() if n not in found.only_there[deed.item]}
            if left != deed.fields:
                connection.execute(update(journal).where(journal.c.id == deed.id).values(fields=left))


def _silence_journal(connection: Connection, side: str, found: SideTraces) -> None:
    there = update(journal).where(journal.c.side == side)
    unfinished = journal.c.state.in_((JournalState.OPEN, JournalState.UNKNOWN))
    connection.execute(there.where(unfinished).values(state=JournalState.DROPPED))
    connection.execute(there.values(fields={}, ref=None, tag="", why="", error=""))


def _silence_conflicts(connection: Connection, side: str, found: SideTraces) -> None:
    for row in load(connection, ConflictRow, query(ConflictRow)):
        lone = row.item in found.alone or row.field in found.only_there.get(row.item, ())
        asked = not row.field and (side in row.sides or f"({side})" in row.reason)
        rest = {name: word for name, word in row.sides.items() if name != side}
        state = ConflictState.CLOSED if row.state == ConflictState.OPEN else row.state
        change = update(conflict).where(conflict.c.id == row.id)
        if lone or asked:
            connection.execute(change.values(base=None, sides={}, reason=WHY, state=state))
        elif rest != row.sides:
            connection.execute(change.values(sides=rest, state=row.state if rest else state))


def _drop_memos(connection: Connection, side: str, connections: Collection[str]) -> None:
    keys: Iterable[str] = connection.execute(select(memo.c.key).where(memo.c.key.startswith("people:"))).scalars().all()
    gone = [key for key in keys if key.removeprefix("people:") not in connections]
    connection.execute(delete(memo).where(memo.c.key.in_([f"schema:{side}", f"fitted:{side}", *gone])))
    paused = connection.execute(select(memo.c.value).where(memo.c.key == "paused")).scalar() or {}
    if side in paused:
        left = {name: pause for name, pause in paused.items() if name != side}
        connection.execute(update(memo).where(memo.c.key == "paused").values(value=left))
