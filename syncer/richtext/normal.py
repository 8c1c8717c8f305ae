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
    """Return the normal form of a node and all below it: the very same node where it is that. Idempotent."""
    kind = node.type
    if kind == "text":
        found = marks(node.marks) if node.marks else ()
        if found is node.marks and "\r" not in node.text:
            return node
        return Node("text", (), node.attrs, _lines(node.text), found, node.extra)
    if kind == "opaque":
        return node if "inline" not in node.attrs or node.attrs["inline"] else _replace_attrs(node, "inline")
    if kind in ("break", "soft"):
        return Node(kind, (), node.attrs, "", (), node.extra) if node.marks else node
    if kind == "code" or (kind == "body" and node.attrs.get("plain")):
        return Node(kind, _code(node), _attrs(node), "", (), node.extra)
    children = _children(node.content) if node.content else ()
    text = _lines(node.text) if node.text else ""
    attrs = _attrs(node) if node.attrs or kind == "heading" else node.attrs
    found = marks(node.marks) if node.marks else ()
    if children is node.content and attrs is node.attrs and found is node.marks and text == node.text:
        return node
    return Node(kind, children, attrs, text, found, node.extra)


def _children(content: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return the children in normal form, runs joined; the very same tuple where they are that."""
    made = [normal(child) for child in content]
    before: Node | None = None
    same = True
    for child, new in zip(content, made, strict=True):
        if child is not new:
            same = False
        if new.type == "text":
            if not new.text or (before is not None and _joins(before, new)):
                return runs(made)
            before = new
        else:
            before = None
    return content if same else tuple(made)


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


def marks(some: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return marks as a set in one order, attributes that are None left out; the very same tuple if they are that."""
    found = tuple(some)
    if not found or (len(found) == 1 and (not found[0].attrs or None not in found[0].attrs.values())):
        return found
    clean = [
        Mark(m.type, {k: v for k, v in m.attrs.items() if v is not None}, m.extra) if None in m.attrs.values() else m
        for m in found
    ]
    by_key = {m.key(): m for m in clean}
    ordered = tuple([by_key[k] for k in sorted(by_key)])
    same = len(ordered) == len(found) and all(a is b for a, b in zip(ordered, found, strict=True))
    return found if same else ordered


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


_NONE: Mapping[str, Any] = {}


def _said(node: Node, defaults: Mapping[str, Any]) -> bool:
    """Say whether the attributes are in normal form already."""
    if node.type == "heading" and "level" not in node.attrs:
        return False
    return all(v is not None and not (k in defaults and defaults[k] == v) for k, v in node.attrs.items())


def _attrs(node: Node) -> Mapping[str, Any]:
    defaults = _DEFAULTS.get(node.type, _NONE)
    if node.type in ("paragraph", "heading", "cell", "panel") and _said(node, defaults):
        return node.attrs
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
