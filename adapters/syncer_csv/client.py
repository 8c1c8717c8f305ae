"""A CSV file as a table: only the cells that change are written anew, and the archive is a second file beside it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from syncer_grid import files
from syncer_grid.table import Cell, Grid, Row
from syncer_grid.wire import text

from syncer.errors import DocumentError, UserError
from syncer_csv.dialect import Line, Sheet, parse

SYSTEM = "csv"
CAP = 512 * 2**20


class CsvTable:
    """One CSV file. Everything in it is text."""

    system = SYSTEM
    prefix = ""
    native = False
    max_length = 0

    def __init__(self, path: Path, *, encoding: str, delimiter: str, header_row: int, archive: Path) -> None:
        self.path, self.title, self.archive_path = path, path.name, archive
        self._encoding, self._delimiter, self._header_row = encoding, delimiter, header_row
        self._guard = threading.RLock()
        self._live: tuple[Sheet, files.Stamp] | None = None
        self._gone: tuple[Sheet, files.Stamp | None] | None = None
        self._ours: files.Stamp | None = None
        self._dirty: set[str] = set()
        self._grid: Grid | None = None

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """See Table. Reading takes no file lock: a file is only ever replaced whole."""
        with self._guard:
            yield

    def available(self) -> None:
        """See Table."""
        files.open_elsewhere(self.path)

    def stamp(self) -> str:
        """See Table."""
        archive = files.read(self.archive_path, cap=CAP)[1].sha if self.archive_path.exists() else ""
        return files.read(self.path, cap=CAP)[1].sha + archive

    def touched(self) -> str:
        """See Table."""
        return f"{files.touched(self.path)} {files.touched(self.archive_path)}"

    def load(self) -> Grid:
        """See Table."""
        if self._live is None or not files.unchanged(self.path, self._live[1]):
            data, stamp = files.read(self.path, cap=CAP)
            self._live, self._grid = (self._parsed(data, self.path), stamp), None
        if self._gone is None or self._archive_changed(self._gone[1]):
            self._gone, self._grid = self._read_archive(), None
        if self._grid is None:
            self._grid = self._gridded()
        return self._grid

    def before(self) -> Grid | None:
        """See Table."""
        path = files.backup_of(self.path)
        if not path.exists():
            return None
        sheet = self._parsed(files.read(path, cap=CAP)[0], path)
        header, rows = self._rows(sheet)
        return Grid(header, rows, "")

    def refuses(self, cell: Cell) -> str:
        """See Table."""
        encoding = self._sheet().encoding
        try:
            text(cell).encode(encoding)
        except UnicodeEncodeError as error:
            return f"the character {error.object[error.start]!r} cannot be written in {encoding}"
        return ""

    def shown(self, cell: Cell) -> Cell:
        """See Table."""
        return text(cell) or None

    def put(self, row: Row, cells: Mapping[int, Cell]) -> None:
        """See Table."""
        if not cells:
            return
        archived = self._grid is not None and any(row is other for other in self._grid.archived)
        sheet = self._archive() if archived else self._sheet()
        line = sheet.lines[row.number - 1]
        names = self._names(self._sheet())
        for at, cell in cells.items():
            sheet.put(line, self._archive_column(names, at) if archived else at, text(cell))
        self._dirty.add("gone" if archived else "live")

    def append(self, cells: Mapping[int, Cell]) -> int:
        """See Table."""
        sheet = self._sheet()
        values = [text(cells.get(at)) for at in range(len(self._names(sheet)))]
        return self._append(sheet, values, "live")

    def add_column(self, name: str) -> int:
        """See Table. Other rows stay as they are: a missing last cell reads as a blank one."""
        sheet = self._sheet()
        header = sheet.lines[self._header_row - 1]
        at = max(len(line.raw) for line in sheet.lines[self._header_row - 1 :])
        sheet.put(header, at, name)
        self._dirty.add("live")
        return at

    def archive(self, row: Row) -> None:
        """See Table. The archive is written before the row leaves: a kill in between leaves it in both."""
        names = self._names(self._sheet())
        columns = [self._archive_column(names, at) for at in range(len(names))]
        values = [""] * len(self._archive().lines[0].raw)
        for at, column in enumerate(columns):
            values[column] = text(row.at(at))
        for line in [x for x in self._archive().lines[1:] if x.cells() == values]:
            self._archive().remove(line)
        self._append(self._archive(), values, "gone")
        self._sheet().remove(self._sheet().lines[row.number - 1])
        self._dirty.add("live")

    def restore(self, row: Row) -> int:
        """See Table."""
        values = [text(cell) for cell in row.cells]
        number = self._append(self._sheet(), values, "live")
        self._archive().remove(self._archive().lines[row.number - 1])
        self._dirty.add("gone")
        return number

    def save(self) -> None:
        """See Table."""
        if not self._dirty:
            return
        assert self._live is not None and self._gone is not None
        with files.lock(self.path, SYSTEM):
            if "gone" in self._dirty:
                data = self._gone[0].to_bytes()
                stamp = files.replace(self.archive_path, data, self._gone[1], backup=False, system=SYSTEM)
                self._gone = (self._gone[0], stamp)
            if "live" in self._dirty:
                keep = self._ours != self._live[1]
                data = self._live[0].to_bytes()
                self._ours = files.replace(self.path, data, self._live[1], backup=keep, system=SYSTEM)
                self._live = (self._live[0], self._ours)
        self._dirty, self._grid = set(), None

    def forget(self) -> None:
        """See Table."""
        self._live = self._gone = self._grid = None
        self._dirty = set()

    def _sheet(self) -> Sheet:
        if self._live is None:
            self.load()
        assert self._live is not None
        return self._live[0]

    def _archive(self) -> Sheet:
        assert self._gone is not None
        return self._gone[0]

    def _append(self, sheet: Sheet, values: list[str], which: str) -> int:
        every = bool(sheet.lines) and all(cell.startswith('"') for cell in sheet.lines[-1].raw)
        while len(sheet.lines) > self._header_row and not any(sheet.lines[-1].cells()):
            # blank lines at the end would part the new row from the others
            sheet.remove(sheet.lines[-1])
        sheet.append(values, always=every)
        self._dirty.add(which)
        return len(sheet.lines)

    def _archive_column(self, names: list[str], at: int) -> int:
        """Return where the archive keeps a column, by its name and its count among columns of that name."""
        nth = names[:at].count(names[at])
        header = self._archive().lines[0]
        places = [i for i, name in enumerate(header.cells()) if name.strip() == names[at]]
        if nth < len(places):
            return places[nth]
        self._archive().put(header, len(header.raw), names[at])
        return len(header.raw) - 1

    def _gridded(self) -> Grid:
        assert self._live is not None and self._gone is not None
        header, rows = self._rows(self._live[0])
        archived = []
        names = [name.strip() for name in self._archive().lines[0].cells()]
        for number, line in enumerate(self._archive().lines[1:], 2):
            archived.append(Row(number, _reordered(header, names, line)))
        stamp = self._live[1].sha + (self._gone[1].sha if self._gone[1] else "")
        return Grid(header, rows, stamp, archived)

    def _rows(self, sheet: Sheet) -> tuple[list[str], list[Row]]:
        rows = []
        for number, line in enumerate(sheet.lines[self._header_row :], self._header_row + 1):
            cells: list[Cell] = [cell or None for cell in line.cells()]
            rows.append(Row(number, cells))
        return self._names(sheet), rows

    def _names(self, sheet: Sheet) -> list[str]:
        if len(sheet.lines) < self._header_row:
            return []
        return [name.strip() for name in sheet.lines[self._header_row - 1].cells()]

    def _parsed(self, data: bytes, path: Path) -> Sheet:
        try:
            return parse(data, encoding=self._encoding, delimiter=self._delimiter)
        except UnicodeDecodeError as error:
            raise UserError(
                f"{path}: not {self._encoding} text (byte {error.start})",
                hint="set `encoding` to what the file was saved in, such as cp1252",
            ) from error
        except DocumentError as error:
            raise UserError(f"{path}:{error.message}", hint="close the quotes, or save the file anew") from error

    def _archive_changed(self, stamp: files.Stamp | None) -> bool:
        return self.archive_path.exists() if stamp is None else not files.unchanged(self.archive_path, stamp)

    def _read_archive(self) -> tuple[Sheet, files.Stamp | None]:
        live = self._sheet()
        if not self.archive_path.exists():
            fresh = Sheet([], live.delimiter, live.end, live.bom, live.encoding)
            fresh.append(self._names(live))
            fresh.lines[0].end = live.end
            return fresh, None
        data, stamp = files.read(self.archive_path, cap=CAP)
        sheet = self._parsed(data, self.archive_path)
        return (sheet if sheet.lines else Sheet([Line(list(self._names(live)), live.end)])), stamp


def _reordered(header: list[str], names: list[str], line: Line) -> list[Cell]:
    values = line.cells()
    places: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        places.setdefault(name, []).append(at)
    cells: list[Cell] = []
    for at, name in enumerate(header):
        nth, found = header[:at].count(name), places.get(name, [])
        column = found[nth] if nth < len(found) else len(values)
        cells.append((values[column] or None) if column < len(values) else None)
    return cells
