"""What the sandbox holds, and what an edit does to it: changelog, `updated`, the index that runs behind."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from typing import Any

from syncer.testing.server import Clock
from syncer_jira.sandbox import history
from syncer_jira.sandbox.seed import adf, complete

Issue = dict[str, Any]
SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"


class State:
    """All projects of one site. Issues are kept plainly: options by id, people by account id."""

    def __init__(self, seed: dict[str, Any] | None, clock: Clock, lag: float) -> None:
        self.data: dict[str, Any] = complete(seed)
        self.clock, self.lag = clock, lag
        self.issues: dict[str, Issue] = {}
        self.index: dict[str, list[tuple[datetime, Issue | None]]] = {}
        self._last = clock.now()
        self._numbers: dict[str, int] = {}
        self._ids = self._entries = 10000
        for issue in self.data["issues"]:
            self._plant(issue)

    def project(self, key: str) -> dict[str, Any] | None:
        """Return a project by key or id."""
        return next((p for p in self.data["projects"] if key in (p["key"], p["id"])), None)

    def user(self, word: str) -> dict[str, Any] | None:
        """Return a user by account id, e-mail address or name."""
        return next((u for u in self.data["users"] if word in (u["accountId"], u["email"], u["name"])), None)

    def type(self, word: str) -> dict[str, Any] | None:
        """Return an issue type by id or name."""
        return next((t for t in self.data["types"] if word in (t["id"], t["name"])), None)

    def custom(self, key: str) -> dict[str, Any] | None:
        """Return a custom field by id or name."""
        return next((f for f in self.data["fields"] if key in (f["id"], f["name"])), None)

    def find(self, word: str) -> Issue | None:
        """Return an issue by id or by any key it has had."""
        if word in self.issues:
            return self.issues[word]
        return next((i for i in self.issues.values() if word == i["key"] or word in i["former"]), None)

    def create(self, project: dict[str, Any], kind: str, fields: dict[str, Any], by: str) -> Issue:
        """Create an issue; what was not said takes its default."""
        self._ids += 1
        now = self.now()
        defaults = {
            "priority": self.data["default_priority"],
            "status": project["statuses"][0]["id"],
            "reporter": by,
        }
        issue: Issue = {
            "id": str(self._ids),
            "key": self._key(project["key"]),
            "former": [],
            "project": project["key"],
            "type": kind,
            "creator": by,
            "created": now,
            "updated": now,
            "fields": {**defaults, **{k: v for k, v in fields.items() if v not in (None, [])}},
            "properties": {},
            "changelog": [],
            "security": "",
        }
        self.issues[issue["id"]] = issue
        self.touch(issue)
        return issue

    def edit(self, issue: Issue, fields: dict[str, Any], by: str) -> None:
        """Change fields, keeping the changelog true. Writing the same value is no edit."""
        project = self.project(issue["project"])
        assert project is not None
        items: list[history.Item] = []
        for key, value in fields.items():
            old = issue["fields"].get(key)
            if value in (None, []):
                issue["fields"].pop(key, None)
            else:
                issue["fields"][key] = value
            if (old or None) != (value or None):
                items += history.items(self, project, key, old, value)
        if items:
            self._entries += 1
            issue["updated"] = self.now()
            entry = {"id": str(self._entries), "author": by, "created": issue["updated"], "items": items}
            issue["changelog"].append(entry)
            self.touch(issue)

    def delete(self, issue: Issue) -> None:
        """Delete for good."""
        del self.issues[issue["id"]]
        self.index[issue["id"]].append((self.now(), None))

    def move(self, issue: Issue, project: dict[str, Any], by: str) -> None:
        """Move to another project: the id stays, the key does not."""
        issue["former"].append(issue["key"])
        issue["key"], issue["project"] = self._key(project["key"]), project["key"]
        self.edit(issue, {"status": project["statuses"][0]["id"], "fixVersions": [], "components": []}, by)
        issue["updated"] = self.now()
        self.touch(issue)

    def clone(self, issue: Issue, by: str) -> Issue:
        """Copy an issue, properties included: the least kind thing a site may do."""
        project = self.project(issue["project"])
        assert project is not None
        made = self.create(project, issue["type"], copy.deepcopy(issue["fields"]), by)
        made["properties"] = copy.deepcopy(issue["properties"])
        self.touch(made)
        return made

    def touch(self, issue: Issue) -> None:
        """Hand an issue to the index, where it will show after the lag."""
        self.index.setdefault(issue["id"], []).append((self.clock.now(), copy.deepcopy(issue)))

    def indexed(self, reconcile: set[str]) -> list[Issue]:
        """Return the issues as the search sees them now."""
        limit = self.clock.now() - timedelta(seconds=self.lag)
        out = []
        for key, versions in self.index.items():
            while len(versions) > 1 and versions[1][0] <= limit:
                versions.pop(0)
            if key in reconcile:
                if key in self.issues:
                    out.append(self.issues[key])
            elif versions[0][0] <= limit and versions[0][1] is not None:
                out.append(versions[0][1])
        return out

    def now(self) -> datetime:
        """Return the time, later than any time given before by a millisecond at least."""
        now = self.clock.now()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self._last = max(now, self._last + timedelta(milliseconds=1))
        return self._last

    def _key(self, project: str) -> str:
        self._numbers[project] = self._numbers.get(project, 0) + 1
        return f"{project}-{self._numbers[project]}"

    def _plant(self, given: dict[str, Any]) -> None:
        """Make an issue of the seed; its names become ids. It is in the index from the start."""
        project = self.project(given.get("project", "")) or self.data["projects"][0]
        kind = self.type(given.get("type", "Story"))
        author = self.user(given.get("creator", "")) or self.data["users"][-1]
        if kind is None:
            raise ValueError(f"the seed names an unknown issue type {given.get('type')!r}")
        fields = {k: self._seeded(project, k, v) for k, v in given.items() if k in PLANTED}
        for name, value in given.get("custom", {}).items():
            custom = self.custom(name)
            if custom is None:
                raise ValueError(f"the seed names an unknown field {name!r}")
            fields[custom["id"]] = self._seeded_custom(project, custom, value)
        issue = self.create(project, kind["id"], fields, author["accountId"])
        issue["properties"] = given.get("properties", {})
        self.index[issue["id"]] = [(self.clock.now() - timedelta(days=1), copy.deepcopy(issue))]

    def _seeded(self, project: dict[str, Any], key: str, value: Any) -> Any:
        match key:
            case "description" | "environment" if isinstance(value, str):
                return adf(value)
            case "status":
                return named(project["statuses"], value)
            case "priority":
                return named(self.data["priorities"], value)
            case "assignee" | "reporter":
                user = self.user(value)
                return user["accountId"] if user else None
            case "fixVersions" | "versions":
                return [named(project["versions"], v) for v in value]
            case "components":
                return [named(project["components"], v) for v in value]
            case "parent":
                found = self.find(value)
                return found["id"] if found else None
        return value

    def _seeded_custom(self, project: dict[str, Any], custom: dict[str, Any], value: Any) -> Any:
        if custom["custom"] == SPRINT:
            return [int(named(project["sprints"], value))]
        if custom["custom"].endswith("textarea") and isinstance(value, str):
            return adf(value)
        if custom["custom"].endswith("userpicker"):
            people = [(self.user(v) or {}).get("accountId") for v in (value if isinstance(value, list) else [value])]
            return people if isinstance(value, list) else people[0]
        if custom["custom"].endswith(":multiversion"):
            return [named(project["versions"], v) for v in value]
        if "options" in custom:
            values = [named(custom["options"], v) for v in (value if isinstance(value, list) else [value])]
            return values if isinstance(value, list) else values[0]
        return value


PLANTED = frozenset(
    {"summary", "description", "environment", "status", "priority", "assignee", "reporter", "labels", "fixVersions",
     "versions", "components", "parent", "duedate"}
)  # fmt: skip


def named(options: list[dict[str, Any]], word: Any) -> str:
    """Return the id of the option of that id or name. Raises ValueError."""
    for option in options:
        if str(word) in (str(option["id"]), option.get("name"), option.get("value")):
            return str(option["id"])
    raise ValueError(f"the seed names an unknown option {word!r}")
