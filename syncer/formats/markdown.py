"""The codec of Markdown: CommonMark with tables, tasks and strikethrough ⇄ our document. Pure.

What we do not read (HTML, pictures, footnotes, link definitions) is carried as it was written.
Blocks that did not change keep their lines, and the empty lines between them stay as they are.
"""

from __future__ import annotations

from syncer.errors import DocumentError
from syncer.formats.markdown_inline import FORMAT
from syncer.formats.markdown_read import Block, read_blocks, read_links
from syncer.formats.markdown_write import GRAMMAR, write_block, write_blocks
from syncer.record import Raw
from syncer.richtext.degrade import degrade, losses
from syncer.richtext.diff import align, key
from syncer.richtext.losses import Losses
from syncer.richtext.nodes import Document, Node
from syncer.richtext.normal import normal

_DEEPEST = 100


class MarkdownCodec:
    """See `syncer.richtext.codec.Codec`."""

    name = FORMAT

    def decode(self, raw: Raw) -> Document:
        """Read a text. Raises DocumentError for what is no text, or is nested too deep."""
        return normal(Node("doc", tuple(b.node for b in _read(_text(raw).replace("\r\n", "\n").split("\n")))))

    def encode(self, document: Document) -> Raw:
        """Write a document as text."""
        return write_blocks(degrade(document, GRAMMAR).content)

    def patch(self, raw: Raw, was: Document, now: Document) -> Raw:
        """Edit a text: blocks that stay, and the empty lines after them, are copied as they were."""
        before = normal(was)
        wanted = self.shown(now)
        if key(wanted) == key(before) or key(normal(now)) == key(before):
            return raw
        patched = _patched(_text(raw), wanted)
        # Neighbours can join (two lists, a paragraph and an underline): then the whole is written anew.
        return patched if key(self.decode(patched)) == key(wanted) else self.encode(wanted)

    def shown(self, document: Document) -> Document:
        """Return what Markdown would show of a document."""
        return self.decode(self.encode(document))

    def losses(self, document: Document) -> tuple[Losses, ...]:
        """Return what Markdown would not show as it is."""
        return losses(document, GRAMMAR)


def _text(raw: Raw) -> str:
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raise DocumentError(f"Markdown is text, not {type(raw).__name__}")
    return raw


def _read(lines: list[str]) -> list[Block]:
    for number, line in enumerate(lines, 1):
        signs = line[: len(line) - len(line.lstrip(" \t>-+*"))]
        if sum(c in ">-+*" for c in signs) > _DEEPEST and set(signs) - set("-* \t"):
            raise DocumentError("nested too deep", line=number)
    try:
        return read_blocks(lines, read_links(lines))
    except RecursionError as problem:
        raise DocumentError("nested too deep") from problem


def _patched(text: str, wanted: Document) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    raws = text.split("\n")
    blocks = _read([line.removesuffix("\r") for line in raws])
    old = [normal(b.node) for b in blocks]
    starts = [b.start for b in blocks] + [len(raws)]
    out = raws[: starts[0]] if blocks else []
    rows = [(i, j) for i, j in align(old, wanted.content) if j is not None]
    for place, (i, j) in enumerate(rows):
        last = place == len(rows) - 1
        if i is not None and key(old[i]) == key(wanted.content[j]):
            out += raws[blocks[i].start : blocks[i].end]
        else:
            block = wanted.content[j]
            if i is not None and old[i].type == block.type:
                block = Node(block.type, block.content, block.attrs, block.text, block.marks, old[i].extra)
            out += [line + line_end[:-1] for line in (write_block(block) or "").split("\n")]
        gap = raws[blocks[i].end : starts[i + 1]] if i is not None else []
        if last:
            out += raws[blocks[-1].end :] if blocks else []
        else:
            together = i is not None and rows[place + 1][0] == i + 1
            out += gap if gap or together else [line_end[:-1]]
    return "\n".join(out).removesuffix("\r")
