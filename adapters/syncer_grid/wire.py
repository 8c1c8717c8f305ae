"""Cells ⇄ raw values, one pair of functions for each type a column can have. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from syncer.record import FieldType, Raw
from syncer_grid.settings import ColumnSettings
from syncer_grid.table import Cell, Odd

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
TICK = re.compile(r"\s*[-*]?\s*\[( |x|X)\]\s?(.*)", re.DOTALL)
SETS = frozenset({FieldType.SET, FieldType.PEOPLE, FieldType.REFERENCES})


class CannotError(ValueError):
    """The value has no counterpart on the other side, for the reason given."""


@dataclass(frozen=True, slots=True)
class How:
    """How a cell is written: what the settings say, whether cells have types, what the sheet's refs begin with."""

    said: ColumnSettings
    native: bool
    prefix: str


def text(cell: Cell) -> str:
    """Return a cell as text: what a person would type to get it."""
    match cell:
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case int():
            return str(cell)
        case float():
            return repr(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
        case datetime():
            midnight = not (cell.hour or cell.minute or cell.second or cell.microsecond)
            return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
        case date():
            return cell.isoformat()
        case Odd():
            return cell.text
        case str():
            return cell


def read(kind: FieldType, how: ColumnSettings, cell: Cell, prefix: str = "") -> Raw:
    """Return the raw value of one cell; None where it is blank. Raises CannotError where it is not of the type."""
    if isinstance(cell, Odd):
        raise CannotError(cell.reason)
    if cell is None or cell == "" or (kind is not FieldType.LINE and not text(cell).strip()):
        return None
    if kind in SETS:
        return members(kind, how, [cell], prefix)
    return _READ[kind](cell, How(how, True, prefix))


def members(kind: FieldType, how: ColumnSettings, cells: Sequence[Cell], prefix: str = "") -> Raw:
    """Return the elements written in one cell, separated, or in several cells, one each; sorted."""
    for cell in cells:
        if isinstance(cell, Odd):
            raise CannotError(cell.reason)
    parts = [text(c) for c in cells] if len(cells) > 1 else text(cells[0]).split(how.separator)
    lead = prefix if kind is FieldType.REFERENCES else ""
    found: list[Raw] = []
    found += sorted({lead + part.strip() for part in parts if part.strip()})
    return found or None


def write(kind: FieldType, how: ColumnSettings, raw: Raw, *, native: bool, was: Cell = None, prefix: str = "") -> Cell:
    """Return the cell that shows a raw value. Raises CannotError for a value that no cell can show.

    `was` is the cell as it stands: elements of a set keep their order in it.
    """
    if raw is None or raw == "" or raw == []:
        return None
    if kind in SETS:
        return _write_set(kind, how, raw, was, prefix)
    return _WRITE[kind](raw, How(how, native, prefix))


def spread(raw: Raw, cells: Sequence[Cell], name: str) -> list[Cell]:
    """Return the cells of joined columns that show a set: elements stay where they are, new ones fill the gaps."""
    wanted = [str(v) for v in raw] if isinstance(raw, list) else []
    kept = [c if text(c).strip() in wanted else None for c in cells]
    have = {text(c).strip() for c in kept if c is not None}
    fresh = [v for v in wanted if v not in have]
    gaps = [at for at, c in enumerate(kept) if c is None]
    if len(fresh) > len(gaps):
        raise CannotError(f'the sheet has {len(cells)} columns called "{name}", which hold no more than as many values')
    for at, value in zip(gaps, fresh, strict=False):
        kept[at] = value
    return kept


# reading


def _line(cell: Cell, _how: How) -> Raw:
    return text(cell)


def _word(cell: Cell, _how: How) -> Raw:
    return text(cell).strip()


def _ref(cell: Cell, how: How) -> Raw:
    return how.prefix + text(cell).strip()


def _number(cell: Cell, how: How) -> Raw:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53 else cell
    written = text(cell).strip()
    plain = written.replace(",", ".") if how.said.decimal == "," else written
    if isinstance(cell, bool | date) or not NUMBER.fullmatch(plain):
        raise CannotError(f"not a number: {written[:40]}")
    value = float(plain)
    if not math.isfinite(value):
        raise CannotError(f"not a number that can be kept: {written[:40]}")
    if re.fullmatch(r"[+-]?\d+", plain):
        return int(plain)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _money(cell: Cell, how: How) -> Raw:
    if isinstance(cell, bool | date):
        raise CannotError(f"not an amount: {text(cell)[:40]}")
    written = text(cell).strip()
    plain = written.replace(",", ".") if how.said.decimal == "," and isinstance(cell, str) else written
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise CannotError(f"not an amount: {written[:40]}") from None
    if not amount.is_finite():
        raise CannotError(f"not an amount: {written[:40]}")
    return {"amount": _plain(amount), "currency": how.said.currency}


def _plain(amount: Decimal) -> str:
    digits = format(amount, "f")
    return digits.rstrip("0").rstrip(".") or "0" if "." in digits else digits


def _date(cell: Cell, how: How) -> Raw:
    if isinstance(cell, datetime):
        if cell.hour or cell.minute or cell.second:
            raise CannotError(f"not a date but a time: {text(cell)}")
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    written = text(cell).strip()
    try:
        if how.said.format:
            return datetime.strptime(written, how.said.format).date().isoformat()
        return date.fromisoformat(written).isoformat()
    except ValueError:
        raise CannotError(f"not a date as {how.said.format or 'YYYY-MM-DD'}: {written[:40]}") from None


def _instant(cell: Cell, how: How) -> Raw:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime(cell.year, cell.month, cell.day)
    if not isinstance(cell, datetime):
        written = text(cell).strip()
        try:
            cell = datetime.strptime(written, how.said.format) if how.said.format else datetime.fromisoformat(written)
        except ValueError:
            raise CannotError(f"not a time as {how.said.format or 'YYYY-MM-DD HH:MM'}: {written[:40]}") from None
    aware = cell if cell.tzinfo else cell.replace(tzinfo=ZoneInfo(how.said.zone))
    try:
        moment = aware.astimezone(UTC)
    except OverflowError:
        raise CannotError(f"a time beyond the calendar: {text(cell)[:40]}") from None
    return _utc(moment)


def _utc(moment: datetime) -> str:
    fine = f".{moment.microsecond // 1000:03d}" if moment.microsecond >= 1000 else ""
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + fine + "Z"


def _flag(cell: Cell, how: How) -> Raw:
    if isinstance(cell, bool):
        return cell
    written = text(cell).strip()
    for value, word in ((True, how.said.yes), (False, how.said.no)):
        if written.casefold() == word.casefold():
            return value
    raise CannotError(f"neither {how.said.yes} nor {how.said.no}: {written[:40]}")


def _period(cell: Cell, _how: How) -> Raw:
    start, _, end = text(cell).strip().partition("/")
    bounds = []
    for bound in (start.strip(), end.strip()):
        try:
            bounds.append(date.fromisoformat(bound).isoformat() if bound else None)
        except ValueError:
            raise CannotError(f"not a period as YYYY-MM-DD/YYYY-MM-DD: {text(cell)[:40]}") from None
    if bounds[0] is None:
        raise CannotError(f"a period without a start: {text(cell)[:40]}")
    return {"start": bounds[0], "end": bounds[1]}


def _sequence(cell: Cell, _how: How) -> Raw:
    found: list[Raw] = []
    for line in text(cell).splitlines():
        if not line.strip():
            continue
        ticked = TICK.fullmatch(line)
        step: dict[str, Raw] = (
            {"text": ticked[2].strip(), "done": ticked[1] != " "} if ticked else {"text": line.strip(), "done": False}
        )
        found.append(step)
    return found or None


# writing


def _write_text(raw: Raw, _how: How) -> Cell:
    if not isinstance(raw, str):
        raise CannotError(f"text was expected, not {raw!r}")
    return raw


def _write_ref(raw: Raw, how: How) -> Cell:
    if not isinstance(raw, str) or not raw.startswith(how.prefix):
        raise CannotError("the row is in another sheet: a cell can only name one of the same sheet")
    return raw.removeprefix(how.prefix)


def _write_number(raw: Raw, how: How) -> Cell:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise CannotError(f"a number was expected, not {raw!r}")
    if how.native:
        return raw
    return text(raw).replace(".", how.said.decimal)


def _write_money(raw: Raw, how: How) -> Cell:
    if not isinstance(raw, dict):
        raise CannotError(f"an amount was expected, not {raw!r}")
    if raw.get("currency") != how.said.currency:
        raise CannotError(f"the column is in {how.said.currency}, the amount in {raw.get('currency')}")
    amount = str(raw.get("amount"))
    try:
        exact = float(amount)
    except ValueError:
        raise CannotError(f"an amount was expected, not {raw!r}") from None
    return exact if how.native else amount.replace(".", how.said.decimal)


def _write_date(raw: Raw, how: How) -> Cell:
    try:
        day = date.fromisoformat(str(raw))
    except ValueError:
        raise CannotError(f"a date was expected, not {raw!r}") from None
    if how.native and not how.said.format:
        return day
    return day.strftime(how.said.format) if how.said.format else day.isoformat()


def _write_instant(raw: Raw, how: How) -> Cell:
    try:
        local = datetime.fromisoformat(str(raw)).astimezone(ZoneInfo(how.said.zone)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise CannotError(f"a time was expected, not {raw!r}") from None
    if how.native and not how.said.format:
        return local
    return local.strftime(how.said.format) if how.said.format else local.isoformat(sep=" ")


def _write_flag(raw: Raw, how: How) -> Cell:
    if not isinstance(raw, bool):
        raise CannotError(f"yes or no was expected, not {raw!r}")
    return raw if how.native else (how.said.yes if raw else how.said.no)


def _write_period(raw: Raw, how: How) -> Cell:
    if not isinstance(raw, dict) or not raw.get("start"):
        raise CannotError(f"a period was expected, not {raw!r}")
    cell = f"{raw['start']}/{raw.get('end') or ''}"
    _period(cell, how)  # a bound with a time of day could not be read back
    return cell


def _write_sequence(raw: Raw, _how: How) -> Cell:
    lines = []
    for step in raw if isinstance(raw, list) else ():
        if not isinstance(step, dict):
            raise CannotError(f"a step was expected, not {step!r}")
        body = " ".join(str(step.get("text") or "").split())
        lines.append(f"[{'x' if step.get('done') else ' '}] {body}")
    return "\n".join(lines) or None


def _write_set(kind: FieldType, how: ColumnSettings, raw: Raw, was: Cell, prefix: str) -> Cell:
    if not isinstance(raw, list):
        raise CannotError(f"a set was expected, not {raw!r}")
    lead = prefix if kind is FieldType.REFERENCES else ""
    wanted = []
    for value in raw:
        word = str(value)
        if not word.startswith(lead):
            raise CannotError("the row is in another sheet: a cell can only name rows of the same sheet")
        word = word.removeprefix(lead).strip()
        if how.separator in word or not word:
            raise CannotError(f'"{word}" cannot be told apart in a cell whose separator is "{how.separator}"')
        wanted.append(word)
    shown = [part.strip() for part in text(was).split(how.separator)] if was is not None else []
    kept = [part for part in dict.fromkeys(shown) if part in wanted]
    fresh = [word for word in dict.fromkeys(wanted) if word not in kept]
    glue = how.separator if how.separator.endswith((" ", "\n")) else f"{how.separator} "
    return glue.join([*kept, *fresh])


Read = Callable[[Cell, How], Raw]
Write = Callable[[Raw, How], Cell]

_READ: Mapping[FieldType, Read] = {
    FieldType.LINE: _line,
    FieldType.DOCUMENT: _line,
    FieldType.URL: _word,
    FieldType.CHOICE: _word,
    FieldType.PERSON: _word,
    FieldType.REFERENCE: _ref,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.INSTANT: _instant,
    FieldType.FLAG: _flag,
    FieldType.PERIOD: _period,
    FieldType.SEQUENCE: _sequence,
}
_WRITE: Mapping[FieldType, Write] = {
    FieldType.LINE: _write_text,
    FieldType.DOCUMENT: _write_text,
    FieldType.URL: _write_text,
    FieldType.CHOICE: _write_text,
    FieldType.PERSON: _write_text,
    FieldType.REFERENCE: _write_ref,
    FieldType.NUMBER: _write_number,
    FieldType.MONEY: _write_money,
    FieldType.DATE: _write_date,
    FieldType.INSTANT: _write_instant,
    FieldType.FLAG: _write_flag,
    FieldType.PERIOD: _write_period,
    FieldType.SEQUENCE: _write_sequence,
}
