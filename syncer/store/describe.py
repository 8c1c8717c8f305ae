"""Prints the tables as Markdown, for `docs/store.md`: `python -m syncer.store.describe docs/store.md` rewrites it."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import Boolean, Column, Integer, Table, UniqueConstraint
from sqlalchemy.types import TypeDecorator

from syncer.store.schema import FORMAT, metadata

BEGIN, END = "<!-- tables -->", "<!-- /tables -->"


def tables() -> str:
    """Return every table with its columns, keys and indexes."""
    parts = [f"Format {FORMAT}.", *(_table(table) for table in metadata.tables.values())]
    return "\n\n".join(parts)


def rewritten(page: str) -> str:
    """Return the page with the part between its two marks made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def _table(table: Table) -> str:
    lines = [f"### {table.name}", "", table.comment or "", "", "| column | type | |", "|---|---|---|"]
    lines += [f"| {column.name} | {_type(column)} | {column.comment} |" for column in table.columns]
    keys = [f"Primary key: {_names(table.primary_key)}."]
    keys += [f"Unique: {_names(key)}." for key in table.constraints if isinstance(key, UniqueConstraint)]
    keys += [f"`{key.parent.name}` is `{key.target_fullname}`." for key in table.foreign_keys]
    keys += [f"Index `{index.name}`: {_names(index)}." for index in sorted(table.indexes, key=lambda i: str(i.name))]
    return "\n".join([*lines, "", " ".join(keys)])


def _names(columns: object) -> str:
    return ", ".join(column.name for column in getattr(columns, "columns", ()))


def _type(column: Column[object]) -> str:
    kind = column.type
    if isinstance(kind, TypeDecorator):
        name = type(kind).__name__.lower()
    else:
        name = {Boolean: "flag", Integer: "number"}.get(type(kind), "text")
    return f"{name}, may be null" if column.nullable else name


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(rewritten(file.read_text(encoding="utf-8")), encoding="utf-8")
