"""The codec of Notion's blocks: a list of kept blocks (see `blocks`) ⇄ our document. Pure.

What we do not model is opaque: pictures, indented paragraphs, columns, bookmarks, synced blocks and child pages are
carried whole and put back as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from syncer.errors import DocumentError
from syncer.record import Raw
from syncer.richtext.degrade import degrade, losses
from syncer.richtext.losses import Losses
from syncer.richtext.nodes import Document, Node
from syncer.richtext.normal import normal
from syncer_notion import align, blocks, inline, languages
from syncer_notion.grammar import GRAMMAR, ICON, PANELS
from syncer_notion.inline import FORMAT
from syncer_notion.richtext import plain

JSON = dict[str, Any]

__all__ = ["FORMAT", "NotionCodec"]


class NotionCodec:
    """See `syncer.richtext.codec.Codec`. A pinned block that `now` leaves out stays: see `blocks.PINNED`."""

    name = FORMAT

    def decode(self, raw: Raw) -> Document:
        """Read a body. Raises DocumentError."""
        if raw is None:
            return normal(Node("doc"))
        if not isinstance(raw, list):
            raise DocumentError("a body is a list of blocks")
        try:
            return normal(Node("doc", tuple(_read_all(raw))))
        except (KeyError, TypeError, AttributeError, ValueError, StopIteration) as error:
            raise DocumentError(f"not a list of Notion blocks ({type(error).__name__}: {error})") from error

    def encode(self, document: Document) -> Raw:
        """Write a document for a new body."""
        out: list[Raw] = list(_write_all(degrade(document, GRAMMAR).content))
        return out or None

    def patch(self, raw: Raw, was: Document, now: Document) -> Raw:
        """Edit a body: unchanged blocks are copied with their ids, changed ones keep their place and id."""
        if now == was or not isinstance(raw, list):
            return raw if now == was else self.encode(now)
        out: list[Raw] = list(align.aligned(raw, list(_write_all(degrade(now, GRAMMAR).content)), _meaning))
        return out or None

    def shown(self, document: Document) -> Document:
        """Return what Notion's blocks would show of a document."""
        return self.decode(self.encode(document))

    def losses(self, document: Document) -> tuple[Losses, ...]:
        """Return what Notion's blocks would not show as it is."""
        return losses(document, GRAMMAR)


def _meaning(block: Mapping[str, Any]) -> Any:
    """Return what two blocks must share to be equal: what they decode to."""
    return [_bare(node.to_json()) for node in (normal(n) for n in _read_all([block]))]


def _bare(data: JSON) -> JSON:
    out = {k: v for k, v in data.items() if k not in ("extra", "content")}
    return {**out, "content": [_bare(child) for child in data["content"]]} if "content" in data else out


def _read_all(siblings: Sequence[Any]) -> Iterator[Node]:
    at = 0
    while at < len(siblings):
        kind = siblings[at]["type"]
        if kind in blocks.ITEMS:
            end = at
            while end < len(siblings) and siblings[end]["type"] == kind:
                end += 1
            attrs = {"ordered": True} if kind == "numbered_list_item" else {}
            yield Node("list", tuple(_read_item(block) for block in siblings[at:end]), attrs)
            at = end
        else:
            yield _read(siblings[at])
            at += 1


def _read_item(block: JSON) -> Node:
    kind = block["type"]
    attrs = {"done": bool(block[kind].get("checked"))} if kind == "to_do" else {}
    return Node("item", _held(block), attrs, extra=_extra(block[kind]))


def _held(block: JSON) -> tuple[Node, ...]:
    """Return what stands in an item or a quote: its own text as the first paragraph, then its children."""
    text = inline.read(block[block["type"]].get("rich_text", ()))
    below = tuple(_read_all(block.get("children", ())))
    # No text of its own and something else than a paragraph below: there is no first paragraph.
    return below if below and not text and below[0].type != "paragraph" else (Node("paragraph", text), *below)


def _extra(payload: Mapping[str, Any]) -> JSON:
    return {"color": payload["color"]} if "color" in payload else {}


def _read(block: JSON) -> Node:
    kind = block["type"]
    payload, below = block[kind], block.get("children")
    if kind == "quote":
        return Node("quote", _held(block), extra=_extra(payload))
    if kind == "divider":
        return Node("rule")
    if (made := _READ.get(kind)) and (node := made(block)) is not None:
        return node
    if not below and kind == "paragraph":
        return Node("paragraph", inline.read(payload["rich_text"]), extra=_extra(payload))
    if not below and kind in blocks.HEADINGS:
        return Node("heading", inline.read(payload["rich_text"]), {"level": int(kind[-1])}, extra=_extra(payload))
    if kind == "code":
        language = payload.get("language", languages.PLAIN)
        attrs = {} if language == languages.PLAIN else {"language": language}
        return Node("code", (Node("text", text=plain(payload["rich_text"])),), attrs)
    raw = blocks.without_ids(block)
    return Node("opaque", (), {"format": FORMAT, "kind": kind, "raw": raw, "text": blocks.text_of(block)})


def _read_callout(block: JSON) -> Node | None:
    payload = block["callout"]
    icon = payload.get("icon") or {"type": "emoji", "emoji": ICON}
    color = payload.get("color", "default")
    name = color.removesuffix("_background")
    if icon.get("type") != "emoji" or (color != "default" and not (name in inline.COLORS and name != color)):
        return None
    shown = (icon["emoji"], "" if color == "default" else name)
    kind = next((k for k, look in PANELS.items() if look == shown), None)
    attrs = {"kind": kind} if kind else {"kind": "custom", "icon": shown[0], "color": shown[1]}
    return Node("panel", _held(block), attrs)


