"""Converters for a value that lives in a field made for more: a line in a rich text, a yes in a set of options, an
amount of money in a plain number. Pure, and never raises on a raw value.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from syncer.errors import DocumentError
from syncer.mapping.convert import Rule, Text
from syncer.mapping.rules import CannotSay, Names, Reading, Value
from syncer.model import types
from syncer.record import Raw
from syncer.richtext.nodes import Node, doc


@dataclass(frozen=True)
class Words(Text):
    """A line in a rich text: the text holds one paragraph. One that holds more is unreadable, and nothing is lost."""

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        if raw in (None, "", []):
            return Reading(None)
        try:
            document = self._codec.decode(raw)
        except DocumentError as error:
            return Reading(unreadable=error.message)
        if len(document.content) > 1 or any(b.type not in ("paragraph", "heading") for b in document.content):
            return Reading(unreadable="it holds more than one line")
        return Reading(self.normal(" ".join(document.plain().split()) or None))

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule."""
        reading = self.read(raw, names)
        return not reading.unreadable and types.equal(self.type, reading.value, value)

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        if self.fits(shown, value, names):
            return shown
        if (why := self.read(shown, names).unreadable) or value is None:
            return CannotSay(why) if why else None
        line = doc(Node("paragraph", (Node("text", text=str(value)),)))
        if shown in (None, "", []):
            return self._codec.encode(line)
        return self._codec.patch(shown, self._codec.decode(shown), line)

    def shown(self, value: Value) -> Value:
        """See FieldRule."""
        return value


@dataclass(frozen=True)
class Tick(Rule):
    """A yes that is an option among others (Jira's "Flagged: Impediment"). The other options stay as they are."""

    option: str = ""

    def details(self) -> list[Any]:
        """See Rule."""
        return [self.option]

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        ticked = isinstance(raw, list) and self.option in raw
        return Reading(True if ticked else None, exact=ticked)

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule: where there is no tick, the side says no, or nothing."""
        return (self.read(raw, names).value is True) == (value is True)

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        if self.fits(shown, value, names):
            return shown
        others = {str(part) for part in shown if part != self.option} if isinstance(shown, list) else set()
        return [*sorted(others | {self.option} if value is True else others)] or None


@dataclass(frozen=True)
class Amount(Rule):
    """Money in a plain number: the mapping says the currency."""

    currency: str = ""

    def details(self) -> list[Any]:
        """See Rule."""
        return [self.currency]

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        if raw in (None, "", []):
            return Reading(None)
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            return Reading(unreadable=f"{raw!r} is no amount")
        try:
            return Reading(self.normal({"amount": f"{Decimal(str(raw)):f}", "currency": self.currency}))
        except (ValueError, InvalidOperation) as error:
            return Reading(unreadable=str(error))

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule."""
        reading = self.read(raw, names)
        return not reading.unreadable and types.equal(self.type, reading.value, value)

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        if self.fits(shown, value, names):
            return shown
        if value is None:
            return self.spec.absent_shows
        if value["currency"] != self.currency:
            return CannotSay(f"it is in {value['currency'] or 'no currency'}, and the number there in {self.currency}")
        amount = Decimal(value["amount"])
        raw: Raw = int(amount) if amount == amount.to_integral_value() else float(amount)
        return raw if self.fits(raw, value, names) else CannotSay("the number there is not precise enough")
