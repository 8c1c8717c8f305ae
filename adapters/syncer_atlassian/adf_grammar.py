"""What the Atlassian Document Format can say, by its official JSON schema (full.json), for each product. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncer.richtext.colors import as_hex
from syncer.richtext.degrade import NONE, Grammar, Names
from syncer.richtext.nodes import Mark, Node
from syncer.richtext.tables import width
from syncer.richtext.urls import safe

FORMAT = "adf"
"""The name of what ADF says beyond our vocabulary (`extra`), in both products."""
CONFLUENCE_FORMAT = "adf-confluence"
SYSTEM = "atlassian"
MEDIA = "media:"
"""What the system of a reference to a stored file starts with; its collection follows."""

PANELS = frozenset({"info", "note", "tip", "warning", "error", "success", "custom"})
LAYOUTS = frozenset({"wide", "full-width", "center", "wrap-right", "wrap-left", "align-end", "align-start"})
STATUS_COLORS = frozenset({"neutral", "purple", "blue", "red", "yellow", "green"})
WITH_CODE = frozenset({"code", "link", "comment"})
"""`code` combines with nothing else (code_inline_node)."""
_HEX = re.compile(r"#[0-9a-fA-F]{6}")

_LOOK = frozenset({"align", "indent"})
_HEADING = frozenset({"level"})
_MEDIA = frozenset({"ref", "alt", "width", "height", "layout"})
_IN_GROUP = frozenset({"ref", "alt", "width", "height"})
_MACRO = frozenset({"name", "family", "params"})
_LEAVES: Mapping[str, Names] = {
    "paragraph": NONE, "list": frozenset({"ordered", "start"}), "code": frozenset({"language"}), "media": _MEDIA,
    "media_group": NONE,
}  # fmt: skip
"""What stands nearly everywhere."""
_MORE: Mapping[str, Names] = {
    **_LEAVES, "heading": _HEADING, "rule": NONE, "decisions": NONE, "macro": _MACRO, "quote": NONE,
    "panel": frozenset({"kind", "icon", "color"}),
}  # fmt: skip
_EMBED = {"embed": frozenset({"url", "kind"})}
_TABLE = {"table": frozenset({"widths", "numbered"})}
_EXPAND = {"expand": frozenset({"title"})}
_LOOKS: Mapping[str, Names] = {"paragraph": _LOOK, "heading": _HEADING | _LOOK}
_ITEM: Mapping[str, Names] = {
    "paragraph": NONE, "list": _LEAVES["list"], "code": _LEAVES["code"], "media": _MEDIA, "macro": _MACRO,
}  # fmt: skip


def _without(place: Mapping[str, Names], *types: str) -> Mapping[str, Names]:
    return {type: attrs for type, attrs in place.items() if type not in types}


_CONFLUENCE: Mapping[str, Mapping[str, Names]] = {
    "doc": {
        **_MORE, **_LOOKS, **_EMBED, **_TABLE, **_EXPAND, "columns": NONE, "synced": frozenset({"ref", "origin"}),
    },
    "column": {**_MORE, **_LOOKS, **_EMBED, **_TABLE, **_EXPAND},
    "cell": {**_MORE, **_LOOKS, "paragraph": frozenset({"align"}), **_EMBED, **_EXPAND},
    "panel": {**_without(_MORE, "quote", "panel"), **_EMBED},
    "quote": {**_LEAVES, "macro": _MACRO},
    "expand": {**_MORE, **_EMBED, **_TABLE, **_EXPAND},
    "nested expand": _MORE,
    "body": {**_MORE, **_EMBED, **_TABLE},
    "synced": {**_without(_MORE, "macro"), **_LOOKS, **_EMBED, **_TABLE, **_EXPAND, "columns": NONE},
    "item": _ITEM,
    "synced item": _without(_ITEM, "macro"),
    "list": {"item": frozenset({"done"})},
    "synced list": {"item": frozenset({"done"})},
    "list without tasks": {"item": NONE},
    "table": {"row": NONE},
    "row": {"cell": frozenset({"header", "colspan", "rowspan", "background"})},
    "decisions": {"decision": frozenset({"state"})},
    "columns": {"column": frozenset({"width"})},
    "media_group": {"media": _IN_GROUP},
    "macro": {"body": NONE},
}  # fmt: skip
_JIRA = {place: _without(types, "columns", "synced", "macro") for place, types in _CONFLUENCE.items()}
INSIDE: Mapping[tuple[str, str], str] = {
    ("cell", "expand"): "nested expand", ("expand", "expand"): "nested expand",
    ("quote", "list"): "list without tasks", ("synced", "list"): "synced list",
    ("synced list", "item"): "synced item", ("synced item", "list"): "synced list",
}  # fmt: skip
_INLINES: Mapping[str, Names] = {
    "text": NONE, "break": NONE, "mention": frozenset({"ref"}), "emoji": frozenset({"name"}),
    "date": frozenset({"iso"}), "status": frozenset({"color"}), "card": frozenset({"url"}),
    "media": frozenset({"ref", "alt", "width", "height", "inline"}), "placeholder": NONE,
}  # fmt: skip
_MARKS: Mapping[str, Names] = {
    "bold": NONE, "italic": NONE, "strike": NONE, "underline": NONE, "code": NONE, "sub": NONE, "sup": NONE,
    "color": frozenset({"color"}), "background": frozenset({"color"}), "link": frozenset({"href", "title"}),
    "comment": frozenset({"ref"}),
}  # fmt: skip
_MARKED = {"text": frozenset({"*"}), "media": frozenset({"link", "comment"})}
_FILLED = frozenset({"quote", "item", "cell", "panel", "expand", "column", "body", "synced"})


def fit(node: Node, place: str) -> Node | None:
    """Return a node with values that the schema takes; None where it takes none like it."""
    judge = _FIT.get(node.type)
    return judge(node, place) if judge else node


def _looks(node: Node, _: str) -> Node:
    return _but(node, "indent") if "align" in node.attrs and "indent" in node.attrs else node


def _panel(node: Node, _: str) -> Node | None:
    return node if node.attrs["kind"] in PANELS and not node.attrs.get("title") else None


def _media(node: Node, place: str) -> Node | None:
    ref = node.attrs["ref"]
    stored = ref["kind"] == "media" and ref["system"].startswith(MEDIA) and ref["key"]
    outside = ref["kind"] == "url" and ref["key"] and safe(ref["key"]) and place != "line"
    if not (stored or outside) or (place == "media_group" and node.content):
        return None
    return node if node.attrs.get("layout", "center") in LAYOUTS else _but(node, "layout")


def _embed(node: Node, place: str) -> Node | None:
    if node.attrs["kind"] == "embed" and place == "panel":
        return None
    return node if node.attrs["kind"] != "bookmark" else replace(node, attrs={**node.attrs, "kind": "card"})


def _macro(node: Node, place: str) -> Node | None:
    bodies = node.content
    known = node.attrs["name"] and node.attrs.get("family")
    whole = len(bodies) == 1 and not bodies[0].attrs and place in ("doc", "column")
    return node if known and (whole or not bodies) else None


def _table(node: Node, _: str) -> Node:
    if "widths" in node.attrs and len(node.attrs["widths"]) != width(node.content):
        return _but(node, "widths")
    return node


def _columns(node: Node, _: str) -> Node | None:
    return node if 2 <= len(node.content) <= 3 else None


def _column(node: Node, _: str) -> Node:
    known = node.attrs.get("width")
    return node if known is not None and 0 <= known <= 100 else replace(node, attrs={**node.attrs, "width": 50})


def _synced(node: Node, _: str) -> Node | None:
    ours = node.attrs["ref"]["system"] == SYSTEM
    return node if ours and bool(node.content) == bool(node.attrs.get("origin")) else None


def _mention(node: Node, _: str) -> Node | None:
    return node if node.attrs["ref"]["system"] == SYSTEM else None


def _emoji(node: Node, _: str) -> Node | None:
    return node if node.attrs["name"] else None


def _status(node: Node, _: str) -> Node | None:
    color = node.attrs.get("color")
    if not node.text:
        return None
    if color is None or color in STATUS_COLORS - {"neutral"} or _HEX.fullmatch(str(color)):
        return node
    found = as_hex(color)
    return replace(node, attrs={"color": found}) if found else _but(node, "color")


_FIT = {
    "paragraph": _looks, "heading": _looks, "panel": _panel, "media": _media, "embed": _embed, "macro": _macro,
    "table": _table, "columns": _columns, "column": _column, "synced": _synced, "mention": _mention, "emoji": _emoji,
    "status": _status,
}  # fmt: skip


def together(marks: Sequence[Mark]) -> Sequence[Mark]:
    """Return marks that the schema lets stand together, colours as it writes them."""
    if len(marks) == 1 and marks[0].type not in ("color", "background", "comment"):
        return marks
    types = {m.type for m in marks}
    out: list[Mark] = []
    for mark in marks:
        if "code" in types and mark.type not in WITH_CODE:
            continue
        if mark.type == "sup" and "sub" in types:
            continue
        if mark.type == "comment" and mark.attrs["ref"]["system"] != SYSTEM:
            continue
        if mark.type in ("color", "background"):
            found = as_hex(mark.attrs["color"])
            if found is None:
                continue
            mark = mark if found == mark.attrs["color"] else Mark(mark.type, {"color": found}, mark.extra)
        out.append(mark)
    return out


def _but(node: Node, name: str) -> Node:
    return replace(node, attrs={k: v for k, v in node.attrs.items() if k != name})


JIRA = Grammar(FORMAT, _JIRA, _INLINES, _MARKS, INSIDE, _MARKED, _FILLED, fit, together)
CONFLUENCE = Grammar(
    CONFLUENCE_FORMAT,
    _CONFLUENCE,
    {**_INLINES, "macro": _MACRO | {"inline"}},
    _MARKS,
    INSIDE,
    _MARKED,
    _FILLED,
    fit,
    together,
)
