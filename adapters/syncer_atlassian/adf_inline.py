"""The lines of text of the Atlassian Document Format: its inline nodes and marks ⇄ ours. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from syncer.errors import DocumentError
from syncer.richtext.degrade import Grammar
from syncer.richtext.nodes import SHOWN, Mark, Node
from syncer.richtext.normal import marks as mark_set
from syncer_atlassian.adf_grammar import FORMAT, SYSTEM
from syncer_atlassian.adf_things import (
    MACRO_ATTRS,
    Raw,
    attrs_of,
    beyond,
    day_of,
    kind_of,
    macro_attrs,
    media_attrs,
    opaque,
    put_together,
    stamp_of,
    write_macro_attrs,
    write_media_attrs,
)

MARKS: Mapping[str, str] = {
    "strong": "bold", "em": "italic", "strike": "strike", "underline": "underline", "code": "code",
}  # fmt: skip
"""ADF's marks without attributes, and ours."""
_PLAIN = {theirs: Mark(ours) for theirs, ours in MARKS.items()}
_ALONE = {theirs: (mark,) for theirs, mark in _PLAIN.items()}
_WRITTEN = {ours: theirs for theirs, ours in MARKS.items()}
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def read_inline(raw: Any, grammar: Grammar) -> Node:
    """Read one inline; what we do not model, or the schema does not take, is opaque. Raises DocumentError."""
    kind = kind_of(raw)
    if kind == "text":
        return _text(raw, grammar)
    make = _READ.get(kind)
    node = make(raw) if make else None
    if node is None or node.type not in grammar.inlines or grammar.fit(node, "line") is not node:
        return opaque(raw, grammar, inline=True)
    if raw.get("marks") and node.type in grammar.marked:
        carried = [m for m in _marks(raw["marks"], grammar) if m.type in grammar.marked[node.type]]
        return Node(node.type, (), node.attrs, node.text, mark_set(carried), node.extra)
    return node


def _text(raw: Raw, grammar: Grammar) -> Node:
    text = raw.get("text")
    if not isinstance(text, str):
        raise DocumentError("a text node has no text")
    if "\r" in text:
        text = re.sub("\r+\n", "\n", text)
    if len(raw) == 2:
        return Node("text", (), {}, text)
    found = raw.get("marks")
    marks = _looks(found, grammar) if found else ()
    extra = {} if len(raw) == 3 and "marks" in raw else beyond({k: v for k, v in raw.items() if k != "marks"})
    return Node("text", (), {}, text, marks, extra)


def _looks(found: Any, grammar: Grammar) -> tuple[Mark, ...]:
    """Return the marks of a text; the simple ones, by far the most, without a thought."""
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], dict) and len(found[0]) == 1:
        alone = _ALONE.get(str(found[0].get("type")))
        if alone is not None:
            return alone
    return mark_set(grammar.together(_marks(found, grammar)))


def _marks(found: Any, grammar: Grammar) -> list[Mark]:
    if not isinstance(found, list):
        raise DocumentError("the marks of a text are not a list")
    return [mark for raw in found if (mark := _mark(raw, grammar)) is not None]


def _mark(raw: Any, grammar: Grammar) -> Mark | None:
    kind = kind_of(raw)
    if kind in _PLAIN and len(raw) == 1:
        return _PLAIN[kind]
    attrs = attrs_of(raw)
    mark = Mark(f"{grammar.format}:{kind}", dict(attrs))
    match kind:
        case "strong" | "em" | "strike" | "underline" | "code":
            mark = Mark(MARKS[kind], {}, beyond(raw))
        case "link" if isinstance(attrs.get("href"), str):
            if not grammar.link(attrs["href"]):
                return None
            title = attrs.get("title")
            said = {"href": attrs["href"], **({"title": title} if isinstance(title, str) and title else {})}
            mark = Mark("link", said, beyond(raw, *said))
        case "subsup" if attrs.get("type") in ("sub", "sup"):
            mark = Mark(attrs["type"], {}, beyond(raw, "type"))
        case "textColor" | "backgroundColor" if _HEX.fullmatch(str(attrs.get("color"))):
            mark = Mark(
                "color" if kind == "textColor" else "background", {"color": attrs["color"]}, beyond(raw, "color")
            )
        case "annotation" if isinstance(attrs.get("id"), str) and attrs.get("annotationType") == "inlineComment":
            ref = {"kind": "comment", "system": SYSTEM, "key": attrs["id"]}
            mark = Mark("comment", {"ref": ref}, beyond(raw, "id", "annotationType"))
        case _:
            pass
    return mark


def _mention(raw: Raw) -> Node | None:
    attrs = attrs_of(raw)
    if not isinstance(attrs.get("id"), str):
        return None
    extra = beyond(raw, "id", "text")
    if isinstance(attrs.get("text"), str) and attrs["text"]:
        extra[SHOWN] = attrs["text"]
    return Node("mention", (), {"ref": {"kind": "person", "system": SYSTEM, "key": attrs["id"]}}, extra=extra)


