"""Custom fields by type: what the catalogue says of each, what is accepted, how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from syncer_jira.sandbox import parts
from syncer_jira.sandbox.accept import RefusedError, choice, document, labels, person, plain_date
from syncer_jira.sandbox.state import State

Place = tuple[State, dict[str, Any], dict[str, Any]]
"""The site, the project, and the field's own definition."""


@dataclass(frozen=True, slots=True)
class Custom:
    """One type of custom field. A value that is kept is plain: options by id, people by account, times in UTC."""

    type: str
    accept: Callable[[Place, Any], Any]
    show: Callable[[Place, Any, str], Any]
    items: str = ""

    def schema(self) -> dict[str, str]:
        """Return what the catalogue of fields says of the type."""
        return {"type": self.type, **({"items": self.items} if self.items else {})}


def of(custom: str) -> Custom:
    """Return the type of a field by its `schema.custom`. Raises ValueError for one the stand-in does not know."""
    found = TYPES.get(custom.rpartition(":")[2])
    if found is None:
        raise ValueError(f"the stand-in has no custom fields of the type {custom!r}")
    return found


def _same(place: Place, value: Any, zone: str) -> Any:
    return value


def _option(place: Place, value: Any) -> str:
    if not isinstance(value, dict):
        raise RefusedError(f"Specify a valid 'id' or 'name' for {place[2]['name']}")
    return choice(place[2]["options"], value, "option")


def _each(accept: Callable[[Place, Any], Any]) -> Callable[[Place, Any], Any]:
    def accept_all(place: Place, value: Any) -> Any:
        if not isinstance(value, list):
            raise RefusedError("data was not an array")
        return list(dict.fromkeys(accept(place, each) for each in value))

    return accept_all


def _version(place: Place, value: Any) -> str:
    return choice(place[1]["versions"], value, "version")


def _sprint(place: Place, value: Any) -> Any:
    if not isinstance(value, int) or all(s["id"] != value or s.get("state") == "closed" for s in place[1]["sprints"]):
        raise RefusedError("Number value expected as the Sprint id.")
    return [value]


def _number(place: Place, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise RefusedError("Operation value must be a number")
    return float(value)


def _text(place: Place, value: Any) -> str:
    if not isinstance(value, str):
        raise RefusedError("Operation value must be a string")
    if len(value) > 255:
        raise RefusedError("The entered text is too long. It exceeds the allowed limit of 255 characters.")
    return value


def _url(place: Place, value: Any) -> str:
    if not isinstance(value, str) or "://" not in value:
        raise RefusedError("Not a valid URL")
    return value


def _instant(place: Place, value: Any) -> str:
    try:
        moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")
    except (TypeError, ValueError):
        raise RefusedError(f"Error parsing time: {value}. Use \"yyyy-MM-dd'T'HH:mm:ss.SSSZ\".") from None
    return moment.astimezone(UTC).isoformat()


def _options(place: Place, value: Any, zone: str) -> Any:
    return [parts.option(place[2]["options"], each) for each in value]


def _user(place: Place, value: Any, zone: str) -> Any:
    return parts.user(place[0], value)


NUMBER = Custom("number", _number, lambda place, value, zone: float(value))
SINGLE = Custom("option", _option, lambda place, value, zone: parts.option(place[2]["options"], value))
MULTIPLE = Custom("array", _each(_option), _options, items="option")

TYPES: Mapping[str, Custom] = {
    "textfield": Custom("string", _text, _same),
    "textarea": Custom("string", lambda place, value: document(value), _same),
    "url": Custom("string", _url, _same),
    "float": NUMBER,
    "jsw-story-points": NUMBER,
    "select": SINGLE,
    "radiobuttons": SINGLE,
    "multiselect": MULTIPLE,
    "multicheckboxes": MULTIPLE,
    "labels": Custom("array", lambda place, value: labels(value), _same, items="string"),
    "datepicker": Custom("date", lambda place, value: plain_date(value), _same),
    "datetime": Custom(
        "datetime", _instant, lambda place, value, zone: parts.stamp(datetime.fromisoformat(value), zone)
    ),
    "userpicker": Custom("user", lambda place, value: person(place[0], value), _user),
    "multiuserpicker": Custom(
        "array",
        _each(lambda place, value: person(place[0], value)),
        lambda place, value, zone: [_user(place, each, zone) for each in value],
        items="user",
    ),
    "multiversion": Custom(
        "array",
        _each(_version),
        lambda place, value, zone: [parts.option(place[1]["versions"], each) for each in value],
        items="version",
    ),
    "gh-sprint": Custom(
        "array",
        _sprint,
        lambda place, value, zone: [parts.sprint(s) for s in place[1]["sprints"] if s["id"] in value],
        items="json",
    ),
}
