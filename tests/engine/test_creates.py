"""Where a record is made, archived, brought back or tagged, and where not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from syncer.adapter import Can
from syncer.engine.plan import Verb
from syncer.engine.state import Decision, SideView
from syncer.mapping.rules import KindRule
from syncer.record import GoneKind
from syncer.store.rows import LinkState
from tests.engine.views import OLD, STORY, decided, item, kind, planned, rules, side, told, without
from tests.engine.worlds import note, status, title

TRASHED, DELETED = GoneKind.TRASHED, GoneKind.DELETED
ARCHIVED, GONE = LinkState.ARCHIVED, LinkState.GONE


def made_on_b(rule: KindRule = STORY, **more: Any) -> list[str]:
    """What is done where a holds an item and b has no record of it."""
    shows = {**OLD, **more}
    by = rules({"a": STORY, "b": rule})
    return told(planned(decided(item(shows, side("a", STORY, shows)), by), by=by)[0])


def test_a_new_record_carries_all_that_the_side_can_hold() -> None:
    assert made_on_b() == ["+ b note=n title=T"]
    assert made_on_b(note=None) == ["+ b title=T"]
    assert made_on_b(kind(title("b"))) == ["+ b title=T"]


def test_a_side_where_nothing_may_be_made_gets_no_record() -> None:
    decision = decided(item(OLD, side("a", STORY, OLD)))
    by = rules({"a": STORY, "b": STORY})
    assert planned(decision, by=by, can={"b": without(Can.CREATE)})[0] == []
    assert made_on_b(replace(STORY, creates=False)) == []
    assert made_on_b(kind(title("b"), name="epic")) == []


def test_an_item_that_is_no_longer_alive_is_made_nowhere() -> None:
    away = side("a", STORY, OLD, gone=TRASHED)
    view = item(OLD, away, side("b", STORY, OLD))
    assert told(planned(decided(view), by=rules(dict.fromkeys("abc", STORY)))[0]) == ["- b"]


def test_nothing_is_made_before_what_is_required_is_there() -> None:
    asks = replace(STORY, required=("title", "note"))
    assert made_on_b(asks, note=None) == []
    assert made_on_b(asks) == ["+ b note=n title=T"]
    unknown = replace(STORY, required=("title", "never mapped"))
    assert made_on_b(unknown) == ["+ b note=n title=T"], "what a side has no field for, it cannot ask for"


def test_nothing_is_made_while_what_is_required_is_held() -> None:
    sides = [side(s, STORY, {**OLD, "note": s}, OLD) for s in "ab"]
    asks = replace(STORY, required=("title", "note"))
    kinds = {"a": STORY, "b": STORY}
    assert planned(decided(item(OLD, *sides)), by=rules({**kinds, "c": asks}))[0] == []
    (made,), _ = planned(decided(item(OLD, *sides)), by=rules({**kinds, "c": STORY}))
    assert told([made]) == ["+ c title=T"], "a held field that is not required is left out"


def test_a_new_record_gets_the_default_where_the_item_says_nothing() -> None:
    rule = replace(note("b"), default="as always")
    assert made_on_b(kind(title("b"), rule), note=None) == ["+ b note=as always title=T"]
    assert made_on_b(kind(title("b"), rule)) == ["+ b note=n title=T"]


def test_a_default_is_for_new_records_only() -> None:
    rule = kind(title("b"), replace(note("b"), default="as always"))
    view = item(OLD, side("a", STORY, {**OLD, "note": None}, OLD), side("b", rule, OLD))
    assert told(planned(decided(view))[0]) == ["~ b note=None"]


def test_a_new_record_is_made_of_the_kind_that_a_field_tells() -> None:
    assert made_on_b(replace(STORY, kind_where=("label", ("story", "user story")))) == [
        "+ b label=story note=n title=T"
    ]
    assert made_on_b(replace(STORY, kind_where=("label", ()))) == ["+ b note=n title=T"]


def test_a_create_says_where_its_item_comes_from() -> None:
    by = rules(dict.fromkeys("abcd", STORY))
    sides = [side(s, STORY, OLD) for s in "ca"]
    frozen = side("b", STORY, OLD, gone=GoneKind.HIDDEN)
    (made,), _ = planned(decided(item(OLD, *sides, frozen), by), by=by)
    assert (made.verb, made.side, made.why, made.ref, made.record_type) == (Verb.CREATE, "d", "from a, c", None, "row")


def removed_on_a(rule: KindRule = STORY, **more: Any) -> tuple[list[str], list[str]]:
    views = [side("a", STORY, OLD, gone=TRASHED), side("b", rule, OLD)]
    actions, notes = planned(decided(item(OLD, *views)), **more)
    assert all((a.cause, a.why) == ("removal", "removed on a") for a in actions)
    return told(actions), notes


def test_what_is_removed_on_one_side_is_archived_on_the_others() -> None:
    assert removed_on_a() == (["- b"], [])


def test_a_side_that_cannot_archive_says_so() -> None:
    assert removed_on_a(can={"b": without(Can.ARCHIVE)}) == ([], ["b cannot archive Lb"])


def test_where_a_value_stands_for_archived_it_takes_an_update() -> None:
    worded = replace(STORY, archive_value=("note", "gone"))
    assert removed_on_a(worded, can={"b": without(Can.ARCHIVE)}) == (["- b"], [])
    assert removed_on_a(worded, can={"b": without(Can.UPDATE)}) == ([], ["b cannot archive Lb"])


def back_on_b(rule: KindRule = STORY, can: Can = Can.ALL, edit: str = "X", **more: Any) -> list[str]:
    """What is done where b's record is away, and a person edits the item on a."""
    away = side("b", rule, None, OLD, **{"state": GONE, "seen": OLD, **more})
    view = item(OLD, side("a", STORY, {**OLD, "title": edit}, OLD), away)
    actions, notes = planned(decided(view), can={"b": can})
    assert notes == []
    return told(actions)


