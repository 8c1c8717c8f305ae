"""What a field becomes when several sides show it: the deciding alone, without a store or a system."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncer.engine.merge import ITEM, Base, Outcome, Shown, changed, merge_field
from syncer.engine.names import Directory
from syncer.formats.plain import PlainCodec
from syncer.mapping.convert import Text
from syncer.mapping.rules import Direction, FieldPolicy, FieldRule, Value
from syncer.record import FieldSpec, FieldType, Raw
from syncer.richtext.nodes import Mark, Node, doc
from syncer.testing.rules import Mapped, OneOf, Plain

F = FieldType
NAMES = Directory()
HOLD = FieldPolicy()
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def plain(kind: FieldType = F.LINE, direction: Direction = Direction.BOTH, absent: Raw = None) -> FieldRule:
    return Plain("f", FieldSpec("f", "f", kind, absent_shows=absent), kind, direction)


def choice(reads: dict[str, str] | None = None, absent: Raw = None, **values: tuple[str, ...]) -> FieldRule:
    """Return a rule: item value → what the side may show for it; `reads` says what an option shared by several is."""
    spec = FieldSpec("f", "f", F.CHOICE, absent_shows=absent)
    return Mapped("f", spec, F.CHOICE, domain=tuple(values), values=values, reads=reads or {})


FINE = plain(F.CHOICE)
COARSE = choice({"To Do": "planned"}, idea=("To Do",), planned=("To Do",), doing=("Doing",), done=("Done", "Closed"))


def new(side: str, raw: Raw, rule: FieldRule | None = None) -> Shown:
    """Return a side that was never agreed with."""
    return Shown(side, rule or plain(), raw, None)


def side(side: str, was: Raw, raw: Raw, rule: FieldRule | None = None, stood: Value = ...) -> Shown:
    """Return a side that showed `was` when we last agreed, which stood for `stood` of the item, and shows `raw`."""
    rule = rule or plain()
    return Shown(side, rule, raw, Base(was, rule.read(was, NAMES).value if stood is ... else stood))


def merge(item: Value, *sides: Shown, policy: FieldPolicy = HOLD) -> Outcome:
    """Merge, whichever side comes first."""
    kind = sides[0].rule.type
    found = merge_field(kind, item, sides, policy, NAMES)
    assert merge_field(kind, item, sides[::-1], policy, NAMES) == found
    return found


def clashes(found: Outcome) -> tuple[Value, dict[str, Value]]:
    """Return a held outcome's ancestor and parties."""
    assert found.clash is not None
    assert found.held
    assert (found.taken, found.settled_by) == ((), "")
    return found.clash.ancestor, dict(found.clash.values)


# who speaks


def test_a_lone_edit_is_taken_and_only_sides_that_show_it_move_their_base() -> None:
    found = merge("O", side("a", "O", "X"), side("b", "O", "O"), new("c", None))

    assert found == Outcome("X", ("a",), {"a": Base("X", "X")})


def test_where_nobody_speaks_the_item_stays_and_what_the_sides_show_for_it_is_agreed() -> None:
    found = merge("done", side("a", "Done", "Closed", COARSE), side("b", "doing", "doing", FINE), new("c", None, FINE))

    assert found == Outcome("done", bases={"a": Base("Closed", "done")})


def test_a_side_that_is_only_compared_says_nothing_and_nothing_is_put_back_there() -> None:
    compare = plain(direction=Direction.COMPARE)

    assert merge("O", side("a", "O", "X", compare), new("b", "Y", compare), side("c", "O", "O")) == Outcome(
        "O", bases={"c": Base("O", "O")}
    )


def test_an_edit_against_a_sides_direction_is_put_back_and_agreed_as_what_it_was() -> None:
    out = plain(direction=Direction.OUT)
    found = merge("O", side("a", "O", "X", out), side("b", "O", "O", out), new("c", "Z", out), side("d", "O", "P"))

    assert (found.value, found.taken, found.put_back) == ("P", ("d",), {"a": "X"})
    assert found.bases == {"a": Base("X", "X"), "d": Base("P", "P")}


