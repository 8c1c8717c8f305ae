"""Where the cells of a table lie, spans counted in. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import is_

from syncer.richtext.nodes import Node


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell's place: its first row and column, and how many of each it covers."""

    row: int
    column: int
    rows: int
    columns: int


def spots(rows: Sequence[Node]) -> list[list[Spot]]:
    """Return the place of each cell, row by row."""
    return laid([[(int(c.attrs.get("rowspan", 1)), int(c.attrs.get("colspan", 1))) for c in r.content] for r in rows])


def laid(spans: Sequence[Sequence[tuple[int, int]]]) -> list[list[Spot]]:
    """Return the place of each cell, from how many rows and columns each covers."""
    out: list[list[Spot]] = []
    busy: dict[int, int] = {}
    """Column → the row up to which (excluded) a cell from above covers it."""
    for r, row in enumerate(spans):
        column = 0
        found: list[Spot] = []
        for high, wide in row:
            while busy.get(column, 0) > r:
                column += 1
            found.append(Spot(r, column, high, wide))
            if high > 1:
                busy |= {column + k: r + high for k in range(wide)}
            column += wide
        out.append(found)
    return out


def width(rows: Sequence[Node]) -> int:
    """Return how many columns a table has."""
    return max((s.column + s.columns for row in spots(rows) for s in row), default=0)


def rectangular(rows: Sequence[Node]) -> bool:
    """Say whether every place of the table is covered by exactly one cell."""
    covered: set[tuple[int, int]] = set()
    total = 0
    for spot in (s for row in spots(rows) for s in row):
        places = {(spot.row + i, spot.column + k) for i in range(spot.rows) for k in range(spot.columns)}
        total += len(places)
        covered |= places
    wide = width(rows)
    return total == len(covered) == wide * len(rows) and all(r < len(rows) for r, _ in covered)


def simple(rows: Sequence[Node]) -> bool:
    """Say whether a table is a plain grid: no spans, and at most one paragraph in each cell."""
    cells = [cell for row in rows for cell in row.content]
    if not cells or len({len(row.content) for row in rows}) > 1:
        return False
    if any("colspan" in cell.attrs or "rowspan" in cell.attrs for cell in cells):
        return False
    return all(len(cell.content) <= 1 and all(b.type == "paragraph" for b in cell.content) for cell in cells)


def headed(table: Node, *, top: bool, left: bool) -> Node:
    """Return a table whose heads are its first row, its first column, both or none; the same one where they are."""
    rows = [
        tuple([_headed(cell, (top and r == 0) or (left and c == 0)) for c, cell in enumerate(row.content)])
        for r, row in enumerate(table.content)
    ]
    if all(all(map(is_, row.content, cells)) for row, cells in zip(table.content, rows, strict=True)):
        return table
    made = [Node("row", cells, extra=row.extra) for row, cells in zip(table.content, rows, strict=True)]
    return Node("table", tuple(made), table.attrs, extra=table.extra)


def _headed(cell: Node, header: bool) -> Node:
    if bool(cell.attrs.get("header")) == header:
        return cell
    attrs = {k: v for k, v in cell.attrs.items() if k != "header"}
    return Node("cell", cell.content, {**attrs, "header": True} if header else attrs, extra=cell.extra)
