"""The normal form of each field type that is no document. Each raises ValueError, with a reason, for a wrong shape."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}")


def text(value: Any) -> str:
    """Return a string as it is."""
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {_kind(value)}")
    return value


def number(value: Any) -> int | float:
    """Return a number, an integral one as an integer."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"expected a number, found {_kind(value)}")
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number that can be kept")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def money(value: Any) -> dict[str, str]:
    """Return an amount without trailing zeros, and its currency."""
    if not isinstance(value, dict) or not isinstance(value.get("amount"), str):
        raise ValueError("money is an object with an amount, as text, and a currency")
    try:
        amount = Decimal(value["amount"])
    except InvalidOperation as problem:
        raise ValueError(f"{value['amount']!r} is no amount") from problem
    if not amount.is_finite():
        raise ValueError(f"{value['amount']!r} is no amount")
    shown = f"{amount:f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return {"amount": "0" if shown == "-0" else shown, "currency": text(value.get("currency") or "")}


def date_text(value: Any) -> str:
    """Return a calendar date as YYYY-MM-DD."""
    if not _DATE.match(text(value)):
        raise ValueError(f"{value!r} is no date (YYYY-MM-DD)")
    return date.fromisoformat(value).isoformat()


def instant(value: Any) -> str:
    """Return a moment in UTC, to the millisecond."""
    if not _INSTANT.match(text(value)):
        raise ValueError(f"{value!r} is no moment (YYYY-MM-DDTHH:MM:SSZ)")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} names no time zone")
    try:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError as problem:
        raise ValueError(f"{value!r} lies outside the calendar") from problem
    millis = moment.microsecond // 1000
    return moment.isoformat(timespec="milliseconds" if millis else "seconds") + "Z"


def period(value: Any) -> dict[str, str | None] | None:
    """Return a start and an end, each a date, a moment or None; None where both are."""
    if not isinstance(value, dict) or not value.keys() <= {"start", "end"}:
        raise ValueError("a period is an object with a start and an end")
    start, end = (_end(value.get(k)) for k in ("start", "end"))
    return {"start": start, "end": end} if start or end else None


def _end(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return date_text(value) if _DATE.match(text(value)) else instant(value)


def flag(value: Any) -> bool:
    """Return yes or no."""
    if not isinstance(value, bool):
        raise ValueError(f"expected yes or no, found {_kind(value)}")
    return value


def strings(value: Any) -> list[str] | None:
    """Return a set of strings: sorted, each once, empty ones left out."""
    if not isinstance(value, list | tuple | set | frozenset):
        raise ValueError(f"expected a list, found {_kind(value)}")
    return sorted({text(v) for v in value if v is not None and v != ""}) or None


def sequence(value: Any) -> list[dict[str, Any]] | None:
    """Return entries of a text and a tick; a plain string is an entry without a tick, an empty one is none."""
    entries = [_entry(v) for v in _listed(value)]
    return [e for e in entries if e["text"]] or None


def table(value: Any) -> list[dict[str, Any]] | None:
    """Return rows of plain cells; cells and rows that are empty are left out."""
    rows = [{text(k): _cell(v) for k, v in _row(r).items() if v is not None and v != ""} for r in _listed(value)]
    return [r for r in rows if r] or None


def _entry(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"text": value, "done": False}
    if not isinstance(value, dict) or not value.keys() <= {"text", "done"}:
        raise ValueError("an entry of a sequence is an object with a text and done")
    return {"text": text(value.get("text") or ""), "done": flag(value.get("done") or False)}


def _row(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"a row of a table is an object, found {_kind(value)}")
    return value


def _cell(value: Any) -> str | int | float | bool:
    simple: tuple[type, Callable[[Any], Any]]
    for simple in ((bool, flag), (str, text), (int, number), (float, number)):
        if isinstance(value, simple[0]):
            cell: str | int | float | bool = simple[1](value)
            return cell
    raise ValueError(f"a cell of a table is text, a number or a flag, found {_kind(value)}")


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"expected a list, found {_kind(value)}")
    return list(value)


def _kind(value: Any) -> str:
    names = {bool: "a flag", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)
