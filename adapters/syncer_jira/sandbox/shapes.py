"""The sandbox's state as Jira's JSON: issues as each user sees them, fields, screens."""

from __future__ import annotations

from typing import Any

from syncer_jira.sandbox import customs
from syncer_jira.sandbox.parts import issue_type, option, stamp, status, user
from syncer_jira.sandbox.seed import SYSTEM_FIELDS
from syncer_jira.sandbox.state import Issue, State

EMPTY_LISTS = ("labels", "fixVersions", "versions", "components")
ELEMENTS = {"labels": "string", "fixVersions": "version", "versions": "version", "components": "component"}


def issue(
    state: State, found: Issue, zone: str, url: str, wanted: list[str] | None, properties: list[str]
) -> dict[str, Any]:
    """Show an issue with the fields that were asked for; None and `*all` mean all."""
    out: dict[str, Any] = {
        "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
        "id": found["id"],
        "self": f"{url}/rest/api/3/issue/{found['id']}",
        "key": found["key"],
    }
    shown = _fields(state, found, zone, url)
    if wanted is None or "*all" in wanted or "*navigable" in wanted:
        out["fields"] = shown
    elif [w for w in wanted if w not in ("id", "key")]:
        out["fields"] = {k: v for k, v in shown.items() if k in wanted}
    if properties:
        out["properties"] = {k: v for k, v in found["properties"].items() if k in properties}
    return out


def _fields(state: State, found: Issue, zone: str, url: str) -> dict[str, Any]:
    values = found["fields"]
    project = state.project(found["project"]) or {}
    kind = state.type(found["type"]) or {}
    now_status = next(s for s in project["statuses"] if s["id"] == values["status"])
    out: dict[str, Any] = {
        "issuetype": issue_type(kind, url),
        "project": {"id": project["id"], "key": project["key"], "name": project["name"]},
        "created": stamp(found["created"], zone),
        "updated": stamp(found["updated"], zone),
        "creator": user(state, found["creator"]),
        "assignee": user(state, values.get("assignee")),
        "reporter": user(state, values.get("reporter")),
        "status": status(now_status, url),
        "priority": option(state.data["priorities"], values.get("priority")),
        "resolution": {"id": "10000", "name": "Done"} if now_status["category"] == "done" else None,
        "security": {"id": "10000", "name": found["security"]} if found["security"] else None,
        "labels": values.get("labels", []),
    }
    for key in ("summary", "description", "environment", "duedate"):
        out[key] = values.get(key)
    for key in ("fixVersions", "versions"):
        out[key] = [option(project["versions"], v) for v in values.get(key, [])]
    out["components"] = [option(project["components"], v) for v in values.get("components", [])]
    parent = state.issues.get(values.get("parent", ""))
    if parent is not None:
        brief = {"summary": parent["fields"]["summary"], "issuetype": issue_type(state.type(parent["type"]) or {}, url)}
        out["parent"] = {"id": parent["id"], "key": parent["key"], "fields": brief}
    for custom in state.data["fields"]:
        value = values.get(custom["id"])
        place = (state, project, custom)
        out[custom["id"]] = None if value is None else customs.of(custom["custom"]).show(place, value, zone)
    return out


def fields(state: State) -> list[dict[str, Any]]:
    """Show the catalogue of fields."""
    out: list[dict[str, Any]] = []
    for key, name, kind in SYSTEM_FIELDS:
        schema = {"type": kind, "system": key} | ({"items": ELEMENTS[key]} if key in ELEMENTS else {})
        out.append(
            {"id": key, "key": key, "name": name, "custom": False, "clauseNames": [key.lower()], "schema": schema}
        )
    for custom in state.data["fields"]:
        number = custom["id"].rpartition("_")[2]
        custom_schema: dict[str, Any] = {
            **customs.of(custom["custom"]).schema(),
            "custom": custom["custom"],
            "customId": int(number),
        }
        out.append(
            {"id": custom["id"], "key": custom["id"], "name": custom["name"], "custom": True}
            | {"schema": custom_schema}
        )
        out[-1]["clauseNames"] = [f"cf[{number}]", custom["name"]]
    return out


def screen(state: State, project: dict[str, Any], kind: dict[str, Any]) -> list[dict[str, Any]]:
    """Show the create screen of an issue type."""
    hidden = {"status", "resolution", "creator", "created", "updated", "security"}
    allowed = {
        "priority": state.data["priorities"],
        "fixVersions": project["versions"],
        "versions": project["versions"],
        "components": project["components"],
    } | {c["id"]: c["options"] for c in state.data["fields"] if "options" in c}
    allowed |= {c["id"]: project["versions"] for c in state.data["fields"] if c["custom"].endswith(":multiversion")}
    out = []
    for entry in fields(state):
        key = entry["id"]
        if key in hidden:
            continue
        required = key in ("summary", "issuetype", "project") or (key == "parent" and kind["level"] < 0)
        meta = {"fieldId": key, "key": key, "name": entry["name"], "schema": entry["schema"], "required": required}
        meta |= {"hasDefaultValue": key in ("priority", "reporter"), "operations": ["set"]}
        out.append(meta | ({"allowedValues": allowed[key]} if key in allowed else {}))
    return out
