"""Reads a value that a person typed, as the type of its field; a wrong one is refused with what is expected."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from syncer.errors import DocumentError, UserError
from syncer.formats.markdown import MarkdownCodec
from syncer.mapping.load import nearest
from syncer.mapping.rules import Value
from syncer.model import types
from syncer.record import FieldType as T

EXPECTED: Mapping[T, str] = {
    T.NUMBER: "a number, such as 3 or 2.5",
    T.MONEY: "an amount and a currency, such as 1200.50 EUR",
    T.DATE: "a date, such as 2026-11-30",
    T.INSTANT: "a moment with its zone, such as 2026-11-30T14:00Z",
    T.PERIOD: "a start and an end, such as 2026-11-01..2026-11-30 (one of them may be left out)",
    T.FLAG: "yes or no",
    T.TABLE: "rows, as JSON: [{…}, {…}]",
    T.SEQUENCE: "entries, a line each, ticked ones as `[x] …`; or a JSON list",
    T.DOCUMENT: "a text, in Markdown",
}
YES, NO = frozenset({"yes", "true", "on"}), frozenset({"no", "false", "off"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a value is read for.

    `choices`: the only values; empty where any will do. `people`: what people are called → their keys (names and
    e-mail addresses, in folded case). `item`: finds the item that a text means. Raises UserError.
    """

    name: str
    type: T
    choices: tuple[str, ...] = ()
    people: Mapping[str, Sequence[str]] = field(default_factory=dict)
    item: Callable[[str], str] | None = None


def typed(asked: Asked, text: str) -> Value:
    """Return a typed value in its normal form; empty text is absent. Raises UserError saying what is expected."""
    text = text.strip()
    if not text:
        return None
    try:
        return types.normal(asked.type, _read(asked, text))
    except (ValueError, OverflowError, DocumentError) as error:
        expected = EXPECTED.get(asked.type, str(asked.type))
        raise UserError(f"{asked.name} is a {asked.type}: {text!r} is none", hint=f"expected: {expected}") from error


def _read(asked: Asked, text: str) -> Value:
    if asked.type in _SAID:
        return _SAID[asked.type](text)
    return _MEANT[asked.type](asked, text) if asked.type in _MEANT else text


def _choice(asked: Asked, text: str) -> str:
    if not asked.choices:
        return text
    found = next((c for c in asked.choices if c.casefold() == text.casefold()), None)
    if found is None:
        raise UserError(f"{asked.name} cannot be {text!r}", hint=nearest(text, asked.choices))
    return found


def _money(text: str) -> dict[str, str]:
    found = re.fullmatch(r"(-?[\d.]+)\s*([A-Z]{3})", text)
    if found is None:
        raise ValueError("no amount and currency")
    return {"amount": found[1], "currency": found[2]}


def _period(text: str) -> dict[str, str | None]:
    start, dots, end = text.partition("..")
    if not dots:
        raise ValueError("no period")
    return {"start": start.strip() or None, "end": end.strip() or None}


def _flag(text: str) -> bool:
    if text.casefold() not in YES | NO:
        raise ValueError("neither yes nor no")
    return text.casefold() in YES


def _person(asked: Asked, text: str) -> str:
    """Return the key of the person a name or an e-mail address means."""
    folded = text.casefold()
    found = sorted(set(asked.people.get(folded, ())))
    if not found:
        found = sorted({key for word, keys in asked.people.items() if folded in word.split() for key in keys})
    if len(found) > 1:
        raise UserError(f"{len(found)} people are called {text!r}: {', '.join(found)}", hint="give the e-mail address")
    if not found:
        hint = f"expected: a name or an e-mail address. {nearest(text, asked.people)}"
        raise UserError(f"nobody is called {text!r}", hint=hint)
    return found[0]


def _item(asked: Asked, text: str) -> str:
    if asked.item is None:
        raise ValueError("no items are known")
    return asked.item(text)


def _items(asked: Asked, text: str) -> list[str]:
    """Return the items that a list of titles means; a title may hold a comma where it stands alone, or in JSON."""
    if not text.startswith("["):
        try:
            return [_item(asked, text)]
        except UserError:
            if "," not in text:
                raise
    return [_item(asked, one) for one in _elements(text)]


def _elements(text: str) -> list[str]:
    if text.startswith("["):
        return [str(one) for one in _listed(_json(text))]
    return [one.strip() for one in text.split(",") if one.strip()]


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("no list")
    return value


def entries(text: str) -> list[dict[str, Any]]:
    """Read the entries of a sequence, a line each: `- [x] ticked`, `[ ] not`, or the text alone."""
    found = []
    for line in text.splitlines():
        tick = re.match(r"\s*(?:[-*+]\s+)?\[([ xX])\]\s*", line)
        entry = line[tick.end() :] if tick else re.sub(r"^\s*[-*+]\s+", "", line)
        if entry.strip():
            found.append({"text": entry.strip(), "done": bool(tick and tick[1] in "xX")})
    return found


def _json(text: str) -> Any:
    return json.loads(text)


def _sequence(text: str) -> Any:
    return _json(text) if text.startswith(("[{", '["')) else entries(text)


def _number(text: str) -> int | float:
    return float(text) if re.search(r"[.eE]", text) else int(text)


_SAID: Mapping[T, Callable[[str], Value]] = {
    T.NUMBER: _number,
    T.MONEY: _money,
    T.DATE: lambda text: date.fromisoformat(text).isoformat(),
    T.INSTANT: lambda text: datetime.fromisoformat(text).isoformat(),
    T.PERIOD: _period,
    T.FLAG: _flag,
    T.SET: _elements,
    T.SEQUENCE: _sequence,
    T.TABLE: _json,
    T.DOCUMENT: lambda text: MarkdownCodec().decode(text).to_json(),
}
"""What stands for itself."""

_MEANT: Mapping[T, Callable[[Asked, str], Value]] = {
    T.CHOICE: _choice,
    T.PERSON: _person,
    T.REFERENCE: _item,
    T.PEOPLE: lambda asked, text: [_person(asked, one) for one in _elements(text)],
    T.REFERENCES: _items,
}
"""What means something that must be known."""
