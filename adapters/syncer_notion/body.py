"""Reads a page's blocks, and writes the difference between two bodies in as few calls as the API allows.

New text is put in before old text is taken out: stopped between any two calls, nothing a person wrote is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from syncer.errors import NotFoundError, RejectedError, StaleError
from syncer.record import Raw
from syncer_notion import blocks
from syncer_notion.client import NotionClient

JSON = dict[str, Any]

CHUNK = 100
"""Blocks in one array (Notion request limits, 2026)."""
ELEMENTS = 1000
"""Block elements in one request (ditto)."""
BYTES = 400_000
"""Of the 500 KB a request may have (ditto)."""
LEVELS = 2
"""Levels below the blocks of one request (ditto)."""


def read(client: NotionClient, id: str) -> list[Raw]:
    """Return all blocks below a page or block, as we keep them."""
    out: list[Raw] = []
    for block in client.children(id):
        # A child page is a page of its own: what it holds is not this page's text.
        deeper = block.get("has_children") and block["type"] not in {"child_page", "child_database"}
        below: list[Any] = read(client, block["id"]) if deeper else []
        out.append(blocks.kept(block, below))
    return out


def fits_in_create(body: Sequence[JSON]) -> bool:
    """Say whether a body can travel with the request that creates its page."""
    return len(body) <= CHUNK and all(_whole(block) for block in body) and _light(body)


def for_create(body: Sequence[JSON]) -> list[JSON]:
    """Return a body as a create takes it."""
    return [blocks.request(block) for block in body]


def write(client: NotionClient, page: str, was: Sequence[JSON], now: Sequence[JSON]) -> None:
    """Make the calls that turn `was` into `now`. Raises StaleError where the page is no longer as `was` says."""
    try:
        _write(client, page, was, now)
    except NotFoundError as error:
        raise StaleError(f"the page's text changed meanwhile: {error.message}", system="notion", ref=page) from error
    except RejectedError as error:
        if "after_block" not in error.message:
            raise RejectedError(error.message, fields={"body": error.message}, system="notion", ref=page) from error
        raise StaleError(f"the page's text changed meanwhile: {error.message}", system="notion", ref=page) from error


def _write(client: NotionClient, parent: str, was: Sequence[JSON], now: Sequence[JSON]) -> None:
    stays = _staying(was, now)
    fresh: list[JSON] = []
    anchor = ""
    for block in now:
        before = stays.get(block.get("id", ""))
        if before is None:
            fresh.append(block)
            continue
        anchor = _append(client, parent, fresh, anchor, last=False) if fresh else anchor
        fresh, anchor = [], block["id"]
        changed = blocks.update(before, block)
        if changed:
            client.update_block(block["id"], {block["type"]: changed})
        _write(client, block["id"], before.get("children", ()), block.get("children", ()))
    if fresh:
        _append(client, parent, fresh, anchor, last=not was or anchor == was[-1]["id"])
    for block in was:
        if block["id"] not in stays and not blocks.pinned(block):
            client.delete_block(block["id"])


def _staying(was: Sequence[JSON], now: Sequence[JSON]) -> dict[str, JSON]:
    """Return the blocks that keep their place, by id: blocks cannot be moved, so one that overtook is made anew."""
    place = {block["id"]: n for n, block in enumerate(was)}
    out: dict[str, JSON] = {}
    last = -1
    for block in now:
        at = place.get(block.get("id", ""), -1)
        if at > last and was[at]["type"] == block["type"]:
            out[block["id"]] = was[at]
            last = at
    return out


def _append(client: NotionClient, parent: str, fresh: Sequence[JSON], anchor: str, *, last: bool) -> str:
    """Put blocks behind `anchor` (first, where it is empty); return the id of the last."""
    for chunk in _chunks(fresh):
        if anchor and not last:
            position: JSON | None = {"type": "after_block", "after_block": {"id": anchor}}
        else:
            position = None if last else {"type": "start"}
        sent = [blocks.request(block if _whole(block) else _head(block)) for block in chunk]
        made = client.append(parent, sent, position)
        for block, answer in zip(chunk, made, strict=True):
            if not _whole(block):
                _finish(client, answer["id"], block)
        anchor = made[-1]["id"]
    return anchor


def _finish(client: NotionClient, id: str, block: JSON) -> None:
    """Put what a large block still lacks below its head."""
    if block["type"] == "column_list":
        for column, made in zip(block["children"], list(client.children(id)), strict=True):
            _append(client, made["id"], column.get("children", ()), "", last=True)
        return
    sent = len(_head(block).get("children", ()))
    _append(client, id, block["children"][sent:], "", last=True)


def _whole(block: JSON) -> bool:
    """Say whether a block can be sent with all below it."""
    return blocks.depth(block) <= LEVELS and blocks.widest(block) <= CHUNK and blocks.count(block) <= ELEMENTS


def _head(block: JSON) -> JSON:
    """Return what is sent first of a block that is too large to be sent whole: a table cannot be without rows."""
    if block["type"] == "table":
        return {**block, "children": block["children"][:CHUNK]}
    if block["type"] == "column_list":
        return {**block, "children": [{**column, "children": []} for column in block["children"]]}
    return {key: value for key, value in block.items() if key != "children"}


def _chunks(fresh: Sequence[JSON]) -> Iterator[list[JSON]]:
    chunk: list[JSON] = []
    elements = weight = 0
    for block in fresh:
        size, heavy = blocks.count(block) if _whole(block) else 1, len(json.dumps(block))
        if chunk and (len(chunk) == CHUNK or elements + size > ELEMENTS or weight + heavy > BYTES):
            yield chunk
            chunk, elements, weight = [], 0, 0
        chunk.append(block)
        elements += size
        weight += heavy
    if chunk:
        yield chunk


def _light(chunk: Sequence[JSON]) -> bool:
    return len(json.dumps(chunk)) <= BYTES