def test_an_edit_against_a_sides_direction_is_put_back_where_nobody_else_speaks_and_where_others_disagree() -> None:
    out = side("a", "O", "X", plain(direction=Direction.OUT))

    assert merge("O", out, side("b", "O", "O")).put_back == {"a": "X"}
    assert merge("O", out, side("b", "O", "O")).bases == {"a": Base("X", "X"), "b": Base("O", "O")}
    held = merge("O", out, side("b", "O", "P"), side("c", "O", "Q"))
    assert (held.held, held.put_back, held.bases) == (True, {"a": "X"}, {"a": Base("X", "X")})


def test_a_side_in_its_directions_step_agrees_and_says_nothing() -> None:
    found = merge("O", new("a", "O", plain(direction=Direction.OUT)), new("b", "Z", plain(direction=Direction.OUT)))

    assert found == Outcome("O", bases={"a": Base("O", "O")})


def test_a_side_is_changed_where_it_shows_neither_its_base_nor_what_stands_for_the_same() -> None:
    two_ways = choice({"To Do": "planned"}, idea=("Early", "To Do"), planned=("To Do",))

    assert changed(side("a", "To Do", "Doing", COARSE), NAMES)
    assert not changed(side("a", "To Do", "To Do", COARSE), NAMES)
    assert not changed(side("a", "Done", "Closed", COARSE), NAMES)
    assert not changed(side("a", "Early", "To Do", two_ways), NAMES), "what it shows fits the item it had agreed to"
    assert not changed(side("a", "Early", "Before", choice(idea=("Early", "Before")), stood="doing"), NAMES)
    assert not changed(new("a", "X"), NAMES)


def test_what_becomes_unreadable_is_no_edit_and_what_becomes_readable_is_one() -> None:
    assert not changed(side("a", None, "Odd", COARSE), NAMES)
    assert not changed(side("a", "Doing", "Odd", COARSE), NAMES)
    assert changed(side("a", "Odd", "Doing", COARSE, stood=None), NAMES)
    assert changed(side("a", "Odd", None, COARSE, stood="doing"), NAMES)


# what cannot be read


def test_an_unreadable_value_that_nobody_touched_keeps_nobody_from_speaking() -> None:
    found = merge("doing", side("a", "Odd", "Odd", COARSE, stood="doing"), side("b", "doing", "done", FINE))

    assert (found.value, found.taken, found.clash) == ("done", ("b",), None)
    assert found.notes == {"a": "no value is mapped to 'Odd'"}
    assert found.bases == {"b": Base("done", "done")}


def test_an_unreadable_value_of_a_side_never_agreed_with_keeps_nobody_from_speaking() -> None:
    found = merge("doing", new("a", "Odd", COARSE), side("b", "doing", "done", FINE))

    assert (found.value, found.clash, set(found.notes)) == ("done", None, {"a"})


def test_an_edit_to_what_cannot_be_read_against_another_edit_is_held() -> None:
    out = Plain("f", FieldSpec("f", "f", F.CHOICE), F.CHOICE, Direction.OUT)
    found = merge(
        "doing",
        side("a", "Doing", "Odd", COARSE),
        side("b", "doing", "done", FINE),
        side("c", "doing", "idea", out),
    )

    assert clashes(found) == ("doing", {"b": "done"})
    assert (found.value, set(found.notes), found.put_back) == ("doing", {"a"}, {"c": "idea"})
    assert not found.bases


def test_an_edit_to_what_cannot_be_read_alone_is_a_note_and_nothing_else() -> None:
    found = merge("doing", side("a", "Doing", "Odd", COARSE), side("b", "doing", "doing", FINE))

    assert found == Outcome("doing", bases={"b": Base("doing", "doing")}, notes={"a": "no value is mapped to 'Odd'"})


# one value for all


def test_agreement_is_no_conflict_however_differently_it_is_said() -> None:
    found = merge("doing", side("a", "Doing", "To Do", COARSE), side("b", "doing", "idea", FINE))

    assert found == Outcome("idea", ("a", "b"), {"a": Base("To Do", "idea"), "b": Base("idea", "idea")})


