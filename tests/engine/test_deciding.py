"""What a field becomes, of what every side shows and was agreed; what an undo holds; and no item is its own ancestor."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from syncer.engine.decide import check_whole
from syncer.engine.names import Directory
from syncer.engine.state import Decision, value_digest
from syncer.mapping.rules import Direction, FieldPolicy
from syncer.record import FieldType, GoneKind, Raw, Ref
from syncer.store.rows import LinkState
from syncer.testing.rules import Plain
from tests.engine.views import OLD, STORY, decided, item, kind, planned, rules, side, told
from tests.engine.worlds import line, note, parent, status, title

X = {**OLD, "title": "X"}
NOW = datetime(2026, 1, 1, 12, 30, 20, tzinfo=UTC)


# fields


def test_the_word_of_the_one_side_that_changed_is_the_items() -> None:
    decision = decided(item(OLD, side("a", STORY, X, OLD), side("b", STORY, OLD)))
    assert decision.fields == X
    assert decision.outcomes["title"].taken == ("a",)
    assert decision.view.fields == OLD, "what the item was is kept beside it"


def test_what_is_cleared_is_no_value_at_all() -> None:
    decision = decided(item(OLD, side("a", STORY, {**OLD, "note": None}, OLD), side("b", STORY, OLD)))
    assert decision.fields == {"title": "T"}
    decision = decided(item({"title": "T"}, side("a", STORY, {"title": "T", "note": None})))
    assert decision.fields == {"title": "T"}


def test_a_field_that_no_side_shows_stays_as_it_is() -> None:
    decision = decided(item(OLD, side("a", STORY, {"title": "X"}, OLD)))
    assert (decision.fields, decision.outcomes.keys()) == ({"title": "X", "note": "n"}, {"title"})


def test_a_field_that_only_some_sides_have_is_decided_by_those() -> None:
    short = kind(title("b"))
    decision = decided(item(OLD, side("b", short, {"title": "T"}), side("a", STORY, {**OLD, "note": "m"}, OLD)))
    assert decision.fields == {"title": "T", "note": "m"}


def test_what_cannot_be_read_is_told_with_its_side_and_reason() -> None:
    shown = side("b", STORY, OLD, unreadable={"note": "no permission", "other": "never mapped"})
    assert decided(item(OLD, shown)).notes == ["note on b cannot be read: no permission"]
    assert decided(item(OLD, shown)).fields == OLD, "and it is not cleared"
    rule = kind(title("c"), status("c"))
    odd = side("c", rule, {"title": "T", "status": "odd"}, {"title": "T"})
    assert decided(item({"title": "T"}, odd)).notes == ["status on c cannot be read: no value is mapped to 'odd'"]
    unread = decided(item(OLD, side("a", kind(title("a")), {"title": "T"}), side("b", STORY, None, OLD, seen=OLD)))
    assert unread.notes == []


def test_a_side_that_is_away_has_no_word() -> None:
    away = [side("b", STORY, X, OLD, state=LinkState.HIDDEN), side("c", STORY, OLD, gone=GoneKind.HIDDEN)]
    decision = decided(item(OLD, side("a", STORY, OLD), *away))
    assert decision.fields == OLD


def test_a_side_says_only_what_is_known_of_it() -> None:
    view = side("b", STORY, {"title": "T"}, OLD, seen={"title": "old", "note": "seen"})
    assert [view.raw(n) for n in ("title", "note", "other")] == [(True, "T"), (True, "seen"), (False, None)]
    assert view.base("title", "title") is not None
    assert view.base("title", "name") is None, "it was made with another record field"
    assert view.base("other", "other") is None


def test_an_item_is_called_by_its_title_else_by_a_record_else_by_its_id() -> None:
    unread, nameless = side("a", STORY, None, OLD), side("b", STORY, OLD)
    nameless.record = replace(nameless.record, label="") if nameless.record else None
    view = item(OLD, unread, nameless, side("c", STORY, OLD))
    assert (view.title, decided(view).title) == ("T", "T")
    view.fields = {}
    assert (view.title, Decision(view, {}).title, Decision(view, OLD).title) == ("Lc", "Lc", "T")
    assert item({}, unread, nameless).title == "i"


def test_a_refused_value_is_remembered_by_value_rule_and_options() -> None:
    rule = status("a")
    fewer = replace(rule, spec=replace(rule.spec, options=rule.spec.options[1:]))
    remapped = replace(rule, reads={"idea": "planned"})
    found = [value_digest("idea", r) for r in (rule, fewer, remapped)] + [value_digest("done", rule)]
    assert len({*found}) == 4 and value_digest("idea", status("a")) == found[0]
    assert {len(f) for f in found} == {20}


# the newest word


def newest(at_a: datetime | None, at_b: datetime | None, **more: Any) -> str:
    """Who wins where both sides edit the title at these times, and show `more` than they were seen to show."""
    by = rules({"a": STORY, "b": STORY}, FieldPolicy("newest"))
    wide = kind(title("a"), note("a"), Plain("clock", line("clock"), FieldType.LINE))
    seen = {**OLD, "clock": "before"} if "seen" not in more else more.pop("seen")
    sides = [
        side("a", wide, {**OLD, "clock": "before", "title": "A", **more}, OLD, seen=seen, edited_at=at_a),
        side("b", wide, {**OLD, "title": "B"}, OLD, seen=OLD, edited_at=at_b),
    ]
    decision = decided(item(OLD, *sides), by)
    return str(decision.fields["title"])


def test_the_newest_word_wins_where_each_sides_time_is_that_of_the_field() -> None:
    assert newest(NOW, NOW + timedelta(minutes=5)) == "B"
    assert newest(NOW + timedelta(minutes=5), NOW) == "A"


def test_a_time_that_may_be_another_fields_decides_nothing() -> None:
    assert newest(NOW + timedelta(minutes=5), NOW, note="edited too") == "T"
    assert newest(None, NOW) == "T"
    assert newest(NOW + timedelta(minutes=5), NOW, seen={**OLD, "title": "A"}) == "T", "it was seen before"
    assert newest(NOW + timedelta(minutes=5), NOW, seen=OLD) == "A", "what was never seen before is no edit"


def test_a_field_that_is_the_records_own_clock_is_nobodys_edit() -> None:
    later = NOW + timedelta(minutes=5)
    assert newest(later, NOW, clock="2026-01-01T12:35:20.001Z") == "A"
    assert newest(later.astimezone(timezone(timedelta(hours=2))), NOW, clock="2026-01-01T12:35:20Z") == "A"
    assert newest(later, NOW, clock="2026-01-01T12:34:59Z") == "T", "that is another time"
    assert newest(later, NOW, clock=5) == "T"


def test_what_was_never_seen_before_has_no_time() -> None:
    by = rules({"a": STORY, "b": STORY}, FieldPolicy("newest"))
    sides = [side(s, STORY, {**OLD, "title": s}, OLD, edited_at=NOW + timedelta(hours=ord(s))) for s in "ab"]
    assert decided(item(OLD, *sides), by).fields["title"] == "T"


# what was undone


def undone(*shown: Any, now: dict[str, Any] | None = None) -> Decision:
    """An item whose title was undone: it is held at T."""
    return decided(item(now or OLD, *shown, holds=frozenset({"title"})))


def test_what_was_undone_is_held_while_a_side_shows_something_else() -> None:
    decision = undone(side("a", STORY, X, OLD), side("b", STORY, OLD))
    outcome = decision.outcomes["title"]
    assert outcome.held and outcome.clash is not None
    assert (outcome.clash.why, outcome.clash.values, outcome.clash.ancestor) == ("undone", {"a": "X"}, "T")
    assert (decision.fields, planned(decision)[0]) == (OLD, [])


def test_what_was_undone_is_let_go_when_all_sides_show_one_value() -> None:
    for shows in (OLD, X):
        decision = undone(side("a", STORY, shows, OLD), side("b", STORY, shows, OLD))
        assert (decision.outcomes["title"].held, decision.fields["title"]) == (False, shows["title"])


def test_a_side_that_only_compares_keeps_nothing_undone_held() -> None:
    compares = kind(title("b"), note("b"))
    compares = replace(compares, fields={**compares.fields, "title": replace(title("b"), direction=Direction.COMPARE)})
    decision = undone(side("a", STORY, X, OLD), side("b", compares, {**OLD, "title": "Z"}))
    assert not decision.outcomes["title"].held
    assert undone(side("a", STORY, X, OLD), side("b", compares, OLD), side("c", STORY, OLD)).outcomes["title"].clash


def test_what_was_undone_stays_held_while_a_record_is_away_that_may_show_it_again() -> None:
    away = side("b", STORY, None, OLD, state=LinkState.GONE, seen=OLD)
    assert undone(side("a", STORY, X, OLD), away).outcomes["title"].held, "it is being brought back"
    hidden = side("b", STORY, OLD, gone=GoneKind.HIDDEN)
    assert undone(side("a", STORY, X, OLD), hidden).outcomes["title"].held
    apart = side("b", STORY, None, OLD, state=LinkState.UNDONE)
    assert not undone(side("a", STORY, X, OLD), apart).outcomes["title"].held
    short = side("b", kind(note("b")), {"note": "n"}, gone=GoneKind.HIDDEN)
    assert not undone(side("a", STORY, X, OLD), short).outcomes["title"].held, "that side has no title"
    back = side("b", STORY, X, OLD, state=LinkState.GONE)
    assert not undone(side("a", STORY, X, OLD), back).outcomes["title"].held, "a person took it back, and it agrees"


def test_a_hold_of_one_field_holds_no_other() -> None:
    decision = undone(side("a", STORY, {**OLD, "note": "m"}, OLD), side("b", STORY, OLD))
    assert told(planned(decision)[0]) == ["~ b note=m"]


def test_a_field_that_was_undone_and_is_disputed_is_a_conflict_of_the_sides() -> None:
    decision = undone(side("a", STORY, X, OLD), side("b", STORY, {**OLD, "title": "Y"}, OLD))
    clash = decision.outcomes["title"].clash
    assert clash is not None and (clash.why, clash.values) == ("the sides disagree", {"a": "X", "b": "Y"})


# no item is its own ancestor


def family(before: dict[str, str | None], after: dict[str, str | None]) -> dict[str, Decision]:
    """Decide these items, whose parents people changed on a: item → its parent."""
    names, rule = Directory(), kind(title("a"), parent("a"))
    for one in before:
        names.link("a", "a", Ref(one), one, "row")
    decisions = {}
    for one, above in after.items():
        old = {"title": one, "parent": before[one]}
        shows: dict[str, Raw] = {"title": one, "parent": above}
        fields = {n: v for n, v in old.items() if v}
        decisions[one] = decided(item(fields, side("a", rule, shows, old), id=one), names=names)
    check_whole(decisions, before)
    return decisions


def held(decisions: dict[str, Decision]) -> set[str]:
    return {i for i, d in decisions.items() if "parent" in d.outcomes and d.outcomes["parent"].held}


def test_a_move_below_ones_own_part_is_held_and_told() -> None:
    decisions = family({"x": None, "y": "x", "z": "y"}, {"x": "z"})
    outcome = decisions["x"].outcomes["parent"]
    assert held(decisions) == {"x"} and outcome.clash is not None
    assert outcome.clash.why == "it would be its own ancestor: x → z → y"
    assert outcome.clash.values == {"a": "z"}
    assert (outcome.value, decisions["x"].fields) == (None, {"title": "x"})


def test_every_move_of_a_ring_is_held_and_goes_back_to_where_it_was() -> None:
    decisions = family({"x": "top", "y": "x", "z": "top", "top": None}, {"x": "z", "z": "y", "y": "x"})
    assert held(decisions) == {"x", "z"}, "y did not move"
    assert {i: d.fields["parent"] for i, d in decisions.items()} == {"x": "top", "z": "top", "y": "x"}


def test_an_item_is_not_its_own_parent() -> None:
    assert held(family({"x": None}, {"x": "x"})) == {"x"}


def test_a_move_that_makes_no_ring_is_made() -> None:
    decisions = family({"x": None, "y": "x", "z": None}, {"y": "z", "x": "y"})
    assert held(decisions) == set()
    assert {i: d.fields["parent"] for i, d in decisions.items()} == {"x": "y", "y": "z"}


def test_below_a_ring_moves_are_made() -> None:
    """w moves below x, which a ring keeps where it is: w is no part of that."""
    decisions = family({"w": None, "x": None, "y": "x"}, {"w": "x", "x": "y"})
    assert held(decisions) == {"x"}
    assert decisions["w"].fields["parent"] == "x"


def test_a_ring_that_was_there_before_is_not_anybodys_doing() -> None:
    before: dict[str, str | None] = {"x": "y", "y": "x", "z": None}
    assert held(family(before, {"x": "y", "z": "x"})) == set()


@pytest.mark.parametrize("first", ["a", "z"])
def test_one_held_move_may_free_the_others(first: str) -> None:
    """Two crossing moves are a ring; a third, below one of them, is none once they are held."""
    decisions = family({"m": None, "n": None, first: None}, {"m": "n", "n": "m", first: "m"})
    assert held(decisions) == {"m", "n"}
    assert decisions[first].fields["parent"] == "m"
