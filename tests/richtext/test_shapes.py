"""The vocabulary of documents: what is one, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given

from syncer.errors import DocumentError
from syncer.richtext.nodes import Document, Mark, Node, doc
from syncer.richtext.normal import normal
from syncer.richtext.refs import Reference, reference, resolved
from syncer.richtext.shapes import MAX_DEPTH, SHAPES, check
from syncer.testing.documents import ATOMS, LEAVES, documents

BOB = Reference("person", "far", "u7", "Bob")


def words(text: str, *marks: Mark) -> Node:
    return Node("text", text=text, marks=marks)


@given(document=documents())
def test_every_generated_document_is_one_of_the_vocabulary(document: Document) -> None:
    check(document)
    check(normal(document))


def test_every_type_of_node_is_generated_somewhere() -> None:
    seen: set[str] = {n.type for n in (*ATOMS, *LEAVES)}

    @given(document=documents())
    def collect(document: Document) -> None:
        seen.update(n.type for n in document.walk())

    collect()
    assert seen == set(SHAPES)


@pytest.mark.parametrize(
    "node",
    [
        Node("sentence"),
        Node("item"),
        words("a line among blocks"),
        Node("paragraph", (Node("paragraph"),)),
        Node("paragraph", attrs={"align": "left"}),
        Node("heading"),
        Node("heading", attrs={"level": 7}),
        Node("list", (Node("paragraph"),)),
        Node("table", (Node("cell"),)),
        Node("code", (words("x", Mark("bold")),)),
        Node("rule", text="x"),
        Node("rule", marks=(Mark("bold"),)),
        Node("media"),
        Node("media", attrs={"ref": {"key": "x"}}),
        Node("paragraph", (words("x", Mark("shiny")),)),
        Node("paragraph", (words("x", Mark("link")),)),
        Node("paragraph", (Node("date", attrs={"iso": "tomorrow"}),)),
        Node("paragraph", (Node("media", (words("x"),), {"ref": BOB.attr(), "inline": True}),)),
    ],
    ids=repr,
)
def test_what_is_not_in_the_vocabulary_is_refused(node: Node) -> None:
    with pytest.raises(DocumentError):
        check(Node("doc", (node,)))


def test_a_document_nested_too_deep_is_refused_without_a_crash() -> None:
    node = Node("quote")
    for _ in range(5000):
        node = Node("quote", (node,))

    with pytest.raises(DocumentError, match=str(MAX_DEPTH)):
        check(Node("doc", (node,)))


def test_a_reference_is_the_same_whatever_it_is_called() -> None:
    bob = Node("mention", attrs={"ref": BOB.attr()}, extra={"shown": "Bob"})
    robert = Node("mention", attrs={"ref": BOB.attr()}, extra={"shown": "Robert"})

    assert doc(Node("paragraph", (bob,))) == doc(Node("paragraph", (robert,)))
    assert reference(bob) == BOB
    assert bob.plain() == "@Bob"


def test_a_known_reference_is_resolved_and_an_unknown_one_stays() -> None:
    ours = Reference("person", "", "bob", "Bob B.")
    document = doc(
        Node(
            "paragraph", (Node("mention", attrs={"ref": BOB.attr()}), words("x", Mark("comment", {"ref": BOB.attr()})))
        )
    )

    found = resolved(document, lambda ref: ours if ref.key == "u7" else None)

    assert [reference(n) for n in found.walk() if n.type == "mention"] == [ours]
    assert found.content[0].content[1].marks[0].attrs["ref"] == ours.attr()
    assert resolved(document, lambda _: None) == document
