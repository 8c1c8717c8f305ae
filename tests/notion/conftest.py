"""A sandbox with a data source of every property type, and the adapter on it through the real client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from syncer_notion.adapter import NotionAdapter, NotionConnection, NotionSystem
from syncer_notion.sandbox.seed import BOT_TOKEN, PERSON_TOKEN
from syncer_notion.sandbox.server import NotionSandbox

from syncer.record import Change, Draft, Raw, Record, Ref, Tag
from syncer.transport import Bucket, Transport

ADA, BOB = "ada@example.com", "bob@example.com"

SEED: dict[str, Any] = {
    "users": [
        {"name": "Syncer", "type": "bot", "token": BOT_TOKEN},
        {"name": "Ada Lovelace", "email": ADA, "token": PERSON_TOKEN},
        {"name": "Bob Noether", "email": BOB},
    ],
    "data_sources": [
        {
            "name": "Features",
            "properties": {
                "Name": "title",
                "Syncer ID": "rich_text",
                "Notes": "rich_text",
                "Reach": "number",
                "Priority": {"select": {"options": ["High", "Low"]}},
                "Labels": {"multi_select": {"options": ["api", "ui"]}},
                "Status": {
                    "status": {
                        "groups": {"To-do": ["Not started"], "In progress": ["In progress"], "Complete": ["Done"]}
                    }
                },
                "When": "date",
                "Owners": "people",
                "Files": "files",
                "Live": "checkbox",
                "Link": "url",
                "Mail": "email",
                "Phone": "phone_number",
                "Goals": {"relation": {"data_source": "Goals", "two_way": "Features"}},
                "Score": {"formula": {"expression": "1"}},
                "Votes": {"rollup": {"function": "sum"}},
                "No": {"unique_id": {"prefix": "FEAT"}},
                "Created": "created_time",
                "Author": "created_by",
                "Edited": "last_edited_time",
                "Editor": "last_edited_by",
                "Place": "place",
                "Checked": "verification",
            },
            "pages": [],
        },
        {
            "name": "Goals",
            "properties": {
                "Name": "title",
                "Features": {"relation": {"data_source": "Features", "two_way": "Goals"}},
            },
            "pages": [],
        },
    ],
}


@dataclass
class Desk:
    """What a test works with."""

    sandbox: NotionSandbox
    connection: NotionConnection
    transport: Transport
    adapter: NotionAdapter
    ids: dict[str, str] = field(default_factory=dict)

    def tag(self, n: int = 1) -> Tag:
        return Tag("roadmap", f"item{n}", "lineage")

    def create(self, title: str = "Search", n: int = 1, **fields: Raw) -> Record:
        named = {self.ids[name]: value for name, value in fields.items()}
        return self.adapter.create(Draft(self.adapter.source, {"title": title, **named}, self.tag(n)))

    def update(self, record: Record, **fields: Raw) -> Record:
        changes = {self.ids[n]: Change(record.fields.get(self.ids[n]), value) for n, value in fields.items()}
        return self.adapter.update(record.ref, record.type, changes)

    def read(self, ref: Ref) -> Record:
        found = self.adapter.get([ref])[ref]
        assert isinstance(found, Record)
        return found

    def calls(self) -> list[tuple[str, str]]:
        """Return the requests since the last look, ids left out."""
        out = [(line.method, line.route.split(" ")[-1].removeprefix("/v1")) for line in self.sandbox.log]
        self.sandbox.log.clear()
        return out

    def settle(self) -> None:
        """Let the index catch up."""
        self.sandbox.clock.advance(2)

    def account(self, email: str) -> str:
        return next(id for id, user in self.sandbox.state.users.items() if user["email"] == email)

    def goals(self, count: int) -> list[str]:
        source = next(s for s in self.sandbox.state.sources.values() if s["name"] == "Goals")
        state = self.sandbox.state
        bot = next(iter(state.users))
        return [state.create_page(source, {}, [], bot)["id"] for _ in range(count)]


def connect_through(sandbox: NotionSandbox, transport: Transport, token: str) -> NotionConnection:
    settings = NotionSystem.ConnectionSettings.model_validate({"token": {"env": "NOTION_TOKEN"}, "url": sandbox.url})
    return NotionSystem.connect(settings, {"token": token}, transport)


def opened(
    sandbox: NotionSandbox, name: str = "Features", *, write: bool = True, token: str = BOT_TOKEN, **more: Any
) -> Desk:
    bucket = Bucket(0, 1, clock=lambda: sandbox.clock.now().timestamp(), sleep=sandbox.clock.advance)
    transport = Transport(name="notion", write=write, bucket=bucket, timeout=5, sleep=lambda _: None)
    connection = connect_through(sandbox, transport, token)
    source = next(s["id"] for s in sandbox.state.sources.values() if s["name"] == name)
    settings = NotionSystem.CollectionSettings.model_validate({"data_source": source, **more})
    adapter = connection.open(settings)
    kind = adapter.schema().types[adapter.source]
    desk = Desk(sandbox, connection, transport, adapter, {spec.name: id for id, spec in kind.fields.items()})
    sandbox.log.clear()
    return desk


@pytest.fixture
def make_desk() -> Iterator[Callable[..., Desk]]:
    """Make a desk on a sandbox of its own: settings of the sandbox under `box`, of the collection beside it."""
    made: list[Desk] = []

    def make(box: Mapping[str, Any] | None = None, **settings: Any) -> Desk:
        sandbox = NotionSandbox(SEED, **{"rate": 0, **(box or {})})
        sandbox.start()
        made.append(opened(sandbox, **settings))
        return made[-1]

    yield make
    for desk in made:
        desk.connection.close()
        desk.sandbox.stop()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


@pytest.fixture
def again() -> Callable[..., Desk]:
    """Open another desk on a sandbox that runs."""
    return opened
