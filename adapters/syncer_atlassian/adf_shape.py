"""Our document → what ADF would show of it: `degrade`, then lists as ADF has them, of tasks or of plain items. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from syncer.richtext.degrade import Grammar, degrade
from syncer.richtext.nodes import Document, Node
from syncer.richtext.normal import normal


def shape(document: Document, grammar: Grammar) -> Document:
    """Return what ADF would show of a document. Idempotent."""
    said = degrade(document, grammar)
    blocks = _all(said.content)
    return said if blocks is said.content else normal(Node("doc", tuple(blocks)))


def _all(blocks: Sequence[Node]) -> Sequence[Node]:
    """Reshape the lists among blocks and in them; the very same sequence where nothing is to do."""
    out: list[Node] = []
    for block in blocks:
        inner = _all(block.content) if block.content and block.type not in _LINES else block.content
        node = block if inner is block.content else replace(block, content=tuple(inner))
        out += _list(node) if node.type == "list" and any("done" in i.attrs for i in node.content) else (node,)
    return blocks if len(out) == len(blocks) and all(a is b for a, b in zip(out, blocks, strict=True)) else out


_LINES = frozenset({"paragraph", "heading", "code", "decision", "media"})


def _list(block: Node) -> Iterator[Node]:
    """A mixed list becomes lists in a row."""
    runs: list[list[Node]] = []
    for item in block.content:
        if runs and ("done" in runs[-1][0].attrs) == ("done" in item.attrs):
            runs[-1].append(item)
        else:
            runs.append([item])
    start = int(block.attrs.get("start", 1))
    for run in runs:
        if "done" in run[0].attrs:
            yield from _tasks(block, run)
        else:
            yield replace(block, content=tuple(run), attrs={"ordered": True, "start": start} if block.attrs else {})
        start += len(run)


def _tasks(block: Node, run: Sequence[Node]) -> Iterator[Node]:
    """A task holds one line and further tasks; any other block in it moves out, and divides the list."""
    items: list[Node] = []
    for item in run:
        nested: list[Node] = []
        out: list[Node] = []
        for child in _rest(item):
            (out if out or not _is_tasks(child) else nested).append(child)
        line = Node("paragraph", item.content[0].content if len(_rest(item)) < len(item.content) else ())
        same = len(item.content) == 1 + len(nested) and not out and item.content[0] == line
        items.append(item if same else replace(item, content=(line, *nested)))
        if out:
            yield replace(block, content=tuple(items), attrs={})
            yield from out
            items = []
    if items:
        same = len(items) == len(block.content) and all(a is b for a, b in zip(items, block.content, strict=True))
        yield block if same and not block.attrs else replace(block, content=tuple(items), attrs={})


def _is_tasks(block: Node) -> bool:
    return block.type == "list" and bool(block.content) and all("done" in i.attrs for i in block.content)


def _rest(item: Node) -> tuple[Node, ...]:
    return item.content[1:] if item.content and item.content[0].type == "paragraph" else item.content
