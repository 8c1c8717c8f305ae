"""The Notion API on loopback, version 2026-03-11: stateful, with its paging, limits, clocks and moods."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from syncer.testing.server import Clock, Handler, Request, Response, Sandbox, route
from syncer_notion.sandbox import blocks, control, filters, text, values, views
from syncer_notion.sandbox.refusal import RefusalError, absent, error_body, invalid
from syncer_notion.sandbox.seed import BOT_TOKEN, DEFAULT, PERSON_TOKEN, fill
from syncer_notion.sandbox.state import State, dashed

__all__ = ["BOT_TOKEN", "PERSON_TOKEN", "NotionSandbox"]

JSON = dict[str, Any]
Answer = Callable[["NotionSandbox", Request], JSON]

VERSION = "2026-03-11"


def endpoint(method: str, path: str) -> Callable[[Answer], Handler]:
    """Mark a handler that returns the answer's body, or raises a RefusalError."""

    def wrap(answer: Answer) -> Handler:
        @route(method, path)
        def handler(self: Any, request: Request) -> Response:
            try:
                if request.method in {"POST", "PATCH"} and "archived" in _body(request):
                    raise invalid("body failed validation: body.archived should be not present; use `in_trash`.")
                return Response(200, answer(self, request))
            except RefusalError as refusal:
                return Response(refusal.status, refusal.body())

        return handler

    return wrap


def _body(request: Request) -> JSON:
    try:
        body = request.json()
    except ValueError as error:
        raise RefusalError(400, "invalid_json", "Error parsing JSON body.") from error
    if not isinstance(body, dict):
        raise invalid("body failed validation: body should be an object.")
    return body


