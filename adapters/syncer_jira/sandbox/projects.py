"""The stand-in Jira's endpoints about people, projects and what their issues may hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from syncer.testing.server import Request, Response, route
from syncer_jira.sandbox import parts, shapes
from syncer_jira.sandbox.site import AGILE, API, Site, error, page_of


class Projects(Site):
    """Endpoints that only read."""

    @route("GET", f"{API}/serverInfo")
    def server_info(self, request: Request) -> Response:
        """Say what this is."""
        return Response(200, {"baseUrl": self.url, "deploymentType": "Cloud", "versionNumbers": [1001, 0, 0]})

    @route("GET", f"{API}/myself")
    def myself(self, request: Request) -> Response:
        """Say who calls."""
        return Response(200, parts.user(self.state, request.user))

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
        return Response(200, [parts.user(self.state, u["accountId"]) for u in page])

    @route("GET", f"{API}/field")
    def fields(self, request: Request) -> Response:
        """List fields."""
        return Response(200, shapes.fields(self.state))

    @route("GET", f"{API}/project/search")
    def projects(self, request: Request) -> Response:
        """List projects, a page."""
        return page_of(request, [_brief(p) for p in self.state.data["projects"]])

    @route("GET", API + "/project/{project}")
    def project(self, request: Request) -> Response:
        """Show a project."""
        return self._in_project(request, lambda p: _brief(p))

    @route("GET", API + "/project/{project}/statuses")
    def statuses(self, request: Request) -> Response:
        """List statuses by issue type."""

        def show(project: dict[str, Any]) -> Any:
            listed = [parts.status(s, self.url) for s in project["statuses"]]
            types = self.state.data["types"]
            keys = ("self", "id", "name", "subtask")
            shown = [parts.issue_type(t, self.url) for t in types]
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
        return page_of(request, [{**p, "isDefault": p["id"] == default} for p in self.state.data["priorities"]])

    @route("GET", API + "/issue/createmeta/{project}/issuetypes")
    def create_types(self, request: Request) -> Response:
        """List issue types that can be created, a page."""
        types = [parts.issue_type(t, self.url) for t in self.state.data["types"]]
        found = self.state.project(request.args["project"])
        return page_of(request, types, "issueTypes") if found else error(404, "No project could be found.")

    @route("GET", API + "/issue/createmeta/{project}/issuetypes/{type}")
    def create_fields(self, request: Request) -> Response:
        """List the fields of a create screen, a page."""
        project, kind = self.state.project(request.args["project"]), self.state.type(request.args["type"])
        if project is None or kind is None:
            return error(404, "No project could be found.")
        return page_of(request, shapes.screen(self.state, project, kind), "fields")

    @route("GET", f"{AGILE}/board")
    def boards(self, request: Request) -> Response:
        """List boards: one for each project that has sprints."""
        wanted = request.one("projectKeyOrId")
        projects = [p for p in self.state.data["projects"] if p["sprints"] and wanted in ("", p["key"], p["id"])]
        return page_of(request, [{"id": int(p["id"]), "name": f"{p['key']} board", "type": "scrum"} for p in projects])

    @route("GET", AGILE + "/board/{board}/sprint")
    def sprints(self, request: Request) -> Response:
        """List sprints, a page."""
        project = self.state.project(request.args["board"])
        if project is None:
            return error(404, "Board does not exist or you do not have permission to view it.")
        return page_of(request, [parts.sprint(s) for s in project["sprints"]])

    def _in_project(self, request: Request, show: Callable[[dict[str, Any]], Any]) -> Response:
        found = self.state.project(request.args["project"])
        if found is None:
            return error(404, f"No project could be found with key '{request.args['project']}'.")
        return Response(200, show(found))


def _brief(project: dict[str, Any]) -> dict[str, Any]:
    return {"id": project["id"], "key": project["key"], "name": project["name"], "projectTypeKey": "software"}
