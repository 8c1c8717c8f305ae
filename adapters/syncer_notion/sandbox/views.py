"""The stand-in's state as API objects."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from syncer_notion.sandbox import blocks, text
from syncer_notion.sandbox.state import State
from syncer_notion.sandbox.values import SHOWN_AT_ONCE

JSON = dict[str, Any]

CAPACITY = 100


def stamp(moment: datetime) -> str:
    """Return a time as Notion writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def partial(id: str) -> JSON:
    """Return a user as others' objects name them."""
    return {"object": "user", "id": id}


def user(state: State, id: str) -> JSON:
    """Return a user object."""
    known = state.users[id]
    out: JSON = {"object": "user", "id": id, "name": known["name"], "avatar_url": None, "type": known["type"]}
    if known["type"] == "person":
        out["person"] = {"email": known["email"]} if known["email"] else {}
    else:
        out["bot"] = {
            "owner": {"type": "workspace", "workspace": True},
            "workspace_name": "Sandbox",
            "workspace_id": "00000000-0000-4000-8000-000000000000",
            "workspace_limits": {"max_file_upload_size_in_bytes": 5_000_000},
        }
    return out


def page(state: State, held: JSON, viewer: str, whole: bool = False) -> JSON:
    """Return a page object; `whole` shows relations beyond the limit."""
    source = state.sources[held["source"]]
    properties = {
        prop["name"]: {"id": prop["wire_id"], "type": prop["type"], **value(state, held, prop, viewer, whole)}
        for prop in source["properties"].values()
    }
    return {
        "object": "page",
        "id": held["id"],
        "created_time": stamp(held["created_time"]),
        "last_edited_time": stamp(held["last_edited_time"]),
        "created_by": partial(held["created_by"]),
        "last_edited_by": partial(held["last_edited_by"]),
        "in_trash": held["in_trash"],
        "is_archived": held["is_archived"],
        "is_locked": False,
        "icon": None,
        "cover": None,
        "parent": {"type": "data_source_id", "data_source_id": source["id"], "database_id": source["database_id"]},
        "properties": properties,
        "url": f"https://app.notion.com/p/{held['id'].replace('-', '')}",
        "public_url": None,
    }


def hidden(state: State, prop: JSON, viewer: str) -> bool:
    """Say whether a relation leads to a data source that the viewer may not see."""
    target = state.sources.get(prop["relation"]["data_source_id"])
    return target is None or not state.sees(viewer, target)


def value(state: State, held: JSON, prop: JSON, viewer: str, whole: bool) -> JSON:
    """Return a property's value as a page shows it."""
    kind, stored = prop["type"], held["properties"].get(prop["id"])
    if kind in {"created_time", "last_edited_time"}:
        return {kind: stamp(held[kind])}
    if kind in {"created_by", "last_edited_by"}:
        return {kind: user(state, held[kind])}
    if kind == "people":
        return {kind: [user(state, id) for id in (stored if whole else stored[:SHOWN_AT_ONCE])]}
    if kind == "relation":
        # Reads as empty where the related data source is not shared (Notion property values, 2026).
        ids = [] if hidden(state, prop, viewer) else stored
        ids = [id for id in ids if not state.pages[id]["in_trash"]]
        shown = ids if whole else ids[:SHOWN_AT_ONCE]
        return {kind: [{"id": id} for id in shown], "has_more": len(shown) < len(ids)}
    if kind in {"select", "status"} and stored:
        return {kind: option(prop, stored)}
    if kind == "multi_select":
        return {kind: [option(prop, each) for each in stored]}
    if kind == "formula" and stored is None:
        return {kind: {"type": "string", "string": None}}
    if kind == "rollup" and stored is None:
        return {kind: {"type": "number", "number": None, "function": prop["rollup"].get("function", "count")}}
    if kind == "files":
        return {kind: [_file(state, each) for each in stored]}
    if kind == "verification" and stored is None:
        return {kind: {"state": "unverified", "date": None, "verified_by": None}}
    if kind == "button":
        return {kind: {}}
    return {kind: stored}


def _file(state: State, stored: JSON) -> JSON:
    """Return a file; the address of a hosted one is signed anew for an hour (Notion property values, 2026)."""
    if stored["type"] != "file":
        return dict(stored)
    now = state.clock.now()
    url = f"{stored['file']['url']}?X-Amz-Date={now:%Y%m%dT%H%M%S%f}&X-Amz-Expires=3600"
    return {**stored, "file": {"url": url, "expiry_time": stamp(now + timedelta(hours=1))}}


def option(prop: JSON, stored: JSON) -> JSON:
    """Return an option as a value shows it; its present name, not that of when it was chosen."""
    found = next((each for each in prop[prop["type"]]["options"] if each["id"] == stored["id"]), stored)
    return {key: found[key] for key in ("id", "name", "color")}


def source(state: State, held: JSON, viewer: str) -> JSON:
    """Return a data source object with its whole schema."""
    properties = {
        prop["name"]: {
            "id": prop["wire_id"], "name": prop["name"], "description": None, "type": prop["type"],
            prop["type"]: prop[prop["type"]],
        }
        for prop in held["properties"].values()
    }  # fmt: skip
    return {
        "object": "data_source",
        "id": held["id"],
        "title": text.take(text.runs(held["name"]), "title"),
        "description": [],
        "parent": {"type": "database_id", "database_id": held["database_id"]},
        "database_parent": {"type": "workspace", "workspace": True},
        "is_inline": False,
        "in_trash": False,
        "created_time": stamp(held["created_time"]),
        "last_edited_time": stamp(held["created_time"]),
        "created_by": partial(held["created_by"]),
        "last_edited_by": partial(held["created_by"]),
        "properties": properties,
        "icon": None,
        "cover": None,
        "url": f"https://app.notion.com/p/{held['database_id'].replace('-', '')}",
        "public_url": None,
    }


def block(state: State, held: JSON) -> JSON:
    """Return a block object, without its children."""
    return {
        "object": "block",
        "id": held["id"],
        "parent": held["parent"],
        "created_time": stamp(held["created_time"]),
        "last_edited_time": stamp(held["last_edited_time"]),
        "created_by": partial(held["created_by"]),
        "last_edited_by": partial(held["last_edited_by"]),
        "has_children": bool(state.live(held)),
        "in_trash": held["in_trash"],
        "type": held["type"],
        held["type"]: blocks.shown(held["type"], held["payload"], stamp(state.clock.now())),
    }


def tree(state: State, holder: JSON) -> list[JSON]:
    """Return all blocks below a page or block, nested: for judges, never part of the API."""
    return [
        {"id": b["id"], "type": b["type"], b["type"]: b["payload"], "children": tree(state, b)}
        for b in state.live(holder)
    ]


def listed(kind: str, results: list[JSON], next_cursor: str | None = None) -> JSON:
    """Return a list object."""
    return {
        "object": "list",
        "results": results,
        "next_cursor": next_cursor,
        "has_more": next_cursor is not None,
        "type": kind,
        kind: {},
    }
