"""The items of the stand-in's changelog, value by value as Jira writes them: what is an id there, what only a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from syncer_jira.sandbox.state import State

Item = dict[str, Any]
Pair = tuple[str | None, str | None]
"""A value as the changelog has it: its id, where it has one, and its text."""

NAMES = {"fixVersions": "Fix Version", "versions": "Version", "components": "Component"}
RECENT = 100
"""Entries that `expand=changelog` shows of one issue; a bulk read shows fewer (facts: bulkfetch, at most 40)."""
RECENT_IN_BULK = 40


class Place(NamedTuple):
    """The site, the project, and a custom field's own definition."""

    state: State
    project: Mapping[str, Any]
    custom: Mapping[str, Any]


Show = Callable[[Place, Any], Pair]


def items(state: State, project: Mapping[str, Any], key: str, old: Any, new: Any) -> list[Item]:
    """Return the items of one field's change: one for each element of a list of versions or components."""
    if key in ("fixVersions", "versions", "components"):
        gone = [_item(state, project, key, v, None) for v in old or [] if v not in (new or [])]
        return gone + [_item(state, project, key, None, v) for v in new or [] if v not in (old or [])]
    return [_item(state, project, key, old, new)]


def wiki(node: Any) -> str:
    """Return the text by which a changelog shows a document: wiki markup, and no more than that."""
    kind, inside = node.get("type"), node.get("content") or ()
    match kind:
        case "text":
            return _marked(node)
        case "hardBreak":
            return "\n"
        case "heading":
            return f"h{node['attrs']['level']}. " + "".join(map(wiki, inside))
        case "listItem":
            return "* " + "\n".join(map(wiki, inside))
        case "codeBlock":
            return "{noformat}" + "".join(map(wiki, inside)) + "{noformat}"
        case "doc":
            return "\n\n".join(map(wiki, inside))
        case "bulletList" | "orderedList":
            return "\n".join(map(wiki, inside))
    return "".join(map(wiki, inside))


def _marked(node: Mapping[str, Any]) -> str:
    text = str(node["text"])
    for mark in node.get("marks", ()):
        match mark["type"]:
            case "strong":
                text = f"*{text}*"
            case "em":
                text = f"_{text}_"
            case "link":
                text = f"[{text}|{mark['attrs']['href']}]"
    return text


def _item(state: State, project: Mapping[str, Any], key: str, old: Any, new: Any) -> Item:
    custom = state.custom(key) if key.startswith("customfield_") else None
    place = Place(state, project, custom or {})
    how = CUSTOM[custom["custom"].rpartition(":")[2]] if custom else SYSTEM.get(key, _text)
    (was, was_text), (now, now_text) = (how(place, v) if v not in (None, []) else (None, None) for v in (old, new))
    values = {"from": was, "fromString": was_text, "to": now, "toString": now_text}
    if key == "parent":
        return {"field": "IssueParentAssociation", "fieldtype": "jira", **values}
    field = custom["name"] if custom else NAMES.get(key, key)
    return {"field": field, "fieldId": key, "fieldtype": "custom" if custom else "jira", **values}


def _text(place: Place, value: Any) -> Pair:
    return None, str(value)


def _document(place: Place, value: Any) -> Pair:
    return None, wiki(value)


def _words(place: Place, value: Any) -> Pair:
    return None, " ".join(value)


def _person(place: Place, value: Any) -> Pair:
    return value, str((place.state.user(value) or {}).get("name", value))


def _issue(place: Place, value: Any) -> Pair:
    return value, str(place.state.issues[value]["key"]) if value in place.state.issues else None


def _date(place: Place, value: Any) -> Pair:
    return value, f"{value} 00:00:00.0"


def _instant(place: Place, value: Any) -> Pair:
    # without seconds: what people set has none
    text = f"{datetime.fromisoformat(value):%Y-%m-%dT%H:%M%z}"
    return text, text


def _option(options: Callable[[Place], Sequence[Mapping[str, Any]]]) -> Show:
    def show(place: Place, value: Any) -> Pair:
        found = next((o for o in options(place) if str(o["id"]) == str(value)), None)
        return str(value), str(found.get("name") or found.get("value")) if found else None

    return show


def _each(show: Show, frame: str = "[{}]") -> Show:
    def shown(place: Place, value: Any) -> Pair:
        pairs = [show(place, v) for v in value]
        return frame.format(", ".join(str(i) for i, _ in pairs)), ", ".join(str(t) for _, t in pairs)

    return shown


_version = _option(lambda place: place.project["versions"])
_choice = _option(lambda place: place.custom["options"])
SYSTEM: Mapping[str, Show] = {
    "status": _option(lambda place: place.project["statuses"]),
    "priority": _option(lambda place: place.state.data["priorities"]),
    "fixVersions": _version,
    "versions": _version,
    "components": _option(lambda place: place.project["components"]),
    "assignee": _person,
    "reporter": _person,
    "parent": _issue,
    "labels": _words,
    "description": _document,
    "environment": _document,
    "duedate": _date,
}
CUSTOM: Mapping[str, Show] = {
    "textfield": _text,
    "textarea": _document,
    "url": _text,
    "float": lambda place, value: (None, f"{value:g}"),
    "jsw-story-points": lambda place, value: (None, f"{value:g}"),
    "select": _choice,
    "radiobuttons": _choice,
    "multiselect": _each(_choice),
    "multicheckboxes": _each(_choice),
    "multiversion": _each(_version),
    "labels": _words,
    "datepicker": lambda place, value: (value, f"{datetime.fromisoformat(value):%d/%b/%y}"),
    "datetime": _instant,
    "userpicker": _person,
    "multiuserpicker": _each(_person),
    "gh-sprint": _each(_option(lambda place: place.project["sprints"]), "{}"),
}
"""By the last word of `schema.custom`; what each looks like was seen in answers recorded from Jira Cloud."""
