"""Constructed documents that broke other converters, each under its name."""

from __future__ import annotations

from syncer_atlassian.adf import AdfCodec
from syncer_notion.codec import NotionCodec

from syncer.formats.markdown import MarkdownCodec
from syncer.formats.plain import PlainCodec
from syncer.richtext.diff import key
from syncer.richtext.merge import merge
from syncer.richtext.nodes import Document, Node, doc
from syncer.richtext.pull import pull

MARKDOWN = MarkdownCodec()


def p(text: str) -> Node:
    return Node("paragraph", (Node("text", text=text),))


def lines(document: Document) -> list[str]:
    return [block.plain() for block in document.content]


def test_two_people_append() -> None:
    base, ann, bob = (MARKDOWN.decode(text) for text in ("A\n\nB", "A\n\nB\n\nfrom Ann", "A\n\nB\n\nfrom Bob"))
    merged = merge(base, {"a": ann, "b": bob})

    assert merged.regions == ()
    assert lines(merged.document) == ["A", "B", "from Ann", "from Bob"]
    assert key(merge(base, {"b": ann, "a": bob}).document) == key(merged.document)
    assert key(merge(base, {"a": merged.document, "b": bob}).document) == key(merged.document)


def test_move_and_edit() -> None:
    first, second, third = "the first paragraph, of some length", "the second one, which is edited", "the end"
    base = doc(p(first), p(second), p(third))
    moved, edited = doc(p(second), p(first), p(third)), doc(p(first), p(second + " here"), p(third))
    merged = merge(base, {"a": moved, "b": edited})
    told = [b.plain() for region in merged.regions for blocks in region.sides.values() for b in blocks]

    assert sorted(lines(merged.document)).count(first) == 1
    assert second + " here" in lines(merged.document) + told
    assert all(lines(merged.document).count(text) <= 1 for text in (first, second, third))


def test_opaque_between_merged_paragraphs() -> None:
    macro = Node("macro", (), {"name": "jira", "family": "far", "params": {"jql": "x"}})
    item = doc(p("intro text"), macro, p("outro text"))
    pulled = pull(item, doc(p("intro text"), p("outro text")), doc(p("intro text outro text")))

    assert pulled is not None
    assert macro in pulled.content
    assert "intro text outro text" in lines(pulled)


def test_column_left_row_right_twins() -> None:
    def table(*rows: str) -> Document:
        return MARKDOWN.decode("\n".join([rows[0], "|".join(["", *["-"] * (rows[0].count("|") - 1), ""]), *rows[1:]]))

    base = table("|a|b|", "|1|2|", "|N/A|N/A|", "|N/A|N/A|")
    left = table("|a|x|b|", "|1|5|2|", "|N/A|6|N/A|", "|N/A|7|N/A|")
    right = table("|a|b|", "|1|2|", "|N/A|N/A|", "|N/A|known|", "|3|4|")
    merged = merge(base, {"a": left, "b": right})

    assert merged.regions == ()
    assert merged.document == table("|a|x|b|", "|1|5|2|", "|N/A|6|N/A|", "|N/A|7|known|", "|3||4|")


def test_tick_and_text_of_one_task() -> None:
    base, tick, text = (MARKDOWN.decode(t) for t in ("- [ ] ship it", "- [x] ship it", "- [ ] ship it on Monday"))
    merged = merge(base, {"a": tick, "b": text})

    assert merged.regions == ()
    assert MARKDOWN.encode(merged.document) == "- [x] ship it on Monday"


def test_one_paragraph_one_tick_and_one_row_by_three_people_give_one_document_with_all_three() -> None:
    def page(first: str, tick: bool, *rows: str) -> Document:
        made = [Node("row", (Node("cell", (p(a),)), Node("cell", (p(b),)))) for a, b in (r.split("|") for r in rows)]
        task = Node("list", (Node("item", (p("tell support"),), {"done": tick}),))
        return doc(p(first), task, Node("table", tuple(made)))

    base = page("Why we do it", False, "goal|owner", "speed|Ann")
    merged = merge(
        base,
        {
            "notion": page("Why we will do it", False, "goal|owner", "speed|Ann"),
            "jira": page("Why we do it", True, "goal|owner", "speed|Ann"),
            "confluence": page("Why we do it", False, "goal|owner", "speed|Ann", "trust|Bob"),
        },
    )

    assert merged.regions == ()
    assert merged.document == page("Why we will do it", True, "goal|owner", "speed|Ann", "trust|Bob")


def test_plain_text_that_looks_like_markup() -> None:
    for text in (
        "*not bold*",
        "h1. x",
        "----",
        "# x",
        "||h||",
        "| a | b |",
        "{{mono}}",
        "-strike-",
        " leading",
        "1) x",
        "<b>",
    ):
        for codec in (AdfCodec(), NotionCodec(), MARKDOWN, PlainCodec()):
            assert codec.decode(codec.encode(doc(p(text)))) == doc(p(text)), (codec.name, text)


def test_code_containing_its_fence() -> None:
    code = doc(Node("code", (Node("text", text="```\n~~~~\n{code}\n````"),)))
    for codec in (AdfCodec(), NotionCodec(), MARKDOWN):
        assert codec.decode(codec.encode(code)) == code