def test_the_item_stays_where_it_fits_what_people_say() -> None:
    found = merge("idea", side("a", "Doing", "To Do", COARSE), side("b", "idea", "idea", FINE))

    assert found == Outcome("idea", ("a",), {"a": Base("To Do", "idea"), "b": Base("idea", "idea")})


def test_a_value_that_leaves_the_others_standing_is_taken_before_the_one_it_reads_as() -> None:
    early = choice(absent="New", idea=("New",))
    odd = new("z", "Odd", COARSE)
    found = merge("doing", side("a", "Doing", "To Do", COARSE), new("b", "New", early), odd)

    assert found.value == "idea", "what is shown where nothing was said still counts among what leaves others standing"
    assert found.bases == {"a": Base("To Do", "idea"), "b": Base("New", "idea")}


def test_where_one_must_be_written_anyway_leaving_another_standing_decides_nothing() -> None:
    early = choice(absent="New", idea=("New",))
    found = merge(
        "doing", side("a", "Doing", "To Do", COARSE), new("b", "New", early), side("c", "doing", "doing", FINE)
    )

    assert found.value == "planned"


def test_a_value_somebody_stated_is_taken_before_one_that_only_fits() -> None:
    found = merge("doing", side("a", "Doing", "To Do", COARSE), side("b", "doing", "doing", FINE))

    assert found.value == "planned"


def test_a_value_nobody_reads_it_as_is_found_where_it_alone_fits_all() -> None:
    found = merge(
        "doing",
        side("a", "Doing", "To Do", COARSE),
        side("b", "Doing", "Open", choice(inbox=("Open",), idea=("Open",), doing=("Doing",))),
    )

    assert (found.value, found.clash) == ("idea", None)


def test_of_values_that_serve_all_alike_the_choice_is_the_same_for_every_order_of_the_sides() -> None:
    other = choice({"Open": "idea"}, planned=("Open",), idea=("Open",), doing=("Doing",))
    found = merge("doing", side("a", "Doing", "To Do", COARSE), side("b", "Doing", "Open", other))

    assert found.value == "idea"


def test_all_who_take_a_value_away_agree() -> None:
    assert merge("O", side("a", "O", None), side("b", "O", None)).value is None


def test_a_side_that_goes_back_to_its_default_agrees_with_an_absent_item() -> None:
    default = choice({"To Do": "planned"}, absent="To Do", idea=("To Do",), planned=("To Do",), doing=("Doing",))
    found = merge(None, side("a", "Doing", "To Do", default), new("b", None, FINE))

    assert (found.value, found.taken, found.clash) == (None, ("a",), None)


# first contact


def test_at_first_contact_a_stated_value_fills_an_absent_item() -> None:
    assert merge(None, new("a", "X"), new("b", None)) == Outcome("X", ("a",), {"a": Base("X", "X")})


def test_at_first_contact_what_a_side_shows_by_default_gives_way_to_what_was_stated() -> None:
    default = choice(absent="To Do", planned=("To Do",), doing=("Doing",))

    assert merge(None, new("a", "To Do", default), new("b", "doing", FINE)) == Outcome(
        "doing", ("b",), {"b": Base("doing", "doing")}
    )
    assert merge(None, new("a", "To Do", default), new("b", "planned", FINE)).bases == {
        "a": Base("To Do", "planned"),
        "b": Base("planned", "planned"),
    }


def test_at_first_contact_defaults_that_nobody_outweighs_are_taken() -> None:
    default = choice({"To Do": "planned"}, absent="To Do", idea=("To Do",), planned=("To Do",))
    found = merge(None, new("a", "To Do", default), new("b", None, FINE))

    assert (found.value, found.taken) == ("planned", ("a",))


def test_a_default_that_a_person_went_back_to_is_their_word() -> None:
    default = choice(absent="To Do", planned=("To Do",), doing=("Doing",))
    found = merge("doing", side("a", "Doing", "To Do", default), new("b", "done", FINE))

    assert clashes(found)[1] == {"a": "planned", "b": "done", ITEM: "doing"}


def test_at_first_contact_the_item_stays_where_it_fits_what_a_side_shows() -> None:
    assert merge("idea", new("a", "To Do", COARSE)) == Outcome("idea", ("a",), {"a": Base("To Do", "idea")})


