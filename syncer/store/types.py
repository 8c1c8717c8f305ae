"""Column types that keep the tables portable: JSON, instants and words, all as text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from syncer.record import canonical_json


class UnreadableError(ValueError):
    """What stands in the file is nothing that was ever put there."""


class Json(TypeDecorator[Any]):
    """Any JSON value, as canonical text; Python None is SQL NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Return the text to store."""
        if value is None:
            return None
        text = canonical_json(value)
        try:
            text.encode()
        except UnicodeEncodeError:  # half a surrogate pair: databases refuse it as a letter, not as an escape
            return json.dumps(value, sort_keys=True, separators=(",", ":"))
        return text

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Return the value that was stored."""
        try:
            return None if value is None else json.loads(value)
        except ValueError as error:
            raise UnreadableError("a value is no JSON") from error


moment = datetime.fromisoformat
"""Reads the text of an `Instant`."""


class Instant(TypeDecorator[datetime]):
    """A point in time, as ISO text in UTC with microseconds: it sorts as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> str | None:
        """Return the text to store; a time without a zone is a bug of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must have a zone")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, _dialect: Dialect) -> datetime | None:
        """Return the time that was stored."""
        try:
            return None if value is None else moment(value)
        except ValueError as error:
            raise UnreadableError("a time is none") from error


class Prose(TypeDecorator[str]):
    """Words from outside, shown to people and never compared: what no database accepts is replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return the text to store."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


class Word(TypeDecorator[StrEnum]):
    """A member of an enumeration, as its word."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words
        self._members = {str(word): word for word in words}

    def process_bind_param(self, value: StrEnum | str | None, _dialect: Dialect) -> str | None:
        """Return the word; ValueError where it is none of them."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> StrEnum | None:
        """Return the member."""
        try:
            return None if value is None else self._members[value]
        except KeyError as error:
            raise UnreadableError("a word is none that is known") from error
