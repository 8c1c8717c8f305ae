"""CSV: the system, its settings, and one file as a connection with one collection."""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, Field, field_validator
from syncer_grid.adapter import GridAdapter
from syncer_grid.settings import GridSettings
from syncer_grid.wire import text

from syncer.adapter import NO_MEMORY, Adapter, Memory
from syncer.record import Account, CollectionInfo, Health
from syncer.transport import Transport
from syncer_csv.client import CsvTable
from syncer_csv.exports import settings_for


class CsvConnectionSettings(BaseModel, extra="forbid", frozen=True):
    """One CSV file."""

    path: Path = Field(description="The file, from the configuration's folder or absolute.")
    encoding: str = Field("utf-8", description="What the file is written in; a byte order mark outweighs it.")
    delimiter: str = Field("", max_length=1, description="Between the cells; found out from the header if not given.")
    archive: Path | None = Field(None, description="Where removed rows go; default NAME.archive.csv beside the file.")

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        try:
            codecs.lookup(encoding)
        except LookupError as error:
            raise ValueError(f"no encoding is called {encoding!r}; write it like utf-8 or cp1252") from error
        return encoding


class CsvSettings(GridSettings, frozen=True):
    """The rows of the file."""


class CsvConnection:
    """One file."""

    def __init__(self, settings: CsvConnectionSettings, transport: Transport) -> None:
        self.settings, self.transport = settings, transport
        self.path = settings.path.expanduser()
        self._tables: dict[int, CsvTable] = {}

    def check(self) -> Health:
        """See Connection."""
        table = self._table(1)
        grid = self.transport.exchange("check", table.load, read=True)
        writable = os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)
        return Health(
            account="",
            detail=f"{self.path.name}: {sum(not row.blank() for row in grid.rows)} rows",
            missing_permissions=() if writable or not self.transport.write else (f"write {self.path}",),
        )

    def people(self) -> Sequence[Account]:
        """See Connection: people are plain names."""
        return ()

    def collections(self) -> Sequence[CollectionInfo]:
        """See Connection."""
        grid = self.transport.exchange("collections", self._table(1).load, read=True)
        rows = sum(not row.blank() for row in grid.rows)
        cells = [[text(cell) for cell in row.cells] for row in grid.rows]
        return (CollectionInfo(self.path.stem, settings_for(grid.header, cells), rows),)

    def open(self, settings: CsvSettings, memory: Memory = NO_MEMORY) -> Adapter:
        """See Connection. A file is read as it is: there is nothing to remember."""
        return GridAdapter(self._table(settings.header_row), settings, self.transport)

    def close(self) -> None:
        """See Connection: nothing is held open between calls."""

    def _table(self, header_row: int) -> CsvTable:
        if header_row not in self._tables:
            how = self.settings
            beside = self.path.parent / f"{self.path.stem}.archive{self.path.suffix}"
            self._tables[header_row] = CsvTable(
                self.path,
                encoding=how.encoding,
                delimiter=how.delimiter,
                header_row=header_row,
                archive=how.archive.expanduser() if how.archive else beside,
            )
        return self._tables[header_row]


class CsvSystem:
    """CSV files."""

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "CSV file"
    ConnectionSettings: ClassVar[type[BaseModel]] = CsvConnectionSettings
    CollectionSettings: ClassVar[type[BaseModel]] = CsvSettings

    @staticmethod
    def connect(settings: CsvConnectionSettings, secrets: Mapping[str, str], transport: Transport) -> CsvConnection:
        """See System. A file needs no secrets."""
        del secrets
        return CsvConnection(settings, transport)
