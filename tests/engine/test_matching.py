"""Which item a record is that nobody knows yet: by our tag, by its key, by what the mapping says identifies an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncer.engine.match import Candidate, Loose, Matched, birth_id, marked, match, may_be, sought
from syncer.engine.names import Directory
from syncer.mapping.rules import Condition, KindRule
from syncer.record import FieldType, Raw, Record, Ref, Tag
from syncer.testing.rules import Plain
from tests.engine.views import kind, rules
from tests.engine.worlds import line, note, status, title

STORY = kind(title("a"), note("a"))
KEYED = replace(kind(title("a"), Plain("code", line("code"), FieldType.LINE)), key="code")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def loose(side: str, name: str | None, number: int = 1, rule: KindRule = STORY, **more: Any) -> Loose:
    """A record with this title; `fields` are further ones, `item` the item its tag names."""
    fields: Mapping[str, Raw] = {"title": name, **more.pop("fields", {})}
    if tagged := more.pop("item", ""):
        more["tag"] = Tag(more.pop("product", "shop"), tagged, "lineage")
    return Loose(side, Record(Ref(f"{side}-{number}"), "row", fields, label=str(name), **more), rule)


def known(item: str, name: str, *sides: str, kind: str = "story", **fields: Any) -> Candidate:
    return Candidate(item, kind, frozenset(sides), {"title": name, **fields})


def matched(*found: Loose, items: tuple[Candidate, ...] = (), **more: Any) -> Matched:
    """Match these records; by default a, b and c were listed completely, and hold living records of what they hold."""
    listed = more.pop("listed", "abc")
    kinds = dict.fromkeys("abc", STORY) | {one.side: one.rule for one in found} | more.pop("kinds", {})
    options: dict[str, Any] = {
        "lineage": "L",
        "tagged": {c.item: c.sides for c in items},
        "complete": listed,
        "listed_before": listed,
        **more,
    }
    by = rules(kinds, settle=options.pop("settle", 0.0))
    return match(found, items, by, Directory(), **options)


def born(found: Matched) -> dict[str, str]:
    """Return record → why, of the records that made a new item."""
    return {str(ref): found.why[side, ref] for (side, ref), item in found.items.items() if item in found.new}


def joined(found: Matched) -> dict[str, str]:
    """Return record → item, of the records that are an item we hold."""
    return {str(ref): item for (_, ref), item in found.items.items() if item not in found.new}


def waits(found: Matched) -> dict[str, str]:
    return {str(ref): why for (_, ref), why in found.waiting.items()}


# by the mapping's rule


def test_a_record_like_no_other_is_a_new_item() -> None:
    found = matched(loose("a", "T"))
    assert born(found) == {"a-1": "new"}
    assert found.new == {birth_id("L", "a", Ref("a-1")): "story"}
    assert (found.waiting, found.questions, found.copies) == ({}, [], set())


def test_an_item_born_from_a_record_has_the_same_id_however_often_it_is_asked() -> None:
    ids = [birth_id("L", "a", Ref("a-1")) for _ in range(2)]
    others = [birth_id("M", "a", Ref("a-1")), birth_id("L", "b", Ref("a-1")), birth_id("L", "a", Ref("a-2"))]
    assert len({*ids, *others}) == 4
    assert all(len(found) == 13 and found.isalnum() and found == found.lower() for found in (*ids, *others))


def test_records_with_one_title_on_two_sides_are_one_new_item_however_the_title_is_written() -> None:
    found = matched(loose("a", "Log in"), loose("b", "log  IN"))
    assert born(found) == {"a-1": "same title", "b-1": "same title"}
    assert found.new == {birth_id("L", "a", Ref("a-1")): "story"}, "the first side's record gives it its id"


def test_records_with_other_titles_are_other_items() -> None:
    assert len(matched(loose("a", "T"), loose("b", "U")).new) == 2
    assert len(matched(loose("a", "1"), loose("b", "T"), loose("c", "T")).new) == 2


def test_records_of_another_kind_are_other_items() -> None:
    epic = kind(title("b"), name="epic")
    found = matched(loose("a", "T"), loose("b", "T", rule=epic), kinds={"b": epic})
    assert sorted(found.new.values()) == ["epic", "story"]


def test_a_record_like_an_item_that_is_not_on_its_side_is_that_item() -> None:
    found = matched(loose("b", "T"), items=(known("i", "T", "a"), known("j", "U", "a")))
    assert (joined(found), found.new) == ({"b-1": "i"}, {})
    assert found.why["b", Ref("b-1")] == "same title"


def test_a_record_like_an_item_that_lives_on_its_side_already_is_another() -> None:
    found = matched(loose("b", "T"), items=(known("i", "T", "a", "b"),))
    assert born(found) == {"b-1": "new"}


def test_what_a_person_took_apart_is_not_put_together_again() -> None:
    items = (known("i", "T", "a"),)
    assert born(matched(loose("b", "T"), items=items, split={("i", "b")})) == {"b-1": "new"}
    assert joined(matched(loose("b", "T"), items=items, split={("i", "c"), ("j", "b")})) == {"b-1": "i"}


def test_several_fields_identify_an_item_only_together() -> None:
    both = replace(STORY, match=("title", "note"))
    items = (known("i", "T", "a", note="n"),)
    for text, wanted in (("n", {"b-1": "i"}), ("m", {}), (None, {})):
        found = matched(loose("b", "T", rule=both, fields={"note": text}), items=items, kinds={"a": both, "c": both})
        assert joined(found) == wanted
    unsaid = (known("i", "T", "a"),)
    assert born(matched(loose("b", "T", rule=both), items=unsaid, kinds={"a": both, "c": both})) == {"b-1": "new"}
    whole = matched(loose("b", "T", rule=both, fields={"note": "n"}), items=items, kinds={"a": both, "c": both})
    assert whole.why["b", Ref("b-1")] == "same title and note"


def test_a_mapping_may_say_that_nothing_identifies_an_item() -> None:
    nothing = replace(STORY, match=())
    found = matched(
        loose("a", "T", rule=nothing),
        loose("b", "T", rule=nothing),
        items=(known("i", "T", "c"),),
        kinds={"c": nothing},
    )
    assert born(found) == {"a-1": "new", "b-1": "new"}


def test_sides_may_identify_an_item_each_in_its_own_way() -> None:
    """a says title and note, b says title: what a holds is found by b's way."""
    both = replace(STORY, match=("title", "note"))
    assert joined(matched(loose("b", "T"), items=(known("i", "T", "a", note="n"),), kinds={"a": both})) == {"b-1": "i"}


