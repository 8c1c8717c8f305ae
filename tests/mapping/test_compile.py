"""Names become ids, and every name that fits nothing becomes a complaint at its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.engine.names import Directory
from syncer.mapping.compile import compile_rules, compile_side
from syncer.mapping.load import GapError
from syncer.mapping.rules import Direction
from syncer.record import FieldSpec, FieldType, Option, Record, Ref, Schema

NAMES = Directory()
T = FieldType


def _with(texts, lines: str) -> str:
    return texts[1] + "".join(f"      {line}\n" for line in lines.splitlines())


def test_a_field_is_found_by_name_id_or_alias(load, texts, make_schema):
    extra = FieldSpec("cf_1", "Points", T.NUMBER, aliases=("Story Points",))
    for name in ("Points", "cf_1", "story points"):
        rules, problems = compile_side(load(mapping=_with(texts, f"points: {name}")), "backlog", make_schema(extra))

        assert rules.kinds["story"].fields["points"].record_field == "cf_1"
        assert problems == []


def test_an_unknown_field_is_named_with_the_nearest(load, texts, make_schema):
    _, problems = compile_side(load(mapping=texts[1].replace("Status", "Stauts")), "backlog", make_schema())

    assert [p.position.line for p in problems] == [8]
    assert 'Did you mean "Status"?' in str(problems[0])


def test_an_unknown_option_is_named_with_the_nearest(load, texts, make_schema):
    _, problems = compile_side(load(mapping=texts[1].replace("doing: Doing", "doing: Doign")), "backlog", make_schema())

    assert "Doign" in str(problems[0])
    assert 'Did you mean "Doing"?' in str(problems[0])


def test_an_option_without_a_counterpart_is_a_gap_and_stops_nothing(load, texts, make_schema):
    mapping = texts[1].replace("done: [Done, Closed]", "done: Done")
    rules, problems = compile_side(load(mapping=mapping), "backlog", make_schema())

    assert [type(p) for p in problems] == [GapError]
    assert "Closed" in str(problems[0])
    assert rules.kinds["story"].fields["status"].read("13", NAMES).unreadable


def test_two_of_ours_on_one_option_and_two_options_on_one_of_ours_stay_as_they_are(load, make_schema):
    rules, _ = compile_side(load(), "backlog", make_schema())
    status = rules.kinds["story"].fields["status"]

    assert status.read("10", NAMES).value == "idea"
    assert not status.read("10", NAMES).exact
    assert status.fits("10", "planned", NAMES)
    assert status.write("planned", "10", NAMES) == "10"
    assert status.read("13", NAMES).value == "done"
    assert status.write("done", "13", NAMES) == "13"
    assert status.write("done", "11", NAMES) == "12"


@pytest.mark.parametrize(("start", "due"), [(None, None), ("2026-01-02", None), (None, "2026-02-03"),
                                            ("2026-01-02", "2026-02-03")])  # fmt: skip
@pytest.mark.parametrize(
    "ends", [None, ("2025-05-05", None), ("2025-05-05", "2025-06-06"), ("2025-05-05", "2025-05-05")]
)
def test_one_range_holds_start_and_due_and_any_of_them_alone(load, texts, make_schema, start, due, ends):
    mapping = _with(texts, "start: {field: Dates, part: start}\ndue: {field: Dates, part: end}")
    rules, _ = compile_side(load(mapping=mapping), "backlog", make_schema(FieldSpec("d", "Dates", T.PERIOD)))
    fields = rules.kinds["story"].fields

    raw = dict(zip(("start", "end"), ends, strict=True)) if ends else None
    for name, value in (("due", due), ("start", start)):
        raw = fields[name].write(value, raw, NAMES)

    assert fields["start"].fits(raw, start, NAMES)
    assert fields["due"].fits(raw, due, NAMES)
    assert fields["start"].read(raw, NAMES).value == start or due == start


def test_conditions_policies_and_custom_fields_arrive(load, texts, make_schema):
    mapping = _with(texts, "custom.tier: {field: Tier, type: choice, policy: 'owner: backlog'}").replace(
        "    record: Story",
        "    record: Story\n    where: {team: Core, status: {not: [idea]}}\n    births: {labels: [go]}",
    )
    config = load(mapping=mapping)
    tier = FieldSpec("t", "Tier", T.CHOICE, options=(Option("g", "Gold"),))
    rules, problems = compile_side(config, "backlog", make_schema(tier))
    kind = rules.kinds["story"]

    assert problems == []
    assert all(c.holds({"team": "Core", "status": "done"}) for c in kind.item_where)
    assert not all(c.holds({"team": "Core", "status": "idea"}) for c in kind.item_where)
    assert kind.record_where[0].holds({"labels": ["go"]})
    assert kind.fields["custom.tier"].read("g", NAMES).value == "Gold"
    assert compile_rules(config, {"backlog": rules}).policy("story", "custom.tier").prefer == ("backlog",)


def test_what_the_system_keeps_for_itself_is_only_heard_and_what_we_compute_is_only_said(load, texts, make_schema):
    extra = (FieldSpec("c", "Created", T.INSTANT), FieldSpec("w", "Who", T.LINE, writable=False))
    rules, _ = compile_side(
        load(mapping=_with(texts, "created_at: Created\nrole: Who")), "backlog", make_schema(*extra)
    )

    assert rules.kinds["story"].fields["created_at"].direction is Direction.IN
    assert rules.kinds["story"].fields["role"].direction is Direction.IN


def test_a_flag_among_options_is_the_only_option_or_the_one_that_is_named(load, texts, make_schema):
    one = FieldSpec("cf_2", "Flagged", T.SET, options=(Option("9", "Impediment"),))
    two = FieldSpec("cf_2", "Flagged", T.SET, options=(Option("9", "Impediment"), Option("8", "Note")))
    rules, problems = compile_side(load(mapping=_with(texts, "blocked: Flagged")), "backlog", make_schema(one))
    assert problems == [] and rules.kinds["story"].fields["blocked"].write(True, None, NAMES) == ["9"]

    _, problems = compile_side(load(mapping=_with(texts, "blocked: Flagged")), "backlog", make_schema(two))
    assert "which option of 'Flagged' says yes?" in str(problems[0])
    named = _with(texts, "blocked: {field: Flagged, values: {true: Note}}")
    rules, problems = compile_side(load(mapping=named), "backlog", make_schema(two))
    assert problems == [] and rules.kinds["story"].fields["blocked"].write(True, None, NAMES) == ["8"]


def test_money_in_a_plain_number_needs_its_currency(load, texts, make_schema):
    extra = FieldSpec("cf_3", "Budget", T.NUMBER)
    mapping = texts[1] + "      custom.budget: {field: Budget, type: money}\n"
    _, problems = compile_side(load(mapping=mapping), "backlog", make_schema(extra))
    assert "add `currency: EUR`" in str(problems[0])

    mapping = texts[1] + "      custom.budget: {field: Budget, type: money, currency: EUR}\n"
    rules, problems = compile_side(load(mapping=mapping), "backlog", make_schema(extra))
    assert problems == []
    assert rules.kinds["story"].fields["custom.budget"].read(5, NAMES).value == {"amount": "5", "currency": "EUR"}


def test_several_record_types_are_one_kind_and_new_ones_are_of_the_first(load, texts, make_schema):
    story = make_schema().types["1"]
    more = (*story.fields["status"].options, Option("77", "Explored"))
    spike = replace(story, id="2", name="Spike", fields={"status": replace(story.fields["status"], options=more)})
    mapping = texts[1].replace("record: Story", "record: [Story, Spike]").replace("Closed]", "Closed, Explored]")
    rules, problems = compile_side(load(mapping=mapping), "backlog", Schema({"1": story, "2": spike}))
    kind = rules.kinds["story"]

    assert problems == []
    assert (kind.record_type, kind.also) == ("1", ("2",))
    assert rules.rule_for(Record(Ref("r"), "2", {})) is kind
    assert kind.fields["status"].read("77", NAMES).value == "done"


def test_an_unknown_record_type_among_several_is_named(load, texts, make_schema):
    mapping = texts[1].replace("record: Story", "record: [Story, Sory]")
    _, problems = compile_side(load(mapping=mapping), "backlog", make_schema())

    assert "unknown record type 'Sory'" in str(problems[0]) and 'Did you mean "Story"?' in str(problems[0])
