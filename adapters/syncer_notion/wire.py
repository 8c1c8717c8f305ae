"""Notion's pages → records. Pure; the way back is `writing`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from syncer.record import Raw, Record, Ref, Tag, Version
from syncer_notion import richtext
from syncer_notion.schema import Properties, Property, normal_id

JSON = Mapping[str, Any]

SHOWN = 25
"""References, people and mentions that a page shows at most (Notion property values, 2026)."""


class UnreadableError(Exception):
    """A value that cannot be brought into the shape of its type."""


@dataclass(slots=True)
class Reading:
    """What a page's properties say: `partial` are those of which the page shows only a part."""

    fields: dict[str, Raw] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    partial: list[str] = field(default_factory=list)


def read(page: JSON, properties: Properties) -> Reading:
    """Read all known properties of a page object."""
    reading = Reading()
    by_wire = {value["id"]: value for value in page["properties"].values()}
    for id, prop in properties.by_id.items():
        value = by_wire.get(prop.wire_id)
        if value is None or value["type"] != prop.type:
            # not read: a value of another type than the schema says is not absent
            continue
        if truncated(value):
            reading.partial.append(id)
            continue
        try:
            reading.fields[id] = read_value(prop.type, value)
        except UnreadableError as error:
            reading.unreadable[id] = str(error)
    return reading


def value_of(page: JSON, prop: Property) -> dict[str, Any]:
    """Return what a page object says of one property."""
    return next(value for value in page["properties"].values() if value["id"] == prop.wire_id)


def strange(page: JSON, properties: Properties, reading: Reading) -> set[tuple[str, str]]:
    """Return what a page shows that the schema did not have when it was read: properties, types, options."""
    shown = {value["id"]: value["type"] for value in page["properties"].values() if value["type"] != "button"}
    known = {prop.wire_id: prop.type for prop in properties.by_id.values()}
    found = {(id, kind) for id, kind in shown.items() ^ known.items()}
    for id, raw in reading.fields.items():
        spec = properties.by_id[id].spec
        if spec.options or spec.open_options:
            held = raw if isinstance(raw, list) else [raw] if raw is not None else []
            found |= {(id, str(each)) for each in held} - {(id, option.id) for option in spec.options}
    return found


def truncated(value: JSON) -> bool:
    """Say whether a page may show only a part of this value."""
    kind = value["type"]
    held = value.get(kind)
    if value.get("has_more"):
        return True
    if kind == "people":
        return len(held or ()) >= SHOWN
    if kind in {"title", "rich_text"}:
        return sum(1 for run in held or () if run.get("type") == "mention") >= SHOWN
    return False


def read_value(kind: str, value: JSON) -> Raw:
    """Return a property value in the shape of its type. Raises UnreadableError."""
    reader = READERS.get(kind)
    if reader is None:
        raise UnreadableError(f"Notion's property type {kind} has no counterpart")
    try:
        return reader(value.get(kind))
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(f"a {kind} of unknown shape") from error


def record(page: JSON, properties: Properties, reading: Reading, tag_id: str | None) -> Record:
    """Return the record that a page object shows."""
    edited = instant(page["last_edited_time"])
    editor = (page.get("last_edited_by") or {}).get("id", "")
    held = reading.fields.get(tag_id) if tag_id else None
    title = next((id for id, prop in properties.by_id.items() if prop.type == "title"), "")
    return Record(
        ref=Ref(normal_id(page["id"])),
        type=properties.source,
        fields={id: raw for id, raw in reading.fields.items() if id != tag_id},
        version=Version(f"{page['last_edited_time']}|{editor}"),
        tag=Tag.parse(held) if isinstance(held, str) else None,
        label=str(reading.fields.get(title) or ""),
        url=page.get("url") or "",
        edited_at=edited,
        edited_by=editor,
        created_at=instant(page["created_time"]),
        archived=bool(page.get("is_archived")),
        unreadable=reading.unreadable,
    )