# by a key


def test_a_key_identifies_an_item_whatever_its_title() -> None:
    items = (known("i", "T", "a", code="K1"), known("j", "other", "a", code="K2"))
    kinds = dict.fromkeys("ac", KEYED)
    by_key = matched(loose("b", "other", rule=KEYED, fields={"code": "k1"}), items=items, kinds=kinds)
    assert (joined(by_key), by_key.why["b", Ref("b-1")]) == ({"b-1": "i"}, "same code")


def test_a_record_without_its_key_is_found_by_the_rest() -> None:
    items = (known("i", "T", "a"),)
    assert joined(matched(loose("b", "T", rule=KEYED), items=items, kinds=dict.fromkeys("ac", KEYED))) == {"b-1": "i"}
    keyed = (known("i", "T", "a", code="K"),)
    assert joined(matched(loose("b", "T", rule=KEYED), items=keyed, kinds=dict.fromkeys("ac", KEYED))) == {}


# questions


def test_two_records_of_one_side_that_may_be_one_item_are_a_question() -> None:
    found = matched(loose("a", "T"), loose("a", "T", 2), loose("b", "T"))
    (question,) = found.questions
    assert question.text == "which of these are one story? T (a); T (a); T (b)"
    assert (question.side, question.about, question.item) == ("a", "match", "")
    assert waits(found) == dict.fromkeys(("a-1", "a-2", "b-1"), f"ambiguous: {question.text}")
    assert found.items == {}


