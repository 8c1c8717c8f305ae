"""What judges and tests may see and do that the API has no verb for."""

from __future__ import annotations

from typing import Any

from syncer_notion.sandbox import views
from syncer_notion.sandbox.state import State, dashed

JSON = dict[str, Any]


def dump(state: State) -> JSON:
    """Return everything: pages as whole API objects, with their blocks under `body`."""
    viewer = next(iter(state.users))
    return {
        "users": [views.user(state, id) for id in state.users],
        "data_sources": [views.source(state, source, viewer) for source in state.sources.values()],
        "pages": [
            {**views.page(state, page, viewer, True), "body": views.tree(state, page)} for page in state.pages.values()
        ],
    }


def edit(state: State, what: JSON) -> JSON:
    """Do what only Notion's own app can: purge a page, share a data source, add a read-only block, edit a schema.

    {"purge": page} · {"share": data source, "on": bool} · {"rename": property, "in": data source, "to": name} ·
    {"value": {property id: stored value}, "page": page} · {"block": {type: payload}, "page": page}
    """
    if "purge" in what:
        state.pages.pop(dashed(what["purge"]))
        state.past.pop(dashed(what["purge"]))
    elif "share" in what:
        state.sources[dashed(what["share"])]["shared"] = what["on"]
    elif "rename" in what:
        state.prop(state.sources[dashed(what["in"])], what["rename"])["name"] = what["to"]
    elif "value" in what:
        page = state.pages[dashed(what["page"])]
        page["properties"].update(what["value"])
        state.touch(page, page["last_edited_by"])
    elif "block" in what:
        return {"id": _plant(state, state.pages[dashed(what["page"])], what["block"])}
    else:
        raise ValueError(f"no such edit: {sorted(what)}")
    return {"ok": True}


def _plant(state: State, page: JSON, given: JSON) -> str:
    """Add a block that the API cannot make, at the end of a page."""
    kind = next(iter(given))
    stand_in = {"type": "divider", "divider": {}}
    parent = {"type": "page_id", "page_id": page["id"]}
    (block,) = state.append(parent, [stand_in], len(page["children"]), page["last_edited_by"])
    block["type"], block["payload"] = kind, dict(given[kind])
    state.touch(page, page["last_edited_by"])
    return str(block["id"])
