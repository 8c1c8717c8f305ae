"""What the stand-in remembers: users, data sources, pages and blocks, and how pages looked a moment ago."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from syncer.testing.server import Clock
from syncer_notion.sandbox import blocks, values
from syncer_notion.sandbox.refusal import absent, invalid

JSON = dict[str, Any]

LIMIT_BLOCKS = 1000
"""Block elements in one request (Notion request limits, 2026)."""


def dashed(id: str) -> str:
    """Return an id as Notion shows it. Refuses what is no id."""
    try:
        return str(uuid.UUID(id))
    except ValueError as error:
        raise invalid(f"path failed validation: path.id should be a valid uuid, instead was `{id!r}`.") from error


def minute(moment: datetime) -> datetime:
    """Round down to the minute, as Notion's clocks do (facts: last_edited_time)."""
    return moment.replace(second=0, microsecond=0)


class State:
    """Everything, in plain dicts by id. Values are stored as `values.take` and `blocks.take` return them."""

    def __init__(self, clock: Clock, lag: float) -> None:
        self.clock, self.lag = clock, timedelta(seconds=lag)
        self.users: dict[str, JSON] = {}
        self.tokens: dict[str, str] = {}
        self.sources: dict[str, JSON] = {}
        self.pages: dict[str, JSON] = {}
        self.blocks: dict[str, JSON] = {}
        self.past: dict[str, list[tuple[datetime, JSON]]] = {}
        self._ids = 0

    def new_id(self) -> str:
        """Return a fresh id; the same seed and requests give the same ids."""
        self._ids += 1
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"notion sandbox {self._ids}"))

    # what there is

    def source(self, id: str, user: str) -> JSON:
        """Return a data source that this user may see."""
        found = self.sources.get(dashed(id))
        if found is None or not self.sees(user, found):
            raise absent("data_source", id)
        return found

    def sees(self, user: str, source: JSON) -> bool:
        """Say whether a data source is shared with a user; people see everything."""
        return bool(source["shared"]) or self.users[user]["type"] == "person"

    def page(self, id: str, user: str) -> JSON:
        """Return a page that this user may see, trashed ones too."""
        found = self.pages.get(dashed(id))
        if found is None or not self.sees(user, self.sources[found["source"]]):
            raise absent("page", id)
        return found

    def prop(self, source: JSON, key: str) -> JSON:
        """Return a property by name, id or encoded id."""
        for prop in source["properties"].values():
            if key in (prop["id"], prop["name"], prop["wire_id"]):
                found: JSON = prop
                return found
        raise invalid(f"Could not find property with name or id: {key}")

    # pages

    def create_page(self, source: JSON, properties: JSON, children: list[JSON], user: str, id: str = "") -> JSON:
        """Add a row."""
        now = minute(self.clock.now())
        page: JSON = {
            "id": id or self.new_id(), "source": source["id"], "created_time": now, "last_edited_time": now,
            "created_by": user, "last_edited_by": user, "in_trash": False, "is_archived": False, "children": [],
            "properties": {p["id"]: values.empty(p["type"]) for p in source["properties"].values()},
        }  # fmt: skip
        for prop in source["properties"].values():
            if prop["type"] == "status":
                page["properties"][prop["id"]] = values.default_status(prop)
            if prop["type"] == "unique_id":
                source["counter"] += 1
                number = {"prefix": prop["unique_id"].get("prefix"), "number": source["counter"]}
                page["properties"][prop["id"]] = number
        taken = self._taken(source, properties)
        self._count(children)
        for n, child in enumerate(children):
            self._check(child, f"body.children[{n}]", 2)
        self.pages[page["id"]] = page
        self._assign(page, taken)
        self.append({"type": "page_id", "page_id": page["id"]}, children, len(page["children"]), user)
        self.touch(page, user)
        return page

    def change_page(self, page: JSON, properties: JSON, user: str) -> None:
        """Write properties: all of them, or none where one is refused."""
        self._assign(page, self._taken(self.sources[page["source"]], properties))
        self.touch(page, user)

    def _taken(self, source: JSON, properties: JSON) -> JSON:
        taken = {}
        for key, value in properties.items():
            prop = self.prop(source, key)
            taken[prop["id"]] = values.take(prop, value, self.new_id)
            if prop["type"] == "relation":
                taken[prop["id"]] = [dashed(each) for each in taken[prop["id"]]]
                for each in taken[prop["id"]]:
                    if each not in self.pages:
                        raise absent("page", each)
            if prop["type"] == "people":
                for each in taken[prop["id"]]:
                    if each not in self.users:
                        raise invalid(f"{prop['name']}: user {each} does not exist.")
        return taken

    def _assign(self, page: JSON, taken: JSON) -> None:
        source = self.sources[page["source"]]
        for id, value in taken.items():
            prop = source["properties"][id]
            before = page["properties"].get(id)
            page["properties"][id] = value
            synced = prop.get("relation", {}).get("dual_property", {}).get("synced_property_id")
            if prop["type"] == "relation" and synced:
                self._mirror(page["id"], synced, set(before or []), set(value))

    def _mirror(self, id: str, synced: str, before: set[str], after: set[str]) -> None:
        """Keep the other side of a two-way relation; that does not move the other page's clock."""
        for other in sorted(before ^ after):
            page = self.pages[other]
            held = [each for each in page["properties"].get(synced, []) if each != id]
            page["properties"][synced] = [*held, id] if other in after else held
            self._remember(page)

    def touch(self, page: JSON, user: str) -> None:
        """Note that a page was edited now."""
        page["last_edited_time"], page["last_edited_by"] = minute(self.clock.now()), user
        self._remember(page)

    def _remember(self, page: JSON) -> None:
        now = self.clock.now()
        past = self.past.setdefault(page["id"], [])
        past.append((now, {**page, "properties": dict(page["properties"])}))
        while len(past) > 1 and past[1][0] <= now - self.lag:
            past.pop(0)

    def indexed(self, source_id: str) -> list[JSON]:
        """Return the rows as the index knows them: a moment behind."""
        before = self.clock.now() - self.lag
        out = []
        for past in self.past.values():
            known = [page for at, page in past if at <= before]
            if (
                known
                and known[-1]["source"] == source_id
                and not known[-1]["in_trash"]
                and not known[-1]["is_archived"]
            ):
                out.append(known[-1])
        return out

    # blocks

    def holder(self, id: str, user: str) -> tuple[JSON, JSON]:
        """Return what holds children under this id, a page or a block, and its page."""
        id = dashed(id)
        if id in self.pages:
            page = self.page(id, user)
            return page, page
        block = self.block(id, user)
        return block, self.page(block["page"], user)

    def block(self, id: str, user: str) -> JSON:
        """Return a block that is not in the trash."""
        found = self.blocks.get(dashed(id))
        if found is None or found["in_trash"]:
            raise absent("block", id)
        self.page(found["page"], user)
        return found

    def append(self, parent: JSON, children: list[JSON], at: int, user: str) -> list[JSON]:
        """Add validated request blocks under a parent, before position `at`."""
        holder = self.pages.get(parent.get("page_id", "")) or self.blocks[parent.get("block_id", "")]
        page = str(holder.get("page") or holder["id"])
        made = [self._make(child, parent, page, user) for child in children]
        holder["children"][at:at] = [block["id"] for block in made]
        return made

    def check_append(self, children: Any, where: str = "body.children") -> None:
        """Refuse an append that breaks a limit, before any of it is done."""
        if not isinstance(children, list) or len(children) > 100:
            count = len(children) if isinstance(children, list) else "?"
            raise invalid(f"body failed validation: {where}.length should be ≤ `100`, instead was `{count}`.")
        self._count(children)
        for n, child in enumerate(children):
            self._check(child, f"{where}[{n}]", 2)

    def _count(self, children: list[JSON]) -> None:
        if len(children) > 100:
            raise invalid(
                f"body failed validation: body.children.length should be ≤ `100`, instead was `{len(children)}`."
            )

        def count(block: JSON) -> int:
            kind = blocks.kind_of(block, "body.children")
            return 1 + sum(count(child) for child in blocks.children_of(kind, block, "body.children"))

        if sum(count(child) for child in children) > LIMIT_BLOCKS:
            raise invalid(f"body failed validation: body.children has more than {LIMIT_BLOCKS} block elements.")

    def _check(self, block: JSON, where: str, depth: int) -> None:
        kind = blocks.kind_of(block, where)
        blocks.take(kind, block[kind], where)
        children = blocks.children_of(kind, block, where)
        if children and depth == 0:
            raise invalid(
                f"body failed validation: {where}.{kind}.children should be not present (2 levels of nesting)."
            )
        for n, child in enumerate(children):
            self._check(child, f"{where}.{kind}.children[{n}]", depth - 1)

    def _make(self, given: JSON, parent: JSON, page: str, user: str) -> JSON:
        kind = blocks.kind_of(given, "body.children")
        now = minute(self.clock.now())
        block: JSON = {
            "id": self.new_id(), "type": kind, "payload": blocks.take(kind, given[kind], "body.children"),
            "parent": parent, "page": page, "children": [], "in_trash": False,
            "created_time": now, "last_edited_time": now, "created_by": user, "last_edited_by": user,
        }  # fmt: skip
        self.blocks[block["id"]] = block
        children = blocks.children_of(kind, given, "body.children")
        self.append({"type": "block_id", "block_id": block["id"]}, children, 0, user)
        return block

    def delete(self, block: JSON, user: str) -> None:
        """Put a block, and all below it, into the trash."""
        block["in_trash"] = True
        block["last_edited_by"] = user
        for child in block["children"]:
            self.delete(self.blocks[child], user)

    def live(self, holder: JSON) -> list[JSON]:
        """Return the children that are not in the trash."""
        return [self.blocks[id] for id in holder["children"] if not self.blocks[id]["in_trash"]]
