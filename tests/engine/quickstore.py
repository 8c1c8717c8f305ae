"""The store's promises without a file, for tests that need a hundred thousand commits.

`TwinStore` asks the real store the same questions and holds every answer of the quick one against it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from syncer.errors import BusyError, SyncerError
from syncer.record import Ref
from syncer.store.lease import Lease
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
)
from syncer.store.store import Store
from syncer.store.work import _finished, _Outcome

UNFINISHED = (JournalState.OPEN, JournalState.UNKNOWN)


@dataclass
class Tables:
    """What a file would hold. A copy is cheap, because rows are never changed, only replaced."""

    item: dict[str, ItemRow] = field(default_factory=dict)
    link: dict[tuple[str, str], LinkRow] = field(default_factory=dict)
    stray: dict[tuple[str, Ref], StrayRow] = field(default_factory=dict)
    conflict: dict[int, ConflictRow] = field(default_factory=dict)
    refusal: dict[tuple[str, str, str], Refusal] = field(default_factory=dict)
    journal: dict[int, JournalRow] = field(default_factory=dict)
    cursor: dict[str, CursorRow] = field(default_factory=dict)
    generation: int = 0

    def copy(self) -> Tables:
        return Tables(**{f.name: v if isinstance(v := getattr(self, f.name), int) else dict(v) for f in fields(self)})


def kept(row: Any) -> Any:
    """Return a row as a file gives it back: what JSON cannot carry fails here, and nothing is shared."""
    changes = {f.name: _again(value) for f in fields(row) if isinstance(value := getattr(row, f.name), Mapping | list)}
    return replace(row, **changes) if changes else row


def _again(value: Any) -> Any:
    return json.loads(json.dumps(value, sort_keys=True)) if value else {} if isinstance(value, Mapping) else []


class QuickWork:
    """One unit of work on a copy of the tables."""

    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        self.tables, self._now = tables, now

    def put_item(self, row: ItemRow) -> None:
        self.tables.item[row.id] = kept(row)

    def put_link(self, row: LinkRow) -> None:
        self.tables.link[row.item, row.side] = kept(row)

    def drop_link(self, item: str, side: str) -> None:
        self.tables.link.pop((item, side), None)

    def put_stray(self, row: StrayRow) -> None:
        self.tables.stray[row.side, row.ref] = replace(row, record=kept(row.record))

    def drop_stray(self, side: str, ref: Ref) -> None:
        self.tables.stray.pop((side, ref), None)

    def put_conflict(self, row: ConflictRow) -> int:
        number = row.id or max(self.tables.conflict, default=0) + 1
        self.tables.conflict[number] = kept(replace(row, id=number))
        return number

    def put_refusal(self, row: Refusal) -> None:
        self.tables.refusal[row.item, row.side, row.field] = row

    def drop_refusal(self, item: str, side: str, field: str) -> None:
        self.tables.refusal.pop((item, side, field), None)

    def journal(self, row: JournalRow) -> int:
        number = row.id or max(self.tables.journal, default=0) + 1
        self.tables.journal[number] = kept(replace(row, id=number, at=row.at or self._now()))
        return number

    def finish_journal(
        self,
        id: int,
        state: JournalState,
        *,
        after: Mapping[str, Any] | None = None,
        error: str = "",
        ref: Ref | None = None,
    ) -> None:
        outcome = _Outcome(state, after or {}, error, ref, self._now())
        self.tables.journal[id] = kept(_finished(self.tables.journal[id], outcome))

    def set_cursor(self, row: CursorRow) -> None:
        self.tables.cursor[row.side] = row

    def bump(self) -> int:
        self.tables.generation += 1
        return self.tables.generation


class QuickLease(Lease):
    """The right to write, with its fence."""

    def __init__(self, store: QuickStore, owner: str) -> None:
        if store.holder is not None:
            raise BusyError(f"another run holds {store.product}")
        self.store, self.owner = store, owner
        store.holder = self

    def release(self) -> None:
        if self.store.holder is self:
            self.store.holder = None


class QuickStore(Store):
    """A store in memory. Closing it keeps what was committed, as a file would."""

    def __init__(self, _path: Path, product: str, now: Callable[[], datetime], lineage: str = "quick") -> None:
        self.tables, self.holder = Tables(), None
        self._name, self._line, self._now = product, lineage, now

    def close(self) -> None:
        self.holder, self.after_commit = None, None

    product = property(lambda self: self._name)
    lineage = property(lambda self: self._line)
    generation = property(lambda self: self.tables.generation)
    holder: QuickLease | None

    def adopt(self, lease: Any, lineage: str) -> None:
        assert (self.holder, self.generation) == (lease, 0)
        self._line = lineage

    def lease(self, owner: str, ttl: float) -> QuickLease:
        return QuickLease(self, owner)

    @contextmanager
    def commit(self, lease: Lease, what: str = "") -> Iterator[Any]:
        if self.holder is not lease:
            raise BusyError(f"this run no longer holds {self.product}")
        work = QuickWork(self.tables.copy(), self._now)
        yield work
        _check(work.tables)
        self.tables = work.tables
        if self.after_commit is not None:
            self.after_commit(what)

    def index(self, side: str, refs: Collection[Ref] | None = None) -> dict[Ref, IndexEntry]:
        found = [row for row in self.each_link(side) if refs is None or row.ref in refs]
        return {r.ref: IndexEntry(r.item, r.digest, r.state, r.hot, r.version, r.edited_at) for r in found}

    def hot(self, side: str) -> dict[Ref, IndexEntry]:
        return {ref: entry for ref, entry in QuickStore.index(self, side).items() if entry.hot}

    def living(self, side: str) -> list[Ref]:
        return [row.ref for row in self.each_link(side) if row.state is LinkState.LIVE]

    def count_living(self, side: str) -> int:
        return len(QuickStore.living(self, side))

    def each_link(self, side: str) -> list[LinkRow]:
        return [row for row in self.tables.link.values() if row.side == side]

    def each_item(self) -> list[ItemRow]:
        return list(self.tables.item.values())

    def items(self, ids: Collection[str] | None = None) -> dict[str, ItemRow]:
        return {k: row for k, row in self.tables.item.items() if ids is None or k in ids}

    def links(self, items: Collection[str] | None = None) -> dict[str, dict[str, LinkRow]]:
        answer: dict[str, dict[str, LinkRow]] = {name: {} for name in items or ()}
        for (item, side), row in self.tables.link.items():
            if items is None or item in items:
                answer.setdefault(item, {})[side] = row
        return answer

    def link_by_ref(self, side: str, refs: Collection[Ref]) -> dict[Ref, LinkRow]:
        return {row.ref: row for row in self.tables.link.values() if row.side == side and row.ref in refs}

    def refs(self, sides: Collection[str], refs: Collection[str] = (), items: Collection[str] = ()) -> Refs:
        rows = [row for row in self.tables.link.values() if row.side in sides]
        live = [row for row in rows if row.state is LinkState.LIVE and row.item in items]
        return Refs(
            {(r.side, r.ref): r.item for r in rows if r.ref in refs},
            {(r.side, r.item): LinkedRef(r.ref, r.record_type) for r in live},
        )

    def strays(self, side: str | None = None) -> list[StrayRow]:
        return [row for key, row in sorted(self.tables.stray.items()) if side in (None, key[0])]

    def conflicts(
        self, state: ConflictState | None = ConflictState.OPEN, item: str | None = None, field: str | None = None
    ) -> list[ConflictRow]:
        rows = [row for _, row in sorted(self.tables.conflict.items())]
        chosen = [row for row in rows if state in (None, row.state) and item in (None, row.item)]
        return [row for row in chosen if field in (None, row.field)]

    def refusals(self, items: Collection[str] | None = None) -> list[Refusal]:
        return [row for row in self.tables.refusal.values() if items is None or row.item in items]

    def journal(self, *, refs: Collection[Ref] | None = None, **wanted: Any) -> list[JournalRow]:
        chosen = {name: value for name, value in wanted.items() if value is not None}
        rows = [row for _, row in sorted(self.tables.journal.items()) if refs is None or row.ref in refs]
        return [row for row in rows if all(getattr(row, n) == v for n, v in chosen.items())]

    def cursors(self) -> dict[str, CursorRow]:
        return dict(self.tables.cursor)

    def runs(self, limit: int = 20) -> list[RunRow]:
        return []

    def dirty(self) -> set[str]:
        found = {r.item for r in self.tables.conflict.values() if r.state is ConflictState.OPEN}
        found |= {r.item for r in self.tables.journal.values() if r.state in UNFINISHED}
        found |= {r.item for r in self.tables.refusal.values()}
        return (found | {r.item for r in self.tables.link.values() if r.hot or r.pending}) - {""}


def _check(tables: Tables) -> None:
    refs = [(row.side, row.ref) for row in tables.link.values()]
    if len(refs) != len(set(refs)):
        raise SyncerError("a ref is in at most one link of a side")
    if not {row.item for row in tables.link.values()} <= tables.item.keys():
        raise SyncerError("a link has an item")


QUESTIONS = (
    *("index", "hot", "living", "count_living", "each_link", "each_item"),
    *("items", "links", "link_by_ref", "refs", "strays", "conflicts", "refusals"),
    *("journal", "cursors", "runs", "dirty"),
)


class TwinLease(QuickLease):
    """Both leases."""

    def __init__(self, store: TwinStore, owner: str, ttl: float) -> None:
        super().__init__(store, owner)
        self.real = store.file.lease(owner, ttl)

    def release(self) -> None:
        super().release()
        self.real.release()


class TwinStore(QuickStore):
    """Both stores at once: every answer of one is held against the other's."""

    def __init__(self, path: Path, product: str, now: Callable[[], datetime]) -> None:
        self.file, self.asked = Store.open(path, product, now=now), 0
        super().__init__(path, product, now, self.file.lineage)

    def close(self) -> None:
        super().close()
        self.file.close()

    def lease(self, owner: str, ttl: float) -> QuickLease:
        return TwinLease(self, owner, ttl)

    @contextmanager
    def commit(self, lease: Any, what: str = "") -> Iterator[Any]:
        with super().commit(lease, what) as quick, self.file.commit(lease.real, what) as real:
            yield _Both(quick, real)


def _asks(name: str) -> Callable[..., Any]:
    def ask(self: TwinStore, *args: Any, **more: Any) -> Any:
        quick = getattr(QuickStore, name)(self, *args, **more)
        real = getattr(self.file, name)(*args, **more)
        self.asked += 1
        assert _plain(real) == _plain(quick), name
        return quick

    return ask


for _name in QUESTIONS:
    setattr(TwinStore, _name, _asks(_name))


def _plain(answer: Any) -> Any:
    """Return an answer without the order in which rows happen to lie."""
    if is_dataclass(answer):
        return answer
    if isinstance(answer, list | Generator):
        return sorted(map(repr, answer))
    return answer


class _Both:
    """Does to both units of work whatever is done."""

    def __init__(self, quick: Any, real: Any) -> None:
        self._quick, self._real = quick, real

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            quick, real = (getattr(work, name)(*args, **more) for work in (self._quick, self._real))
            assert quick == real, name
            return quick

        return call
