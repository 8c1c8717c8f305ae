"""Atlassian Document Format → our document. Pure. What we do not model is kept whole, as an opaque node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from syncer.errors import DocumentError
from syncer.richtext.nodes import Mark, Node
from syncer.richtext.normal import normal

FORMAT = "adf"
READ_MARKS: Mapping[str, str] = {
    "strong": "bold",
    "em": "italic",
    "strike": "strike",
    "underline": "underline",
    "code": "code",
    "link": "link",
}
ALLOWED_IN: Mapping[str, frozenset[str]] = {
    "doc": frozenset(
        {"paragraph", "heading", "bulletList", "orderedList", "taskList", "codeBlock", "blockquote", "rule"}
    ),
    "listItem": frozenset({"paragraph", "bulletList", "orderedList", "taskList", "codeBlock"}),
    "blockquote": frozenset({"paragraph", "bulletList", "orderedList", "codeBlock"}),
}
"""Blocks we model in each place (ADF JSON schema, full.json); anything else there is carried as it is."""

MAX_DEPTH = 100


def read_document(raw: Any) -> Node:
    """Read a whole body. Raises DocumentError."""
    if raw is None:
        return Node("doc")
    if not isinstance(raw, dict) or raw.get("type") != "doc" or not isinstance(raw.get("content", []), list):
        raise DocumentError("not an Atlassian document: expected an object of type doc with a content list")
    return normal(Node("doc", tuple(read_block(child) for child in raw.get("content", []))))


def read_block(raw: Any, place: str = "doc", depth: int = 0) -> Node:
    """Read one block as it stands in `place`; always one node. Raises DocumentError on what is no node at all."""
    kind = _kind(raw)
    if depth > MAX_DEPTH:
        raise DocumentError(f"blocks are nested deeper than {MAX_DEPTH}")
    if kind not in ALLOWED_IN[place]:
        return opaque(raw)
    match kind:
        case "paragraph":
            return _node("paragraph", raw, read_inlines(_content(raw)))
        case "heading":
            level = _attrs(raw).get("level")
            return _node("heading", raw, read_inlines(_content(raw)), {"level": level if level in range(1, 7) else 1})
        case "codeBlock":
            return _code(raw)
        case "blockquote":
            return _node("quote", raw, _blocks(raw, "blockquote", depth))
        case "rule":
            return _node("rule", raw, ())
        case "taskList":
            return _tasks(raw, depth) or opaque(raw)
        case _:
            return _list(raw, depth) or opaque(raw)


def read_inlines(content: Sequence[Any]) -> tuple[Node, ...]:
    """Read inline nodes."""
    return tuple(_inline(child) for child in content)


def opaque(raw: Mapping[str, Any], *, inline: bool = False) -> Node:
    """Keep a node whole, with readable text beside it."""
    attrs: dict[str, Any] = {"format": FORMAT, "kind": raw["type"], "raw": dict(raw), "text": readable(raw)}
    return Node("opaque", (), {**attrs, "inline": True} if inline else attrs)


def readable(raw: Any) -> str:
    """Return what a person would read of a node."""
    if not isinstance(raw, dict):
        return ""
    attrs = _attrs(raw)
    match raw.get("type"):
        case "text":
            return str(raw.get("text", ""))
        case "hardBreak":
            return "\n"
        case "date":
            return _date(str(attrs.get("timestamp", "")))
        case "inlineCard" | "blockCard" | "embedCard":
            return str(attrs.get("url", ""))
        case "media" | "mediaInline":
            return str(attrs.get("alt") or attrs.get("url") or "")
    if (said := attrs.get("text") or attrs.get("shortName") or attrs.get("title")) and not raw.get("content"):
        return str(said)
    children = raw.get("content")
    parts = [readable(child) for child in children] if isinstance(children, list) else []
    inline = any(isinstance(c, dict) and c.get("type") == "text" for c in children or ())
    return "".join(parts) if inline else "\n".join(part for part in parts if part)


def _inline(raw: Any) -> Node:
    kind = _kind(raw)
    if kind == "text":
        if not isinstance(raw.get("text"), str):
            raise DocumentError("a text node has no text")
        known = {"type", "text", "marks"}
        extra = {k: v for k, v in raw.items() if k not in known}
        return Node("text", (), {}, raw["text"], tuple(_mark(m) for m in raw.get("marks") or ()), _extra(extra))
    if kind == "hardBreak":
        return _node("break", raw, ())
    return opaque(raw, inline=True)


def _mark(raw: Any) -> Mark:
    kind = _kind(raw)
    return Mark(READ_MARKS.get(kind, kind), dict(_attrs(raw)))


def _list(raw: Mapping[str, Any], depth: int) -> Node | None:
    items = _content(raw)
    if not items or any(_kind(item) != "listItem" for item in items):
        return None
    ordered = raw["type"] == "orderedList"
    order = _attrs(raw).get("order", 1)
    attrs: dict[str, Any] = {"ordered": ordered}
    if ordered and isinstance(order, int):
        attrs["start"] = order
    return _node("list", raw, tuple(read_item(item, depth) for item in items), attrs)


def read_item(raw: Any, depth: int = 0) -> Node:
    """Read a listItem."""
    return _node("item", raw, _blocks(raw, "listItem", depth))


def _tasks(raw: Mapping[str, Any], depth: int) -> Node | None:
    """Read a task list; a list nested in it follows its item in ADF and belongs to it with us."""
    items: list[Node] = []
    for child in _content(raw):
        kind = _kind(child)
        if kind == "taskItem":
            paragraph = Node("paragraph", read_inlines(_content(child)))
            items.append(_node("item", child, (paragraph,), {"done": _attrs(child).get("state") == "DONE"}))
        elif kind == "taskList" and items and depth < MAX_DEPTH:
            nested = _tasks(child, depth + 1)
            if nested is None:
                return None
            last = items.pop()
            items.append(Node("item", (*last.content, nested), last.attrs, extra=last.extra))
        else:
            return None
    return _node("list", raw, tuple(items), {}) if items else None


def _code(raw: Mapping[str, Any]) -> Node:
    text = "".join(str(child.get("text", "")) for child in _content(raw) if isinstance(child, dict))
    language = _attrs(raw).get("language")
    inner = (Node("text", (), {}, text),) if text else ()
    return _node("code", raw, inner, {"language": language} if language else {})


def _blocks(raw: Mapping[str, Any], place: str, depth: int) -> tuple[Node, ...]:
    return tuple(read_block(child, place, depth + 1) for child in _content(raw))


KNOWN_ATTRS: Mapping[str, frozenset[str]] = {
    "heading": frozenset({"level"}),
    "orderedList": frozenset({"order"}),
    "codeBlock": frozenset({"language"}),
    "taskItem": frozenset({"state"}),
}


def _node(kind: str, raw: Mapping[str, Any], content: tuple[Node, ...], attrs: Mapping[str, Any] | None = None) -> Node:
    known = KNOWN_ATTRS.get(raw["type"], frozenset())
    extra: dict[str, Any] = {k: v for k, v in raw.items() if k not in {"type", "content", "attrs"}}
    if unknown := {k: v for k, v in _attrs(raw).items() if k not in known}:
        extra["attrs"] = unknown
    return Node(kind, content, dict(attrs or {}), extra=_extra(extra))


def _extra(found: Mapping[str, Any]) -> dict[str, Any]:
    return {FORMAT: dict(found)} if found else {}


def _kind(raw: Any) -> str:
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        raise DocumentError("a node without a type")
    return str(raw["type"])


def _attrs(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    found = raw.get("attrs")
    return found if isinstance(found, dict) else {}


def _content(raw: Mapping[str, Any]) -> list[Any]:
    found = raw.get("content")
    if found is not None and not isinstance(found, list):
        raise DocumentError(f"the content of a {raw['type']} is not a list")
    return found or []


def _date(timestamp: str) -> str:
    """ADF dates are epoch milliseconds as text (ADF JSON schema, date_node)."""
    digits = timestamp.removeprefix("-")
    if not digits.isdigit() or len(digits) > 14:
        return timestamp
    return datetime.fromtimestamp(int(timestamp) / 1000, UTC).strftime("%Y-%m-%d")
