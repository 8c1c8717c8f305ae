"""Shows documents to people at a terminal: as text of a given width, and as the short difference of two. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from syncer.richtext.degrade import NONE, Grammar, degrade
from syncer.richtext.diff import INLINE_HOLDERS, align, key
from syncer.richtext.nodes import Document, Node
from syncer.richtext.shapes import PARTS, is_inline
from syncer.richtext.weave import hunks, match
from syncer.richtext.words import Ink, Word

_HELD = {
    "paragraph": NONE, "heading": frozenset({"level"}), "list": frozenset({"ordered", "start"}), "code": NONE,
    "quote": NONE, "rule": NONE, "opaque": frozenset({"format", "kind", "raw", "text"}),
}  # fmt: skip
_TERMINAL = Grammar(
    "terminal",
    {**dict.fromkeys(("doc", "item", "quote"), _HELD), "list": {"item": frozenset({"done"})}},
    {"text": NONE, "break": NONE},
    {},
)
"""What is told apart on a screen."""
_CONTEXT = 3
"""Words shown on each side of an edit."""
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Return a text without what could steer a terminal or turn the reading direction round."""
    return _STEERING.sub("\ufffd", text)


def render(document: Document, width: int = 80) -> str:
    """Return a document as lines of at most `width` columns (long words and code excepted)."""
    blocks = degrade(document, _TERMINAL).content
    return clean("\n\n".join("\n".join(x) for x in (list(_block(b, width)) for b in blocks) if x))


def difference(was: Document, now: Document, limit: int = 12, width: int = 100) -> list[str]:
    """Return what changed, a line each: `- ` removed, `+ ` new, `~ ` the edited words in their surroundings."""
    lines: list[str] = []
    for i, j in align(was.content, now.content):
        if i is None and j is not None:
            lines.append("+ " + _short(now.content[j], width))
        elif j is None and i is not None:
            lines.append("- " + _short(was.content[i], width))
        elif i is not None and j is not None and key(was.content[i]) != key(now.content[j]):
            lines += ["~ " + _cut(text, width) for text in _edits(was.content[i], now.content[j])]
    lines = [clean(line) for line in lines]
    more = len(lines) - limit
    return lines if more <= 0 else [*lines[:limit], f"… {more} more"]


def _block(node: Node, width: int) -> Iterator[str]:
    if node.type == "heading":
        yield from _wrapped(f"{'#' * int(node.attrs.get('level', 1))} {node.plain()}", width)
    elif node.type == "code":
        yield from ("    " + line for line in node.plain().split("\n"))
    elif node.type == "rule":
        yield "─" * min(width, 20)
    elif node.type == "list":
        for k, item in enumerate(node.content):
            yield from _under(_marker(node, item, k), item.content, width)
    elif node.type == "quote":
        yield from ("│ " + line for block in node.content for line in _block(block, width - 2))
    elif node.type == "opaque":
        yield from _wrapped(node.plain() or f"[{node.attrs.get('kind', 'unknown')}]", width)
    else:
        yield from _wrapped(node.plain(), width)


def _marker(node: Node, item: Node, k: int) -> str:
    sign = f"{int(node.attrs.get('start', 1)) + k}." if node.attrs.get("ordered") else "•"
    tick = "" if "done" not in item.attrs else " [x]" if item.attrs["done"] else " [ ]"
    return f"{sign}{tick} "


def _under(marker: str, blocks: Sequence[Node], width: int) -> Iterator[str]:
    lines = [line for block in blocks for line in _block(block, max(20, width - len(marker)))] or [""]
    yield (marker + lines[0]).rstrip()
    yield from (" " * len(marker) + line for line in lines[1:])


def _wrapped(text: str, width: int) -> Iterator[str]:
    for line in text.split("\n"):
        yield from textwrap.wrap(line, max(20, width), break_long_words=False, break_on_hyphens=False) or [""]


def _short(node: Node, width: int) -> str:
    shown = degrade(_standing(node), _TERMINAL).content
    text = " ".join(" ".join(line for block in shown for line in _block(block, 10_000)).split())
    return _cut(text or f"[{node.type}]", width)


def _standing(node: Node) -> Node:
    """Return a document of one node: of a part, such as an item or a cell, what it holds."""
    if node.type in PARTS:
        inner = node.content if PARTS[node.type].holds == "blocks" else (Node("paragraph", node.content),)
        return Node("doc", (Node("table", (node,)),) if node.type == "row" else inner)
    return Node("doc", (Node("paragraph", (node,)) if is_inline(node) else node,))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _edits(was: Node, now: Node) -> Iterator[str]:
    """Yield the edits inside one block; of a list or quote, those of its inner blocks."""
    if was.type not in INLINE_HOLDERS or now.type not in INLINE_HOLDERS:
        shown = False
        for i, j in align(was.content, now.content):
            if i is None and j is not None:
                yield "+ " + _short(now.content[j], 10_000)
            elif j is None and i is not None:
                yield "- " + _short(was.content[i], 10_000)
            elif i is not None and j is not None and key(was.content[i]) != key(now.content[j]):
                yield from _edits(was.content[i], now.content[j])
            else:
                continue
            shown = True
        if not shown:
            yield f"{_short(now, 60)} ({_form(was, now)})"
        return
    ink = Ink()
    before, after = ink.words(was.content), ink.words(now.content)
    found = hunks(match([w.key for w in before], [w.key for w in after]), len(before), len(after))
    if not found:
        yield f"{_short(now, 60)} ({_form(was, now)})"
    for hunk in found:
        lead = _text(before[max(0, hunk.start - _CONTEXT) : hunk.start])
        tail = _text(before[hunk.end : hunk.end + _CONTEXT])
        gone, new = _text(before[hunk.start : hunk.end]), _text(after[hunk.first : hunk.last])
        edit = (f"[-{gone}-]" if gone else "") + (f"{{+{new}+}}" if new else "")
        dots = "…" if hunk.start > _CONTEXT else "", "…" if hunk.end + _CONTEXT < len(before) else ""
        yield f"{dots[0]}{lead}{edit}{tail}{dots[1]}"


def _form(was: Node, now: Node) -> str:
    """Say what changed where no word did."""
    if was.type != now.type:
        return f"{was.type} → {now.type}"
    names = sorted(a for a in {*was.attrs, *now.attrs} if was.attrs.get(a) != now.attrs.get(a))
    changed = [f"{a}: {was.attrs.get(a, '—')} → {now.attrs.get(a, '—')}" for a in names]
    return ", ".join(changed) or "formatting"


def _text(words: Sequence[Word]) -> str:
    return "".join((w.text or (w.node.plain() if w.node else "")) if w.key != "\n" else " " for w in words)