def test_a_record_in_the_trash_is_restored_and_then_brought_up_to_date() -> None:
    assert back_on_b(gone=TRASHED, state=LinkState.LIVE) == ["^ b", "~ b title=X"]
    assert back_on_b(gone=TRASHED) == ["^ b", "~ b title=X"]


def test_a_restore_says_why() -> None:
    away = side("b", STORY, None, OLD, gone=TRASHED)
    (restore,), _ = planned(decided(item(OLD, side("a", STORY, {**OLD, "title": "X"}, OLD), away)))
    assert (restore.cause, restore.why) == ("removal", "edited on a while it was removed here")


def test_a_record_that_no_longer_exists_is_made_anew() -> None:
    for state in (LinkState.LIVE, GONE):
        assert back_on_b(gone=DELETED, state=state) == ["+ b note=n title=X"]


def test_a_record_made_anew_says_why() -> None:
    away = side("b", STORY, None, OLD, gone=DELETED)
    (made,), _ = planned(decided(item(OLD, side("a", STORY, {**OLD, "title": "X"}, OLD), away)))
    assert (made.verb, made.why) == (Verb.CREATE, "edited on a while it was removed here")


def test_where_nothing_can_be_restored_it_is_made_anew_even_where_new_items_are_not() -> None:
    cannot = without(Can.RESTORE)
    assert back_on_b(gone=TRASHED, can=cannot) == ["+ b note=n title=X"]
    assert back_on_b(replace(STORY, creates=False), gone=TRASHED, can=cannot) == ["+ b note=n title=X"]
    assert back_on_b(gone=TRASHED, can=without(Can.RESTORE, Can.CREATE)) == []


def test_what_cannot_be_made_yet_is_not_restored_half() -> None:
    asks = replace(STORY, required=("title", "note"))
    away = side("b", asks, None, OLD, gone=DELETED)
    view = item(OLD, side("a", STORY, {"title": "X", "note": None}, OLD), away)
    assert planned(decided(view))[0] == []


