"""A sheet as the shared code sees it: rows of cells under a header, whatever file they are kept in."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that is no value: a formula or an error. It is kept verbatim; `text` is as it stands in the file.

    `blank`: it shows nothing (the hidden part of a merged area).
    """

    kind: str
    text: str
    blank: bool = False

    @property
    def reason(self) -> str:
        """Say why the cell is neither read nor written."""
        return f"the cell holds {self.kind}: {self.text[:60]}"


Cell: TypeAlias = bool | int | float | str | date | datetime | Odd | None


@dataclass(slots=True)
class Row:
    """One row: its 1-based number in the file, and a cell for every column of the header."""

    number: int
    cells: list[Cell]

    def at(self, position: int) -> Cell:
        """Return the cell in a column (0-based); None beyond the row's end."""
        return self.cells[position] if position < len(self.cells) else None

    def blank(self) -> bool:
        """Say whether nothing is written in any cell."""
        return all(
            c is None or (isinstance(c, str) and not c.strip()) or (isinstance(c, Odd) and c.blank) for c in self.cells
        )


@dataclass(slots=True)
class Grid:
    """A sheet's content at one moment. `stamp` is equal exactly when the content is.

    `options` are the values that a column's cells are limited to, by position. Archived rows have their cells in the
    order of this header.
    """

    header: list[str]
    rows: list[Row]
    stamp: str
    archived: list[Row] = field(default_factory=list)
    options: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


class Table(Protocol):
    """A sheet in a file. Edits are made in memory and become visible, all or none, by `save`."""

    system: str
    title: str
    """What people call it: the sheet's or the file's name."""
    prefix: str
    """What makes an id a ref that is unique within the connection."""
    native: bool
    """Cells have types of their own; False where everything is text."""
    max_length: int
    """The most characters a cell can hold; 0 for no limit."""

    def locked(self) -> AbstractContextManager[None]:
        """Keep other threads and processes of ours out."""

    def stamp(self) -> str:
        """Return the stamp of the content as it is now, without making sense of it. Raises UserError."""

    def touched(self) -> str:
        """Return what changes whenever anybody writes the file, even what it held before."""

    def load(self) -> Grid:
        """Return the content, read again if the file changed. Raises UserError where it cannot be read."""

    def before(self) -> Grid | None:
        """Return the content before our last run of writes, where it was kept."""

    def available(self) -> None:
        """Raise UserError while another program has the file open."""

    def refuses(self, cell: Cell) -> str:
        """Return why the format cannot hold this value; "" where it can."""

    def shown(self, cell: Cell) -> Cell:
        """Return the value as it reads back once written."""

    def put(self, row: Row, cells: Mapping[int, Cell]) -> None:
        """Set some cells of a row."""

    def append(self, cells: Mapping[int, Cell]) -> int:
        """Add a row after the last one that holds anything; return its number."""

    def add_column(self, name: str) -> int:
        """Add a column after the last one; return its position."""

    def archive(self, row: Row) -> None:
        """Move a row to the archive."""

    def restore(self, row: Row) -> int:
        """Move an archived row back, after the last one; return its number."""

    def save(self) -> None:
        """Make the edits durable. Raises StaleError where the file changed since it was loaded; nothing is written."""

    def forget(self) -> None:
        """Drop unsaved edits."""
