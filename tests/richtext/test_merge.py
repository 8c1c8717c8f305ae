"""The three-way merge of documents: its laws, and what becomes of each kind of edit."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.richtext.diff import align, key
from syncer.richtext.merge import Merged, merge
from syncer.richtext.nodes import Document, Mark, Node, doc
from syncer.testing.documents import documents
from tests.examples import examples

BOLD = Mark("bold")


def p(*runs: str | Node) -> Node:
    return Node("paragraph", tuple(Node("text", text=r) if isinstance(r, str) else r for r in runs))


def run(text: str, *marks: Mark) -> Node:
    return Node("text", text=text, marks=marks)


def link(href: str) -> Mark:
    return Mark("link", {"href": href})


def bullets(*texts: str) -> Node:
    return Node("list", tuple(Node("item", (p(t),)) for t in texts))


def plain(merged: Merged) -> list[str]:
    return [b.plain() for b in merged.document.content]


words = st.lists(
    st.sampled_from(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]), min_size=1, max_size=6
).map(" ".join)
small = st.lists(
    st.one_of(words.map(p), st.lists(words, min_size=1, max_size=3).map(lambda t: bullets(*t))), max_size=5
).map(lambda blocks: doc(*blocks))
any_document = st.one_of(small, documents())


@st.composite
def edited(draw: st.DrawFn, count: int = 3) -> tuple[Document, dict[str, Document]]:
    """A document, and sides that each edited it a little: blocks dropped, added, reworded."""
    base = draw(small)
    sides = {}
    for name in "abc"[:count]:
        blocks: list[Node] = []
        for block in base.content:
            what = draw(st.sampled_from(["keep", "keep", "keep", "drop", "reword", "after"]))
            blocks += [] if what == "drop" else [draw(words.map(p)) if what == "reword" else block]
            blocks += [draw(words.map(p))] if what == "after" else []
        sides[name] = doc(*blocks, *draw(st.lists(words.map(p), max_size=1)))
    return base, sides


@settings(max_examples=examples(100))
@given(case=edited())
def test_the_order_and_the_names_of_the_sides_do_not_matter(case: tuple[Document, dict[str, Document]]) -> None:
    base, sides = case
    first = merge(base, sides)

    for order in permutations(sides.values()):
        other = merge(base, dict(zip("xyz", order, strict=True)))
        assert key(other.document) == key(first.document)
        assert len(other.regions) == len(first.regions)


@given(base=any_document, now=any_document)
def test_one_sides_word_is_law(base: Document, now: Document) -> None:
    assert key(merge(base, {"a": now}).document) == key(now)
    assert key(merge(base, {"a": now, "b": base}).document) == key(now)
    assert merge(base, {"a": now, "b": now, "c": base}).regions == ()


@given(base=any_document)
def test_no_edit_changes_nothing(base: Document) -> None:
    assert merge(base, {"a": base, "b": base}) == Merged(base)


@settings(max_examples=examples(100))
@given(case=edited())
def test_merging_the_result_again_changes_nothing(case: tuple[Document, dict[str, Document]]) -> None:
    base, sides = case
    merged = merge(base, sides).document

    assert key(merge(base, {"a": merged, "b": merged}).document) == key(merged)
    assert key(merge(merged, dict.fromkeys(sides, merged)).document) == key(merged)


@settings(max_examples=examples(100))
@given(case=edited())
def test_nothing_a_side_wrote_is_lost(case: tuple[Document, dict[str, Document]]) -> None:
    base, sides = case
    merged = merge(base, sides)
    had = Counter(_words(base))
    here = Counter(_words(merged.document))
    for region in merged.regions:
        for blocks in region.sides.values():
            here.update(_words(doc(*blocks)))

    for side in sides.values():
        assert set(Counter(_words(side)) - had) <= set(here)


def _words(document: Document) -> list[str]:
    return [w for n in document.walk() if n.type == "text" for w in n.text.split()]


@given(texts=st.lists(words, min_size=4, max_size=8, unique=True), data=st.data())
def test_edits_of_different_blocks_are_both_kept(texts: list[str], data: st.DataObject) -> None:
    i, j = data.draw(st.lists(st.integers(0, len(texts) - 1), min_size=2, max_size=2, unique=True))
    base = doc(*map(p, texts))
    mine, yours = [*texts], [*texts]
    mine[i], yours[j] = "mine " + texts[i], texts[j] + " yours"
    both = [*texts]
    both[i], both[j] = mine[i], yours[j]

    merged = merge(base, {"a": doc(*map(p, mine)), "b": doc(*map(p, yours))})

    assert plain(merged) == both
    assert merged.regions == ()


def test_edits_of_different_words_in_one_paragraph_are_both_kept() -> None:
    merged = merge(
        doc(p("The quick brown fox jumps")),
        {"a": doc(p("The slow brown fox jumps")), "b": doc(p("The quick brown fox sleeps"))},
    )

    assert plain(merged) == ["The slow brown fox sleeps"]
    assert merged.regions == ()


def test_two_texts_for_one_word_are_a_region_and_the_ancestors_word_stays() -> None:
    sides = {"a": doc(p("go left now"), p("x")), "b": doc(p("go right now"))}
    merged = merge(doc(p("go on now"), p("x")), sides)

    assert plain(merged)[0] == "go on now"
    assert merged.regions[0].base == (p("go on now"),)
    assert merged.regions[0].sides == {"a": (p("go left now"),), "b": (p("go right now"),)}


def test_two_people_append_a_paragraph() -> None:
    base = doc(p("text"))
    merged = merge(base, {"a": doc(p("text"), p("from Ann")), "b": doc(p("text"), p("from Bob"))})
    again = merge(base, {"a": merged.document, "b": doc(p("text"), p("from Bob"))})

    assert sorted(plain(merged)) == ["from Ann", "from Bob", "text"]
    assert again.document == merged.document
    assert merged.regions == ()


def test_an_equal_paragraph_appended_twice_comes_once() -> None:
    merged = merge(doc(p("a")), {"x": doc(p("a"), p("same")), "y": doc(p("a"), p("same")), "z": doc(p("b b"))})

    assert plain(merged).count("same") == 1


def test_a_removal_and_an_edit_of_one_block_are_a_region() -> None:
    base = doc(p("keep"), p("to be or not to be"), p("end"))
    merged = merge(base, {"a": doc(p("keep"), p("end")), "b": doc(p("keep"), p("to be or not to bee"), p("end"))})

    assert plain(merged) == ["keep", "to be or not to be", "end"]
    assert merged.regions[0].sides == {"a": (), "b": (p("to be or not to bee"),)}


def test_a_block_moved_to_two_places_is_a_region() -> None:
    a, b, c, d = (p(f"paragraph number {n} with some words") for n in "ABCD")
    merged = merge(doc(a, b, c, d), {"x": doc(b, a, c, d), "y": doc(b, c, d, a)})

    assert [plain(merged).count(n.plain()) for n in (a, b, c, d)] == [1, 1, 1, 1]
    assert merged.regions


def test_bold_on_a_word_another_rewrote_stays() -> None:
    merged = merge(
        doc(p("the quick brown fox")),
        {"ann": doc(p("the ", run("quick brown", BOLD), " fox")), "bob": doc(p("the quick red fox"))},
    )

    assert merged.document == doc(p("the ", run("quick red", BOLD), " fox"))
    assert merged.regions == ()


def test_two_links_on_one_word_are_a_region() -> None:
    sides = {"a": doc(p(run("word", link("https://a")))), "b": doc(p(run("word", link("https://b"))))}

    assert merge(doc(p("word")), sides).regions


def test_link_text_and_link_target_edited_apart_are_both_kept() -> None:
    merged = merge(
        doc(p(run("see the page", link("https://old")))),
        {"a": doc(p(run("see the page", link("https://new")))), "b": doc(p(run("see this page", link("https://old"))))},
    )

    assert merged.document == doc(p(run("see this page", link("https://new"))))


def test_a_paragraph_made_a_heading_keeps_the_other_sides_words() -> None:
    merged = merge(
        doc(p("old title")),
        {"a": doc(Node("heading", p("old title").content, {"level": 2})), "b": doc(p("new title"))},
    )

    assert merged.document == doc(Node("heading", p("new title").content, {"level": 2}))


def test_items_of_one_list_merge_as_blocks_do() -> None:
    merged = merge(
        doc(bullets("alpha", "beta", "gamma")),
        {"a": doc(bullets("alpha", "beta", "gamma", "delta")), "b": doc(bullets("alpha one", "beta", "gamma"))},
    )

    assert merged.document == doc(bullets("alpha one", "beta", "gamma", "delta"))


def test_a_tick_and_a_rewording_of_one_task_are_both_kept() -> None:
    def task(text: str, done: bool) -> Document:
        return doc(Node("list", (Node("item", (p(text),), {"done": done}),)))

    merged = merge(
        task("write the spec", False), {"a": task("write the spec", True), "b": task("write this spec", False)}
    )

    assert merged.document == task("write this spec", True)


def test_unknown_content_is_carried_through_edits_around_it() -> None:
    macro = Node("opaque", (), {"format": "x", "kind": "macro", "raw": {"a": 1}, "text": "m"})
    merged = merge(
        doc(p("a b"), macro, p("c d")), {"x": doc(p("a z"), macro, p("c d")), "y": doc(p("a b"), macro, p("c z"))}
    )

    assert merged.document == doc(p("a z"), macro, p("c z"))


def test_words_are_not_cut_into_letters() -> None:
    merged = merge(doc(p("version")), {"a": doc(p("versions")), "b": doc(p("reversion"))})

    assert plain(merged) == ["version"]
    assert merged.regions


@pytest.mark.parametrize("at", [0, 7, 19])
def test_twins_are_told_apart_by_their_neighbours(at: int) -> None:
    base = [p(f"heading {k // 2}") if k % 2 == 0 else p("TBD") for k in range(20)]
    now = [*base[:at], p("new"), *base[at:]]

    assert [j for i, j in align(base, now) if i is None] == [at]


def test_three_edits_far_apart_in_a_long_document_are_all_kept() -> None:
    blocks = [p(f"paragraph {k} with a good dozen words in it, as real ones have") for k in range(200)]
    base = doc(*blocks)
    sides = {
        name: doc(*blocks[:at], p(f"paragraph {at} with some dozen words in it, by {name}"), *blocks[at + 1 :])
        for name, at in (("a", 20), ("b", 100), ("c", 180))
    }
    merged = merge(base, sides)

    assert merged.regions == ()
    assert [block.plain() for block in merged.document.content if " by " in block.plain()] == [
        f"paragraph {at} with some dozen words in it, by {name}" for name, at in (("a", 20), ("b", 100), ("c", 180))
    ]