def test_two_records_of_one_side_alone_are_two_items() -> None:
    assert len(matched(loose("a", "T"), loose("a", "T", 2)).new) == 2


def test_a_record_that_may_be_either_of_two_items_is_a_question() -> None:
    found = matched(loose("c", "T"), items=(known("i", "T", "b", "a"), known("j", "t", "b")))
    assert [q.text for q in found.questions] == ["which of these are one story? T (c); T (a, b); t (b)"]
    assert found.items == {}


def test_two_records_that_may_be_one_item_are_a_question() -> None:
    found = matched(loose("c", "T"), loose("c", "T", 2), items=(known("i", "T", "a"),))
    assert len(found.questions) == 1


def test_a_record_beside_one_of_the_item_itself_is_a_question() -> None:
    """b's record may be the item; a's would be a second one there."""
    found = matched(loose("a", "T"), loose("b", "T"), items=(known("i", "T", "a"),))
    assert len(found.questions) == 1
    assert found.items == {}


# waiting


def test_no_match_is_made_before_both_sides_were_listed_completely() -> None:
    pair = (loose("a", "T"), loose("b", "T"))
    for listed, lacks in (("a", "b"), ("b", "a"), ("c", "a")):
        found = matched(*pair, listed=listed)
        assert found.items == {}
        why = f"may be matched: waits for a full listing of {lacks}"
        assert waits(found) == dict.fromkeys(("a-1", "b-1"), why)
    item = (known("i", "T", "a"),)
    assert waits(matched(loose("b", "T"), items=item, listed="b")) == {
        "b-1": "may be matched: waits for a full listing of a"
    }
    assert joined(matched(loose("b", "T"), items=item, listed="ab")) == {"b-1": "i"}


def test_a_listing_of_an_earlier_run_is_not_enough_for_a_match_but_for_a_birth() -> None:
    pair = (loose("a", "T"), loose("b", "T"))
    assert matched(*pair, complete="a", listed_before="abc").items == {}
    assert born(matched(loose("a", "T"), complete="a", listed_before="abc")) == {"a-1": "new"}


def test_nothing_is_born_before_every_side_of_its_kind_was_listed_once() -> None:
    """A twin of it may be there, unseen."""
    found = matched(loose("a", "T"), listed="ab")
    assert (waits(found), found.items, found.new) == ({"a-1": "waits for a full listing of c"}, {}, {})
    elsewhere = {"c": kind(title("c"), name="epic")}
    assert born(matched(loose("a", "T"), listed="ab", kinds=elsewhere)) == {"a-1": "new"}
    assert born(matched(loose("a", "T"), listed="bc")) == {"a-1": "new"}, "it is on this very side"


def test_what_is_required_is_waited_for() -> None:
    assert waits(matched(loose("a", None))) == {"a-1": "waits for title"}
    asks = replace(STORY, required=("note", "title", "never mapped"))
    found = matched(loose("a", None, rule=asks), loose("b", "U"))
    assert waits(found) == {"a-1": "waits for note, title"}
    assert born(found) == {"b-1": "new"}


def test_what_cannot_be_read_is_waited_for() -> None:
    odd = replace(kind(title("a"), status("a")), required=("status",))
    assert waits(matched(loose("a", "T", rule=odd, fields={"status": "odd"}))) == {"a-1": "waits for status"}
    assert born(matched(loose("a", "T", rule=odd, fields={"status": "idea"}))) == {"a-1": "new"}


def test_a_record_somebody_is_writing_waits_until_it_is_left_alone() -> None:
    def after(seconds: float, **more: Any) -> Matched:
        one = loose("a", "T", edited_at=NOW - timedelta(seconds=seconds))
        return matched(one, **{"settle": 30.0, "now": NOW, **more})

    assert waits(after(29)) == {"a-1": "was edited a moment ago: waits until it is left alone"}
    assert born(after(30)) == {"a-1": "new"}
    assert born(after(29, settle=0.0)) == {"a-1": "new"}
    assert born(after(-5, settle=0.0)) == {"a-1": "new"}, "a clock that is ahead keeps nothing from being born"
    assert born(after(29, now=None)) == {"a-1": "new"}
    assert born(matched(loose("a", "T"), settle=30.0, now=NOW)) == {"a-1": "new"}, "nobody knows when it was edited"


