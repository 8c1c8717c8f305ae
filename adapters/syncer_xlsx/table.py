"""One sheet of a workbook as a table; rows that are archived move to a sheet of the same workbook."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from copy import copy
from typing import Any

from openpyxl.formula.translate import Translator
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from syncer_grid import files
from syncer_grid.table import Cell, Grid, Row
from syncer_grid.wire import text

from syncer.errors import UserError
from syncer_xlsx import cells
from syncer_xlsx.client import SYSTEM, Book, sheet_of
from syncer_xlsx.validation import options

FROM = "Archived from"
"""The archive's first column: the sheet that a row was on."""


class XlsxTable:
    """A sheet."""

    system = SYSTEM
    native = True
    max_length = cells.LONGEST

    def __init__(self, book: Book, sheet: str, *, header_row: int, archive_sheet: str) -> None:
        self.book, self.title, self.prefix = book, sheet, f"{sheet}!"
        self._header_row, self._archive_sheet = header_row, archive_sheet
        self._grid: Grid | None = None
        self._serial = -1

    def locked(self) -> AbstractContextManager[None]:
        """See Table."""
        return self.book.locked()

    def available(self) -> None:
        """See Table."""
        files.open_elsewhere(self.book.path)

    def stamp(self) -> str:
        """See Table."""
        return self.book.current()

    def touched(self) -> str:
        """See Table."""
        return files.touched(self.book.path)

    def load(self) -> Grid:
        """See Table."""
        sheet = self.book.sheet(self.title)
        if self._grid is None or self._serial != self.book.serial:
            self._grid, self._serial = self._gridded(self.book.load(), sheet, self.book.stamp), self.book.serial
        return self._grid

    def before(self) -> Grid | None:
        """See Table."""
        book = self.book.before()
        if book is None or self.title not in book.sheetnames:
            return None
        return self._gridded(book, sheet_of(book, self.title, self.book.path), "")

    def refuses(self, cell: Cell) -> str:
        """See Table."""
        return cells.refusal(cell, epoch_1904=self.book.load().epoch == CALENDAR_MAC_1904)

    def shown(self, cell: Cell) -> Cell:
        """See Table."""
        return cells.shown(cell)

    def put(self, row: Row, new: Mapping[int, Cell]) -> None:
        """See Table."""
        if not new:
            return
        self.book.touch()
        sheet, at = self._sheet, {position: position for position in new}
        if self._grid is not None and any(row is other for other in self._grid.archived):
            sheet = self._archive()
            columns = self._archive_columns(sheet)
            at = {position: columns[position] for position in new}
        for position, value in new.items():
            cells.put(sheet.cell(row.number, at[position] + 1), value)

    def append(self, new: Mapping[int, Cell]) -> int:
        """See Table. The new row looks like the one above it, and a table or filter that ended there goes on."""
        self.book.touch()
        sheet = self._sheet
        number = self._next(sheet)
        self._dress(sheet, number)
        for position, value in new.items():
            if value is not None:
                cells.put(sheet.cell(number, position + 1), value)
        return number

    def add_column(self, name: str) -> int:
        """See Table."""
        self.book.touch()
        sheet = self._sheet
        lines = sheet.iter_rows(min_row=self._header_row)
        last = max((at for line in lines for at, cell in enumerate(line, 1) if cell.value is not None), default=0)
        for table in sheet.tables.values():
            # a table's header cannot be extended here without its column list: leave a gap beside it
            bounds = _bounds(table.ref)
            last = max(last, bounds[2] + (1 if bounds[1] <= self._header_row <= bounds[3] else 0))
        cells.put(sheet.cell(self._header_row, last + 1), name)
        return last

    def archive(self, row: Row) -> None:
        """See Table."""
        self.book.touch()
        sheet, archive = self._sheet, self._archive()
        number = max(_last(archive, 1) + 1, 2)
        cells.put(archive.cell(number, 1), self.title)
        for position, column in enumerate(self._archive_columns(archive)):
            if self._header(sheet)[position]:
                _move(sheet.cell(row.number, position + 1), archive.cell(number, column + 1))
        self._vacate(sheet, row.number)

    def restore(self, row: Row) -> int:
        """See Table."""
        self.book.touch()
        sheet, archive = self._sheet, self._archive()
        number = self._next(sheet)
        self._dress(sheet, number)
        for position, column in enumerate(self._archive_columns(archive)):
            if self._header(sheet)[position]:
                _move(archive.cell(row.number, column + 1), sheet.cell(number, position + 1))
        archive.delete_rows(row.number)
        return number

    def save(self) -> None:
        """See Table."""
        self.book.save()

    def forget(self) -> None:
        """See Table."""
        self.book.forget()

    @property
    def _sheet(self) -> Worksheet:
        return self.book.sheet(self.title)

    def _gridded(self, book: Workbook, sheet: Worksheet, stamp: str) -> Grid:
        header = self._header(sheet)
        rows = []
        first = self._header_row + 1
        for number, line in enumerate(sheet.iter_rows(min_row=first, max_col=max(1, len(header))), first):
            row = Row(number, [cells.value(cell) for cell in line])
            if not row.blank():
                rows.append(row)
        archived = []
        if self._archive_sheet in book.sheetnames and header:
            archive = sheet_of(book, self._archive_sheet, self.book.path)
            columns = _matching(header, _names(archive, 1))
            for number, line in enumerate(archive.iter_rows(min_row=2), 2):
                if text(cells.value(line[0])).strip() == self.title:
                    kept = [cells.value(line[c]) if 0 <= c < len(line) else None for c in columns]
                    archived.append(Row(number, kept))
        return Grid(header, rows, stamp, archived, options(book, sheet, self._header_row))

    def _header(self, sheet: Worksheet) -> list[str]:
        return _names(sheet, self._header_row)

    def _archive(self) -> Worksheet:
        """Return the archive sheet, made where missing."""
        book = self.book.load()
        if self._archive_sheet in book.sheetnames:
            archive = sheet_of(book, self._archive_sheet, self.book.path)
            if _names(archive, 1)[:1] != [FROM]:
                raise UserError(
                    f'{self.book.path}: the sheet "{self._archive_sheet}" is not an archive of ours',
                    hint="set `archive_sheet` to a name that is not in use",
                )
            return archive
        fresh: Worksheet = book.create_sheet(self._archive_sheet)
        cells.put(fresh.cell(1, 1), FROM)
        return fresh

    def _archive_columns(self, archive: Worksheet) -> list[int]:
        """Return where the archive keeps each column of the sheet; missing ones are added."""
        header = self._header(self._sheet)
        names = _names(archive, 1)
        columns = _matching(header, names)
        for position, name in enumerate(header):
            if name and columns[position] < 0:
                columns[position] = len(names)
                names.append(name)
                cells.put(archive.cell(1, len(names)), name)
        return columns

    def _next(self, sheet: Worksheet) -> int:
        return max(_last(sheet, len(self._header(sheet))), self._header_row) + 1

    def _dress(self, sheet: Worksheet, number: int) -> None:
        above = number - 1
        for column in range(1, len(self._header(sheet)) + 1):
            source: Any = sheet.cell(above, column)
            target: Any = sheet.cell(number, column)
            if above > self._header_row and source.has_style and not target.has_style:
                target._style = copy(source._style)
        for table in sheet.tables.values():
            if _bounds(table.ref)[3] == above:
                table.ref = _longer(table.ref, number)
                if table.autoFilter is not None:
                    table.autoFilter.ref = table.ref
        if sheet.auto_filter.ref and _bounds(sheet.auto_filter.ref)[3] == above:
            sheet.auto_filter.ref = _longer(sheet.auto_filter.ref, number)

    def _vacate(self, sheet: Worksheet, number: int) -> None:
        """Close the gap where nothing can refer to the rows below; elsewhere leave a blank row.

        openpyxl moves cells but no formula, merge, table or link that points at them (openpyxl docs, 2026).
        """
        if number < sheet.max_row and not _nothing_refers(self.book.load(), sheet):
            for column in range(1, len(self._header(sheet)) + 1):
                sheet.cell(number, column).value = None
            return
        sheet.delete_rows(number)


