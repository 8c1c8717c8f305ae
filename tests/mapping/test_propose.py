"""What `init` proposes: the obvious correspondences, valid as a mapping, and nothing far-fetched."""

from __future__ import annotations

from ruamel.yaml import YAML

from syncer.adapter import Can
from syncer.mapping.propose import Said, kind_for, propose, propose_owners
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


KINDS_OF = (Option("s", "Story"), Option("u", "User story"), Option("b", "Bug"), Option("w", "Wish"))

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
    text = propose("backlog", Schema({t.id: t for t in types}), Said(kinds)).text
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


def test_a_person_who_says_what_the_records_are_is_believed() -> None:
    roadmap = _type("Roadmap", FieldSpec("n", "Name", T.LINE), FieldSpec("t", "Type", T.CHOICE, options=KINDS_OF))
    assert list(_proposed(roadmap, kinds=("initiative",)).kinds) == ["initiative"]
    assert list(_proposed(roadmap).kinds) == ["story", "bug"]


def test_a_type_is_what_a_person_says_it_is() -> None:
    epic = _type("Epic", FieldSpec("s", "Summary", T.LINE))
    found = propose("b", Schema({"story": BACKLOG, "epic": epic}), Said(types={"epic": "feature"}))
    rows = _type("rows", FieldSpec("n", "Name", T.LINE), FieldSpec("t", "Type", T.CHOICE, options=KINDS_OF))
    sorted_out = propose("r", Schema({"rows": rows}), Said(types={"Wish": "feature"}))

    assert list(found.kinds) == ["feature", "story"]
    assert "record: Epic" in found.text
    assert set(sorted_out.kinds) == {"feature", "story", "bug"}
    assert "when: {Type: Wish}" in sorted_out.text


def test_a_field_that_says_what_a_record_is_makes_several_kinds_of_one_type() -> None:
    rows = _type("rows.csv", FieldSpec("n", "Name", T.LINE), FieldSpec("t", "Type", T.CHOICE, options=KINDS_OF))
    found = propose("rows", Schema({rows.id: rows}))
    kinds = MappingSpec.model_validate(YAML(typ="safe").load(found.text)).kinds
    assert {kind: block.when for kind, block in kinds.items()} == {
        "story": {"Type": ("Story", "User story")}, "bug": {"Type": ("Bug",)},
    }  # fmt: skip
    assert found.open == ("Type: Wish is no kind we know",)


def test_a_table_lists_what_its_first_column_is_called() -> None:
    sheet = _type("Sheet1", FieldSpec("f", "Feature", T.LINE), FieldSpec("e", "Epic", T.LINE))
    assert list(_proposed(sheet).kinds) == ["feature"]


def test_the_first_plain_text_is_the_title_where_none_is_called_so() -> None:
    odd = _type("Risk", FieldSpec("i", "ID", T.LINE), FieldSpec("w", "What may happen", T.LINE))
    assert _proposed(odd).kinds["risk"].fields["title"].field == "What may happen"


def test_one_range_of_dates_holds_a_start_and_a_due_date() -> None:
    dated = _type("Feature", FieldSpec("n", "Name", T.LINE), FieldSpec("d", "Dates", T.PERIOD))
    fields = _proposed(dated).kinds["feature"].fields
    assert (fields["start"].field, fields["start"].part) == ("Dates", "start")
    assert (fields["due"].field, fields["due"].part) == ("Dates", "end")


def test_what_a_side_demands_and_nothing_gives_is_for_a_person_to_decide() -> None:
    strict = _type("Bug", FieldSpec("s", "Summary", T.LINE), FieldSpec("b", "Build", T.LINE, required=True))
    found = propose("bugs", Schema({"bug": strict}))
    assert found.open == ("bug: Build must have a value in a new record; map it, or give it a default",)
    assert "#   bug: Build must have a value" in found.text


def test_a_side_that_makes_no_records_is_not_asked_to() -> None:
    text = propose("backlog", Schema({"story": BACKLOG}), can=Can.FEED).text
    assert MappingSpec.model_validate(YAML(typ="safe").load(text)).kinds["story"].creates is False


def test_a_text_column_gets_the_usual_words_beside_those_it_shows() -> None:
    seen = (Option("Doing", "Doing"), Option("Parked", "Parked"))
    status = FieldSpec("s", "Status", T.LINE, options=seen, open_options=True)
    entry = _proposed(_type("Task", FieldSpec("n", "Name", T.LINE), status)).kinds["task"].fields["status"]
    assert entry.values["doing"] == ("Doing",)
    assert "Closed" in entry.values["done"]


def test_the_side_that_knows_most_of_a_kind_owns_it_and_the_next_what_it_lacks() -> None:
    sides = {
        "sheet": {"feature": ["title", "votes"]},
        "notion": {"feature": ["title", "status", "owner"]},
        "form": {"feature": ["title", "votes"]},
    }
    assert propose_owners(sides) == {"feature.*": "notion", "feature.votes": "sheet"}
