"""What the adapter keeps from run to run spares it every question but the one it came for, and cannot mislead it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from syncer_jira.adapter import CollectionSettings, JiraAdapter, JiraConnection
from syncer_jira.sandbox.server import JiraSandbox

from syncer.errors import RejectedError
from syncer.record import Change, Draft, Record, Tag
from syncer.testing.contract.bench import Notebook

STORY = "10001"
SETTINGS = CollectionSettings(project="SHOP", types=["Story", "Bug"], archive_status="Done")
CATALOGUE = "GET /rest/api/3/field"


@pytest.fixture
def notebook(connect: Callable[..., JiraConnection], sandbox: JiraSandbox) -> Notebook:
    """What an earlier process kept."""
    notebook = Notebook()
    connect().open(SETTINGS, notebook).schema()
    sandbox.log.clear()
    return notebook


@pytest.fixture
def later(connect: Callable[..., JiraConnection], notebook: Notebook) -> JiraAdapter:
    """The adapter of a later process."""
    return connect().open(SETTINGS, notebook)


def routes(sandbox: JiraSandbox) -> list[str]:
    return [line.route for line in sandbox.log]


def test_a_later_process_lists_and_reads_without_asking_what_there_is(later: JiraAdapter, sandbox: JiraSandbox) -> None:
    records = [r for batch in later.list() for r in batch.records]
    later.get([r.ref for r in records])

    assert routes(sandbox) == ["POST /rest/api/3/search/jql", "POST /rest/api/3/issue/bulkfetch"]
    assert [r.label for r in records] == ["SHOP-2", "SHOP-3"]


def test_what_is_recalled_is_what_was_read(later: JiraAdapter, connect: Callable[..., JiraConnection]) -> None:
    fresh = connect().open(SETTINGS)
    recalled = [r for batch in later.list() for r in batch.records]

    assert recalled == [r for batch in fresh.list() for r in batch.records]
    assert later._issues.known() == fresh._issues.known()


def test_a_schema_is_always_asked_for_live(later: JiraAdapter, sandbox: JiraSandbox, notebook: Notebook) -> None:
    sandbox.state.data["projects"][0]["versions"].append({"id": "22", "name": "3.0"})
    schema = later.schema()
    kept = notebook.recall()

    assert [o.name for o in schema.types[STORY].fields["fixVersions"].options] == ["1.0", "2.0", "3.0"]
    assert kept is not None
    assert kept.schema == schema


def test_a_field_that_came_since_is_found_when_it_is_to_be_written(later: JiraAdapter, sandbox: JiraSandbox) -> None:
    custom = "com.atlassian.jira.plugin.system.customfieldtypes:textfield"
    sandbox.state.data["fields"].append({"id": "customfield_10099", "name": "Team", "custom": custom})
    made = later.create(Draft(STORY, {"summary": "New"}, Tag("shop", "item", "line")))
    assert CATALOGUE not in routes(sandbox)
    after = later.update(made.ref, STORY, {"customfield_10099": Change(None, "Web")})

    assert after.fields["customfield_10099"] == "Web"
    assert routes(sandbox).count(CATALOGUE) == 1


def test_a_field_that_is_gone_is_left_out_of_a_create_that_it_would_have_spoilt(
    later: JiraAdapter, sandbox: JiraSandbox
) -> None:
    points = "customfield_10016"
    sandbox.state.data["fields"] = [f for f in sandbox.state.data["fields"] if f["id"] != points]
    made = later.create(Draft(STORY, {"summary": "New", points: 3}, Tag("shop", "item", "line")))

    assert made.fields["summary"] == "New"
    assert points not in made.fields
    assert [line.status for line in sandbox.log if line.route == "POST /rest/api/3/issue"] == [400, 201]


def test_a_refusal_that_the_live_schema_does_not_explain_is_not_sent_twice(
    later: JiraAdapter, sandbox: JiraSandbox
) -> None:
    refs: list[Any] = [r.ref for batch in later.list() for r in batch.records]
    for ref in refs:
        with pytest.raises(RejectedError):
            later.update(ref, STORY, {"labels": Change(None, ["two words"])})

    assert len([line for line in sandbox.log if line.method == "PUT"]) == len(refs) == 2
    assert routes(sandbox).count(CATALOGUE) == 1


def test_an_option_that_came_since_is_carried_as_it_is(later: JiraAdapter, sandbox: JiraSandbox) -> None:
    severity = next(f for f in sandbox.state.data["fields"] if f["name"] == "Severity")
    severity["options"].append({"id": "10102", "value": "Blocker"})
    sandbox.edit({"issue": "SHOP-2", "fields": {severity["id"]: {"id": "10102"}}})
    issue = next(r.ref for batch in later.list() for r in batch.records if r.label == "SHOP-2")
    record = later.get([issue])[issue]

    assert isinstance(record, Record)
    assert record.fields[severity["id"]] == "10102"
    assert not record.unreadable
