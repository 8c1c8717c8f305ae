"""Small parts of Jira's JSON: a time, a person, a status, an issue type, a sprint, an option."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from syncer_jira.sandbox.seed import CATEGORIES
from syncer_jira.sandbox.state import State


def stamp(moment: datetime, zone: str) -> str:
    """Write a time in the caller's zone, its offset without a colon."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"


def user(state: State, account: str | None) -> dict[str, Any] | None:
    """Show a person. Who keeps their address `private` shows none (Jira REST v3, user profile visibility)."""
    found = state.user(account or "")
    if found is None:
        return None
    return {
        "accountId": found["accountId"],
        "accountType": "atlassian",
        "displayName": found["name"],
        "emailAddress": "" if found.get("private") else found["email"],
        "active": found.get("active", True),
        "timeZone": found.get("zone", "Etc/UTC"),
    }


def status(entry: dict[str, Any], url: str) -> dict[str, Any]:
    """Show a status."""
    category = {"self": f"{url}/rest/api/3/statuscategory/{entry['category']}", **CATEGORIES[entry["category"]]}
    return {"self": f"{url}/rest/api/3/status/{entry['id']}", "id": entry["id"], "name": entry["name"]} | {
        "description": "",
        "iconUrl": "",
        "statusCategory": category,
    }


def issue_type(entry: dict[str, Any], url: str) -> dict[str, Any]:
    """Show an issue type."""
    level = entry["level"]
    return {
        "self": f"{url}/rest/api/3/issuetype/{entry['id']}",
        "id": entry["id"],
        "name": entry["name"],
        "description": "",
        "subtask": level < 0,
        "hierarchyLevel": level,
    }


def sprint(entry: dict[str, Any]) -> dict[str, Any]:
    """Show a sprint."""
    return {"boardId": 1, "goal": "", "state": "future", **entry}


def option(options: list[dict[str, Any]], key: Any) -> dict[str, Any] | None:
    """Show an option by its id."""
    return next((dict(o) for o in options if o["id"] == key), None)
