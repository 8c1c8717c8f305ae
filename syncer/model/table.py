"""Merge of tables of sub-values (key results): rows by their name, then cell by cell. Pure.

Rows are told apart by the column `name`, else by the first column of all. Where that does not tell every row apart, a
table merges as one value. A row one side removed and another changed is a conflict; so are two orders of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncer.record import canonical_json

Row = dict[str, Any]
Rows = Sequence[Row]


def merge_table(base: Rows, sides: Mapping[str, Rows]) -> tuple[list[Row] | None, bool]:
    """Return the merged rows, and whether changes disagree: there the ancestor's rows and cells stay."""
    column = _key_column([base, *sides.values()])
    if not column:
        return list(base), True
    was = {canonical_json(row[column]): row for row in base}
    keyed = {side: {canonical_json(row[column]): row for row in rows} for side, rows in sides.items()}
    orders = [[name for name in rows if name in was] for rows in keyed.values()]
    moved = [order for order in orders if order != [name for name in was if name in order]]
    if any(order != moved[0] for order in moved):
        return list(base), True
    # Names in the order of who moved rows, else the ancestor's; then what was removed there; then what is new.
    every = sorted(name for rows in keyed.values() for name in rows)
    names = dict.fromkeys([*(name for order in moved for name in order), *was, *every])
    merged = [_row(was.get(name), [rows.get(name) for rows in keyed.values()]) for name in names]
    return [row for row, _ in merged if row] or None, any(disagree for _, disagree in merged)


def _key_column(tables: Sequence[Rows]) -> str:
    for column in ("name", next(iter(tables[0][0]), "")):
        if all(column in row for rows in tables for row in rows) and all(
            len({canonical_json(row[column]) for row in rows}) == len(rows) for rows in tables
        ):
            return column
    return ""


def _row(was: Row | None, now: Sequence[Row | None]) -> tuple[Row | None, bool]:
    """Merge one row, and say whether changes disagree; None is: no such row."""
    changed = [row for row in now if row != was]
    rows = [row for row in changed if row is not None]
    if len(rows) < len(changed):
        return (was, True) if rows else (None, False)
    old = was or {}
    out: Row = {}
    conflict = False
    for cell in dict.fromkeys([*old, *sorted(name for row in rows for name in row)]):
        values = {canonical_json(row.get(cell)): row.get(cell) for row in rows if row.get(cell) != old.get(cell)}
        if len(values) > 1:
            conflict = True
        chosen = next(iter(values.values())) if len(values) == 1 else old.get(cell)
        if chosen is not None:
            out[cell] = chosen
    return out, conflict
