"""The stand-in Jira Cloud's HTTP interface: every endpoint our adapter calls, with the vendor's shapes and limits."""

from __future__ import annotations

import base64
import binascii
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

from syncer.testing.server import Clock, Request, Response, Sandbox, route
from syncer_jira.sandbox import shapes
from syncer_jira.sandbox.check import accept
from syncer_jira.sandbox.jql import JqlError, Look, Query, sort_key
from syncer_jira.sandbox.seed import CATEGORIES
from syncer_jira.sandbox.state import Issue, State

API = "/rest/api/3"
AGILE = "/rest/agile/1.0"
BURST = {"GET": 100.0, "POST": 100.0, "PUT": 50.0, "DELETE": 50.0}
"""Requests a second, by tenant, endpoint and method (Atlassian rate limiting, 2026-08-12)."""
PER_ISSUE = ((20, 2.0), (100, 30.0))
HIDDEN = "Issue does not exist or you do not have permission to see it."


def error(status: int, *messages: str, **fields: str) -> Response:
    """Return Jira's error body."""
    return Response(status, {"errorMessages": list(messages), "errors": fields})


class JiraSandbox(Sandbox):
    """A site. `seed`: see README.md; `rate` scales the limits (0: none); `lag`: seconds the search runs behind."""

    name: ClassVar[str] = "jira"

    def __init__(
        self, seed: dict[str, Any] | None = None, *, clock: Clock | None = None, rate: float = 1.0, lag: float = 2.0
    ) -> None:
        super().__init__(clock=clock)
        self.state = State(seed, self.clock, lag)
        self.rate = rate
        self._buckets: dict[str, tuple[float, float]] = {}
        self._writes: dict[str, deque[float]] = {}
        self._listings: dict[str, tuple[str, list[str], float]] = {}

    def authenticate(self, request: Request) -> str | Response:
        """See Sandbox: Basic e-mail:token."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            email, _, token = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            email = token = ""
        for user in self.state.data["users"]:
            if scheme.lower() == "basic" and token and (user["email"], user.get("token")) == (email, token):
                return str(user["accountId"])
        return error(401, "Client must be authenticated to access this resource.")

    def limit(self, request: Request, user: str, route_name: str) -> Response | None:
        """See Sandbox: a bucket for each endpoint and method, and the limits on writing one issue."""
        if not self.rate:
            return None
        now = self.clock.now().timestamp()
        rate = BURST.get(request.method, 100.0) * self.rate
        tokens, at = self._buckets.get(route_name, (rate, now))
        tokens = min(rate, tokens + (now - at) * rate)
        self._buckets[route_name] = (tokens - 1 if tokens >= 1 else tokens, now)
        if tokens < 1:
            return self._too_many("jira-burst-based", rate, 1)
        if request.method in ("PUT", "POST", "DELETE") and "{issue}" in route_name:
            return self._limit_issue(request.path.split("/")[5], now)
        return None

    def _limit_issue(self, word: str, now: float) -> Response | None:
        found = self.state.find(word)
        times = self._writes.setdefault(found["id"] if found else word, deque(maxlen=100))
        for count, span in PER_ISSUE:
            recent = [at for at in times if at > now - span]
            if len(recent) >= count * self.rate:
                return self._too_many("jira-per-issue-on-write", count, max(1, round(recent[0] + span - now)))
        times.append(now)
        return None

    def _too_many(self, reason: str, rate: float, seconds: int) -> Response:
        reset = (self.clock.now() + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        refused = error(429, "Rate limit exceeded.")
        refused.headers = {
            "Retry-After": str(seconds),
            "RateLimit-Reason": reason,
            "X-RateLimit-Limit": f"{rate:g}",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": reset,
        }
        return refused

    def missing(self, request: Request) -> Response:
        """See Sandbox."""
        if request.path.startswith("/rest/api/3/search"):
            return error(410, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.")
        return Response(404, {"message": "null for uri: " + request.path, "status-code": 404})

    def failed(self, status: int, request: Request) -> Any:
        """See Sandbox."""
        return {"errorMessages": [f"Injected failure {status}."], "errors": {}}

    def dump(self) -> Any:
        """See Sandbox."""
        return {"issues": [self._show(i, "", None, list(i["properties"])) | self._history(i) for i in self._all()]}

    def edit(self, what: Any) -> Any:
        """Act as another user: {"as", "issue", one of "fields" "status" "move" "clone" "delete" "security" "property"},
        or {"as", "create": a seed issue}."""
        by = (self.state.user(what.get("as", "")) or self.state.data["users"][-1])["accountId"]
        if "create" in what:
            before = set(self.state.issues)
            self.state._plant({"creator": by, **what["create"]})
            (made,) = set(self.state.issues) - before
            self.state.index[made] = []
            self.state.touch(self.state.issues[made])
            return {"id": made, "key": self.state.issues[made]["key"]}
        found = self.state.find(str(what["issue"]))
        if found is None:
            return {"error": HIDDEN}
        return self._edit(found, what, by)

    def _edit(self, found: Issue, what: dict[str, Any], by: str) -> Any:
        state = self.state
        project = state.project(found["project"])
        assert project is not None
        if "fields" in what:
            kept, errors = accept(state, project, state.type(found["type"]) or {}, what, found)
            if errors:
                return {"errors": errors}
            state.edit(found, kept, by)
        if "status" in what:
            target = next(s for s in project["statuses"] if what["status"] in (s["id"], s["name"]))
            state.edit(found, {"status": target["id"]}, by)
        if "move" in what and (goal := state.project(what["move"])):
            state.move(found, goal, by)
        if what.get("clone"):
            found = state.clone(found, by)
        if "security" in what:
            found["security"] = what["security"]
            state.touch(found)
        if what.get("delete"):
            state.delete(found)
        return {"id": found["id"], "key": found["key"]}

    @route("GET", f"{API}/serverInfo")
    def server_info(self, request: Request) -> Response:
        """Say what this is."""
        return Response(200, {"baseUrl": self.url, "deploymentType": "Cloud", "versionNumbers": [1001, 0, 0]})

    @route("GET", f"{API}/myself")
    def myself(self, request: Request) -> Response:
        """Say who calls."""
        return Response(200, shapes.user(self.state, request.user))

    @route("GET", f"{API}/mypermissions")
    def my_permissions(self, request: Request) -> Response:
        """Say what the caller may do."""
        denied = (self.state.user(request.user) or {}).get("denied", ())
        asked = request.one("permissions").split(",")
        return Response(200, {"permissions": {p: {"key": p, "havePermission": p not in denied} for p in asked}})

    @route("GET", f"{API}/users/search")
    def users(self, request: Request) -> Response:
        """List people, a page."""
        start, size = int(request.one("startAt", "0")), int(request.one("maxResults", "50"))
        page = self.state.data["users"][start : start + size]
        return Response(200, [shapes.user(self.state, u["accountId"]) for u in page])

    @route("GET", f"{API}/field")
    def fields(self, request: Request) -> Response:
        """List fields."""
        return Response(200, shapes.fields(self.state))

    @route("GET", f"{API}/project/search")
    def projects(self, request: Request) -> Response:
        """List projects, a page."""
        return _page(request, [_brief(p) for p in self.state.data["projects"]])

    @route("GET", API + "/project/{project}")
    def project(self, request: Request) -> Response:
        """Show a project."""
        return self._in_project(request, lambda p: _brief(p))

    @route("GET", API + "/project/{project}/statuses")
    def statuses(self, request: Request) -> Response:
        """List statuses by issue type."""

        def show(project: dict[str, Any]) -> Any:
            listed = [shapes.status(s, self.url) for s in project["statuses"]]
            types = self.state.data["types"]
            keys = ("self", "id", "name", "subtask")
            shown = [shapes.issue_type(t, self.url) for t in types]
            return [{**{k: t[k] for k in keys}, "statuses": listed} for t in shown]

        return self._in_project(request, show)

    @route("GET", API + "/project/{project}/versions")
    def versions(self, request: Request) -> Response:
        """List versions."""
        return self._in_project(request, lambda p: p["versions"])

    @route("GET", API + "/project/{project}/components")
    def components(self, request: Request) -> Response:
        """List components."""
        return self._in_project(request, lambda p: p["components"])

    @route("GET", f"{API}/priority/search")
    def priorities(self, request: Request) -> Response:
        """List priorities, a page."""
        default = self.state.data["default_priority"]
        return _page(request, [{**p, "isDefault": p["id"] == default} for p in self.state.data["priorities"]])

    @route("GET", API + "/issue/createmeta/{project}/issuetypes")
    def create_types(self, request: Request) -> Response:
        """List issue types that can be created, a page."""
        types = [shapes.issue_type(t, self.url) for t in self.state.data["types"]]
        found = self.state.project(request.args["project"])
        return _page(request, types, "issueTypes") if found else error(404, "No project could be found.")

    @route("GET", API + "/issue/createmeta/{project}/issuetypes/{type}")
    def create_fields(self, request: Request) -> Response:
        """List the fields of a create screen, a page."""
        project, kind = self.state.project(request.args["project"]), self.state.type(request.args["type"])
        if project is None or kind is None:
            return error(404, "No project could be found.")
        return _page(request, shapes.screen(self.state, project, kind), "fields")

    @route("GET", f"{AGILE}/board")
    def boards(self, request: Request) -> Response:
        """List boards: one for each project that has sprints."""
        wanted = request.one("projectKeyOrId")
        projects = [p for p in self.state.data["projects"] if p["sprints"] and wanted in ("", p["key"], p["id"])]
        return _page(request, [{"id": int(p["id"]), "name": f"{p['key']} board", "type": "scrum"} for p in projects])

    @route("GET", AGILE + "/board/{board}/sprint")
    def sprints(self, request: Request) -> Response:
        """List sprints, a page."""
        project = self.state.project(request.args["board"])
        if project is None:
            return error(404, "Board does not exist or you do not have permission to view it.")
        return _page(request, [shapes.sprint(s) for s in project["sprints"]])

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
        zone = (self.state.user(request.user) or {}).get("zone", "Etc/UTC")
        fields, properties = body.get("fields") or ["id"], list(body.get("properties", ()))
        page = [seen[i] for i in rest[:size] if i in seen]
        answer: dict[str, Any] = {"issues": [self._show(i, zone, fields, properties) for i in page], "isLast": True}
        if rest[size:]:
            token = base64.urlsafe_b64encode(f"{len(self._listings)}:{now}".encode()).decode()
            self._listings[token] = (body["jql"], rest[size:], now + 7 * 86400)
            answer |= {"isLast": False, "nextPageToken": token}
        return Response(200, answer)

    def _matches(self, query: Query, issues: list[Issue]) -> list[str]:
        looks: list[tuple[Look, str]] = [(self._look(i), i["id"]) for i in issues]
        found = [pair for pair in looks if query.test(pair[0])]
        for name, down in reversed(query.order):
            found.sort(key=lambda pair, n=name: sort_key(pair[0], n), reverse=down)  # type: ignore[misc]
        return [key for _, key in found]

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

    @route("POST", f"{API}/issue/bulkfetch")
    def bulk_fetch(self, request: Request) -> Response:
        """Read up to 100 issues; what cannot be shown is left out without a word."""
        body = request.json()
        if len(body["issueIdsOrKeys"]) > 100:
            return error(400, "The maximum number of issues is 100.")
        found = {i["id"]: i for w in body["issueIdsOrKeys"] if (i := self._visible(w, request.user))}
        zone = (self.state.user(request.user) or {}).get("zone", "Etc/UTC")
        fields, properties = body.get("fields"), list(body.get("properties", ()))
        shown = [self._show(found[k], zone, fields, properties) for k in sorted(found, key=int)]
        return Response(200, {"issues": shown, "issueErrors": []})

    @route("POST", f"{API}/issue")
    def create(self, request: Request) -> Response:
        """Create an issue, with properties."""
        body = request.json()
        fields = body.get("fields") or {}
        named, kind_named = fields.get("project") or {}, fields.get("issuetype") or {}
        project = self.state.project(str(named.get("key") or named.get("id")))
        kind = self.state.type(str(kind_named.get("id") or kind_named.get("name")))
        if project is None:
            return error(400, project="valid project is required")
        if kind is None:
            return error(400, issuetype="Specify a valid issue type")
        kept, errors = accept(self.state, project, kind, body, None)
        if errors:
            return error(400, **errors)
        made = self.state.create(project, kind["id"], kept, request.user)
        made["properties"] = {p["key"]: p["value"] for p in body.get("properties", ())}
        self.state.touch(made)
        return Response(201, {"id": made["id"], "key": made["key"], "self": f"{self.url}{API}/issue/{made['id']}"})

    @route("GET", API + "/issue/{issue}")
    def read(self, request: Request) -> Response:
        """Read an issue, by id or by any key it has had."""
        found = self._visible(request.args["issue"], request.user)
        if found is None:
            return error(404, HIDDEN)
        fields = request.one("fields").split(",") if request.one("fields") else None
        properties = [p for p in request.one("properties").split(",") if p]
        zone = (self.state.user(request.user) or {}).get("zone", "Etc/UTC")
        return Response(200, self._show(found, zone, fields, properties))

    @route("PUT", API + "/issue/{issue}")
    def write(self, request: Request) -> Response:
        """Edit an issue. A status in it is ignored."""
        found = self._visible(request.args["issue"], request.user)
        if found is None:
            return error(404, HIDDEN)
        project, kind = self.state.project(found["project"]), self.state.type(found["type"])
        assert project is not None and kind is not None
        kept, errors = accept(self.state, project, kind, request.json(), found)
        if errors:
            return error(400, **errors)
        self.state.edit(found, kept, request.user)
        if request.one("returnIssue") != "true":
            return Response(204)
        zone = (self.state.user(request.user) or {}).get("zone", "Etc/UTC")
        return Response(200, self._show(found, zone, None, []))

    @route("DELETE", API + "/issue/{issue}")
    def remove(self, request: Request) -> Response:
        """Delete for good; an issue with sub-tasks only when told so."""
        found = self._visible(request.args["issue"], request.user)
        if found is None:
            return error(404, HIDDEN)
        below = [i for i in self._all() if i["fields"].get("parent") == found["id"]]
        tasks = [i for i in below if (self.state.type(i["type"]) or {"level": 0})["level"] < 0]
        if tasks and request.one("deleteSubtasks") != "true":
            return error(400, "The issue has subtasks. Set deleteSubtasks to delete them too.")
        for gone in [*tasks, found]:
            self.state.delete(gone)
        return Response(204)

    @route("GET", API + "/issue/{issue}/transitions")
    def transitions(self, request: Request) -> Response:
        """List the transitions that are open now."""
        found = self._visible(request.args["issue"], request.user)
        return Response(200, {"transitions": self._ways(found)}) if found else error(404, HIDDEN)

    @route("POST", API + "/issue/{issue}/transitions")
    def transition(self, request: Request) -> Response:
        """Take a transition."""
        found = self._visible(request.args["issue"], request.user)
        if found is None:
            return error(404, HIDDEN)
        wanted = str(request.json()["transition"]["id"])
        way = next((w for w in self._ways(found) if w["id"] == wanted), None)
        if way is None:
            return error(400, f"It seems that you have tried to perform an illegal workflow operation ({wanted}).")
        self.state.edit(found, {"status": way["to"]["id"]}, request.user)
        return Response(204)

    @route("GET", API + "/issue/{issue}/changelog")
    def changelog(self, request: Request) -> Response:
        """Read an issue's history, oldest first, a page."""
        found = self._visible(request.args["issue"], request.user)
        return _page(request, self._history(found)["changelog"]) if found else error(404, HIDDEN)

    @route("GET", API + "/issue/{issue}/properties/{key}")
    def read_property(self, request: Request) -> Response:
        """Read an issue property."""
        found, key = self._visible(request.args["issue"], request.user), request.args["key"]
        if found is None or key not in found["properties"]:
            return error(404, HIDDEN if found is None else f"The property with key '{key}' does not exist.")
        return Response(200, {"key": key, "value": found["properties"][key]})

    @route("PUT", API + "/issue/{issue}/properties/{key}")
    def write_property(self, request: Request) -> Response:
        """Write an issue property. It does not move `updated`, and no search finds it."""
        found, key = self._visible(request.args["issue"], request.user), request.args["key"]
        if found is None:
            return error(404, HIDDEN)
        if len(request.body) > 32768 or not request.body:
            return error(400, "The property value must be non-empty JSON of at most 32768 characters.")
        status = 200 if key in found["properties"] else 201
        found["properties"][key] = request.json()
        self.state.touch(found)
        return Response(status, {})

    def _ways(self, found: Issue) -> list[dict[str, Any]]:
        project = self.state.project(found["project"]) or {}
        here = next(s for s in project["statuses"] if s["id"] == found["fields"]["status"])
        flow = project["workflow"]
        goals = [s for s in project["statuses"] if s["id"] != here["id"]]
        if flow != "any":
            goals = [s for s in goals if [here["name"], s["name"]] in flow]
        common = {"hasScreen": False, "isGlobal": flow == "any", "isInitial": False, "isConditional": False}
        return [
            {
                "id": str(11 + 10 * project["statuses"].index(s)),
                "name": f"Move to {s['name']}",
                "to": shapes.status(s, self.url),
            }
            | common
            | {"isAvailable": True, "fields": {}}
            for s in goals
        ]

    def _visible(self, word: Any, user: str) -> Issue | None:
        found = self.state.find(str(word))
        hidden = (self.state.user(user) or {}).get("hidden_projects", ())
        return None if found is None or found["project"] in hidden else found

    def _all(self) -> list[Issue]:
        return list(self.state.issues.values())

    def _show(self, found: Issue, zone: str, fields: list[str] | None, properties: list[str]) -> dict[str, Any]:
        return shapes.issue(self.state, found, zone or "Etc/UTC", self.url, fields, properties)

    def _history(self, found: Issue) -> dict[str, Any]:
        return {
            "changelog": [
                {**e, "author": shapes.user(self.state, e["author"]), "created": shapes.stamp(e["created"], "Etc/UTC")}
                for e in found["changelog"]
            ]
        }

    def _in_project(self, request: Request, show: Callable[[dict[str, Any]], Any]) -> Response:
        found = self.state.project(request.args["project"])
        if found is None:
            return error(404, f"No project could be found with key '{request.args['project']}'.")
        return Response(200, show(found))


def _brief(project: dict[str, Any]) -> dict[str, Any]:
    return {"id": project["id"], "key": project["key"], "name": project["name"], "projectTypeKey": "software"}


def _both(options: list[dict[str, Any]], key: Any) -> list[Any]:
    return [word for o in options if o["id"] == key for word in (o["id"], o["name"])]


def _page(request: Request, entries: list[Any], key: str = "values") -> Response:
    start, size = int(request.one("startAt", "0")), int(request.one("maxResults", "50"))
    page = entries[start : start + size]
    answer = {"startAt": start, "maxResults": size, "total": len(entries), "isLast": start + size >= len(entries)}
    return Response(200, {**answer, key: page})
