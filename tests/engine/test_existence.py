"""Whether an item lives: what is removed, what comes back, what is asked, and what nothing may be concluded from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncer.engine.resolve import Choice, answer
from syncer.engine.state import Decision, SideView, value_digest
from syncer.mapping.rules import Condition, Direction, Rules
from syncer.record import GoneKind
from syncer.store.rows import LinkState
from tests.engine.views import OLD, STORY, answered, asked, decided, item, kind, rules, side
from tests.engine.worlds import Product, SideSpec, note, status, title

TRASHED, DELETED, HIDDEN, MOVED = GoneKind.TRASHED, GoneKind.DELETED, GoneKind.HIDDEN, GoneKind.MOVED
ARCHIVED, GONE, UNDONE = LinkState.ARCHIVED, LinkState.GONE, LinkState.UNDONE
X = {**OLD, "title": "X"}


def policy(removal: str) -> Rules:
    return rules(dict.fromkeys("abc", STORY), removal=removal)


# removed


@pytest.mark.parametrize("gone", [TRASHED, DELETED])
def test_what_is_removed_on_one_side_is_removed(gone: GoneKind) -> None:
    decision = decided(item(OLD, side("a", STORY, OLD, gone=gone), side("b", STORY, OLD), side("c", STORY, None, OLD)))
    assert decision.state == "removed"
    assert decision.links == {"a": "gone"}
    assert decision.archive == {"b": "removed on a", "c": "removed on a"}
    assert (decision.outcomes, decision.fields, decision.questions) == ({}, OLD, [])


def test_what_a_person_archived_is_removed() -> None:
    decision = decided(item(OLD, side("a", STORY, OLD, archived=True), side("b", STORY, OLD)))
    assert (decision.state, decision.archive) == ("removed", {"b": "removed on a"})


def test_a_removal_is_not_told_to_sides_that_are_away_themselves() -> None:
    sides = [side("a", STORY, OLD, gone=TRASHED), side("b", STORY, OLD, gone=DELETED), side("c", STORY, OLD)]
    sides.append(side("f", STORY, OLD, restricted="to the board"))
    decision = decided(item(OLD, *sides, side("d", STORY, OLD, gone=HIDDEN), side("e", STORY, None, state=UNDONE)))
    assert decision.links == {"a": "gone", "b": "gone", "f": "restricted"}
    assert decision.archive.keys() == {"c"}


def test_what_is_on_no_side_is_not_removed_by_a_look() -> None:
    decision = decided(item(OLD, side("a", STORY, None, OLD, seen=OLD), side("b", STORY, OLD)))
    assert (decision.state, decision.links, decision.revive) == ("live", {}, {})


def test_the_policy_of_the_side_says_what_a_removal_means() -> None:
    def under(removal: str, **answers: str) -> Decision:
        view = item(OLD, side("a", STORY, OLD, gone=TRASHED), side("b", STORY, OLD))
        return decided(answered(view, **answers), policy(removal))

    apart = under("unlink")
    assert (apart.state, apart.links, apart.archive, apart.revive) == ("live", {"a": "undone"}, {}, {})
    again = under("recreate")
    assert (again.state, again.links, again.revive) == ("live", {}, {"a": "policy: recreate"})
    unsure = under("ask")
    assert (unsure.state, unsure.links, unsure.frozen) == ("live", {}, {"a": "removed"})
    assert asked(unsure) == ["removal a: La was removed on a removed/recreate/unlink"]


def test_what_was_asked_about_a_removal_is_done_as_answered_and_not_asked_again() -> None:
    def answering(word: str) -> Decision:
        view = item(OLD, side("a", STORY, OLD, gone=TRASHED), side("b", STORY, OLD))
        return decided(answered(view, a_removal=word), policy("ask"))

    assert [asked(answering(w)) for w in ("removed", "recreate", "unlink")] == [[], [], []]
    assert (answering("removed").state, answering("removed").archive) == ("removed", {"b": "removed on a"})
    assert (answering("recreate").state, answering("recreate").revive) == ("live", {"a": "a person said so"})
    assert (answering("unlink").state, answering("unlink").links) == ("live", {"a": "undone"})


def test_an_answer_about_one_side_answers_for_no_other() -> None:
    view = item(OLD, side("a", STORY, OLD, gone=TRASHED), side("b", STORY, OLD))
    assert len(asked(decided(answered(view, b_removal="removed", a_hidden="removed"), policy("ask")))) == 1


def test_a_question_about_a_record_without_a_name_gives_its_address() -> None:
    bare = side("a", STORY, OLD, gone=TRASHED)
    bare.link = replace(bare.link, label="")
    assert asked(decided(item(OLD, bare, side("b", STORY, OLD)), policy("ask")))[0].startswith("removal a: a-1 was")
    bare.gone = replace(bare.gone, kind=HIDDEN) if bare.gone else None
    assert asked(decided(item(OLD, bare, side("b", STORY, OLD))))[0].startswith("hidden a: a-1 can")


# removed here, edited there


def test_an_edit_elsewhere_beats_a_removal_and_travels() -> None:
    decision = decided(item(OLD, side("a", STORY, OLD, gone=TRASHED), side("b", STORY, X, OLD), side("c", STORY, OLD)))
    assert decision.state == "live"
    assert (decision.revive, decision.revived_by) == ({"a": "edited on b while it was removed here"}, "a")
    assert (decision.fields["title"], decision.archive, decision.links) == ("X", {}, {})


def test_two_removals_are_beaten_by_one_edit() -> None:
    gone = [side(s, STORY, OLD, gone=TRASHED) for s in "ab"]
    decision = decided(item(OLD, *gone, side("c", STORY, X, OLD)))
    assert (decision.state, decision.revive.keys()) == ("live", {"a", "b"})


def test_an_edit_of_a_record_that_is_taken_back_beats_a_removal() -> None:
    back = side("b", STORY, X, OLD, state=ARCHIVED)
    decision = decided(item(OLD, side("a", STORY, OLD, gone=TRASHED), back))
    assert (decision.state, decision.links, decision.revive.keys()) == ("live", {"b": "live"}, {"a"})


def moved_on(now: dict[str, Any], rule: Any = STORY, base: dict[str, Any] | None = None, **more: Any) -> str:
    """What becomes of an item that holds an edit which b, whose record is removed now, has never shown."""
    removed = side("b", rule, None, OLD if base is None else base, gone=TRASHED, seen=more.pop("seen", OLD))
    removed.refused = more.pop("refused", {})
    return decided(item(now, side("a", STORY, now), removed, **more)).state


def test_an_edit_that_the_remover_had_never_been_shown_beats_the_removal() -> None:
    assert moved_on(X) == "live"
    assert moved_on(OLD) == "removed"


def test_what_a_side_would_never_have_been_shown_does_not_save_a_record_there() -> None:
    assert moved_on(X, kind(title("b"), note("b"), item_where=(Condition("title", ("T",)),))) == "removed"
    in_only = kind(replace(title("b"), direction=Direction.IN), note("b"))
    assert moved_on(X, in_only) == "removed"
    assert moved_on(X, kind(replace(title("b"), direction=Direction.OUT), note("b"))) == "live"
    fixed = kind(replace(title("b"), spec=replace(title("b").spec, writable=False)), note("b"))
    assert moved_on(X, fixed) == "removed"
    assert moved_on(X, base={"note": "n"}) == "removed", "that field was never compared"
    assert moved_on(X, refused={"title": value_digest("X", STORY.fields["title"])}) == "removed"
    assert moved_on(X, holds=frozenset({"title"})) == "removed", "an undo is nobody's edit"
    assert moved_on({"title": "X", "note": "Y"}, in_only) == "live", "another field is shown there"


def test_what_stands_for_the_same_there_does_not_save_a_record() -> None:
    assert moved_on(OLD, base={"title": ("T!", "T"), "note": "n"}) == "removed", "the side writes it in its own way"
    assert moved_on(X, base={"title": ("X", "T"), "note": "n"}) == "removed", "what it shows says both"


def test_what_nobody_could_read_there_does_not_save_a_record() -> None:
    rule = kind(title("b"), status("b"))
    old, now = {"title": "T", "status": "idea"}, {"title": "T", "status": "done"}
    for shown, state in (("odd", "removed"), ("idea", "live")):
        gone = side("b", rule, None, old, gone=TRASHED, seen={**old, "status": shown})
        assert decided(item(now, side("a", rule, now), gone)).state == state


# back


def test_a_record_that_a_person_took_back_takes_part_again() -> None:
    for state in (ARCHIVED, GONE, UNDONE):
        decision = decided(item(OLD, side("a", STORY, OLD), side("b", STORY, X, OLD, state=state)))
        assert (decision.links, decision.revive, decision.fields["title"]) == ({"b": "live"}, {}, "X")


def test_a_record_that_is_still_archived_is_no_reason_to_think_otherwise() -> None:
    away = side("b", STORY, OLD, state=UNDONE, archived=True)
    assert decided(item(OLD, side("a", STORY, OLD), away)).links == {}
    worded = replace(STORY, archive_value=("note", "gone"))
    said = {"title": "T", "note": "gone"}
    away = side("b", worded, said, OLD, state=UNDONE)
    assert decided(item(OLD, side("a", STORY, OLD), away)).links == {}


def test_a_living_item_is_brought_back_where_its_record_is_still_away() -> None:
    for state in (ARCHIVED, GONE):
        away = side("b", STORY, None, OLD, state=state, seen=OLD)
        assert decided(item(OLD, side("a", STORY, OLD), away)).revive == {"b": "the item lives"}
    apart = side("b", STORY, None, OLD, state=UNDONE)
    assert decided(item(OLD, side("a", STORY, OLD), apart)).revive == {}


def test_what_is_archived_and_nobody_knows_why_is_asked_about() -> None:
    def met(**answers: str) -> Decision:
        away = side("b", STORY, OLD, {}, state=ARCHIVED, archived=True)
        return decided(answered(item(OLD, side("c", STORY, OLD), side("a", STORY, OLD), away), **answers))

    assert asked(met()) == [
        "archived b: Lb is archived on b, and lives on a, c: was it removed? removed/restore/unlink"
    ]
    assert (met().frozen, met().revive, met().state) == ({"b": "archived"}, {}, "live")
    assert (met(b_archived="restore").revive, asked(met(b_archived="restore"))) == ({"b": "a person said so"}, [])
    assert met(b_archived="unlink").links == {"b": "undone"}
    removed = met(b_archived="removed")
    assert (removed.state, removed.links, removed.archive.keys()) == ("removed", {"b": "gone"}, {"a", "c"})
    gone = decided(item(OLD, side("a", STORY, OLD), side("b", STORY, None, {}, state=GONE)))
    assert (gone.revive, asked(gone)) == ({"b": "the item lives"}, [])


def test_what_one_answer_removed_is_brought_back_nowhere() -> None:
    away = side("b", STORY, OLD, {}, state=ARCHIVED, archived=True)
    other = side("d", STORY, None, OLD, state=GONE)
    view = answered(item(OLD, side("a", STORY, OLD), away, other), b_archived="removed")
    assert decided(view).revive == {}


# the item was removed


def removed_item(*sides: SideView) -> Decision:
    return decided(item(OLD, *sides, state="removed"))


def test_a_removed_item_stays_removed_and_is_archived_where_it_still_is() -> None:
    here, away = side("a", STORY, OLD, seen=OLD), side("b", STORY, None, OLD, state=ARCHIVED)
    now = side("c", STORY, OLD, gone=TRASHED)
    decision = removed_item(here, away, now)
    assert (decision.state, decision.archive, decision.revive) == ("removed", {"a": "the item was removed"}, {})
    assert decision.links == {"c": "gone"}
    assert decision.outcomes == {}


def test_a_removed_item_lives_again_where_a_person_takes_it_back() -> None:
    back, away = side("b", STORY, OLD, state=ARCHIVED), side("a", STORY, None, OLD, state=GONE)
    decision = removed_item(side("c", STORY, OLD, seen=OLD), back, away)
    assert (decision.state, decision.links) == ("live", {"b": "live"})
    assert (decision.revive, decision.archive) == ({"a": "restored on b"}, {})
    assert decision.outcomes.keys() == {"title", "note"}


def test_a_removed_item_lives_again_where_a_person_edits_what_is_left_of_it() -> None:
    decision = removed_item(side("c", STORY, X, OLD, seen=OLD), side("a", STORY, None, OLD, state=GONE))
    assert (decision.state, decision.revive) == ("live", {"a": "edited on c"})
    assert (decision.fields["title"], decision.links) == ("X", {})


def test_a_removed_item_lives_again_where_a_living_record_of_it_is_met_that_nobody_knew_of() -> None:
    decision = removed_item(side("c", STORY, OLD), side("a", STORY, None, OLD, state=GONE))
    assert (decision.state, decision.links, decision.revive) == ("live", {"c": "live"}, {"a": "restored on c"})


def test_a_removed_item_does_not_live_again_by_what_may_not_be_seen() -> None:
    for shows, more in ((X, {"seen": OLD}), (OLD, {}), (OLD, {"state": ARCHIVED})):
        decision = removed_item(side("a", STORY, shows, OLD, restricted="to the board", **more))  # type: ignore[arg-type]
        assert (decision.state, decision.archive, decision.links) == ("removed", {}, {"a": "restricted"})


@pytest.mark.parametrize(("word", "shown"), [("removed", []), ("recreate", ["O"]), ("unlink", [])])
def test_the_next_syncs_do_what_a_person_answered(tmp_path: Path, word: str, shown: list[str]) -> None:
    specs = {s: SideSpec((title(s),), removal="ask") for s in "ab"}
    product = Product(tmp_path / "s.db", specs)
    product.tables["a"].add({"title": "O"})
    product.settle()
    product.tables["a"].trash(product.only("a"))
    product.sync(full=True)
    (row,) = product.store.conflicts()
    with product.store.lease("person", 90) as lease:
        answer(product.store, lease, "person", row, Choice(word), product.now())
    product.settle()

    assert product.shows("a") == shown
    assert product.shows("b") == ([] if word == "removed" else ["O"])
    assert product.store.conflicts() == []