def test_at_first_contact_a_value_fills_an_absent_item_though_another_side_went_back_to_its_default() -> None:
    default = plain(absent="X")

    assert merge(None, side("a", "O", "X", default), new("b", "X", default)).value == "X"


def test_at_first_contact_two_words_are_a_conflict() -> None:
    assert clashes(merge(None, new("a", "X"), new("b", "Y"))) == (None, {"a": "X", "b": "Y"})
    assert clashes(merge("O", new("a", "X"), side("b", "O", "O"))) == ("O", {"a": "X", ITEM: "O"})


# the item is a party


def test_an_edit_by_someone_who_never_saw_the_items_later_word_is_a_conflict_with_the_item() -> None:
    found = merge("Z", side("a", "O", "X"), side("b", "Z", "Z"))

    assert clashes(found) == ("O", {"a": "X", ITEM: "Z"})
    assert found.value == "Z"
    assert not found.bases


def test_an_edit_by_one_who_saw_the_items_later_word_is_law_though_others_who_did_not_say_the_same() -> None:
    assert merge("Z", side("a", "O", "X"), side("b", "Z", "X")).value == "X"


def test_the_item_is_a_party_to_a_disagreement_only_where_it_moved_past_one_who_speaks() -> None:
    assert clashes(merge("O", side("a", "O", "X"), side("b", "O", "Y"))) == ("O", {"a": "X", "b": "Y"})
    assert clashes(merge("Z", side("a", "O", "X"), side("b", "Z", "Y"))) == ("Z", {"a": "X", "b": "Y", ITEM: "Z"})
    assert clashes(merge("Z", side("a", "O", "X"), side("b", "O", "Y"))) == ("O", {"a": "X", "b": "Y", ITEM: "Z"})


def test_an_item_emptied_meanwhile_is_a_party_too() -> None:
    assert clashes(merge(None, side("a", "O", "X"), new("b", "X"))) == ("O", {"a": "X", "b": "X", ITEM: None})


def test_what_somebody_says_who_shows_the_item_already_is_no_word_against_it() -> None:
    found = merge("Z", side("a", "O", "Z"), side("b", "Z", "X"))

    assert clashes(found) == ("Z", {"a": "Z", "b": "X"})


# sets


TAGS = plain(F.SET)


def test_adds_and_removes_of_all_sides_meet_and_each_base_is_what_its_side_stands_for() -> None:
    found = merge(
        ["p", "q"],
        side("a", ["p", "q"], ["p", "q", "r"], TAGS),
        side("b", ["p", "q"], ["q"], TAGS),
        side("c", ["p", "q"], ["p", "q"], TAGS),
    )

    assert found == Outcome(
        ["q", "r"], ("a", "b"), {"a": Base(["p", "q", "r"], ["p", "q", "r"]), "b": Base(["q"], ["q"])}
    )


def test_an_addition_outlives_the_removal_of_the_same_element_elsewhere() -> None:
    found = merge(["p"], side("a", ["p"], None, TAGS), side("b", None, ["p"], TAGS))

    assert found.value == ["p"]
    assert found.bases == {"a": Base(None, None), "b": Base(["p"], ["p"])}


def test_at_first_contact_a_set_is_the_union() -> None:
    assert merge(["p"], new("a", ["q"], TAGS), new("b", ["r"], TAGS)).value == ["p", "q", "r"]
    assert merge(None, new("a", ["q"], TAGS), new("b", None, TAGS)) == Outcome(["q"], ("a",), {"a": Base(["q"], ["q"])})


def test_a_set_that_moved_on_takes_what_a_late_side_added_and_removed() -> None:
    assert merge(["p", "z"], side("a", ["p", "q"], ["q", "r"], TAGS)).value == ["r", "z"]


def test_a_side_that_shows_one_of_several_people_replaces_that_one_only() -> None:
    one = OneOf("f", FieldSpec("f", "f", F.PERSON), F.PEOPLE)
    found = merge(["ann", "bob"], side("a", "ann", "cid", one, stood=["ann", "bob"]))

    assert found == Outcome(["bob", "cid"], ("a",), {"a": Base("cid", ["bob", "cid"])})


