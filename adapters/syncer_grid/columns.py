"""From a header row to fields: unique names, declared and inferred types. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from syncer.errors import UserError
from syncer.record import FieldSpec, FieldType, Option
from syncer_grid.settings import ColumnSettings, GridSettings
from syncer_grid.table import Cell, Grid, Odd
from syncer_grid.wire import SETS, text

TEXTS = frozenset({FieldType.LINE, FieldType.DOCUMENT, FieldType.URL})
WORDS = 20
"""A column with no more different values than that shows them in its schema: a mapping can be proposed from them."""
WORD_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a sheet, and where its cells are: several positions where repeated columns are joined."""

    spec: FieldSpec
    positions: tuple[int, ...]
    how: ColumnSettings


def letters(position: int) -> str:
    """Return a column's name as spreadsheets show it: A, B, … Z, AA."""
    name, rest = "", position + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(65 + digit) + name
    return name


def place(title: str, header: Sequence[str], settings: GridSettings) -> dict[str, tuple[int, ...]]:
    """Return the positions of every named column. Raises UserError for two of one name, or none at all."""
    found: dict[str, list[int]] = {}
    for position, name in enumerate(header):
        if name:
            found.setdefault(name, []).append(position)
    if not found:
        raise UserError(
            f"{title}: row {settings.header_row} has no column names",
            hint="set `header_row` to the row that has them",
        )
    for name, positions in found.items():
        # the id must be one cell, even where other repeated columns may be joined
        if len(positions) > 1 and (settings.repeated == "error" or name == settings.id_column):
            raise UserError(
                f'{title}: columns {" and ".join(map(letters, positions))} are both called "{name}"',
                hint="rename one of them, or set `repeated: join` to read them as one set of values",
            )
    return {name: tuple(positions) for name, positions in found.items()}


def columns(title: str, grid: Grid, settings: GridSettings, *, native: bool, max_length: int) -> dict[str, Column]:
    """Return the fields of a sheet by name, the id column left out unless it is the sheet's own key.

    Raises UserError where the settings name a column that the sheet does not have.
    """
    placed = place(title, grid.header, settings)
    for name in settings.columns:
        if name not in placed:
            raise UserError(f'{title}: no column is called "{name}"', hint=nearest(name, placed))
    if settings.key_only and settings.id_column not in placed:
        hint = nearest(settings.id_column, placed)
        raise UserError(f'{title}: no column is called "{settings.id_column}"', hint=hint)
    found = {}
    for name, positions in placed.items():
        if name == settings.id_column and not settings.key_only:
            continue
        how = settings.columns.get(name) or _inferred(grid, positions, native=native)
        if len(positions) > 1 and FieldType(how.type) not in SETS and how.take != "last":
            raise UserError(
                f'{title}: "{name}" names {len(positions)} columns, which together cannot be a {how.type}',
                hint="declare it as `set` or `people`, say `take: last`, or leave its type out",
            )
        locked = settings.read_only or name == settings.id_column
        spec = _spec(name, how, grid, positions, locked=locked, max_length=max_length)
        found[name] = Column(spec, positions, how)
    return found


def nearest(name: str, names: Mapping[str, object] | Sequence[str]) -> str:
    """Return a hint with the nearest valid name, or all of them."""
    close = get_close_matches(name, list(names), n=1)
    return f'did you mean "{close[0]}"?' if close else "there are: " + ", ".join(f'"{n}"' for n in list(names)[:20])


def _inferred(grid: Grid, positions: tuple[int, ...], *, native: bool) -> ColumnSettings:
    if len(positions) > 1:
        return ColumnSettings(type="set")
    at = positions[0]
    if grid.options.get(at):
        return ColumnSettings(type="choice")
    cells = [cell for row in grid.rows if (cell := row.at(at)) is not None and not isinstance(cell, Odd)]
    if native and cells:
        if all(isinstance(c, bool) for c in cells):
            return ColumnSettings(type="flag")
        if all(isinstance(c, int | float) and not isinstance(c, bool) for c in cells):
            return ColumnSettings(type="number")
        if all(isinstance(c, date) for c in cells):
            return ColumnSettings(type="date" if all(_midnight(c) for c in cells) else "instant")
    return ColumnSettings()


def _midnight(cell: Cell) -> bool:
    return not isinstance(cell, datetime) or (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)


def _spec(
    name: str, how: ColumnSettings, grid: Grid, positions: tuple[int, ...], *, locked: bool, max_length: int
) -> FieldSpec:
    kind = FieldType(how.type)
    allowed = how.options or (grid.options.get(positions[0], ()) if len(positions) == 1 else ())
    written = [cell for row in grid.rows for at in positions if (cell := row.at(at)) is not None]
    computed = bool(written) and all(isinstance(cell, Odd) for cell in written)
    writable = how.writable and not locked and not computed and (len(positions) == 1 or how.take != "last")
    fixed = tuple(allowed) if kind in (FieldType.CHOICE, FieldType.SET) else ()
    seen = () if fixed or kind not in (FieldType.CHOICE, FieldType.LINE) else _words(written)
    return FieldSpec(
        id=name,
        name=name,
        type=kind,
        writable=writable,
        on_create=writable,
        required=how.required,
        options=tuple(Option(o, o) for o in fixed or seen),
        open_options=bool(seen),
        format=(how.format or "plain") if kind is FieldType.DOCUMENT else "",
        targets=("row",) if kind in (FieldType.REFERENCE, FieldType.REFERENCES) else (),
        max_length=max_length if kind in TEXTS else 0,
    )


def _words(written: Sequence[Cell]) -> tuple[str, ...]:
    """Return the different texts of a column where they are few and short, in the order they come; else nothing."""
    found: dict[str, None] = {}
    for cell in written:
        word = text(cell).strip()
        if len(word) > WORD_LENGTH or "\n" in word:
            return ()
        if word:
            found.setdefault(word)
        if len(found) > WORDS:
            return ()
    return tuple(found)
