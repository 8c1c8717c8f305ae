"""What is renamed in a tool is reported as renamed, with what it concerns, and nothing is guessed."""

from __future__ import annotations

from dataclasses import replace

from syncer.mapping.compile import compile_side
from syncer.mapping.drift import Former
from syncer.record import FieldSpec, FieldType, Option, Schema

POINTS = FieldSpec("cf_1", "Story points", FieldType.NUMBER)


def changed(schema: Schema, field: str, **now: object) -> Schema:
    story = schema.types["1"]
    spec = replace(story.fields[field], **now)
    return Schema({"1": replace(story, fields={**story.fields, field: spec})})


def test_a_renamed_field_is_named_with_its_new_name_and_what_it_concerns(load, texts, make_schema):
    config = load(mapping=texts[1] + "      points: Story points\n")
    former = Former(make_schema(POINTS), {"cf_1": 7}.__getitem__)
    live = changed(make_schema(POINTS), "cf_1", name="Estimate")
    rules, (problem,) = compile_side(config, "backlog", live, former)

    assert "'Story points' of backlog is now called 'Estimate'; 7 linked records have a value there" in problem.message
    assert problem.hint == 'write "Estimate" here'
    assert "points" not in rules.kinds["story"].fields, "nothing is guessed"


def test_a_field_that_went_and_another_that_came_are_no_renaming(load, texts, make_schema):
    config = load(mapping=texts[1] + "      points: Story points\n")
    live = make_schema(replace(POINTS, id="cf_2", name="Estimate"))
    _, (problem,) = compile_side(config, "backlog", live, Former(make_schema(POINTS)))

    assert "unknown field 'Story points'" in problem.message


def test_a_renamed_option_is_named_with_its_new_name(load, make_schema):
    options = tuple(
        Option(o.id, "Shipped" if o.name == "Done" else o.name)
        for o in make_schema().types["1"].fields["status"].options
    )
    live = changed(make_schema(), "status", options=options)
    problems = compile_side(load(), "backlog", live, Former(make_schema()))[1]

    assert any("'Done' of backlog is now called 'Shipped'" in p.message for p in problems)


def test_a_renamed_record_type_is_named_with_its_new_name(load, make_schema):
    story = make_schema().types["1"]
    live = Schema({"1": replace(story, name="User story"), "2": replace(story, id="2", name="Other")})
    (problem,) = compile_side(load(), "backlog", live, Former(make_schema()))[1]

    assert "'Story' of backlog is now called 'User story'" in problem.message
