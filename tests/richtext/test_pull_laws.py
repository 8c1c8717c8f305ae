"""The laws of carrying a lossy side's edit onto the richer item."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.formats.markdown import MarkdownCodec
from syncer.formats.plain import PlainCodec
from syncer.richtext.codec import Codec
from syncer.richtext.diff import key
from syncer.richtext.nodes import Document, Mark, Node, doc
from syncer.richtext.normal import same
from syncer.richtext.pull import pull
from syncer.testing.documents import documents
from tests.examples import examples

BOLD = Mark("bold")
PLAIN = PlainCodec()
each_codec = pytest.mark.parametrize("codec", [PlainCodec(), MarkdownCodec()], ids=lambda c: c.name)


def paragraph(text: str, *marks: Mark) -> Node:
    return Node("paragraph", (Node("text", text=text, marks=marks),))


PANEL = Node("opaque", (), {"format": "vendor", "kind": "panel", "raw": {"a": 1}, "text": ""})


@given(item=documents(), shown=documents())
def test_no_edit_changes_nothing(item: Document, shown: Document) -> None:
    assert pull(item, shown, shown) == item


@each_codec
@settings(max_examples=examples(60))
@given(item=documents(), now=documents())
def test_what_was_pulled_shows_as_the_person_left_it(codec: Codec, item: Document, now: Document) -> None:
    wanted = codec.shown(now)
    pulled = pull(item, codec.shown(item), wanted, codec.shown)

    assert pulled is None or same(codec.shown(pulled), wanted)


@each_codec
@settings(max_examples=examples(60))
@given(item=documents(), at=st.integers(0, 4), words=st.sampled_from(["new words", "x"]))
def test_a_new_paragraph_leaves_the_rest_as_rich_as_it_was(codec: Codec, item: Document, at: int, words: str) -> None:
    was = codec.shown(item)
    at = min(at, len(was.content))
    now = codec.shown(doc(*was.content[:at], paragraph(words), *was.content[at:]))
    pulled = pull(item, was, now, codec.shown)
    if pulled is None or len(now.content) != len(was.content) + 1:
        return
    rest = [key(n) for n in pulled.content]

    assert key(paragraph(words)) in rest
    rest.remove(key(paragraph(words)))
    assert rest == [key(n) for n in item.content]


@each_codec
@settings(max_examples=examples(60))
@given(item=documents(), now=documents())
def test_an_edit_pulled_twice_is_made_once(codec: Codec, item: Document, now: Document) -> None:
    wanted = codec.shown(now)
    once = pull(item, codec.shown(item), wanted, codec.shown)

    assert once is None or pull(once, codec.shown(once), wanted, codec.shown) == once


def test_a_mark_the_side_does_not_show_stays_on_the_characters_that_survive() -> None:
    item = doc(Node("paragraph", (Node("text", text="ship "), Node("text", text="today", marks=(BOLD,)))))

    pulled = pull(item, doc(paragraph("ship today")), doc(paragraph("please ship today")))

    assert pulled == doc(
        Node("paragraph", (Node("text", text="please ship "), Node("text", text="today", marks=(BOLD,))))
    )


def test_a_block_the_side_does_not_show_stays_where_it_is() -> None:
    item = doc(paragraph("before"), PANEL, paragraph("after"))
    was, now = doc(paragraph("before"), paragraph("after")), doc(paragraph("before"), paragraph("after all"))

    assert pull(item, was, now) == doc(paragraph("before"), PANEL, paragraph("after all"))


def test_a_heading_shown_as_a_paragraph_stays_a_heading() -> None:
    item = doc(Node("heading", (Node("text", text="Why we do it"),), {"level": 2}))

    pulled = pull(item, doc(paragraph("Why we do it")), doc(paragraph("Why we did it")))

    assert pulled == doc(Node("heading", (Node("text", text="Why we did it"),), {"level": 2}))


def test_a_removed_paragraph_goes_and_its_neighbours_stay() -> None:
    item = doc(paragraph("one", BOLD), paragraph("two", BOLD), paragraph("three", BOLD))
    was = doc(paragraph("one"), paragraph("two"), paragraph("three"))

    pulled = pull(item, was, doc(paragraph("one"), paragraph("three")))

    assert pulled == doc(paragraph("one", BOLD), paragraph("three", BOLD))


def test_one_of_two_equal_paragraphs_edited_is_found_by_its_neighbours() -> None:
    item = doc(paragraph("TBD", BOLD), paragraph("middle"), paragraph("TBD", Mark("italic")))
    was = doc(paragraph("TBD"), paragraph("middle"), paragraph("TBD"))

    pulled = pull(item, was, doc(paragraph("TBD"), paragraph("middle"), paragraph("TBD soon")))

    assert pulled is not None
    assert pulled.content[0] == paragraph("TBD", BOLD)
    assert pulled.content[2].plain() == "TBD soon"


def test_an_edited_stand_in_is_never_taken_for_text() -> None:
    chart = Node("opaque", (), {"format": "vendor", "kind": "chart", "raw": {"id": 7}, "text": "[chart 7]"})
    item = doc(paragraph("see"), chart)
    was = PLAIN.shown(item)

    assert pull(item, was, doc(paragraph("see"), paragraph("[chart 8]")), PLAIN.shown) is None


def test_a_word_of_a_list_shown_as_lines_is_edited_in_its_entry() -> None:
    def listed(*texts: str) -> Node:
        return Node("list", tuple(Node("item", (paragraph(t, BOLD),)) for t in texts))

    item = doc(listed("red apples", "green pears"))
    was = PLAIN.shown(item)
    now = PLAIN.decode("- red apples\n- ripe pears")

    assert pull(item, was, now, PLAIN.shown) == doc(listed("red apples", "ripe pears"))
