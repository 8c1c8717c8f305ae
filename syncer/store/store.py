"""The store: what is remembered of one product between runs.

    with Store.open(path, "shop") as store, store.lease("host:123", ttl=60) as lease:
        with store.commit(lease) as w:
            w.put_item(...)

Reads see the last commit. Writes go through `commit`, which checks inside its transaction that the lease is ours.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, select, update

from syncer.errors import BusyError, StoreError
from syncer.store.engine import PIECEMEAL, speaking, writing
from syncer.store.lease import Lease
from syncer.store.open import Identity, look_through, open_file, verify
from syncer.store.reads import Reads
from syncer.store.rows import RunState, Value
from syncer.store.schema import meta
from syncer.store.work import Work

LOOKED = "looked through"
"""The memo of when the whole file was last found sound."""


def utcnow() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


class Store(Reads):
    """One product's memory in one file. Made by `Store.open`."""

    unclean = False
    """There was a log beside the file: who used it last was killed, is still at work, or left it to another file."""

    after_commit: Callable[[str], None] | None = None
    """Called after every commit with the words given to `commit`: where tests put a crash."""

    def __init__(self, engine: Engine, path: Path, identity: Identity, now: Callable[[], datetime]) -> None:
        super().__init__(engine, path)
        self._identity, self._now = identity, now
        self._writer = threading.Lock()
        self._writing_thread: int | None = None

    @classmethod
    def open(cls, path: Path, product: str, *, now: Callable[[], datetime] = utcnow, fleeting: bool = False) -> Self:
        """Open a product's store; make it where there is none, migrate it where it is older.

        `fleeting`: what is written need not outlive this process. Raises StoreError where the file is damaged, not
        ours, another product's or of a newer format.
        """
        left = path.with_name(f"{path.name}-wal").exists()
        engine, identity = open_file(path, product, fleeting=fleeting)
        store = cls(engine, path, identity, now)
        store.unclean = left
        return store

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def product(self) -> str:
        """The product's name."""
        return self._identity.product

    @property
    def lineage(self) -> str:
        """This store's own id, part of every tag it issues."""
        return self._identity.lineage

    @property
    def generation(self) -> int:
        """The number of commits that decided something."""
        with self._read() as connection:
            return int(connection.execute(select(meta.c.generation)).scalar_one())

    def lease(self, owner: str, ttl: float) -> Lease:
        """Take the right to write, for `ttl` seconds at a time. Raises BusyError naming who holds it."""
        return Lease(self._engine, self._path, self.product, owner, ttl, self._now)

    @contextmanager
    def commit(self, lease: Lease, what: str = "") -> Iterator[Work]:
        """Collect one unit of work and write it in one transaction; an exception inside writes nothing.

        Raises BusyError if the lease is no longer ours. The lease is renewed where half of it is used up.
        """
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("a commit inside a commit would wait for itself")
        with self._writer:
            self._writing_thread = threading.get_ident()
            try:
                yield from self._unit(lease)
            finally:
                self._writing_thread = None
        if self.after_commit is not None:
            self.after_commit(what)

    def adopt(self, lease: Lease, lineage: str) -> None:
        """Go on under a former lineage. Raises StoreError once this store has decided something under its own."""
        with writing(self._engine, self._path) as connection:
            lease.hold(connection)
            fresh = update(meta).where(meta.c.generation == 0).values(lineage=lineage)
            if not connection.execute(fresh).rowcount:
                raise StoreError(f"{self._path} has a lineage of its own already", hint="nothing is to be done")
        self._identity = replace(self._identity, lineage=lineage)

    def put_memo(self, key: str, value: Value) -> None:
        """Remember an answer of a system, or forget it (None)."""
        with self.note() as work:
            work.put_memo(key, value)

    @contextmanager
    def note(self) -> Iterator[Work]:
        """Collect what was said beside any run, and write it in one transaction. It decides nothing about any item, so
        it needs no lease."""
        with writing(self._engine, self._path) as connection:
            work = Work(connection, self._now)
            yield work
            work.flush()

    def looking(self) -> AbstractContextManager[Connection]:
        """Give one state of the whole store, to be read."""
        return self._read()

    @contextmanager
    def rewriting(self, lease: Lease) -> Iterator[Connection]:
        """Give the whole of the store in one transaction, for what no unit of work can say: trimming and forgetting.

        Raises BusyError if the lease is no longer ours.
        """
        with self._writer, writing(self._engine, self._path) as connection:
            lease.hold(connection)
            yield connection

    def give_back(self, pages: int) -> None:
        """Give at most so many free pages of the file back to the disk."""
        with self._writer, speaking(self._engine, self._path) as raw:
            # a script is stepped to its end; a statement without columns is left after its first page
            raw.executescript(f"PRAGMA incremental_vacuum({int(pages)})")

    def compact(self) -> None:
        """Write the whole file anew, without anything that was deleted, and empty its log. Raises BusyError."""
        with self._writer, speaking(self._engine, self._path) as raw:
            raw.execute(PIECEMEAL)
            raw.execute("VACUUM")
            (busy, _, _) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            told = f"{self._path} is being read: its log still holds what was deleted"
            raise BusyError(told, hint="it is emptied when whoever reads it ends")

    def look_through(self, every: timedelta) -> None:
        """Read every page, unless that was done a short time ago; read all there is where somebody was killed since.

        Raises LostError.
        """
        done, runs = self.memo(LOOKED), self.runs(limit=1)
        killed = self.unclean or (bool(runs) and runs[0].state == RunState.OPEN)
        if not killed and isinstance(done, str) and done > (self._now() - every).isoformat():
            return
        with self._read() as connection:
            (verify if killed else look_through)(connection, self._path)
        self.unclean = False
        self.put_memo(LOOKED, self._now().isoformat())

    def verify(self) -> None:
        """Read the whole file. Raises StoreError where it is damaged."""
        with self._read() as connection:
            verify(connection, self._path)

    def copy(self, path: Path) -> Store:
        """Copy what was last committed into a new file to play on, and open it. Raises StoreError."""
        try:
            with self._read() as connection, closing(sqlite3.connect(path)) as file:
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.backup(file)
        except sqlite3.Error as error:
            hint = "is there room for a copy of the state, and may this user write there?"
            raise StoreError(f"{path} cannot be written: {error}", hint=hint) from error
        return type(self).open(path, self.product, now=self._now, fleeting=True)

    def _unit(self, lease: Lease) -> Iterator[Work]:
        renewed = None
        with writing(self._engine, self._path) as connection:
            lease.hold(connection)
            work = Work(connection, self._now)
            yield work
            work.flush()
            if lease.left() < lease.ttl / 2:
                renewed = lease.extend(connection)
        if renewed is not None:
            lease.extended(renewed)