def _names(sheet: Worksheet, row: int) -> list[str]:
    line = next(iter(sheet.iter_rows(min_row=row, max_row=row)), ())
    names = [text(cells.value(cell)).strip() for cell in line]
    while names and not names[-1]:
        names.pop()
    return names


def _matching(header: list[str], names: list[str]) -> list[int]:
    """Return the position in `names` of each name of `header`, the second of one name at the second; -1 for none."""
    found = []
    for at, name in enumerate(header):
        places = [i for i, other in enumerate(names) if i and other == name]
        nth = header[:at].count(name)
        found.append(places[nth] if nth < len(places) else -1)
    return found


def _last(sheet: Worksheet, width: int) -> int:
    for number in range(sheet.max_row, 0, -1):
        if any(sheet.cell(number, column).value not in (None, "") for column in range(1, max(1, width) + 1)):
            return number
    return 0


def _move(source: Any, target: Any) -> None:
    held = source.value
    if source.data_type == "f" and isinstance(held, str):
        target.value = Translator(held, source.coordinate).translate_formula(target.coordinate)
    else:
        target.value = held
        if held is not None:
            target.data_type = source.data_type
    if source.has_style:
        target._style = copy(source._style)
    source.value = None


def _nothing_refers(book: Workbook, sheet: Worksheet) -> bool:
    fixed = (sheet.merged_cells.ranges, sheet.tables, getattr(sheet, "_charts", ()), getattr(sheet, "_images", ()))
    if any(fixed) or len(sheet.conditional_formatting) or book.defined_names:
        return False
    if any(size.height or size.hidden for size in sheet.row_dimensions.values()):
        return False
    for other in book.worksheets:
        for row in other.iter_rows():
            if any(cell.data_type == "f" or (other is sheet and (cell.hyperlink or cell.comment)) for cell in row):
                return False
    return True


def _bounds(ref: str) -> tuple[int, int, int, int]:
    from openpyxl.utils.cell import range_boundaries

    left, top, right, bottom = range_boundaries(ref)
    return left or 1, top or 1, right or 16_384, bottom or 1_048_576


def _longer(ref: str, bottom: int) -> str:
    from openpyxl.utils.cell import get_column_letter

    left, top, right, _ = _bounds(ref)
    return f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
