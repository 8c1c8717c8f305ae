"""Several versions of a document, block beside block: which blocks are alike, and which differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncer.richtext.diff import align, key
from syncer.richtext.nodes import Document, Node

Cells = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What each version has in one place: a block, several new ones in a row, or nothing."""

    base: Cells
    cells: Mapping[str, Cells]

    @property
    def differs(self) -> bool:
        """Say whether the versions differ here."""
        return len({_keys(cells) for cells in self.cells.values()}) > 1

    @property
    def agreed(self) -> Cells | None:
        """Return what all say, or all that changed something; None where they disagree."""
        changed = {_keys(c): c for c in self.cells.values() if _keys(c) != _keys(self.base)}
        if not changed:
            return self.base
        return next(iter(changed.values())) if len(changed) == 1 else None


def columns(base: Document | None, versions: Mapping[str, Document]) -> list[Row]:
    """Put the versions' blocks side by side, along the base (along the first version where there is none)."""
    spine = base if base is not None else next(iter(versions.values()))
    blocks = spine.content
    beside: dict[str, list[Node | None]] = {}
    between: dict[str, list[list[Node]]] = {}
    for name, version in versions.items():
        beside[name], between[name] = _along(blocks, version.content)
    rows: list[Row] = []
    for place in range(len(blocks) + 1):
        new = {name: tuple(found[place]) for name, found in between.items()}
        if any(new.values()):
            rows.append(Row((), new))
        if place < len(blocks):
            cells = {name: _cell(found[place]) for name, found in beside.items()}
            rows.append(Row((blocks[place],), cells))
    return rows if base is not None else [Row((), row.cells) for row in rows]


def _along(blocks: Sequence[Node], version: Sequence[Node]) -> tuple[list[Node | None], list[list[Node]]]:
    """Return what a version has in the place of each block, and what is new before each (and at the end)."""
    beside: list[Node | None] = [None] * len(blocks)
    between: list[list[Node]] = [[] for _ in range(len(blocks) + 1)]
    last = 0
    for i, j in align(blocks, version):
        if i is not None:
            last = i + 1
            beside[i] = version[j] if j is not None else None
        elif j is not None:
            between[last].append(version[j])
    return beside, between


def _cell(node: Node | None) -> Cells:
    return () if node is None else (node,)


def _keys(cells: Cells) -> tuple[object, ...]:
    return tuple(key(node) for node in cells)
