"""What single values the sandbox accepts, and how it keeps them; what it refuses, in Jira's words."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from syncer_jira.sandbox.state import State


class RefusedError(Exception):
    """A field's value is not accepted."""


def summary(value: Any) -> str:
    """Accept a summary. Raises RefusedError."""
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


def labels(value: Any) -> list[str]:
    """Accept labels. Raises RefusedError."""
    if not isinstance(value or [], list) or not all(isinstance(v, str) for v in value or []):
        raise RefusedError("data was not an array")
    for label in value or []:
        if re.search(r"\s", label):
            raise RefusedError(f"The label '{label}' contains spaces which is invalid.")
    return sorted(set(value or []))


def plain_date(value: Any) -> str | None:
    """Accept a date. Raises RefusedError."""
    if value is None:
        return None
    try:
        datetime.strptime(value, "%Y-%m-%d")
    except (TypeError, ValueError):
        raise RefusedError(f'Error parsing date string: {value}. Use "yyyy-MM-dd".') from None
    return str(value)


def choice(options: list[dict[str, Any]], value: Any, what: str) -> str:
    """Accept one of these options by id, name or value, and return its id. Raises RefusedError."""
    for option in options:
        if isinstance(value, dict) and (
            str(value.get("id")) == option["id"] or value.get("name", value.get("value", 0)) in _names(option)
        ):
            return str(option["id"])
    shown = value.get("id", value.get("name")) if isinstance(value, dict) else value
    raise RefusedError(f"The {what} '{shown}' is not valid.")


def _names(option: dict[str, Any]) -> tuple[Any, Any]:
    return option.get("name"), option.get("value")


def person(state: State, value: Any) -> str | None:
    """Accept an active person, and return the account. Raises RefusedError."""
    if value is None:
        return None
    account = value.get("accountId") if isinstance(value, dict) else None
    found = next((u for u in state.data["users"] if u["accountId"] == account), None)
    if found is None or not found.get("active", True):
        raise RefusedError(f"User '{account}' cannot be assigned issues.")
    return str(account)


def parent(state: State, kind: dict[str, Any], value: Any) -> str | None:
    """Accept an issue of the level above, and return its id. Raises RefusedError."""
    if value is None:
        return None
    found = state.find(str(value.get("id") or value.get("key"))) if isinstance(value, dict) else None
    above = state.type(found["type"]) if found else None
    if found is None or above is None or above["level"] != kind["level"] + 1:
        raise RefusedError("Given parent work item does not belong to appropriate hierarchy.")
    return str(found["id"])
