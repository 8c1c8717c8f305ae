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
Result = tuple[list[Row] | None, bool, tuple[Mapping[str, Any], ...]]


def merge_table(base: Rows, sides: Mapping[str, Rows]) -> Result:
    """Return the merged rows, whether changes disagree, and where."""
    column = _key_column([base, *sides.values()])
    orders = [_order(base, rows, column) for rows in sides.values()] if column else []
    was = _order(base, base, column) if column else []
    moved = {canonical_json(o) for o in orders if o != [k for k in was if k in o]}
    if not column or len(moved) > 1:
        return list(base), True, ({"base": list(base), "sides": {s: list(r) for s, r in sides.items()}},)
    first = next((o for o in orders if canonical_json(o) in moved), was)
    names = first + [k for k in was if k not in first]
    keyed = {side: {canonical_json(r[column]): r for r in rows} for side, rows in sides.items()}
    known = {canonical_json(r[column]): r for r in base}
    names += sorted({k for rows in keyed.values() for k in rows if k not in known})
    regions: list[Mapping[str, Any]] = []
    merged = [_row(known.get(name), {s: rows.get(name) for s, rows in keyed.items()}, regions) for name in names]
    return [r for r in merged if r] or None, bool(regions), tuple(regions)


def _key_column(tables: Sequence[Rows]) -> str:
    for column in ("name", next(iter(tables[0][0]), "")):
        if all(column in row for rows in tables for row in rows) and all(
            len({canonical_json(row[column]) for row in rows}) == len(rows) for rows in tables
        ):
            return column
    return ""


def _order(base: Rows, rows: Rows, column: str) -> list[str]:
    known = {canonical_json(r[column]) for r in base}
    return [k for k in (canonical_json(r[column]) for r in rows) if k in known]


def _row(was: Row | None, now: Mapping[str, Row | None], regions: list[Mapping[str, Any]]) -> Row | None:
    """Merge one row; None is: no such row."""
    changed = {s: r for s, r in now.items() if r != was and (r is not None or was is not None)}
    if was is None:
        changed = {s: r for s, r in changed.items() if r is not None}
    gone = [s for s, r in changed.items() if r is None]
    if gone:
        if len(gone) == len(changed):
            return None
        regions.append({"base": was, "sides": changed})
        return was
    old = was or {}
    rows = {s: r for s, r in changed.items() if r is not None}
    out: Row = {}
    for cell in [*old, *sorted({c for r in rows.values() for c in r if c not in old})]:
        values = {canonical_json(r.get(cell)): r.get(cell) for r in rows.values() if r.get(cell) != old.get(cell)}
        if len(values) > 1:
            regions.append({"base": was, "sides": rows, "cell": cell})
        chosen = next(iter(values.values())) if len(values) == 1 else old.get(cell)
        if chosen is not None:
            out[cell] = chosen
    return out
