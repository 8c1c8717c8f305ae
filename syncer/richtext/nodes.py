"""The canonical document: a tree of nodes. Pure: no clock, no network, no vendor.

A document's JSON form (`to_json`) is what the store, plans and the engine hold as the value of a document field. The
names below are all there are; `shapes` says the same to the machine, and `shapes.check` refuses anything else.

Blocks: what they hold (`content`), their attributes, what they are. `text` stands in the node itself, not in `content`.

    doc           blocks                                          the root
    paragraph     inlines      align, indent                      align: center, end; indent: 1..6
    heading       inlines      level, align, indent               level: 1..6
    list          items        ordered, start
    item          blocks       done                               done: only for a task
    decisions     decision
    decision      inlines      state
    code          one text     language, title                    the text carries no marks
    quote         blocks
    rule          nothing
    table         rows         widths, numbered                   widths: one number a column, or none known
    row           cells
    cell          blocks       header, colspan, rowspan, background
    panel         blocks       kind, icon, color, title           kind: info, note, tip, success, warning, error, custom
    expand        blocks       title                              folded away until opened
    media         inlines      ref, alt, width, height, layout    a picture or file; the content is its caption
    media_group   media                                           several, shown side by side
    columns       column
    column        blocks       width                              width: in percent
    tabs          tab
    tab           blocks       title
    equation      text                                            TeX
    embed         nothing      url, kind                          a page shown in place; kind: card, embed, bookmark
    toc           nothing                                         the table of contents
    synced        blocks       ref, origin                        text that lives in one place and is shown in several
    footnote      blocks       label                              what a footnote_ref of the same label points at
    html          text                                            raw HTML
    macro         bodies       name, family, params, `text`       what a vendor computes; text: what it shows for itself
    body          blocks       name, plain                        plain: the content is one text, as in code
    opaque        nothing      format, kind, raw, text            what we do not model, whole; text: its readable words

Inlines:

    text          text         marks
    break         nothing                                         a new line, in the same paragraph
    soft          nothing                                         where the source was wrapped: a blank to the eye
    mention       nothing      ref                                a person
    emoji         text         name                               text: the character, where there is one
    date          nothing      iso                                2027-01-01
    status        text         color                              a coloured label
    card          nothing      url                                a link that shows what it leads to
    placeholder   text                                            "write here"
    anchor        nothing      name                               a place that links lead to
    footnote_ref  nothing      label
    equation, html, media, macro, opaque: as the blocks, with `inline: true`

Marks: bold, italic, underline, strike, code, sub, sup, color (color), background (color), link (href, title),
comment (ref). A mark that we do not model is called `format:name` and carries its attributes as read.

A `ref` names a thing outside the document: see `refs`. What a format says beyond this table is carried under `extra`,
by format, in the node or mark it belongs to; it is no part of equality.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MARK_ORDER = (
    "comment", "link", "bold", "italic", "strike", "underline", "sub", "sup", "color", "background", "code",
)  # fmt: skip
SHOWN = "shown"
"""Under this name `extra` holds what a reference was called when it was read."""


@dataclass(slots=True)
class Mark:
    """A property of a run of characters."""

    type: str
    attrs: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def key(self) -> tuple[int, str, str]:
        """Return a sort key: marks are a set in one fixed order."""
        rank = MARK_ORDER.index(self.type) if self.type in MARK_ORDER else len(MARK_ORDER)
        return (rank, self.type, repr(sorted(self.attrs.items(), key=lambda pair: pair[0])) if self.attrs else "[]")

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, defaults left out."""
        out: dict[str, Any] = {"type": self.type}
        if self.attrs:
            out["attrs"] = dict(self.attrs)
        if self.extra:
            out["extra"] = dict(self.extra)
        return out


@dataclass(slots=True)
class Node:
    """One node of a document. Equality is structural. Never changed once made (not frozen, for speed alone)."""

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
            out["marks"] = [m.to_json() for m in self.marks]
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
            tuple([Mark(m["type"], dict(m.get("attrs", {})), dict(m.get("extra", {}))) for m in data["marks"]])
            if "marks" in data
            else (),
            dict(data["extra"]) if "extra" in data else {},
        )

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, in reading order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.content))

    def plain(self) -> str:
        """Return the readable text of this node and all below it, without structure."""
        said = _SAID.get(self.type)
        if said is not None:
            return said(self)
        return self.text + "".join([n.plain() for n in self.content]) if self.content else self.text


def _called(node: Node) -> str:
    return str(node.extra.get(SHOWN) or node.attrs.get("alt") or node.attrs.get("ref", {}).get("key", ""))


_SAID: Mapping[str, Callable[[Node], str]] = {
    "opaque": lambda n: str(n.attrs.get("text", "")),
    "break": lambda _: "\n",
    "soft": lambda _: " ",
    "mention": lambda n: "@" + _called(n).removeprefix("@"),
    "emoji": lambda n: n.text or str(n.attrs.get("name", "")),
    "date": lambda n: str(n.attrs.get("iso", "")),
    "card": lambda n: str(n.attrs.get("url", "")),
    "embed": lambda n: str(n.attrs.get("url", "")),
    "footnote_ref": lambda n: f"[^{n.attrs.get('label', '')}]",
}

Document = Node
"""A node of type `doc`."""


def doc(*blocks: Node) -> Document:
    """Return a document of these blocks, in normal form."""
    from syncer.richtext.normal import normal

    return normal(Node("doc", blocks))
