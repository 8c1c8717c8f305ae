"""The sandbox's starting state: what a seed may leave out, and how its names become Jira's objects."""

from __future__ import annotations

import copy
from typing import Any

STATUSES = [
    {"id": "10000", "name": "To Do", "category": "new"},
    {"id": "10001", "name": "In Progress", "category": "indeterminate"},
    {"id": "10002", "name": "In Review", "category": "indeterminate"},
    {"id": "10003", "name": "Done", "category": "done"},
]
TYPES = [
    {"id": "10000", "name": "Epic", "level": 1},
    {"id": "10001", "name": "Story", "level": 0},
    {"id": "10002", "name": "Task", "level": 0},
    {"id": "10003", "name": "Bug", "level": 0},
    {"id": "10004", "name": "Sub-task", "level": -1},
]
PRIORITIES = [{"id": str(n), "name": name} for n, name in enumerate(("Highest", "High", "Medium", "Low", "Lowest"), 1)]
_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"
FIELDS = [
    {
        "id": "customfield_10016",
        "name": "Story point estimate",
        "custom": "com.pyxis.greenhopper.jira:jsw-story-points",
    },
    {"id": "customfield_10020", "name": "Sprint", "custom": "com.pyxis.greenhopper.jira:gh-sprint"},
    {"id": "customfield_10030", "name": "Acceptance criteria", "custom": f"{_CUSTOM}textarea"},
    {
        "id": "customfield_10031",
        "name": "Severity",
        "custom": f"{_CUSTOM}select",
        "options": [{"id": "10100", "value": "Critical"}, {"id": "10101", "value": "Minor"}],
    },
]
USERS = [
    {"accountId": "acc-robot", "name": "Syncer", "email": "robot@example.com", "token": "robot-token"},
    {"accountId": "acc-ann", "name": "Ann", "email": "ann@example.com", "token": "ann-token", "zone": "Asia/Tokyo"},
]
ISSUES: list[dict[str, Any]] = [
    {"type": "Epic", "summary": "Checkout", "status": "In Progress", "priority": "High"},
    {"type": "Story", "summary": "Pay by card", "status": "In Progress", "parent": "SHOP-1", "assignee": "Ann"},
    {"type": "Story", "summary": "Pay by invoice", "parent": "SHOP-1", "labels": ["b2b"]},
    {"type": "Bug", "summary": "The cart forgets its currency", "priority": "Highest"},
]
"""What a project starts with where no seed is given."""
PROJECT: dict[str, Any] = {"id": "10000", "key": "SHOP", "name": "Shop"}

CATEGORIES = {
    "new": {"id": 2, "key": "new", "colorName": "blue-gray", "name": "To Do"},
    "indeterminate": {"id": 4, "key": "indeterminate", "colorName": "yellow", "name": "In Progress"},
    "done": {"id": 3, "key": "done", "colorName": "green", "name": "Done"},
}
SYSTEM_FIELDS = [
    ("summary", "Summary", "string"),
    ("description", "Description", "string"),
    ("environment", "Environment", "string"),
    ("status", "Status", "status"),
    ("priority", "Priority", "priority"),
    ("resolution", "Resolution", "resolution"),
    ("assignee", "Assignee", "user"),
    ("reporter", "Reporter", "user"),
    ("creator", "Creator", "user"),
    ("labels", "Labels", "array"),
    ("fixVersions", "Fix versions", "array"),
    ("versions", "Affects versions", "array"),
    ("components", "Components", "array"),
    ("parent", "Parent", "issuelink"),
    ("duedate", "Due date", "date"),
    ("created", "Created", "datetime"),
    ("updated", "Updated", "datetime"),
    ("issuetype", "Issue Type", "issuetype"),
    ("project", "Project", "project"),
    ("security", "Security Level", "securitylevel"),
]


def complete(seed: dict[str, Any] | None) -> dict[str, Any]:
    """Fill in what a seed leaves out."""
    given = seed or {}
    out: dict[str, Any] = {
        "types": given.get("types", TYPES),
        "priorities": given.get("priorities", PRIORITIES),
        "default_priority": given.get("default_priority", "3"),
        "fields": given.get("fields", FIELDS),
        "users": given.get("users", USERS),
        "issues": given.get("issues", ISSUES if seed is None else []),
        "projects": [],
    }
    for project in given.get("projects", [PROJECT]):
        defaults: dict[str, Any] = {"statuses": STATUSES, "workflow": "any", "versions": [], "components": []}
        out["projects"].append({**defaults, "sprints": [], "id": "10000", "name": project["key"], **project})
    return copy.deepcopy(out)  # a site changes what it was given, and the defaults are every site's


def adf(text: str) -> dict[str, Any]:
    """Return paragraphs of plain text as an ADF document."""
    lines = [line for line in text.split("\n") if line]
    content = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines]
    return {"version": 1, "type": "doc", "content": content}
