"""Rich text ⇄ inline nodes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from syncer.richtext.nodes import SHOWN, Mark, Node
from syncer.richtext.urls import safe
from syncer_notion.richtext import RUNS, pieces, plain, units

JSON = dict[str, Any]

FORMAT = "notion-blocks"
MARKS = {"bold": "bold", "italic": "italic", "strikethrough": "strike", "underline": "underline", "code": "code"}
COLORS = frozenset({"gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"})
SYSTEM = "notion"
ANNOTATIONS = {ours: theirs for theirs, ours in MARKS.items()}
SENDABLE_MENTIONS = {"user", "date", "page", "database", "data_source", "template_mention", "custom_emoji"}
_URL = re.compile(r"(?i)[a-z][a-z0-9+.-]*://[^\s]+|(?:mailto|tel):[^\s]+|/[0-9a-f#?&=-]+")
"""Forms that Notion takes as an address: it refuses others, with the whole block."""


def normal_run(run: Mapping[str, Any]) -> JSON:
    """Return a run as we keep it: without defaults, without what is derived or signed."""
    kind = run.get("type") or next(k for k in ("text", "mention", "equation") if k in run)
    annotations = {k: v for k, v in (run.get("annotations") or {}).items() if v and v != "default"}
    marked = {"annotations": annotations} if annotations else {}
    if kind == "text":
        held = run["text"]
        link = (held.get("link") or {}).get("url")
        return {"type": "text", "text": {"content": held["content"], **({"link": link} if link else {})}, **marked}
    if kind == "mention":
        href = {"href": run["href"]} if run.get("href") else {}
        return {"type": kind, kind: _mention(run[kind]), "plain_text": plain([run]), **href, **marked}
    return {"type": kind, kind: run[kind], **marked}


def _mention(held: Mapping[str, Any]) -> JSON:
    kind = held.get("type") or next(iter(held))
    value = held[kind]
    # A user's name and picture come along and change without anyone editing the page.
    return {"type": kind, kind: {"id": value["id"]} if kind == "user" else value}


def request_run(run: Mapping[str, Any]) -> JSON:
    """Return a kept run as a request takes it; a mention that cannot be written is its text."""
    annotations = {"annotations": run["annotations"]} if "annotations" in run else {}
    kind = run["type"]
    if kind == "mention" and run[kind]["type"] not in SENDABLE_MENTIONS:
        return request_run(_text_run(run["plain_text"] or "?", run.get("href"), run.get("annotations", {})))
    if kind == "text":
        link = run["text"].get("link")
        content = run["text"]["content"]
        return {"type": kind, kind: {"content": content, "link": {"url": link} if link else None}, **annotations}
    return {"type": kind, kind: run[kind], **annotations}


def requests(kept: Iterable[Mapping[str, Any]]) -> list[JSON]:
    """Return kept runs as a request takes them: none too long."""
    return [request_run(piece) for run in kept for piece in _cut(run)]


def _cut(run: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if run["type"] != "text":
        yield run
        return
    for piece in pieces(run["text"]["content"]):
        yield {**run, "text": {**run["text"], "content": piece}}


def read(runs: Iterable[Mapping[str, Any]]) -> tuple[Node, ...]:
    """Return kept runs as inline nodes."""
    return tuple(node for run in runs for node in _read(run))


def _read(run: Mapping[str, Any]) -> Iterator[Node]:
    marks = tuple(_marks(run))
    if run["type"] != "text":
        yield _atom(run, marks) or _opaque(run)
        return
    for n, line in enumerate(run["text"]["content"].split("\n")):
        if n:
            yield Node("break")
        if line:
            yield Node("text", (), {}, line, marks)


def _marks(run: Mapping[str, Any]) -> Iterator[Mark]:
    annotations = run.get("annotations", {})
    yield from (Mark(MARKS[name]) for name in annotations if name in MARKS)
    color = str(annotations.get("color", "default"))
    if color.removesuffix("_background") in COLORS:
        kind = "background" if color.endswith("_background") else "color"
        yield Mark(kind, {"color": color.removesuffix("_background")})
    if run["type"] == "text" and sendable_url(run["text"].get("link") or " "):
        yield Mark("link", {"href": run["text"]["link"]})


def _atom(run: Mapping[str, Any], marks: tuple[Mark, ...]) -> Node | None:
    """Read an equation, or a mention of a person or of a day; None for any other."""
    if run["type"] == "equation":
        expression = run["equation"].get("expression", "")
        return Node("equation", (), {"inline": True}, expression, marks) if expression else None
    held = run.get("mention", {})
    if "href" in run or run["type"] != "mention":
        return None
    if held["type"] == "user" and held["user"].get("id"):
        ref = {"kind": "person", "system": SYSTEM, "key": held["user"]["id"]}
        return Node("mention", (), {"ref": ref}, "", marks, {SHOWN: run["plain_text"]} if run.get("plain_text") else {})
    day = held.get("date", {})
    if held["type"] == "date" and _is_day(day.get("start")) and not day.get("end") and not day.get("time_zone"):
        return Node("date", (), {"iso": day["start"]}, "", marks)
    return None


def _is_day(text: object) -> bool:
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _opaque(run: Mapping[str, Any]) -> Node:
    kind = f"mention:{run['mention']['type']}" if run["type"] == "mention" else run["type"]
    attrs = {"format": FORMAT, "kind": kind, "raw": dict(run), "text": plain([run]), "inline": True}
    return Node("opaque", (), attrs)


def write(nodes: Sequence[Node]) -> list[JSON]:
    """Return inline nodes as kept runs, neighbours that look the same joined."""
    out: list[JSON] = []
    for node in nodes:
        for run in _write(node, out[-1] if out else None):
            last = out[-1] if out else None
            if last and _alike(last, run):
                joined = last["text"]["content"] + run["text"]["content"]
                out[-1] = {**last, "text": {**last["text"], "content": joined}}
            else:
                out.append(run)
    return out


def _alike(a: JSON, b: JSON) -> bool:
    if a["type"] != "text" or b["type"] != "text":
        return False
    return a.get("annotations") == b.get("annotations") and a["text"].get("link") == b["text"].get("link")


def _write(node: Node, before: JSON | None) -> Iterator[JSON]:
    annotations = _looks(node.marks)[1]
    marked = {"annotations": annotations} if annotations else {}
    if node.type == "opaque":
        yield dict(node.attrs["raw"])
    elif node.type == "equation":
        yield {"type": "equation", "equation": {"expression": node.text}, **marked}
    elif node.type == "mention":
        held = {"type": "user", "user": {"id": node.attrs["ref"]["key"]}}
        yield {"type": "mention", "mention": held, "plain_text": str(node.extra.get(SHOWN, "")), **marked}
    elif node.type == "date":
        iso = node.attrs["iso"]
        yield {"type": "mention", "mention": {"type": "date", "date": {"start": iso}}, "plain_text": iso, **marked}
    elif node.type == "break":
        # A break has no look of its own: it joins the run before it.
        joins = before is not None and before["type"] == "text"
        yield {**before, "text": {**before["text"], "content": "\n"}} if before and joins else _text_run("\n", None, {})
    elif node.text:
        yield _text_run(node.text, *_looks(node.marks))


def _looks(marks: Sequence[Mark]) -> tuple[str | None, JSON]:
    link, annotations = None, {}
    for mark in marks:
        if mark.type == "link":
            link = str(mark.attrs["href"])
        elif mark.type == "color":
            annotations["color"] = mark.attrs["color"]
        elif mark.type == "background":
            annotations["color"] = f"{mark.attrs['color']}_background"
        elif mark.type in ANNOTATIONS:
            annotations[ANNOTATIONS[mark.type]] = True
    return link, annotations


def sendable_url(url: str) -> bool:
    """Say whether a url may be written, and Notion takes it as a link."""
    known = safe(url) or url.lower().startswith("notion://")
    return known and bool(_URL.fullmatch(url)) and units(url) <= 2000


def _text_run(text: str, link: str | None, annotations: Mapping[str, Any]) -> JSON:
    run: JSON = {"type": "text", "text": {"content": text, **({"link": link} if link else {})}}
    return {**run, "annotations": dict(annotations)} if annotations else run


def portions(runs: Sequence[JSON]) -> list[list[JSON]]:
    """Split runs into what one block each can hold: at most 100, counted as they will be sent."""
    out: list[list[JSON]] = [[]]
    count = 0
    for run in runs:
        for piece in _cut(run):
            if count == RUNS:
                out.append([])
                count = 0
            count += 1
            held = out[-1]
            if held and _alike(held[-1], dict(piece)):
                held[-1] = {
                    **held[-1],
                    "text": {**held[-1]["text"], "content": held[-1]["text"]["content"] + piece["text"]["content"]},
                }
            else:
                held.append(dict(piece))
    return out
