"""Where the cells of a table lie, spans counted in. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
