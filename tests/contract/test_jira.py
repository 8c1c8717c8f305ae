"""Jira Cloud, as its sandbox speaks, held to the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from syncer_jira.adapter import JiraSystem
from syncer_jira.sandbox.server import JiraSandbox

from syncer.record import Raw
from syncer.testing.contract import AdapterContract, Bench, Offers
from syncer.testing.contract.removing import RemovingContract
from syncer.testing.server import Fault
from syncer.transport import Transport

SEED: dict[str, Any] = {
    "projects": [
        {
            "key": "SHOP",
            "versions": [{"id": "20", "name": "1.0"}, {"id": "21", "name": "2.0"}, {"id": "22", "name": "3.0"}],
            "components": [{"id": "30", "name": "web"}, {"id": "31", "name": "app"}],
            "sprints": [{"id": 7, "name": "Sprint 7", "state": "active"}, {"id": 8, "name": "Sprint 8"}],
        },
        {"id": "10001", "key": "OPS", "name": "Operations"},
    ],
    "issues": [
        {"project": "OPS", "type": "Epic", "summary": "Checkout"},
        {"project": "OPS", "type": "Epic", "summary": "Delivery"},
    ],
}
ROUTES = {"list": ("POST", "/search/jql$"), "create": ("POST", "/issue$"), "update": ("PUT", r"/issue/\d+$")}


class JiraBench(Bench):
    """A site with one project that takes part; its people work as Jira's other users."""

    system = JiraSystem
    offers = Offers.LOG | Offers.FAULTS | Offers.FILTER
    title = "summary"
    refused: Mapping[str, Raw] = {"labels": ["two words"], "priority": "99"}
    lag = 400.0
    page = 100

    def __init__(self, collection: Mapping[str, Any]) -> None:
        self.sandbox = JiraSandbox(SEED)
        self.collection = {"project": "SHOP", "types": ["Story"], **collection}

    def settings(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return {"url": self.sandbox.url, "user": "robot@example.com", "token": {"env": "T"}}, self.collection

    def nowhere(self) -> Mapping[str, Any]:
        return {"project": "NONE"}

    def secrets(self) -> Mapping[str, str]:
        return {"token": "robot-token"}

    def transport(self, *, write: bool = True) -> Transport:
        made = super().transport(write=write)
        made.bucket._clock = lambda: self.sandbox.clock.now().timestamp()
        made.bucket._sleep = self.wait
        return made

    def add(self, title: str) -> None:
        self.sandbox.edit({"create": {"type": "Story", "summary": title}})

    def rename(self, title: str, to: str) -> None:
        self._edit(title, {"fields": {"summary": to}})

    def remove(self, title: str) -> None:
        self._edit(title, {"delete": True})

    def leave(self, title: str) -> None:
        self._edit(title, {"move": "OPS"})

    def truth(self) -> Mapping[str, Mapping[str, object]]:
        issues = [issue["fields"] for issue in self.sandbox.dump()["issues"]]
        return {fields["summary"]: fields for fields in issues if fields["issuetype"]["name"] == "Story"}

    def samples(self) -> Mapping[str, Sequence[Raw]]:
        people: list[Raw] = ["acc-ann", "acc-robot"]
        return {"assignee": people, "reporter": people, "parent": ["10001", "10002"]}

    def wait(self, seconds: float) -> None:
        self.sandbox.clock.advance(seconds)

    def requests(self) -> Sequence[str]:
        made = [f"{line.method} {line.path}" for line in self.sandbox.log]
        self.sandbox.log.clear()
        return made

    def writes(self, request: str) -> bool:
        return not request.startswith("GET ") and not request.endswith(("/search/jql", "/bulkfetch"))

    def fail(self, verb: str, *, after: bool = False, skip: int = 0) -> None:
        method, path = ROUTES[verb]
        self.sandbox.faults.append(Fault(method, path, "after" if after else "before", 502, times=99, skip=skip))

    def close(self) -> None:
        self.sandbox.stop()

    def _edit(self, title: str, what: Mapping[str, Any]) -> None:
        issue = next(i for i in self.sandbox.state.issues.values() if i["fields"]["summary"] == title)
        self.sandbox.edit({"issue": issue["id"], **what})


def bench(**collection: Any) -> Bench:
    made = JiraBench(collection)
    made.sandbox.start()
    return made


class TestJira(AdapterContract):
    @pytest.fixture
    def bench(self) -> Bench:
        return bench()


class TestJiraArchivesByStatus(RemovingContract):
    @pytest.fixture
    def bench(self) -> Bench:
        return bench(archive_status="Done")
