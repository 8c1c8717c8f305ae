"""Hypothesis strategies for documents: what every codec and every merge is tried on.

Texts are built from the delimiters that formats use, so that escaping is tried and not only happy words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from hypothesis import strategies as st

from syncer.richtext.nodes import Document, Mark, Node, doc

SIGNS = (
    "*", "**", "_", "__", "~~", "`", "```", "#", "# ", "- ", "+ ", "1. ", "2) ", "> ", "|", "---", "===", "___", "[",
    "]", "(", ")", "![", "](", "<", ">", "<b>", "</b>", "<!--", "&amp;", "&", "\\", "\\\\", "{code}", "{{", "}}",
    "h1. ", "||", "[x] ", "[ ] ", ":", "!", "http://x.y/z", "snake_case", "2*3*4", "\u00a0", "\u2028", "é", "日本",
    "🙂", "👩\u200d💻",
)  # fmt: skip
_WORDS = ("alpha", "beta", "gamma", "x", "done", "Zoë")


def texts(signs: Sequence[str] = SIGNS) -> st.SearchStrategy[str]:
    """Texts of words, blanks and delimiters, never empty."""
    parts = st.one_of(st.sampled_from(_WORDS), st.sampled_from([" ", "  "]), st.sampled_from(tuple(signs)))
    return st.lists(parts, min_size=1, max_size=7).map("".join)


def marks() -> st.SearchStrategy[tuple[Mark, ...]]:
    """Sets of marks."""
    plain = st.sampled_from([Mark("bold"), Mark("italic"), Mark("strike"), Mark("code"), Mark("underline")])
    link = st.sampled_from(["https://x.y/a", "a b", "", "x(y", "a&amp;b", 'q"<>']).map(
        lambda h: Mark("link", {"href": h})
    )
    none: st.SearchStrategy[tuple[Mark, ...]] = st.just(())
    some = st.tuples(plain, st.one_of(plain, link)).map(lambda pair: (pair[0],) if pair[0] == pair[1] else pair)
    return st.one_of(none, none, some)


@cache
def inlines(signs: tuple[str, ...] = SIGNS) -> st.SearchStrategy[tuple[Node, ...]]:
    """Runs of text under marks, with hard breaks between."""
    run = st.builds(lambda t, m: Node("text", text=t, marks=m), texts(signs), marks())
    return st.lists(st.one_of(run, run, run, st.just(Node("break"))), max_size=5).map(tuple)


@cache
def blocks(signs: tuple[str, ...] = SIGNS) -> st.SearchStrategy[Node]:
    """Blocks of every type, lists and quotes nested."""
    held = inlines(signs)
    paragraph = held.map(lambda c: Node("paragraph", c))
    heading = st.builds(lambda c, level: Node("heading", c, {"level": level}), held, st.integers(1, 6))
    language = st.sampled_from(["", "python", "c++", "a b"])
    code = st.builds(
        lambda t, lang: Node("code", (Node("text", text=t),), {"language": lang}),
        st.lists(texts(signs), max_size=3).map("\n".join),
        language,
    )
    leaves = st.one_of(paragraph, paragraph, heading, code, st.just(Node("rule")))
    return st.recursive(leaves, _containers, max_leaves=5)


@cache
def documents(signs: tuple[str, ...] = SIGNS) -> st.SearchStrategy[Document]:
    """Documents of up to five blocks."""
    return st.lists(blocks(signs), max_size=5).map(lambda held: doc(*held))


def _containers(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    content = st.lists(children, max_size=3).map(tuple)
    attrs = st.sampled_from([{}, {}, {"done": True}, {"done": False}])
    items = st.lists(st.builds(lambda c, a: Node("item", c, a), content, attrs), min_size=1, max_size=3).map(tuple)
    shapes = st.sampled_from([{}, {"ordered": True}, {"ordered": True, "start": 3}])
    return st.one_of(
        content.map(lambda c: Node("quote", c)),
        st.builds(lambda held, shape: Node("list", held, shape), items, shapes),
    )