# sequences: what travels is the edit


STEPS = plain(F.SEQUENCE)


def steps(*texts: str) -> list[dict[str, Any]]:
    """Return entries; an x before a text ticks it."""
    return [{"text": t.removeprefix("x:"), "done": t.startswith("x:")} for t in texts]


class NoTicks(Plain):
    """A side that shows a sequence without its ticks."""

    def read(self, raw: Raw, names: Any) -> Any:
        return replace(super().read(raw, names), value=self.shown(raw or None))

    def fits(self, raw: Raw, value: Value, names: Any) -> bool:
        return (raw or None) == self.shown(value)

    def shown(self, value: Value) -> Value:
        return None if value is None else [{**e, "done": False} for e in value]


POOR = NoTicks("f", FieldSpec("f", "f", F.SEQUENCE), F.SEQUENCE)


def test_edits_of_different_entries_all_arrive_and_each_base_is_the_item_by_that_sides_word() -> None:
    was = steps("a", "b", "c")
    found = merge(was, side("a", was, steps("x:a", "b", "c"), STEPS), side("b", was, steps("a", "b", "c", "d"), STEPS))

    assert (found.value, found.taken, found.clash) == (steps("x:a", "b", "c", "d"), ("a", "b"), None)
    assert {s: b.value for s, b in found.bases.items()} == {"a": steps("x:a", "b", "c"), "b": steps("a", "b", "c", "d")}


def test_an_edit_on_a_side_that_shows_less_flattens_nothing() -> None:
    rich = steps("x:a", "b", "c")
    found = merge(rich, side("a", steps("a", "b", "c"), steps("a", "b"), POOR, stood=rich))

    assert found == Outcome(steps("x:a", "b"), ("a",), {"a": Base(steps("a", "b"), steps("x:a", "b"))})


def test_an_edit_made_before_the_item_moved_on_is_merged_with_where_it_went() -> None:
    was, now = steps("a", "b", "c"), steps("x:a", "b", "c")

    assert merge(now, side("a", was, steps("a", "b", "c", "d"), STEPS)).value == steps("x:a", "b", "c", "d")


def test_an_edit_of_the_very_words_the_item_changed_meanwhile_is_a_conflict_with_the_item() -> None:
    was, mine = steps("a", "b"), steps("a", "q")
    found = merge(steps("a", "p"), side("a", was, mine, STEPS))

    assert clashes(found) == (was, {"a": mine, ITEM: steps("a", "p")})
    assert found.clash and found.clash.why == "the same words were changed twice"


def test_edits_of_the_same_words_on_two_sides_are_a_conflict_between_them() -> None:
    was, mine, yours = steps("a", "b"), steps("a", "p"), steps("a", "q")
    found = merge(was, side("a", was, mine, STEPS), side("b", was, yours, STEPS))

    assert clashes(found) == (was, {"a": mine, "b": yours})
    assert found.value == was


def test_an_edit_whose_place_a_poorer_side_does_not_tell_is_a_conflict() -> None:
    rich, was, now = steps("x:a", "b"), steps("a", "b"), steps("other", "b")
    found = merge(rich, side("a", was, now, POOR, stood=rich))

    assert clashes(found) == (rich, {"a": now})
    assert found.clash and found.clash.why == "the place of the edit is ambiguous"


def test_who_clears_a_sequence_clears_it() -> None:
    was = steps("a")

    assert merge(was, side("a", was, None, STEPS)) == Outcome(None, ("a",), {"a": Base(None, None)})


def test_at_first_contact_a_text_fills_an_absent_one_and_another_text_is_a_conflict() -> None:
    text, other = steps("a"), steps("z")

    assert merge(None, new("a", text, STEPS), new("b", None, STEPS)) == Outcome(text, ("a",), {"a": Base(text, text)})
    assert clashes(merge(text, new("a", other, STEPS))) == (None, {"a": other, ITEM: text})
    assert clashes(merge(None, new("a", text, STEPS), new("b", other, STEPS))) == (None, {"a": text, "b": other})


