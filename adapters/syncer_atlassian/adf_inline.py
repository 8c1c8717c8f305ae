"""The lines of text of the Atlassian Document Format: its inline nodes and marks ⇄ ours. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from syncer.errors import DocumentError
from syncer.richtext.degrade import Grammar
from syncer.richtext.nodes import SHOWN, Mark, Node
from syncer.richtext.normal import marks as mark_set
from syncer_atlassian.adf_grammar import FORMAT, MEDIA, SYSTEM

MARKS: Mapping[str, str] = {
    "strong": "bold", "em": "italic", "strike": "strike", "underline": "underline", "code": "code",
}  # fmt: skip
"""ADF's marks without attributes, and ours."""
_PLAIN = {theirs: Mark(ours) for theirs, ours in MARKS.items()}
_WRITTEN = {ours: theirs for theirs, ours in MARKS.items()}
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_DAY = timedelta(days=1)
_EPOCH = date(1970, 1, 1)

Raw = Mapping[str, Any]


def kind_of(raw: Any) -> str:
    """Return the type of a raw node or mark. Raises DocumentError."""
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        raise DocumentError("a node without a type")
    return str(raw["type"])


def attrs_of(raw: Raw) -> Raw:
    """Return the attributes of a raw node."""
    found = raw.get("attrs")
    return found if isinstance(found, dict) else {}


def beyond(raw: Raw, *known: str) -> dict[str, Any]:
    """Return what a raw node says besides what we understand of it, as `extra`."""
    extra = {k: v for k, v in raw.items() if k not in ("type", "content", "attrs", "text")}
    if unknown := {k: v for k, v in attrs_of(raw).items() if k not in known}:
        extra["attrs"] = unknown
    return {FORMAT: extra} if extra else {}


def number(value: Any) -> bool:
    """Say whether a raw value is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


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
    marks = mark_set(grammar.together(_marks(found, grammar))) if found else ()
    extra = {} if len(raw) == 3 and "marks" in raw else beyond({k: v for k, v in raw.items() if k != "marks"})
    return Node("text", (), {}, text, marks, extra)


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


def day_of(stamp: Any) -> str | None:
    """Return the day of a timestamp; None where it is none, or not of our calendar."""
    digits = str(stamp).removeprefix("-")
    if not isinstance(stamp, str) or not digits.isdigit() or not digits.isascii() or len(digits) > 15:
        return None
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(stamp))).date().isoformat()
    except OverflowError:
        return None


def stamp_of(iso: str) -> str:
    """Return the timestamp of a day."""
    return str((date.fromisoformat(iso) - _EPOCH) // _DAY * 86_400_000)


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


def media_attrs(attrs: Raw) -> tuple[dict[str, Any], tuple[str, ...]] | None:
    """Return our attributes of a file, and which of the raw ones they stand for; None for what is no file."""
    if attrs.get("type") == "external":
        key, kind, system = attrs.get("url"), "url", ""
        known: tuple[str, ...] = ("type", "url")
    else:
        key, kind, system = attrs.get("id"), "media", f"{MEDIA}{attrs.get('collection', '')}"
        known = ("id", "collection", *(("type",) if attrs.get("type") == "file" else ()))
    if not isinstance(key, str) or not key or not isinstance(attrs.get("collection", ""), str):
        return None
    said: dict[str, Any] = {"ref": {"kind": kind, "system": system, "key": key}}
    if isinstance(attrs.get("alt"), str) and attrs["alt"]:
        said["alt"] = attrs["alt"]
    said |= {name: attrs[name] for name in ("width", "height") if number(attrs.get(name))}
    return said, (*known, *said)


def _media(raw: Raw) -> Node | None:
    found = media_attrs(attrs_of(raw))
    if found is None:
        return None
    extra = beyond({k: v for k, v in raw.items() if k != "marks"}, *found[1])
    return Node("media", (), {**found[0], "inline": True}, extra=extra)


def macro_attrs(raw: Raw) -> dict[str, Any] | None:
    """Return our attributes of an extension; None for one without a name."""
    attrs = attrs_of(raw)
    name, family = attrs.get("extensionKey"), attrs.get("extensionType")
    if not (isinstance(name, str) and name and isinstance(family, str) and family):
        return None
    params = {"params": attrs["parameters"]} if attrs.get("parameters") is not None else {}
    return {"name": name, "family": family, **params}


MACRO_ATTRS = ("extensionKey", "extensionType", "parameters", "text")


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


def opaque(raw: Raw, grammar: Grammar, *, inline: bool = False) -> Node:
    """Keep a node whole, with readable text beside it."""
    attrs: dict[str, Any] = {"format": grammar.format, "kind": raw["type"], "raw": dict(raw), "text": readable(raw)}
    return Node("opaque", (), {**attrs, "inline": True} if inline else attrs)


def readable(raw: Any) -> str:
    """Return what a person would read of a node."""
    if not isinstance(raw, dict):
        return ""
    attrs = attrs_of(raw)
    match raw.get("type"):
        case "text":
            return str(raw.get("text", ""))
        case "hardBreak":
            return "\n"
        case "date":
            return day_of(attrs.get("timestamp")) or str(attrs.get("timestamp", ""))
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


def write_media_attrs(node: Node, file: Raw) -> dict[str, Any]:
    """Return the raw attributes of a file."""
    ref = node.attrs["ref"]
    if ref["kind"] == "url":
        where: dict[str, Any] = {"type": "external", "url": ref["key"]}
    else:
        where = {**file, "id": ref["key"], "collection": ref["system"].removeprefix(MEDIA)}
    return {**where, **{name: node.attrs[name] for name in ("alt", "width", "height") if name in node.attrs}}


def write_macro_attrs(node: Node) -> dict[str, Any]:
    """Return the raw attributes of an extension."""
    out: dict[str, Any] = {"extensionType": node.attrs["family"], "extensionKey": node.attrs["name"]}
    if "params" in node.attrs:
        out["parameters"] = node.attrs["params"]
    return {**out, "text": node.text} if node.text else out


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


def put_together(
    kind: str, attrs: Mapping[str, Any], node: Node, content: Sequence[Any] | None = None
) -> dict[str, Any]:
    """Put a node together, with the attributes that it was read with and we do not know."""
    extra: Mapping[str, Any] = node.extra.get(FORMAT, {})
    every = {**attrs, **{k: v for k, v in extra["attrs"].items() if k not in attrs}} if "attrs" in extra else attrs
    out: dict[str, Any] = {"type": kind}
    if every:
        out["attrs"] = dict(every)
    if content is not None:
        out["content"] = content
    out.update({k: v for k, v in extra.items() if k != "attrs" and k[0] != "."})
    return out
