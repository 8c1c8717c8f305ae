"""The one normal form of a document, so that equal documents are equal values. Pure; invents or alters no character.

runs      adjacent texts with equal marks are one; no empty text; marks are a set in `Mark.key` order
lines     CRLF is LF, everywhere; nothing is trimmed, nothing else is replaced
code      one text, without marks
attrs     defaults and None are absent: list ordered=False, start=1, code language=""; a heading has a level
breaks    carry no marks
opaque    is left alone
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncer.richtext.nodes import Document, Mark, Node

_CRLF = re.compile("\r+\n")
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "list": {"ordered": False, "start": 1},
    "code": {"language": ""},
}
EMPTY = Node("paragraph")


def normal(node: Node) -> Node:
    """Return the normal form of a node and all below it. Idempotent."""
    if node.type == "opaque":
        return node if "inline" not in node.attrs or node.attrs["inline"] else _replace_attrs(node, "inline")
    if node.type == "text":
        return Node("text", (), node.attrs, _lines(node.text), marks(node.marks), node.extra)
    if node.type == "break":
        return Node("break", (), node.attrs, "", (), node.extra)
    if node.type == "code":
        return Node("code", _code(node), _attrs(node), "", (), node.extra)
    children = runs(normal(child) for child in node.content)
    return Node(node.type, children, _attrs(node), _lines(node.text), marks(node.marks), node.extra)


def same(a: Document, b: Document) -> bool:
    """Say whether two documents are equal, empty paragraphs at their ends left aside."""
    left, right = normal(a), normal(b)
    return left == right or trimmed(left).content == trimmed(right).content


def trimmed(document: Document) -> Document:
    """Return a document without the empty paragraphs at its end."""
    blocks = document.content
    while blocks and blocks[-1] == EMPTY:
        blocks = blocks[:-1]
    return Node(document.type, blocks, document.attrs, document.text, document.marks, document.extra)


def marks(found: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return marks as a set in one order, attributes that are None left out."""
    if not found:
        return ()
    clean = [
        Mark(m.type, {k: v for k, v in m.attrs.items() if v is not None}) if None in m.attrs.values() else m
        for m in found
    ]
    return tuple(m for _, m in sorted({m.key(): m for m in clean}.items()))


def runs(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Join adjacent texts of equal marks, and drop empty ones. The nodes are in normal form already."""
    out: list[Node] = []
    for node in nodes:
        if node.type != "text":
            out.append(node)
        elif node.text:
            if out and _joins(out[-1], node):
                last = out[-1]
                text = _lines(last.text + node.text)
                out[-1] = Node("text", (), last.attrs, text, last.marks, {**node.extra, **last.extra})
            else:
                out.append(node)
    return tuple(out)


def _joins(a: Node, b: Node) -> bool:
    return a.type == "text" and a.marks == b.marks and a.attrs == b.attrs


def _code(node: Node) -> tuple[Node, ...]:
    text = _lines(node.plain())
    return (Node("text", (), {}, text),) if text else ()


def _lines(text: str) -> str:
    return _CRLF.sub("\n", text) if "\r" in text else text


def _attrs(node: Node) -> Mapping[str, Any]:
    defaults = _DEFAULTS.get(node.type, {})
    attrs = {k: v for k, v in node.attrs.items() if v is not None and not (k in defaults and defaults[k] == v)}
    if node.type == "heading":
        attrs.setdefault("level", 1)
    if node.type == "list" and not attrs.get("ordered"):
        attrs.pop("start", None)
    return attrs


def _replace_attrs(node: Node, without: str) -> Node:
    attrs = {k: v for k, v in node.attrs.items() if k != without}
    return Node(node.type, node.content, attrs, node.text, node.marks, node.extra)
