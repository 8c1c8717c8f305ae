"""The vocabulary of documents for the machine: what each node holds and its attributes may be. Pure.

`check` refuses every shape that `nodes` does not name. It walks without recursion: depth is a limit, not a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from syncer.errors import DocumentError
from syncer.richtext.nodes import Document, Mark, Node

MAX_DEPTH = 200
"""Levels of nodes a document may have."""

Test = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _whole(least: int, most: int = 10**9) -> Test:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value


def _numbers(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(_number(v) for v in value)


def _one_of(*names: str) -> Test:
    return lambda value: value in names


def _day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _ref(value: Any) -> bool:
    if not isinstance(value, Mapping) or set(value) != {"kind", "system", "key"}:
        return False
    # An address needs no system to be found.
    return all(map(_text, value.values())) and (value["kind"] != "url" or not value["system"])


def _any(_: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Shape:
    """What a node type may be. `holds`: `blocks`, `inlines`, `text` (one, bare), nothing, or the one type it holds."""

    holds: str = ""
    attrs: Mapping[str, Test] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    says: bool = False
    """Whether the node has `text` of its own."""


_LOOK = {"align": _one_of("center", "end"), "indent": _whole(1, 6)}
_INLINE = {"inline": _flag}
_MEDIA = {"ref": _ref, "alt": _text, "width": _number, "height": _number, "layout": _text, **_INLINE}
_MACRO = {"name": _text, "family": _text, "params": _any, **_INLINE}
_OPAQUE = {"format": _text, "kind": _text, "raw": _any, "text": _text, **_INLINE}

BLOCKS: Mapping[str, Shape] = {
    "paragraph": Shape("inlines", _LOOK),
    "heading": Shape("inlines", {"level": _whole(1, 6), **_LOOK}, frozenset({"level"})),
    "list": Shape("item", {"ordered": _flag, "start": _whole(0)}),
    "decisions": Shape("decision"),
    "code": Shape("text", {"language": _text, "title": _text}),
    "quote": Shape("blocks"),
    "rule": Shape(),
    "table": Shape("row", {"widths": _numbers, "numbered": _flag}),
    "panel": Shape("blocks", {"kind": _text, "icon": _text, "color": _text, "title": _text}, frozenset({"kind"})),
    "expand": Shape("blocks", {"title": _text}),
    "media": Shape("inlines", _MEDIA, frozenset({"ref"})),
    "media_group": Shape("media"),
    "columns": Shape("column"),
    "tabs": Shape("tab"),
    "equation": Shape("", _INLINE, says=True),
    "embed": Shape("", {"url": _text, "kind": _one_of("card", "embed", "bookmark")}, frozenset({"url", "kind"})),
    "toc": Shape(),
    "synced": Shape("blocks", {"ref": _ref, "origin": _flag}, frozenset({"ref"})),
    "footnote": Shape("blocks", {"label": _text}, frozenset({"label"})),
    "html": Shape("", _INLINE, says=True),
    "macro": Shape("body", _MACRO, frozenset({"name"}), says=True),
    "opaque": Shape("", _OPAQUE, frozenset({"format", "kind"})),
}
PARTS: Mapping[str, Shape] = {
    "item": Shape("blocks", {"done": _flag}),
    "decision": Shape("inlines", {"state": _text}),
    "row": Shape("cell"),
    "cell": Shape(
        "blocks", {"header": _flag, "colspan": _whole(1, 1000), "rowspan": _whole(1, 1000), "background": _text}
    ),
    "column": Shape("blocks", {"width": _number}),
    "tab": Shape("blocks", {"title": _text}),
    "body": Shape("blocks", {"name": _text, "plain": _flag}),
}
INLINES: Mapping[str, Shape] = {
    "text": Shape(says=True),
    "break": Shape(),
    "soft": Shape(),
    "mention": Shape("", {"ref": _ref}, frozenset({"ref"})),
    "emoji": Shape("", {"name": _text}, frozenset({"name"}), says=True),
    "date": Shape("", {"iso": _day}, frozenset({"iso"})),
    "status": Shape("", {"color": _text}, says=True),
    "card": Shape("", {"url": _text}, frozenset({"url"})),
    "placeholder": Shape(says=True),
    "anchor": Shape("", {"name": _text}, frozenset({"name"})),
    "footnote_ref": Shape("", {"label": _text}, frozenset({"label"})),
}
EITHER = frozenset({"media", "equation", "html", "macro", "opaque"})
"""Block types that stand in a line as well, with `inline: true`."""
MARKS: Mapping[str, Mapping[str, Test]] = {
    **{name: {} for name in ("bold", "italic", "underline", "strike", "code", "sub", "sup")},
    "color": {"color": _text},
    "background": {"color": _text},
    "link": {"href": _text, "title": _text},
    "comment": {"ref": _ref},
}
_MARK_NEEDS = {"color": {"color"}, "background": {"color"}, "link": {"href"}, "comment": {"ref"}}
SHAPES: Mapping[str, Shape] = {"doc": Shape("blocks"), **BLOCKS, **PARTS, **INLINES}


def is_inline(node: Node) -> bool:
    """Say whether a node stands in a line of text."""
    return node.type in INLINES or bool(node.attrs.get("inline"))


def check(document: Document) -> None:
    """Raise DocumentError where a document is not one of the vocabulary, or deeper than MAX_DEPTH."""
    if document.type != "doc":
        raise DocumentError(f"a document is a node of type doc, not {document.type}")
    waiting: list[tuple[Node, str, int]] = [(document, "doc", 0)]
    while waiting:
        node, expected, depth = waiting.pop()
        shape = _shape(node, expected)
        if depth > MAX_DEPTH:
            raise DocumentError(f"nodes are nested deeper than {MAX_DEPTH}")
        _check_attrs(node, shape)
        if not shape.holds and node.content:
            raise DocumentError(f"{node.type} holds nothing, but has content")
        if node.attrs.get("inline") and node.content:
            raise DocumentError(f"{node.type} in a line holds nothing, but has content")
        holds = "text" if node.type == "body" and node.attrs.get("plain") else shape.holds
        waiting += [(child, holds, depth + 1) for child in node.content]


def _shape(node: Node, expected: str) -> Shape:
    """Return the shape of a node, which stands where `expected` may."""
    line = is_inline(node)
    fits = {
        "blocks": node.type in BLOCKS and not line,
        "inlines": line and (node.type in INLINES or node.type in EITHER),
        "text": node.type == "text" and not node.marks,
    }.get(expected, node.type == expected and not line)
    if not fits:
        raise DocumentError(f"{node.type} cannot stand among {expected}")
    return SHAPES[node.type]


def _check_attrs(node: Node, shape: Shape) -> None:
    for name, value in node.attrs.items():
        if name not in shape.attrs or not shape.attrs[name](value):
            raise DocumentError(f"{node.type} has no attribute {name} like {str(value)[:40]!r}")
    if missing := shape.needs - node.attrs.keys():
        raise DocumentError(f"{node.type} lacks {', '.join(sorted(missing))}")
    if node.text and not shape.says:
        raise DocumentError(f"{node.type} has no text of its own")
    if node.marks and not is_inline(node):
        raise DocumentError(f"{node.type} carries no marks")
    for mark in node.marks:
        _check_mark(mark)


def _check_mark(mark: Mark) -> None:
    if ":" in mark.type:
        return
    known = MARKS.get(mark.type)
    if known is None:
        raise DocumentError(f"there is no mark {mark.type}")
    if not mark.attrs.keys() <= known.keys() or not all(known[k](v) for k, v in mark.attrs.items()):
        raise DocumentError(f"the mark {mark.type} cannot have {dict(mark.attrs)}")
    if not _MARK_NEEDS.get(mark.type, set()) <= mark.attrs.keys():
        raise DocumentError(f"the mark {mark.type} says too little")
