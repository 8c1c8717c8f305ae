"""The normal form of documents."""

from __future__ import annotations

from hypothesis import given

from syncer.richtext.nodes import Document, Mark, Node, doc
from syncer.richtext.normal import normal, same
from syncer.testing.documents import documents


def text(value: str, *marks: Mark) -> Node:
    return Node("text", text=value, marks=marks)


@given(document=documents())
def test_the_normal_form_is_idempotent(document: Document) -> None:
    assert normal(document) == document


@given(document=documents())
def test_the_json_form_gives_the_document_back(document: Document) -> None:
    assert Node.from_json(document.to_json()) == document


def test_equal_runs_are_joined_and_marks_are_a_set_in_one_order() -> None:
    bold, italic = Mark("bold"), Mark("italic")
    document = doc(Node("paragraph", (text("a", bold, italic), text(""), text("b", italic, bold, bold))))

    assert document.content[0].content == (text("ab", bold, italic),)


def test_line_ends_are_one_and_nothing_else_is_touched() -> None:
    document = doc(Node("paragraph", (text(" a\r"), text("\nb\u00a0\u2028\u200d "))))

    assert document.content[0].plain() == " a\nb\u00a0\u2028\u200d "


def test_defaults_are_absent() -> None:
    lists = Node("list", (), {"ordered": True, "start": 1}), Node("list", (), {"ordered": False, "start": 4})

    assert [dict(n.attrs) for n in doc(*lists).content] == [{"ordered": True}, {}]


def test_empty_paragraphs_count_inside_and_not_at_the_end() -> None:
    empty, full = Node("paragraph"), Node("paragraph", (text("a"),))

    assert same(doc(full, empty), doc(full))
    assert not same(doc(full, empty, full), doc(full, full))
