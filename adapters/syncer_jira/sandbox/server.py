"""The stand-in Jira Cloud: every endpoint our adapter calls, with the vendor's shapes and limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from syncer_jira.sandbox.check import accept
from syncer_jira.sandbox.issues import Issues
from syncer_jira.sandbox.projects import Projects
from syncer_jira.sandbox.search import Search
from syncer_jira.sandbox.seed import USERS
from syncer_jira.sandbox.site import HIDDEN
from syncer_jira.sandbox.state import Issue


class JiraSandbox(Projects, Search, Issues):
    """A site. `seed`: see README.md; `rate` scales the limits (0: none); `lag`: seconds the search runs behind."""

    login: ClassVar[Mapping[str, str]] = {"user": USERS[0]["email"], "token": USERS[0]["token"]}

    def dump(self) -> Any:
        """See Sandbox."""
        issues = self.state.issues.values()
        zone = "Etc/UTC"
        shown = [(self.show(i, zone, None, list(i["properties"])), self.history(i, zone)) for i in issues]
        return {"issues": [issue | {"changelog": entries} for issue, entries in shown]}

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
