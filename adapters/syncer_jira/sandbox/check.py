"""What the sandbox refuses to write, in Jira's words, and which verbs a field takes."""

from __future__ import annotations

from typing import Any

from syncer_jira.sandbox import customs
from syncer_jira.sandbox.accept import RefusedError, choice, document, labels, parent, person, plain_date, summary
from syncer_jira.sandbox.state import Issue, State

IGNORED = frozenset({"status", "project", "issuetype"})
"""A status in a PUT or a create is ignored without a word (Jira REST v3)."""


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
        elif name in ("add", "remove") and _is_set(state, key):
            element = _plain(state, project, kind, key, [operand])[0]
            value = [v for v in value or [] if v != element] + ([element] if name == "add" else [])
        else:
            raise RefusedError(f"Operation '{name}' is not supported by the field.")
    return value


def _plain(state: State, project: dict[str, Any], kind: dict[str, Any], key: str, value: Any) -> Any:
    custom = state.custom(key) if key.startswith("customfield_") else None
    if custom is not None:
        return None if value is None else customs.of(custom["custom"]).accept((state, project, custom), value)
    match key:
        case "summary":
            return summary(value)
        case "description" | "environment":
            return document(value)
        case "labels":
            return labels(value)
        case "duedate":
            return plain_date(value)
        case "priority":
            return choice(state.data["priorities"], value or {"id": state.data["default_priority"]}, "priority")
        case "assignee" | "reporter":
            return person(state, value)
        case "fixVersions" | "versions":
            return [choice(project["versions"], v, "version") for v in value or []]
        case "components":
            return [choice(project["components"], v, "component") for v in value or []]
        case "parent":
            return parent(state, kind, value)
    raise RefusedError(f"Field '{key}' cannot be set. It is not on the appropriate screen, or unknown.")


def _is_set(state: State, key: str) -> bool:
    custom = state.custom(key) if key.startswith("customfield_") else None
    if custom is None:
        return key in ("labels", "fixVersions", "versions", "components")
    return customs.of(custom["custom"]).items in ("option", "string", "user", "version")
