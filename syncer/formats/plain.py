"""The codec of plain text: paragraphs between empty lines, a line end within one is a hard break. Pure.

Lists and quotes are shown with the signs people type in mail; what cannot be shown stays with the item (`pull`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from syncer.errors import DocumentError
from syncer.record import Raw
from syncer.richtext.degrade import NONE, Grammar, degrade, losses
from syncer.richtext.diff import align, key
from syncer.richtext.losses import Losses
from syncer.richtext.nodes import Document, Node
from syncer.richtext.normal import normal

_GAP = re.compile(r"(?:\r?\n){2,}")
_EDGE = re.compile(r"\A(?:\r?\n)*|(?:\r?\n)*\Z")
_INDENT = "  "
_HELD = {"paragraph": NONE, "list": frozenset({"ordered", "start"}), "quote": NONE, "code": NONE}
_GRAMMAR = Grammar(
    "plain",
    {**dict.fromkeys(("doc", "item", "quote"), _HELD), "list": {"item": frozenset({"done"})}},
    {"text": NONE, "break": NONE},
    {},
)
"""What is told apart when it is written; headings are lines, and nothing is marked."""


class PlainCodec:
    """See `syncer.richtext.codec.Codec`."""

    name = "plain"

    def decode(self, raw: Raw) -> Document:
        """Read a text. Raises DocumentError for anything that is no text."""
        paragraphs, _ = _pieces(_text(raw))
        return normal(Node("doc", tuple(_read(p) for p in paragraphs)))

    def encode(self, document: Document) -> Raw:
        """Write a document as text."""
        return "\n\n".join(filter(None, (_block(b) for b in degrade(document, _GRAMMAR).content)))

    def patch(self, raw: Raw, was: Document, now: Document) -> Raw:
        """Edit a text: paragraphs that stay, and the empty lines after them, are copied as they were."""
        wanted = self.shown(now)
        if key(wanted) == key(normal(was)) or key(normal(now)) == key(normal(was)):
            return raw
        text = _text(raw)
        paragraphs, gaps = _pieces(text)
        line_end = "\r\n" if "\r\n" in text else "\n"
        out: list[str] = [gaps[0]]
        old = tuple(_read(p) for p in paragraphs)
        kept = [(i, j) for i, j in align(old, wanted.content) if j is not None]
        for place, (i, j) in enumerate(kept):
            same = i is not None and key(normal(old[i])) == key(wanted.content[j])
            out.append(paragraphs[i] if same and i is not None else _block(wanted.content[j]).replace("\n", line_end))
            last = place == len(kept) - 1
            if last:
                out.append(gaps[-1])
            else:
                inner = i is not None and i + 1 < len(paragraphs)
                out.append(gaps[i + 1] if inner and i is not None else line_end * 2)
        return "".join(out)

    def shown(self, document: Document) -> Document:
        """Return what plain text would show of a document."""
        return self.decode(self.encode(document))

    def losses(self, document: Document) -> tuple[Losses, ...]:
        """Return what plain text would not show as it is."""
        return losses(document, _GRAMMAR)


def _text(raw: Raw) -> str:
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raise DocumentError(f"a plain text is expected, not {type(raw).__name__}")
    return raw


def _pieces(text: str) -> tuple[list[str], list[str]]:
    """Split a text into paragraphs and the gaps before, between and after them."""
    ends = [m.span() for m in _EDGE.finditer(text)]
    start, end = ends[0][1], ends[-1][0]
    if start >= end:
        return [], [text, ""]
    body = text[start:end]
    gaps = [text[:start], *_GAP.findall(body), text[end:]]
    return _GAP.split(body), gaps


def _read(paragraph: str) -> Node:
    out: list[Node] = []
    for line in paragraph.replace("\r\n", "\n").split("\n"):
        out += [Node("break"), Node("text", text=line)]
    return Node("paragraph", tuple(n for n in out[1:] if n.text or n.type == "break"))


def _block(node: Node) -> str:
    """Write one block, without empty lines around it."""
    if node.type == "list":
        return "\n".join(_item(item, _marker(node, k)) for k, item in enumerate(node.content))
    if node.type == "quote":
        return "\n".join(f"> {line}" if line else ">" for line in _joined(node.content).split("\n"))
    return node.plain().replace("\r\n", "\n").strip("\n")


def _joined(blocks: Sequence[Node]) -> str:
    return "\n".join(filter(None, (_block(b) for b in blocks)))


def _marker(node: Node, k: int) -> str:
    return f"{int(node.attrs.get('start', 1)) + k}. " if node.attrs.get("ordered") else "- "


def _item(item: Node, marker: str) -> str:
    tick = "" if "done" not in item.attrs else "[x] " if item.attrs["done"] else "[ ] "
    lines = _joined(item.content).split("\n")
    return f"{marker}{tick}" + f"\n{_INDENT}".join(lines)
