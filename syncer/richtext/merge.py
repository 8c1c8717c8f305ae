"""Three-way merge of documents, all sides at once, over blocks and then words within a block. Pure.

    block, as the sides have it               result
    untouched by all but one                  that one's
    removed by some, untouched by others      removed
    edited by several                         merged: its kind and attributes, its words or its inner blocks
    removed by some, edited by others         region
    replaced by several, with other blocks    region
    moved by several, to different places     region
    new blocks at one place                   all of them, in the order of their content, equal ones once

A region is a place where the sides disagree: the document keeps the ancestor's words there. The result does not depend
on the names or the order of the sides: they are never folded one into another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncer.richtext.diff import INLINE_HOLDERS, Rows, align, key
from syncer.richtext.inline import merge_inlines
from syncer.richtext.merge_tables import merge_table
from syncer.richtext.nodes import Document, Node
from syncer.richtext.normal import normal
from syncer.richtext.shapes import is_inline

Blocks = tuple[Node, ...]
Versions = Mapping[int, Blocks]


@dataclass(frozen=True, slots=True)
class Region:
    """A place where sides disagree: the ancestor's blocks, and by name each side's."""

    base: Blocks
    sides: Mapping[str, Blocks]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        sides = {side: [n.to_json() for n in blocks] for side, blocks in sorted(self.sides.items())}
        return {"base": [n.to_json() for n in self.base], "sides": sides}


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged document, and the regions where the sides disagree."""

    document: Document
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class _Version:
    """One distinct version of a run of blocks: what became of the ancestor's, and what is new before each."""

    kept: Mapping[int, Node]
    edits: tuple[tuple[int, int, Blocks], ...]


@dataclass(slots=True)
class _Task:
    names: Mapping[int, tuple[str, ...]]
    regions: list[Region] = field(default_factory=list)

    def clash(self, base: Blocks, versions: Mapping[int, Blocks]) -> None:
        sides = {name: blocks for v, blocks in versions.items() for name in self.names[v]}
        self.regions.append(Region(base, sides))


def merge(base: Document, sides: Mapping[str, Document]) -> Merged:
    """Merge all sides' documents at once against one ancestor."""
    ancestor = normal(base)
    unmoved = key(ancestor)
    distinct: dict[Hashable, tuple[Document, list[str]]] = {}
    for side in sorted(sides):
        document = normal(sides[side])
        found = key(document)
        if found != unmoved:
            distinct.setdefault(found, (document, []))[1].append(side)
    if not distinct:
        return Merged(ancestor)
    if len(distinct) == 1:
        return Merged(next(iter(distinct.values()))[0])
    ordered = [distinct[k] for k in sorted(distinct, key=repr)]
    task = _Task({v: tuple(names) for v, (_, names) in enumerate(ordered)})
    merged = _node(ancestor, {v: document for v, (document, _) in enumerate(ordered)}, task)
    return Merged(normal(merged), tuple(task.regions))


def _node(base: Node, versions: Mapping[int, Node], task: _Task) -> Node:
    """Merge versions of one block, all of its family, at least two of them changed."""
    before = len(task.regions)
    changed = {v: n for v, n in versions.items() if key(n) != key(base)}
    if base.type == "opaque" or len({n.text for n in changed.values()} - {base.text}) > 1:
        task.clash((base,), {v: (n,) for v, n in changed.items()})
        return base
    if base.type == "table" and all(n.type == "table" for n in changed.values()):
        return _table(base, changed, task)
    kind, attrs, clash = _shape(base, list(changed.values()))
    if base.type in INLINE_HOLDERS or _inline(base, *changed.values()):
        content, bad = merge_inlines(base.content, [n.content for n in changed.values()])
        clash |= bad
    else:
        content = _blocks(base.content, {v: n.content for v, n in changed.items()}, task)
    if clash and len(task.regions) == before:
        task.clash((base,), {v: (n,) for v, n in changed.items()})
    extra = next((n.extra for n in changed.values() if n.extra), base.extra)
    text = next((n.text for n in changed.values() if n.text != base.text), base.text)
    return Node(kind, content, attrs, text, base.marks, base.extra or extra)


def _table(base: Node, changed: Mapping[int, Node], task: _Task) -> Node:
    """Merge versions of a table; the whole is one region where it cannot be had by rows, columns and cells."""
    _, attrs, clash = _shape(_unsized(base), [_unsized(n) for n in changed.values()])
    inner = _Task(task.names)
    merged = merge_table(base, changed, lambda cell, nows: _kept(cell, nows, inner))
    if merged.node is None or clash:
        task.clash((base,), {v: (n,) for v, n in changed.items()})
        return base
    task.regions += inner.regions
    for row, sides in (merged.rows or {}).items():
        task.clash((base.content[row],), {v: (n,) if n is not None else () for v, n in sides.items()})
    return Node("table", merged.node.content, {**attrs, **merged.node.attrs}, extra=merged.node.extra)


def _unsized(table: Node) -> Node:
    return Node("table", (), {k: v for k, v in table.attrs.items() if k != "widths"})


def _inline(*nodes: Node) -> bool:
    held = [child for n in nodes for child in n.content]
    return bool(held) and all(is_inline(c) for c in held)


def _shape(base: Node, changed: Sequence[Node]) -> tuple[str, Mapping[str, Any], bool]:
    """Merge what a block is: paragraph or heading, its level, its other attributes."""
    kinds = {n.type for n in changed} - {base.type}
    if len(kinds) > 1:
        return base.type, base.attrs, True
    attrs: dict[str, Any] = {}
    clash = False
    for name in sorted({a for n in (base, *changed) for a in n.attrs}):
        was = base.attrs.get(name)
        values = [n.attrs.get(name) for n in changed if n.attrs.get(name) != was]
        if any(v != values[0] for v in values):
            clash = True
        value = values[0] if values and not clash else was
        if value is not None:
            attrs[name] = value
    if clash:
        return base.type, base.attrs, True
    return next(iter(kinds), base.type), attrs, False


