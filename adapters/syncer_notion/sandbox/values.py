"""Property values: what a write may say, what is stored, what a page shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from syncer_notion.sandbox import text
from syncer_notion.sandbox.refusal import invalid

JSON = dict[str, Any]

READ_ONLY = {
    "created_time", "created_by", "last_edited_time", "last_edited_by", "formula", "rollup", "unique_id", "button",
}  # fmt: skip
COLORS = ("default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
SHOWN_AT_ONCE = 25
"""References a page shows before `has_more` (Notion property values, 2026)."""


def empty(kind: str) -> Any:
    """Return the stored form of nothing."""
    if kind in {"title", "rich_text", "multi_select", "people", "files", "relation"}:
        return []
    return False if kind == "checkbox" else None


def default_status(config: JSON) -> JSON | None:
    """Return the option that an empty status falls back to: the first of the first group."""
    status = config["status"]
    for group in status["groups"]:
        for option in status["options"]:
            if option["id"] in group["option_ids"]:
                return dict(option)
    return dict(status["options"][0]) if status["options"] else None


def take(prop: JSON, value: JSON, new_id: Callable[[], str]) -> Any:
    """Validate a property value of a request; return what to store. May add an option to `prop`."""
    kind, name = prop["type"], prop["name"]
    if kind in READ_ONLY:
        raise invalid(f"{name} is a read-only property of type {kind} and cannot be updated.")
    if not isinstance(value, dict) or kind not in value:
        raise invalid(f"{name} is expected to be {kind}.")
    given = value[kind]
    if kind in {"title", "rich_text"}:
        return text.take(given, f"body.properties.{name}.{kind}")
    if kind == "status":
        return _status(prop, given)
    if kind == "select":
        return None if given is None else _option(prop, given, new_id)
    if kind == "multi_select":
        _at_most(given, name, kind)
        return _unique([_option(prop, each, new_id) for each in given])
    if kind in {"people", "relation"}:
        _at_most(given, name, kind)
        return list(dict.fromkeys(_id(each, name, kind) for each in given))
    return _scalar(kind, name, given)


def _at_most(given: Any, name: str, kind: str) -> None:
    if not isinstance(given, list):
        raise invalid(f"body failed validation: body.properties.{name}.{kind} should be an array.")
    if len(given) > 100:
        raise invalid(
            f"body failed validation: body.properties.{name}.{kind}.length should be ≤ `100`, instead was"
            f" `{len(given)}`."
        )


def _id(value: Any, name: str, kind: str) -> str:
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise invalid(f"body failed validation: body.properties.{name}.{kind}[0].id should be a string.")
    return str(value["id"])


def _unique(options: list[JSON]) -> list[JSON]:
    return list({option["id"]: option for option in options}.values())


def _status(prop: JSON, given: Any) -> JSON | None:
    if given is None:
        return default_status(prop)
    for option in prop["status"]["options"]:
        if given.get("id") == option["id"] or given.get("name") == option["name"]:
            return dict(option)
    wanted = given.get("name", given.get("id"))
    raise invalid(f'Invalid status option. Status option "{wanted}" does not exist on property "{prop["name"]}".')


def _option(prop: JSON, given: JSON, new_id: Callable[[], str]) -> JSON:
    options = prop[prop["type"]]["options"]
    if "id" in given:
        for option in options:
            if option["id"] == given["id"]:
                return dict(option)
        if "name" not in given:
            raise invalid(f'{prop["name"]}: option with ID "{given["id"]}" does not exist.')
    name = given.get("name")
    if not isinstance(name, str) or not name or "," in name:
        raise invalid(
            f"body failed validation: body.properties.{prop['name']}: Invalid select option, commas not allowed."
        )
    for option in options:
        if option["name"].casefold() == name.casefold():
            return dict(option)
    option = {"id": new_id(), "name": name, "color": COLORS[len(options) % len(COLORS)], "description": None}
    options.append(option)
    return dict(option)


def _scalar(kind: str, name: str, given: Any) -> Any:
    where = f"body.properties.{name}.{kind}"
    if kind == "checkbox":
        if not isinstance(given, bool):
            raise invalid(f"body failed validation: {where} should be a boolean.")
        return given
    if given is None:
        return None
    if kind == "number":
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise invalid(f"body failed validation: {where} should be a number.")
        return given
    if kind == "date":
        return _date(given, where)
    if kind in {"url", "email", "phone_number"}:
        limit = 2000 if kind == "url" else 200
        if not isinstance(given, str) or not given or text.units(given) > limit:
            raise invalid(
                f"body failed validation: {where} should be a non-empty string of at most {limit} characters."
            )
        return given
    return _object(kind, name, given, where)


def _object(kind: str, name: str, given: Any, where: str) -> Any:
    if kind == "files":
        _at_most(given, name, kind)
        return [_file(each, where) for each in given]
    if kind == "place":
        if not isinstance(given, dict) or not all(isinstance(given.get(k), int | float) for k in ("lat", "lon")):
            raise invalid(f"body failed validation: {where}.lat should be a number.")
        return given
    if kind == "verification":
        if not isinstance(given, dict) or given.get("state") not in ("verified", "unverified"):
            raise invalid(f'body failed validation: {where}.state should be "verified" or "unverified".')
        return {"state": given["state"], "date": given.get("date"), "verified_by": None}
    return given


def _file(given: Any, where: str) -> JSON:
    kind = given.get("type") if isinstance(given, dict) else None
    if kind not in ("external", "file") or not isinstance(given.get(kind, {}).get("url"), str):
        raise invalid(f"body failed validation: {where}[0].external should be defined, instead was `undefined`.")
    if not isinstance(given.get("name"), str):
        raise invalid(f"body failed validation: {where}[0].name should be a string.")
    # A hosted file is sent back with the signed address it was shown with.
    url = given[kind]["url"].split("?")[0] if kind == "file" else given[kind]["url"]
    return {"type": kind, "name": given["name"], kind: {"url": url}}


def _date(given: Any, where: str) -> JSON:
    if not isinstance(given, dict) or not isinstance(given.get("start"), str):
        raise invalid(f"body failed validation: {where}.start should be a string.")
    zone = given.get("time_zone")
    start, end = given["start"], given.get("end")
    begin, until = _moment(start, zone, where), _moment(end, zone, where) if end else None
    if end and (len(end) == 10) != (len(start) == 10):
        raise invalid(f"body failed validation: {where}: start and end must both have a time or neither.")
    if until and until < begin:
        raise invalid(f"body failed validation: {where}.end should be after start.")
    return {"start": begin, "end": until, "time_zone": None}


def _moment(value: str, zone: str | None, where: str) -> str:
    try:
        if len(value) == 10:
            return datetime.fromisoformat(value).date().isoformat()
        moment = datetime.fromisoformat(value)
        if zone and moment.tzinfo:
            raise invalid(f"body failed validation: {where}: a UTC offset is not allowed with time_zone.")
        moment = moment.replace(tzinfo=ZoneInfo(zone or "UTC")) if moment.tzinfo is None else moment
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise invalid(f"body failed validation: {where} should be a valid ISO 8601 date string.") from error
    return moment.isoformat(timespec="milliseconds")


def shorthand(kind: str, value: Any) -> JSON:
    """Return the request form of a plain value: what seeds are written in."""
    if isinstance(value, dict) and kind in value:
        return value
    if kind in {"title", "rich_text"} and isinstance(value, str):
        return {kind: text.runs(value)}
    if kind in {"select", "status"} and isinstance(value, str):
        return {kind: {"name": value}}
    if kind == "multi_select":
        return {kind: [{"name": each} for each in value]}
    if kind in {"people", "relation"}:
        return {kind: [{"id": each} for each in value]}
    if kind == "date" and isinstance(value, str):
        return {kind: {"start": value}}
    return {kind: value}
