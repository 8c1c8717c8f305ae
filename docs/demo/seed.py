"""What each tool shows of the product on the first day: partly the same, partly different, each with gaps."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from product import BUGS, EPICS, FEATURES, GOALS, PEOPLE, RELEASES, SPRINTS, Epic, Feature, Story

FEATURES_ID = "11111111-1111-4111-8111-111111111111"
GOALS_ID = "22222222-2222-4222-8222-222222222222"
RELEASES_ID = "33333333-3333-4333-8333-333333333333"

IN_JIRA = {"idea": "To Do", "planned": "To Do", "doing": "In Progress", "done": "Done"}
IN_NOTION = {"idea": "Idea", "planned": "Planned", "doing": "In progress", "done": "Shipped"}
IN_BOOK = {"planned": "Planned", "doing": "Building", "done": "Shipped"}
NAMES = {person.key: person.name for person in PEOPLE}
EMAILS = {person.key: person.email for person in PEOPLE}
ACCOUNTS = {person.key: f"712020:{n:08x}" for n, person in enumerate(PEOPLE, 0x5F3A10)}
"""Jira's account ids: Jira hides people's e-mail addresses, so `people:` in syncer.yaml names them."""
HEAD = (
    "Feature", "Status", "Owner", "Start", "Due", "Reach", "Impact", "Confidence", "Effort", "RICE", "MoSCoW",
)  # fmt: skip

DIFFERS: dict[tuple[str, str, str], Any] = {
    ("Route sharing", "Notion", "status"): "planned",
    ("Photo journal", "workbook", "reach"): 7500,
    ("Wetterwarnungen auf der Tour", "workbook", "due"): "2027-02-05",
    ("Smartwatch companion", "workbook", "moscow"): "Could",
    ("Gear lists", "workbook", "owner"): "Ann O.",
}
"""Where the tools disagree on the first day: (feature, tool, field) → what that tool says instead."""


def said(feature: Feature, where: str, field: str) -> Any:
    """Return what a tool says of a feature's field on the first day."""
    return DIFFERS.get((feature.title, where, field), getattr(feature, field))


def known_to(letter: str) -> list[Feature]:
    """Return the features that a tool knows on the first day."""
    return [feature for feature in FEATURES if letter in feature.on]


# Jira: features, and the work under them


def jira() -> dict[str, Any]:
    """Return the Jira sandbox's seed."""
    users: list[dict[str, Any]] = [
        {"accountId": "712020:00robot", "name": "Syncer", "email": "robot@trailhead.example", "token": "robot"}
    ]
    users += [
        {"accountId": ACCOUNTS[p.key], "name": p.name, "email": p.email, "token": p.key, "private": True}
        for p in PEOPLE
    ]
    types = [
        {"id": "10005", "name": "Feature", "level": 2}, {"id": "10000", "name": "Epic", "level": 1},
        {"id": "10001", "name": "Story", "level": 0}, {"id": "10003", "name": "Bug", "level": 0},
    ]  # fmt: skip
    project = {
        "key": "TRAIL", "name": "Trailhead", "id": "10000",
        "sprints": [{"id": n, "name": name, "state": state}
                    for n, name, state in zip((23, 24), SPRINTS, ("active", "future"), strict=True)],
        "versions": [{"id": str(10100 + n), "name": release.title, "released": release.state == "Released"}
                     for n, release in enumerate(RELEASES)],
    }  # fmt: skip
    features = [_jira_feature(feature) for feature in known_to("j")]
    keys = {issue["summary"]: f"TRAIL-{n}" for n, issue in enumerate(features, 1)}
    epics = [_jira_epic(epic, keys) for epic in EPICS]
    keys |= {issue["summary"]: f"TRAIL-{n}" for n, issue in enumerate(epics, len(features) + 1)}
    stories = [_jira_story(epic, story, keys, n) for epic in EPICS for n, story in enumerate(epic.stories)]
    bugs = [
        {
            "type": "Bug", "summary": bug.title, "status": bug.status, "priority": bug.priority,
            "assignee": ACCOUNTS[bug.owner], "versions": [bug.affects], "custom": {"Severity": bug.severity},
        }
        for bug in BUGS
    ]  # fmt: skip
    return {"users": users, "types": types, "projects": [project], "issues": [*features, *epics, *stories, *bugs]}


