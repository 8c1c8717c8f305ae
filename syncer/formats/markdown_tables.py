"""Tables of Markdown (GFM): one line a row, the first one is the head; a bar in a cell is escaped. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from syncer.richtext.nodes import Node
from syncer.richtext.tables import headed, simple

FORMAT = "markdown"
_DELIMITER = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\Z")
_BAR = re.compile(r"(?<!\\)\|")
_ALIGN = "align"

Inlines = Callable[[str], tuple[Node, ...]]


def begins(lines: Sequence[str], at: int) -> bool:
    """Say whether a table begins at a line."""
    if at + 1 >= len(lines) or "|" not in lines[at] or "|" not in lines[at + 1]:
        return False
    return bool(_DELIMITER.match(lines[at + 1])) and len(_cells(lines[at])) == len(_cells(lines[at + 1]))


def read_table(lines: Sequence[str], inlines: Inlines) -> Node | None:
    """Read a table from its lines; None where a row has more cells than the head, which no table could show."""
    wide = len(_cells(lines[0]))
    rows = [_cells(line) for line in (lines[0], *lines[2:])]
    if any(len(row) > wide for row in rows):
        return None
    made: list[Node] = []
    for r, row in enumerate(rows):
        texts = [*row, *[""] * (wide - len(row))]
        attrs = {"header": True} if r == 0 else {}
        cells = [Node("cell", (Node("paragraph", inlines(text.replace("\\|", "|"))),), attrs) for text in texts]
        made.append(Node("row", tuple(cells)))
    align = _cells(lines[1])
    aligned = {FORMAT: {_ALIGN: align}} if any(":" in mark for mark in align) else {}
    return Node("table", tuple(made), extra=aligned)


def _cells(line: str) -> list[str]:
    body = line.strip(" \t")
    parts = _BAR.split(body.removeprefix("|"))
    if len(parts) > 1 and not parts[-1].strip(" \t"):
        parts.pop()
    return [part.strip(" \t") for part in parts]


def fit(node: Node, _: str) -> Node | None:
    """Return a table as Markdown can show it, its first row as the head; None where it cannot. Others as they are."""
    if node.type != "table":
        return node
    return headed(node, top=True, left=False) if simple(node.content) else None


def write_table(node: Node, inlines: Callable[[Sequence[Node]], str]) -> str:
    """Write a table; the alignment of its columns as it was read."""
    rows = [[_cell(cell, inlines) for cell in row.content] for row in node.content]
    align = node.extra.get(FORMAT, {}).get(_ALIGN, ())
    marks = list(align) if len(align) == len(rows[0]) else ["---"] * len(rows[0])
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (rows[0], marks, *rows[1:]))


def _cell(cell: Node, inlines: Callable[[Sequence[Node]], str]) -> str:
    return "".join([inlines(block.content) for block in cell.content]).replace("|", "\\|")
