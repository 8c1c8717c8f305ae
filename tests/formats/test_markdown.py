"""Markdown: what each construct reads as, and what survives an edit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.errors import DocumentError
from syncer.formats.markdown import MarkdownCodec
from syncer.formats.markdown_write import GRAMMAR
from syncer.richtext.degrade import degrade
from syncer.richtext.nodes import Document, Node, doc
from syncer.testing.documents import SIGNS, documents, texts
from tests.examples import examples

codec = MarkdownCodec()
SOURCE = """\
Title
=====

Some *text* with **bold**, `code`,
a [link](https://x.y "t") and <https://z.w>.

* one
* two
  1) deep
  2) deeper

- [x] done
- [ ] open

| a | b |
|---|---|
| 1 | 2 |

<div class="x">
raw
</div>

~~~python
x = 1
~~~

> quoted
> text

* * *

[ref]: https://r.s
"""


def test_the_constructs_are_read() -> None:
    kinds = [b.type for b in codec.decode(SOURCE).content]

    assert kinds == ["heading", "paragraph", "list", "list", "table", "opaque", "code", "quote", "rule", "opaque"]


def test_marks_and_links_are_read() -> None:
    paragraph = codec.decode(SOURCE).content[1]
    found = {n.text: [(m.type, dict(m.attrs)) for m in n.marks] for n in paragraph.content if n.marks}

    assert found == {
        "text": [("italic", {})],
        "bold": [("bold", {})],
        "code": [("code", {})],
        "link": [("link", {"href": "https://x.y", "title": "t"})],
        "https://z.w": [("link", {"href": "https://z.w"})],
    }


def test_an_edit_elsewhere_leaves_every_other_line_as_it_was() -> None:
    was = codec.decode(SOURCE)
    now = Document("doc", (*was.content[:1], Node("paragraph", (Node("text", text="New."),)), *was.content[2:]))
    before, after = SOURCE.split("Some *text*")[0], SOURCE.split("<https://z.w>.")[1]

    assert codec.patch(SOURCE, was, now) == f"{before}New.{after}"


def test_windows_line_ends_stay() -> None:
    raw = "one\r\n\r\ntwo\r\n"
    now = doc(*codec.decode(raw).content[:1], Node("paragraph", (Node("text", text="2"),)))

    assert codec.patch(raw, codec.decode(raw), now) == "one\r\n\r\n2\r\n"


@settings(max_examples=examples(150))
@given(document=documents())
def test_no_character_of_a_text_is_altered(document: Document) -> None:
    said = degrade(document, GRAMMAR)

    assert _letters(codec.shown(document)) == _letters(said)


def _letters(document: Document) -> list[str]:
    texts = ["".join(n.plain().split("\n")) for n in document.walk() if n.type in ("paragraph", "heading", "code")]
    return [t for t in texts if t]


@settings(max_examples=examples(150))
@given(document=documents())
def test_marks_links_and_structure_are_kept(document: Document) -> None:
    def shape(d: Document) -> list[object]:
        return [(n.text, n.marks) for n in d.walk() if n.type == "text"]

    assert shape(codec.shown(document)) == shape(degrade(document, GRAMMAR))


@pytest.mark.parametrize(
    "text",
    [
        "*not bold*",
        "# x",
        "- x",
        "1. x",
        "> q",
        "---",
        "`c`",
        "<b>",
        "[a](b)",
        "a_b_c",
        "&amp;",
        "~~s~~",
        " lead",
        "==",
    ],
)
def test_plain_text_that_looks_like_markup_stays_text(text: str) -> None:
    document = doc(Node("paragraph", (Node("text", text=text),)))

    assert codec.decode(codec.encode(document)) == document


def test_a_tower_of_quotes_is_refused_and_no_crash() -> None:
    with pytest.raises(DocumentError):
        codec.decode(">" * 5000 + " x")


TABLE = "| Name | State |\n|:-----|------:|\n| *alpha* | a \\| b |\n| `x\\|y` |  |"


def test_a_table_is_read_by_cells_and_a_bar_in_one_is_text() -> None:
    (table,) = codec.decode(TABLE).content

    texts = [[c.plain() for c in row.content] for row in table.content]
    assert texts == [["Name", "State"], ["alpha", "a | b"], ["x|y", ""]]
    assert [c.attrs for c in table.content[0].content] == [{"header": True}] * 2
    assert codec.decode(codec.encode(doc(table))) == doc(table)


def test_an_edited_table_keeps_its_alignment_and_its_neighbours_stay() -> None:
    raw = f"# One\n\n{TABLE}\n\nlast *words*\n"
    now = codec.decode(raw.replace("alpha", "beta"))

    assert codec.patch(raw, codec.decode(raw), now) == (
        "# One\n\n| Name | State |\n| :----- | ------: |\n| _beta_ | a \\| b |\n| `x\\|y` |  |\n\nlast *words*\n"
    )


def test_what_no_table_can_show_is_carried_as_it_was() -> None:
    raw = "| a | b |\n|---|---|\n| 1 | 2 | 3 |"

    assert [n.attrs["kind"] for n in codec.decode(raw).content] == ["table"]
    assert codec.encode(codec.decode(raw)) == raw


@settings(max_examples=examples(150))
@given(grid=st.lists(st.lists(texts([*SIGNS, "\\|", "`|`", "<br>"]), min_size=2, max_size=2), min_size=1, max_size=3))
def test_any_cells_between_bars_are_read_and_written_back(grid: list[list[str]]) -> None:
    lines = ["| " + " | ".join(row) + " |" for row in grid]
    raw = "\n".join([lines[0], "|---|---|", *lines[1:]])
    document = codec.decode(raw)

    assert codec.patch(raw, document, document) == raw
    assert codec.shown(codec.shown(document)) == codec.shown(document)


def test_a_table_of_several_lines_a_cell_is_shown_as_lists() -> None:
    cell = Node("cell", tuple([Node("paragraph", (Node("text", text=t),)) for t in ("a", "b")]))

    assert codec.encode(doc(Node("table", (Node("row", (cell,)),)))) == "- - a\n\n    b"


def test_empty_entries_one_in_another_are_no_rule() -> None:
    empty = Node("item")
    deep = Node("list", (Node("item", (Node("list", (Node("item", (Node("list", (empty, empty)),)),)),)),))

    assert "rule" not in {n.type for n in codec.shown(doc(deep)).walk()}
    assert codec.shown(doc(deep)) == doc(deep)