def instant(text: str) -> datetime:
    """Read a time of Notion's; all of them are UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _runs(held: Any) -> Raw:
    return richtext.plain(held or ()) or None


def _choice(held: Any) -> Raw:
    return str(held["id"]) if held else None


def by_name(found: Iterable[str]) -> list[Raw]:
    """Return a set of ids in the one order it is kept in."""
    return [*sorted(found)]


def _ids(held: Any) -> Raw:
    return by_name({str(each["id"]) for each in held or ()}) or None


def _refs(held: Any) -> Raw:
    return by_name({normal_id(each["id"]) for each in held or ()}) or None


def number(held: Any) -> Raw:
    """Return a number; a whole one as such."""
    if isinstance(held, float) and held.is_integer() and abs(held) < 2**53:
        return int(held)
    return held if held is None or isinstance(held, int | float) else None


def moment(text: str, zone: str | None) -> str:
    """Return a date, or an instant in UTC. Raises UnreadableError for a time zone that is not known here."""
    if len(text) == 10:
        return text
    try:
        when = datetime.fromisoformat(text)
        when = when if when.tzinfo else when.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise UnreadableError(f"the time {text} {zone or ''} cannot be read") from error
    when = when.astimezone(UTC)
    digits = "milliseconds" if when.microsecond else "seconds"
    return when.replace(tzinfo=None).isoformat(timespec=digits) + "Z"


def period(held: Any) -> Raw:
    """Return a date or a range of dates. Raises UnreadableError."""
    if not held:
        return None
    zone = held.get("time_zone")
    return {"start": moment(held["start"], zone), "end": moment(held["end"], zone) if held.get("end") else None}


def file_rows(held: Any) -> Raw:
    """Return files as a table."""
    return [file_row(each) for each in held or ()] or None


def file_row(held: JSON) -> dict[str, Raw]:
    """Return a file as a row of its table."""
    place = held.get(held.get("type", "external")) or {}
    # A hosted file's url is signed anew on every read: only what stands before the signature is stable.
    url = str(place.get("url", ""))
    return {"name": str(held.get("name", "")), "url": url.split("?")[0] if held.get("type") == "file" else url}


def _place(held: Any) -> Raw:
    return [{key: value for key, value in held.items() if value is not None}] if held else None


def _verification(held: Any) -> Raw:
    state = held["state"] if held else "unverified"
    if state == "expired":
        raise UnreadableError("its verification has expired")
    return None if state == "unverified" else str(state)


def _unique_id(held: Any) -> Raw:
    if not held or held.get("number") is None:
        return None
    return f"{held['prefix']}-{held['number']}" if held.get("prefix") else str(held["number"])


def _formula(held: Any) -> Raw:
    if not held or held["type"] == "unsupported":
        raise UnreadableError("a formula that the API does not show")
    value = held.get(held["type"])
    if value is None or value == "":
        return None
    if isinstance(value, dict):
        return moment(value["start"], value.get("time_zone")) if value.get("start") else None
    return value if isinstance(value, str) else json.dumps(number(value) if not isinstance(value, bool) else value)


def _rollup(held: Any) -> Raw:
    kind = held["type"] if held else "unsupported"
    if kind == "number":
        return number(held["number"])
    if kind == "date":
        return moment(held["date"]["start"], held["date"].get("time_zone")) if held.get("date") else None
    raise UnreadableError(f"a rollup that is {kind}")


def _text(held: Any) -> Raw:
    return str(held) if held else None


def _instant(held: Any) -> Raw:
    return moment(held, None) if held else None


READERS: Mapping[str, Callable[[Any], Raw]] = {
    "title": _runs, "rich_text": _runs, "number": number, "select": _choice, "status": _choice, "multi_select": _ids,
    "date": period, "people": _ids, "files": file_rows, "checkbox": bool, "url": _text, "email": _text,
    "phone_number": _text, "relation": _refs, "place": _place, "verification": _verification, "formula": _formula,
    "rollup": _rollup, "unique_id": _unique_id, "created_time": _instant, "last_edited_time": _instant,
    "created_by": _choice, "last_edited_by": _choice,
}  # fmt: skip
