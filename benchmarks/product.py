"""One product in Jira, Notion and a workbook, each feature in one of them at first; and its people's edits."""

from __future__ import annotations

import base64
import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = "11111111-1111-4111-8111-111111111111"
VERSION = "2026-03-11"
BODY = "As a hiker I want to find my way back, so that the day is safe."
STATES = ("planned", "doing", "done")
NAMES = {
    "jira": {"planned": "To Do", "doing": "In Progress", "done": "Done"},
    "notion": {"planned": "Planned", "doing": "In progress", "done": "Done"},
}
ENV = {"JIRA_TOKEN": "robot-token", "NOTION_TOKEN": "ntn_robot"}

CONFIG = """\
format: 1
product: bench
connections:
  jira: {{system: jira, url: "{jira}", user: robot@bench.example, token: {{env: JIRA_TOKEN}}, access: write}}
  notion: {{system: notion, url: "{notion}", token: {{env: NOTION_TOKEN}}, access: write}}
  book: {{system: xlsx, path: book.xlsx, access: write}}
collections:
  backlog: {{connection: jira, project: BENCH, types: [Epic], mapping: backlog.yaml}}
  features: {{connection: notion, data_source: {source}, mapping: features.yaml}}
  book: {{connection: book, sheet: Roadmap, mapping: book.yaml}}
guards: {{max_writes: 1000000}}
"""
BACKLOG = """\
format: 1
kinds:
  feature:
    record: Epic
    fields:
      title: Summary
      body: Description
      labels: Labels
      status: {field: Status, values: {planned: To Do, doing: [In Progress, In Review], done: Done}}
"""
FEATURES = """\
format: 1
kinds:
  feature:
    fields:
      title: Name
      body: body
      labels: Tags
      reach: Reach
      status: {field: Status, values: {planned: Planned, doing: In progress, done: Done}}
"""
BOOK = """\
format: 1
kinds:
  feature:
    fields:
      title: Feature
      reach: Reach
      status: {field: Status, values: {planned: Planned, doing: In progress, done: Done}}
"""


@dataclass(frozen=True)
class Shares:
    """How many items begin where, how many of them stand in a status that Jira does not create in, and the edits."""

    items: int

    @property
    def jira(self) -> int:
        return self.items // 2

    @property
    def notion(self) -> int:
        return self.items * 3 // 10

    @property
    def book(self) -> int:
        return self.items - self.jira - self.notion

    @property
    def moved(self) -> int:
        """Items born outside Jira whose status takes a transition there."""
        return sum(STATES[n % 3] != "planned" for n in range(self.jira, self.items))

    @property
    def edits(self) -> tuple[int, int, int]:
        """One item in a hundred, by side."""
        every = max(3, self.items // 100)
        return every - 2 * (every * 3 // 10), every * 3 // 10, every * 3 // 10


def title(number: int) -> str:
    return f"Feature {number}"


def seeds(shares: Shares) -> dict[str, Any]:
    """Return what the two sandboxes begin with."""
    tags = ["mobile", "map", "offline"]
    issues = [
        {
            "type": "Epic",
            "summary": title(n),
            "description": f"{BODY} ({n})",
            "status": NAMES["jira"][STATES[n % 3]],
            "labels": [tags[n % 3]],
        }
        for n in range(shares.jira)
    ]
    pages = [
        {
            "properties": {
                "Name": title(n),
                "Status": NAMES["notion"][STATES[n % 3]],
                "Tags": [tags[n % 3]],
                "Reach": n,
            },
            "children": [f"{BODY} ({n})"],
        }
        for n in range(shares.jira, shares.jira + shares.notion)
    ]
    users = [("robot", "Syncer"), ("ann", "Ann Okafor")]
    jira_users = [
        {"accountId": f"acc-{key}", "name": name, "email": f"{key}@bench.example", "token": f"{key}-token"}
        for key, name in users
    ]
    properties = {
        "Name": "title",
        "Syncer ID": "rich_text",
        "Reach": "number",
        "Tags": {"multi_select": {"options": tags}},
        "Status": {"status": {"groups": {"To-do": ["Planned"], "In progress": ["In progress"], "Complete": ["Done"]}}},
    }
    source = {"name": "Features", "id": SOURCE, "properties": properties, "pages": pages}
    return {
        "jira": {
            "users": jira_users,
            "projects": [{"key": "BENCH", "name": "Bench", "id": "10000"}],
            "issues": issues,
        },
        "notion": {
            "users": [
                {"name": "Syncer", "type": "bot", "token": "ntn_robot"},
                {"name": "Ann Okafor", "email": "ann@bench.example", "token": "ntn_ann"},
            ],
            "data_sources": [source],
        },
    }


def write(folder: Path, shares: Shares, urls: dict[str, str]) -> None:
    """Write the configuration, its mappings and the workbook."""
    import openpyxl

    for name, text in {"backlog": BACKLOG, "features": FEATURES, "book": BOOK}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "syncer.yaml").write_text(CONFIG.format(**urls, source=SOURCE), encoding="utf-8")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Roadmap"
    sheet.append(["Feature", "Status", "Reach"])
    for n in range(shares.jira + shares.notion, shares.items):
        sheet.append([title(n), NAMES["notion"][STATES[n % 3]], n])
    book.save(folder / "book.xlsx")


def edit(folder: Path, shares: Shares, urls: dict[str, str]) -> None:
    """Let a person rename one item in a hundred: some in Jira, some in Notion, some in the workbook."""
    import openpyxl

    in_jira, in_notion, in_book = shares.edits
    basic = "Basic " + base64.b64encode(b"ann@bench.example:ann-token").decode()
    query = {"jql": "project = BENCH ORDER BY key ASC", "fields": ["summary"], "maxResults": 100}
    issues = http("POST", f"{urls['jira']}/rest/api/3/search/jql", basic, query)["issues"]
    for issue in issues[:in_jira]:
        fields = {"summary": f"{issue['fields']['summary']} (renamed)"}
        http("PUT", f"{urls['jira']}/rest/api/3/issue/{issue['id']}", basic, {"fields": fields})
    bearer = "Bearer ntn_ann"
    pages = http("POST", f"{urls['notion']}/v1/data_sources/{SOURCE}/query", bearer, {"page_size": 100})["results"]
    chosen = [p for p in pages if int(_name(p).split()[1]) >= shares.jira][:in_notion]
    for page in chosen:
        text = [{"type": "text", "text": {"content": f"{_name(page)} (renamed)"}}]
        http("PATCH", f"{urls['notion']}/v1/pages/{page['id']}", bearer, {"properties": {"Name": {"title": text}}})
    book = openpyxl.load_workbook(folder / "book.xlsx")
    for row in range(2, 2 + in_book):
        cell = book["Roadmap"].cell(row, 1)
        cell.value = f"{cell.value} (renamed)"
    book.save(folder / "book.xlsx")


def _name(page: dict[str, Any]) -> str:
    return "".join(part["plain_text"] for part in page["properties"]["Name"]["title"])


def http(method: str, url: str, token: str = "", body: Any = None) -> Any:
    headers = {"Content-Type": "application/json", "Notion-Version": VERSION}
    headers |= {"Authorization": token} if token else {}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")
