"""Fills the stand-in from a seed: plain JSON, property values in shorthand or in Notion's own request form."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

from syncer_notion.sandbox import blocks, text, values
from syncer_notion.sandbox.state import State, dashed, minute

JSON = dict[str, Any]

BOT_TOKEN = "ntn_sandbox_bot"  # noqa: S105 - a password for a server on loopback that holds nothing
PERSON_TOKEN = "ntn_sandbox_person"  # noqa: S105 - as above

STATUS: JSON = {
    "status": {
        "groups": {
            "To-do": ["Idea", "To do"],
            "In progress": ["In progress", "In review"],
            "Complete": ["Done", "Dropped"],
        }
    }
}
PRIORITY: JSON = {"select": {"options": ["Highest", "High", "Medium", "Low", "Lowest"]}}

DEFAULT: JSON = {
    "users": [
        {"name": "Syncer", "type": "bot", "token": BOT_TOKEN},
        {"name": "Ada Lovelace", "email": "ada@example.com", "token": PERSON_TOKEN},
        {"name": "Björn Dahl", "email": "bjorn@example.com"},
    ],
    "data_sources": [
        {
            "name": "Roadmap",
            "properties": {
                "Name": "title", "Syncer ID": "rich_text", "Status": STATUS, "Owner": "people", "Tags": "multi_select",
                "Dates": "date", "Reach": "number", "Impact": "number", "Confidence": "number", "Effort": "number",
                "MoSCoW": {"select": {"options": ["Must", "Should", "Could", "Won't"]}},
            },
            "pages": [
                {"properties": {"Name": "Route sharing", "Status": "In progress", "Owner": ["ada@example.com"],
                                "Reach": 12000, "Impact": 2, "Confidence": 80, "Effort": 3, "MoSCoW": "Must"},
                 "children": ["People plan together; they want to send a route as a link."]},
                {"properties": {"Name": "Offline maps", "Status": "To do", "Reach": 9000, "Impact": 3,
                                "Confidence": 50, "Effort": 5, "MoSCoW": "Should"}},
                {"properties": {"Name": "Gear lists", "Status": "Idea", "Owner": ["bjorn@example.com"]}},
            ],
        },
        {
            "name": "Backlog",
            "properties": {
                "Name": "title", "Syncer ID": "rich_text", "Status": STATUS, "Priority": PRIORITY, "Owner": "people",
                "Type": {"select": {"options": ["Epic", "Story", "Task", "Subtask", "Bug"]}},
                "Labels": "multi_select", "Points": "number", "Sprint": "select", "Start": "date", "Due": "date",
                "Parent": {"relation": {"data_source": "Backlog"}},
            },
            "pages": [],
        },
    ],
}  # fmt: skip
"""A seed: users (`id`, `token` optional; the first bot is the integration), data sources with their properties
(a type's name, or {type: configuration}) and pages ({"id", "properties", "children", "by"})."""


def fill(state: State, seed: JSON) -> None:
    """Put a seed's users, data sources and pages into an empty state."""
    for given in seed.get("users", []):
        _user(state, given)
    if not any(user["type"] == "bot" for user in state.users.values()):
        _user(state, {"name": "Syncer", "type": "bot", "token": BOT_TOKEN})
    sources = [(given, _source(state, given)) for given in seed.get("data_sources", [])]
    for given, source in sources:
        for name, config in given.get("properties", {}).items():
            _property(state, source, name, config)
    _pair(state)
    _pages(state, sources)


def _user(state: State, given: JSON) -> None:
    id = dashed(given["id"]) if "id" in given else state.new_id()
    kind = given.get("type", "person")
    state.users[id] = {"name": given["name"], "email": given.get("email", ""), "type": kind}
    state.tokens[given.get("token") or f"ntn_{given['name'].split()[0].casefold()}"] = id


def _source(state: State, given: JSON) -> JSON:
    source: JSON = {
        "id": dashed(given["id"]) if "id" in given else state.new_id(),
        "database_id": dashed(given["database_id"]) if "database_id" in given else state.new_id(),
        "name": given["name"], "properties": {}, "shared": given.get("shared", True), "counter": 0,
        "created_time": minute(state.clock.now()), "created_by": next(iter(state.users)),
    }  # fmt: skip
    state.sources[source["id"]] = source
    return source


def _property(state: State, source: JSON, name: str, config: Any) -> None:
    kind, detail = (config, {}) if isinstance(config, str) else _split(config)
    id = "title" if kind == "title" else uuid.uuid5(uuid.NAMESPACE_OID, f"{source['id']} {name}").hex[:3] + ":"
    prop: JSON = {"id": id, "wire_id": quote(id, safe=""), "name": name, "type": kind}
    prop[kind] = _config(state, kind, detail)
    source["properties"][id] = prop


def _split(config: JSON) -> tuple[str, JSON]:
    kind = config.get("type") or next(iter(config))
    return kind, config.get(kind) or {}


def _config(state: State, kind: str, detail: JSON) -> JSON:
    if kind in {"select", "multi_select"}:
        return {"options": [_option(state, each, n) for n, each in enumerate(detail.get("options", []))]}
    if kind == "status":
        options: list[JSON] = []
        groups: list[JSON] = []
        for group, names in detail["groups"].items():
            made = [_option(state, each, len(options) + n) for n, each in enumerate(names)]
            options += made
            ids = [option["id"] for option in made]
            groups.append({"id": state.new_id(), "name": group, "color": "gray", "option_ids": ids})
        return {"options": options, "groups": groups}
    if kind == "relation":
        target = next(s for s in state.sources.values() if detail["data_source"] in (s["id"], s["name"]))
        kept = {"database_id": target["database_id"], "data_source_id": target["id"]}
        if "two_way" in detail:
            return {**kept, "type": "dual_property", "dual_property": {"synced_property_name": detail["two_way"]}}
        return {**kept, "type": "single_property", "single_property": {}}
    if kind == "rollup":
        names = ("relation_property_name", "relation_property_id", "rollup_property_name", "rollup_property_id")
        return {"function": "count", **dict.fromkeys(names, ""), **detail}
    return {"format": detail.get("format", "number")} if kind == "number" else dict(detail)


def _option(state: State, given: Any, n: int) -> JSON:
    named = {"name": given} if isinstance(given, str) else dict(given)
    return {"id": state.new_id(), "color": values.COLORS[n % len(values.COLORS)], "description": None, **named}


def _pair(state: State) -> None:
    for source in state.sources.values():
        for prop in source["properties"].values():
            dual = prop.get("relation", {}).get("dual_property")
            if dual:
                target = state.sources[prop["relation"]["data_source_id"]]
                dual["synced_property_id"] = state.prop(target, dual["synced_property_name"])["id"]


def _pages(state: State, sources: list[tuple[JSON, JSON]]) -> None:
    titles: dict[str, str] = {}
    later: list[tuple[JSON, JSON, JSON]] = []
    first = next(iter(state.users))
    for given, source in sources:
        for row in given.get("pages", []):
            by = _account(state, row["by"]) if "by" in row else first
            plain, related, fixed = _sorted_out(state, source, row.get("properties", {}))
            children = [_block(child) for child in row.get("children", [])]
            made = state.create_page(source, plain, children[:100], by, dashed(row["id"]) if "id" in row else "")
            for start in range(100, len(children), 100):
                part = children[start : start + 100]
                state.append({"type": "page_id", "page_id": made["id"]}, part, len(made["children"]), by)
            made["properties"].update(fixed)
            state.touch(made, by)
            titles.setdefault(text.plain(made["properties"]["title"]), made["id"])
            later.append((made, related, {"by": by}))
    for page, related, who in later:
        if related:
            named = {
                name: {"relation": [{"id": titles.get(each, each)} for each in ids]} for name, ids in related.items()
            }
            state.change_page(page, named, who["by"])
    for past in state.past.values():
        # What a seed holds has been there for long: the index knows it.
        past[:] = [(at - state.lag, page) for at, page in past]


def _sorted_out(state: State, source: JSON, given: JSON) -> tuple[JSON, JSON, JSON]:
    plain: JSON = {}
    related: JSON = {}
    fixed: JSON = {}
    for name, value in given.items():
        prop = state.prop(source, name)
        if prop["type"] in values.READ_ONLY:
            fixed[prop["id"]] = value
        elif prop["type"] == "relation":
            related[name] = value
        elif prop["type"] == "people":
            plain[name] = values.shorthand("people", [_account(state, each) for each in value])
        else:
            plain[name] = values.shorthand(prop["type"], value)
    return plain, related, fixed


def _account(state: State, who: str) -> str:
    for id, user in state.users.items():
        if who in (id, user["email"], user["name"]):
            return id
    raise ValueError(f"the seed names {who}, who is no user")


def _block(given: Any) -> JSON:
    if isinstance(given, str):
        return {"type": "paragraph", "paragraph": {"rich_text": text.runs(given)}}
    kind = given.get("type") or blocks.kind_of(given, "seed")
    return {"type": kind, **given}
