"""The Jira adapter keeps its contract against the sandbox, through the real `jira` library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from syncer_jira.adapter import CollectionSettings, JiraAdapter, JiraConnection
from syncer_jira.sandbox.server import JiraSandbox

from syncer.adapter import EVER
from syncer.errors import RejectedError, UnknownOutcomeError, UnreachableError
from syncer.record import Batch, Change, Cursor, Draft, FieldType, Gone, Record, Ref, Tag
from syncer.testing.server import Fault

STORY, BUG = "10001", "10003"
POINTS, SPRINT = "customfield_10016", "customfield_10020"
TAG = Tag("shop", "item-1", "line-1")


def one(adapter: JiraAdapter, ref: str) -> Record:
    found = adapter.get([Ref(ref)])[Ref(ref)]
    assert isinstance(found, Record)
    return found


def listed(adapter: JiraAdapter, since: Cursor | None = None) -> tuple[dict[str, Record], Batch]:
    batches = list(adapter.list(since))
    return {r.label: r for b in batches for r in b.records}, batches[-1]


def test_a_full_listing_is_complete_and_gives_a_cursor(adapter: JiraAdapter) -> None:
    records, last = listed(adapter)

    assert list(records) == ["SHOP-1", "SHOP-2", "SHOP-3"]
    assert last.complete
    assert last.cursor is not None
    assert records["SHOP-2"].fields["parent"] == records["SHOP-1"].ref
    assert records["SHOP-3"].fields[SPRINT] == "7"
    assert records["SHOP-3"].fields["assignee"] == "acc-ann"


def test_a_change_is_listed_after_the_index_caught_up_and_idle_costs_one_request(
    adapter: JiraAdapter, sandbox: JiraSandbox
) -> None:
    _, last = listed(adapter)
    sandbox.edit({"as": "ann@example.com", "issue": "SHOP-2", "fields": {"summary": "Pay by phone"}})
    at_once, _ = listed(adapter, last.cursor)
    sandbox.clock.advance(600)
    later, final = listed(adapter, last.cursor)
    sandbox.log.clear()
    sandbox.clock.advance(600)
    idle, _ = listed(adapter, final.cursor)

    assert at_once["SHOP-2"].fields["summary"] == "Pay by card"
    assert later["SHOP-2"].fields["summary"] == "Pay by phone"
    assert not final.complete
    assert idle == {}
    assert [line.route for line in sandbox.log] == ["POST /rest/api/3/search/jql"]


def test_a_long_listing_is_paged_to_its_end(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    for number in range(230):
        sandbox.edit({"create": {"summary": f"Story {number}"}})
    sandbox.clock.advance(10)
    batches = list(adapter.list())

    assert [len(b.records) for b in batches] == [100, 100, 33]
    assert [b.complete for b in batches] == [False, False, True]
    assert len({r.ref for b in batches for r in b.records}) == 233


def test_the_schema_names_options_categories_and_what_may_be_written(adapter: JiraAdapter) -> None:
    schema = adapter.schema()
    status, priority = schema.spec(STORY, "status"), schema.spec(STORY, "priority")
    parent, sprint = schema.spec(STORY, "parent"), schema.spec(STORY, SPRINT)

    assert status and [o.category for o in status.options] == ["new", "indeterminate", "indeterminate", "done"]
    assert not status.on_create
    assert priority and priority.absent_shows == "3"
    assert parent and parent.targets == ("10000",)
    assert sprint and [o.name for o in sprint.options] == ["Sprint 7", "Sprint 8"]
    assert (spec := schema.spec(BUG, POINTS)) and spec.type is FieldType.NUMBER
    assert (created := schema.spec(BUG, "created")) and not created.writable


def test_create_carries_the_tag_and_every_field_the_request_can(adapter: JiraAdapter) -> None:
    body = {"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}]}
    fields: dict[str, Any] = {
        "summary": "New",
        "description": body,
        "labels": ["a", "b"],
        "fixVersions": ["20"],
        "assignee": "acc-ann",
        "duedate": "2026-12-01",
        POINTS: 3,
        "status": "10003",
    }
    made = adapter.create(Draft(STORY, fields, TAG))

    assert made.tag == TAG
    assert {k: made.fields[k] for k in fields if k != "status"} == {k: v for k, v in fields.items() if k != "status"}
    assert made.fields["status"] == "10000"
    assert one(adapter, made.ref) == made


def test_an_update_is_one_request_and_leaves_other_peoples_labels(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    made = adapter.create(Draft(STORY, {"summary": "New", "labels": ["a"]}, TAG))
    sandbox.edit({"issue": made.label, "fields": {"labels": ["a", "theirs"]}})
    sandbox.log.clear()
    changes = {"labels": Change(["a"], ["b"]), "summary": Change("New", "Newer"), SPRINT: Change(None, "8")}
    after = adapter.update(made.ref, STORY, changes)

    assert [line.method for line in sandbox.log] == ["PUT"]
    assert (after.fields["labels"], after.fields["summary"], after.fields[SPRINT]) == (["b", "theirs"], "Newer", "8")
    assert after.tag == TAG
    assert after == one(adapter, made.ref)


def test_every_field_can_be_cleared_and_priority_shows_its_default(adapter: JiraAdapter) -> None:
    fields = {
        "summary": "New",
        "labels": ["a"],
        "duedate": "2026-12-01",
        "assignee": "acc-ann",
        "priority": "1",
        POINTS: 2,
    }
    made = adapter.create(Draft(STORY, fields, TAG))
    gone = {k: Change(v, None) for k, v in fields.items() if k != "summary"}
    after = adapter.update(made.ref, STORY, gone)

    assert {k: after.fields[k] for k in gone} == dict.fromkeys(gone) | {"priority": "3"}


def test_a_parent_is_taken_away(adapter: JiraAdapter) -> None:
    story = listed(adapter)[0]["SHOP-2"]

    assert adapter.update(story.ref, STORY, {"parent": Change(story.fields["parent"], None)}).fields["parent"] is None


def test_a_status_goes_alone_through_a_transition(adapter: JiraAdapter) -> None:
    story = listed(adapter)[0]["SHOP-2"]
    after = adapter.update(story.ref, STORY, {"status": Change("10000", "10003")})

    assert adapter.groups({"status", "summary", "labels"}) == [frozenset({"summary", "labels"}), frozenset({"status"})]
    assert after.fields["status"] == "10003"
    assert after.fields["resolution"] is not None


def test_a_status_that_no_transition_reaches_is_refused_with_what_is_reachable(
    adapter: JiraAdapter, sandbox: JiraSandbox
) -> None:
    sandbox.state.data["projects"][0]["workflow"] = [["To Do", "In Progress"]]
    story = listed(adapter)[0]["SHOP-2"]

    with pytest.raises(RejectedError) as refusal:
        adapter.update(story.ref, STORY, {"status": Change("10000", "10003")})

    assert "reachable: In Progress" in refusal.value.fields["status"]


def test_a_refused_value_names_its_field_and_nothing_is_written(adapter: JiraAdapter) -> None:
    story = listed(adapter)[0]["SHOP-2"]

    with pytest.raises(RejectedError) as refusal:
        adapter.update(story.ref, STORY, {"labels": Change([], ["two words"]), "summary": Change("", "ok")})

    assert list(refusal.value.fields) == ["labels"]
    assert one(adapter, story.ref) == story


@pytest.mark.parametrize("status", ["", "Done"])
def test_archive_hides_and_restore_brings_back(connect: Callable[..., JiraConnection], status: str) -> None:
    adapter = connect().open(CollectionSettings(project="SHOP", archive_status=status))
    story = listed(adapter)[0]["SHOP-2"]
    adapter.archive(story.ref)
    hidden = one(adapter, story.ref)
    back = adapter.restore(story.ref)

    assert hidden.archived
    assert hidden.fields["labels"] == ["pay"]
    assert (back.archived, back.fields) == (False, {**story.fields, "updated": back.fields["updated"]})


def test_a_mark_is_read_back_and_a_clone_does_not_inherit_it(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    story = listed(adapter)[0]["SHOP-2"]
    adapter.mark(story.ref, TAG)
    copy = sandbox.edit({"issue": "SHOP-2", "clone": True})

    assert one(adapter, story.ref).tag == TAG
    assert one(adapter, copy["id"]).tag is None


def test_a_deleted_issue_is_hidden_never_a_removal_and_a_moved_one_lives_on(
    adapter: JiraAdapter, sandbox: JiraSandbox
) -> None:
    records, _ = listed(adapter)
    sandbox.edit({"issue": "SHOP-2", "delete": True})
    sandbox.edit({"issue": "SHOP-3", "move": "OPS"})
    gone, moved = (adapter.get([records[k].ref])[records[k].ref] for k in ("SHOP-2", "SHOP-3"))

    assert isinstance(gone, Gone) and gone.kind == "hidden"
    assert isinstance(moved, Record) and (moved.label, moved.outside) == ("OPS-1", True)


def test_a_security_level_is_told(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    sandbox.edit({"issue": "SHOP-2", "security": "Board only"})

    assert one(adapter, "10002").restricted == "security level Board only"


def test_a_create_whose_answer_was_lost_is_sent_once_and_found_again(
    adapter: JiraAdapter, sandbox: JiraSandbox
) -> None:
    began = datetime.now(UTC)
    adapter.schema()
    sandbox.faults.append(Fault("POST", "/issue$", "after", "reset"))
    with pytest.raises(UnknownOutcomeError):
        adapter.create(Draft(STORY, {"summary": "Lost"}, TAG))
    too_early = adapter.find([TAG], began)
    sandbox.clock.advance(adapter.traits.find_lag or 0)
    found = adapter.find([TAG], began)

    assert TAG not in too_early.records
    assert found.records[TAG].fields["summary"] == "Lost"
    assert found.proves_absence
    assert sum(line.route == "POST /rest/api/3/issue" for line in sandbox.log) == 1


def test_find_ignores_tags_that_others_created_and_proves_absence(adapter: JiraAdapter) -> None:
    found = adapter.find([TAG], datetime.now(UTC) - timedelta(hours=1))

    assert (found.records, found.proves_absence) == ({}, True)


def test_a_rate_limit_is_waited_out_as_asked(connect: Callable[..., JiraConnection], sandbox: JiraSandbox) -> None:
    waits: list[float] = []
    adapter = connect(sleep=lambda s: (waits.append(s), sandbox.clock.advance(s))[0]).open(
        CollectionSettings(project="SHOP")
    )
    story = listed(adapter)[0]["SHOP-2"]
    sandbox.faults.append(Fault("PUT", ".*", "before", 429, headers={"Retry-After": "7"}))
    after = adapter.update(story.ref, STORY, {"summary": Change("", "Later")})

    assert after.fields["summary"] == "Later"
    assert 6 < sum(waits) <= 7.1


def test_the_burst_limit_answers_as_the_vendor_does(sandbox: JiraSandbox, adapter: JiraAdapter) -> None:
    sandbox.rate = 0.02
    for _ in range(5):
        one(adapter, "10001")
    refused = [line for line in sandbox.log if line.status == 429]

    assert refused


@pytest.mark.parametrize("kind", [500, 503, "reset"])
def test_a_read_is_repeated_one_request_an_attempt(adapter: JiraAdapter, sandbox: JiraSandbox, kind: int | str) -> None:
    adapter.schema()
    sandbox.log.clear()
    sandbox.faults.append(Fault("POST", "bulkfetch", "before", kind, times=2))
    one(adapter, "10001")

    assert len(sandbox.log) == 3


def test_no_server_is_unreachable_not_empty(connect: Callable[..., JiraConnection], sandbox: JiraSandbox) -> None:
    adapter = connect().open(CollectionSettings(project="SHOP"))
    sandbox.stop()

    with pytest.raises(UnreachableError):
        list(adapter.list())


def test_a_listing_with_warnings_proves_nothing(adapter: JiraAdapter, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter.schema()
    answer = {"issues": [], "isLast": True, "warnings": ["truncated"]}
    monkeypatch.setattr(adapter._client, "post", lambda path, body: answer)
    (batch,) = adapter.list()

    assert (batch.complete, batch.cursor, batch.notes) == (False, None, ("jira: truncated",))


def test_check_people_and_collections(connect: Callable[..., JiraConnection], sandbox: JiraSandbox) -> None:
    connection = connect()
    sandbox.state.data["users"][0]["denied"] = ["CREATE_ISSUES"]
    health = connection.check()
    del sandbox.state.data["users"][0]["denied"]

    assert (health.account, health.missing_permissions) == ("Syncer", ("CREATE_ISSUES",))
    assert [(p.id, p.email) for p in connection.people()][1] == ("acc-ann", "ann@example.com")
    assert [dict(c.settings) for c in connection.collections()] == [{"project": "SHOP"}, {"project": "OPS"}]


def test_types_and_a_clause_narrow_the_listing(connect: Callable[..., JiraConnection]) -> None:
    settings = CollectionSettings(project="SHOP", types=["Story", "Bug"], jql="labels = pay OR labels is empty")
    stories = listed(connect().open(settings))[0]
    paid = listed(connect().open(replace_jql(settings, "labels = pay")))[0]

    assert (list(stories), list(paid)) == (["SHOP-2", "SHOP-3"], ["SHOP-2"])


def test_a_change_that_leaves_the_filter_is_listed_and_costs_one_request_more(
    connect: Callable[..., JiraConnection], sandbox: JiraSandbox
) -> None:
    adapter = connect().open(CollectionSettings(project="SHOP", types=["Story", "Bug"], jql="status != Done"))
    sandbox.clock.advance(600)
    records, last = listed(adapter)
    sandbox.log.clear()
    idle, _ = listed(adapter, last.cursor)
    asked = [line.route for line in sandbox.log]
    sandbox.edit({"issue": "SHOP-1", "fields": {"summary": "An epic is no story"}})
    sandbox.edit({"issue": "SHOP-2", "status": "Done"})
    sandbox.edit({"issue": "SHOP-3", "fields": {"summary": "Wrong sum"}})
    sandbox.clock.advance(600)
    sandbox.log.clear()
    changed, _ = listed(adapter, last.cursor)

    assert (list(records), idle) == (["SHOP-2", "SHOP-3"], {})
    assert asked == ["POST /rest/api/3/search/jql"]
    assert {key: r.outside for key, r in changed.items()} == {"SHOP-1": True, "SHOP-2": True, "SHOP-3": False}
    assert [line.route for line in sandbox.log] == ["POST /rest/api/3/search/jql", "POST /rest/api/3/jql/match"]


def test_a_record_that_left_the_filter_says_so_when_it_is_read(
    connect: Callable[..., JiraConnection], sandbox: JiraSandbox
) -> None:
    adapter = connect(write=False).open(CollectionSettings(project="SHOP", jql="status != Done"))
    records, _ = listed(adapter)
    sandbox.edit({"issue": "SHOP-2", "status": "Done"})
    sandbox.edit({"issue": "SHOP-3", "move": "OPS"})
    sandbox.clock.advance(10)
    found = adapter.get([r.ref for r in records.values()])

    assert [isinstance(r, Record) and r.outside for r in found.values()] == [False, True, True]


def test_what_left_the_filter_is_found_by_its_tag(connect: Callable[..., JiraConnection], sandbox: JiraSandbox) -> None:
    adapter = connect().open(CollectionSettings(project="SHOP", jql="status != Done"))
    records, _ = listed(adapter)
    adapter.mark(records["SHOP-2"].ref, TAG)
    sandbox.edit({"issue": "SHOP-2", "status": "Done"})
    sandbox.clock.advance(600)

    assert "SHOP-2" not in listed(adapter)[0]
    assert adapter.find([TAG], datetime.now(UTC) - timedelta(days=3650)).records == {}
    assert [r.ref for r in adapter.find([TAG], EVER).records.values()] == [records["SHOP-2"].ref]


def replace_jql(settings: CollectionSettings, jql: str) -> CollectionSettings:
    return settings.model_copy(update={"jql": jql})


def test_an_unknown_query_is_refused_never_empty(connect: Callable[..., JiraConnection]) -> None:
    with pytest.raises(RejectedError):
        list(connect().open(CollectionSettings(project="SHOP", jql="nonsense = 3")).list())


def test_normal_is_what_is_read_back(adapter: JiraAdapter) -> None:
    given: dict[str, Any] = {"summary": "  padded ", "labels": ["b", "a", "b"], POINTS: 3.0}
    made = adapter.create(Draft(STORY, given, TAG))

    assert {k: made.fields[k] for k in given} == {k: adapter.normal(k, v) for k, v in given.items()}
