"""The values that a column is limited to, from a sheet's list validations."""

from __future__ import annotations

import re

from openpyxl.utils.cell import range_boundaries
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from syncer_grid.wire import text

from syncer_xlsx import cells

RANGE = re.compile(r"(?:(?:'((?:[^']|'')+)'|([^'!]+))!)?(\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)")


def options(book: Workbook, sheet: Worksheet, header_row: int) -> dict[int, tuple[str, ...]]:
    """Return the allowed values by column position (0-based), for columns limited to a list."""
    found: dict[int, tuple[str, ...]] = {}
    for rule in sheet.data_validations.dataValidation:
        values = _values(book, sheet, rule)
        if rule.type != "list" or not values:
            continue
        for area in rule.sqref.ranges:
            if area.max_row > header_row:
                for column in range(area.min_col, area.max_col + 1):
                    found.setdefault(column - 1, values)
    return found


def _values(book: Workbook, sheet: Worksheet, rule: DataValidation) -> tuple[str, ...]:
    source = (rule.formula1 or "").strip().removeprefix("=")
    if source.startswith('"') and source.endswith('"'):
        words = source[1:-1].replace('""', '"').split(",")
        return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
    if source in book.defined_names:
        source = book.defined_names[source].attr_text or ""
    where = RANGE.fullmatch(source)
    if where is None:
        # a formula: only Excel knows what it allows
        return ()
    name = (where[1] or where[2] or sheet.title).replace("''", "'")
    target = next((ws for ws in book.worksheets if ws.title == name), None)
    if target is None:
        return ()
    left, top, right, bottom = range_boundaries(where[3].replace("$", ""))
    lines = target.iter_rows(min_row=top, max_row=bottom, min_col=left, max_col=right)
    shown = (text(cells.value(cell)).strip() for line in lines for cell in line)
    return tuple(dict.fromkeys(word for word in shown if word))
