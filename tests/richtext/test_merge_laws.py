"""The laws of merging documents: order does not matter, nothing is applied twice, nothing is lost."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.richtext.diff import align, key
from syncer.richtext.merge import merge
from syncer.richtext.nodes import Document, Mark, Node, doc
from syncer.richtext.normal import normal
from syncer.testing.documents import blocks, documents
from tests.examples import examples

LINES = ("one two three", "four five six", "", "TBD", "seven eight", "a", "Zoë 日本 x")


def paragraph(text: str, *marks: Mark) -> Node:
    return Node("paragraph", (Node("text", text=text, marks=marks),) if text else ())


@st.composite
def edits(draw: st.DrawFn, base: Document) -> Document:
    """Documents that came of a few edits of another one."""
    content = list(base.content)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(content)))
        deed = draw(st.sampled_from(["insert", "remove", "reword", "replace"]))
        if deed == "insert":
            content.insert(at, draw(st.one_of(blocks(), st.sampled_from(LINES).map(paragraph))))
        elif at < len(content) and deed == "remove":
            del content[at]
        elif at < len(content) and deed == "reword" and content[at].type in ("paragraph", "heading"):
            was = content[at]
            word = Node("text", text=draw(st.sampled_from([" new", " other", "x"])))
            held = (word, *was.content) if draw(st.booleans()) else (*was.content, word)
            content[at] = Node(was.type, held, was.attrs)
        elif at < len(content):
            content[at] = draw(blocks())
    return doc(*content)


@st.composite
def stories(draw: st.DrawFn) -> tuple[Document, list[Document]]:
    """An ancestor, and what three sides made of it."""
    simple = st.lists(st.sampled_from(LINES).map(paragraph), max_size=6).map(lambda held: doc(*held))
    base = draw(st.one_of(documents(), simple))
    return base, [draw(edits(base)) for _ in range(3)]


def named(sides: Sequence[Document]) -> dict[str, Document]:
    return dict(zip("abc", sides, strict=False))


@given(document=documents())
def test_the_normal_form_is_its_own_normal_form(document: Document) -> None:
    assert normal(normal(document)) == normal(document)
    assert normal(document).plain() == document.plain()


@given(document=documents())
def test_the_json_form_reads_back_as_the_document(document: Document) -> None:
    assert Node.from_json(document.to_json()) == document


@given(story=stories())
def test_an_alignment_names_every_block_once_and_in_order(story: tuple[Document, list[Document]]) -> None:
    base, sides = story
    rows = align(base.content, sides[0].content)

    assert [i for i, _ in rows if i is not None] == list(range(len(base.content)))
    assert [j for _, j in rows if j is not None] == list(range(len(sides[0].content)))


@given(story=stories())
def test_one_side_s_edit_is_the_result(story: tuple[Document, list[Document]]) -> None:
    base, (one, *_) = story

    merged = merge(base, {"a": one, "b": base})

    assert merged.document == one
    assert not merged.regions


@given(story=stories())
def test_the_same_edit_on_all_sides_is_made_once(story: tuple[Document, list[Document]]) -> None:
    base, (one, *_) = story

    assert merge(base, {"a": one, "b": one, "c": one}).document == one


@given(story=stories(), order=st.permutations([0, 1, 2]))
def test_the_order_and_names_of_the_sides_do_not_matter(
    story: tuple[Document, list[Document]], order: list[int]
) -> None:
    base, sides = story
    first, second = merge(base, named(sides)), merge(base, named([sides[k] for k in order]))

    assert key(first.document) == key(second.document)
    assert len(first.regions) == len(second.regions)
    assert [r.base for r in first.regions] == [r.base for r in second.regions]


@given(story=stories())
def test_a_side_that_says_twice_counts_once(story: tuple[Document, list[Document]]) -> None:
    base, (one, two, _) = story
    twice = merge(base, {"a": one, "b": two, "c": one})

    assert key(twice.document) == key(merge(base, {"a": one, "b": two}).document)


@given(story=stories())
def test_no_new_block_vanishes_unless_the_sides_disagree(story: tuple[Document, list[Document]]) -> None:
    base, sides = story
    merged = merge(base, named(sides))
    if merged.regions:
        return
    have = [key(n) for n in merged.document.content]
    for side in sides:
        for i, j in align(base.content, side.content):
            if i is None and j is not None:
                assert key(side.content[j]) in have


@given(story=stories())
def test_no_block_that_all_sides_kept_vanishes(story: tuple[Document, list[Document]]) -> None:
    base, sides = story
    kept = [{i: j for i, j in align(base.content, s.content) if i is not None} for s in sides]
    have = [key(n) for n in merge(base, named(sides)).document.content]
    for i, block in enumerate(base.content):
        places = [k[i] for k in kept]
        if all(j is not None and key(s.content[j]) == key(block) for j, s in zip(places, sides, strict=True)):
            assert key(block) in have


@given(lines=st.lists(st.sampled_from(LINES), min_size=2, max_size=8, unique=True), data=st.data())
def test_edits_of_different_blocks_are_both_kept(lines: list[str], data: st.DataObject) -> None:
    lines = [f"{line} of line {k}" for k, line in enumerate(lines)]
    i, j = data.draw(st.lists(st.integers(0, len(lines) - 1), min_size=2, max_size=2, unique=True))
    base = [paragraph(line) for line in lines]
    one, two, both = list(base), list(base), list(base)
    one[i] = both[i] = paragraph(lines[i] + " by Ann")
    two[j] = both[j] = paragraph("Bob says " + lines[j])

    merged = merge(doc(*base), {"a": doc(*one), "b": doc(*two)})

    assert merged.document == doc(*both)
    assert not merged.regions


def test_different_words_of_one_block_are_both_changed() -> None:
    merged = merge(
        doc(paragraph("the quick brown fox jumps")),
        {"a": doc(paragraph("the slow brown fox jumps")), "b": doc(paragraph("the quick brown fox sleeps"))},
    )

    assert merged.document == doc(paragraph("the slow brown fox sleeps"))
    assert not merged.regions


def test_one_word_changed_in_two_ways_keeps_the_ancestor_s_word_and_tells_both() -> None:
    one, two = doc(paragraph("the slow fox")), doc(paragraph("the old fox"))
    base = doc(paragraph("the quick fox"))

    merged = merge(base, {"a": one, "b": two})

    assert merged.document == base
    assert [r.to_json()["sides"] for r in merged.regions] == [
        {"a": [one.content[0].to_json()], "b": [two.content[0].to_json()]}
    ]


def test_two_people_appending_are_both_kept_in_one_order() -> None:
    base = doc(paragraph("start"))
    one, two = doc(paragraph("start"), paragraph("Ann")), doc(paragraph("start"), paragraph("Bob"))

    merged = merge(base, {"a": one, "b": two})

    assert merged.document == merge(base, {"a": two, "b": one}).document
    assert sorted(n.plain() for n in merged.document.content[1:]) == ["Ann", "Bob"]
    assert not merged.regions


def test_a_removal_against_an_edit_of_one_block_is_a_conflict() -> None:
    base = doc(paragraph("keep"), paragraph("the quick fox"))

    merged = merge(base, {"a": doc(paragraph("keep")), "b": doc(paragraph("keep"), paragraph("the quick red fox"))})

    assert merged.document == base
    assert len(merged.regions) == 1


def test_a_word_made_bold_and_its_neighbour_rewritten_are_both_kept() -> None:
    bold = (Node("text", text="the "), Node("text", text="quick", marks=(Mark("bold"),)), Node("text", text=" fox"))
    merged = merge(
        doc(paragraph("the quick fox")),
        {"a": doc(Node("paragraph", bold)), "b": doc(paragraph("the quick dog"))},
    )

    assert merged.document == doc(Node("paragraph", (*bold[:2], Node("text", text=" dog"))))
    assert not merged.regions


def test_two_addresses_for_one_link_are_a_conflict() -> None:
    def linked(href: str) -> Document:
        return doc(paragraph("see", Mark("link", {"href": href})))

    merged = merge(doc(paragraph("see")), {"a": linked("https://a.example"), "b": linked("https://b.example")})

    assert len(merged.regions) == 1


def test_a_replacement_that_is_disputed_in_part_is_told_whole() -> None:
    def lines(*texts: str) -> Document:
        return doc(*(paragraph(t) for t in texts))

    sides = {
        "a": lines("one", "one", "one", "one", "one"),
        "b": lines("one", "one one", "one", "one", "one one one"),
        "c": lines("one", "one", "one", "four"),
    }
    merged = merge(lines("one", "one", "one", "one", "one one one"), sides)

    told = [n.plain() for r in merged.regions for n in r.sides["c"]]
    assert "four" in [*told, *(n.plain() for n in merged.document.content)]


@settings(max_examples=examples(100))
@given(story=stories())
def test_new_blocks_merged_again_change_nothing(story: tuple[Document, list[Document]]) -> None:
    base, sides = story
    known = {key(n) for n in base.content}
    grown = [only_new(base, side, known) for side in sides]
    merged = merge(base, named(grown))

    assert merged.regions == ()
    for side in grown:
        assert key(merge(base, {"a": merged.document, "b": side}).document) == key(merged.document)


def only_new(base: Document, side: Document, known: set[Hashable]) -> Document:
    """Return the ancestor with a side's new blocks in it; none that is there already, for nobody can tell twins."""
    out: list[Node] = []
    for i, j in align(base.content, side.content):
        if i is not None:
            out.append(base.content[i])
        elif j is not None and key(side.content[j]) not in known:
            out.append(side.content[j])
    return doc(*out)
