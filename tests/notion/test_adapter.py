"""The adapter's verbs against the sandbox, through the real client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from syncer_notion.sandbox.seed import PERSON_TOKEN

from syncer.adapter import Adapter, Can
from syncer.errors import NotFoundError, ReadOnlyError, RejectedError
from syncer.record import Change, Draft, FieldType, Gone, GoneKind, Record, Ref

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def test_it_signs_the_contract(desk: Any) -> None:
    assert isinstance(desk.adapter, Adapter)
    assert desk.adapter.traits.can == Can.ALL & ~(Can.TELLS_OVERWRITTEN | Can.TELLS_HISTORY)
    assert desk.adapter.traits.account == next(iter(desk.sandbox.state.users))


def test_every_property_type_has_a_field_and_the_tag_is_ours(desk: Any) -> None:
    fields = desk.adapter.schema().types[desk.adapter.source].fields
    types = {spec.name: spec.type for spec in fields.values()}

    assert "Syncer ID" not in types
    assert types["Name"] is FieldType.LINE
    assert types["When"] is FieldType.PERIOD
    assert types["Goals"] is FieldType.REFERENCES
    assert types["Votes"] is FieldType.NUMBER
    assert fields["body"].costly
    assert {spec.name for spec in fields.values() if not spec.writable} == {
        "Score", "Votes", "No", "Created", "Author", "Edited", "Editor",
    }  # fmt: skip
    goals = fields[desk.ids["Goals"]]
    assert goals.targets == (next(s["id"] for s in desk.sandbox.state.sources.values() if s["name"] == "Goals"),)


def test_a_status_shows_its_default_where_nothing_was_said(desk: Any) -> None:
    spec = desk.adapter.schema().types[desk.adapter.source].fields[desk.ids["Status"]]
    made = desk.create()
    done = next(o.id for o in spec.options if o.name == "Done")
    cleared = desk.update(desk.update(made, Status=done), Status=None)

    assert next((o.name, o.category) for o in spec.options) == ("Not started", "To-do")
    assert made.fields[spec.id] == spec.absent_shows == spec.options[0].id
    assert cleared.fields[spec.id] == spec.absent_shows
    assert desk.adapter.normal(spec.id, None) == spec.absent_shows


def test_every_writable_value_comes_back_as_written(desk: Any) -> None:
    ada, bob = (desk.account(f"{name}@example.com") for name in ("ada", "bob"))
    (goal,) = desk.goals(1)
    given = {
        "Notes": "naïve 🙂\nsecond line", "Reach": 12.5, "Live": True, "Link": "https://example.com/a?b=c",
        "Mail": "a@example.com", "Phone": "+49 30 123", "Owners": sorted([ada, bob]), "Goals": [goal],
        "When": {"start": "2026-01-01", "end": "2026-02-01"},
        "Files": [{"name": "plan.pdf", "url": "https://example.com/plan.pdf?v=2"}],
        "Place": [{"lat": 52.5, "lon": 13.4, "name": "Office"}], "Checked": "verified",
    }  # fmt: skip
    made = desk.create(**given)
    read = desk.read(made.ref)

    for name, value in given.items():
        assert read.fields[desk.ids[name]] == value == desk.adapter.normal(desk.ids[name], value), name
    assert (made.label, read.tag) == ("Search", desk.tag())
    assert read.fields[desk.ids["No"]] == "FEAT-1"
    assert read.fields[desk.ids["Author"]] == desk.adapter.traits.account


def test_a_hosted_file_stays_when_another_is_added_and_its_signature_is_no_change(desk: Any) -> None:
    made, files = desk.create(), desk.ids["Files"]
    hosted = {"type": "file", "name": "draft.png", "file": {"url": "https://files.example/1/draft.png"}}
    desk.sandbox.edit({"page": made.ref, "value": {files: [hosted]}})
    first, second = desk.read(made.ref), desk.read(made.ref)
    spec = {"name": "spec", "url": "https://example.com/spec"}
    after = desk.update(made, Files=[spec])
    held = desk.sandbox.state.pages[made.ref]["properties"][files]

    assert first.fields[files] == second.fields[files] == [{"name": "draft.png", "url": hosted["file"]["url"]}]
    assert after.fields[files] == [spec, *first.fields[files]]
    assert held[1] == hosted


def test_a_file_without_an_address_is_refused(desk: Any) -> None:
    with pytest.raises(RejectedError) as refusal:
        desk.create(Files=[{"name": "plan.pdf", "url": ""}])

    assert set(refusal.value.fields) == {desk.ids["Files"]}


def test_what_a_person_verified_can_expire_and_is_not_written(desk: Any) -> None:
    made = desk.create(Checked="verified")
    expired = {"state": "expired", "date": None, "verified_by": None}
    desk.sandbox.edit({"page": made.ref, "value": {desk.ids["Checked"]: expired}})

    assert desk.ids["Checked"] not in desk.read(made.ref).fields
    assert "expired" in desk.read(made.ref).unreadable[desk.ids["Checked"]]
    with pytest.raises(RejectedError):
        desk.update(made, Checked="expired")


def test_an_instant_is_compared_as_an_instant(desk: Any) -> None:
    made = desk.create(When={"start": "2026-03-01T10:00:00+02:00", "end": None})

    assert made.fields[desk.ids["When"]] == {"start": "2026-03-01T08:00:00Z", "end": None}
    assert (
        desk.adapter.normal(desk.ids["When"], {"start": "2026-03-01T10:00:00+02:00"}) == made.fields[desk.ids["When"]]
    )


def test_an_unknown_choice_creates_its_option_and_is_known_from_then_on(desk: Any) -> None:
    made = desk.create(Priority="Urgent", Labels=["new", "ui"])
    spec = desk.adapter.schema().types[desk.adapter.source].fields

    assert made.fields[desk.ids["Priority"]] in {o.id for o in spec[desk.ids["Priority"]].options if o.name == "Urgent"}
    assert made.fields[desk.ids["Priority"]] == desk.adapter.normal(desk.ids["Priority"], "urgent")
    assert made.fields[desk.ids["Labels"]] == desk.adapter.normal(desk.ids["Labels"], ["ui", "new"])


def test_an_unknown_status_is_refused_with_its_field(desk: Any) -> None:
    made = desk.create()
    with pytest.raises(RejectedError) as refusal:
        desk.update(made, Status="Nowhere")

    assert set(refusal.value.fields) == {desk.ids["Status"]}


def test_the_vendors_refusal_names_the_property_and_nothing_of_the_group_is_written(desk: Any) -> None:
    made = desk.create(Reach=1)
    with pytest.raises(RejectedError) as refusal:
        desk.update(made, Reach=2, Link="x" * 3000)

    assert set(refusal.value.fields) == {desk.ids["Link"]}
    assert desk.read(made.ref).fields[desk.ids["Reach"]] == 1


@pytest.mark.parametrize("count", [25, 30, 120])
def test_relations_beyond_those_shown_are_read_in_full(desk: Any, count: int) -> None:
    made, goals = desk.create(), desk.goals(count)
    state = desk.sandbox.state
    page = state.pages[made.ref]
    page["properties"][desk.ids["Goals"]] = goals
    state.touch(page, desk.account("ada@example.com"))
    desk.settle()
    listed = [r for batch in desk.adapter.list() for r in batch.records]

    assert desk.read(made.ref).fields[desk.ids["Goals"]] == sorted(goals)
    assert [r.fields[desk.ids["Goals"]] for r in listed] == [sorted(goals)]


def test_a_relation_gains_and_loses_only_what_was_meant(desk: Any) -> None:
    first, second, third, fourth = desk.goals(4)
    made = desk.create(Goals=sorted([first, second]))
    state = desk.sandbox.state
    state.change_page(
        state.pages[made.ref],
        {"Goals": {"relation": [{"id": g} for g in (first, second, third)]}},
        desk.account("ada@example.com"),
    )
    after = desk.update(made, Goals=sorted([second, fourth]))

    assert after.fields[desk.ids["Goals"]] == sorted([second, third, fourth])


def test_more_relations_than_one_request_takes_are_refused_not_cut(desk: Any) -> None:
    made = desk.create(Goals=sorted(desk.goals(30)))
    with pytest.raises(RejectedError) as refusal:
        desk.update(made, Goals=sorted(desk.goals(101)))

    assert set(refusal.value.fields) == {desk.ids["Goals"]}
    assert len(desk.read(made.ref).fields[desk.ids["Goals"]]) == 30


def test_a_relation_that_is_no_longer_shared_is_unreadable_and_not_empty(desk: Any, again: Callable[..., Any]) -> None:
    made = desk.create(Goals=desk.goals(1))
    goals = next(s["id"] for s in desk.sandbox.state.sources.values() if s["name"] == "Goals")
    desk.sandbox.edit({"share": goals, "on": False})
    read = again(desk.sandbox).read(made.ref)

    assert desk.ids["Goals"] not in read.fields
    assert "not shared" in read.unreadable[desk.ids["Goals"]]


def test_people_are_known_by_mail(desk: Any) -> None:
    people = {a.email: a for a in desk.connection.people()}

    assert people["ada@example.com"].id == desk.account("ada@example.com")
    assert people["ada@example.com"].name == "Ada Lovelace"


def test_collections_are_offered_as_settings(desk: Any) -> None:
    offered = {c.name: c.settings for c in desk.connection.collections()}

    assert offered["Features"] == {"data_source": desk.adapter.source}
    assert set(offered) == {"Features", "Goals"}


def test_find_sees_a_create_after_the_lag(desk: Any) -> None:
    made = desk.create()
    early = desk.adapter.find([desk.tag(), desk.tag(2)], NOW)
    desk.settle()
    late = desk.adapter.find([desk.tag(), desk.tag(2)], NOW)

    assert early.records == {}
    assert {tag: record.ref for tag, record in late.records.items()} == {desk.tag(): made.ref}
    assert late.proves_absence


def test_many_tags_are_found_in_few_requests(desk: Any) -> None:
    for n in range(60):
        desk.create(n=n)
    desk.settle()
    desk.calls()
    found = desk.adapter.find([desk.tag(n) for n in range(60)], NOW)

    assert len(found.records) == 60
    assert len(desk.calls()) == 2


def test_a_removed_page_says_how_it_is_gone(desk: Any) -> None:
    trashed, purged, moved = (desk.create(n=n).ref for n in range(3))
    desk.adapter.archive(trashed)
    desk.sandbox.edit({"purge": purged})
    goals = next(s["id"] for s in desk.sandbox.state.sources.values() if s["name"] == "Goals")
    state = desk.sandbox.state
    state.pages[moved]["source"] = goals
    state.pages[moved]["properties"] = {p["id"]: [] for p in state.sources[goals]["properties"].values()}
    found = desk.adapter.get([trashed, purged, moved])

    assert found[trashed] == Gone(trashed, GoneKind.TRASHED)
    assert isinstance(found[purged], Gone) and found[purged].kind is GoneKind.HIDDEN
    assert found[moved] == Gone(moved, GoneKind.MOVED, goals)


def test_archive_is_the_trash_and_restore_takes_it_out(desk: Any) -> None:
    made = desk.create(Reach=3)
    desk.adapter.archive(made.ref)
    back = desk.adapter.restore(made.ref)

    assert (back.fields[desk.ids["Reach"]], back.tag) == (3, desk.tag())
    with pytest.raises(NotFoundError):
        desk.adapter.restore(Ref("00000000-0000-4000-8000-000000000001"))


def test_without_the_tags_property_creates_cannot_be_found_and_check_says_so(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(tag_property="Nonesuch")
    can = desk.adapter.traits.can
    health = desk.connection.check()

    assert not can & (Can.TAG | Can.TAG_IN_CREATE)
    assert desk.adapter.traits.find_lag is None
    assert "Nonesuch" in health.notes[0]


def test_check_names_what_is_not_shared(desk: Any) -> None:
    desk.sandbox.edit({"share": desk.adapter.source, "on": False})
    health = desk.connection.check()

    assert health.account == "Syncer"
    assert desk.adapter.source in health.missing_permissions[0]


def test_a_read_only_connection_sends_no_write(desk: Any, again: Callable[..., Any]) -> None:
    made = desk.create()
    reader = again(desk.sandbox, write=False)
    desk.calls()
    for write in (
        lambda: reader.create(n=2),
        lambda: reader.update(made, Reach=1),
        lambda: reader.adapter.archive(made.ref),
        lambda: reader.adapter.mark(made.ref, reader.tag(3)),
        # Past our own client: the gate is in front of the socket.
        lambda: reader.connection._client._client.pages.update(made.ref, in_trash=True),
    ):
        with pytest.raises(ReadOnlyError):
            write()

    assert reader.read(made.ref).label == "Search"
    assert {method for method, _ in desk.calls()} == {"GET"}


def test_marks_in_a_text_property_survive_while_it_is_not_edited(desk: Any) -> None:
    made = desk.create()
    state = desk.sandbox.state
    bold = {"type": "text", "text": {"content": "bold"}, "annotations": {"bold": True}}
    state.change_page(state.pages[made.ref], {"Notes": {"rich_text": [bold]}}, desk.account("ada@example.com"))
    after = desk.update(desk.read(made.ref), Reach=5)

    assert after.fields[desk.ids["Notes"]] == "bold"
    assert state.pages[made.ref]["properties"][desk.ids["Notes"]][0]["annotations"]["bold"]


def test_a_renamed_property_keeps_its_id(desk: Any) -> None:
    made = desk.create(Reach=7)
    desk.sandbox.edit({"rename": "Reach", "in": desk.adapter.source, "to": "Audience"})
    fields = desk.adapter.schema().types[desk.adapter.source].fields

    assert fields[desk.ids["Reach"]].name == "Audience"
    assert desk.update(made, Reach=8).fields[desk.ids["Reach"]] == 8


def test_a_persons_edit_within_the_minute_is_not_settled(desk: Any, again: Callable[..., Any]) -> None:
    made = desk.create()
    ours = desk.read(made.ref)
    again(desk.sandbox, token=PERSON_TOKEN).update(made, Reach=9)
    theirs = desk.read(made.ref)
    desk.sandbox.clock.advance(61)
    later = desk.read(made.ref)

    assert (ours.settled, theirs.settled, later.settled) == (True, False, True)
    assert theirs.edited_by == desk.account("ada@example.com")
    assert theirs.version != ours.version


def test_a_title_is_required_and_a_vanished_property_is_named(desk: Any) -> None:
    with pytest.raises(RejectedError) as refusal:
        desk.adapter.create(Draft(desk.adapter.source, {"title": "x", "gone": 1}, desk.tag()))

    assert set(refusal.value.fields) == {"gone"}
    assert isinstance(desk.read(desk.create().ref), Record)
    with pytest.raises(RejectedError):
        desk.adapter.update(desk.create(n=2).ref, desk.adapter.source, {desk.ids["No"]: Change(None, "FEAT-9")})


def test_a_relation_to_a_page_that_is_no_more_is_refused_and_the_record_is_not_called_missing(desk: Any) -> None:
    made, (goal,) = desk.create(), desk.goals(1)
    desk.sandbox.edit({"purge": goal})
    with pytest.raises(RejectedError) as refusal:
        desk.update(made, Goals=[goal])

    assert set(refusal.value.fields) == {desk.ids["Goals"]}
    assert desk.read(made.ref).ref == made.ref
