"""Hypothesis strategies for documents: what every codec and every merge is tried on.

Texts are built from the delimiters that formats use, so that escaping is tried and not only happy words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from syncer.richtext.nodes import Document, Mark, Node, doc

SIGNS = (
    "*", "**", "_", "__", "~~", "`", "```", "#", "# ", "- ", "+ ", "1. ", "2) ", "> ", "|", "---", "===", "___", "[",
    "]", "(", ")", "![", "](", "<", ">", "<b>", "</b>", "<!--", "&amp;", "&", "\\", "\\\\", "{code}", "{{", "}}",
    "h1. ", "||", "[x] ", "[ ] ", ":", "!", "http://x.y/z", "snake_case", "2*3*4", "\u00a0", "\u2028", "é", "日本",
    "🙂", "👩\u200d💻",
)  # fmt: skip
T = TypeVar("T")
_WORDS = ("alpha", "beta", "gamma", "x", "done", "Zoë")


def texts(signs: Sequence[str] = SIGNS) -> st.SearchStrategy[str]:
    """Texts of words, blanks and delimiters, never empty: one draw from many made beforehand, the short ones first."""
    return _one_of(_texts(tuple(signs)))


def _one_of(made: tuple[T, ...]) -> st.SearchStrategy[T]:
    """Draw by number: Hypothesis writes down the elements of what it samples from, and these are many."""
    return st.integers(0, len(made) - 1).map(made.__getitem__)


@cache
def _texts(signs: tuple[str, ...]) -> tuple[str, ...]:
    chance = Random(1)
    parts = (*_WORDS, *_WORDS, " ", " ", "  ", *signs)
    made = {"".join(chance.choices(parts, k=chance.randint(2, 6))) for _ in range(600)}
    return (*_WORDS, *signs, *sorted(made, key=lambda text: (len(text), text)))


def _ref(kind: str, key: str, system: str = "far") -> dict[str, str]:
    return {"kind": kind, "system": system, "key": key}


def _line(type: str, text: str = "", **attrs: object) -> Node:
    return Node(type, (), attrs, text)


_PLAIN_MARKS = tuple(Mark(name) for name in ("bold", "italic", "strike", "code", "underline"))
_RICH_MARKS = (
    *(Mark("link", {"href": href}) for href in ("https://x.y/a", "a b", "", "x(y", "a&amp;b", 'q"<>')),
    Mark("link", {"href": "https://x.y/b", "title": "t"}), Mark("sub"), Mark("sup"),
    Mark("color", {"color": "#ff5630"}), Mark("background", {"color": "yellow"}),
    Mark("comment", {"ref": _ref("comment", "c1")}), Mark("far:glow", {"size": 2}),
)  # fmt: skip
_MARKS = (
    (), *((m,) for m in (*_PLAIN_MARKS, *_RICH_MARKS)),
    *((a, b) for a in _PLAIN_MARKS for b in (*_PLAIN_MARKS, *_RICH_MARKS) if a != b),
)  # fmt: skip

ATOMS = (
    _line("break"), _line("break"), _line("soft"),
    Node("mention", (), {"ref": _ref("person", "u1")}, extra={"shown": "Ann"}),
    _line("emoji", "🙂", name="smile"), _line("emoji", name="far-parrot"), _line("date", iso="2027-01-31"),
    _line("status", "In *progress*", color="blue"), _line("card", url="https://x.y/c"), _line("placeholder", "say"),
    _line("anchor", name="here"), _line("footnote_ref", label="1"), _line("equation", "a_1^2", inline=True),
    _line("html", "<kbd>", inline=True), _line("media", inline=True, ref=_ref("media", "m2"), alt="small"),
    _line("macro", "LIVE", inline=True, name="count", family="far", params={"of": 3}),
    Node("opaque", (), {"inline": True, "format": "far", "kind": "gauge", "raw": {"v": 1}, "text": "gauge"}),
)  # fmt: skip
"""Every inline but text."""

LEAVES = (
    _line("rule"), _line("toc"), _line("equation", "\\frac{1}{2}"), _line("html", "<div>\n*a*"),
    _line("embed", url="https://x.y/e", kind="card"), _line("embed", url="https://x.y/v", kind="bookmark"),
    _line("media", ref=_ref("url", "https://x.y/p.png", ""), alt="plan", width=400, height=300),
    _line("media_group"), _line("macro", "chart", name="chart", family="far", params={"type": "pie"}),
    Node("opaque", (), {"format": "far", "kind": "board", "raw": {"id": 7}, "text": "board"}),
    Node("opaque", (), {"format": "far", "kind": "ghost", "raw": {"id": 8}, "text": ""}),
    _line("synced", ref=_ref("synced", "s1")),
)  # fmt: skip
"""Blocks without words."""


@cache
def inlines(signs: tuple[str, ...] = SIGNS) -> st.SearchStrategy[tuple[Node, ...]]:
    """Runs of text under marks, with everything else a line may hold between: one draw from many made beforehand."""
    return _one_of(_lines(signs))


@cache
def _lines(signs: tuple[str, ...]) -> tuple[tuple[Node, ...], ...]:
    chance = Random(2)
    words = _texts(signs)

    def piece() -> Node:
        if chance.random() < 0.25:
            return chance.choice(ATOMS)
        return Node("text", text=chance.choice(words), marks=chance.choice((*_MARKS, *[()] * len(_MARKS))))

    one = [(atom,) for atom in ATOMS]
    plain = [(Node("text", text=word),) for word in words]
    mixed = [tuple(piece() for _ in range(chance.randint(1, 5))) for _ in range(800)]
    return ((), *plain, *one, *sorted(mixed, key=len))


@cache
def blocks(signs: tuple[str, ...] = SIGNS) -> st.SearchStrategy[Node]:
    """Blocks of every type, one in another."""
    held = inlines(signs)
    look = st.sampled_from([{}, {}, {}, {"align": "center"}, {"indent": 2}])
    paragraph = st.builds(lambda c, a: Node("paragraph", c, a), held, look)
    heading = st.builds(lambda c, level, a: Node("heading", c, {"level": level, **a}), held, st.integers(1, 6), look)
    language = st.sampled_from([{}, {"language": "python"}, {"language": "c++"}, {"language": "a b", "title": "x.py"}])
    code = st.builds(
        lambda t, a: Node("code", (Node("text", text=t),), a),
        st.lists(texts(signs), max_size=2).map("\n".join),
        language,
    )
    picture = held.map(lambda c: Node("media", c, {"ref": _ref("media", "m1"), "alt": "map", "layout": "center"}))
    decided = st.builds(lambda c, s: Node("decision", c, {"state": s}), held, st.sampled_from(["decided", "open"]))
    decisions = st.lists(decided, min_size=1, max_size=2).map(lambda c: Node("decisions", tuple(c)))
    leaves = st.one_of(paragraph, paragraph, heading, code, st.sampled_from(LEAVES), picture, decisions)
    return st.recursive(leaves, _containers, max_leaves=4)


@cache
def documents(signs: tuple[str, ...] = SIGNS) -> st.SearchStrategy[Document]:
    """Any document of the vocabulary, up to four blocks long."""
    return st.lists(blocks(signs), max_size=4).map(lambda held: doc(*held))


def _containers(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    content = st.lists(children, max_size=2).map(tuple)
    attrs = st.sampled_from([{}, {}, {"done": True}, {"done": False}])
    items = st.lists(st.builds(lambda c, a: Node("item", c, a), content, attrs), min_size=1, max_size=2).map(tuple)
    shapes = st.sampled_from([{}, {"ordered": True}, {"ordered": True, "start": 3}])
    lists = st.builds(lambda held, shape: Node("list", held, shape), items, shapes)
    return st.one_of(
        content.map(lambda c: Node("quote", c)), lists, lists, tables(content), tables(content),
        st.builds(lambda c, w: Node(w.type, c, w.attrs), content, st.sampled_from(_WRAPS)),
        st.builds(lambda c, w: Node(w.type, tuple([Node(w.text, (b,), w.attrs) for b in c])), content,
                  st.sampled_from(_DIVIDED)),
        st.builds(lambda c, p: Node("macro", (Node("body", c),), {"name": "box", "family": "far", "params": p}),
                  content, st.sampled_from([{}, {"title": "t"}])),
    )  # fmt: skip


_WRAPS = (
    _line("panel", kind="info"), _line("panel", kind="custom", icon="🚀", color="#deebff", title="Launch"),
    _line("expand"), _line("expand", title="More *here*"), _line("footnote", label="1"),
    _line("synced", ref=_ref("synced", "s2"), origin=True),
)  # fmt: skip
_DIVIDED = (_line("columns", "column", width=50), _line("tabs", "tab", title="Tab"))
"""Containers of parts; the type of the part stands as text."""


def tables(content: st.SearchStrategy[tuple[Node, ...]]) -> st.SearchStrategy[Node]:
    """Tables of up to 3 × 3, rectangular: header rows or columns, sometimes a cell two columns or rows large."""
    return st.builds(
        _table, st.integers(1, 3), st.integers(1, 3), st.lists(content, min_size=1, max_size=3),
        st.sampled_from(["none", "row", "column"]), st.sampled_from(["none", "none", "wide", "tall"]),
        st.sampled_from([{}, {}, {"numbered": True}, {"widths": True}]),
    )  # fmt: skip


def _table(
    rows: int, columns: int, held: Sequence[tuple[Node, ...]], header: str, span: str, attrs: dict[str, object]
) -> Node:
    wide, tall = span == "wide" and columns > 1, span == "tall" and rows > 1 and columns > 1
    out: list[Node] = []
    for r in range(rows):
        cells: list[Node] = []
        for c in range(columns):
            if (wide and (r, c) == (0, 1)) or (tall and (r, c) == (1, 0)):
                continue
            at: dict[str, object] = {"header": True} if (header, 0) in (("row", r), ("column", c)) else {}
            if (r, c) == (0, 0):
                at |= {"colspan": 2} if wide else {"rowspan": 2, "background": "#eeeeee"} if tall else {}
            cells.append(Node("cell", held[(r * columns + c) % len(held)], at))
        out.append(Node("row", tuple(cells)))
    return Node("table", tuple(out), {**attrs, "widths": [100] * columns} if "widths" in attrs else attrs)
