"""Rich text as Notion takes it and as Notion shows it."""

from __future__ import annotations

from typing import Any

from syncer_notion.sandbox.refusal import invalid

JSON = dict[str, Any]

ANNOTATIONS: JSON = {
    "bold": False,
    "italic": False,
    "strikethrough": False,
    "underline": False,
    "code": False,
    "color": "default",
}


def units(text: str) -> int:
    """Return the length in UTF-16 code units, as Notion counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def take(items: Any, where: str) -> list[JSON]:
    """Validate rich text of a request; return what will be shown."""
    if not isinstance(items, list):
        raise invalid(f"body failed validation: {where} should be an array, instead was `{items!r}`.")
    if len(items) > 100:
        raise invalid(f"body failed validation: {where}.length should be ≤ `100`, instead was `{len(items)}`.")
    return merge([_item(item, f"{where}[{n}]") for n, item in enumerate(items)])


def _item(item: JSON, where: str) -> JSON:
    kind = item.get("type") or next((k for k in ("text", "mention", "equation") if k in item), "text")
    payload = item.get(kind)
    if not isinstance(payload, dict):
        raise invalid(f"body failed validation: {where}.{kind} should be defined, instead was `undefined`.")
    annotations = {**ANNOTATIONS, **item.get("annotations", {})}
    if set(annotations) != set(ANNOTATIONS):
        raise invalid(f"body failed validation: {where}.annotations has unknown keys.")
    if kind == "text":
        return _text(payload, annotations, where)
    if kind == "equation":
        expression = payload.get("expression", "")
        return _shown("equation", {"expression": expression}, annotations, expression, None)
    return _shown("mention", payload, annotations, item.get("plain_text", _mention_text(payload)), item.get("href"))


def _text(payload: JSON, annotations: JSON, where: str) -> JSON:
    content, link = payload.get("content"), payload.get("link")
    if not isinstance(content, str):
        raise invalid(f"body failed validation: {where}.text.content should be a string, instead was `{content!r}`.")
    if units(content) > 2000:
        raise invalid(
            f"body failed validation: {where}.text.content.length should be ≤ `2000`, instead was `{units(content)}`."
        )
    href = link.get("url") if link else None
    if link is not None and (not isinstance(href, str) or not href or units(href) > 2000):
        raise invalid(f"body failed validation: {where}.text.link.url should be a valid URL.")
    return _shown("text", {"content": content, "link": {"url": href} if href else None}, annotations, content, href)


def _shown(kind: str, payload: JSON, annotations: JSON, plain: str, href: str | None) -> JSON:
    return {"type": kind, kind: payload, "annotations": annotations, "plain_text": plain, "href": href}


def _mention_text(payload: JSON) -> str:
    kind = payload.get("type", next(iter(payload), ""))
    return f"@{payload.get(kind, {}).get('id', kind)}" if kind != "date" else str(payload["date"].get("start", ""))


def merge(items: list[JSON]) -> list[JSON]:
    """Join neighbours that look the same; drop empty runs, as a read shows them."""
    out: list[JSON] = []
    for item in items:
        if item["type"] == "text" and not item["text"]["content"]:
            continue
        last = out[-1] if out else None
        alike = last is not None and item["type"] == last["type"] == "text"
        if last and alike and item["annotations"] == last["annotations"] and item["href"] == last["href"]:
            content = last["text"]["content"] + item["text"]["content"]
            out[-1] = {**last, "text": {**last["text"], "content": content}, "plain_text": content}
        else:
            out.append(item)
    return out


def plain(items: list[JSON]) -> str:
    """Return the text without marks."""
    return "".join(item["plain_text"] for item in items)


def runs(text: str) -> list[JSON]:
    """Return plain text as rich text of a request."""
    return [{"type": "text", "text": {"content": text[n : n + 1000]}} for n in range(0, len(text), 1000)]
