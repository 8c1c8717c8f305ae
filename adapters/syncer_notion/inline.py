"""Rich text ⇄ inline nodes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from syncer.richtext.nodes import Mark, Node
from syncer.richtext.urls import safe
from syncer_notion.richtext import RUNS, pieces, plain, units

JSON = dict[str, Any]

FORMAT = "notion-blocks"
MARKS = {"bold": "bold", "italic": "italic", "strikethrough": "strike", "underline": "underline", "code": "code"}
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
    if run["type"] != "text":
        kind = f"mention:{run['mention']['type']}" if run["type"] == "mention" else run["type"]
        raw = dict(run)
        yield Node("opaque", (), {"format": FORMAT, "kind": kind, "raw": raw, "text": plain([run]), "inline": True})
        return
    marks = [Mark(MARKS[name]) for name in run.get("annotations", {}) if name in MARKS]
    if "color" in run.get("annotations", {}):
        marks.append(Mark("color", {"color": run["annotations"]["color"]}))
    if "link" in run["text"]:
        marks.append(Mark("link", {"href": run["text"]["link"]}))
    for n, line in enumerate(run["text"]["content"].split("\n")):
        if n:
            yield Node("break")
        if line:
            yield Node("text", (), {}, line, tuple(marks))


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
    if node.type == "opaque":
        yield dict(node.attrs["raw"])
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
            annotations["color"] = mark.attrs.get("color")
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
