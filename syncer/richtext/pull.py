"""Carries an edit made on a lossy side onto the richer item that the side shows. Pure.

`was` is how the side shows the item, `now` what a person made of that. Only the difference travels:

    a visible block was removed        the item's block goes, with what the side did not show inside it
    a visible block was edited         its words change; unseen marks stay on the characters that survive,
                                       unseen attributes on their node
    a block is new                     after the item's block before it, and what is unseen there
    what the side does not show        stays
    a stand-in was edited, or the
      place of an edit is ambiguous    None: a conflict, never a guess

With `shown` (the side's own rendering) every step is checked by showing its result again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from syncer.richtext.diff import INLINE_HOLDERS, align, key, likely
from syncer.richtext.inline import merge_inlines
from syncer.richtext.leaves import pull_leaves, pull_lines
from syncer.richtext.nodes import Document, Node
from syncer.richtext.normal import normal, same, trimmed
from syncer.richtext.weave import hunks, match

Blocks = tuple[Node, ...]
Show = Callable[[Blocks], Blocks]


def pull(
    item: Document, was: Document, now: Document, shown: Callable[[Document], Document] | None = None
) -> Document | None:
    """Apply the edit `was` → `now` to the item that the side shows as `was`; None where its place is ambiguous."""
    rich, before, after = normal(item), normal(was), normal(now)
    if same(before, after):
        return rich
    if key(rich) == key(before):
        return after
    show = _shows(shown) if shown else None
    blocks = _blocks(rich.content, trimmed(before).content, trimmed(after).content, show)
    if blocks is None:
        return None
    pulled = normal(replace(rich, content=blocks))
    return None if shown and not same(shown(pulled), after) else pulled


def _shows(shown: Callable[[Document], Document]) -> Show:
    return lambda blocks: normal(shown(normal(Node("doc", blocks)))).content


def _blocks(item: Blocks, was: Blocks, now: Blocks, show: Show | None) -> Blocks | None:
    """Carry an edit of a run of blocks."""
    spans = _spans(item, was, show)
    fate: dict[int, Node] = {}
    new: dict[int, list[Node]] = {}
    last = 0
    for i, j in align(was, now):
        if i is not None:
            last = i + 1
            if j is not None:
                fate[i] = now[j]
        elif j is not None:
            new.setdefault(last, []).append(now[j])
    if _strays(spans, was, fate):
        return None
    out: list[Node] = []
    done = -1
    for node, (start, end) in zip(item, spans, strict=True):
        if start == end:
            out.append(node)
            continue
        for gap in range(done + 1, start + 1):
            out += new.get(gap, ())
        done = end - 1
        part: list[Node] = []
        for w in range(start, end):
            part += new.get(w, ()) if w > start else ()
            part += [fate[w]] if w in fate else []
        pulled = _block(node, was[start:end], tuple(part), show)
        if pulled is None:
            return None
        out += pulled
    for gap in range(done + 1, len(was) + 1):
        out += new.get(gap, ())
    return tuple(out)


def _strays(spans: Sequence[tuple[int, int]], was: Blocks, fate: Mapping[int, Node]) -> bool:
    """Say whether a block was edited that shows nothing of the item we know of."""
    covered = {w for start, end in spans for w in range(start, end)}
    return any(w not in covered and (w not in fate or key(fate[w]) != key(was[w])) for w in range(len(was)))


def _spans(item: Blocks, was: Blocks, show: Show | None) -> list[tuple[int, int]]:
    """Return which of the shown blocks each of the item's blocks is shown as."""
    if show is not None:
        parts = [show((node,)) for node in item]
        if [key(n) for part in parts for n in part] == [key(n) for n in was]:
            out: list[tuple[int, int]] = []
            at = 0
            for part in parts:
                out.append((at, at + len(part)))
                at += len(part)
            return out
    return _likely_spans(item, was)


def _likely_spans(item: Blocks, was: Blocks) -> list[tuple[int, int]]:
    pairs = match([_letters(n) for n in item], [_letters(n) for n in was])
    found = dict(pairs)
    for h in hunks(pairs, len(item), len(was)):
        if h.end - h.start == h.last - h.first:
            found |= {h.start + k: h.first + k for k in range(h.end - h.start)}
        else:
            found |= dict(likely(item, was, h, lambda _: ""))
    out: list[tuple[int, int]] = []
    at = 0
    for i in range(len(item)):
        start = found.get(i)
        out.append((at, at) if start is None else (start, start + 1))
        at = out[-1][1]
    return out


def _letters(node: Node) -> str:
    text = "".join("".join(n.plain().split()) for n in node.walk() if not n.content)
    return text or f"\0{node.type}"


def _block(node: Node, was: Blocks, now: Blocks, show: Show | None) -> Blocks | None:
    """Carry an edit of what one block is shown as; the first way whose result shows as `now` is it."""
    sought = tuple(key(n) for n in now)
    if tuple(key(n) for n in was) == sought:
        return (node,)
    if not now:
        return ()
    for way in (_one, pull_leaves, pull_lines):
        pulled = way(node, was, now, show)
        if pulled is not None and (show is None or tuple(key(n) for n in show((normal(pulled),))) == sought):
            return (pulled,)
    return None


def _one(node: Node, wases: Blocks, nows: Blocks, show: Show | None) -> Node | None:
    """Carry an edit of a block that the side shows as one block of its own kind."""
    if len(wases) != 1 or len(nows) != 1:
        return None
    was, now = wases[0], nows[0]
    if key(node) == key(was):
        return now
    if node.type == "opaque" or was.type == "opaque" or (node.type == "code") != (was.type == "code"):
        return None
    if node.type in INLINE_HOLDERS and was.type in INLINE_HOLDERS and now.type in INLINE_HOLDERS:
        content, clash = merge_inlines(was.content, [node.content, now.content])
        if clash:
            return None
        if (was.type, dict(was.attrs)) == (now.type, dict(now.attrs)):
            return replace(node, content=content)
        attrs = _attrs(node, was, now) if now.type == was.type == node.type else now.attrs
        return replace(node, type=now.type, content=content, attrs=attrs)
    if not node.type == was.type == now.type:
        return None
    inner = _blocks(node.content, was.content, now.content, _inner(node, show) if show else None)
    return None if inner is None else replace(node, content=inner, attrs=_attrs(node, was, now))


def _inner(node: Node, show: Show) -> Show:
    """Return how the side shows blocks inside this one."""

    def inside(blocks: Blocks) -> Blocks:
        held = show((replace(node, content=blocks),))
        return held[0].content if len(held) == 1 and held[0].type == node.type else ()

    return inside


def _attrs(node: Node, was: Node, now: Node) -> Mapping[str, Any]:
    """Return a node's attributes, those changed that a person changed."""
    attrs = dict(node.attrs)
    for name in {*was.attrs, *now.attrs}:
        if was.attrs.get(name) != now.attrs.get(name):
            attrs[name] = now.attrs.get(name)
    return {k: v for k, v in attrs.items() if v is not None}
