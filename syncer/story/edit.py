"""A conflict as a text to be merged in an editor, with marked regions, and back. Pure.

    <<<<<<< the side's name
    what it says
    ======= the next side's name
    what that one says
    ||||||| before
    what was agreed
    >>>>>>>

What only one side changed is merged already. A text in which a mark is left is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from syncer.errors import UserError
from syncer.formats.markdown import MarkdownCodec
from syncer.mapping.rules import Value
from syncer.model import types
from syncer.record import FieldType as T
from syncer.richtext.nodes import Document, Node
from syncer.richtext.pull import pull
from syncer.story.columns import Cells, columns
from syncer.story.typed import entries

OPEN, NEXT, BEFORE, CLOSE = "<" * 7, "=" * 7, "|" * 7, ">" * 7
EDITED = frozenset({T.DOCUMENT, T.LINE, T.URL, T.SEQUENCE})
_MARK = re.compile(r"^(?:<{7} |={7} |\|{7} |>{7}$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Merging:
    """A conflict about one field, ready for an editor."""

    type: T
    base: Value
    sides: Mapping[str, Value]

    @property
    def suffix(self) -> str:
        """Return what the file's name ends in, for the editor's sake."""
        return ".md" if self.type in (T.DOCUMENT, T.SEQUENCE) else ".txt"

    def text(self) -> str:
        """Return the text to edit."""
        if self.type is T.DOCUMENT:
            return "\n\n".join(_parts(self.base, self.sides)) + "\n"
        shown = {side: _lines(self.type, value) for side, value in self.sides.items()}
        return "\n".join(_region(_lines(self.type, self.base), shown)) + "\n"

    def read(self, text: str) -> Value:
        """Return the value that an edited text stands for. Raises UserError where a mark is left, or nothing is."""
        if _MARK.search(text):
            raise UserError("a conflict's mark is left in the text: nothing was settled", hint="edit it once more")
        if not text.strip():
            raise UserError("the text is empty: nothing was settled", hint="`--value ''` settles it as absent")
        if self.type is T.DOCUMENT:
            return self._document(text)
        if self.type is T.SEQUENCE:
            return entries(text)
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1:
            raise UserError(f"this is a {self.type}: one line, not {len(lines)}: nothing was settled")
        return lines[0].strip()

    def _document(self, text: str) -> Value:
        """Return the edited document; what Markdown cannot show stays where the text around it does."""
        codec = MarkdownCodec()
        after = codec.decode(text)
        for rich in _drafts(self.base, self.sides):
            pulled = pull(rich, codec.shown(rich), after, codec.shown)
            if pulled is not None:
                return types.normal(T.DOCUMENT, pulled.to_json())
        return types.normal(T.DOCUMENT, after.to_json())


def _parts(base: Value, sides: Mapping[str, Value]) -> Iterator[str]:
    for row in columns(_document(base), {side: _document(value) or Node("doc") for side, value in sides.items()}):
        agreed = row.agreed
        if agreed is None:
            yield "\n".join(_region(_markdown(row.base), {side: _markdown(cells) for side, cells in row.cells.items()}))
        elif agreed:
            yield "\n".join(_markdown(agreed))


def _drafts(base: Value, sides: Mapping[str, Value]) -> Iterator[Document]:
    """Yield documents as rich as they come: what is merged already, each side's word in turn where they disagree."""
    rows = columns(_document(base), {side: _document(value) or Node("doc") for side, value in sides.items()})
    for side in sides:
        cells = [row.agreed if row.agreed is not None else row.cells[side] for row in rows]
        yield Node("doc", tuple(node for some in cells for node in some))


def _document(value: Value) -> Document | None:
    return None if value is None else Node.from_json(value)


def _markdown(cells: Cells) -> list[str]:
    return str(MarkdownCodec().encode(Node("doc", cells))).rstrip("\n").split("\n") if cells else []


def _region(base: Sequence[str], sides: Mapping[str, Sequence[str]]) -> Iterator[str]:
    mark = OPEN
    for side, lines in sides.items():
        yield f"{mark} {side}"
        yield from lines
        mark = NEXT
    yield f"{BEFORE} before"
    yield from base
    yield CLOSE


def _lines(kind: T, value: Value) -> list[str]:
    if value is None:
        return []
    if kind is T.SEQUENCE:
        return [f"- [{'x' if entry['done'] else ' '}] {entry['text']}" for entry in value]
    return [types.show(kind, value)]
