"""The widths of ADF's columns, which it tells cell by cell, and the spans of its cells. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeGuard

from syncer.richtext.nodes import Node
from syncer.richtext.tables import laid, spots
from syncer_atlassian.adf_things import Raw, attrs_of, number


def span(value: Any) -> TypeGuard[int]:
    """Say whether a raw value is a number of rows or columns."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1000


def _spanned(cell: Raw, name: str) -> int:
    value = attrs_of(cell).get(name)
    return value if span(value) else 1


def column_widths(rows: Sequence[Sequence[Raw]]) -> list[Any] | None:
    """Return one width a column, where every cell says so and all agree."""
    spans = [[(_spanned(c, "rowspan"), _spanned(c, "colspan")) for c in row] for row in rows]
    found: dict[int, Any] = {}
    for row, at in zip(rows, laid(spans), strict=True):
        for cell, spot in zip(row, at, strict=True):
            said = attrs_of(cell).get("colwidth")
            if not isinstance(said, list) or len(said) != spot.columns or not all(map(number, said)):
                return None
            for k, width in enumerate(said):
                if found.setdefault(spot.column + k, width) != width:
                    return None
    return [found[k] for k in range(len(found))] if found.keys() == set(range(len(found))) and found else None


def cell_widths(table: Node) -> dict[int, list[Any]]:
    """Return the widths of the columns that each cell covers, by the cell's identity."""
    said = list(table.attrs.get("widths", ()))
    if not said:
        return {}
    return {
        id(cell): said[spot.column : spot.column + spot.columns]
        for row, at in zip(table.content, spots(table.content), strict=True)
        for cell, spot in zip(row.content, at, strict=True)
    }
