"""A person's names in what is kept: found, counted, taken out or replaced by a pseudonym that says nothing. Pure."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any

from syncer.store.rows import Value

PSEUDONYM = re.compile(r"person-[0-9a-f]{8}")
SHORT = 3
"""Letters that a word must have to be looked for inside of texts."""


def pseudonym() -> str:
    """Return a new pseudonym. It is drawn, not computed: nobody can find the name that it stands for."""
    return f"person-{secrets.token_hex(4)}"


def forgotten(value: Value) -> bool:
    """Say whether a value names somebody who was forgotten: such a value is never written anywhere."""
    return any(PSEUDONYM.fullmatch(text) for text in strings(value))


def strings(value: Value) -> Iterator[str]:
    """Yield every text of a JSON value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


class Words:
    """What one person is called: account ids, e-mail addresses and names, upper or lower case alike."""

    def __init__(self, words: Collection[str]) -> None:
        self.words = tuple(sorted({word.strip() for word in words if word.strip()}, key=lambda w: (-len(w), w)))
        self._folded = {word.casefold() for word in self.words}

    def named(self, text: str) -> bool:
        """Say whether a text is one of the person's names, and nothing else."""
        return text.strip().casefold() in self._folded

    def names(self, value: Value) -> bool:
        """Say whether a JSON value holds one of the person's names as a whole text."""
        return any(self.named(text) for text in strings(value))

    def mentions(self, value: Value) -> int:
        """Return how many texts of a JSON value mention the person among other words."""
        return sum(1 for text in strings(value) if not self.named(text) and self._inside.search(text))

    def maybe(self, raw: str | None) -> bool:
        """Say whether the person may be in a stored text at all: quick, and never wrong about a no."""
        return raw is not None and any(word in raw.casefold() for word in self._stored)

    def renamed(self, value: Value, name: str) -> Value:
        """Return a JSON value in which every text that is one of the person's names is `name`."""
        return _mapped(value, lambda text: name if self.named(text) else text)

    def reworded(self, value: Value, name: str) -> Value:
        """Return a JSON value in whose texts the person is called `name`, also among other words."""
        return _mapped(value, lambda text: name if self.named(text) else self._inside.sub(name, text))

    def without(self, value: Value) -> Value:
        """Return a value without the person: None where there is nothing else in it. What is no name stays."""
        if isinstance(value, str):
            return None if self.named(value) else value
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return [part for part in value if not self.named(part)] or None
        return value

    @cached_property
    def _stored(self) -> tuple[str, ...]:
        return tuple(json.dumps(word, ensure_ascii=False)[1:-1].casefold() for word in self.words)

    @cached_property
    def _inside(self) -> re.Pattern[str]:
        long = [re.escape(word) for word in self.words if len(word) >= SHORT]
        return re.compile(rf"(?<!\w)(?:{'|'.join(long)})(?!\w)" if long else r"(?!)", re.IGNORECASE)


def _mapped(value: Value, change: Any) -> Value:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [_mapped(part, change) for part in value]
    return value
