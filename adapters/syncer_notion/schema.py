"""A data source's schema as ours. Pure: reads what `GET /v1/data_sources/{id}` answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from syncer.record import FieldSpec, FieldType, Option, Raw, RecordType
from syncer_notion.codec import FORMAT

JSON = Mapping[str, Any]

BODY = "body"
"""The field id of a page's blocks: property ids are `title` or a few random signs, so they do not meet."""

TYPES: Mapping[str, FieldType] = {
    "title": FieldType.LINE,
    "rich_text": FieldType.LINE,
    "number": FieldType.NUMBER,
    "select": FieldType.CHOICE,
    "status": FieldType.CHOICE,
    "multi_select": FieldType.SET,
    "date": FieldType.PERIOD,
    "people": FieldType.PEOPLE,
    "files": FieldType.TABLE,
    "checkbox": FieldType.FLAG,
    "url": FieldType.URL,
    "email": FieldType.LINE,
    "phone_number": FieldType.LINE,
    "relation": FieldType.REFERENCES,
    "place": FieldType.TABLE,
    "verification": FieldType.CHOICE,
    "formula": FieldType.LINE,
    "rollup": FieldType.LINE,
    "unique_id": FieldType.LINE,
    "created_time": FieldType.INSTANT,
    "last_edited_time": FieldType.INSTANT,
    "created_by": FieldType.PERSON,
    "last_edited_by": FieldType.PERSON,
}
VERIFIED = (Option("verified", "Verified"),)
"""A page that is not verified shows absent; a verification that has expired is unreadable, for nobody can write it."""
READ_ONLY = {
    "formula",
    "rollup",
    "unique_id",
    "created_time",
    "last_edited_time",
    "created_by",
    "last_edited_by",
}
NUMERIC_ROLLUPS = {
    "count", "count_values", "empty", "not_empty", "unique", "show_unique", "percent_empty", "percent_not_empty", "sum",
    "average", "median", "min", "max", "range", "checked", "unchecked", "percent_checked", "percent_unchecked",
    "count_per_group", "percent_per_group",
}  # fmt: skip
LENGTHS = {"title": 200_000, "rich_text": 200_000, "url": 2000, "email": 200, "phone_number": 200}
"""100 runs of 2000 UTF-16 units for texts (Notion request limits, 2026)."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property: ours by decoded id, Notion's by the id as its API writes it."""

    wire_id: str
    type: str
    spec: FieldSpec
    target: str = ""


@dataclass(frozen=True, slots=True)
class Properties:
    """The writable and readable properties of one data source, by our field id."""

    source: str
    title: str
    by_id: Mapping[str, Property]
    names: Mapping[str, str] = field(default_factory=dict)

    def record_type(self) -> RecordType:
        """Return the data source as a record type, the page body included."""
        body = FieldSpec(BODY, "Body", FieldType.DOCUMENT, format=FORMAT, costly=True, aliases=("Page body",))
        return RecordType(self.source, self.title, {**{id: p.spec for id, p in self.by_id.items()}, BODY: body})


def read(source: JSON) -> Properties:
    """Read a data source object."""
    found = {}
    for name, config in source["properties"].items():
        if config["type"] == "button":
            continue
        prop = _property(name, config)
        found[prop.spec.id] = prop
    title = "".join(run.get("plain_text", "") for run in source.get("title", ()))
    names = {prop.spec.name: id for id, prop in found.items()}
    return Properties(normal_id(source["id"]), title or source["id"], found, names)


def kept(source: JSON) -> dict[str, Any]:
    """Return as much of a data source object as `read` looks at: what a later run is given instead of the object."""
    return {"id": source["id"], "title": list(source.get("title", ())), "properties": dict(source["properties"])}


def normal_id(id: str) -> str:
    """Return an id with dashes and in lower case: both forms are met (facts: versions and auth)."""
    bare = id.replace("-", "").lower()
    if len(bare) != 32:
        return id.lower()
    return "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))


def _property(name: str, config: JSON) -> Property:
    kind, wire_id = config["type"], config["id"]
    target = normal_id(config["relation"].get("data_source_id") or "") if kind == "relation" else ""
    spec = FieldSpec(
        id=unquote(wire_id),
        name=name,
        type=_type(kind, config),
        writable=kind in TYPES and kind not in READ_ONLY,
        on_create=kind in TYPES and kind not in READ_ONLY,
        required=kind == "title",
        clearable=kind != "status",
        options=_options(kind, config),
        open_options=kind in {"select", "multi_select"},
        absent_shows=_absent(kind, config),
        targets=(target,) if target else (),
        max_length=LENGTHS.get(kind, 0),
    )
    return Property(wire_id, kind, spec, target)


def _type(kind: str, config: JSON) -> FieldType:
    if kind == "rollup" and config["rollup"].get("function") in NUMERIC_ROLLUPS:
        return FieldType.NUMBER
    return TYPES.get(kind, FieldType.LINE)


def _options(kind: str, config: JSON) -> tuple[Option, ...]:
    if kind == "verification":
        return VERIFIED
    if kind not in {"select", "multi_select", "status"}:
        return ()
    groups = {id: group["name"] for group in config[kind].get("groups", ()) for id in group["option_ids"]}
    return tuple(Option(o["id"], o["name"], groups.get(o["id"], "")) for o in config[kind].get("options", ()))


def _absent(kind: str, config: JSON) -> Raw:
    """Return what an empty value reads as: a status falls back to its default, a checkbox to false."""
    if kind == "checkbox":
        return False
    if kind != "status":
        return None
    options = [o["id"] for o in config["status"].get("options", ())]
    first = next((g["option_ids"] for g in config["status"].get("groups", ()) if g["option_ids"]), options)
    return next((id for id in options if id in first), None)