def _read_toggle(block: JSON) -> Node | None:
    runs = block["toggle"].get("rich_text", ())
    bare = all(run["type"] == "text" and not run.get("annotations") and "link" not in run["text"] for run in runs)
    title = plain(runs)
    if not bare or "\n" in title:
        return None
    below = tuple(_read_all(block.get("children", ())))
    return Node("expand", below, {"title": title}, extra=_extra(block["toggle"]))


def _read_table(block: JSON) -> Node | None:
    payload, rows = block["table"], block.get("children", ())
    if not rows or any(len(r["table_row"]["cells"]) != len(rows[0]["table_row"]["cells"]) for r in rows):
        return None
    top, left = bool(payload.get("has_column_header")), bool(payload.get("has_row_header"))
    made: list[Node] = []
    for r, row in enumerate(rows):
        cells = [
            Node("cell", (Node("paragraph", inline.read(runs)),), {"header": (top and r == 0) or (left and c == 0)})
            for c, runs in enumerate(row["table_row"]["cells"])
        ]
        made.append(Node("row", tuple(cells)))
    return Node("table", tuple(made)) if made[0].content else None


def _read_equation(block: JSON) -> Node | None:
    expression = block["equation"].get("expression", "")
    return Node("equation", (), {}, expression) if expression else None


_READ: Mapping[str, Callable[[JSON], Node | None]] = {
    "callout": _read_callout,
    "toggle": _read_toggle,
    "table": _read_table,
    "equation": _read_equation,
    "table_of_contents": lambda block: Node("toc", extra=_extra(block["table_of_contents"])),
}


def _write_all(nodes: Sequence[Node]) -> Iterator[JSON]:
    for node in nodes:
        yield from _write(node)


def _write(node: Node) -> Iterator[JSON]:
    match node.type:
        case "paragraph":
            yield from _write_text("paragraph", node)
        case "heading":
            yield from _write_text(f"heading_{node.attrs['level']}", node)
        case "list":
            yield from (_write_item(item, ordered=bool(node.attrs.get("ordered"))) for item in node.content)
        case "quote":
            runs, below = _text_and_rest(node)
            yield _block("quote", {"rich_text": runs, **_color(node)}, below)
        case "code":
            language = languages.named(str(node.attrs.get("language", "")))
            text = [{"type": "text", "text": {"content": node.plain()}}] if node.plain() else []
            for runs in inline.portions(text):
                yield _block("code", {"rich_text": runs, "language": language})
        case "panel":
            yield _write_callout(node)
        case "expand":
            title = inline.write([Node("text", text=node.attrs.get("title", ""))])
            yield _block("toggle", {"rich_text": title, **_color(node)}, list(_write_all(node.content)))
        case "table":
            yield _write_table(node)
        case "opaque":
            yield dict(node.attrs["raw"])
        case _:
            payload = {"expression": node.text} if node.type == "equation" else _color(node)
            yield _block(_BARE[node.type], payload)


_BARE = {"rule": "divider", "equation": "equation", "toc": "table_of_contents"}
"""Blocks without words."""


def _write_text(kind: str, node: Node) -> Iterator[JSON]:
    """Write a text block, as several where it has more runs than one block may hold."""
    for runs in inline.portions(inline.write(node.content)):
        yield _block(kind, {"rich_text": runs, **_color(node)})


def _block(kind: str, payload: JSON, below: Sequence[JSON] = ()) -> JSON:
    out: JSON = {"type": kind, kind: payload}
    return {**out, "children": list(below)} if below else out


def _write_item(item: Node, *, ordered: bool) -> JSON:
    runs, below = _text_and_rest(item)
    if "done" in item.attrs:
        return _block("to_do", {"rich_text": runs, "checked": bool(item.attrs["done"]), **_color(item)}, below)
    kind = "numbered_list_item" if ordered else "bulleted_list_item"
    return _block(kind, {"rich_text": runs, **_color(item)}, below)


def _text_and_rest(node: Node) -> tuple[list[JSON], list[JSON]]:
    first, rest = (node.content[0], node.content[1:]) if node.content else (Node("paragraph"), ())
    if first.type != "paragraph":
        return [], list(_write_all(node.content))
    runs, *more = inline.portions(inline.write(first.content))
    return runs, [*(_block("paragraph", {"rich_text": part}) for part in more), *_write_all(rest)]


def _write_callout(node: Node) -> JSON:
    runs, below = _text_and_rest(node)
    icon, color = PANELS.get(node.attrs["kind"]) or (node.attrs["icon"], node.attrs.get("color", ""))
    look = {"icon": {"type": "emoji", "emoji": icon}, "color": f"{color}_background" if color else "default"}
    return _block("callout", {"rich_text": runs, **look}, below)


def _write_table(node: Node) -> JSON:
    rows = [row.content for row in node.content]
    top, left = (all(c.attrs.get("header") for c in line) for line in (rows[0], [r[0] for r in rows]))
    payload = {"table_width": len(rows[0]), "has_column_header": top, "has_row_header": left}
    written = [[inline.write(cell.content[0].content) for cell in row] for row in rows]
    return _block("table", payload, [_block("table_row", {"cells": cells}) for cells in written])


def _color(node: Node) -> JSON:
    color = node.extra.get("color")
    return {"color": color} if isinstance(color, str) else {}