def test_at_first_contact_a_side_that_shows_the_item_as_well_as_it_can_takes_nothing_away() -> None:
    rich = steps("x:a", "b")
    found = merge(rich, new("a", steps("a", "b"), POOR), side("b", rich, steps("x:a", "b", "c"), STEPS))

    assert found.value == steps("x:a", "b", "c")
    assert found.bases["a"] == Base(steps("a", "b"), rich)


def test_at_first_contact_a_default_text_fills_an_absent_item_like_any_other() -> None:
    default = steps("describe it")

    assert merge(None, new("a", default, plain(F.SEQUENCE, absent=default))).value == default


def test_sides_that_came_to_show_one_text_agree_however_they_came_to_it() -> None:
    was, now = steps("a", "b"), steps("a", "other")
    found = merge(was, side("a", was, now, STEPS), new("b", now, STEPS))

    assert found == Outcome(now, ("a", "b"), {"a": Base(now, now), "b": Base(now, now)})


def test_where_sides_agree_the_richer_text_of_who_knew_the_item_is_taken() -> None:
    was = steps("x:a", "b")
    found = merge(was, side("z", was, steps("x:a", "other"), STEPS), new("a", steps("a", "other"), POOR))

    assert found == Outcome(
        steps("x:a", "other"),
        ("a", "z"),
        {
            "a": Base(steps("a", "other"), steps("x:a", "other")),
            "z": Base(steps("x:a", "other"), steps("x:a", "other")),
        },
    )


def test_one_who_saw_the_items_later_tick_and_one_who_did_not_say_the_same_and_the_tick_stays() -> None:
    was, now = steps("a", "b"), steps("a", "b", "c")
    found = merge(steps("x:a", "b"), side("a", was, now, POOR), side("b", was, now, POOR, stood=steps("x:a", "b")))

    assert found.value == steps("x:a", "b", "c")


def test_a_line_added_on_a_side_that_shows_a_list_as_lines_is_an_entry_of_the_list() -> None:
    def entry(text: str, *marks: Mark) -> Node:
        return Node("item", (Node("paragraph", (Node("text", text=text, marks=marks),)),))

    def rich(*entries: Node) -> Any:
        return doc(Node("list", entries)).to_json()

    spec = FieldSpec("f", "f", F.LINE, format="plain")
    lines = Text("f", F.DOCUMENT, spec, codec=PlainCodec, format="plain")
    one, two = entry("one"), entry("two", Mark("bold"))
    found = merge(rich(one, two), side("a", "- one\n- two", "- one\n- new\n- two", lines, stood=rich(one, two)))

    assert found.value == rich(one, entry("new"), two)


# policies


def test_without_a_policy_a_conflict_is_held() -> None:
    assert merge("O", side("a", "O", "X"), side("b", "O", "Y")).held


def test_the_preferred_side_that_speaks_wins_and_the_loser_is_kept_with_the_conflict() -> None:
    found = merge(
        "O", side("a", "O", "X"), side("b", "O", "Y"), side("c", "O", "O"),
        policy=FieldPolicy("prefer", ("nobody", "c", "b", "a")),
    )  # fmt: skip

    assert (found.value, found.taken, found.settled_by, found.held) == ("Y", ("b",), "policy: prefer b", False)
    assert found.bases == {"a": Base("X", "X"), "b": Base("Y", "Y")}
    assert found.clash and found.clash.values == {"a": "X", "b": "Y"}


def test_a_preferred_side_whose_word_the_item_already_is_wins_against_who_never_saw_it() -> None:
    found = merge("Z", side("a", "O", "X"), side("b", "Z", "Z"), policy=FieldPolicy("prefer", ("b", "a")))

    assert (found.value, found.taken, found.settled_by) == ("Z", (), "policy: prefer b")
    assert found.bases == {"a": Base("X", "X"), "b": Base("Z", "Z")}


def test_a_preferred_side_that_comes_to_say_what_the_item_is_has_said_it() -> None:
    found = merge(
        "Z", side("a", "O", "Z"), side("b", "Z", "X"), side("c", "O", "Y"), policy=FieldPolicy("prefer", ("a",))
    )

    assert (found.value, found.taken) == ("Z", ("a",))


