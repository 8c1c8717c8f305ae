"""Three tools with one small product, people who work in them, and the command line in processes that can be killed.

People and judges go to the tools themselves: what is asserted here is read by code that knows neither engine nor store.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import sys
import time
import urllib.request
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import openpyxl
from syncer_jira.sandbox.server import JiraSandbox
from syncer_notion.sandbox.server import NotionSandbox

SECRETS = {"JIRA_TOKEN": "robot", "NOTION_TOKEN": "ntn_robot"}
SOURCE = "11111111-1111-4111-8111-111111111111"
HOUR = 3600.0

CONFIG = """format: 1
product: shop
connections:
  jira: {{system: jira, url: "{jira}", user: robot@shop.example, token: {{env: JIRA_TOKEN}}, access: write}}
  notion: {{system: notion, url: "{notion}", token: {{env: NOTION_TOKEN}}, access: write}}
  book: {{system: xlsx, path: plan.xlsx, access: write}}
collections:
  backlog: {{connection: jira, project: SHOP, mapping: backlog.yaml}}
  pages: {{connection: notion, data_source: {source}, mapping: pages.yaml}}
  rows: {{connection: book, sheet: Plan, mapping: rows.yaml, columns: {{Due: {{type: date}}, Reach: {{type: number}}}}}}
