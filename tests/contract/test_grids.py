"""Workbooks and CSV files, held to the contract."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from syncer_csv.adapter import CsvSystem
from syncer_xlsx.adapter import XlsxSystem

from syncer.record import Raw
from syncer.testing.contract import AdapterContract, Bench

COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "Owner": {"type": "choice", "options": ["Ann", "Bob", "Cy"]},
    "Labels": {"type": "set"},
    "Effort": {"type": "number"},
    "Due": {"type": "date"},
    "Seen": {"type": "instant", "zone": "Asia/Tokyo"},
    "When": {"type": "period"},
    "Steps": {"type": "sequence"},
    "Price": {"type": "money"},
    "Live": {"type": "flag"},
    "Notes": {"type": "document"},
    "Who": {"type": "person"},
    "Team": {"type": "people"},
    "Parent": {"type": "reference"},
    "Goals": {"type": "references"},
    "Link": {"type": "url"},
}
HEADER = ["Title", *COLUMNS]


class GridBench(Bench):
    """A file in which people work with other programs than ours."""

    title = "Title"
    refused: Mapping[str, Raw] = {"Owner": "Eve", "Effort": "many"}

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write([HEADER])

    def read(self) -> list[list[Any]]:
        """Return the cells, header first."""
        raise NotImplementedError

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Save these cells."""
        raise NotImplementedError

    def add(self, title: str) -> None:
        self.write([*self.read(), [title]])

    def rename(self, title: str, to: str) -> None:
        self.write([[to, *row[1:]] if row[0] == title else row for row in self.read()])

    def remove(self, title: str) -> None:
        self.write([row for row in self.read() if row[0] != title])

    def truth(self) -> Mapping[str, Mapping[str, object]]:
        header, *rows = self.read()
        return {str(row[0]): dict(zip(header, row, strict=True)) for row in rows}

    def samples(self) -> Mapping[str, Sequence[Raw]]:
        sheet = "Roadmap"
        return {
            "Who": ["Zoë", "Ann Lee"],
            "Team": [["Ann Lee", "Zoë"], ["Zoë"]],
            "Parent": [f"{sheet}!a.b.c", f"{sheet}!a.b.d"] if self.system is XlsxSystem else ["a.b.c", "a.b.d"],
            "Goals": [[f"{sheet}!a.b.c", f"{sheet}!a.b.d"], [f"{sheet}!a.b.c"]]
            if self.system is XlsxSystem
            else [["a.b.c", "a.b.d"], ["a.b.c"]],
        }


class XlsxBench(GridBench):
    """One sheet of a workbook."""

    system = XlsxSystem

    def settings(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return {"path": self.path}, {"sheet": "Roadmap", "columns": COLUMNS}

    def nowhere(self) -> Mapping[str, Any]:
        return {"sheet": "Nowhere"}

    def read(self) -> list[list[Any]]:
        sheet = openpyxl.load_workbook(self.path)["Roadmap"]
        return [
            [cell.value for cell in row] for row in sheet.iter_rows() if any(cell.value is not None for cell in row)
        ]

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        book = openpyxl.load_workbook(self.path) if self.path.exists() else openpyxl.Workbook()
        if "Roadmap" in book.sheetnames:
            del book["Roadmap"]
        sheet = book.create_sheet("Roadmap", 0)
        for row in rows:
            sheet.append(list(row))
        book.save(self.path)


class CsvBench(GridBench):
    """One CSV file."""

    system = CsvSystem

    def settings(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return {"path": self.path}, {"columns": COLUMNS}

    def read(self) -> list[list[Any]]:
        with self.path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        return [row + [""] * (len(rows[0]) - len(row)) for row in rows]

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        with self.path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)


class TestXlsx(AdapterContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return XlsxBench(tmp_path / "road map.xlsx")


class TestCsv(AdapterContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return CsvBench(tmp_path / "road map.csv")
