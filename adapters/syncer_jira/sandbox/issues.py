"""The stand-in Jira's endpoints about single issues: reading, writing, transitions, history, properties."""

from __future__ import annotations

from typing import Any

from syncer.testing.server import Request, Response, route
from syncer_jira.sandbox import parts
from syncer_jira.sandbox.check import accept
from syncer_jira.sandbox.history import RECENT, RECENT_IN_BULK
from syncer_jira.sandbox.site import API, HIDDEN, Site, error, page_of
from syncer_jira.sandbox.state import Issue


class Issues(Site):
    """Endpoints by issue."""

    @route("POST", f"{API}/issue/bulkfetch")
    def bulk_fetch(self, request: Request) -> Response:
        """Read up to 100 issues; what cannot be shown is left out without a word."""
        body = request.json()
        if len(body["issueIdsOrKeys"]) > 100:
            return error(400, "The maximum number of issues is 100.")
        found = {i["id"]: i for w in body["issueIdsOrKeys"] if (i := self.visible(w, request.user))}
        fields, properties = body.get("fields"), list(body.get("properties", ()))
        wanted = "changelog" in body.get("expand", ())
        shown = [
            self.show(found[k], self.zone(request.user), fields, properties)
            | (self.recent(found[k], self.zone(request.user), RECENT_IN_BULK) if wanted else {})
            for k in sorted(found, key=int)
        ]
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
        found = self.visible(request.args["issue"], request.user)
        if found is None:
            return error(404, HIDDEN)
        fields = request.one("fields").split(",") if request.one("fields") else None
        properties = [p for p in request.one("properties").split(",") if p]
        return Response(200, self._expanded(request, found, fields, properties))

    @route("PUT", API + "/issue/{issue}")
    def write(self, request: Request) -> Response:
        """Edit an issue. A status in it is ignored."""
        found = self.visible(request.args["issue"], request.user)
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
        return Response(200, self._expanded(request, found, None, []))

    @route("DELETE", API + "/issue/{issue}")
    def remove(self, request: Request) -> Response:
        """Delete for good; an issue with sub-tasks only when told so."""
        found = self.visible(request.args["issue"], request.user)
        if found is None:
            return error(404, HIDDEN)
        below = [i for i in self.state.issues.values() if i["fields"].get("parent") == found["id"]]
        tasks = [i for i in below if (self.state.type(i["type"]) or {"level": 0})["level"] < 0]
        if tasks and request.one("deleteSubtasks") != "true":
            return error(400, "The issue has subtasks. Set deleteSubtasks to delete them too.")
        for gone in [*tasks, found]:
            self.state.delete(gone)
        return Response(204)

    @route("GET", API + "/issue/{issue}/transitions")
    def transitions(self, request: Request) -> Response:
        """List the transitions that are open now."""
        found = self.visible(request.args["issue"], request.user)
        return Response(200, {"transitions": self._ways(found)}) if found else error(404, HIDDEN)

    @route("POST", API + "/issue/{issue}/transitions")
    def transition(self, request: Request) -> Response:
        """Take a transition."""
        found = self.visible(request.args["issue"], request.user)
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
        found = self.visible(request.args["issue"], request.user)
        return page_of(request, self.history(found, self.zone(request.user))) if found else error(404, HIDDEN)

    @route("GET", API + "/issue/{issue}/properties/{key}")
    def read_property(self, request: Request) -> Response:
        """Read an issue property."""
        found, key = self.visible(request.args["issue"], request.user), request.args["key"]
        if found is None or key not in found["properties"]:
            return error(404, HIDDEN if found is None else f"The property with key '{key}' does not exist.")
        return Response(200, {"key": key, "value": found["properties"][key]})

    @route("PUT", API + "/issue/{issue}/properties/{key}")
    def write_property(self, request: Request) -> Response:
        """Write an issue property. It does not move `updated`, and no search finds it."""
        found, key = self.visible(request.args["issue"], request.user), request.args["key"]
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
                "to": parts.status(s, self.url),
            }
            | common
            | {"isAvailable": True, "fields": {}}
            for s in goals
        ]

    def _expanded(
        self, request: Request, found: Issue, fields: list[str] | None, properties: list[str]
    ) -> dict[str, Any]:
        zone = self.zone(request.user)
        asked = "changelog" in request.one("expand").split(",")
        return self.show(found, zone, fields, properties) | (self.recent(found, zone, RECENT) if asked else {})

    def recent(self, found: Issue, zone: str, most: int) -> dict[str, Any]:
        """Return the newest entries of an issue's changelog, newest first, as `expand=changelog` shows them."""
        entries = self.history(found, zone)
        shown = entries[::-1][:most]
        return {"changelog": {"startAt": 0, "maxResults": len(shown), "total": len(entries), "histories": shown}}

    def history(self, found: Issue, zone: str) -> list[dict[str, Any]]:
        """Return an issue's changelog, oldest first."""
        return [
            {**e, "author": parts.user(self.state, e["author"]), "created": parts.stamp(e["created"], zone)}
            for e in found["changelog"]
        ]