class NotionSandbox(Sandbox):
    """A stand-in for Notion. `rate` requests per `window` real seconds and token; `lag` seconds of query index;
    `cap` rows a query gives at most."""

    name: ClassVar[str] = "notion"
    login: ClassVar[Mapping[str, str]] = {"token": BOT_TOKEN}

    def __init__(
        self,
        seed: JSON | None = None,
        *,
        clock: Clock | None = None,
        rate: int = 180,
        window: float = 60.0,
        lag: float = 1.0,
        cap: int = 10_000,
    ) -> None:
        super().__init__(clock=clock)
        self.rate, self.window, self.cap = rate, window, cap
        self.state = State(self.clock, lag)
        self._spent: dict[str, deque[float]] = defaultdict(deque)
        self._committed: JSON = {}
        fill(self.state, DEFAULT if seed is None else seed)

    # what every request passes

    def authenticate(self, request: Request) -> str | Response:
        """Return the user whose token this is."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.state.tokens:
            return Response(401, error_body(401, "unauthorized", "API token is invalid."))
        version = request.headers.get("notion-version")
        if version is None:
            message = "Notion-Version header failed validation: Notion-Version header should be defined."
            return Response(400, error_body(400, "missing_version", message))
        if version != VERSION:
            message = f"Notion-Version header failed validation: this stand-in speaks {VERSION}, not `{version}`."
            return Response(400, error_body(400, "validation_error", message))
        return self.state.tokens[token]

    def limit(self, request: Request, user: str, route_name: str) -> Response | None:
        """Count against the window of this connection (Notion request limits, 2026)."""
        self._committed = {}
        spent, now = self._spent[user], time.monotonic()
        while spent and spent[0] <= now - self.window:
            spent.popleft()
        if not self.rate or len(spent) < self.rate:
            spent.append(now)
            return None
        after = str(max(1, math.ceil(spent[0] + self.window - now)))
        data = {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": after}
        message = "You have been rate limited. Please try again in a few minutes."
        return Response(429, error_body(429, "rate_limited", message, data), {"Retry-After": after})

    def missing(self, request: Request) -> Response:
        """Answer an unknown path."""
        return Response(400, error_body(400, "invalid_request_url", "Invalid request URL."))

    def failed(self, status: int, request: Request) -> Any:
        """Return the error body of an injected failure; a 503 after a commit says what was saved."""
        codes = {
            400: "validation_error", 401: "unauthorized", 403: "restricted_resource", 404: "object_not_found",
            409: "conflict_error", 429: "rate_limited", 503: "service_unavailable", 504: "gateway_timeout",
            529: "service_overload",
        }  # fmt: skip
        data: JSON | None = None
        message = "Something went wrong."
        if status == 503 and self._committed:
            message = "The change was saved, but the response could not be built in time."
            guidance = ["Read the object again to confirm the saved change.", "Do not repeat the write."]
            data = {"retry_guidance": guidance, **self._committed}
        elif status == 429:
            data = {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": "1"}
        return error_body(status, codes.get(status, "internal_server_error"), message, data)

    # users and search

    @endpoint("GET", "/v1/users/me")
    def me(self, request: Request) -> JSON:
        """Return the token's own user."""
        return views.user(self.state, request.user)

    @endpoint("GET", "/v1/users/{id}")
    def one_user(self, request: Request) -> JSON:
        """Return one user."""
        if dashed(request.args["id"]) not in self.state.users:
            raise absent("user", request.args["id"])
        return views.user(self.state, dashed(request.args["id"]))

    @endpoint("GET", "/v1/users")
    def all_users(self, request: Request) -> JSON:
        """List users."""
        ids = list(self.state.users)
        part, cursor = self._cut(ids, request.one("start_cursor"), request.one("page_size", "100"), str)
        return views.listed("user", [views.user(self.state, id) for id in part], cursor)

    @endpoint("POST", "/v1/search")
    def search(self, request: Request) -> JSON:
        """Find pages and data sources by title."""
        body = _body(request)
        sought, wanted = body.get("query", "").casefold(), body.get("filter", {}).get("value")
        found: list[JSON] = []
        for source in self.state.sources.values():
            if not self.state.sees(request.user, source):
                continue
            if wanted != "page" and sought in source["name"].casefold():
                found.append(views.source(self.state, source, request.user))
            if wanted != "data_source":
                rows = self.state.indexed(source["id"])
                rows = [row for row in rows if sought in text.plain(row["properties"]["title"]).casefold()]
                found += [views.page(self.state, row, request.user) for row in rows]
        part, cursor = self._cut(found, body.get("start_cursor"), body.get("page_size", 100), lambda o: o["id"])
        return views.listed("page_or_data_source", part, cursor)

    # data sources

    @endpoint("GET", "/v1/data_sources/{id}")
    def one_source(self, request: Request) -> JSON:
        """Return a data source with its schema."""
        source = self.state.source(request.args["id"], request.user)
        return views.source(self.state, source, request.user)

    @endpoint("POST", "/v1/data_sources/{id}/query")
    def query(self, request: Request) -> JSON:
        """List rows that meet a filter, as the index knows them; never more than the cap."""
        source, body = self.state.source(request.args["id"], request.user), _body(request)
        unknown = set(body) - {"filter", "sorts", "start_cursor", "page_size", "result_type", "is_archived"}
        if unknown:
            raise invalid(f"body failed validation: body.{min(unknown)} should be not present.")

        def find(key: str) -> JSON:
            return self.state.prop(source, key)

        rows = [row for row in self.state.indexed(source["id"]) if filters.meets(row, body.get("filter"), find)]
        rows = filters.ordered(rows, body.get("sorts", []), find)
        capped = len(rows) > self.cap
        part, cursor = self._cut(
            rows[: self.cap], body.get("start_cursor"), body.get("page_size", 100), lambda row: str(row["id"])
        )
        out = views.listed("page_or_data_source", [views.page(self.state, r, request.user) for r in part], cursor)
        if capped:
            out["request_status"] = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
        return out

    def _cut(
        self, found: list[Any], start: Any, size: Any, id_of: Callable[[Any], str]
    ) -> tuple[list[Any], str | None]:
        size = int(size)
        if not 1 <= size <= 100:
            raise invalid(f"body failed validation: body.page_size should be ≤ `100`, instead was `{size}`.")
        at = 0
        if start:
            at = next((n for n, each in enumerate(found) if id_of(each) == start), -1)
            if at < 0:
                raise invalid(f"The start_cursor provided is invalid: {start}")
        rest = found[at + size : at + size + 1]
        return found[at : at + size], id_of(rest[0]) if rest else None

    # pages

    @endpoint("POST", "/v1/pages")
    def create_page(self, request: Request) -> JSON:
        """Create a row, with its first blocks."""
        body = _body(request)
        parent = body.get("parent", {}).get("data_source_id")
        if not parent:
            raise invalid("body failed validation: body.parent.data_source_id should be defined.")
        source = self.state.source(parent, request.user)
        made = self.state.create_page(source, body.get("properties", {}), body.get("children", []), request.user)
        self._committed = {"committed_resource_id": made["id"]}
        return views.page(self.state, made, request.user)

    @endpoint("GET", "/v1/pages/{id}")
    def one_page(self, request: Request) -> JSON:
        """Return a page, trashed or not."""
        return views.page(self.state, self.state.page(request.args["id"], request.user), request.user)

    @endpoint("PATCH", "/v1/pages/{id}")
    def change_page(self, request: Request) -> JSON:
        """Change properties, or the trash flag; all or nothing."""
        page, body = self.state.page(request.args["id"], request.user), _body(request)
        if page["in_trash"] and body.get("in_trash") is not False:
            raise invalid("Can't edit block that is archived. You must unarchive the block before editing.")
        self.state.change_page(page, body.get("properties", {}), request.user)
        page["in_trash"] = body.get("in_trash", page["in_trash"])
        page["is_archived"] = body.get("is_archived", page["is_archived"])
        self.state.touch(page, request.user)
        self._committed = {"saved": "true"}
        return views.page(self.state, page, request.user)

    @endpoint("POST", "/v1/pages/{id}/move")
    def move_page(self, request: Request) -> JSON:
        """Move a row into another data source; properties of equal name and type go along."""
        page = self.state.page(request.args["id"], request.user)
        target = self.state.source(_body(request)["parent"]["data_source_id"], request.user)
        old = self.state.sources[page["source"]]["properties"]
        held = {(old[id]["name"], old[id]["type"]): value for id, value in page["properties"].items()}
        page["source"] = target["id"]
        page["properties"] = {
            prop["id"]: held.get((prop["name"], prop["type"]), values.empty(prop["type"]))
            for prop in target["properties"].values()
        }
        self.state.touch(page, request.user)
        return views.page(self.state, page, request.user)

    @endpoint("GET", "/v1/pages/{id}/properties/{prop}")
    def property_item(self, request: Request) -> JSON:
        """Return one property, paged where it is a list."""
        page = self.state.page(request.args["id"], request.user)
        prop = self.state.prop(self.state.sources[page["source"]], request.args["prop"])
        kind = prop["type"]
        value = views.value(self.state, page, prop, request.user, True)[kind]
        head = {"object": "property_item", "id": prop["wire_id"], "type": kind}
        if kind not in {"relation", "people", "rich_text", "title"}:
            return {**head, kind: value}
        at, size = int(request.one("start_cursor", "0") or 0), int(request.one("page_size", "100"))
        results = [{**head, kind: each} for each in value[at : at + size]]
        more = str(at + size) if at + size < len(value) else None
        out = views.listed("property_item", results, more)
        out["property_item"] = {"id": prop["wire_id"], "type": kind, kind: {}, "next_url": None}
        return out

    # blocks

    @endpoint("GET", "/v1/blocks/{id}")
    def one_block(self, request: Request) -> JSON:
        """Return one block."""
        return views.block(self.state, self.state.block(request.args["id"], request.user))

    @endpoint("GET", "/v1/blocks/{id}/children")
    def children(self, request: Request) -> JSON:
        """List one level of blocks."""
        holder, _ = self.state.holder(request.args["id"], request.user)
        live = [views.block(self.state, block) for block in self.state.live(holder)]
        part, cursor = self._cut(live, request.one("start_cursor"), request.one("page_size", "100"), lambda b: b["id"])
        return views.listed("block", part, cursor)

    @endpoint("PATCH", "/v1/blocks/{id}/children")
    def append(self, request: Request) -> JSON:
        """Add blocks at the end, or where `position` says."""
        holder, page = self.state.holder(request.args["id"], request.user)
        body = _body(request)
        if "after" in body:
            raise invalid("body failed validation: body.after should be not present; use `position`.")
        self.state.check_append(body.get("children"))
        at = self._place(holder, body.get("position", {"type": "end"}))
        kind = "page_id" if holder is page else "block_id"
        made = self.state.append({"type": kind, kind: holder["id"]}, body["children"], at, request.user)
        self.state.touch(page, request.user)
        ids = [block["id"] for block in made]
        self._committed = {"committed_resource_id": holder["id"], "committed_child_ids": ids}
        return views.listed("block", [views.block(self.state, block) for block in made])

    def _place(self, holder: JSON, position: JSON) -> int:
        if position["type"] in {"start", "end"}:
            return 0 if position["type"] == "start" else len(holder["children"])
        after = position["after_block"]["id"]
        if after not in holder["children"] or self.state.blocks[after]["in_trash"]:
            raise invalid(f"body failed validation: body.position.after_block: {after} is not a child of this block.")
        return int(holder["children"].index(after)) + 1

    @endpoint("PATCH", "/v1/blocks/{id}")
    def change_block(self, request: Request) -> JSON:
        """Replace parts of a block's payload; its type stays."""
        block, body = self.state.block(request.args["id"], request.user), _body(request)
        kind = block["type"]
        if kind in blocks.READ_ONLY or not (kind in body or "in_trash" in body):
            raise invalid(f"body failed validation: body.{kind} should be defined, instead was `undefined`.")
        if kind in body:
            block["payload"] = blocks.take(kind, body[kind], "body", block["payload"])
        block["last_edited_time"], block["last_edited_by"] = self.clock.now(), request.user
        self.state.touch(self.state.pages[block["page"]], request.user)
        self._committed = {"saved": "true"}
        return views.block(self.state, block)

    @endpoint("DELETE", "/v1/blocks/{id}")
    def delete_block(self, request: Request) -> JSON:
        """Put a block into the trash."""
        block = self.state.block(request.args["id"], request.user)
        self.state.delete(block, request.user)
        self.state.touch(self.state.pages[block["page"]], request.user)
        return views.block(self.state, block)

    # control

    def dump(self) -> JSON:
        """Return everything: pages as whole API objects, with their blocks under `body`."""
        return control.dump(self.state)

    def edit(self, what: JSON) -> JSON:
        """Do what only Notion's own app can: see `control.edit`."""
        return control.edit(self.state, what)
