"""What looks like somebody puts back what we write: when it is held, when it is counted, and when it is a person."""

from __future__ import annotations

from typing import Any

import pytest

from syncer.engine.plan import GIVEN_BACK, UNDO
from syncer.engine.state import Decision
from syncer.engine.watch import edits, quarantine, reverted, writes_of
from syncer.mapping.rules import Direction
from syncer.record import FieldType, Ref
from syncer.store.rows import JournalRow
from syncer.testing.rules import Plain
from tests.engine.views import OLD, STORY, decided, item, kind, planned, side
from tests.engine.worlds import line, note


def update(before: str | None, after: str | None, **more: Any) -> JournalRow:
    """One write of ours of b's title."""
    options = {"action": "update", "side": "b", "ref": Ref("b-1"), "field": "title", **more}
    name = options.pop("field")
    return JournalRow("r", fields={name: {"before": before, "after": after}}, **options)


def edited_on_b(by: str = "", shows: str | None = "theirs", **more: Any) -> Decision:
    """b's title was ours, and is theirs."""
    base = {**OLD, "title": "ours"}
    view = item({"title": "ours", "note": "n"}, side("a", STORY, base), side("b", STORY, {**OLD, "title": shows}, base))
    view.sides["b"] = side("b", STORY, {**OLD, "title": shows}, base, edited_by=by, **more)
    return decided(view)


def held(decision: Decision, *rows: JournalRow) -> str:
    """Return why b's word is held, or "" where it is taken."""
    found = edits([decision])
    quarantine(found, {"i": decision}, writes_of(rows), {"b": "robot"})
    clash = decision.outcomes["title"].clash
    return clash.why if clash else ""


AGAIN = update("theirs", "ours")


@pytest.mark.parametrize(("by", "times"), [("", 2), ("robot", 2), ("a bot", 4)])
def test_what_is_put_back_again_and_again_is_held_and_named(by: str, times: int) -> None:
    assert held(edited_on_b(by), *[AGAIN] * (times - 1)) == ""
    decision = edited_on_b(by)
    assert held(decision, *[AGAIN] * times).startswith("b put its own value back after each of our last writes")
    assert decision.fields["title"] == "ours"
    clash = decision.outcomes["title"].clash
    assert clash is not None and (clash.values, clash.ancestor) == ({"b": "theirs"}, "ours")
    assert planned(decision)[0] == [], "it is written nowhere"


def test_only_the_last_writes_count_and_only_where_they_were_the_same() -> None:
    other = update("other", "ours")
    assert held(edited_on_b(), other, AGAIN, AGAIN) != ""
    assert held(edited_on_b(), AGAIN, other, AGAIN) == ""
    assert held(edited_on_b(), AGAIN, AGAIN, other) == ""
    assert held(edited_on_b("a bot"), other, AGAIN, AGAIN, AGAIN) == ""


def test_another_word_is_an_edit_however_often_we_wrote() -> None:
    assert held(edited_on_b(shows="new"), AGAIN, AGAIN, AGAIN) == ""
    assert held(edited_on_b(), update("theirs", "theirs"), update("theirs", "theirs")) == "", "that changed nothing"


def test_writes_of_other_records_fields_and_deeds_say_nothing() -> None:
    for other in ({"ref": Ref("b-2")}, {"side": "a"}, {"field": "note"}, {"action": "create"}):
        assert held(edited_on_b(), *[update("theirs", "ours", **other)] * 2) == ""
    for rule in (UNDO, GIVEN_BACK):
        assert held(edited_on_b(), *[update("theirs", "ours", rule=rule)] * 2) == "", "that was a person's doing"


def test_a_value_that_was_absent_is_absent_again_where_it_is_held() -> None:
    base = {"title": "T", "note": None}
    decision = decided(item({"title": "T"}, side("a", STORY, base), side("b", STORY, {**base, "note": "theirs"}, base)))
    rows = [update("theirs", None, field="note")] * 2
    quarantine(edits([decision]), {"i": decision}, writes_of(rows), {})
    assert (decision.fields, decision.outcomes["note"].held) == ({"title": "T"}, True)


def test_what_was_edited_against_a_direction_is_put_back_all_the_same() -> None:
    out = kind(Plain("title", line("title"), FieldType.LINE, Direction.OUT), note("c"))
    base = {**OLD, "title": "ours"}
    sides = [side("b", STORY, {**OLD, "title": "theirs"}, base), side("c", out, {**OLD, "title": "c's"}, base)]
    decision = decided(item(base, *sides))
    assert held(decision, AGAIN, AGAIN) != ""
    assert decision.outcomes["title"].put_back == {"c": "c's"}


def test_a_first_word_is_no_edit() -> None:
    fresh = decided(item({"note": "n"}, side("a", STORY, OLD, {}), side("b", STORY, OLD, {"note": "n"})))
    assert edits([fresh]) == []
    (edit,) = edits([edited_on_b()])
    assert (edit.item, edit.name, edit.side, edit.ref, edit.record_field) == ("i", "title", "b", "b-1", "title")


def test_records_that_show_what_was_there_before_are_counted_each_once() -> None:
    base = {"title": "ours", "note": "ours"}
    both = decided(item(base, side("a", STORY, base), side("b", STORY, {"title": "old", "note": "old"}, base)))
    rows = [update("old", "ours"), update("old", "ours", field="note")]
    assert reverted(edits([both]), {"i": both}, writes_of(rows)) == {"b": 1}
    assert reverted(edits([both]), {"i": both}, writes_of([])) == {}
    assert reverted(edits([edited_on_b()]), {"i": edited_on_b()}, writes_of([AGAIN, update("x", "ours")])) == {}
