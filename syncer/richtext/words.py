"""The words of a block, with the marks of each character: what is compared and merged inside one block. Pure.

A word is a run of letters and digits (each ideograph by itself), a run of blanks, a line end, one other character with
what combines with it, or one inline node that is no text.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from syncer.richtext.diff import key
from syncer.richtext.nodes import Mark, Node
from syncer.richtext.normal import marks as mark_set
from syncer.richtext.normal import runs

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_COMBINING = "\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\ufe00-\ufe0f\u200c\u200d\U0001f3fb-\U0001f3ff"
_WORD = re.compile(
    rf"[{_IDEOGRAPHS}][{_COMBINING}]*"
    rf"|(?:[^\W{_IDEOGRAPHS}][{_COMBINING}]*)+(?:['’](?:[^\W{_IDEOGRAPHS}][{_COMBINING}]*)+)*"
    rf"|\n|[^\S\n]+"
    rf"|.(?:[{_COMBINING}]|(?<=\u200d).)*",
    re.DOTALL,
)
_RUN = "\0run"
"""A mark of our own making: what a run of text carries besides its marks."""

Marks = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its text or its node, and the marks of each character (of the node: one)."""

    text: str
    marks: tuple[Marks, ...]
    node: Node | None = None
    key: Hashable = ""

    @property
    def blank(self) -> bool:
        """Say whether this is only space."""
        return self.node is None and self.text.isspace()


@dataclass(slots=True)
class Ink:
    """Remembers which mark a key stands for."""

    known: dict[Hashable, Mark] = field(default_factory=dict)

    def keys(self, node: Node) -> Marks:
        """Return the keys of a run's marks."""
        marks = list(node.marks)
        if node.type == "text" and (node.attrs or node.extra):
            marks.append(Mark(_RUN, {"attrs": dict(node.attrs), "extra": dict(node.extra)}))
        keys = tuple(m.key() for m in marks)
        self.known.update(zip(keys, marks, strict=True))
        return keys

    def type_of(self, mark: Hashable) -> str:
        """Return the type of the mark that a key stands for."""
        return self.known[mark].type

    def words(self, inlines: Sequence[Node]) -> list[Word]:
        """Split inlines into words."""
        out: list[Word] = []
        text: list[str] = []
        marks: list[Marks] = []
        for node in inlines:
            if node.type == "text":
                text.append(node.text)
                marks += [self.keys(node)] * len(node.text)
                continue
            out += _split("".join(text), marks)
            text, marks = [], []
            bare = Node(node.type, node.content, node.attrs, node.text, (), node.extra)
            out.append(Word("", (self.keys(node),), bare, ("node", key(bare))))
        return out + _split("".join(text), marks)

    def inlines(self, words: Iterable[Word]) -> tuple[Node, ...]:
        """Put words together again."""
        out: list[Node] = []
        for word in words:
            if word.node is not None:
                bare = word.node
                marks = self._marks(word.marks[0])[0]
                out.append(Node(bare.type, bare.content, bare.attrs, bare.text, marks, bare.extra))
                continue
            start = 0
            for end in range(1, len(word.text) + 1):
                if end == len(word.text) or word.marks[end] != word.marks[start]:
                    out.append(self._run(word.text[start:end], word.marks[start]))
                    start = end
        return runs(out)

    def _run(self, text: str, keys: Marks) -> Node:
        marks, carried = self._marks(keys)
        if carried is None:
            return Node("text", (), {}, text, marks)
        return Node("text", (), carried.attrs["attrs"], text, marks, carried.attrs["extra"])

    def _marks(self, keys: Marks) -> tuple[tuple[Mark, ...], Mark | None]:
        found = [self.known[k] for k in keys]
        carried = next((m for m in found if m.type == _RUN), None)
        return mark_set([m for m in found if m.type != _RUN]), carried


def _split(text: str, marks: Sequence[Marks]) -> list[Word]:
    return [Word(m.group(), tuple(marks[m.start() : m.end()]), None, m.group()) for m in _WORD.finditer(text)]
