"""Blocks: what an append or update may say, and what a read shows. Children are kept by the state."""

from __future__ import annotations

from typing import Any

from syncer_notion import languages
from syncer_notion.sandbox import text
from syncer_notion.sandbox.refusal import invalid

JSON = dict[str, Any]

TEXTUAL = {
    "paragraph", "heading_1", "heading_2", "heading_3", "heading_4", "bulleted_list_item", "numbered_list_item",
    "to_do", "toggle", "quote", "callout", "code",
}  # fmt: skip
PLAIN = {"divider", "breadcrumb"}
MEDIA = {"image", "video", "audio", "pdf", "file"}
OTHER = {
    "equation", "table_of_contents", "table", "table_row", "column_list", "column", "bookmark", "embed",
    "synced_block", "link_to_page", "tab",
}  # fmt: skip
READ_ONLY = {"child_page", "child_database", "link_preview", "unsupported", "template", "meeting_notes"}
PARENTS = {
    "paragraph", "bulleted_list_item", "numbered_list_item", "to_do", "toggle", "quote", "callout", "table",
    "column_list", "column", "synced_block", "tab", "heading_1", "heading_2", "heading_3", "heading_4", "child_page",
}  # fmt: skip


def kind_of(block: JSON, where: str) -> str:
    """Return a request block's type. Refuses what cannot be created."""
    kind = block.get("type") or next((k for k in block if k in TEXTUAL | PLAIN | MEDIA | OTHER), "")
    if kind in READ_ONLY:
        raise invalid(f"body failed validation: {where}.{kind}: block type {kind} is not supported via the API.")
    if kind not in TEXTUAL | PLAIN | MEDIA | OTHER or not isinstance(block.get(kind), dict):
        raise invalid(f"body failed validation: {where}.{kind or 'type'} should be defined, instead was `undefined`.")
    return str(kind)


def take(kind: str, given: JSON, where: str, old: JSON | None = None) -> JSON:
    """Validate a payload; return what is stored, without children. `old` is what an update changes."""
    out = {**(old or {}), **{key: value for key, value in given.items() if key not in {"children", "list_start_index"}}}
    if kind in TEXTUAL:
        if "rich_text" not in out:
            raise invalid(f"body failed validation: {where}.{kind}.rich_text should be defined.")
        out["rich_text"] = text.take(out["rich_text"], f"{where}.{kind}.rich_text")
    if "caption" in out:
        out["caption"] = text.take(out["caption"], f"{where}.{kind}.caption")
    if kind == "code" and out.get("language") not in languages.KNOWN:
        raise invalid(f"body failed validation: {where}.code.language should be one of the supported languages.")
    for key, value in _defaults(kind).items():
        out.setdefault(key, value)
    if kind == "table_row":
        out["cells"] = [text.take(cell, f"{where}.table_row.cells[{n}]") for n, cell in enumerate(out["cells"])]
    if kind in MEDIA:
        _media(kind, out, where)
    return out


def _defaults(kind: str) -> JSON:
    """Return what a new block shows where nothing was said."""
    out: JSON = {"caption": []} if kind == "code" else {"color": "default"} if kind in TEXTUAL else {}
    if kind.startswith("heading_"):
        out["is_toggleable"] = False
    if kind == "to_do":
        out["checked"] = False
    if kind == "callout":
        out["icon"] = {"type": "emoji", "emoji": "💡"}
    if kind == "paragraph":
        out["icon"] = None
    return out


def _media(kind: str, out: JSON, where: str) -> None:
    if "external" in out:
        out.setdefault("type", "external")
    elif "file_upload" in out:
        out["type"] = "file"
        out["file"] = {"url": "https://files.example/" + out.pop("file_upload")["id"], "expiry_time": None}
    elif out.get("type") != "file":
        raise invalid(f"body failed validation: {where}.{kind}.external should be defined, instead was `undefined`.")
    out.setdefault("caption", [])


def children_of(kind: str, block: JSON, where: str) -> list[JSON]:
    """Return a request block's children. Refuses a table without rows, a leaf with children."""
    children = block[kind].get("children", block.get("children")) or []
    if children and kind not in PARENTS:
        raise invalid(f"body failed validation: {where}.{kind}.children should be not present.")
    if len(children) > 100:
        raise invalid(
            f"body failed validation: {where}.{kind}.children.length should be ≤ `100`, instead was `{len(children)}`."
        )
    if kind == "table" and not children:
        raise invalid(f"body failed validation: {where}.table.children should be defined, instead was `undefined`.")
    if kind == "column_list" and len(children) < 2:
        raise invalid(f"body failed validation: {where}.column_list.children.length should be ≥ `2`.")
    if kind.startswith("heading_") and children and not block[kind].get("is_toggleable"):
        raise invalid(f"body failed validation: {where}.{kind}: only toggleable headings may have children.")
    return list(children)


def shown(kind: str, payload: JSON, signature: str) -> JSON:
    """Return the payload as a read shows it; hosted files get a url signed anew."""
    if kind in MEDIA and payload.get("type") == "file":
        url = payload["file"]["url"].split("?")[0]
        return {**payload, "file": {"url": f"{url}?X-Amz-Signature={signature}", "expiry_time": signature}}
    return dict(payload)
