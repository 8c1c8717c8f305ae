"""Blocks as we keep them: `{"id", "type", <type>: payload, "children"}`, without what changes by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syncer_notion import inline
from syncer_notion.richtext import plain

JSON = dict[str, Any]

ITEMS = {"bulleted_list_item", "numbered_list_item", "to_do"}
HEADINGS = {"heading_1", "heading_2", "heading_3", "heading_4"}
EDITABLE = ITEMS | HEADINGS | {"paragraph", "quote", "code", "callout", "toggle", "table", "table_row"}
"""Types whose text a PATCH can replace; others are replaced whole."""
UNMAKEABLE = {
    "child_page", "child_database", "link_preview", "unsupported", "template", "meeting_notes", "transcription",
}  # fmt: skip
PINNED = UNMAKEABLE | {"synced_block"}
"""Never deleted, never rewritten: that would trash the child page, or edit the original of a synced copy."""
MEDIA = {"image", "video", "audio", "pdf", "file"}
_DROPPED = {"list_start_index", "list_format", "expiry_time"}
_DEFAULTS: Mapping[str, Any] = {"color": "default", "is_toggleable": False, "caption": [], "icon": None}


def kept(block: Mapping[str, Any], children: Sequence[JSON]) -> JSON:
    """Return a block of an answer as we keep it."""
    kind = block["type"]
    out: JSON = {"id": block["id"], "type": kind, kind: _payload(block.get(kind) or {})}
    return {**out, "children": list(children)} if children else out


def _payload(payload: Mapping[str, Any]) -> JSON:
    out: JSON = {}
    for key, value in payload.items():
        if key in _DROPPED or key == "children" or (key in _DEFAULTS and value == _DEFAULTS[key]):
            continue
        if key in {"rich_text", "caption"}:
            out[key] = [inline.normal_run(run) for run in value]
        elif key == "cells":
            out[key] = [[inline.normal_run(run) for run in cell] for cell in value]
        elif isinstance(value, Mapping):
            out[key] = _stable(value)
        else:
            out[key] = value
    return out


def _stable(value: Mapping[str, Any]) -> JSON:
    """Drop what is signed: a hosted file's url changes on every read behind the question mark."""
    if "expiry_time" in value and isinstance(value.get("url"), str):
        value = {**value, "url": value["url"].split("?")[0]}
    return {
        k: _stable(v) if isinstance(v, Mapping) else v for k, v in value.items() if k not in _DROPPED and v is not None
    }


def pinned(block: Mapping[str, Any]) -> bool:
    """Say whether a block, or one below it, must never be deleted."""
    return block["type"] in PINNED or any(pinned(child) for child in block.get("children", ()))


def without_ids(block: Mapping[str, Any]) -> JSON:
    """Return a block without ids; pinned ones keep theirs, for nothing else tells them apart."""
    out = {k: v for k, v in block.items() if k != "id" or block["type"] in PINNED}
    if "children" in block:
        out["children"] = [without_ids(child) for child in block["children"]]
    return out


def text_of(block: Mapping[str, Any]) -> str:
    """Return a block's readable text, with all below it."""
    return "\n".join(line for line in _lines(block) if line)


def _lines(block: Mapping[str, Any]) -> Iterator[str]:
    payload = block[block["type"]]
    if "cells" in payload:
        yield " | ".join(plain(cell) for cell in payload["cells"])
    yield plain(payload.get("rich_text", ()))
    yield str(payload.get("title") or payload.get("expression") or "") if "rich_text" not in payload else ""
    yield plain(payload.get("caption", ())) or _place(payload)
    for child in block.get("children", ()):
        yield from _lines(child)


def _place(payload: Mapping[str, Any]) -> str:
    if isinstance(payload.get("url"), str):
        return str(payload["url"])
    where = payload.get("external") or payload.get("file") or {}
    return str(payload.get("name") or where.get("url") or "")


def request(block: Mapping[str, Any], *, children: bool = True) -> JSON:
    """Return a kept block as a request creates it; what cannot be created is a paragraph of its text."""
    kind = block["type"]
    if kind in UNMAKEABLE or (kind in MEDIA and block[kind].get("type") == "file"):
        lines = [{"type": "text", "text": {"content": text_of(block) or kind}}]
        return {"type": "paragraph", "paragraph": {"rich_text": inline.requests(lines)}}
    payload = _sendable(block[kind])
    below = block.get("children", ())
    if children and below:
        payload["children"] = [request(child) for child in below]
    return {"type": kind, kind: payload}


def update(old: Mapping[str, Any], new: Mapping[str, Any]) -> JSON:
    """Return the payload keys that differ, as a PATCH takes them; empty where none does."""
    before, after = old[old["type"]], new[new["type"]]
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    return _sendable(changed)


def _sendable(payload: Mapping[str, Any]) -> JSON:
    out = dict(payload)
    for key in ("rich_text", "caption"):
        if key in out:
            out[key] = inline.requests(out[key])
    if "cells" in out:
        out["cells"] = [inline.requests(cell) for cell in out["cells"]]
    return out


def count(block: Mapping[str, Any]) -> int:
    """Return the number of block elements, with all below."""
    return 1 + sum(count(child) for child in block.get("children", ()))


def depth(block: Mapping[str, Any]) -> int:
    """Return the levels below a block."""
    return max((1 + depth(child) for child in block.get("children", ())), default=0)


def widest(block: Mapping[str, Any]) -> int:
    """Return the largest number of children anywhere in a block."""
    below = block.get("children", ())
    return max([len(below), *(widest(child) for child in below)])
