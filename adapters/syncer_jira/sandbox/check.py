"""What the sandbox refuses to write, in Jira's words, and how accepted values are kept."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from syncer_jira.sandbox.state import SPRINT, Issue, State

IGNORED = frozenset({"status", "project", "issuetype"})
"""A status in a PUT or a create is ignored without a word (Jira REST v3)."""


class RefusedError(Exception):
    """A field's value is not accepted."""


def accept(
    state: State, project: dict[str, Any], kind: dict[str, Any], body: dict[str, Any], issue: Issue | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the plain values to keep and the errors by field, for a create or an edit."""
    kept: dict[str, Any] = {}
    errors: dict[str, str] = {}
    fields, update = body.get("fields") or {}, body.get("update") or {}
    for key in fields.keys() & update.keys():
        errors[key] = "Field cannot be in both 'fields' and 'update'."
    for key, value in fields.items():
        if key not in IGNORED:
            _try(kept, errors, key, lambda k=key, v=value: _plain(state, project, kind, k, v))
    for key, verbs in update.items():
        old = kept.get(key, issue["fields"].get(key) if issue else None)
        _try(kept, errors, key, lambda k=key, o=old, vs=verbs: _verbs(state, project, kind, k, o, vs))
    if issue is None and "summary" not in kept:
        errors.setdefault("summary", "You must specify a summary of the issue.")
    if issue is None and kind["level"] < 0 and not kept.get("parent"):
        errors.setdefault("parent", "Parent issue is required for a sub-task.")
    return kept, errors


def _try(kept: dict[str, Any], errors: dict[str, str], key: str, make: Any) -> None:
    try:
        kept[key] = make()
    except RefusedError as error:
        errors[key] = str(error)


def _verbs(state: State, project: dict[str, Any], kind: dict[str, Any], key: str, old: Any, verbs: Any) -> Any:
    value: Any = list(old) if isinstance(old, list) else old
    for verb in verbs:
        ((name, operand),) = verb.items()
        if name == "set":
            value = None if operand == {"none": True} else _plain(state, project, kind, key, operand)
        elif name in ("add", "remove") and key in ("labels", "fixVersions", "versions", "components"):
            element = _plain(state, project, kind, key, [operand])[0]
            value = [v for v in value or [] if v != element] + ([element] if name == "add" else [])
        else:
            raise RefusedError(f"Operation '{name}' is not supported by the field.")
    return value


def _plain(state: State, project: dict[str, Any], kind: dict[str, Any], key: str, value: Any) -> Any:
    custom = state.custom(key) if key.startswith("customfield_") else None
    if custom is not None:
        return _custom(project, custom, value)
    match key:
        case "summary":
            return _summary(value)
        case "description":
            return document(value)
        case "labels":
            return _labels(value)
        case "duedate":
            return _date(value)
        case "priority":
            return _choice(state.data["priorities"], value or {"id": state.data["default_priority"]}, "priority")
        case "assignee" | "reporter":
            return _person(state, value)
        case "fixVersions" | "versions":
            return [_choice(project["versions"], v, "version") for v in value or []]
        case "components":
            return [_choice(project["components"], v, "component") for v in value or []]
        case "parent":
            return _parent(state, kind, value)
    raise RefusedError(f"Field '{key}' cannot be set. It is not on the appropriate screen, or unknown.")


def _summary(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise RefusedError("You must specify a summary of the issue.")
    if "\n" in value or "\r" in value:
        raise RefusedError("The summary is invalid because it contains newline characters.")
    if len(value) > 255:
        raise RefusedError("Summary can't exceed 255 characters.")
    return value.strip()


def document(value: Any) -> Any:
    """Accept an ADF document by its outline; an empty one is none."""
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("type") != "doc" or value.get("version") != 1:
        raise RefusedError("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
    if not isinstance(value.get("content"), list) or not all(_node(n) for n in value["content"]):
        raise RefusedError("INVALID_INPUT")
    return value if value["content"] else None


def _node(node: Any) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("type"), str):
        return False
    if node["type"] == "text" and not (isinstance(node.get("text"), str) and node["text"]):
        return False
    content = node.get("content", [])
    return isinstance(content, list) and all(_node(child) for child in content)


def _labels(value: Any) -> list[str]:
    if not isinstance(value or [], list) or not all(isinstance(v, str) for v in value or []):
        raise RefusedError("data was not an array")
    for label in value or []:
        if re.search(r"\s", label):
            raise RefusedError(f"The label '{label}' contains spaces which is invalid.")
    return sorted(set(value or []))


def _date(value: Any) -> str | None:
    if value is None:
        return None
    try:
        datetime.strptime(value, "%Y-%m-%d")
    except (TypeError, ValueError):
        raise RefusedError(f'Error parsing date string: {value}. Use "yyyy-MM-dd".') from None
    return str(value)


def _choice(options: list[dict[str, Any]], value: Any, what: str) -> str:
    for option in options:
        if isinstance(value, dict) and (
            str(value.get("id")) == option["id"] or value.get("name", value.get("value", 0)) in _names(option)
        ):
            return str(option["id"])
    shown = value.get("id", value.get("name")) if isinstance(value, dict) else value
    raise RefusedError(f"The {what} '{shown}' is not valid.")


def _names(option: dict[str, Any]) -> tuple[Any, Any]:
    return option.get("name"), option.get("value")


def _person(state: State, value: Any) -> str | None:
    if value is None:
        return None
    account = value.get("accountId") if isinstance(value, dict) else None
    found = next((u for u in state.data["users"] if u["accountId"] == account), None)
    if found is None or not found.get("active", True):
        raise RefusedError(f"User '{account}' cannot be assigned issues.")
    return str(account)


def _parent(state: State, kind: dict[str, Any], value: Any) -> str | None:
    if value is None:
        return None
    found = state.find(str(value.get("id") or value.get("key"))) if isinstance(value, dict) else None
    above = state.type(found["type"]) if found else None
    if found is None or above is None or above["level"] != kind["level"] + 1:
        raise RefusedError("Given parent work item does not belong to appropriate hierarchy.")
    return str(found["id"])


def _custom(project: dict[str, Any], custom: dict[str, Any], value: Any) -> Any:
    if value is None:
        return None
    kind = custom["custom"].rpartition(":")[2]
    if custom["custom"] == SPRINT:
        if not isinstance(value, int) or all(
            s["id"] != value or s.get("state") == "closed" for s in project["sprints"]
        ):
            raise RefusedError("Number value expected as the Sprint id.")
        return [value]
    if "options" in custom:
        if isinstance(value, list):
            return [_choice(custom["options"], v, "option") for v in value]
        return _choice(custom["options"], value, "option")
    if kind in ("float", "jsw-story-points"):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise RefusedError("Operation value must be a number")
        return float(value)
    if kind == "textarea":
        return document(value)
    if not isinstance(value, str):
        raise RefusedError("Operation value must be a string")
    return value
