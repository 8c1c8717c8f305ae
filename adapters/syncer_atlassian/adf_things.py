"""What blocks and lines of ADF have in common: nodes taken apart and put together, files, extensions, dates. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeGuard

from syncer.errors import DocumentError
from syncer.richtext.degrade import Grammar
from syncer.richtext.nodes import Node
from syncer_atlassian.adf_grammar import FORMAT, MEDIA

Raw = Mapping[str, Any]
_DAY = timedelta(days=1)
_EPOCH = date(1970, 1, 1)


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


def number(value: Any) -> TypeGuard[float]:
    """Say whether a raw value is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


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


def write_media_attrs(node: Node, file: Raw) -> dict[str, Any]:
    """Return the raw attributes of a file."""
    ref = node.attrs["ref"]
    if ref["kind"] == "url":
        where: dict[str, Any] = {"type": "external", "url": ref["key"]}
    else:
        where = {**file, "id": ref["key"], "collection": ref["system"].removeprefix(MEDIA)}
    return {**where, **{name: node.attrs[name] for name in ("alt", "width", "height") if name in node.attrs}}


def macro_attrs(raw: Raw) -> dict[str, Any] | None:
    """Return our attributes of an extension; None for one without a name."""
    attrs = attrs_of(raw)
    name, family = attrs.get("extensionKey"), attrs.get("extensionType")
    if not (isinstance(name, str) and name and isinstance(family, str) and family):
        return None
    params = {"params": attrs["parameters"]} if attrs.get("parameters") is not None else {}
    return {"name": name, "family": family, **params}


MACRO_ATTRS = ("extensionKey", "extensionType", "parameters", "text")


def write_macro_attrs(node: Node) -> dict[str, Any]:
    """Return the raw attributes of an extension."""
    out: dict[str, Any] = {"extensionType": node.attrs["family"], "extensionKey": node.attrs["name"]}
    if "params" in node.attrs:
        out["parameters"] = node.attrs["params"]
    return {**out, "text": node.text} if node.text else out
