"""Connections to the store's database: pragmas, transactions, and the database's errors in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError

from syncer.errors import BusyError, LostError, StoreError, SyncerError
from syncer.store.types import UnreadableError

BUSY_MS = 30_000

DAMAGE = ("malformed", "not a database", "encrypted", "corrupt", "no such table", "no such column", "could not decode")
"""Words of the database's that mean a file which is not as it was written."""

PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
)
"""Set on every connection; FULL because an acknowledged intent must outlive a power cut. What is deleted is
overwritten."""

PIECEMEAL = "PRAGMA auto_vacuum=INCREMENTAL"
"""Said to an empty file, or before it is written anew: its room can then be given back piece by piece."""

FLEETING = (*PRAGMAS, "PRAGMA synchronous=OFF")
"""For a file that nobody will miss."""


def connect(path: Path, *, fleeting: bool = False) -> Engine:
    """Return an engine for the file; nothing is opened yet. `fleeting`: it need not outlive this process."""
    # hide_parameters: a database error must not carry people's values into a log.
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in FLEETING if fleeting else PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def reading(engine: Engine, path: Path) -> Iterator[Connection]:
    """Give a connection that sees one state of the store. Raises StoreError, BusyError."""
    with translated(path), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine, path: Path) -> Iterator[Connection]:
    """Give a connection in a write transaction, committed at the end. Raises StoreError, BusyError."""
    with translated(path), engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin():
            yield connection


@contextmanager
def speaking(engine: Engine, path: Path) -> Iterator[Any]:
    """Give the driver's own connection, outside of any transaction. Raises StoreError, BusyError."""
    with reading(engine, path) as connection:
        raw = connection.connection.driver_connection
        if raw is None:
            raise StoreError(f"{path} cannot be opened")
        try:
            yield raw
        except sqlite3.Error as error:
            raise _ours(path, str(error)) from error


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the database's errors into ours."""
    try:
        yield
    except IntegrityError as error:
        raise SyncerError(f"{path}: the store refuses a commit that breaks its rules: {error.orig}") from error
    except DBAPIError as error:
        raise _ours(path, str(error.orig)) from error
    except UnreadableError as error:
        raise damaged(path, str(error)) from error


def damaged(path: Path, detail: str) -> LostError:
    """Return the error for a file that cannot be read as a database."""
    return LostError(f"{path} is damaged ({detail})")


def _ours(path: Path, detail: str) -> SyncerError:
    text = detail.lower()
    if "locked" in text or "busy" in text:
        return BusyError(f"{path} is locked by another process", hint="try again when it has finished")
    if any(word in text for word in DAMAGE):
        return damaged(path, detail)
    return StoreError(f"{path} cannot be used: {detail}", hint=_advice(text))


def _advice(text: str) -> str:
    if "full" in text:
        return "free some disk space, then run again; nothing was half written"
    return "check that the file and its folder can be written by this user, and are on a local disk"