"""
MAPPINGS = {
    "backlog": "record: Feature\n    fields: {title: Summary, body: Description, labels: Labels, due: Due date}",
    "pages": "fields: {title: Name, body: Body, labels: Tags, due: Due, reach: Reach}",
    "rows": "fields: {title: Feature, due: Due, reach: Reach}",
}

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["syncer.cli.main", "syncer_xlsx.adapter", "syncer_jira.adapter",
                                  "syncer_notion.adapter", "tests.rescue.stage"])  # fmt: skip

Facts = dict[str, list[dict[str, Any]]]
"""What one tool shows: title → its records, field → value as text."""


def command(words: list[str], folder: str, ahead: float, lease: float) -> None:
    """Be the command line, with a clock that is so many seconds ahead: leases and lags have run out by then."""
    from syncer import api
    from syncer.cli.main import main

    os.chdir(folder)
    os.environ.update(SECRETS)
    with Path("told").open("wb") as out:
        for stream in (1, 2):
            os.dup2(out.fileno(), stream)
    ours = api.Session.__init__.__kwdefaults__
    assert ours is not None
    ours["now"] = lambda: datetime.now(UTC) + timedelta(seconds=ahead)
    api.LEASE = lease
    sys.argv = ["syncer", *words]
    main()


class Stage:
    """The tools, the folder, and what people last said."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ahead, self.lease = folder, 0.0, 180.0
        types = [{"id": "10005", "name": "Feature", "level": 0}]
        people = [
            {"accountId": "r", "name": "Robot", "email": "robot@shop.example", "token": "robot"},
            {"accountId": "a", "name": "Ann", "email": "ann@shop.example", "token": "ann"},
        ]
        project = {"key": "SHOP", "name": "Shop", "id": "10000"}
        self.jira = JiraSandbox(
            {"users": people, "types": types, "projects": [project], "issues": []}, rate=10_000, lag=0.0
        )
        properties = {"Name": "title", "Tags": {"multi_select": {"options": ["x"]}}, "Due": "date", "Reach": "number",
                      "Syncer ID": "rich_text"}  # fmt: skip
        users = [{"name": "Robot", "type": "bot", "token": "ntn_robot"}, {"name": "Ann", "token": "ntn_ann"}]
        source = {"name": "Features", "id": SOURCE, "properties": properties, "pages": []}
        self.notion = NotionSandbox({"users": users, "data_sources": [source]}, rate=1_000_000, lag=0.0)
        self.jira.start()
        self.notion.start()
        text = CONFIG.format(jira=self.jira.url, notion=self.notion.url, source=SOURCE)
        (folder / "syncer.yaml").write_text(text, encoding="utf-8")
        for name, rules in MAPPINGS.items():
            (folder / f"{name}.yaml").write_text(f"format: 1\nkinds:\n  feature:\n    {rules}\n", encoding="utf-8")
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "Plan"
        sheet.append(["Feature", "Due", "Reach"])
        book.save(folder / "plan.xlsx")
        self.said: dict[str, dict[str, str]] = defaultdict(dict)
        """Title → field → the last word of the people who edit that field."""
        self._count = itertools.count(1)

    def close(self) -> None:
        self.jira.stop()
        self.notion.stop()

    @property
    def store(self) -> Path:
        (found,) = self.folder.glob(".syncer/*.db")
        return found

    # the command line

    def start(self, *words: str) -> BaseProcess:
        process = PROCESSES.Process(target=command, args=(list(words), str(self.folder), self.ahead, self.lease))
        process.start()
        return process

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command to its end; return its exit code and what it said."""
        process = self.start(*words)
        process.join(120)
        return process.exitcode if process.exitcode is not None else -1, (self.folder / "told").read_text("utf-8")

    def pass_time(self, seconds: float = HOUR) -> None:
        """Let time pass, for the tools and for the processes to come."""
        self.ahead += seconds
        self.jira.clock.advance(seconds)
        self.notion.clock.advance(seconds)

    def settle(self) -> None:
        """Sync until there is nothing left to do."""
        for _ in range(5):
            self.pass_time()
            code, said = self.run("sync", "--full", "--json")
            assert code in (0, 5), said
            if code == 0 and not json.loads(said)["done"]:
                return
        raise AssertionError(f"it does not settle: {said}")

    # people

    def born(self, where: str) -> str:
        """Let somebody make a feature in one of the tools; return its title."""
        title = f"feature {next(self._count)}"
        if where == "jira":
            self._jira({"create": {"type": "Feature", "project": "SHOP", "summary": title}})
        elif where == "notion":
            name = {"Name": {"title": [{"text": {"content": title}}]}}
            self._notion("POST", "/v1/pages", {"parent": {"data_source_id": SOURCE}, "properties": name})
        else:
            self._type_in(title, "Feature", title)
        self.said[title]["title"] = title
        return title

    def edit(self, title: str, field: str) -> None:
        """Let somebody give a field a new value, where that field is edited, if the feature is there already."""
        number = next(self._count)
        if field == "labels":
            issues = self.issues().get(title)
            if issues:
                self.said[title][field] = f"l{number}"
                self._jira({"issue": issues[0]["id"], "fields": {"labels": [f"l{number}"]}})
        elif field == "reach":
            pages = self.pages().get(title)
            if pages:
                self.said[title][field] = str(number)
                self._notion("PATCH", f"/v1/pages/{pages[0]['id']}", {"properties": {"Reach": {"number": number}}})
        elif title in self.rows():
            due = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days=number)
            self.said[title][field] = f"{due:%Y-%m-%d}"
            self._type_in(title, "Due", due.replace(tzinfo=None))

    def archive_issue(self, title: str) -> None:
        """Put the label on an issue that stands for archived."""
        (issue,) = self.issues()[title]
        self._jira({"issue": issue["id"], "fields": {"labels": ["removed-elsewhere"]}})

    def archive_row(self, title: str) -> None:
        """Move a row to the sheet of archived ones."""
        book = openpyxl.load_workbook(self.folder / "plan.xlsx")
        sheet = book["Plan"]
        fresh = "Archive" not in book.sheetnames
        away = book.create_sheet("Archive") if fresh else book["Archive"]
        if fresh:
            away.append(["Archived from", *(cell.value for cell in sheet[1])])
        (row,) = [cells for cells in sheet.iter_rows(min_row=2) if cells[0].value == title]
        away.append([sheet.title, *(cell.value for cell in row)])
        sheet.delete_rows(row[0].row)
        book.save(self.folder / "plan.xlsx")

    def _jira(self, what: dict[str, Any]) -> None:
        with self.jira.lock:
            answer = self.jira.edit({"as": "ann@shop.example", **what})
        assert "id" in answer, answer

    def _notion(self, method: str, path: str, body: Any) -> None:
        headers = {"Authorization": "Bearer ntn_ann", "Notion-Version": "2026-03-11",
                   "Content-Type": "application/json"}  # fmt: skip
        data = json.dumps(body).encode()
        urllib.request.urlopen(urllib.request.Request(self.notion.url + path, data, headers, method=method)).close()

    def _type_in(self, title: str, column: str, value: Any) -> None:
        book = openpyxl.load_workbook(self.folder / "plan.xlsx")
        sheet = book["Plan"]
        names = [cell.value for cell in sheet[1]]
        at = next((cells[0].row for cells in sheet.iter_rows(min_row=2) if cells[0].value == title), sheet.max_row + 1)
        sheet.cell(at, names.index(column) + 1).value = value
        book.save(self.folder / "plan.xlsx")

    # judges

    def issues(self) -> Facts:
        """Return what Jira holds."""
        found: Facts = defaultdict(list)
        for issue in self._dump(self.jira.url)["issues"]:
            fields = issue["fields"]
            shown = {"id": issue["id"], "labels": " ".join(fields["labels"]), "due": fields["duedate"]}
            found[fields["summary"]].append({"title": fields["summary"], **shown})
        return found

    def pages(self) -> Facts:
        """Return what Notion holds, its trash left out."""
        found: Facts = defaultdict(list)
        for page in self._dump(self.notion.url)["pages"]:
            if page["in_trash"]:
                continue
            shown = page["properties"]
            title = "".join(part["plain_text"] for part in shown["Name"]["title"])
            reach, due = shown["Reach"]["number"], shown["Due"]["date"]
            values = {"labels": " ".join(o["name"] for o in shown["Tags"]["multi_select"]),
                      "reach": None if reach is None else f"{reach:g}", "due": due and due["start"]}  # fmt: skip
            found[title].append({"id": page["id"], "title": title, **values})
        return found

    def rows(self) -> Facts:
        """Return what the workbook holds."""
        found: Facts = defaultdict(list)
        lines = openpyxl.load_workbook(self.folder / "plan.xlsx")["Plan"].iter_rows(values_only=True)
        next(lines)
        for title, due, reach, *_ in lines:
            if title is not None:
                values = {"due": due and f"{due:%Y-%m-%d}", "reach": None if reach is None else f"{reach:g}"}
                found[str(title)].append({"title": title, **values})
        return found

    def _dump(self, url: str) -> Any:
        with urllib.request.urlopen(f"{url}/_sandbox/dump") as answer:
            return json.load(answer)

    def judge(self) -> int:
        """Hold every tool against what people said: each feature once, each last word there; return how many words."""
        checked = 0
        for name, facts in (("jira", self.issues()), ("notion", self.pages()), ("book", self.rows())):
            assert facts.keys() == self.said.keys(), name
            for title, words in self.said.items():
                (record,) = facts[title]
                wrong = {f: (w, record[f]) for f, w in words.items() if f in record and record[f] != w}
                assert not wrong, f"{title} in {name}: {wrong}"
                checked += sum(field in record for field in words)
        return checked


def wait_for_requests(stage: Stage, count: int, process: BaseProcess, patience: float = 30.0) -> None:
    """Wait until a process has sent so many requests, or has ended."""
    began, before = time.monotonic(), len(stage.jira.log) + len(stage.notion.log)
    while process.is_alive() and time.monotonic() - began < patience:
        if len(stage.jira.log) + len(stage.notion.log) - before >= count:
            return
        time.sleep(0.002)
