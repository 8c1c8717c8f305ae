"""Carrying a lossy side's edit onto the richer item."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.formats.markdown import MarkdownCodec
from syncer.formats.plain import PlainCodec
from syncer.richtext.codec import Codec
from syncer.richtext.nodes import Document, Mark, Node, doc
from syncer.richtext.normal import same
from syncer.richtext.pull import pull
from syncer.testing.documents import documents
from tests.examples import examples

BOLD = Mark("bold")
COLOUR = Mark("color", {"value": "red"})
PLAIN, MARKDOWN = PlainCodec(), MarkdownCodec()
HAPPY = ("-", ".", ",")
codecs = st.sampled_from([PLAIN, MARKDOWN])


def p(*runs: str | Node) -> Node:
    return Node("paragraph", tuple(Node("text", text=r) if isinstance(r, str) else r for r in runs))


def run(text: str, *marks: Mark) -> Node:
    return Node("text", text=text, marks=marks)


@given(item=documents(), shown=documents())
def test_no_edit_leaves_the_item_alone(item: Document, shown: Document) -> None:
    assert pull(item, shown, shown) == item


@settings(max_examples=examples(60))
@given(codec=codecs, item=documents(HAPPY), now=documents(HAPPY))
def test_the_side_shows_what_was_pulled(codec: Codec, item: Document, now: Document) -> None:
    target = codec.shown(now)
    pulled = pull(item, codec.shown(item), target, codec.shown)

    assert pulled is None or same(codec.shown(pulled), target)
    assert pulled is None or pull(pulled, codec.shown(pulled), target, codec.shown) == pulled


@settings(max_examples=examples(60))
@given(codec=codecs, item=documents(HAPPY), word=st.sampled_from(["new", "more words"]))
def test_an_appended_paragraph_always_arrives(codec: Codec, item: Document, word: str) -> None:
    was = codec.shown(item)
    now = Document("doc", (*was.content, p(word)))
    if codec.shown(now) != now:
        return
    pulled = pull(item, was, now, codec.shown)

    assert pulled is not None
    assert pulled.content[-1] == p(word)
    assert pulled.content[:-1] == item.content


def test_unseen_marks_stay_on_the_characters_that_survive() -> None:
    item = doc(p("see ", run("red words", COLOUR), " here"))
    pulled = pull(item, doc(p("see red words here")), doc(p("look at red words here")))

    assert pulled == doc(p("look at ", run("red words", COLOUR), " here"))


def test_an_unseen_block_stays_where_it_hangs() -> None:
    macro = Node("opaque", (), {"format": "x", "kind": "toc", "raw": 1, "text": ""})
    item = doc(p("one"), macro, p("two"))

    assert pull(item, doc(p("one"), p("two")), doc(p("one"), p("and"), p("two")), PLAIN.shown) == doc(
        p("one"), macro, p("and"), p("two")
    )
    assert pull(item, doc(p("one"), p("two")), doc(p("two")), PLAIN.shown) == doc(macro, p("two"))


def test_a_heading_shown_as_a_paragraph_stays_a_heading() -> None:
    heading = Node("heading", (run("Old name"),), {"level": 2})
    pulled = pull(doc(heading, p("x")), doc(p("Old name"), p("x")), doc(p("New name"), p("x")), PLAIN.shown)

    assert pulled == doc(Node("heading", (run("New name"),), {"level": 2}), p("x"))


def test_a_word_edited_in_a_list_shown_as_lines_is_edited_in_its_item() -> None:
    item = doc(Node("list", (Node("item", (p("one"),)), Node("item", (p(run("two", BOLD)),), {"done": False}))))
    was = PLAIN.shown(item)
    now = PLAIN.decode(str(PLAIN.encode(item)).replace("two", "two and a half"))
    pulled = pull(item, was, now, PLAIN.shown)

    assert pulled is not None
    assert pulled.content[0].content[1].content[0].content[0] == run("two", BOLD)
    assert pulled.content[0].plain() == "onetwo and a half"


def test_a_line_added_to_a_list_shown_as_lines_is_a_new_item() -> None:
    item = doc(Node("list", (Node("item", (p("one"),)), Node("item", (p(run("two", BOLD)),)))))
    pulled = pull(item, PLAIN.shown(item), PLAIN.decode("- one\n- new\n- two"), PLAIN.shown)

    assert pulled == doc(
        Node("list", (item.content[0].content[0], Node("item", (p("new"),)), item.content[0].content[1]))
    )


def test_an_edited_stand_in_is_a_conflict_and_never_text() -> None:
    macro = Node("opaque", (), {"format": "x", "kind": "jira", "raw": 1, "text": "macro: jira"})

    assert pull(doc(macro), doc(p("macro: jira")), doc(p("macro: jura")), PLAIN.shown) is None
    assert pull(doc(macro), doc(p("macro: jira")), doc(p("macro: jura"))) is None


def test_a_removed_visible_block_takes_what_it_held_along() -> None:
    item = doc(p("one"), p(run("two", COLOUR)), p("three"))

    assert pull(item, doc(p("one"), p("two"), p("three")), doc(p("one"), p("three"))) == doc(p("one"), p("three"))
