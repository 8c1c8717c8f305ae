"""Sides about which nothing may be concluded: hidden, moved, restricted, or of another kind now; and what is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from syncer.engine.decide import decide
from syncer.engine.names import Directory
from syncer.engine.state import Decision
from syncer.mapping.rules import Rules
from syncer.record import GoneKind
from syncer.store.rows import LinkState
from syncer.story.waiting import ANSWERS
from tests.engine.views import OLD, STORY, answered, asked, decided, item, kind, planned, rules, side, told
from tests.engine.worlds import title

TRASHED, DELETED, HIDDEN, MOVED = GoneKind.TRASHED, GoneKind.DELETED, GoneKind.HIDDEN, GoneKind.MOVED
ARCHIVED, GONE, UNDONE = LinkState.ARCHIVED, LinkState.GONE, LinkState.UNDONE
X = {**OLD, "title": "X"}


def policy(removal: str) -> Rules:
    return rules(dict.fromkeys("abc", STORY), removal=removal)


def test_a_record_that_can_no_longer_be_read_is_asked_about_and_left_alone() -> None:
    decision = decided(item(OLD, side("a", STORY, OLD, gone=HIDDEN), side("b", STORY, X, OLD)))
    assert asked(decision) == ["hidden a: La can no longer be read on a: removed, or hidden from us? removed/keep"]
    assert (decision.frozen, decision.state, decision.revive) == ({"a": "hidden"}, "live", {})
    assert decision.fields["title"] == "X"


def test_a_record_that_was_moved_away_is_asked_about_and_it_is_told_where() -> None:
    gone = side("a", STORY, OLD, gone=MOVED)
    gone.gone = replace(gone.gone, detail="to OPS") if gone.gone else None
    decision = decided(item(OLD, gone, side("b", STORY, OLD)))
    assert asked(decision) == ["hidden a: La was moved out of a (to OPS) removed/keep"]
    assert decision.frozen == {"a": "to OPS"}


def test_what_was_asked_about_a_hidden_record_is_done_as_answered() -> None:
    def answering(word: str, state: LinkState = LinkState.LIVE) -> Decision:
        gone = side("a", STORY, OLD, gone=HIDDEN, state=state)
        return decided(answered(item(OLD, gone, side("b", STORY, OLD)), a_hidden=word))

    removed, kept = answering("removed"), answering("keep")
    assert (removed.state, removed.archive, removed.frozen, asked(removed)) == (
        "removed",
        {"b": "removed on a"},
        {},
        [],
    )
    assert (kept.state, kept.frozen, asked(kept)) == ("live", {"a": "hidden"}, [])
    assert answering("keep", GONE).revive == {}, "what is to be left alone is not brought back"
    assert (answering("", GONE).revive, answering("", GONE).frozen) == ({"a": "the item lives"}, {})
    assert asked(answering("", GONE)) == [], "we know it as gone"


def test_what_fewer_people_may_see_is_left_alone_even_where_it_is_removed() -> None:
    for more in ({}, {"archived": True}, {"state": ARCHIVED}):
        shown = side("a", STORY, X, OLD, restricted="to the board", **more)  # type: ignore[arg-type]
        decision = decided(item(OLD, shown, side("b", STORY, OLD)))
        assert (decision.state, decision.frozen) == ("live", {"a": "restricted"})
        assert (decision.links, decision.revive) == ({"a": "restricted"}, {})
        assert decision.fields == OLD
        assert planned(decision)[0] == []


def test_where_restricted_records_are_carried_they_are_as_any_other() -> None:
    shown = side("a", STORY, X, OLD, restricted="to the board")
    by = rules(dict.fromkeys("ab", STORY), restricted="carry")
    assert told(planned(decided(item(OLD, shown, side("b", STORY, OLD)), by), by=by)[0]) == ["~ b title=X"]


def retyped(state: LinkState = LinkState.LIVE, to: str = "epic", **more: Any) -> Decision:
    """A record of b, whose type is now that of an epic."""
    epic = replace(kind(title("b"), name="epic"), record_type="Epic")
    by = rules(dict.fromkeys("ab", STORY))
    by = replace(by, sides={**by.sides, "b": replace(by.sides["b"], kinds={"story": STORY, "epic": epic})})
    answers = more.pop("answers", {})
    shown = side("b", STORY, X, OLD, state=state, **more)
    if shown.record and to:
        shown.record = replace(shown.record, type={"epic": "Epic"}.get(to, to))
    return decide(answered(item(OLD, side("a", STORY, OLD), shown), **answers), by, Directory())


def test_a_record_that_became_another_kind_is_asked_about_and_nothing_is_carried_from_it() -> None:
    decision = retyped()
    assert asked(decision) == ["kind b: Lb on b became a epic; it was a story keep/unlink"]
    assert (decision.frozen, decision.fields, decision.state) == ({"b": "its type changed"}, OLD, "live")
    assert "became a type Bug; it was a story" in asked(retyped(to="Bug"))[0]
    assert (asked(retyped(to="")), retyped(to="").fields["title"]) == ([], "X")


def test_what_was_asked_about_another_kind_is_done_as_answered_and_not_asked_again() -> None:
    kept, apart = retyped(answers={"b_kind": "keep"}), retyped(answers={"b_kind": "unlink"})
    assert (asked(kept), kept.links, kept.frozen.keys()) == ([], {}, {"b"})
    assert (asked(apart), apart.links, apart.frozen.keys()) == ([], {"b": "undone"}, {"b"})
    back = retyped(GONE)
    assert (len(asked(back)), back.links, back.revive) == (1, {}, {}), "it lives again, as something else"
    later = retyped(UNDONE)
    assert (asked(later), later.links, later.frozen.keys()) == ([], {}, {"b"})


def test_a_record_of_another_kind_that_is_archived_is_a_removal() -> None:
    assert (asked(retyped(archived=True)), retyped(archived=True).state) == ([], "removed")


def test_every_answer_to_what_is_asked_is_told_in_words() -> None:
    away = side("b", STORY, OLD, {}, state=ARCHIVED, archived=True)
    gone = [side("b", STORY, OLD, gone=g) for g in (HIDDEN, TRASHED)]
    asking = [decided(item(OLD, side("a", STORY, OLD), s), policy("ask")) for s in (away, *gone)]
    questions = [q for decision in (*asking, retyped()) for q in decision.questions]
    assert {q.about for q in questions} == {"archived", "hidden", "removal", "kind"}
    assert {(q.about, choice) for q in questions for choice in q.choices} == ANSWERS.keys()