def _blocks(base: Blocks, contents: Versions, task: _Task) -> Blocks:
    """Merge runs of blocks."""
    versions = {v: _version(align(base, now), now) for v, now in contents.items()}
    held = _held(base, versions, task)
    # A held block stays where it was: the places it was moved to are told in its region.
    stay = {key(base[i]) for i in held if _moved_apart(base[i], list(versions.values()))}
    out: list[Node] = []
    for i in range(len(base) + 1):
        out += [n for n in _inserted(i, versions, held) if not stay or key(n) not in stay]
        if i == len(base):
            break
        if i in held:
            out.append(base[i])
            continue
        if all(i in version.kept for version in versions.values()):
            out.append(_kept(base[i], {v: version.kept[i] for v, version in versions.items()}, task))
    return tuple(out)


def _kept(base: Node, nows: Mapping[int, Node], task: _Task) -> Node:
    edited = {key(n): n for n in nows.values()}
    edited.pop(key(base), None)
    if not edited:
        return base
    if len(edited) == 1:
        return next(iter(edited.values()))
    return _node(base, nows, task)


def _version(rows: Rows, now: Blocks) -> _Version:
    kept: dict[int, Node] = {}
    edits: list[tuple[int, int, Blocks]] = []
    start = end = 0
    new: list[Node] = []
    for i, j in [*rows, (-1, -1)]:
        if i is not None and j is not None:
            if end > start or new:
                edits.append((start, end, tuple(new)))
            start = end = i + 1
            new = []
            if j >= 0:
                kept[i] = now[j]
        elif i is not None:
            end = i + 1
        elif j is not None:
            new.append(now[j])
    return _Version(kept, tuple(edits))


def _held(base: Blocks, versions: Mapping[int, _Version], task: _Task) -> set[int]:
    """Return the ancestor's blocks that the sides disagree about as a whole, and report them."""
    held: set[int] = set()
    spans: list[tuple[int, int]] = []
    for i, block in enumerate(base):
        gone = [v for v, version in versions.items() if i not in version.kept]
        edited = any(i in x.kept and key(x.kept[i]) != key(block) for x in versions.values())
        if gone and (edited or _moved_apart(block, [versions[v] for v in gone])):
            spans.append((i, i + 1))
        elif len(gone) > 1:
            edits = [next(e for e in versions[v].edits if e[0] <= i < e[1]) for v in gone]
            if len({tuple(key(n) for n in e[2]) for e in edits if e[2]}) > 1:
                spans.append((min(e[0] for e in edits), max(e[1] for e in edits)))
    for start, end in _whole(spans, versions):
        held |= set(range(start, end))
        task.clash(base[start:end], {v: _part(x, start, end) for v, x in versions.items()})
    return held


def _whole(spans: Sequence[tuple[int, int]], versions: Mapping[int, _Version]) -> list[tuple[int, int]]:
    """Widen spans to whole replacements and join those that overlap, so that no replacement is told by half."""
    replaced = [(e[0], e[1]) for x in versions.values() for e in x.edits if e[1] > e[0] and e[2]]
    out: list[tuple[int, int]] = []
    for span in spans:
        start, end = span
        while touching := [
            r for r in (*replaced, *out) if r[0] < end and start < r[1] and not start <= r[0] <= r[1] <= end
        ]:
            start, end = min(start, *(r[0] for r in touching)), max(end, *(r[1] for r in touching))
        out = [o for o in out if not (o[0] < end and start < o[1])] + [(start, end)]
    return sorted(out)


def _part(version: _Version, start: int, end: int) -> Blocks:
    """Return what a version has in place of the ancestor's blocks from start to end."""
    out: list[Node] = []
    for i in range(start, end):
        out += [n for e in version.edits if e[1] > e[0] == i for n in e[2]]
        if i in version.kept:
            out.append(version.kept[i])
    return tuple(out)


def _moved_apart(block: Node, versions: Sequence[_Version]) -> bool:
    """Say whether several versions took a block away and put it back, at different places."""
    if not block.content and not block.attrs:
        return False
    sought = key(block)
    places = [tuple(e[0] for e in x.edits for n in e[2] if key(n) == sought) for x in versions]
    return len({p for p in places if p}) > 1


def _inserted(i: int, versions: Mapping[int, _Version], held: set[int]) -> list[Node]:
    """Return the new blocks before the ancestor's block `i`, insertions before replacements, equal ones once."""
    found: dict[Hashable, tuple[bool, str, Blocks]] = {}
    for version in versions.values():
        for start, end, new in version.edits:
            if start == i and new and not held & set(range(start, end)):
                keys = tuple(key(n) for n in new)
                found.setdefault(keys, (end > start, repr(keys), new))
    runs = [new for _, _, new in sorted(found.values(), key=lambda f: (f[0], f[1]))]
    counts = [Counter(key(n) for n in new) for new in runs]
    out: list[Node] = []
    have: Counter[Hashable] = Counter()
    for k, new in enumerate(runs):
        # What stands in a longer run already is said there, in its order: a merged text merged again stays as it is.
        if any(counts[k] <= other and (counts[k] != other or j < k) for j, other in enumerate(counts) if j != k):
            continue
        mine: Counter[Hashable] = Counter()
        for node in new:
            mine[key(node)] += 1
            if mine[key(node)] > have[key(node)]:
                out.append(node)
        have |= mine
    return out
