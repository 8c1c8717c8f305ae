"""Our document → Atlassian Document Format: first what ADF would show of it (`shown`), then that, exactly. Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from syncer.richtext.nodes import Document, Mark, Node
from syncer.richtext.normal import normal
from syncer_atlassian.adf_read import FORMAT, READ_MARKS

WRITE_MARKS = {ours: theirs for theirs, ours in READ_MARKS.items()}
CARRIED_MARKS = frozenset({"subsup", "textColor", "backgroundColor", "annotation"})
WITH_CODE = frozenset({"code", "link", "annotation"})
"""`code` combines with nothing else (ADF JSON schema, code_inline_node)."""

_UNSAFE = re.compile(
    r"^[\s\x00-\x1f]*(?:j[\s\x00-\x1f]*a[\s\x00-\x1f]*v[\s\x00-\x1f]*a|vb|live)[\s\x00-\x1f]*script:|^\s*data:", re.I
)


def shown(document: Document) -> Document:
    """Return what ADF would show of a document. Idempotent."""
    return normal(Node("doc", tuple(_blocks(normal(document).content, "doc"))))


def write_document(document: Document) -> dict[str, Any]:
    """Write a document that ADF can show exactly."""
    return {"version": 1, "type": "doc", "content": [write_block(block) for block in document.content]}


def _blocks(blocks: Iterable[Node], place: str) -> Iterator[Node]:
    for block in blocks:
        yield from _block(block, place)


def _block(block: Node, place: str) -> Iterator[Node]:
    match block.type:
        case "paragraph":
            yield replace(block, content=_inlines(block.content))
        case "heading" if place == "doc":
            level = block.attrs.get("level", 1)
            yield replace(block, content=_inlines(block.content), attrs={"level": min(6, max(1, int(level)))})
        case "heading":
            yield Node("paragraph", _inlines(block.content))
        case "code":
            yield block
        case "rule" if place == "doc":
            yield block
        case "rule":
            return
        case "quote" if place == "doc":
            yield replace(block, content=tuple(_blocks(block.content, "quote")) or (Node("paragraph"),))
        case "list":
            yield from _list(block, place)
        case "opaque" if block.attrs.get("format") == FORMAT:
            yield block
        case "opaque":
            if text := str(block.attrs.get("text", "")):
                yield Node("paragraph", (Node("text", (), {}, text),))
        case _:
            yield from _blocks(block.content, place)


def _list(block: Node, place: str) -> Iterator[Node]:
    """A list is of tasks or of plain items, never both: a mixed one becomes lists in a row."""
    runs: list[list[Node]] = []
    for item in block.content:
        if runs and ("done" in runs[-1][0].attrs) == ("done" in item.attrs):
            runs[-1].append(item)
        else:
            runs.append([item])
    start = int(block.attrs.get("start", 1))
    for run in runs:
        if "done" not in run[0].attrs:
            items = tuple(replace(i, content=tuple(_blocks(i.content, "item")) or (Node("paragraph"),)) for i in run)
            attrs = {"ordered": True, "start": max(0, start)} if block.attrs.get("ordered") else {}
            yield replace(block, content=items, attrs=attrs)
        elif place == "quote":
            # a quote holds no task list: its words stay, the tick is written out
            for item in run:
                tick = Node("text", (), {}, "[x] " if item.attrs["done"] else "[ ] ")
                yield Node("paragraph", _inlines((tick, *_first_line(item))))
                yield from _blocks(_rest(item), place)
        else:
            yield from _task_runs(block, run, place)
        start += len(run)


def _task_runs(block: Node, run: Sequence[Node], place: str) -> Iterator[Node]:
    """A task holds one line and further tasks; any other block in it moves out, and divides the list."""
    items: list[Node] = []
    for item in run:
        nested: list[Node] = []
        out: list[Node] = []
        for child in _blocks(_rest(item), place):
            is_tasks = child.type == "list" and "done" in child.content[0].attrs
            (out if out or not is_tasks else nested).append(child)
        line = Node("paragraph", _inlines(_first_line(item)))
        items.append(replace(item, content=(line, *nested)))
        if out:
            yield replace(block, content=tuple(items), attrs={})
            yield from out
            items = []
    if items:
        yield replace(block, content=tuple(items), attrs={})


def _first_line(item: Node) -> tuple[Node, ...]:
    return item.content[0].content if item.content and item.content[0].type == "paragraph" else ()


def _rest(item: Node) -> tuple[Node, ...]:
    return item.content[1:] if item.content and item.content[0].type == "paragraph" else item.content


def _inlines(content: Iterable[Node]) -> tuple[Node, ...]:
    out: list[Node] = []
    for node in content:
        if node.type == "text":
            out.append(replace(node, marks=_marks(node.marks)))
        elif node.type == "opaque" and node.attrs.get("format") != FORMAT:
            out.append(Node("text", (), {}, str(node.attrs.get("text", ""))))
        else:
            out.append(node)
    return normal(Node("paragraph", tuple(out))).content


def _marks(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    kept = [m for m in marks if m.type in WRITE_MARKS or m.type in CARRIED_MARKS]
    kept = [m for m in kept if m.type != "link" or _safe(m.attrs.get("href"))]
    if any(m.type == "code" for m in kept):
        kept = [m for m in kept if m.type in WITH_CODE]
    return tuple(kept)


def _safe(href: Any) -> bool:
    return isinstance(href, str) and href != "" and not _UNSAFE.match(href)


def write_block(block: Node) -> dict[str, Any]:
    """Write one block of a shown document."""
    match block.type:
        case "opaque":
            return dict(block.attrs["raw"])
        case "heading":
            return _raw("heading", block, [_inline(n) for n in block.content], {"level": block.attrs["level"]})
        case "code":
            attrs = {"language": block.attrs["language"]} if block.attrs.get("language") else {}
            return _raw("codeBlock", block, [{"type": "text", "text": n.text} for n in block.content], attrs)
        case "quote":
            return _raw("blockquote", block, [write_block(n) for n in block.content])
        case "rule":
            return _raw("rule", block, None)
        case "list":
            return _write_list(block)
        case _:
            return _raw("paragraph", block, [_inline(n) for n in block.content])


def _write_list(block: Node) -> dict[str, Any]:
    if "done" in block.content[0].attrs:
        return _write_tasks(block)
    items = [write_item(item) for item in block.content]
    if not block.attrs.get("ordered"):
        return _raw("bulletList", block, items)
    start = block.attrs.get("start", 1)
    return _raw("orderedList", block, items, {"order": start} if start != 1 else {})


def write_item(item: Node) -> dict[str, Any]:
    """Write one item of a plain list."""
    return _raw("listItem", item, [write_block(n) for n in item.content])


def _write_tasks(block: Node) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for index, item in enumerate(block.content):
        attrs = {"localId": _local_id(item, index), "state": "DONE" if item.attrs["done"] else "TODO"}
        content.append(_raw("taskItem", item, [_inline(n) for n in item.content[0].content], attrs))
        content += [_write_tasks(nested) for nested in item.content[1:]]
    return _raw("taskList", block, content, {"localId": _local_id(block, len(content))})


def _local_id(node: Node, index: int) -> str:
    """Tasks must have a localId (ADF JSON schema, taskItem_node): one that the same content always gets."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{index}:{node.plain()}"))


def _inline(node: Node) -> dict[str, Any]:
    if node.type == "opaque":
        return dict(node.attrs["raw"])
    if node.type == "break":
        return _raw("hardBreak", node, None)
    out: dict[str, Any] = {"type": "text", "text": node.text}
    if node.marks:
        out["marks"] = [_mark(m) for m in node.marks]
    return {**node.extra.get(FORMAT, {}), **out}


def _mark(mark: Mark) -> dict[str, Any]:
    kind = WRITE_MARKS.get(mark.type, mark.type)
    return {"type": kind, "attrs": dict(mark.attrs)} if mark.attrs else {"type": kind}


def _raw(kind: str, node: Node, content: list[Any] | None, attrs: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Put a node together, with the attributes that it was read with and we do not know."""
    extra: Mapping[str, Any] = node.extra.get(FORMAT, {})
    every = {**(attrs or {}), **extra.get("attrs", {})}
    out: dict[str, Any] = {"type": kind}
    if every:
        out["attrs"] = every
    if content is not None:
        out["content"] = content
    out.update({k: v for k, v in extra.items() if k != "attrs"})
    return out
