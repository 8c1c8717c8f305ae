"""Records' values → Notion's requests: what a property takes, will show, or is refused for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncer.errors import RejectedError
from syncer.record import Raw
from syncer_notion import richtext
from syncer_notion.schema import Properties, Property, normal_id
from syncer_notion.wire import by_name, file_row, file_rows, number, period

JSON = Mapping[str, Any]

LIMIT = 100
"""Entries of a list in one write (Notion request limits, 2026)."""


def write(prop: Property, raw: Raw, files: Sequence[JSON] = ()) -> dict[str, Any]:
    """Return the request form of a value. Raises RejectedError for what the API cannot take.

    `files`: what a files property holds now. Those that stay are sent as they are, for a hosted one has no other form.
    """
    if not prop.spec.writable:
        raise refusal(prop, "it is read-only in Notion")
    return {prop.type: _file_items(prop, raw, files) if prop.type == "files" else _written(prop, raw)}


def refusal(prop: Property, why: str) -> RejectedError:
    """Return the refusal of one property's value."""
    return RejectedError(f"{prop.spec.name}: {why}", fields={prop.spec.id: why}, system="notion")


def _written(prop: Property, raw: Raw) -> Any:
    kind = prop.type
    if kind in {"title", "rich_text"}:
        runs = richtext.runs(str(raw or ""))
        if len(runs) > LIMIT:
            raise refusal(prop, f"longer than {LIMIT} runs of {richtext.RUN} characters")
        return runs
    if kind in {"multi_select", "people", "relation"}:
        held = raw if isinstance(raw, list) else []
        if len(held) > LIMIT:
            raise refusal(prop, f"more than {LIMIT} entries cannot be set in one request")
        return [_option(prop, str(each)) if kind == "multi_select" else {"id": str(each)} for each in held]
    if kind == "checkbox":
        return bool(raw)
    if kind == "verification":
        return _verified(prop, raw)
    if raw is None:
        return None
    if kind == "place":
        return _one_place(prop, raw)
    if kind in {"select", "status"}:
        return _option(prop, str(raw))
    if kind == "date":
        return _period(prop, raw)
    return raw


def _option(prop: Property, wanted: str) -> dict[str, str]:
    id = option_id(prop, wanted)
    if id is not None:
        return {"id": id}
    if "," in wanted:
        raise refusal(prop, f"an option's name may hold no comma: {wanted}")
    if prop.type == "status":
        raise refusal(prop, f"there is no status {wanted}; Notion adds none by itself")
    return {"name": wanted}


def _verified(prop: Property, raw: Raw) -> dict[str, str]:
    if raw not in (None, "verified"):
        raise refusal(prop, f"a page can be verified or not, but not be set to {raw}")
    return {"state": "unverified" if raw is None else "verified"}


def _one_place(prop: Property, raw: Raw) -> Raw:
    rows = raw if isinstance(raw, list) else []
    if len(rows) != 1 or not isinstance(rows[0], dict) or not {"lat", "lon"} <= rows[0].keys():
        raise refusal(prop, "it takes one place, with lat and lon")
    return rows[0]


def _file_items(prop: Property, raw: Raw, held: Sequence[JSON]) -> list[JSON]:
    rows = [row for row in raw if isinstance(row, dict)] if isinstance(raw, list) else []
    if len(rows) > LIMIT:
        raise refusal(prop, f"more than {LIMIT} entries cannot be set in one request")
    out: list[JSON] = []
    for row in rows:
        kept = next((each for each in held if file_row(each) == row), None)
        made = _external(row)
        if kept is None and "://" not in made["external"]["url"]:
            raise refusal(prop, f"a file needs an address: {made['name']}")
        out.append({key: kept[key] for key in ("type", "name", kept["type"])} if kept else made)
    return out


def _external(row: Mapping[str, Raw]) -> dict[str, Any]:
    url = str(row.get("url") or "")
    return {"type": "external", "name": str(row.get("name") or url.rsplit("/", 1)[-1]), "external": {"url": url}}


def option_id(prop: Property, wanted: str) -> str | None:
    """Return the id of an option given by id or name: Notion matches names without regard to case."""
    ids = {option.id for option in prop.spec.options}
    if wanted in ids:
        return wanted
    named = {option.name.casefold(): option.id for option in prop.spec.options}
    return named.get(wanted.casefold())


def _period(prop: Property, raw: Raw) -> dict[str, Any]:
    if isinstance(raw, str):
        return {"start": raw}
    if not isinstance(raw, dict) or not raw.get("start"):
        raise refusal(prop, "a date needs a start")
    return {"start": raw["start"], **({"end": raw["end"]} if raw.get("end") else {})}


def normal(prop: Property, raw: Raw) -> Raw:
    """Return what Notion will show of a written value."""
    if raw is None or raw in ("", []):
        return prop.spec.absent_shows
    if prop.type in {"select", "status"}:
        return option_id(prop, str(raw)) or raw
    if prop.type == "multi_select" and isinstance(raw, list):
        return by_name({option_id(prop, str(each)) or str(each) for each in raw})
    if prop.type == "people" and isinstance(raw, list):
        return by_name({str(each) for each in raw})
    if prop.type == "relation" and isinstance(raw, list):
        return by_name({normal_id(str(each)) for each in raw})
    if prop.type == "number" and isinstance(raw, float):
        return number(raw)
    if prop.type == "date":
        return period(_period(prop, raw))
    if prop.type == "files" and isinstance(raw, list):
        return file_rows([_external(row) for row in raw if isinstance(row, dict)])
    return raw


def blamed(message: str, properties: Properties, written: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields that a validation message is about, as far as it tells: it names them by name or id."""
    found = {}
    for id in written:
        prop = properties.by_id.get(id)
        if prop is None:
            continue
        marks = [f"properties.{key}." for key in (prop.spec.name, prop.wire_id, id)]
        marks += [f'"{prop.spec.name}"', f": {prop.spec.name} is ", f": {prop.spec.name}: "]
        if any(mark in message for mark in marks):
            found[id] = message
    return found or ({next(iter(written)): message} if len(written) == 1 else {})
