"""What `init` proposes: the obvious correspondences, valid as a mapping, and nothing far-fetched."""

from __future__ import annotations

from ruamel.yaml import YAML

from syncer.mapping.propose import kind_for, propose, propose_owners
from syncer.mapping.spec import MappingSpec
from syncer.record import FieldSpec, FieldType, Option, RecordType, Schema

T = FieldType
STATUS = (
    Option("1", "To Do", "new"),
    Option("2", "In Progress", "indeterminate"),
    Option("3", "Waiting for legal", "indeterminate"),
    Option("4", "Done", "done"),
    Option("5", "Closed", "done"),
)


def _type(name: str, *fields: FieldSpec) -> RecordType:
    return RecordType(name.lower(), name, {f.id: f for f in fields})


BACKLOG = _type(
    "Story",
    FieldSpec("summary", "Summary", T.LINE, required=True),
    FieldSpec("description", "Description", T.DOCUMENT, format="adf"),
    FieldSpec("status", "Status", T.CHOICE, options=STATUS),
    FieldSpec("assignee", "Assignee", T.PERSON),
    FieldSpec("duedate", "Due date", T.DATE),
    FieldSpec("customfield_10016", "Story Points", T.NUMBER),
    FieldSpec("customfield_10050", "Colour of the team's mood", T.LINE),
)


def _proposed(*types: RecordType, kinds: tuple[str, ...] = ()) -> MappingSpec:
    text = propose("backlog", Schema({t.id: t for t in types}), kinds).text
    return MappingSpec.model_validate(YAML(typ="safe").load(text))


def test_fields_are_found_under_the_names_teams_give_them() -> None:
    fields = _proposed(BACKLOG).kinds["story"].fields
    named = {name: entry.field for name, entry in fields.items()}
    assert named == {
        "title": "Summary", "body": "Description", "status": "Status", "owner": "Assignee", "due": "Due date",
        "points": "Story Points",
    }  # fmt: skip


def test_every_status_of_the_side_gets_a_place_by_name_or_category() -> None:
    entry = _proposed(BACKLOG).kinds["story"].fields["status"]
    assert {option for options in entry.values.values() for option in options} == {o.name for o in STATUS}
    assert entry.values["doing"] == ("In Progress", "Waiting for legal")
    assert entry.values["done"] == ("Done", "Closed")


def test_an_idea_shows_as_to_do_and_to_do_still_reads_as_planned() -> None:
    entry = _proposed(BACKLOG).kinds["story"].fields["status"]
    assert entry.values["idea"] == entry.values["planned"] == ("To Do",)
    assert entry.read["To Do"] == "planned"


def test_what_is_left_out_is_named_in_a_comment() -> None:
    assert "#   Colour of the team's mood" in propose("backlog", Schema({"story": BACKLOG})).text


def test_a_field_of_another_type_is_not_proposed_for_its_name_alone() -> None:
    odd = _type("Bug", FieldSpec("t", "Title", T.LINE), FieldSpec("d", "Due date", T.FLAG))
    assert set(_proposed(odd).kinds["bug"].fields) == {"title"}


def test_two_fields_of_one_name_are_proposed_by_id() -> None:
    twins = _type(
        "Epic", FieldSpec("a", "Summary", T.LINE), FieldSpec("p1", "Team", T.CHOICE), FieldSpec("p2", "Team", T.CHOICE)
    )
    assert _proposed(twins).kinds["epic"].fields["team"].field in ("p1", "p2")


def test_a_kind_is_told_by_the_record_types_name_else_by_the_hint() -> None:
    assert kind_for(_type("Sub-task")) == "subtask"
    assert kind_for(_type("Product Roadmap")) == "feature"
    assert kind_for(_type("Sheet1"), ["feature"]) == "feature"
    assert kind_for(_type("Sheet1")) == ""


def test_a_computed_score_is_only_written_or_compared() -> None:
    name, rice = FieldSpec("n", "Name", T.LINE), FieldSpec("r", "RICE", T.NUMBER, writable=False)
    assert _proposed(_type("Feature", name, rice)).kinds["feature"].fields["score"].direction == "compare"


def test_a_kind_on_two_sides_gets_an_owner() -> None:
    assert propose_owners({"notion": {"feature": ["title"], "goal": ["title"]}, "sheet": {"feature": ["title"]}}) == {
        "feature.*": "notion"
    }
