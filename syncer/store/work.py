"""One unit of work: what is put here is written together in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, delete, func, insert, select, update

from syncer.record import Ref
from syncer.store import records
from syncer.store.rows import (
    ConflictRow,
    CursorRow,
    FieldWrite,
    ItemRow,
    JournalRow,
    JournalState,
    LinkRow,
    Refusal,
    RunRow,
    StrayRow,
    Value,
)
from syncer.store.schema import applied, conflict, cursor, item, journal, link, memo, meta, refusal, run, stray
from syncer.store.tables import chunks, load_in, query, upsert, values

_PUT_ORDER = (item, link, stray, conflict, refusal, journal, cursor, run, applied)
"""Items before the links that name them."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: JournalState
    after: Mapping[str, Value]
    error: str
    ref: Ref | None
    at: datetime


class Work:
    """Collects rows; `flush` writes them. A row put twice is written as it was put last; a drop then undoes a put."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection, self._now = connection, now
        self._puts: dict[Table, dict[tuple[Any, ...], dict[str, Any]]] = {table: {} for table in _PUT_ORDER}
        self._drops: dict[Table, set[tuple[Any, ...]]] = {link: set(), stray: set(), refusal: set()}
        self._journal: dict[int, JournalRow] = {}
        self._outcomes: dict[int, _Outcome] = {}
        self._next: dict[Table, int] = {}

    def put_item(self, row: ItemRow) -> None:
        """Write an item."""
        title = row.fields.get("title")
        found_as = title.casefold() if isinstance(title, str) else ""
        self._puts[item][(row.id,)] = {**values(row), "title": found_as}

    def put_link(self, row: LinkRow) -> None:
        """Write a link; its item must exist or be put in this unit."""
        self._put(link, (row.item, row.side), values(row))

    def drop_link(self, item: str, side: str) -> None:
        """Forget a link altogether: for `unlink`; a removal keeps it as a tombstone."""
        self._drop(link, (item, side))

    def put_stray(self, row: StrayRow) -> None:
        """Write a record that is no item yet."""
        columns = {
            "side": row.side,
            "ref": row.ref,
            "digest": row.digest,
            "record": records.to_json(row.record),
            "reason": row.reason,
        }
        self._put(stray, (row.side, row.ref), columns)

    def drop_stray(self, side: str, ref: Ref) -> None:
        """Forget a stray: it became an item, or is no longer there."""
        self._drop(stray, (side, ref))

    def put_conflict(self, row: ConflictRow) -> int:
        """Write a conflict or question and return its id, a new one where the row has 0."""
        number = row.id or self._new_id(conflict)
        self._puts[conflict][(number,)] = values(replace(row, id=number))
        return number

    def put_refusal(self, row: Refusal) -> None:
        """Write that a side refused a field."""
        self._put(refusal, (row.item, row.side, row.field), values(row))

    def drop_refusal(self, item: str, side: str, field: str) -> None:
        """Forget a refusal: the field may be sent again."""
        self._drop(refusal, (item, side, field))

    def journal(self, row: JournalRow) -> int:
        """Write an intent, or something done, and return its id."""
        number = row.id or self._new_id(journal)
        self._journal[number] = replace(row, id=number, at=row.at or self._now())
        return number

    def finish_journal(
        self,
        id: int,
        state: JournalState,
        *,
        after: Mapping[str, Value] | None = None,
        error: str = "",
        ref: Ref | None = None,
    ) -> None:
        """Write what became of an intent: `after` is what the answer showed, `ref` the record a create made.

        Raises KeyError at the end of the unit where there is no such intent.
        """
        self._outcomes[id] = _Outcome(JournalState(state), after or {}, error, ref, self._now())

    def set_cursor(self, row: CursorRow) -> None:
        """Write how far a side was read."""
        self._put(cursor, (row.side,), values(row))

    def start_run(self, row: RunRow) -> None:
        """Write that a run began."""
        self._put(run, (row.id,), values(row))

    def finish_run(self, row: RunRow) -> None:
        """Write how a run ended; without a time of its own it ended now."""
        self._put(run, (row.id,), values(replace(row, finished_at=row.finished_at or self._now())))

    def mark_applied(self, plan_id: str, run: str = "") -> None:
        """Write that a plan file was applied."""
        self._put(applied, (plan_id,), {"plan_id": plan_id, "run": run, "at": self._now()})

    def put_memo(self, key: str, value: Value) -> None:
        """Remember an answer, or what was said; forget it (None)."""
        self._connection.execute(delete(memo).where(memo.c.key == key))
        if value is not None:
            self._connection.execute(insert(memo).values(key=key, value=value))

    def bump(self) -> int:
        """Raise the generation, because this unit decides something, and return the new one."""
        self._connection.execute(update(meta).values(generation=meta.c.generation + 1))
        return int(self._connection.execute(select(meta.c.generation)).scalar_one())

    def flush(self) -> None:
        """Write everything. Called by the store, once, at the end."""
        self._finish()
        for number, row in self._journal.items():
            self._puts[journal][(number,)] = values(row)
        for table, keys in self._drops.items():
            self._delete(table, keys)
        self._delete(link, self._readdressed())
        for table in _PUT_ORDER:
            upsert(self._connection, table, list(self._puts[table].values()))

    def _put(self, table: Table, key: tuple[Any, ...], columns: dict[str, Any]) -> None:
        if table in self._drops:
            self._drops[table].discard(key)
        self._puts[table][key] = columns

    def _drop(self, table: Table, key: tuple[Any, ...]) -> None:
        self._puts[table].pop(key, None)
        self._drops[table].add(key)

    def _new_id(self, table: Table) -> int:
        # Rows of these tables are never deleted and there is one writer: the greatest id is the last.
        if table not in self._next:
            self._next[table] = self._connection.execute(select(func.max(table.c.id))).scalar() or 0
        self._next[table] += 1
        return self._next[table]

    def _delete(self, table: Table, keys: set[tuple[Any, ...]]) -> None:
        if not keys:
            return
        columns = list(table.primary_key)
        statement = delete(table).where(*(column == bindparam(f"key_{column.name}") for column in columns))
        self._connection.execute(statement, [_named(columns, key) for key in keys])

    def _readdressed(self) -> set[tuple[Any, ...]]:
        """Return the links that move to another ref: two may swap theirs, which no single statement can do."""
        puts = self._puts[link]
        moved: set[tuple[Any, ...]] = set()
        for some in chunks({key[0] for key in puts}):
            found = select(link.c.item, link.c.side, link.c.ref).where(link.c.item.in_(some))
            for owner, side, ref in self._connection.execute(found):
                now = puts.get((owner, side))
                if now is not None and now["ref"] != ref:
                    moved.add((owner, side))
        return moved

    def _finish(self) -> None:
        known = self._journal
        missing = [number for number in self._outcomes if number not in known]
        for row in load_in(self._connection, JournalRow, query(JournalRow), journal.c.id, missing):
            known[row.id] = row
        for number, outcome in self._outcomes.items():
            known[number] = _finished(known[number], outcome)


def _finished(row: JournalRow, outcome: _Outcome) -> JournalRow:
    fields: dict[str, FieldWrite] = dict(row.fields)
    for name, shown in outcome.after.items():
        fields[name] = {**fields[name], "after": shown} if name in fields else {"before": None, "after": shown}
    return replace(
        row,
        fields=fields,
        state=outcome.state,
        error=outcome.error,
        ref=outcome.ref if outcome.ref is not None else row.ref,
        finished_at=outcome.at,
    )


def _named(columns: list[Column[Any]], key: tuple[Any, ...]) -> dict[str, Any]:
    return {f"key_{column.name}": value for column, value in zip(columns, key, strict=True)}