# who may be born


def test_a_side_may_join_items_and_make_none() -> None:
    shy = replace(STORY, births=False)
    assert matched(loose("b", "T", rule=shy)).items == {}
    assert joined(matched(loose("b", "T", rule=shy), items=(known("i", "T", "a"),))) == {"b-1": "i"}
    assert set(born(matched(loose("a", "T"), loose("b", "T", rule=shy)))) == {"a-1", "b-1"}
    assert matched(loose("a", "T", rule=shy), loose("b", "T", rule=shy)).items == {}


def test_only_a_record_that_meets_every_condition_makes_an_item() -> None:
    picky = replace(STORY, record_where=(Condition("note", ("yes",)), Condition("title", ("T",))))
    for name, text, count in (("T", "yes", 1), ("T", "no", 0), ("U", "yes", 0)):
        assert len(matched(loose("a", name, rule=picky, fields={"note": text})).new) == count


def test_what_does_not_meet_the_collections_filter_makes_no_item_and_may_be_one() -> None:
    assert matched(loose("a", "T", outside=True)).items == {}
    assert joined(matched(loose("b", "T", outside=True), items=(known("i", "T", "a"),))) == {"b-1": "i"}


# by our tag


def test_our_tag_says_which_item_a_record_is_whatever_its_title() -> None:
    found = matched(loose("b", "U", item="i"), items=(known("i", "T", "a"),))
    assert (joined(found), found.why["b", Ref("b-1")]) == ({"b-1": "i"}, "our tag")
    assert found.copies == set()


def test_another_products_tag_says_nothing() -> None:
    for theirs in ("i", "an item of theirs"):
        one = loose("b", "U", item=theirs, product="other")
        assert born(matched(one, items=(known("i", "T", "a"),))) == {"b-1": "new"}


def test_a_copy_of_a_tagged_record_is_another_item() -> None:
    found = matched(loose("a", "T", 2, item="i"), items=(known("i", "T", "a"),))
    assert (born(found), found.copies) == ({"a-2": "new"}, {("a", Ref("a-2"))})


def test_of_two_new_records_with_one_known_tag_the_second_is_a_copy() -> None:
    found = matched(loose("b", "T", item="i"), loose("b", "T", 2, item="i"), items=(known("i", "T", "a"),))
    assert (joined(found), born(found)) == ({"b-1": "i"}, {"b-2": "new"})
    assert found.copies == {("b", Ref("b-2"))}


def test_a_record_like_one_that_our_tag_is_on_is_another_item_than_that() -> None:
    """The tagged one is the item there: it is not taken for a second time, whichever comes first."""
    for tagged, other in ((1, 2), (2, 1)):
        found = matched(loose("b", "T", tagged, item="i"), loose("b", "T", other), items=(known("i", "T", "a"),))
        assert (joined(found), born(found)) == ({f"b-{tagged}": "i"}, {f"b-{other}": "new"})


def test_a_record_like_one_that_a_key_told_is_another_item_than_that() -> None:
    keyed, plain = loose("b", "U", 2, rule=KEYED, fields={"code": "K"}), loose("b", "T", rule=KEYED)
    found = matched(keyed, plain, items=(known("i", "T", "a", code="K"),), kinds={"c": KEYED})
    assert (joined(found), born(found)) == ({"b-2": "i"}, {"b-1": "new"})