@pytest.mark.parametrize(
    "quiet",
    [new("b", None), side("b", "O", "O")],
    ids=["a side never agreed with", "a side that has not heard it yet"],
)
def test_a_preferred_side_that_did_not_say_what_the_item_is_wins_nothing_by_it(quiet: Shown) -> None:
    found = merge("Z", side("a", "O", "X"), quiet, policy=FieldPolicy("prefer", ("b", "a")))

    assert (found.value, found.settled_by) == ("X", "policy: prefer a")


def test_a_preferred_side_that_shows_the_item_only_by_default_wins_nothing_by_it() -> None:
    default = new("b", "To Do", choice(absent="To Do", planned=("To Do",)))
    found = merge("planned", side("a", "idea", "doing", FINE), default, policy=FieldPolicy("prefer", ("b", "a")))

    assert (found.value, found.settled_by) == ("doing", "policy: prefer a")


def test_a_preferred_side_that_stands_still_does_not_win_where_the_item_is_no_party() -> None:
    found = merge(
        "O", side("a", "O", "X"), side("b", "O", "Y"), side("c", "O", "O"), policy=FieldPolicy("prefer", ("c",))
    )

    assert found.held


def test_a_policy_chooses_a_sides_edit_and_not_its_poorer_text() -> None:
    rich = steps("x:a", "b", "c")
    poor = side("a", steps("a", "b", "c"), steps("a", "b", "q"), POOR, stood=rich)
    found = merge(rich, poor, side("b", rich, steps("x:a", "b", "p"), STEPS), policy=FieldPolicy("prefer", ("a",)))

    assert found.value == steps("x:a", "b", "q")
    assert found.bases == {
        "a": Base(steps("a", "b", "q"), steps("x:a", "b", "q")),
        "b": Base(steps("x:a", "b", "p"), steps("x:a", "b", "p")),
    }


def test_a_policy_takes_the_text_itself_where_the_place_of_the_edit_is_not_told() -> None:
    rich, now = steps("x:a", "b"), steps("other", "b")
    found = merge(rich, side("a", steps("a", "b"), now, POOR, stood=rich), policy=FieldPolicy("prefer", ("a",)))

    assert found.value == now


def at(shown: Shown, seconds: float, grain: float = 0.0) -> Shown:
    return replace(shown, edited_at=NOON + timedelta(seconds=seconds), grain=grain)


NEWEST = FieldPolicy("newest")


def test_the_newest_word_wins_where_the_clocks_tell() -> None:
    a, b = side("a", "O", "X"), side("b", "O", "Y")

    assert merge("O", at(a, 0), at(b, 5), policy=NEWEST).settled_by == "policy: newest b"
    assert merge("O", at(a, 9), at(b, 5), policy=NEWEST).value == "X"
    assert merge("O", at(a, 0), at(b, 8), at(side("c", "O", "Z"), 4), policy=NEWEST).value == "Y"


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (at(side("a", "O", "X"), 0), at(side("b", "O", "Y"), 0)),
        (at(side("a", "O", "X"), 0, grain=60), at(side("b", "O", "Y"), 60)),
        (at(side("a", "O", "X"), 0), at(side("b", "O", "Y"), 60, grain=60)),
        (side("a", "O", "X"), at(side("b", "O", "Y"), 5)),
    ],
    ids=["the same moment", "within the first clock's grain", "within the second's", "a time not known"],
)
def test_where_the_clocks_do_not_tell_the_newest_word_is_not_guessed(first: Shown, last: Shown) -> None:
    assert merge("O", first, last, policy=NEWEST).held


def test_a_time_just_beyond_the_clocks_grain_tells() -> None:
    assert merge("O", at(side("a", "O", "X"), 0, 60), at(side("b", "O", "Y"), 61, 5), policy=NEWEST).value == "Y"


def test_the_items_own_word_has_no_time_so_that_the_newest_is_not_known() -> None:
    assert merge("Z", at(side("a", "O", "X"), 0), at(side("b", "Z", "Y"), 9), policy=NEWEST).held
    assert merge("Z", at(side("a", "O", "X"), 0), side("b", "Z", "Z"), policy=NEWEST).held
