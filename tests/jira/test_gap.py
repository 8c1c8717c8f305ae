"""A whole sync against Jira in which a person is faster: their words stand again, and a conflict is held."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from syncer_jira.sandbox.seed import adf
from syncer_jira.sandbox.server import JiraSandbox

from syncer.api import Session
from syncer.mapping.config import load_config
from syncer.testing.server import Fault
from tests.counting import count

TIMES = 20 if "SYNCER_GAPS" in os.environ else 3
CONFIG = """\
format: 1
product: shop
connections:
  jira: {{system: jira, url: "{url}", user: robot@example.com, token: {{env: JIRA_TOKEN}}, access: write}}
collections:
  shop: {{connection: jira, project: SHOP, mapping: story.yaml}}
  mirror: {{connection: jira, project: OPS, mapping: story.yaml}}
"""
MAPPING = """\
format: 1
kinds:
  story:
    record: Story
    fields:
      title: Summary
      body: Description
      status: {field: Status, values: {planned: To Do, doing: In Progress, review: In Review, done: Done}}
      owner: Assignee
      priority:
        field: Priority
        values: {highest: Highest, high: High, medium: Medium, low: Low, lowest: Lowest}
      due: Due date
      points: Story point estimate
      custom.team: {field: Team, type: line}
      custom.page: {field: Page, type: url}
      custom.severity: {field: Severity, type: choice}
      custom.begin: {field: Begin, type: date}
      custom.call: {field: Call, type: instant}
"""
TYPE = "com.atlassian.jira.plugin.system.customfieldtypes:"
SEVERITIES = [{"id": str(n), "value": f"S{n}"} for n in range(1, 6)]
FIELDS: list[dict[str, Any]] = [
    {"id": "customfield_1", "name": "Story point estimate", "custom": "com.pyxis.greenhopper.jira:jsw-story-points"},
    {"id": "customfield_2", "name": "Team", "custom": f"{TYPE}textfield"},
    {"id": "customfield_3", "name": "Page", "custom": f"{TYPE}url"},
    {"id": "customfield_4", "name": "Severity", "custom": f"{TYPE}select", "options": SEVERITIES},
    {"id": "customfield_5", "name": "Begin", "custom": f"{TYPE}datepicker"},
    {"id": "customfield_6", "name": "Call", "custom": f"{TYPE}datetime"},
]
PEOPLE = ("robot", "ann", "bob", "eve")
STATUSES = ("To Do", "In Progress", "In Review", "Done")
MAPPED = {
    "title", "body", "status", "owner", "priority", "due", "points",
    "custom.team", "custom.page", "custom.severity", "custom.begin", "custom.call",
}  # fmt: skip


def values(step: int) -> dict[str, Any]:
    """Return a value for every field; those of three steps in a row differ."""
    return {
        "summary": f"Title {step}",
        "description": adf(f"Words {step}\nand more"),
        "assignee": {"accountId": f"acc-{PEOPLE[step % 4]}"},
        "priority": {"id": str(step % 5 + 1)},
        "duedate": f"20{step % 80 + 10}-05-06",
        "customfield_1": step,
        "customfield_2": f"Team {step}",
        "customfield_3": f"https://a.example/{step}",
        "customfield_4": {"id": str(step % 5 + 1)},
        "customfield_5": f"20{step % 80 + 10}-07-08",
        "customfield_6": f"20{step % 80 + 10}-09-10T11:12:00.000+0000",
    }


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JiraSandbox]:
    """Two projects that are kept in step, a story in each."""
    monkeypatch.setenv("JIRA_TOKEN", "robot-token")
    users = [
        {"accountId": f"acc-{u}", "name": u.title(), "email": f"{u}@example.com", "token": f"{u}-token"} for u in PEOPLE
    ]
    projects = [{"key": "SHOP"}, {"key": "OPS", "id": "10001"}]
    seed = {"projects": projects, "users": users, "fields": FIELDS, "issues": [{"project": "SHOP", "summary": "x"}]}
    with JiraSandbox(seed, rate=0, lag=0) as box:
        box.edit({"issue": "SHOP-1", "fields": values(0)})
        (tmp_path / "syncer.yaml").write_text(CONFIG.format(url=box.url), "utf-8")
        (tmp_path / "story.yaml").write_text(MAPPING, "utf-8")
        with open_at(tmp_path) as session:
            session.sync()
        yield box


def open_at(folder: Path) -> Session:
    return Session(load_config(folder / "syncer.yaml"))


def edit(site: JiraSandbox, issue: str, step: int) -> None:
    answer = site.edit({"as": "bob@example.com", "issue": issue, **whole(step)})
    assert "errors" not in answer


def whole(step: int) -> dict[str, Any]:
    return {"fields": values(step), "status": STATUSES[step % 4]}


def shown(site: JiraSandbox, issue: str) -> Any:
    found = site.state.find(issue)
    assert found is not None
    kept = {"assignee", "priority", "status", *values(0)}
    return {k: v for k, v in found["fields"].items() if k in kept}


def test_a_person_who_writes_while_we_do_is_never_overwritten_in_any_field(site: JiraSandbox, tmp_path: Path) -> None:
    met = 0
    for number in range(TIMES):
        ours, theirs = 2 * number + 1, 2 * number + 2
        edit(site, "OPS-1", ours)
        who = {"as": "ann@example.com", "issue": "SHOP-1"}
        site.faults = [
            Fault("PUT", "/issue/", "edit", body={**who, "fields": values(theirs)}),
            Fault("POST", "/transitions", "edit", body={**who, "status": STATUSES[theirs % 4]}),
        ]
        with open_at(tmp_path) as session:
            report = session.sync().report
            met += sum(fault.times == 0 for fault in site.faults)
            stood = shown(site, "SHOP-1")

            assert {name for _, name in report.given_back} == MAPPED
            session.sync()
            held = {c.field for c in session.store.conflicts()}
            assert held == MAPPED
            assert shown(site, "SHOP-1") == stood
            assert shown(site, "OPS-1") != stood

            edit(site, "OPS-1", theirs)
            assert shown(site, "OPS-1") == stood
            session.sync()
            assert session.store.conflicts() == []

    assert met == 2 * TIMES
    count("edits in the gap", met)


def test_nobody_in_the_gap_nothing_given_back(site: JiraSandbox, tmp_path: Path) -> None:
    edit(site, "OPS-1", 1)
    site.log.clear()
    with open_at(tmp_path) as session:
        report = session.sync().report

        assert (report.given_back, shown(site, "SHOP-1")) == ([], shown(site, "OPS-1"))
        assert session.store.conflicts() == []
    assert "GET /rest/api/3/myself" not in [line.route for line in site.log]
