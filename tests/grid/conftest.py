"""Sheets to test with: the same rows as a workbook and as a CSV file, opened through the real systems."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from syncer_csv.adapter import CsvSystem
from syncer_grid.adapter import GridAdapter
from syncer_xlsx.adapter import XlsxSystem

from syncer.transport import Transport

ROWS = (
    ("Title", "Owner", "Notes"),
    ("Search", "Ann", "first"),
    ("Import", "Bob", None),
    ("Export", None, "third"),
)


@dataclass
class Place:
    """One file, what people do to it, and how we open it."""

    kind: str
    path: Path

    def open(self, *, write: bool = True, connection: Any = None, **settings: Any) -> GridAdapter:
        system: Any = XlsxSystem if self.kind == "xlsx" else CsvSystem
        if self.kind == "xlsx":
            settings = {"sheet": "Roadmap", **settings}
        made = system.connect(
            system.ConnectionSettings(path=self.path, **(connection or {})),
            {},
            Transport(name="files", write=write, attempts=1),
        )
        adapter = made.open(system.CollectionSettings(**settings))
        assert isinstance(adapter, GridAdapter)
        return adapter

    def rows(self) -> list[list[Any]]:
        """What a person sees, header first."""
        if self.kind == "xlsx":
            sheet = openpyxl.load_workbook(self.path)["Roadmap"]
            return [[cell.value for cell in row] for row in sheet.iter_rows()]
        with self.path.open(encoding="utf-8", newline="") as file:
            rows = [[cell or None for cell in row] for row in csv.reader(file)]
        width = max(map(len, rows))
        return [row + [None] * (width - len(row)) for row in rows]

    def rewrite(self, rows: Sequence[Sequence[Any]]) -> None:
        """A person saves the sheet with these rows, header first."""
        if self.kind == "xlsx":
            book = openpyxl.load_workbook(self.path) if self.path.exists() else openpyxl.Workbook()
            if "Roadmap" in book.sheetnames:
                del book["Roadmap"]
            sheet = book.create_sheet("Roadmap", 0)
            for row in rows:
                sheet.append(list(row))
            book.save(self.path)
            return
        with self.path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["" if c is None else c for c in row] for row in rows])


@pytest.fixture(params=["xlsx", "csv"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    made = Place(request.param, tmp_path / f"road map.{request.param}")
    made.rewrite(ROWS)
    return made


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Place]:
    def build(kind: str, rows: Sequence[Sequence[Any]] = ROWS) -> Place:
        made = Place(kind, tmp_path / f"file.{kind}")
        made.rewrite(rows)
        return made

    return build
