"""One product in the sandboxes of two systems, with a configuration on disk: opened as often as a test likes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from syncer_jira.sandbox.server import JiraSandbox
from syncer_notion.sandbox.seed import BOT_TOKEN
from syncer_notion.sandbox.server import NotionSandbox

from syncer.api import Session
from syncer.mapping.config import load_config

SOURCE = "11111111-1111-4111-8111-111111111111"
CONFIG = """\
format: 1
product: shop
connections:
  jira: {{system: jira, url: "{jira}", user: robot@example.com, token: {{env: JIRA_TOKEN}}, access: write}}
  notion: {{system: notion, url: "{notion}", token: {{env: NOTION_TOKEN}}, access: write}}
collections:
  backlog: {{connection: jira, project: SHOP, mapping: backlog.yaml}}
  pages: {{connection: notion, data_source: {source}, mapping: pages.yaml}}
"""
BACKLOG = """\
format: 1
kinds:
  story:
    record: Story
    fields:
      title: Summary
      status: {field: Status, values: {planned: To Do, doing: [In Progress, In Review], done: Done}}
      owner: Assignee
      custom.severity: {field: Severity, type: choice}
"""
PAGES = """\
format: 1
kinds:
  story:
    fields:
      title: Name
      status: {field: Status, values: {planned: Not started, doing: In progress, done: Done}}
      owner: Owner
"""
STATUSES = {"To-do": ["Not started"], "In progress": ["In progress"], "Complete": ["Done"]}
SEED = {
    "users": [
        {"name": "Syncer", "type": "bot", "token": BOT_TOKEN},
        {"name": "Ann", "email": "ann@example.com"},
    ],
    "data_sources": [
        {
            "id": SOURCE,
            "name": "Stories",
            "properties": {
                "Name": "title",
                "Syncer ID": "rich_text",
                "Status": {"status": {"groups": STATUSES}},
                "Owner": "people",
            },
        }
    ],
}


@dataclass
class Product:
    """What a test works with."""

    folder: Path
    jira: JiraSandbox
    notion: NotionSandbox
    late: timedelta = timedelta()

    def open(self) -> Session:
        """Open the product as a new process would: nothing is shared with an earlier one but the store."""
        return Session(load_config(self.folder / "syncer.yaml"), now=lambda: datetime.now(UTC) + self.late)

    def sync(self, *, full: bool = False) -> int:
        """Synchronise in a session of its own, and return its exit code."""
        with self.open() as session:
            return session.sync(full=full).exit_code

    def wait(self, seconds: float = 900) -> None:
        """Let time go by, here and there: beyond every index's lag and every listing's overlap."""
        self.late += timedelta(seconds=seconds)
        self.jira.clock.advance(seconds)
        self.notion.clock.advance(seconds)

    def calls(self) -> list[str]:
        """Return the requests since the last look, Jira's first."""
        found = [line.route for box in (self.jira, self.notion) for line in box.log]
        self.jira.log.clear()
        self.notion.log.clear()
        return found

    def issue(self, key: str, **fields: Any) -> None:
        """Edit an issue as another person."""
        answer = self.jira.edit({"as": "ann@example.com", "issue": key, "fields": fields})
        assert "errors" not in answer, answer

    def page(self, title: str, **properties: Any) -> dict[str, Any]:
        """Edit the page of that title as another person, if there is anything to edit; return its properties."""
        state = self.notion.state
        (page,) = [p for p in state.pages.values() if title in str(p["properties"]["title"])]
        ann = next(id for id, user in state.users.items() if user["email"] == "ann@example.com")
        if properties:
            state.change_page(page, properties, ann)
        source = state.sources[page["source"]]["properties"]
        return {prop["name"]: page["properties"][id] for id, prop in source.items()}

    def rewrite(self, file: str, old: str, new: str) -> None:
        """Edit the configuration."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    """A product of two stories, in step, long ago."""
    monkeypatch.setenv("JIRA_TOKEN", "robot-token")
    monkeypatch.setenv("NOTION_TOKEN", BOT_TOKEN)
    jira, notion = JiraSandbox({"issues": [{"summary": "Pay"}, {"summary": "Ship"}]}), NotionSandbox(SEED, rate=0)
    jira.start(), notion.start()
    for name, text in (("syncer.yaml", CONFIG), ("backlog.yaml", BACKLOG), ("pages.yaml", PAGES)):
        given = {"jira": jira.url, "notion": notion.url, "source": SOURCE}
        (tmp_path / name).write_text(text.format(**given) if name == "syncer.yaml" else text, "utf-8")
    made = Product(tmp_path, jira, notion)
    assert made.sync() == 0
    made.wait()
    made.sync()
    made.wait()
    made.calls()
    yield made
    jira.stop(), notion.stop()
