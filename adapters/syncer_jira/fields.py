"""Jira's field catalogue → our field specs: which of Jira's value shapes a field has. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from syncer.record import FieldSpec, FieldType, Option


class Shape(StrEnum):
    """How Jira's JSON writes a value."""

    TEXT = "text"
    ADF = "adf"
    NUMBER = "number"
    DATE = "date"
    INSTANT = "instant"
    OPTION = "option"
    OPTIONS = "options"
    STRINGS = "strings"
    USER = "user"
    USERS = "users"
    PARENT = "parent"
    SPRINT = "sprint"
    UNKNOWN = "unknown"


TYPES: Mapping[Shape, FieldType] = {
    Shape.TEXT: FieldType.LINE,
    Shape.ADF: FieldType.DOCUMENT,
    Shape.NUMBER: FieldType.NUMBER,
    Shape.DATE: FieldType.DATE,
    Shape.INSTANT: FieldType.INSTANT,
    Shape.OPTION: FieldType.CHOICE,
    Shape.OPTIONS: FieldType.SET,
    Shape.STRINGS: FieldType.SET,
    Shape.USER: FieldType.PERSON,
    Shape.USERS: FieldType.PEOPLE,
    Shape.PARENT: FieldType.REFERENCE,
    Shape.SPRINT: FieldType.CHOICE,
    Shape.UNKNOWN: FieldType.LINE,
}

_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"
CUSTOM_SHAPES: Mapping[str, Shape] = {
    "com.pyxis.greenhopper.jira:gh-sprint": Shape.SPRINT,
    "com.pyxis.greenhopper.jira:jsw-story-points": Shape.NUMBER,
    f"{_CUSTOM}float": Shape.NUMBER,
    f"{_CUSTOM}textfield": Shape.TEXT,
    f"{_CUSTOM}textarea": Shape.ADF,
    f"{_CUSTOM}select": Shape.OPTION,
    f"{_CUSTOM}radiobuttons": Shape.OPTION,
    f"{_CUSTOM}multiselect": Shape.OPTIONS,
    f"{_CUSTOM}multicheckboxes": Shape.OPTIONS,
    f"{_CUSTOM}multiversion": Shape.OPTIONS,
    f"{_CUSTOM}labels": Shape.STRINGS,
    f"{_CUSTOM}userpicker": Shape.USER,
    f"{_CUSTOM}multiuserpicker": Shape.USERS,
    f"{_CUSTOM}datepicker": Shape.DATE,
    f"{_CUSTOM}datetime": Shape.INSTANT,
    f"{_CUSTOM}url": Shape.TEXT,
}
"""By `schema.custom`, never by name: names are mutable, localised and may repeat (Jira REST v3, GET /field)."""

SYSTEM_SHAPES: Mapping[str, Shape] = {
    "summary": Shape.TEXT,
    "description": Shape.ADF,
    "environment": Shape.ADF,
    "status": Shape.OPTION,
    "priority": Shape.OPTION,
    "resolution": Shape.OPTION,
    "assignee": Shape.USER,
    "reporter": Shape.USER,
    "creator": Shape.USER,
    "labels": Shape.STRINGS,
    "fixVersions": Shape.OPTIONS,
    "versions": Shape.OPTIONS,
    "components": Shape.OPTIONS,
    "parent": Shape.PARENT,
    "duedate": Shape.DATE,
    "created": Shape.INSTANT,
    "updated": Shape.INSTANT,
}
READ_ONLY = frozenset({"resolution", "creator", "created", "updated"})
ALWAYS = frozenset({"created", "updated", "creator", "resolution", "status"})
"""On every issue, whatever its screens say."""

HIDDEN = frozenset(
    {"issuetype", "project", "attachment", "issuelinks", "comment", "worklog", "security", "timetracking"}
)
"""Not fields of ours: told by the record itself, or not carried yet."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field and how Jira writes its values."""

    spec: FieldSpec
    shape: Shape


def shape_of(entry: Mapping[str, Any]) -> Shape:
    """Return the shape of a field of Jira's catalogue."""
    schema = entry.get("schema") or {}
    custom = schema.get("custom")
    if not custom:
        return SYSTEM_SHAPES.get(str(entry.get("id") or schema.get("system") or ""), Shape.UNKNOWN)
    return CUSTOM_SHAPES.get(custom, Shape.UNKNOWN)


def field_of(entry: Mapping[str, Any], meta: Mapping[str, Any] | None = None) -> Field:
    """Describe a field: `entry` from the catalogue, `meta` from the create screen of one issue type."""
    shape = shape_of(entry)
    key = str(entry["id"])
    known = shape is not Shape.UNKNOWN and key not in READ_ONLY
    kind = FieldType.URL if (entry.get("schema") or {}).get("custom") == f"{_CUSTOM}url" else TYPES[shape]
    spec = FieldSpec(
        id=key,
        name=str(entry.get("name") or key),
        type=kind,
        writable=known,
        on_create=known and meta is not None and key != "status",
        required=bool(meta and meta.get("required") and not meta.get("hasDefaultValue")),
        clearable=known and key not in ("summary", "status", "reporter"),
        options=options_of((meta or {}).get("allowedValues") or ()),
        open_options=shape is Shape.STRINGS,
        format="adf" if shape is Shape.ADF else "",
        max_length={Shape.ADF: 32767, Shape.TEXT: 255}.get(shape, 0) if kind is not FieldType.URL else 0,
        aliases=tuple(name for name in entry.get("clauseNames") or () if name != key),
    )
    return Field(spec, shape)


def options_of(values: Sequence[Mapping[str, Any]]) -> tuple[Option, ...]:
    """Read what a field offers."""
    return tuple(Option(str(v["id"]), _name(v), _category(v)) for v in values if "id" in v)


def with_spec(field: Field, **changes: Any) -> Field:
    """Return the field with parts of its spec replaced."""
    return replace(field, spec=replace(field.spec, **changes))


def _name(value: Mapping[str, Any]) -> str:
    return str(value.get("name") or value.get("value") or value["id"])


def _category(value: Mapping[str, Any]) -> str:
    category = value.get("statusCategory")
    return str(category.get("key", "")) if isinstance(category, dict) else str(value.get("state", ""))
