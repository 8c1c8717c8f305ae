"""What Notion's blocks can say (block reference, 2026), and with which values. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncer.richtext.colors import as_name
from syncer.richtext.degrade import NONE, Grammar, Names
from syncer.richtext.nodes import Mark, Node
from syncer.richtext.tables import headed, simple
from syncer_notion import inline
from syncer_notion.richtext import RUN, RUNS, units

PANELS: Mapping[str, tuple[str, str]] = {
    "info": ("ℹ️", "blue"), "note": ("📝", "purple"), "tip": ("🌱", "green"), "success": ("✅", "green"),
    "warning": ("⚠️", "yellow"), "error": ("⛔", "red"),
}  # fmt: skip
"""How a callout shows each kind of panel: its icon, its background."""
ICON = "💡"
"""What Notion gives a callout that has no icon."""
EXPRESSION = 1000
"""UTF-16 units of an equation (request limits)."""
_LOWEST = 4
"""Level of the smallest heading."""
_WIDEST = 100
"""Cells of a row (request limits: elements of an array)."""

_HELD: Mapping[str, Names] = {
    "paragraph": NONE, "heading": frozenset({"level"}), "list": frozenset({"ordered"}), "quote": NONE,
    "code": frozenset({"language"}), "rule": NONE, "panel": frozenset({"kind", "icon", "color"}),
    "expand": frozenset({"title"}), "table": NONE, "equation": NONE, "toc": NONE,
}  # fmt: skip
_PLACES: Mapping[str, Mapping[str, Names]] = {
    **dict.fromkeys(("doc", "item", "quote", "panel", "expand"), _HELD),
    "list": {"item": frozenset({"done"})},
    "table": {"row": NONE},
    "row": {"cell": frozenset({"header"})},
    "cell": {"paragraph": NONE},
}


def fit(node: Node, place: str) -> Node | None:
    """Return a node with values that Notion takes; None where it takes none like it."""
    match node.type:
        case "heading" if node.attrs["level"] > _LOWEST:
            return replace(node, attrs={**node.attrs, "level": _LOWEST})
        case "panel":
            return _panel(node)
        case "expand":
            return node if "\n" not in node.attrs.get("title", "") else None
        case "table":
            return _table(node)
        case "equation":
            return node if 0 < units(node.text) <= EXPRESSION else None
        case "mention":
            return node if node.attrs["ref"]["system"] == inline.SYSTEM and place == "line" else None
        case _:
            return node


def _panel(node: Node) -> Node | None:
    kind = node.attrs["kind"]
    if kind != "custom":
        known = {k: v for k, v in node.attrs.items() if k in ("kind", "title")}
        return (node if known == node.attrs else replace(node, attrs=known)) if kind in PANELS else None
    icon = node.attrs.get("icon", "")
    attrs = {**node.attrs, "icon": icon if icon and not icon.isascii() else ICON, "color": None}
    if color := as_name(node.attrs.get("color"), inline.COLORS):
        attrs["color"] = color
    if (attrs["icon"], attrs["color"]) in PANELS.values():
        attrs["icon"] = ICON
    attrs = {k: v for k, v in attrs.items() if v is not None}
    return node if attrs == node.attrs else replace(node, attrs=attrs)


def _table(node: Node) -> Node | None:
    """A table of Notion has cells of one line and no spans; its heads are the first row, the first column, or both."""
    rows = node.content
    if not simple(rows) or len(rows[0].content) > _WIDEST or not all(_short(c) for row in rows for c in row.content):
        return None
    top = all(c.attrs.get("header") for c in rows[0].content)
    return headed(node, top=top, left=all(row.content[0].attrs.get("header") for row in rows))


def _short(cell: Node) -> bool:
    """Say whether a cell surely needs no more runs than an array may have."""
    runs = [n for b in cell.content for n in b.content]
    return len(runs) <= RUNS // 2 and sum(units(n.plain()) for n in runs) < RUN * RUNS // 4


def together(marks: Sequence[Mark]) -> Sequence[Mark]:
    """Return marks with Notion's colours: one a run, of the letters or of the background."""
    if not any(m.type in ("color", "background") for m in marks):
        return marks
    out: list[Mark] = []
    for mark in marks:
        if mark.type not in ("color", "background"):
            out.append(mark)
            continue
        name = as_name(mark.attrs["color"], inline.COLORS)
        if name is None or any(m.type in ("color", "background") for m in out):
            continue
        out.append(mark if mark.attrs["color"] == name else Mark(mark.type, {"color": name}, mark.extra))
    return out


GRAMMAR = Grammar(
    inline.FORMAT,
    _PLACES,
    {
        "text": NONE,
        "break": NONE,
        "equation": frozenset({"inline"}),
        "mention": frozenset({"ref"}),
        "date": frozenset({"iso"}),
    },
    {
        **dict.fromkeys(inline.ANNOTATIONS, NONE),
        "link": frozenset({"href"}),
        "color": frozenset({"color"}),
        "background": frozenset({"color"}),
    },
    marked=dict.fromkeys(("text", "equation", "mention", "date"), frozenset({"*"})),
    filled=frozenset({"cell"}),
    fit=fit,
    together=together,
    link=inline.sendable_url,
)
"""What Notion's blocks can say."""
