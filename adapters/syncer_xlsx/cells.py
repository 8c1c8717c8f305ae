"""openpyxl's cells ⇄ ours: text stays text, dates stay dates, formulas and errors stay untouched."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl.cell.cell import MergedCell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.workbook.workbook import Workbook
from syncer_grid.table import Cell, Odd

LONGEST = 32_767
"""Characters in a cell, in UTF-16 units (Excel specifications and limits, 2026); openpyxl cuts the rest silently."""
LARGEST = 9.99e307
"""Excel's largest number, in short (Excel specifications and limits, 2026)."""
FIRST_DAY = date(1900, 3, 1)
"""Excel's calendar has a 29 February 1900 that never was: earlier days differ between programs."""
FIRST_DAY_1904 = date(1904, 1, 2)
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LOOKS_LIKE_A_VALUE = re.compile(r"\s*[=+\-@.\d(]|\s*(TRUE|FALSE)\s*$", re.IGNORECASE)


def value(cell: Any) -> Cell:
    """Return what a cell of openpyxl holds."""
    if isinstance(cell, MergedCell):
        return Odd("the hidden part of a merged area", cell.coordinate, blank=True)
    held = cell.value
    if held is None:
        return None
    if cell.data_type == "f":
        return Odd("a formula", formula(held))
    if cell.data_type == "e":
        return Odd("an error", str(held))
    if isinstance(held, str | CellRichText):
        return unescape(str(held)) or None
    if isinstance(held, bool | int | float | date):
        return held
    if isinstance(held, time):
        return held.isoformat()
    return str(held) if isinstance(held, timedelta) else Odd("something unknown", type(held).__name__)


def formula(held: Any) -> str:
    """Return the text of a formula, whichever kind it is."""
    return str(getattr(held, "text", None) or getattr(held, "ref", None) or held)


def put(cell: Any, new: Cell) -> None:
    """Set a cell, its format kept where it still suits."""
    if isinstance(new, str):
        _put_text(cell, new)
        return
    if isinstance(new, Odd):
        raise TypeError("formulas are moved, never written")
    if new is not None and not isinstance(new, date) and cell.is_date:
        # a number in a cell formatted as a date would read back as a date
        cell.number_format = "General"
    cell.value = shown(new)


def refusal(new: Cell, *, epoch_1904: bool) -> str:
    """Return why a cell cannot hold a value; "" where it can."""
    if isinstance(new, str):
        return _text_refusal(new)
    if isinstance(new, int) and not isinstance(new, bool) and not _keeps(new):
        return f"a number of more than 15 digits would be rounded: {new}"
    if isinstance(new, float) and abs(new) > LARGEST:
        return f"a workbook's numbers end at {LARGEST}"
    if isinstance(new, date):
        day = new.date() if isinstance(new, datetime) else new
        first = FIRST_DAY_1904 if epoch_1904 else FIRST_DAY
        if day < first:
            return f"a workbook's calendar starts on {first.isoformat()}: {day.isoformat()}"
    return ""


def shown(new: Cell) -> Cell:
    """Return a value as it reads back."""
    if isinstance(new, str):
        return new or None
    if isinstance(new, float):
        # openpyxl writes 16 digits
        near = float(f"{new:.16g}")
        return int(near) if near.is_integer() and abs(near) < 1e16 else near
    if isinstance(new, datetime):
        return _milliseconds(new)
    return datetime(new.year, new.month, new.day) if isinstance(new, date) else new


def escape(text: str) -> str:
    """Return text as a workbook keeps it: a carriage return, and what would read as an escape, are escaped."""
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text).replace("\r", "_x000D_")


def restore_escapes(book: Workbook) -> None:
    """Give escaped underscores their usual spelling again, after `package.guarded` changed it for the reading."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                held: Any = cell.value
                if isinstance(held, str) and "_x005f_" in held:
                    kind = cell.data_type
                    cell.value = held.replace("_x005f_", "_x005F_")
                    cell.data_type = kind


def unescape(text: str) -> str:
    """Return the text that a workbook's string stands for."""
    return ESCAPE.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def _put_text(cell: Any, new: str) -> None:
    old = cell.value
    cell.value = escape(new)
    # "=1+1" and "#N/A" must stay text whatever openpyxl guesses
    cell.data_type = "s"
    if cell.number_format == "General" and LOOKS_LIKE_A_VALUE.match(new):
        # so that Excel does not convert it when a person opens the cell and leaves it
        cell.number_format = "@"
    if cell.hyperlink is not None and cell.hyperlink.target == old:
        cell.hyperlink.target = new


def _text_refusal(new: str) -> str:
    if bad := FORBIDDEN.search(new):
        return f"a workbook cannot hold the character U+{ord(bad[0]):04X}"
    units = max(len(new.encode("utf-16-le")) // 2, len(escape(new)))
    return f"{units:,} characters; a cell holds {LONGEST:,} at most" if units > LONGEST else ""


def _keeps(number: int) -> bool:
    return abs(number) < 10**15 or (abs(number) < 10**300 and int(float(f"{number:.15g}")) == number)


def _milliseconds(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    try:
        return whole + timedelta(milliseconds=round(moment.microsecond / 1000))
    except OverflowError:
        return whole
