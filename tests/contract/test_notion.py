"""Notion, as its sandbox speaks, held to the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from syncer_notion.adapter import NotionSystem
from syncer_notion.sandbox.seed import BOT_TOKEN
from syncer_notion.sandbox.server import NotionSandbox

from syncer.record import Raw
from syncer.testing.contract import AdapterContract, Bench, Offers
from syncer.testing.server import Fault
from syncer.transport import Transport
from tests.notion.conftest import ADA, BOB, SEED

ROUTES = {"list": ("POST", "/query$"), "create": ("POST", "/v1/pages$"), "update": ("PATCH", "/v1/pages/")}
GONE = "gone@example.com"


class NotionBench(Bench):
    """A workspace with one data source that takes part; its people work in Notion itself."""

    system = NotionSystem
    offers = Offers.LOG | Offers.FAULTS | Offers.FILTER
    title = "title"
    lag = 130.0
    page = 100

    def __init__(self) -> None:
        self.sandbox = NotionSandbox(SEED, rate=0)
        self.state = self.sandbox.state
        sources = {source["name"]: source for source in self.state.sources.values()}
        self.source, self.goals = sources["Features"], sources["Goals"]
        self.ids = {prop["name"]: id for id, prop in self.source["properties"].items()}
        self.users = {user["email"]: id for id, user in self.state.users.items()}
        self.ada = self.users[ADA]
        self.refused: Mapping[str, Raw] = {self.ids["Link"]: "x" * 3000, self.ids["Status"]: "Nowhere"}

    def settings(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        stays = {"property": "Mail", "email": {"does_not_equal": GONE}}
        return {"url": self.sandbox.url, "token": {"env": "T"}}, {"data_source": self.source["id"], "filter": stays}

    def nowhere(self) -> Mapping[str, Any]:
        return {"data_source": "00000000-0000-4000-8000-000000000001"}

    def secrets(self) -> Mapping[str, str]:
        return {"token": BOT_TOKEN}

    def transport(self, *, write: bool = True) -> Transport:
        made = super().transport(write=write)
        made.bucket._clock = lambda: self.sandbox.clock.now().timestamp()
        made.bucket._sleep = self.wait
        return made

    def add(self, title: str) -> None:
        self.state.create_page(self.source, {"Name": _words(title)}, [], self.ada)

    def rename(self, title: str, to: str) -> None:
        self.state.change_page(self._page(title), {"Name": _words(to)}, self.ada)

    def remove(self, title: str) -> None:
        page = self._page(title)
        page["in_trash"] = True
        self.state.touch(page, self.ada)

    def leave(self, title: str) -> None:
        self.state.change_page(self._page(title), {"Mail": {"email": GONE}}, self.ada)

    def truth(self) -> Mapping[str, Mapping[str, object]]:
        pages = [p for p in self.sandbox.dump()["pages"] if p["parent"]["data_source_id"] == self.source["id"]]
        return {
            _title(page): {self.ids[name]: value for name, value in page["properties"].items()}
            | {"body": [_content(block) for block in page["body"]]}
            for page in pages
            if not page["in_trash"]
        }

    def samples(self) -> Mapping[str, Sequence[Raw]]:
        ids = self.ids
        goals = sorted(self.state.create_page(self.goals, {}, [], self.ada)["id"] for _ in range(3))
        people = sorted([self.ada, self.users[BOB]])
        return {
            ids["Owners"]: [[*people], people[:1]],
            ids["Goals"]: [goals[:2], goals[1:]],
            ids["Mail"]: ["a@example.com", "b@example.com"],
            ids["Files"]: [[{"name": name, "url": f"https://example.com/{name}"}] for name in ("plan", "spec")],
            ids["Place"]: [[{"lat": 52.5, "lon": 13.4, "name": "Office"}], [{"lat": -1, "lon": 2}]],
            ids["Checked"]: ["verified", None],
        }

    def wait(self, seconds: float) -> None:
        self.sandbox.clock.advance(seconds)

    def requests(self) -> Sequence[str]:
        made = [f"{line.method} {line.path}" for line in self.sandbox.log]
        self.sandbox.log.clear()
        return made

    def writes(self, request: str) -> bool:
        return not request.startswith("GET ") and not request.endswith(("/query", "/search"))

    def fail(self, verb: str, *, after: bool = False, skip: int = 0) -> None:
        method, path = ROUTES[verb]
        self.sandbox.faults.append(Fault(method, path, "after" if after else "before", 503, times=99, skip=skip))

    def close(self) -> None:
        self.sandbox.stop()

    def _page(self, title: str) -> dict[str, Any]:
        id = next(p["id"] for p in self.sandbox.dump()["pages"] if _title(p) == title)
        found: dict[str, Any] = self.state.pages[id]
        return found


def _words(text: str) -> dict[str, Any]:
    return {"title": [{"type": "text", "text": {"content": text}}]}


def _title(page: Mapping[str, Any]) -> str:
    return "".join(run["plain_text"] for run in page["properties"]["Name"]["title"])


def _content(block: Mapping[str, Any]) -> object:
    return block["type"], block[block["type"]]


class TestNotion(AdapterContract):
    @pytest.fixture
    def bench(self) -> Bench:
        made = NotionBench()
        made.sandbox.start()
        return made
