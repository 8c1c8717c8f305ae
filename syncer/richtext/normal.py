"""The one normal form of a document, so that equal documents are equal values. Pure; invents or alters no character.

runs      adjacent texts with equal marks are one; no empty text; marks are a set in `Mark.key` order
lines     CRLF is LF, everywhere; nothing is trimmed, nothing else is replaced
code      one text, without marks
attrs     defaults, None and empty texts are absent (a list's ordered=False, start=1 …); a heading has a level
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
    "paragraph": {"align": "start", "indent": 0},
    "heading": {"align": "start", "indent": 0},
    "list": {"ordered": False, "start": 1},
    "decision": {"state": ""},
    "code": {"language": "", "title": ""},
    "table": {"numbered": False, "widths": ()},
    "cell": {"header": False, "colspan": 1, "rowspan": 1, "background": ""},
    "panel": {"icon": "", "color": "", "title": ""},
    "expand": {"title": ""},
    "tab": {"title": ""},
    "media": {"alt": "", "layout": "center", "inline": False},
    "synced": {"origin": False},
    "macro": {"family": "", "inline": False},
    "body": {"name": "", "plain": False},
    "equation": {"inline": False},
    "html": {"inline": False},
    "status": {"color": ""},
}
EMPTY = Node("paragraph")


def normal(node: Node) -> Node:
    """Return the normal form of a node and all below it. Idempotent."""
    kind = node.type
    if kind == "text":
        return Node("text", (), node.attrs, _lines(node.text), marks(node.marks), node.extra)
    if kind == "opaque":
        return node if "inline" not in node.attrs or node.attrs["inline"] else _replace_attrs(node, "inline")
    if kind in ("break", "soft"):
        return Node(kind, (), node.attrs, "", (), node.extra)
    if kind == "code" or (kind == "body" and node.attrs.get("plain")):
        return Node(kind, _code(node), _attrs(node), "", (), node.extra)
    children = runs([normal(child) for child in node.content]) if node.content else ()
    text = _lines(node.text) if node.text else ""
    return Node(kind, children, _attrs(node), text, marks(node.marks), node.extra)


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
        Mark(m.type, {k: v for k, v in m.attrs.items() if v is not None}, m.extra) if None in m.attrs.values() else m
        for m in found
    ]
    if len(clean) == 1:
        return (clean[0],)
    found_keys = {m.key(): m for m in clean}
    return tuple([found_keys[k] for k in sorted(found_keys)])


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
    if "widths" in attrs:
        attrs["widths"] = list(attrs["widths"])
        if not attrs["widths"]:
            del attrs["widths"]
    if node.type == "heading":
        attrs.setdefault("level", 1)
    if node.type == "list" and not attrs.get("ordered"):
        attrs.pop("start", None)
    return attrs


def _replace_attrs(node: Node, without: str) -> Node:
    attrs = {k: v for k, v in node.attrs.items() if k != without}
    return Node(node.type, node.content, attrs, node.text, node.marks, node.extra)
