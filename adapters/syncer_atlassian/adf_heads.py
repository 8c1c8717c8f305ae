"""The raw type and attributes of each block, as ADF writes them. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from syncer.richtext.diff import key
from syncer.richtext.nodes import Node
from syncer_atlassian.adf_grammar import FORMAT
from syncer_atlassian.adf_inline import write_mark
from syncer_atlassian.adf_things import put_together, write_macro_attrs, write_media_attrs

JSON = dict[str, Any]
Head = tuple[str, JSON]


def raw_head(node: Node, nested: bool, widths: list[Any] | None) -> Head:
    """Return a block's raw type and attributes. `nested`: an expand here is a nested one; `widths`: of a cell."""
    if node.type == "expand" and nested:
        return "nestedExpand", {"title": node.attrs.get("title", "")}
    kind, attrs = _HEADS[node.type](node)
    return kind, {**attrs, "colwidth": widths} if widths else attrs


def _some(node: Node, **names: str) -> JSON:
    """Return those of a node's attributes that it has, under their raw names."""
    return {theirs: node.attrs[ours] for ours, theirs in names.items() if ours in node.attrs}


def _list(node: Node) -> Head:
    if any("done" in item.attrs for item in node.content):
        return "taskList", {"localId": _local_id(node)}
    return ("orderedList", _some(node, start="order")) if node.attrs.get("ordered") else ("bulletList", {})


def _item(node: Node) -> Head:
    if "done" not in node.attrs:
        return "listItem", {}
    return "taskItem", {"localId": _local_id(node), "state": "DONE" if node.attrs["done"] else "TODO"}


def _embed(node: Node) -> Head:
    if node.attrs["kind"] != "embed":
        return "blockCard", {"url": node.attrs["url"]}
    carried = node.extra.get(FORMAT, {}).get("attrs", {})
    return "embedCard", {"url": node.attrs["url"], "layout": carried.get("layout", "center")}


def _synced(node: Node) -> Head:
    kind = "bodiedSyncBlock" if node.attrs.get("origin") else "syncBlock"
    return kind, {"resourceId": node.attrs["ref"]["key"], "localId": _local_id(node)}


_HEADS: Mapping[str, Callable[[Node], Head]] = {
    "paragraph": lambda _: ("paragraph", {}),
    "heading": lambda n: ("heading", {"level": n.attrs["level"]}),
    "list": _list,
    "item": _item,
    "decisions": lambda n: ("decisionList", {"localId": _local_id(n)}),
    "decision": lambda n: ("decisionItem", {"localId": _local_id(n), "state": n.attrs.get("state", "").upper()}),
    "code": lambda n: ("codeBlock", _some(n, language="language")),
    "quote": lambda _: ("blockquote", {}),
    "rule": lambda _: ("rule", {}),
    "panel": lambda n: ("panel", _some(n, kind="panelType", icon="panelIcon", color="panelColor")),
    "expand": lambda n: ("expand", _some(n, title="title")),
    "table": lambda n: ("table", _some(n, numbered="isNumberColumnEnabled")),
    "row": lambda _: ("tableRow", {}),
    "cell": lambda n: (
        "tableHeader" if n.attrs.get("header") else "tableCell",
        _some(n, colspan="colspan", rowspan="rowspan", background="background"),
    ),
    "media": lambda n: ("mediaSingle", {"layout": n.attrs.get("layout", "center")}),
    "media_group": lambda _: ("mediaGroup", {}),
    "columns": lambda _: ("layoutSection", {}),
    "column": lambda n: ("layoutColumn", {"width": n.attrs["width"]}),
    "embed": _embed,
    "macro": lambda n: ("bodiedExtension" if n.content else "extension", write_macro_attrs(n)),
    "synced": _synced,
}


def file_of(node: Node, part: str) -> JSON:
    """Return the raw `media` of a node, whose own unknown attributes stand in a part of `extra`."""
    carried = node.extra.get(FORMAT, {})
    extra = carried.get(part, {}) if part else carried
    bare = Node("media", (), {}, extra={FORMAT: extra} if extra else {})
    out = put_together("media", write_media_attrs(node, {"type": extra.get("attrs", {}).get("type", "file")}), bare)
    return out if not node.marks else {**out, "marks": [write_mark(m) for m in node.marks]}


def looks(node: Node) -> list[JSON]:
    """Return the marks that ADF has for the alignment or indentation of a block."""
    if "align" in node.attrs:
        return [{"type": "alignment", "attrs": {"align": node.attrs["align"]}}]
    return [{"type": "indentation", "attrs": {"level": node.attrs["indent"]}}] if "indent" in node.attrs else []


def _local_id(node: Node) -> str:
    """Return the id that a node was read with, else one that the same content always gets.

    Tasks, decisions and synced blocks must have a localId (ADF JSON schema).
    """
    carried = node.extra.get(FORMAT, {}).get("attrs", {}).get("localId")
    return carried if isinstance(carried, str) else str(uuid.uuid5(uuid.NAMESPACE_OID, repr(key(node))))
