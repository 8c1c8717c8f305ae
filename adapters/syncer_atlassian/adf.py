"""The codec of the Atlassian Document Format: ADF objects ⇄ our document. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from syncer.record import Raw, canonical_json
from syncer.richtext.nodes import Document, Node
from syncer.richtext.normal import normal
from syncer_atlassian.adf_read import FORMAT, read_block, read_document, read_item
from syncer_atlassian.adf_write import shown, write_block, write_document, write_item

Read = Callable[[Any], Node]
Write = Callable[[Node], dict[str, Any]]


class AdfCodec:
    """See `syncer.richtext.codec.Codec`."""

    name = FORMAT

    def decode(self, raw: Raw) -> Document:
        """Read a body. Raises DocumentError."""
        return read_document(raw)

    def encode(self, document: Document) -> Raw:
        """Write a document for a new body."""
        return write_document(shown(document))

    def patch(self, raw: Raw, was: Document, now: Document) -> Raw:
        """Edit a body: blocks, items and quoted blocks that did not change are copied from `raw`."""
        wanted = shown(now)
        if not isinstance(raw, dict):
            return write_document(wanted)
        if wanted == was or now == was:
            return raw
        content = raw.get("content")
        blocks = content if isinstance(content, list) else []
        return {**raw, "content": list(_patched(blocks, wanted.content, read_block, write_block))}

    def shown(self, document: Document) -> Document:
        """Return what ADF would show of a document."""
        return shown(document)


def _patched(raws: Sequence[Any], nodes: Sequence[Node], read: Read, write: Write) -> list[Any]:
    """Align raw siblings with nodes by equality; copy equal ones, patch those that stand in each other's place."""
    old = [normal(read(raw)) for raw in raws]
    matcher = SequenceMatcher(None, [_key(n) for n in old], [_key(n) for n in nodes], autojunk=False)
    out: list[Any] = []
    for verb, i, i_end, j, j_end in matcher.get_opcodes():
        if verb == "equal":
            out += raws[i:i_end]
        elif verb in ("replace", "insert"):
            places = list(range(i, i_end))
            for node in nodes[j:j_end]:
                place = next((p for p in places if old[p].type == node.type), None)
                if place is None:
                    out.append(write(node))
                else:
                    out.append(_edited(raws[place], old[place], node, write))
                    places = [p for p in places if p > place]
    return out


def _edited(raw: Any, old: Node, node: Node, write: Write) -> Any:
    """Write a changed block in the place of its former self, keeping what we do not know of that."""
    if node.type in ("list", "quote") and old.attrs == node.attrs and _plain_children(raw):
        inner = (read_item, write_item) if node.type == "list" else (_read_quoted, write_block)
        if node.type == "quote" or all("done" not in item.attrs for item in node.content):
            return {**raw, "content": _patched(raw["content"], node.content, *inner)}
    if node.type == "item" and _plain_children(raw):
        return {**raw, "content": _patched(raw["content"], node.content, _read_in_item, write_block)}
    return write(replace(node, extra=node.extra or old.extra))


def _plain_children(raw: Any) -> bool:
    return raw.get("type") in ("bulletList", "orderedList", "listItem", "blockquote") and bool(raw.get("content"))


def _read_quoted(raw: Any) -> Node:
    return read_block(raw, "blockquote")


def _read_in_item(raw: Any) -> Node:
    return read_block(raw, "listItem")


def _key(node: Node) -> str:
    """Return a text that equal nodes share: `extra` is not part of equality, at any depth."""
    return canonical_json(_bare(node.to_json()))


def _bare(data: dict[str, Any]) -> dict[str, Any]:
    out = {k: v for k, v in data.items() if k not in ("extra", "content")}
    if "content" in data:
        out["content"] = [_bare(child) for child in data["content"]]
    return out
