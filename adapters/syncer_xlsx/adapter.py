"""XLSX: the system, its settings, and one workbook as a connection whose sheets are collections."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, Field
from syncer_grid.adapter import GridAdapter
from syncer_grid.settings import GridSettings

from syncer.adapter import NO_MEMORY, Adapter, Memory
from syncer.errors import UserError
from syncer.record import Account, CollectionInfo, Health
from syncer.transport import Transport
from syncer_xlsx.client import Book
from syncer_xlsx.table import FROM, XlsxTable


class XlsxConnectionSettings(BaseModel, extra="forbid", frozen=True):
    """One workbook."""

    path: Path = Field(description="The .xlsx or .xlsm file, from the configuration's folder or absolute.")
    lossy: bool = Field(
        False, description="True: write the workbook even where parts of it (slicers, pictures…) would be dropped."
    )


class XlsxSettings(GridSettings, frozen=True):
    """One sheet of the workbook."""

    sheet: str = Field(min_length=1, description="The sheet's name.")
    archive_sheet: str = Field("Archive", min_length=1, description="The sheet that removed rows move to.")


class XlsxConnection:
    """One workbook."""

    def __init__(self, settings: XlsxConnectionSettings, transport: Transport) -> None:
        self.transport = transport
        self.book = Book(settings.path.expanduser(), lossy=settings.lossy)

    def check(self) -> Health:
        """See Connection."""
        book = self.transport.exchange("check", self.book.load, read=True)
        path = self.book.path
        writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        return Health(
            account="",
            detail=f"{path.name}: sheets {', '.join(sheet.title for sheet in book.worksheets)}",
            notes=(f"writing would drop: {', '.join(self.book.losses)}",) if self.book.losses else (),
            missing_permissions=() if writable or not self.transport.write else (f"write {path}",),
        )

    def people(self) -> Sequence[Account]:
        """See Connection: people are plain names."""
        return ()

    def collections(self) -> Sequence[CollectionInfo]:
        """See Connection."""
        book = self.transport.exchange("collections", self.book.load, read=True)
        found = []
        for sheet in book.worksheets:
            table = XlsxTable(self.book, sheet.title, header_row=1, archive_sheet="Archive")
            grid = table.load()
            if grid.header and grid.header[0] != FROM:
                found.append(CollectionInfo(sheet.title, {"sheet": sheet.title}, len(grid.rows)))
        return found

    def open(self, settings: XlsxSettings, memory: Memory = NO_MEMORY) -> Adapter:
        """See Connection. A file is read as it is: there is nothing to remember."""
        if settings.sheet == settings.archive_sheet:
            raise UserError(
                f'the sheet "{settings.sheet}" cannot be its own archive', hint="set `archive_sheet` to another name"
            )
        table = XlsxTable(
            self.book, settings.sheet, header_row=settings.header_row, archive_sheet=settings.archive_sheet
        )
        return GridAdapter(table, settings, self.transport)

    def close(self) -> None:
        """See Connection: nothing is held open between calls."""
        self.book.forget()


class XlsxSystem:
    """Excel workbooks."""

    name: ClassVar[str] = "xlsx"
    title: ClassVar[str] = "Excel workbook"
    ConnectionSettings: ClassVar[type[BaseModel]] = XlsxConnectionSettings
    CollectionSettings: ClassVar[type[BaseModel]] = XlsxSettings

    @staticmethod
    def connect(settings: XlsxConnectionSettings, secrets: Mapping[str, str], transport: Transport) -> XlsxConnection:
        """See System. A file needs no secrets."""
        del secrets
        return XlsxConnection(settings, transport)