def _emoji(raw: Raw) -> Node | None:
    attrs = attrs_of(raw)
    short, text = attrs.get("shortName"), attrs.get("text", "")
    if not isinstance(short, str) or not isinstance(text, str):
        return None
    name = short.strip(":")
    known = ("text", "shortName") if short == f":{name}:" else ("text",)
    return Node("emoji", (), {"name": name}, text, extra=beyond(raw, *known))


def _date(raw: Raw) -> Node | None:
    """ADF dates are epoch milliseconds as text (date_node), at midnight UTC where the editor made them."""
    stamp = attrs_of(raw).get("timestamp")
    iso = day_of(stamp)
    if iso is None:
        return None
    return Node("date", (), {"iso": iso}, extra=beyond(raw, *(("timestamp",) if stamp == stamp_of(iso) else ())))


def _status(raw: Raw) -> Node | None:
    attrs = attrs_of(raw)
    text, color = attrs.get("text"), attrs.get("color")
    if not isinstance(text, str) or not isinstance(color, str):
        return None
    said = {} if color == "neutral" else {"color": color}
    return Node("status", (), said, text, extra=beyond(raw, "text", "color"))


def _card(raw: Raw) -> Node | None:
    url = attrs_of(raw).get("url")
    return Node("card", (), {"url": url}, extra=beyond(raw, "url")) if isinstance(url, str) else None


def _placeholder(raw: Raw) -> Node | None:
    text = attrs_of(raw).get("text")
    return Node("placeholder", (), {}, text, extra=beyond(raw, "text")) if isinstance(text, str) else None


def _media(raw: Raw) -> Node | None:
    found = media_attrs(attrs_of(raw))
    if found is None:
        return None
    extra = beyond({k: v for k, v in raw.items() if k != "marks"}, *found[1])
    return Node("media", (), {**found[0], "inline": True}, extra=extra)


def _macro(raw: Raw) -> Node | None:
    said = macro_attrs(raw)
    text = attrs_of(raw).get("text", "")
    if said is None or not isinstance(text, str):
        return None
    return Node("macro", (), {**said, "inline": True}, text, extra=beyond(raw, *MACRO_ATTRS))


_READ = {
    "hardBreak": lambda raw: Node("break", extra=beyond(raw)), "mention": _mention, "emoji": _emoji, "date": _date,
    "status": _status, "inlineCard": _card, "placeholder": _placeholder, "mediaInline": _media,
    "inlineExtension": _macro,
}  # fmt: skip


def write_inline(node: Node) -> dict[str, Any]:
    """Write one inline of a document that ADF can say."""
    if node.type == "opaque":
        return dict(node.attrs["raw"])
    if node.type == "text":
        out: dict[str, Any] = {"type": "text", "text": node.text}
        if node.marks:
            out["marks"] = [write_mark(m) for m in node.marks]
        return {**node.extra.get(FORMAT, {}), **out} if node.extra else out
    kind, attrs = inline_head(node)
    out = put_together(kind, attrs, node)
    if node.marks:
        out["marks"] = [write_mark(m) for m in node.marks]
    return out


def inline_head(node: Node) -> tuple[str, dict[str, Any]]:
    """Return the type and attributes of an inline that is no text."""
    carried = node.extra.get(FORMAT, {}).get("attrs", {})
    match node.type:
        case "mention":
            shown = {"text": node.extra[SHOWN]} if node.extra.get(SHOWN) else {}
            return "mention", {"id": node.attrs["ref"]["key"], **shown}
        case "emoji":
            name = node.attrs["name"]
            short = carried.get("shortName")
            same = isinstance(short, str) and short.strip(":") == name
            return "emoji", {"shortName": short if same else f":{name}:", **({"text": node.text} if node.text else {})}
        case "date":
            stamp = carried.get("timestamp")
            return "date", {"timestamp": stamp if day_of(stamp) == node.attrs["iso"] else stamp_of(node.attrs["iso"])}
        case "status":
            return "status", {"text": node.text, "color": node.attrs.get("color", "neutral")}
        case "card":
            return "inlineCard", {"url": node.attrs["url"]}
        case "placeholder":
            return "placeholder", {"text": node.text}
        case "media":
            return "mediaInline", write_media_attrs(node, {"type": "file"})
        case "macro":
            return "inlineExtension", write_macro_attrs(node)
    return "hardBreak", {}


def write_mark(mark: Mark) -> dict[str, Any]:
    """Write one mark."""
    kind, attrs = _written_mark(mark)
    extra = mark.extra.get(FORMAT, {})
    every = {**extra.get("attrs", {}), **attrs}
    return {"type": kind, **({"attrs": every} if every else {}), **{k: v for k, v in extra.items() if k != "attrs"}}


def _written_mark(mark: Mark) -> tuple[str, Mapping[str, Any]]:
    if mark.type in _WRITTEN:
        return _WRITTEN[mark.type], {}
    match mark.type:
        case "sub" | "sup":
            return "subsup", {"type": mark.type}
        case "color":
            return "textColor", mark.attrs
        case "background":
            return "backgroundColor", mark.attrs
        case "comment":
            return "annotation", {"id": mark.attrs["ref"]["key"], "annotationType": "inlineComment"}
    return mark.type.partition(":")[2] or mark.type, mark.attrs
