"""Fidelity notes: what a format does not say of a document, where, and what it says instead. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_PLACES = 3
"""Places named in a group."""

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing not said as it is: what, how it is shown instead, and its place (the way down from the root)."""

    what: str
    how: str
    where: Path


@dataclass(frozen=True, slots=True)
class Losses:
    """Equal losses of one document: how many, and the first few places."""

    what: str
    how: str
    count: int
    places: tuple[Path, ...]

    def __str__(self) -> str:
        """Return it as one line for people, blocks counted from 1."""
        blocks = list(dict.fromkeys(str(place[0] + 1) for place in self.places if place))
        more = ", …" if self.count > len(self.places) else ""
        where = f" (block {', '.join(blocks)}{more})" if blocks else ""
        return f"{self.what} × {self.count}: {self.how}{where}"


def grouped(losses: Iterable[Loss]) -> tuple[Losses, ...]:
    """Return equal losses as one, in the order of their first places."""
    found: dict[tuple[str, str], list[Path]] = {}
    for loss in losses:
        found.setdefault((loss.what, loss.how), []).append(loss.where)
    return tuple([Losses(what, how, len(at), tuple(at[:_PLACES])) for (what, how), at in found.items()])
