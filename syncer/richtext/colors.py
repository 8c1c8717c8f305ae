"""Colours by name and as `#rrggbb`: what one format calls red, another writes as a number. Pure."""

from __future__ import annotations

import re

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
NAMED = {
    "black": "#000000", "white": "#ffffff", "gray": "#787774", "grey": "#787774", "brown": "#9f6b53",
    "orange": "#d9730d", "yellow": "#cb912f", "green": "#448361", "teal": "#008da6", "blue": "#337ea9",
    "purple": "#9065b0", "pink": "#c14c8a", "red": "#d44c47",
}  # fmt: skip


def as_hex(color: object) -> str | None:
    """Return a colour as `#rrggbb`, its letters as they were; None where it is none we know."""
    if not isinstance(color, str):
        return None
    if _HEX.fullmatch(color):
        return color if len(color) == 7 else "#" + "".join(c * 2 for c in color[1:])
    return NAMED.get(color.strip().lower())


def as_name(color: object, names: frozenset[str]) -> str | None:
    """Return which of these names a colour is, or comes nearest to; None where it is no colour."""
    if isinstance(color, str) and color.strip().lower() in names:
        return color.strip().lower()
    sought = as_hex(color)
    if sought is None:
        return None
    return min(sorted(names & NAMED.keys()), key=lambda name: _distance(NAMED[name], sought), default=None)


def _distance(a: str, b: str) -> int:
    return sum((int(a[k : k + 2], 16) - int(b[k : k + 2], 16)) ** 2 for k in (1, 3, 5))
