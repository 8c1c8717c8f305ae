"""A sandbox with a small product in it, and our adapter connected to it through the real client library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from syncer_jira.adapter import CollectionSettings, ConnectionSettings, JiraAdapter, JiraConnection, JiraSystem
from syncer_jira.sandbox.server import JiraSandbox

from syncer.adapter import Secret
from syncer.transport import Redactor, Transport

TOKEN = "robot-token"
SEED: dict[str, Any] = {
    "projects": [
        {
            "key": "SHOP",
            "name": "Shop",
            "versions": [{"id": "20", "name": "1.0"}, {"id": "21", "name": "2.0"}],
            "components": [{"id": "30", "name": "web"}],
            "sprints": [{"id": 7, "name": "Sprint 7", "state": "active"}, {"id": 8, "name": "Sprint 8"}],
        },
        {"id": "10001", "key": "OPS", "name": "Operations"},
    ],
    "issues": [
        {"type": "Epic", "summary": "Checkout"},
        {"type": "Story", "summary": "Pay by card", "parent": "SHOP-1", "labels": ["pay"], "description": "one\ntwo"},
        {"type": "Bug", "summary": "Wrong total", "assignee": "Ann", "custom": {"Sprint": "Sprint 7"}},
    ],
}


@pytest.fixture
def sandbox() -> Iterator[JiraSandbox]:
    box = JiraSandbox(SEED)
    box.start()
    yield box
    box.stop()


@pytest.fixture
def connect(sandbox: JiraSandbox) -> Iterator[Callable[..., JiraConnection]]:
    made: list[JiraConnection] = []

    def connect(
        *, token: str = TOKEN, write: bool = True, sleep: Callable[[float], None] | None = None
    ) -> JiraConnection:
        settings = ConnectionSettings(url=sandbox.url, user="robot@example.com", token=Secret(env="T"))
        pause = sleep or (lambda seconds: sandbox.clock.advance(seconds))
        transport = Transport(name="jira", write=write, redact=Redactor([token]), timeout=5, sleep=pause)
        transport.bucket._sleep = pause
        transport.bucket._clock = lambda: sandbox.clock.now().timestamp()
        made.append(JiraSystem.connect(settings, {"token": token}, transport))
        return made[-1]

    yield connect
    for connection in made:
        connection.close()


@pytest.fixture
def adapter(connect: Callable[..., JiraConnection]) -> JiraAdapter:
    return connect().open(CollectionSettings(project="SHOP"))
