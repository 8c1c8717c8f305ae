"""What a format cannot say is shown by something readable, named in a note, and comes back whole if nobody edits it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from syncer_atlassian.adf import AdfCodec, ConfluenceAdfCodec
from syncer_notion.codec import NotionCodec

from syncer.formats.markdown import MarkdownCodec
from syncer.formats.plain import PlainCodec
from syncer.richtext.codec import Codec
from syncer.richtext.diff import key
from syncer.richtext.losses import Loss, grouped
from syncer.richtext.nodes import Document, Mark, Node, doc
from syncer.richtext.normal import same
from syncer.richtext.pull import pull
from syncer.richtext.shapes import check
from syncer.testing.documents import documents
from tests.examples import examples

CODECS: list[Codec] = [AdfCodec(), ConfluenceAdfCodec(), NotionCodec(), MarkdownCodec(), PlainCodec()]
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]
each_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda c: c.name)
BOB = {"kind": "person", "system": "far", "key": "u7"}


def p(*runs: str | Node) -> Node:
    return Node("paragraph", tuple([Node("text", text=r) if isinstance(r, str) else r for r in runs]))


def table(*rows: tuple[str, ...]) -> Node:
    made = [Node("row", tuple([Node("cell", (p(t),) if t else (Node("paragraph"),)) for t in row])) for row in rows]
    return Node("table", tuple(made))


@each_codec
@settings(max_examples=examples(60), deadline=None, suppress_health_check=SLOW)
@given(document=documents())
def test_any_document_is_shown_and_read_back_as_shown(codec: Codec, document: Document) -> None:
    shown = codec.shown(document)

    check(shown)
    assert key(codec.decode(codec.encode(document))) == key(shown)
    assert key(codec.shown(shown)) == key(shown)


@each_codec
@settings(max_examples=examples(60), deadline=None, suppress_health_check=SLOW)
@given(document=documents())
def test_no_letter_of_a_text_or_of_code_is_lost_or_altered(codec: Codec, document: Document) -> None:
    shown = codec.shown(document).plain()

    for node in document.walk():
        if node.type == "text":
            for line in node.text.split("\n"):
                assert "".join(line.split()) in "".join(shown.split())


@each_codec
@settings(max_examples=examples(40), deadline=None, suppress_health_check=SLOW)
@given(item=documents())
def test_what_nobody_edited_comes_back_whole(codec: Codec, item: Document) -> None:
    shown = codec.shown(item)

    assert pull(item, shown, shown, codec.shown) == item
    assert pull(item, codec.decode(codec.encode(item)), shown, codec.shown) == item


@each_codec
@settings(max_examples=examples(40), deadline=None, suppress_health_check=SLOW)
@given(item=documents(), now=documents())
def test_what_was_pulled_shows_as_the_person_left_it_and_once_is_enough(
    codec: Codec, item: Document, now: Document
) -> None:
    wanted = codec.shown(now)
    pulled = pull(item, codec.shown(item), wanted, codec.shown)

    if pulled is not None:
        check(pulled)
        assert same(codec.shown(pulled), wanted)
        assert pull(pulled, codec.shown(pulled), wanted, codec.shown) == pulled


@each_codec
@settings(max_examples=examples(40), deadline=None, suppress_health_check=SLOW)
@given(item=documents(), words=st.sampled_from(["new words", "x"]))
def test_a_paragraph_put_before_all_leaves_the_rest_as_rich_as_it_was(codec: Codec, item: Document, words: str) -> None:
    was = codec.shown(item)
    now = Document("doc", (p(words), *was.content))
    pulled = pull(item, was, now, codec.shown)

    if pulled is not None:
        rest = [key(n) for n in pulled.content]
        rest.remove(key(p(words)))
        assert rest == [key(n) for n in item.content]


def test_a_word_edited_in_a_stand_in_is_edited_in_what_it_stands_for() -> None:
    item = doc(Node("panel", (p("the quick fox"), p("rests")), {"kind": "info"}), table(("a", "b"), ("c", "late d")))
    for codec in (MarkdownCodec(), PlainCodec(), NotionCodec()):
        was = codec.shown(item)
        now = Document.from_json(_replaced(was.to_json(), {"quick": "slow", "late": "new"}))
        wanted = doc(
            Node("panel", (p("the slow fox"), p("rests")), {"kind": "info"}), table(("a", "b"), ("c", "new d"))
        )

        assert pull(item, was, now, codec.shown) == wanted, codec.name


def test_what_the_format_made_up_cannot_be_edited() -> None:
    mention = Node("mention", (), {"ref": BOB}, extra={"shown": "Bob"})
    item = doc(p("ask ", mention, " soon"), Node("macro", (), {"name": "chart"}))
    for codec in (MarkdownCodec(), PlainCodec(), AdfCodec(), NotionCodec()):
        was = codec.shown(item)
        assert pull(item, was, Document.from_json(_replaced(was.to_json(), {"Bob": "Bill"})), codec.shown) is None
        assert pull(item, was, Document.from_json(_replaced(was.to_json(), {"chart": "map"})), codec.shown) is None
        edited = Document.from_json(_replaced(was.to_json(), {"soon": "now"}))
        assert pull(item, was, edited, codec.shown) == doc(p("ask ", mention, " now"), item.content[1])


def _replaced(value: object, words: dict[str, str]) -> object:
    if isinstance(value, dict):
        return {k: _replaced(v, words) for k, v in value.items()}
    if isinstance(value, list):
        return [_replaced(v, words) for v in value]
    for old, new in words.items():
        value = value.replace(old, new) if isinstance(value, str) else value
    return value


def test_stand_ins_are_readable() -> None:
    document = doc(
        table(("Name", "State"), ("alpha", "open")),
        Node("panel", (p("careful"),), {"kind": "warning"}),
        Node("expand", (p("inside"),), {"title": "More"}),
        Node("code", (Node("text", text="x = 1"),), {"title": "a.py"}),
        p(Node("status", (), {"color": "red"}, "Late"), " ", Node("date", (), {"iso": "2027-01-31"})),
        Node("decisions", (Node("decision", p("we ship").content, {"state": "decided"}),)),
        Node("toc"),
    )

    assert PlainCodec().encode(document) == (
        "Name | State\n\nalpha | open\n\n> Warning\n> careful\n\nMore\n\ninside\n\na.py\n\nx = 1\n\n"
        "[Late] 2027-01-31\n\n- [decided] we ship\n\n[table of contents]"
    )


def test_losses_are_grouped_with_their_first_places() -> None:
    found = grouped([Loss("date", "as text", (k,)) for k in range(5)] + [Loss("rule", "as dashes", (9,))])

    assert [str(losses) for losses in found] == [
        "date × 5: as text (block 1, 2, 3, …)",
        "rule × 1: as dashes (block 10)",
    ]


def test_what_a_format_says_is_no_loss() -> None:
    simple = doc(p("a ", Node("text", text="b", marks=(Mark("bold"),))), Node("rule"))

    assert [codec.losses(simple) for codec in CODECS[:4]] == [()] * 4
    assert [str(loss) for loss in PlainCodec().losses(simple)] == [
        "bold × 1: left out (block 1)",
        "rule × 1: as dashes (block 2)",
    ]


def test_what_is_shown_nearly_is_named() -> None:
    red = Node("text", text="x", marks=(Mark("color", {"color": "#ff0000"}),))
    document = doc(Node("heading", (red,), {"level": 6}))

    assert [str(loss) for loss in NotionCodec().losses(document)] == [
        "heading × 1: as near as it can be (block 1)",
        "color × 1: as near as it can be (block 1)",
    ]


@each_codec
@settings(max_examples=examples(60), deadline=None, suppress_health_check=SLOW)
@given(document=documents())
def test_where_nothing_is_named_nothing_but_whitespace_and_numbers_is_lost(codec: Codec, document: Document) -> None:
    if not codec.losses(document):
        lost = {n.type for n in document.walk()} - {n.type for n in codec.shown(document).walk()}
        assert lost <= {"paragraph", "quote", "list", "item", "heading", "code", "break", "text", "row", "opaque"}
