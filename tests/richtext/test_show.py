"""How documents are shown to people."""

from __future__ import annotations

from hypothesis import given, settings

from syncer.richtext.diff import key
from syncer.richtext.nodes import Document, Mark, Node, doc
from syncer.richtext.show import difference, render
from syncer.testing.documents import documents
from tests.examples import examples


def paragraph(text: str, *marks: Mark) -> Node:
    return Node("paragraph", (Node("text", text=text, marks=marks),))


def test_every_kind_of_block_has_its_look() -> None:
    items = (Node("item", (paragraph("ship"),), {"done": True}), Node("item", (paragraph("rest"),), {"done": False}))
    document = doc(
        Node("heading", (Node("text", text="Plan"),), {"level": 2}),
        Node("list", items),
        Node("list", (Node("item", (paragraph("first"),)),), {"ordered": True, "start": 3}),
        Node("code", (Node("text", text="a\nb"),)),
        Node("quote", (paragraph("said"),)),
        Node("opaque", (), {"format": "vendor", "kind": "chart", "raw": {}, "text": ""}),
    )

    assert render(document) == "## Plan\n\n• [x] ship\n• [ ] rest\n\n3. first\n\n    a\n    b\n\n│ said\n\n[chart]"


def test_lines_are_no_wider_than_asked() -> None:
    document = doc(paragraph("word " * 40), Node("quote", (paragraph("other " * 40),)))

    assert max(len(line) for line in render(document, 30).split("\n")) <= 30


def test_an_edited_word_is_shown_in_its_surroundings() -> None:
    text = "word " * 60

    lines = difference(doc(paragraph(text + "old end")), doc(paragraph(text + "new end")))

    assert len(lines) == 1
    assert lines[0].startswith("~ …")
    assert "[-old-]{+new+}" in lines[0]


def test_a_change_of_looks_alone_is_told() -> None:
    assert difference(doc(paragraph("a")), doc(paragraph("a", Mark("bold")))) == ["~ a (formatting)"]


def test_a_long_difference_is_cut_and_says_so() -> None:
    now = doc(*(paragraph(f"line {k}") for k in range(20)))

    lines = difference(doc(), now, limit=3)

    assert lines[:3] == ["+ line 0", "+ line 1", "+ line 2"]
    assert lines[3] == "… 17 more"


@settings(max_examples=examples(50))
@given(was=documents(), now=documents())
def test_a_difference_is_shown_exactly_where_there_is_one(was: Document, now: Document) -> None:
    assert bool(difference(was, now)) == (key(was) != key(now))
    assert difference(was, was) == []


def test_a_table_is_shown_by_its_rows_and_an_edited_cell_by_its_words() -> None:
    def table(state: str) -> Document:
        cells = [Node("cell", (paragraph(text),)) for text in ("alpha", state)]
        return doc(Node("table", (Node("row", tuple(cells)),)), Node("panel", (paragraph("mind"),), {"kind": "note"}))

    assert render(table("open")) == "alpha | open\n\n│ Note\n│ mind"
    assert difference(table("open"), table("done")) == ["~ [-open-]{+done+}"]


def test_a_mention_at_the_start_stays_in_its_line() -> None:
    bob = Node("mention", (), {"ref": {"kind": "person", "system": "x", "key": "u7"}}, extra={"shown": "Bob"})

    assert render(doc(Node("paragraph", (bob, Node("text", text=" said"))))) == "@Bob said"
