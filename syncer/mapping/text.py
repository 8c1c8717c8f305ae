"""How a single value is parsed from, and said in, a record field of another type. Pure."""

from __future__ import annotations

import re
from typing import Any

from syncer.record import FieldType, Raw

T = FieldType
_ENTRY = re.compile(r"^\s*(?:[-*]\s*)?(?:\[([ xX])\]\s*)?(.*?)\s*$")
_YES = {"yes", "true", "x", "1", "y"}
_NO = {"no", "false", "0", "n"}
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse(kind: FieldType, record_type: FieldType, raw: Raw, part: str) -> Any:
    """Return the value of an item field of type `kind` that a raw value of a record type says. Raises ValueError."""
    if record_type is T.PERIOD and kind in (T.DATE, T.INSTANT):
        if not isinstance(raw, dict):
            raise ValueError("it has no start and end")
        found = raw.get(part or "start")
        return None if found is None else str(found)[:10] if kind is T.DATE else found
    if kind is T.PERIOD and record_type in (T.DATE, T.INSTANT):
        return {"start": raw, "end": None}
    if record_type is T.INSTANT and kind is T.DATE:
        return str(raw)[:10]
    if not isinstance(raw, str) or kind is record_type:
        return str(raw) if kind in (T.LINE, T.URL) and not isinstance(raw, str | list | dict) else raw
    return _from_text(kind, raw)


def _from_text(kind: FieldType, raw: str) -> Any:
    said = raw.strip()
    match kind:
        case T.NUMBER:
            if not _NUMBER.fullmatch(said):
                raise ValueError("it is not a number")
            return float(said) if "." in said else int(said)
        case T.FLAG:
            if said.lower() not in _YES | _NO:
                raise ValueError("say yes or no")
            return said.lower() in _YES
        case T.DATE:
            if not _DAY.match(said):
                raise ValueError("a date is written 2026-11-25")
            return said[:10]
        case T.SEQUENCE:
            entries = [_ENTRY.match(line) for line in raw.splitlines() if line.strip()]
            return [{"text": m.group(2), "done": (m.group(1) or " ") in "xX"} for m in entries if m and m.group(2)]
        case T.MONEY:
            amount, _, currency = said.partition(" ")
            return {"amount": amount, "currency": currency.strip()}
        case _:
            return raw


def say(kind: FieldType, record_type: FieldType, value: Any, shown: Raw, part: str, pair: bool = False) -> Raw:
    """Return the raw value that says `value`, keeping the other part of a period. Raises ValueError."""
    if record_type is T.PERIOD and kind in (T.DATE, T.INSTANT):
        return _part(value, shown, part or "start", pair)
    if kind is T.PERIOD and record_type in (T.DATE, T.INSTANT):
        if value is not None and value.get("end"):
            raise ValueError("there is room for a start only")
        return value["start"] if value else None
    if kind is record_type or value is None:
        return value  # type: ignore[no-any-return]  # a canonical value is JSON, as a raw value is
    if record_type in (T.LINE, T.URL):
        return _in_text(kind, value)
    if record_type is T.NUMBER and kind in (T.LINE, T.URL):
        return float(value) if "." in value else int(value)
    if record_type is T.INSTANT and kind is T.DATE:
        return f"{value}T00:00:00Z"
    raise ValueError(f"a {kind} cannot be said in a {record_type}")


def _part(value: Any, shown: Raw, part: str, pair: bool) -> Raw:
    have = dict(shown) if isinstance(shown, dict) else {}
    period: dict[str, Raw] = {"start": have.get("start"), "end": have.get("end"), part: value}
    if period["start"] is None and period["end"] is None:
        return None
    if not pair and part == "start" and value is None:
        return None
    one_day = have.get("start") is not None and have.get("start") == have.get("end")
    if period["start"] is None or (pair and part == "end" and one_day):
        # No system shows an end without a start: one day stands for "due only".
        period["start"] = period["end"]
    return period if period["start"] is not None else None


def _in_text(kind: FieldType, value: Any) -> str:
    match kind:
        case T.FLAG:
            return "yes" if value else "no"
        case T.SEQUENCE:
            return "\n".join(f"- [{'x' if e.get('done') else ' '}] {e['text']}" for e in value)
        case T.MONEY:
            return f"{value['amount']} {value['currency']}".strip()
        case T.TABLE | T.PERIOD:
            raise ValueError(f"a {kind} cannot be said in a line")
        case _:
            return str(value)
