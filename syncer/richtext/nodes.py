"""The canonical document: a tree of nodes. Pure: no clock, no network, no vendor.

A document's JSON form (`to_json`) is what the store, plans and the engine hold as the value of a document field.

Block types and what they hold (`content`):

    doc          blocks                                the root
    paragraph    inlines
    heading      inlines      attrs: level 1..6
    list         items        attrs: ordered (bool), start (int, ordered only)
    item         blocks       attrs: done (bool, only for a task)
    code         one text without marks                attrs: language (str)
    quote        blocks
    rule         nothing
    opaque       nothing      attrs: format, kind, raw (the vendor's JSON or text), text (readable stand-in)

Inline types:

    text         `text`, `marks`
    break        nothing      a hard line break
    opaque       as the block, inline: true

Marks: bold, italic, code, strike, underline, link (attrs: href). A mark of another name, and any attribute we do not
know, is carried as it was read: under `extra`, unknown attributes of known nodes survive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MARK_ORDER = ("comment", "link", "bold", "italic", "strike", "underline", "code")


@dataclass(frozen=True, slots=True)
class Mark:
    """A property of a run of characters."""

    type: str
    attrs: Mapping[str, Any] = field(default_factory=dict)

    def key(self) -> tuple[int, str, str]:
        """Return a sort key: marks are a set in one fixed order."""
        rank = MARK_ORDER.index(self.type) if self.type in MARK_ORDER else len(MARK_ORDER)
        return (rank, self.type, repr(sorted(self.attrs.items(), key=lambda pair: pair[0])))


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a document. Equality is structural."""

    type: str
    content: tuple[Node, ...] = ()
    attrs: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    marks: tuple[Mark, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, defaults left out."""
        out: dict[str, Any] = {"type": self.type}
        if self.text:
            out["text"] = self.text
        if self.attrs:
            out["attrs"] = dict(self.attrs)
        if self.marks:
            out["marks"] = [{"type": m.type, **({"attrs": dict(m.attrs)} if m.attrs else {})} for m in self.marks]
        if self.content:
            out["content"] = [node.to_json() for node in self.content]
        if self.extra:
            out["extra"] = dict(self.extra)
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Node:
        """Read the JSON form."""
        return cls(
            data["type"],
            tuple([cls.from_json(child) for child in data["content"]]) if "content" in data else (),
            dict(data["attrs"]) if "attrs" in data else {},
            data.get("text", ""),
            tuple([Mark(m["type"], dict(m.get("attrs", {}))) for m in data["marks"]]) if "marks" in data else (),
            dict(data["extra"]) if "extra" in data else {},
        )

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, in reading order."""
        yield self
        for child in self.content:
            yield from child.walk()

    def plain(self) -> str:
        """Return the readable text below this node, without structure."""
        if self.type == "opaque":
            return str(self.attrs.get("text", ""))
        return self.text + "".join("\n" if n.type == "break" else n.plain() for n in self.content)


Document = Node
"""A node of type `doc`."""


def doc(*blocks: Node) -> Document:
    """Return a document of these blocks, in normal form."""
    from syncer.richtext.normal import normal

    return normal(Node("doc", blocks))
