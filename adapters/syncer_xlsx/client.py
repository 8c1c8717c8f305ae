"""openpyxl, wrapped: one workbook in memory as long as the file is what was read, replaced whole on every save."""

from __future__ import annotations

import contextlib
import io
import threading
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from syncer_grid import files
from syncer_grid.columns import nearest

from syncer.errors import UserError
from syncer_xlsx import cells, package

SYSTEM = "xlsx"
UNREADABLE = (
    InvalidFileException,
    zipfile.BadZipFile,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
)
"""What openpyxl raises for workbooks that it cannot make sense of."""


class Book:
    """One workbook file, shared by its sheets."""

    def __init__(self, path: Path, *, lossy: bool) -> None:
        self.path, self.lossy = path, lossy
        self.serial = 0
        """Grows whenever the content in memory may have changed."""
        self._guard = threading.RLock()
        self._book: Workbook | None = None
        self._stamp: files.Stamp | None = None
        self._losses: tuple[str, ...] = ()
        self._ours: files.Stamp | None = None
        self._dirty = False

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other threads out. Reading takes no file lock: the file is only ever replaced whole."""
        with self._guard:
            yield

    @property
    def stamp(self) -> str:
        """What is equal as long as the file's content is."""
        return self._stamp.sha if self._stamp else ""

    def current(self) -> str:
        """Return the stamp of the file as it is now, without parsing it. Raises UserError."""
        if self._stamp is not None and files.unchanged(self.path, self._stamp):
            return self._stamp.sha
        return files.read(self.path, cap=package.CAP)[1].sha

    @property
    def losses(self) -> tuple[str, ...]:
        """The parts of the file that a write would drop."""
        return self._losses

    def load(self) -> Workbook:
        """Return the workbook, read again if the file changed. Raises UserError."""
        if self._book is None or self._stamp is None or not files.unchanged(self.path, self._stamp):
            data, stamp = files.read(self.path, cap=package.CAP)
            self._book, self._dirty = parse(data, self.path), False
            self._losses = package.losses(data, macros=self.path.suffix.lower() == ".xlsm")
            self._stamp = stamp
            self.serial += 1
        return self._book

    def sheet(self, name: str) -> Worksheet:
        """Return a sheet. Raises UserError with the nearest name where there is none."""
        return sheet_of(self.load(), name, self.path)

    def touch(self) -> None:
        """Note an edit in memory. Raises UserError where writing would drop part of the workbook."""
        if self._losses and not self.lossy:
            more = len(self._losses) - 6
            shown = ", ".join(self._losses[:6]) + (f" and {more} more" if more > 0 else "")
            raise UserError(
                f"{self.path}: writing it would drop {shown}",
                hint="move the synced sheet to a workbook of its own, or set `lossy: true` if you can do without them",
            )
        self._dirty = True

    def save(self) -> None:
        """Replace the file. Raises StaleError where it changed since it was read, UserError where it cannot be."""
        if not self._dirty or self._book is None:
            return
        buffer = io.BytesIO()
        self._book.save(buffer)
        data = buffer.getvalue()
        if not package.sound(data):
            raise UserError(f"{self.path}: cannot be written soundly; it is unchanged", hint="save it anew in Excel")
        with files.lock(self.path, SYSTEM):
            keep = self._ours != self._stamp
            self._ours = self._stamp = files.replace(self.path, data, self._stamp, backup=keep, system=SYSTEM)
        self._dirty = False
        self.serial += 1
        if self._book.vba_archive is not None or any(getattr(ws, "_images", ()) for ws in self._book.worksheets):
            # openpyxl can write pictures and macros only once from one reading
            self._book = None

    def forget(self) -> None:
        """Drop unsaved edits."""
        self._book = self._stamp = None
        self._dirty = False
        self.serial += 1

    def before(self) -> Workbook | None:
        """Return the workbook as it was before our last run of writes, where it was kept."""
        path = files.backup_of(self.path)
        return parse(files.read(path, cap=package.CAP)[0], path) if path.exists() else None


def parse(data: bytes, path: Path) -> Workbook:
    """Read a workbook, formulas as formulas and rich text as such. Raises UserError."""
    package.check_archive(data, str(path))
    readable = package.guarded(data)
    with warnings.catch_warnings():
        # what openpyxl warns of here is refused, by name, before anything is written
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(
                io.BytesIO(readable), rich_text=True, keep_vba=path.suffix.lower() == ".xlsm", keep_links=True
            )
        except UNREADABLE as error:
            raise UserError(
                f"{path}: a workbook that cannot be read ({type(error).__name__})",
                hint="open it in Excel or LibreOffice and save it anew",
            ) from error
    if readable is not data:
        cells.restore_escapes(book)
    return book


def sheet_of(book: Workbook, name: str, path: Path) -> Worksheet:
    """Return a sheet of a workbook. Raises UserError with the nearest name where there is none."""
    for sheet in book.worksheets:
        if sheet.title == name:
            return sheet
    names = [sheet.title for sheet in book.worksheets]
    raise UserError(f'{path}: no sheet is called "{name}"', hint=nearest(name, names))
