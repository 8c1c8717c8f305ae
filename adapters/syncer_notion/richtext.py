"""Rich text in Notion's form: its plain text, and plain text as runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

RUN = 2000
"""UTF-16 units in one run (Notion request limits, 2026)."""
RUNS = 100
"""Runs in one array (ditto)."""


def units(text: str) -> int:
    """Return the length as Notion counts: in UTF-16 units."""
    return len(text) + sum(char > "\uffff" for char in text)


def pieces(text: str, limit: int = RUN) -> Iterator[str]:
    """Cut a text into pieces of at most `limit` UTF-16 units; no character is cut in two."""
    start = held = 0
    for at, char in enumerate(text):
        width = 2 if char > "\uffff" else 1
        if held + width > limit:
            yield text[start:at]
            start, held = at, 0
        held += width
    if start < len(text):
        yield text[start:]


def runs(text: str) -> list[dict[str, Any]]:
    """Return plain text as runs of a request."""
    return [{"type": "text", "text": {"content": piece}} for piece in pieces(text)]


def plain(items: Iterable[Mapping[str, Any]]) -> str:
    """Return the text of runs, without marks."""
    return "".join(_plain(item) for item in items)


def _plain(item: Mapping[str, Any]) -> str:
    if "plain_text" in item:
        return str(item["plain_text"])
    kind = item.get("type", "text")
    held = item.get(kind) or {}
    return str(held.get("content", held.get("expression", "")))