def _jira_feature(feature: Feature) -> dict[str, Any]:
    status = IN_JIRA[said(feature, "Jira", "status")]
    issue: dict[str, Any] = {"type": "Feature", "summary": feature.title, "status": status}
    if feature.on == "j":
        issue |= {"description": "\n".join(feature.body), "assignee": ACCOUNTS[feature.owner]}
        issue |= {"duedate": feature.due, "labels": ["security"]}
    return issue


def _jira_epic(epic: Epic, keys: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "Epic", "summary": epic.title, "status": epic.status, "assignee": ACCOUNTS[epic.owner],
        "parent": keys[epic.feature], "fixVersions": [RELEASES[_feature(epic.feature).release].title],
    }  # fmt: skip


def _jira_story(epic: Epic, story: Story, keys: dict[str, str], n: int) -> dict[str, Any]:
    ticked = epic.status == "Done"
    status = epic.status if epic.status == "Done" or n == 0 else "To Do"
    custom: dict[str, Any] = {"Story point estimate": story.points}
    custom["Acceptance criteria"] = _tasks(story.accepted.split(";"), ticked=ticked)
    if epic.sprint:
        custom["Sprint"] = epic.sprint
    return {
        "type": "Story", "summary": story.title, "status": status, "custom": custom,
        "description": f"As a hiker I want {story.want}.", "assignee": ACCOUNTS[epic.owner],
        "labels": ["mobile"], "parent": keys[epic.title],
        "fixVersions": [RELEASES[_feature(epic.feature).release].title],
    }  # fmt: skip


def _tasks(criteria: list[str], *, ticked: bool) -> dict[str, Any]:
    """Return Jira's own check list."""
    items = [
        {
            "type": "taskItem", "attrs": {"localId": str(n), "state": "DONE" if ticked else "TODO"},
            "content": [{"type": "text", "text": text}],
        }
        for n, text in enumerate(criteria)
    ]  # fmt: skip
    return {"type": "doc", "version": 1, "content": [{"type": "taskList", "attrs": {"localId": "t"}, "content": items}]}


def _feature(title: str) -> Feature:
    return next(feature for feature in FEATURES if feature.title == title)


# Notion: goals, releases and features


def notion() -> dict[str, Any]:
    """Return the Notion sandbox's seed."""
    states = {"To-do": ["Idea", "Planned"], "In progress": ["In progress", "In review"], "Complete": ["Shipped"]}
    feature_properties = {
        "Name": "title", "Status": {"status": {"groups": states}}, "Owner": "people", "Dates": "date",
        "Tags": {"multi_select": {"options": ["mobile", "security"]}},
        "Goals": {"relation": {"data_source": "Goals"}}, "Release": {"relation": {"data_source": "Releases"}},
        "Reach": "number", "Impact": "number", "Confidence": "number", "Effort": "number", "Progress": "number",
        "MoSCoW": {"select": {"options": ["Must", "Should", "Could", "Won't"]}},
        "Kano": {"select": {"options": ["Must-be", "Performance", "Attractive", "Indifferent"]}},
        "Syncer ID": "rich_text",
    }  # fmt: skip
    goal_states = {"To-do": ["Planned"], "In progress": ["In progress"], "Complete": ["Reached"]}
    goal_properties = {
        "Name": "title", "Objective": "rich_text", "Status": {"status": {"groups": goal_states}}, "Owner": "people",
        "Period": "date", "Syncer ID": "rich_text",
    }  # fmt: skip
    release_properties = {
        "Name": "title", "Date": "date", "State": {"select": {"options": ["Planned", "Released"]}},
        "Syncer ID": "rich_text",
    }  # fmt: skip
    goals = [
        {
            "Name": goal.title, "Objective": goal.objective, "Owner": [EMAILS[goal.owner]],
            "Status": {"planned": "Planned", "doing": "In progress"}[goal.status],
            "Period": {"date": {"start": goal.start, "end": goal.end}},
        }
        for goal in GOALS
    ]  # fmt: skip
    releases = [{"Name": r.title, "Date": r.date, "State": r.state} for r in RELEASES]
    users = [{"name": "Syncer", "type": "bot", "token": "ntn_robot"}]
    users += [{"name": p.name, "email": p.email, "token": f"ntn_{p.key}"} for p in PEOPLE]
    return {
        "users": users,
        "data_sources": [
            {"name": "Goals", "id": GOALS_ID, "properties": goal_properties,
             "pages": [{"properties": goal} for goal in goals]},
            {"name": "Releases", "id": RELEASES_ID, "properties": release_properties,
             "pages": [{"properties": release} for release in releases]},
            {"name": "Features", "id": FEATURES_ID, "properties": feature_properties,
             "pages": [_notion_page(feature) for feature in known_to("n")]},
        ],
    }  # fmt: skip