def test_what_we_archived_where_nothing_can_be_restored_is_made_anew() -> None:
    assert back_on_b(state=ARCHIVED, can=without(Can.RESTORE)) == ["+ b note=n title=X"]


def test_what_we_archived_is_restored_whatever_became_of_it() -> None:
    for gone in (DELETED, TRASHED, None):
        assert back_on_b(gone=gone, state=ARCHIVED) == ["^ b", "~ b title=X"]


def test_a_record_that_nobody_heard_of_for_long_is_tried_to_be_restored() -> None:
    assert back_on_b(edit="T") == ["^ b"]


def test_a_word_that_nobody_had_heard_is_left_on_a_record_that_is_brought_back() -> None:
    def back(base: dict[str, Any], note: str | None) -> list[str]:
        away = side("b", STORY, None, base, gone=TRASHED, seen={**OLD, "note": note})
        return told(planned(decided(item(OLD, side("a", STORY, {**OLD, "title": "X"}, OLD), away)))[0])

    for base in (OLD, {"title": "T"}):
        assert back(base, "a word") == ["^ b", "~ b title=X"]
    assert back({"title": "T"}, None) == ["^ b", "~ b note=n title=X"], "nobody had said anything"


def test_a_value_that_stands_for_archived_is_taken_back_by_an_update() -> None:
    worded = replace(STORY, archive_value=("note", "gone"))
    away: dict[str, Any] = {"state": ARCHIVED, "seen": {**OLD, "note": "gone"}}
    assert back_on_b(worded, without(Can.RESTORE), **away) == ["^ b", "~ b note=n title=X"]
    assert back_on_b(worded, without(Can.UPDATE), **away) == ["+ b note=n title=X"]
    assert back_on_b(worded, without(Can.RESTORE), gone=TRASHED) == ["+ b note=n title=X"], "a person trashed it"


def test_what_a_restored_record_shows_and_nobody_could_read_is_left() -> None:
    rule = kind(title("b"), status("b"))
    old = {"title": "T", "status": "idea"}
    away = side("b", rule, None, old, state=ARCHIVED, seen={**old, "status": "odd"})
    view = item(old, side("a", rule, {"title": "X", "status": "done"}, old), away)
    assert told(planned(decided(view))[0]) == ["^ b", "~ b title=X"]


def test_what_only_a_restored_record_says_is_not_cleared_there() -> None:
    wide = kind(title("b"), note("b"))
    away = side("b", wide, None, {"title": "T"}, state=ARCHIVED, seen={"title": "T", "note": "theirs"})
    view = item({"title": "T"}, side("a", kind(title("a")), {"title": "X"}, {"title": "T"}), away)
    assert told(planned(decided(view))[0]) == ["^ b", "~ b title=X"]


def test_a_record_that_a_person_took_back_is_brought_up_to_date_at_once() -> None:
    back = side("b", STORY, OLD, state=ARCHIVED)
    view = item({**OLD, "title": "X"}, side("a", STORY, {**OLD, "title": "X"}), back)
    assert told(planned(decided(view))[0]) == ["~ b title=X"]


def test_a_record_whose_link_was_taken_apart_is_left_alone() -> None:
    apart = side("b", STORY, None, OLD, state=LinkState.UNDONE, tagged=False)
    assert planned(edited_and(apart))[0] == []


def edited_and(other: SideView) -> Decision:
    return decided(item(OLD, side("a", STORY, {**OLD, "title": "X"}, OLD), other))


def test_a_record_without_our_tag_gets_it_where_the_side_holds_tags() -> None:
    def tags(*, tagged: bool, can: Can = Can.ALL) -> list[str]:
        view = item(OLD, side("a", STORY, OLD), side("b", STORY, OLD, tagged=tagged), why="same title")
        actions, _ = planned(decided(view), can={"b": can})
        assert all((a.cause, a.why) == ("first contact", "same title") for a in actions)
        return told(actions)

    assert tags(tagged=False) == ["= b"]
    assert tags(tagged=True) == []
    assert tags(tagged=False, can=without(Can.TAG)) == []
