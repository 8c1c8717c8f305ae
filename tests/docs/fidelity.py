"""Writes the table of what each document format says and how it shows the rest, from the codecs themselves.

Run `python -m tests.docs.fidelity` after a change of a codec or of the vocabulary.
"""

from __future__ import annotations

import re

from syncer_atlassian.adf import AdfCodec, ConfluenceAdfCodec
from syncer_notion.codec import NotionCodec

from syncer.formats.markdown import MarkdownCodec
from syncer.formats.plain import PlainCodec
from syncer.richtext.codec import Codec
from syncer.richtext.diff import key
from syncer.richtext.nodes import Document, Mark, Node, doc
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "documents.md"
MARKED = re.compile(r"(?<=<!-- fidelity -->\n).*?(?=<!-- /fidelity -->)", re.DOTALL)
CODECS: dict[str, Codec] = {
    "ADF in Jira": AdfCodec(), "ADF in Confluence": ConfluenceAdfCodec(), "Notion": NotionCodec(),
    "Markdown": MarkdownCodec(), "plain text": PlainCodec(),
}  # fmt: skip


def _text(text: str, *marks: Mark) -> Node:
    return Node("text", text=text, marks=marks)


def _p(*content: Node, **attrs: object) -> Node:
    return Node("paragraph", content or (_text("words"),), attrs)


def _line(type: str, text: str = "", **attrs: object) -> Document:
    return doc(_p(_text("a "), Node(type, (), attrs, text)))


def _marked(type: str, **attrs: object) -> Document:
    return doc(_p(_text("words", Mark(type, attrs))))


def _list(*items: Node, **attrs: object) -> Document:
    return doc(Node("list", items, attrs))


def _table(*cells: Node) -> Document:
    head = tuple([Node("cell", (_p(),), {"header": True}) for _ in cells])
    return doc(Node("table", (Node("row", head), Node("row", cells))))


def _media(kind: str, key_: str) -> dict[str, object]:
    return {"ref": {"kind": kind, "system": "" if kind == "url" else "far", "key": key_}, "alt": "plan"}


_ITEM = Node("item", (_p(),))
SAMPLES: dict[str, Document] = {
    "paragraph, heading 1–4": doc(_p(), Node("heading", (_text("x"),), {"level": 4})),
    "heading 5–6": doc(Node("heading", (_text("x"),), {"level": 6})),
    "aligned or indented text": doc(_p(align="center")),
    "bullets, nested": _list(Node("item", (_p(), Node("list", (_ITEM,))))),
    "numbers": _list(_ITEM, ordered=True),
    "numbers from 3": _list(_ITEM, ordered=True, start=3),
    "tasks": _list(Node("item", (_p(),), {"done": True})),
    "several blocks in an entry": _list(Node("item", (_p(), Node("code", (_text("x"),))))),
    "decisions": doc(Node("decisions", (Node("decision", (_text("x"),), {"state": "decided"}),))),
    "code": doc(Node("code", (_text("x"),), {"language": "python"})),
    "a title of code": doc(Node("code", (_text("x"),), {"title": "a.py"})),
    "quote": doc(Node("quote", (_p(),))),
    "rule": doc(Node("rule")),
    "table": _table(Node("cell", (_p(),)), Node("cell", (_p(),))),
    "spans": doc(Node("table", (Node("row", (Node("cell", (_p(),), {"colspan": 2, "header": True}),)),
                                Node("row", (Node("cell", (_p(),)), Node("cell", (_p(),))))))),
    "blocks in a cell": _table(Node("cell", (_p(), Node("code", (_text("x"),))))),
    "panel": doc(Node("panel", (_p(),), {"kind": "warning"})),
    "expand": doc(Node("expand", (_p(),), {"title": "More"})),
    "picture by address": doc(Node("media", (), _media("url", "https://x.y/p.png"))),
    "picture in another system": doc(Node("media", (), _media("media", "m1"))),
    "columns": doc(Node("columns", tuple([Node("column", (_p(),), {"width": 50})] * 2))),
    "tabs": doc(Node("tabs", (Node("tab", (_p(),), {"title": "One"}),))),
    "equation": doc(Node("equation", text="a^2")),
    "embedded page": doc(Node("embed", (), {"url": "https://x.y", "kind": "card"})),
    "table of contents": doc(Node("toc")),
    "footnote": doc(Node("footnote", (_p(),), {"label": "1"})),
    "raw HTML": doc(Node("html", text="<div>")),
    "macro": doc(Node("macro", (Node("body", (_p(),)),), {"name": "box", "family": "far"})),
    "hard break": _line("break"),
    "mention of an unknown person": _line("mention", ref={"kind": "person", "system": "far", "key": "Ann"}),
    "emoji": _line("emoji", "🙂", name="smile"),
    "date": _line("date", iso="2027-01-31"),
    "status": _line("status", "Late", color="red"),
    "card": _line("card", url="https://x.y"),
    "placeholder": _line("placeholder", "say"),
    "anchor": _line("anchor", name="here"),
    "bold, italic, strike, code": doc(_p(*[_text(t, Mark(t)) for t in ("bold", "italic", "strike", "code")])),
    "underline": _marked("underline"),
    "sub- and superscript": _marked("sub"),
    "colour": _marked("color", color="#ff5630"),
    "background": _marked("background", color="#ff5630"),
    "link": _marked("link", href="https://x.y"),
    "title of a link": _marked("link", href="https://x.y", title="t"),
}  # fmt: skip


def table() -> str:
    """Return the table of today."""
    lines = [f"| | {' | '.join(CODECS)} |", "|" + "---|" * (len(CODECS) + 1)]
    for name, document in SAMPLES.items():
        lines.append(f"| {name} | {' | '.join(_told(codec, document) for codec in CODECS.values())} |")
    return "\n".join(lines) + "\n"


def _told(codec: Codec, document: Document) -> str:
    """Return ✓ where a document is shown as it is, else how."""
    if key(codec.shown(document)) == key(document):
        return "✓"
    return "; ".join(dict.fromkeys(loss.how for loss in codec.losses(document))) or "as text"


def rewritten(page: str, made: str) -> str:
    """Return the page with the table in its place."""
    return MARKED.sub(lambda _: made, page)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), table()), encoding="utf-8")
