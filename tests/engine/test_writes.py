"""What is written to each side: the smallest set of fields that makes it fit; and what is not, and is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncer.adapter import Can
from syncer.engine.plan import Verb
from syncer.engine.state import Decision, value_digest
from syncer.mapping.rules import Condition, Direction, Names, Reading, Value
from syncer.record import FieldType, GoneKind, Raw
from syncer.store.rows import LinkState
from syncer.testing.rules import Plain
from tests.engine.views import (
    OLD,
    STORY,
    agreed_otherwise,
    decided,
    edited_on_a,
    item,
    kind,
    planned,
    rules,
    side,
    told,
    without,
)
from tests.engine.worlds import line, note, status, title


def test_only_the_field_that_differs_is_written_and_only_where_it_differs() -> None:
    (action,), notes = planned(edited_on_a())

    assert (action.verb, action.side, action.ref, action.record_type) == (Verb.UPDATE, "b", "b-1", "row")
    (write,) = action.writes.values()
    assert (write.before, write.after, write.values, write.was) == ("T", "X", {"title": "X"}, {"title": "T"})
    assert (action.cause, action.label, notes) == ("edit", "X", [])


def test_an_action_tells_what_it_was_decided_from_on_every_side_that_was_heard() -> None:
    shows = {"title": "X"}  # its note was not read
    away = side("d", STORY, None, OLD, seen=OLD, state=LinkState.UNDONE)
    retyped = side("e", replace(STORY, record_type="other"), OLD)
    view = item(OLD, side("a", STORY, shows, OLD), side("b", STORY, OLD), away, retyped)
    (action,), _ = planned(decided(view))

    assert action.decided_from == {"a": {"title": "X"}, "b": OLD}


def test_a_side_that_may_not_be_written_is_not() -> None:
    out = edited_on_a()
    assert planned(out, can={"b": without(Can.UPDATE)})[0] == []
    fixed = kind(replace(title("b"), spec=replace(line("title"), writable=False)), note("b"))
    view = item(OLD, side("a", STORY, {"title": "X", "note": "Y"}, OLD), side("b", fixed, OLD))
    assert told(planned(decided(view))[0]) == ["~ b note=Y"]


@pytest.mark.parametrize("direction", [Direction.IN, Direction.COMPARE])
def test_a_field_that_only_comes_in_or_is_only_compared_is_written_nowhere(direction: Direction) -> None:
    in_only = kind(title("b"), note("b", direction))
    view = item(OLD, side("a", STORY, {**OLD, "note": "X"}, OLD), side("b", in_only, OLD))
    by = rules({"a": STORY, "b": in_only, "c": in_only})

    actions, _ = planned(decided(view), by=by)
    assert told(actions) == ["+ c title=T"]


def test_what_a_side_does_not_show_is_not_written_over() -> None:
    view = item(OLD, side("a", STORY, {**OLD, "note": "X"}, OLD), side("b", STORY, {"title": "T"}, OLD))
    assert planned(decided(view))[0] == []

    view.sides["b"] = side("b", STORY, OLD, unreadable={"note": "no permission"})
    assert planned(decided(view))[0] == []


def test_a_side_that_was_not_read_is_written_from_what_it_was_last_seen_to_show() -> None:
    view = item(OLD, side("a", STORY, {**OLD, "note": "X"}, OLD), side("b", STORY, None, OLD, seen=OLD))
    (action,), _ = planned(decided(view))
    assert (told([action]), action.writes["note"].before) == (["~ b note=X"], "n")


def test_a_value_that_a_side_refused_is_not_sent_again_and_another_is() -> None:
    refusing = edited_on_a()
    refusing.view.sides["b"].refused = {"title": value_digest("X", STORY.fields["title"])}
    assert planned(refusing)[0] == []

    refusing.view.sides["b"].refused = {"title": value_digest("W", STORY.fields["title"])}
    assert told(planned(refusing)[0]) == ["~ b title=X"]


def test_what_a_side_cannot_say_is_told_and_not_written() -> None:
    wide = kind(title("a"), status("a"))
    narrow = kind(title("b"), replace(status("b"), values={"idea": ("idea",)}))
    old = {"title": "T", "status": "idea"}
    view = item(old, side("a", wide, {**old, "status": "done"}, old), side("b", narrow, old))
    actions, notes = planned(decided(view))

    assert (actions, notes) == ([], ["T: b cannot show status: no option for 'done'"])


def test_what_a_side_cannot_clear_is_told_and_not_written() -> None:
    def clearing(**spec: Any) -> tuple[list[str], list[str]]:
        rule = note("b")
        fixed = kind(title("b"), replace(rule, spec=replace(rule.spec, **spec)))
        view = item(OLD, side("a", STORY, {**OLD, "note": None}, OLD), side("b", fixed, OLD))
        actions, notes = planned(decided(view))
        return told(actions), notes

    assert clearing(clearable=False) == ([], ["T: b cannot clear note"])
    assert clearing() == (["~ b note=None"], [])
    assert clearing(clearable=False, absent_shows="nothing") == (["~ b note=None"], [])


def test_a_new_value_is_written_where_none_can_be_cleared() -> None:
    rule = note("b")
    fixed = kind(title("b"), replace(rule, spec=replace(rule.spec, clearable=False)))
    view = item(OLD, side("a", STORY, {**OLD, "note": "X"}, OLD), side("b", fixed, OLD))
    assert told(planned(decided(view))[0]) == ["~ b note=X"]


class Half(Plain):
    """One of two item fields in one record field: "left/right"."""

    def read(self, raw: Raw, names: Names) -> Reading:
        return Reading(str(raw or "/").split("/")[self.field == "right"] or None)

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        return bool(self.read(raw, names).value == value)

    def write(self, value: Value, shown: Raw, names: Names) -> Raw:
        left, right = str(shown or "/").split("/")
        return f"{left}/{value}" if self.field == "right" else f"{value}/{right}"


def test_two_item_fields_in_one_record_field_are_one_write() -> None:
    halves = [Half(name, line("both"), FieldType.LINE) for name in ("left", "right")]
    whole = kind(title("a"), *(Plain(n, line(n), FieldType.LINE) for n in ("left", "right")))
    old = {"title": "T", "left": "l", "right": "r"}
    base = {"title": "T", "left": ("l/r", "l"), "right": ("l/r", "r")}
    joined = side("b", kind(title("b"), *halves), {"title": "T", "both": "l/r"}, base)
    (action,), _ = planned(decided(item(old, side("a", whole, {**old, "left": "L", "right": "R"}, old), joined)))

    (write,) = action.writes.values()
    assert (write.before, write.after) == ("l/r", "L/R")
    assert (write.values, write.was) == ({"left": "L", "right": "R"}, {"left": "l", "right": "r"})


def test_what_a_system_made_of_our_value_is_not_written_again() -> None:
    """b shows capitals where we had written small letters; that was agreed to."""
    view = item(OLD, side("a", STORY, {**OLD, "note": "X"}, OLD), side("b", STORY, {**OLD, "title": "T!"}))
    view.sides["b"] = side("b", STORY, {**OLD, "title": "T!"}, {"title": ("T!", "T"), "note": "n"})
    assert told(planned(decided(view))[0]) == ["~ b note=X"]


@pytest.mark.parametrize(
    "other",
    [{"raw": "T?"}, {"value": "S"}, {"rule": "of another mapping"}, {"rf": "name"}],
    ids=["it shows something else now", "another value", "another rule", "another record field"],
)
def test_what_was_agreed_for_something_else_excuses_nothing(other: dict[str, str]) -> None:
    shown = side("b", STORY, {**OLD, "title": "T!"}, {"title": ("T!", "T"), "note": "n"})
    decision = Decision(item(OLD, side("a", STORY, OLD), agreed_otherwise(shown, "title", **other)), dict(OLD))

    assert told(planned(decision)[0]) == ["~ b title=T"]


def test_a_side_out_of_whose_scope_the_item_is_is_dormant_until_it_is_back() -> None:
    big = kind(title("b"), note("b"), item_where=(Condition("note", ("big", "n")), Condition("title", ("T", "X"))))
    for shows, done in (
        ({"title": "X", "note": "n"}, ["~ b title=X"]),
        ({"title": "X", "note": "small"}, []),
        ({"title": "Y", "note": "n"}, []),
        ({"title": "Y", "note": "small"}, []),
    ):
        view = item(OLD, side("a", STORY, shows, OLD), side("b", big, OLD))
        assert told(planned(decided(view))[0]) == done
        made, _ = planned(decided(item(OLD, side("a", STORY, shows, OLD))), by=rules({"a": STORY, "b": big}))
        assert bool(made) is bool(done)


def test_a_side_with_an_open_intent_is_left_alone_and_named() -> None:
    actions, notes = planned(edited_on_a(), waiting={("i", "b"): "a create is not settled"})
    assert (actions, notes) == ([], ["X on b waits: a create is not settled"])
    assert told(planned(edited_on_a(), waiting={("i", "a"): "…", ("other", "b"): "…"})[0]) == ["~ b title=X"]


def test_a_frozen_side_is_not_written_while_the_others_are() -> None:
    shows = {**OLD, "title": "X"}
    hidden = side("b", STORY, OLD, gone=GoneKind.HIDDEN)
    view = item(OLD, side("a", STORY, shows, OLD), hidden, side("c", STORY, OLD))
    assert told(planned(decided(view))[0]) == ["~ c title=X"]


def test_a_held_field_is_written_nowhere_and_the_others_are() -> None:
    sides = [side(s, STORY, {"title": s, "note": "free" if s == "a" else "n"}, OLD) for s in "ab"]
    view = item(OLD, *sides, side("c", STORY, OLD))
    assert told(planned(decided(view))[0]) == ["~ b note=free", "~ c note=free"]


def test_what_cannot_be_read_on_a_side_is_not_written_over_there() -> None:
    odd = kind(title("b"), status("b"))
    old = {"title": "T", "status": "idea"}
    view = item(old, side("a", odd, {**old, "status": "done"}, old), side("b", odd, {**old, "status": "odd"}))
    view.sides["b"].link = side("b", odd, None, {"title": "T"}).link
    assert planned(decided(view))[0] == []