def test_one_known_tag_on_records_of_two_sides_is_no_copy() -> None:
    found = matched(loose("b", "T", item="i"), loose("c", "T", item="i"), items=(known("i", "T", "a"),))
    assert (joined(found), found.copies) == ({"b-1": "i", "c-1": "i"}, set())
    two = (known("i", "T", "a"), known("j", "U", "a"))
    found = matched(loose("b", "T", item="i"), loose("b", "U", 2, item="j"), items=two)
    assert (joined(found), found.copies) == ({"b-1": "i", "b-2": "j"}, set())


def test_a_tag_of_an_item_we_do_not_hold_gives_that_item_back() -> None:
    found = matched(loose("a", "T", item="lost"), loose("b", "U", item="lost"), loose("c", "t"))
    assert found.new == {"lost": "story"}
    assert {str(ref): item for (_, ref), item in found.items.items()} == dict.fromkeys(("a-1", "b-1", "c-1"), "lost")
    assert (found.why["a", Ref("a-1")], found.why["c", Ref("c-1")]) == ("our tag", "same title")


def test_an_item_is_not_given_back_before_every_side_of_its_kind_was_listed() -> None:
    """Its record there, unseen, would get a twin."""
    one = loose("a", "T", item="lost")
    found = matched(one, listed="ab")
    assert (waits(found), found.items) == ({"a-1": "waits for a full listing of c"}, {})
    assert found.new == {}
    alike = (known("i", "T", "b"),)
    assert matched(one, items=alike, listed="ab").items == {}, "and it is no other item meanwhile"
    elsewhere = {"c": kind(title("c"), name="epic")}
    assert matched(one, listed="ab", kinds=elsewhere).new == {"lost": "story"}
    assert matched(one, listed="bc").new == {"lost": "story"}


@pytest.mark.parametrize("of_two_kinds", [False, True])
def test_one_tag_of_a_lost_item_on_several_records_is_a_question(of_two_kinds: bool) -> None:
    epic = kind(title("b"), name="epic")
    other = loose("b", "U", rule=epic, item="lost") if of_two_kinds else loose("a", "U", 2, item="lost")
    found = matched(loose("a", "T", item="lost"), other)
    (question,) = found.questions
    who = f"T (a); U ({other.side})"
    assert question.text == (
        f"which of these is the item their one tag names? {who}. Remove the others there, or their tag (lost)"
    )
    assert (question.side, question.about) == ("a", "match")
    assert set(waits(found).values()) == {f"one tag on several records: {who}"}
    assert (found.items, found.new) == ({}, {})


def test_a_record_without_a_name_is_asked_about_by_its_address() -> None:
    bare = loose("a", "T", item="lost")
    found = matched(replace(bare, record=replace(bare.record, label="")), loose("a", "U", 2, item="lost"))
    assert "a-1 (a); U (a)" in found.questions[0].text


def test_the_first_side_by_name_tells_what_a_given_back_item_is_called() -> None:
    pair = (loose("b", "U", item="lost"), loose("a", "T", item="lost"))
    assert matched(*pair, loose("c", "T")).items["c", Ref("c-1")] == "lost"
    assert matched(*pair, loose("c", "U")).items["c", Ref("c-1")] != "lost"


def test_a_record_needs_no_tag_where_it_has_this_items_or_another_products() -> None:
    record = loose("a", "T", item="i").record
    assert marked(record, "i", "shop")
    assert not marked(record, "j", "shop")
    assert marked(record, "j", "other shop"), "another product's tag is never touched"
    assert not marked(loose("a", "T").record, "i", "shop")


def test_an_item_is_sought_by_what_any_side_knows_it_by() -> None:
    by, wanted = (
        rules({"a": STORY, "b": KEYED}),
        sought([loose("b", "T", rule=KEYED, fields={"code": "7"})], Directory()),
    )

    assert may_be("story", {"title": "other", "code": "7"}, wanted, by)
    assert may_be("story", {"title": "other", "code": "7"}, wanted, rules({"a": STORY, "b": KEYED, "c": STORY}))
    assert not may_be("story", {"title": "T", "code": "8"}, wanted, by)
    assert not may_be("bug", {"title": "T", "code": "7"}, wanted, by)
