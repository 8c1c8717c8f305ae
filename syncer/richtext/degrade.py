"""Turns any document into one that a format can say: the only place where that is decided, for all writers. Pure.

A format says what it can (`Grammar`); all else is shown by a stand-in (`standins`), readable and named in a note. What
a format can say passes untouched, so that doing it twice changes nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from operator import is_

from syncer.richtext.losses import Loss, Losses, Path, grouped
from syncer.richtext.nodes import Document, Mark, Node
from syncer.richtext.normal import normal
from syncer.richtext.shapes import SHAPES
from syncer.richtext.standins import in_line, instead, spelled_out
from syncer.richtext.urls import safe

Names = frozenset[str]
Place = Mapping[str, Names]
"""Which types may stand at a place, and which of their attributes are said."""
NONE: Names = frozenset()
_TEXT_ONLY: Mapping[str, Names] = {"text": frozenset({"*"})}
_URLS = {"card", "embed"}
_OF_PARTS = {"list", "decisions", "table", "media_group", "columns", "tabs"}
"""What is nothing without its parts: a list without items."""


def _as_it_is(node: Node, _: str) -> Node | None:
    return node


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a format can say."""

    format: str
    places: Mapping[str, Place]
    """By place; a place is called as the type that opens it, where `inside` does not say otherwise."""
    inlines: Place
    marks: Place
    inside: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(place, type) → the place that a node of this type opens there."""
    marked: Mapping[str, Names] = field(default_factory=lambda: _TEXT_ONLY)
    """The inlines that carry marks, and which; `*`: all."""
    filled: Names = NONE
    """Types that must hold something: an empty paragraph, where there is nothing else."""
    fit: Callable[[Node, str], Node | None] = _as_it_is
    """Returns a node of a known type with values that can be said at a place (inlines: `line`); None: it cannot."""
    together: Callable[[Sequence[Mark]], Sequence[Mark]] = tuple
    """Leaves of marks those that can stand together."""
    link: Callable[[str], bool] = safe
    """Says whether an address can be written."""


def degrade(document: Document, grammar: Grammar) -> Document:
    """Return what a format can say of a document, in normal form."""
    return _Speaker(grammar).document(document)


def losses(document: Document, grammar: Grammar) -> tuple[Losses, ...]:
    """Return what a format does not say as it is, grouped."""
    speaker = _Speaker(grammar)
    speaker.document(document)
    return grouped(speaker.lost)


class _Speaker:
    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.lost: list[Loss] = []

    def document(self, document: Document) -> Document:
        clean = normal(document)
        blocks = self.blocks(clean.content, "doc", ())
        if len(blocks) == len(clean.content) and all(map(is_, blocks, clean.content)):
            return clean
        return normal(Node("doc", tuple(blocks)))

    def blocks(self, nodes: Sequence[Node], place: str, path: Path) -> list[Node]:
        out: list[Node] = []
        for k, node in enumerate(nodes):
            out += self.block(node, place, (*path, k))
        return out

    def block(self, node: Node, place: str, path: Path) -> Sequence[Node]:
        """Say one block or part; of an unsayable one, its stand-ins."""
        if node.type == "opaque" and node.attrs.get("format") == self.grammar.format:
            return (node,)
        kept = self.grammar.places[place].get(node.type)
        fitting = self.fitting(node, place) if kept is not None else None
        if kept is None or fitting is None:
            how, blocks = instead(node)
            self.lost.append(Loss(_name(node), how, path))
            return [said for block in blocks for said in self.block(block, place, path)]
        if fitting is not node:
            self.lost.append(Loss(_name(node), "as near as it can be", path))
        node = fitting
        before: Sequence[Node] = ()
        if node.attrs.keys() - kept:
            before, node = self.attributes(node, kept, place, path)
        return (*before, self.held(node, place, path)) if before else (self.held(node, place, path),)

    def fitting(self, node: Node, place: str) -> Node | None:
        """Return a node as it can be said at a place; None where it cannot."""
        if not node.content and node.type in _OF_PARTS:
            return None
        if node.type in _URLS and not self.grammar.link(str(node.attrs.get("url"))):
            return None
        if node.type == "media_group":
            media = self.grammar.places["media_group"]
            if any(m.type not in media or self.grammar.fit(m, "media_group") is None for m in node.content):
                return None
        return self.grammar.fit(node, place)

    def attributes(self, node: Node, kept: Names, place: str, path: Path) -> tuple[Sequence[Node], Node]:
        """Leave out the attributes that are not said, the visible ones written out as words."""
        lost = sorted(node.attrs.keys() - kept)
        before, spelled, how = spelled_out(node, lost)
        self.lost += [Loss(f"{node.type} {name}", how, path) for name in lost]
        attrs = {name: value for name, value in spelled.attrs.items() if name in kept}
        said = Node(node.type, spelled.content, attrs, node.text, node.marks, node.extra)
        return [b for block in before for b in self.block(block, place, path)], said

    def held(self, node: Node, place: str, path: Path) -> Node:
        """Say what a node holds."""
        holds = SHAPES[node.type].holds
        if holds in ("", "text") or node.attrs.get("plain"):
            return node
        if holds == "inlines":
            content: Sequence[Node] = self.line(node.content, path)
        else:
            content = self.blocks(node.content, self.grammar.inside.get((place, node.type), node.type), path)
            if not content and node.type in self.grammar.filled:
                content = (Node("paragraph"),)
        if len(content) == len(node.content) and all(map(is_, content, node.content)):
            return node
        return Node(node.type, tuple(content), node.attrs, node.text, node.marks, node.extra)

    def line(self, nodes: Sequence[Node], path: Path) -> list[Node]:
        """Say the inlines of one block."""
        out: list[Node] = []
        for node in nodes:
            if node.type == "text" and not node.marks and not node.attrs:
                out.append(node)
                continue
            kept: Set[str] | None = self.grammar.inlines.get(node.type)
            if node.type == "opaque" and node.attrs.get("format") == self.grammar.format:
                kept = node.attrs.keys()
            fitting = self.fitting(node, "line") if kept is not None else None
            if kept is not None and fitting is not None:
                if fitting is not node:
                    self.lost.append(Loss(_name(node), "as near as it can be", path))
                out.append(self.inline(fitting, kept, path))
                continue
            how, others = in_line(node)
            self.lost.append(Loss(_name(node), how, path))
            out += [self.inline(other, NONE, path) for other in others]
        return out

    def inline(self, node: Node, kept: Set[str], path: Path) -> Node:
        attrs = node.attrs
        if attrs and (lost := attrs.keys() - kept - {"inline"}):
            self.lost += [Loss(f"{node.type} {name}", "left out", path) for name in sorted(lost)]
            attrs = {name: value for name, value in attrs.items() if name not in lost}
        marks = self.marks(node, path) if node.marks else ()
        if attrs is node.attrs and marks is node.marks:
            return node
        return Node(node.type, (), attrs, node.text, marks, node.extra)

    def marks(self, node: Node, path: Path) -> tuple[Mark, ...]:
        """Say the marks of a run."""
        grammar = self.grammar
        carried = grammar.marked.get(node.type, NONE)
        kept: list[Mark] = []
        for mark in node.marks:
            if "*" in carried or mark.type in carried:
                kept += self.mark(mark)
        kept = list(grammar.together(kept))
        if len(kept) == len(node.marks) and all(map(is_, kept, node.marks)):
            return node.marks
        left = {k.type: k for k in kept}
        for mark in node.marks:
            if mark.type not in left:
                self.lost.append(Loss(mark.type, "without its address" if mark.type == "link" else "left out", path))
            elif "title" in mark.attrs and "title" not in left[mark.type].attrs:
                self.lost.append(Loss("link title", "left out", path))
            elif left[mark.type].attrs != mark.attrs:
                self.lost.append(Loss(mark.type, "as near as it can be", path))
        return tuple(kept)

    def mark(self, mark: Mark) -> Sequence[Mark]:
        said = self.grammar.marks.get(mark.type)
        if said is None:
            return (mark,) if mark.type.startswith(self.grammar.format + ":") else ()
        if mark.type == "link" and not self.grammar.link(str(mark.attrs.get("href"))):
            return ()
        if mark.attrs.keys() <= said:
            return (mark,)
        return (Mark(mark.type, {k: v for k, v in mark.attrs.items() if k in said}, mark.extra),)


def _name(node: Node) -> str:
    kind = node.attrs.get("kind") if node.type in ("opaque", "panel") else node.attrs.get("name")
    return f"{node.type} {kind}" if kind and node.type in ("opaque", "panel", "macro") else node.type
