"""Rows to tables and back, in bulk: one statement per table and chunk, never one per row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, select
from sqlalchemy.dialects import sqlite

from syncer.store import schema
from syncer.store.rows import ConflictRow, CursorRow, ItemRow, JournalRow, LinkRow, Refusal, RunRow

CHUNK = 1000
"""Values in one `IN`: below every database's limit on parameters."""

TABLES: Mapping[type, Table] = {
    ItemRow: schema.item,
    LinkRow: schema.link,
    ConflictRow: schema.conflict,
    Refusal: schema.refusal,
    JournalRow: schema.journal,
    CursorRow: schema.cursor,
    RunRow: schema.run,
}
"""Rows whose fields are columns, under the same names."""

NAMES: Mapping[type, tuple[str, ...]] = {row: tuple(f.name for f in fields(row)) for row in TABLES}

R = TypeVar("R")
T = TypeVar("T")


def values(row: Any) -> dict[str, Any]:
    """Return a row as a statement's parameters."""
    return {name: getattr(row, name) for name in NAMES[type(row)]}


@cache
def query(kind: type) -> Select[Any]:
    """Return a select of a row class's columns, in the order of its fields."""
    table = TABLES[kind]
    return select(*(table.c[name] for name in NAMES[kind]))


def load(connection: Connection, kind: type[R], statement: Select[Any]) -> Iterator[R]:
    """Yield the rows of a select made by `query`."""
    for row in connection.execute(statement):
        yield kind(*row)


def load_in(
    connection: Connection, kind: type[R], statement: Select[Any], column: ColumnElement[Any], keys: Collection[Any]
) -> Iterator[R]:
    """Yield the rows whose column is one of `keys`."""
    for some in chunks(keys):
        yield from load(connection, kind, statement.where(column.in_(some)))


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, or replace those with the same primary key. All rows have the same columns."""
    if not rows:
        return
    statement = _upserting(connection.dialect.name, table, tuple(rows[0]))
    for some in chunks(rows):  # the texts of all of them at once would be twice the memory
        connection.execute(statement, some)


@cache
def _upserting(dialect: str, table: Table, columns: tuple[str, ...]) -> Any:
    insert = _inserting(dialect)(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: insert.excluded[name] for name in columns if name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=changed)


def _inserting(dialect: str) -> Any:
    if dialect != "postgresql":
        return sqlite.insert
    # A tenth of a second of every start otherwise, for a database that few have.
    from sqlalchemy.dialects import postgresql

    return postgresql.insert


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut values into lists of at most `size`."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