def _notion_page(feature: Feature) -> dict[str, Any]:
    properties = {
        "Name": feature.title, "Status": IN_NOTION[said(feature, "Notion", "status")], "Reach": feature.reach,
        "Impact": feature.impact, "Confidence": feature.confidence, "Effort": feature.effort,
        "MoSCoW": feature.moscow, "Kano": feature.kano, "Owner": [EMAILS[feature.owner]],
        "Dates": {"date": {"start": feature.start, "end": feature.due}},
        "Goals": [GOALS[n].title for n in feature.goals], "Release": [RELEASES[feature.release].title],
    }  # fmt: skip
    return {"properties": properties, "children": list(feature.body)}


# the workbook: the roadmap with dates and scores, and the goals


def workbook(path: Path) -> None:
    """Write the roadmap workbook as a person made it."""
    book = openpyxl.Workbook()
    roadmap = book.active
    assert isinstance(roadmap, Worksheet)
    roadmap.title = "Roadmap"
    _table(roadmap, [list(HEAD), *(_row(feature) for feature in known_to("w"))])
    for column, words in (("B", IN_BOOK.values()), ("K", ("Must", "Should", "Could", "Won't"))):
        allowed = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True)
        allowed.add(f"{column}2:{column}200")
        roadmap.add_data_validation(allowed)
    goals = book.create_sheet("Goals")
    told = [[g.title, g.objective, {"planned": "Planned", "doing": "Running"}[g.status], NAMES[g.owner]] for g in GOALS]
    _table(goals, [["Goal", "Objective", "Status", "Owner", "Progress"], *told[:3]])
    book.create_sheet("Notes").append(["Board meeting on the first Tuesday. This sheet is nobody's business."])
    book.save(path)


def _row(feature: Feature) -> list[Any]:
    start, due = (date.fromisoformat(said(feature, "workbook", name)) for name in ("start", "due"))
    numbers = [said(feature, "workbook", name) for name in ("reach", "impact", "confidence", "effort")]
    reach, impact, confidence, effort = numbers
    owner = said(feature, "workbook", "owner")
    return [
        feature.title, IN_BOOK[feature.status], NAMES.get(owner, owner), start, due, *numbers,
        round(reach * impact * confidence / 100 / effort, 2), said(feature, "workbook", "moscow"),
    ]  # fmt: skip


def _table(sheet: Worksheet, rows: list[list[Any]]) -> None:
    for row in rows:
        sheet.append(row)
    for at in range(1, len(rows[0]) + 1):
        sheet.cell(1, at).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = 30 if at == 1 else 13
    sheet.freeze_panes = "B2"
