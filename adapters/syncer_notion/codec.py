"""The codec of Notion's blocks: a list of kept blocks (see `blocks`) ⇄ our document. Pure.

What we do not model is opaque: callouts, toggles, tables, pictures, indented paragraphs, synced blocks and child
pages are carried whole and put back as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syncer.errors import DocumentError
from syncer.record import Raw
from syncer.richtext.degrade import NONE, Grammar, degrade, losses
from syncer.richtext.losses import Losses
from syncer.richtext.nodes import Document, Node
from syncer.richtext.normal import normal
from syncer_notion import align, blocks, inline, languages
from syncer_notion.inline import FORMAT
from syncer_notion.richtext import plain

JSON = dict[str, Any]

_HELD = {
    "paragraph": NONE, "heading": frozenset({"level"}), "list": frozenset({"ordered"}), "quote": NONE,
    "code": frozenset({"language"}), "rule": NONE,
}  # fmt: skip
GRAMMAR = Grammar(
    FORMAT,
    {**dict.fromkeys(("doc", "item", "quote"), _HELD), "list": {"item": frozenset({"done"})}},
    {"text": NONE, "break": NONE},
    {**dict.fromkeys(inline.ANNOTATIONS, NONE), "link": frozenset({"href"}), "color": frozenset({"color"})},
    link=inline.sendable_url,
)
"""What Notion's blocks can say."""

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


def _write_all(nodes: Sequence[Node]) -> Iterator[JSON]:
    for node in nodes:
        yield from _write(node)


def _write(node: Node) -> Iterator[JSON]:
    match node.type:
        case "paragraph":
            yield from _write_text("paragraph", node)
        case "heading":
            yield from _write_text(f"heading_{min(4, int(node.attrs['level']))}", node)
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
        case "rule":
            yield _block("divider", {})
        case _:
            yield dict(node.attrs["raw"])


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


def _color(node: Node) -> JSON:
    color = node.extra.get("color")
    return {"color": color} if isinstance(color, str) else {}
