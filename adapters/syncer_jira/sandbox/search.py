"""The stand-in Jira's search: an index that runs behind, read by JQL."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import Any

from syncer.testing.server import Request, Response, route
from syncer_jira.sandbox.jql import JqlError, Look, Query, sort_key
from syncer_jira.sandbox.seed import CATEGORIES
from syncer_jira.sandbox.site import API, Site, error
from syncer_jira.sandbox.state import Issue

Listings = dict[str, tuple[str, list[str], float]]
"""Page token → its query, the ids that are still to come, when it expires."""


class Search(Site):
    """Endpoints that read the index."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._listings: Listings = {}

    @route("POST", f"{API}/search/jql")
    def search(self, request: Request) -> Response:
        """Search the index, a page; the token belongs to its query."""
        body = request.json()
        size = min(int(body.get("maxResults", 50)), 100 if body.get("fields") else 5000)
        try:
            query = Query(body.get("jql", ""), request.user)
        except JqlError as refusal:
            return error(400, str(refusal))
        if not query.bounded:
            return error(
                400, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
            )
        reconcile = {str(i) for i in body.get("reconcileIssues", ())}
        seen = {i["id"]: i for i in self.state.indexed(reconcile)}
        now = self.clock.now().timestamp()
        if token := body.get("nextPageToken"):
            jql, rest, expires = self._listings.get(token, ("", [], 0.0))
            if jql != body["jql"] or expires < now:
                return error(400, "The provided next page token is invalid or expired.")
        else:
            rest = self._matches(query, list(seen.values()))
        fields, properties = body.get("fields") or ["id"], list(body.get("properties", ()))
        zone = self.zone(request.user)
        page = [seen[i] for i in rest[:size] if i in seen]
        answer: dict[str, Any] = {"issues": [self.show(i, zone, fields, properties) for i in page], "isLast": True}
        if rest[size:]:
            token = base64.urlsafe_b64encode(f"{len(self._listings)}:{now}".encode()).decode()
            self._listings[token] = (body["jql"], rest[size:], now + 7 * 86400)
            answer |= {"isLast": False, "nextPageToken": token}
        return Response(200, answer)

    def _matches(self, query: Query, issues: list[Issue]) -> list[str]:
        found = [(look, issue["id"]) for issue in issues if query.test(look := self._look(issue))]
        for name, down in reversed(query.order):
            found = sorted(found, key=partial(_key, name), reverse=down)
        return [key for _, key in found]

    @route("POST", f"{API}/jql/match")
    def match(self, request: Request) -> Response:
        """Say which issues the queries would return; an unknown or hidden issue matches none."""
        body = request.json()
        if not isinstance(body, dict) or not all(isinstance(body.get(k), list) for k in ("issueIds", "jqls")):
            return error(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        asked = {str(i) for i in body["issueIds"]}
        issues = [i for i in self.state.indexed(set()) if i["id"] in asked and self.visible(i["id"], request.user)]
        matches: list[dict[str, Any]] = []
        for text in body["jqls"]:
            try:
                found = self._matches(Query(text, request.user), issues)
                matches.append({"matchedIssues": sorted(int(i) for i in found), "errors": []})
            except JqlError as refusal:
                matches.append({"matchedIssues": [], "errors": [str(refusal)]})
        return Response(200, {"matches": matches})

    def _look(self, issue: Issue) -> Look:
        """Give an issue's values as JQL compares them."""
        state, values = self.state, issue["fields"]

        def look(name: str) -> list[str]:
            project = state.project(issue["project"]) or {}
            if name in ("updated", "created"):
                return [str(int(issue[name].timestamp() * 1000))]
            pick: dict[str, Callable[[], list[Any]]] = {
                "project": lambda: [project["key"], project["id"], project["name"]],
                "creator": lambda: [issue["creator"]],
                "issuetype": lambda: [issue["type"], (state.type(issue["type"]) or {})["name"]],
                "status": lambda: _both(project["statuses"], values["status"]),
                "statuscategory": lambda: [
                    w
                    for s in project["statuses"]
                    if s["id"] == values["status"]
                    for w in (s["category"], CATEGORIES[s["category"]]["name"])
                ],
                "key": lambda: [issue["key"], issue["id"]],
                "id": lambda: [issue["id"]],
                "priority": lambda: _both(state.data["priorities"], values.get("priority")),
                "fixversion": lambda: [w for v in values.get("fixVersions", []) for w in _both(project["versions"], v)],
                "sprint": lambda: [
                    v for c in state.data["fields"] if c["name"] == "Sprint" for v in values.get(c["id"], [])
                ],
            }
            value = pick[name]() if name in pick else values.get(name) or []
            return [str(v).lower() for v in (value if isinstance(value, list) else [value])]

        return look


def _both(options: list[dict[str, Any]], key: Any) -> list[Any]:
    return [word for o in options if o["id"] == key for word in (o["id"], o["name"])]


def _key(name: str, found: tuple[Look, str]) -> Any:
    return sort_key(found[0], name)
