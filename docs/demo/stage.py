"""The demo's stage: the sandboxes, the workbook, the command line, and people's hands. It knows nothing of the play.

People act through the vendors' own HTTP interfaces with accounts of their own, or type into the workbook. What the
systems hold is read in the same way, never through our adapters.
"""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import shlex
import shutil
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import seed
from product import PEOPLE
from syncer_jira.sandbox.server import JiraSandbox
from syncer_notion.sandbox.server import NotionSandbox

from syncer.testing.server import Clock

HERE = Path(__file__).parent
SPEED = 30
"""A sandbox's minute is two seconds here, its clock, its index and its rate limits alike."""
VERSION = "2026-03-11"
SECRETS = {"JIRA_TOKEN": "robot", "NOTION_TOKEN": "ntn_robot"}
SOURCES = {"features": seed.FEATURES_ID, "goals": seed.GOALS_ID, "releases": seed.RELEASES_ID}

PROCESSES = multiprocessing.get_context("forkserver")
"""Each command has a process of its own, begun from one that has loaded the libraries already: loading them takes
longer than most commands do."""
PROCESSES.set_forkserver_preload(
    ["syncer.cli.main", "syncer_xlsx.adapter", "syncer_jira.sandbox.server", "syncer_notion.sandbox.server",
     "syncer_jira.adapter", "syncer_notion.adapter"]
)  # fmt: skip

Facts = dict[str, dict[str, Any]]
"""What one place shows: title → field as people see it there → value."""


def say(text: str) -> None:
    """Announce an act."""
    print(f"\n\033[1m▸ {text}\033[0m", flush=True)


def holds(what: str, expected: Any, found: Any) -> None:
    """Check an announcement. Leaves with 1 where it is not so."""
    if expected != found:
        print(f"  ✗ NOT SO: {what}\n      expected: {expected!r}\n      found:    {found!r}", flush=True)
        sys.exit(1)
    print(f"  ✓ {what}", flush=True)


class Stage:
    """Three tools with one product in them, and a folder with the configuration."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and any(folder.iterdir()) and not (folder / "roadmap.xlsx").exists():
            sys.exit(f"{folder} holds something that is not a demo: name another folder")
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.update({**SECRETS, "COLUMNS": "118", "PYTHONUTF8": "1"})
        self.folder, self.book = folder, folder / "roadmap.xlsx"
        self.jira = JiraSandbox(seed.jira(), clock=Clock(scale=SPEED), rate=SPEED)
        self.notion = NotionSandbox(seed.notion(), clock=Clock(scale=SPEED), rate=180 * SPEED)
        self.jira.start()
        self.notion.start()
        shutil.copytree(HERE / "mappings", folder / "mappings")
        config = (HERE / "syncer.yaml").read_text(encoding="utf-8")
        for word, meant in (("JIRA_URL", self.jira.url), ("NOTION_URL", self.notion.url), ("PEOPLE", people())):
            config = config.replace(word, meant)
        (folder / "syncer.yaml").write_text(config, encoding="utf-8")
        seed.workbook(self.book)

    def syncer(self, *words: str, expect: int = 0) -> str:
        """Run the command line as a person would, show what it says, and check how it leaves."""
        print(f"\n$ syncer {shlex.join(words)}", flush=True)
        code, said = self.run(words)
        print(said, end="", flush=True)
        if code != expect:
            holds(f"syncer {words[0]} leaves with {expect}", expect, code)
        return said

    def run(self, words: Sequence[str]) -> tuple[int, str]:
        """Run a command in a process of its own; return its exit code and what it printed."""
        told = self.folder / ".told"
        process = PROCESSES.Process(target=command, args=(list(words), str(self.folder), str(told)))
        process.start()
        process.join()
        return process.exitcode or 0, told.read_text(encoding="utf-8")

    # the vendors' interfaces, as a person's account

    def as_jira(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """Call Jira's REST interface."""
        basic = base64.b64encode(f"{who}@trailhead.example:{who}".encode()).decode()
        return _http(method, self.jira.url + path, {"Authorization": f"Basic {basic}"}, body)

    def as_notion(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """Call Notion's interface."""
        headers = {"Authorization": f"Bearer ntn_{who}", "Notion-Version": VERSION}
        return _http(method, self.notion.url + path, headers, body)

    # what the tools hold

    def issues(self, kind: str = "Feature") -> Facts:
        """Return Jira's issues of a type."""
        found: Facts = {}
        body: dict[str, Any] = {
            "jql": f"project = TRAIL AND issuetype = {kind}", "fields": ["*all"], "maxResults": 100
        }  # fmt: skip
        while True:
            page = self.as_jira("ann", "POST", "/rest/api/3/search/jql", body)
            for issue in page["issues"]:
                _put(found, issue["fields"]["summary"], {**issue["fields"], "key": issue["key"]})
            if page["isLast"]:
                return found
            body["nextPageToken"] = page["nextPageToken"]

    def pages(self, source: str = "features") -> Facts:
        """Return the pages of one of Notion's data sources, their values as people see them."""
        found: Facts = {}
        body: dict[str, Any] = {"page_size": 100}
        while True:
            answer = self.as_notion("ann", "POST", f"/v1/data_sources/{SOURCES[source]}/query", body)
            for page in answer["results"]:
                shown = {name: _shown(value) for name, value in page["properties"].items()}
                _put(found, shown["Name"], {**shown, "id": page["id"]})
            if not answer["has_more"]:
                return found
            body["start_cursor"] = answer["next_cursor"]

    def rows(self, sheet: str = "Roadmap") -> Facts:
        """Return a sheet's rows, dates as text."""
        lines = list(openpyxl.load_workbook(self.book)[sheet].iter_rows(values_only=True))
        found: Facts = {}
        for line in lines[1:]:
            if line[0] is not None:
                values = [v.date().isoformat() if isinstance(v, datetime) else v for v in line]
                _put(found, str(line[0]), dict(zip(map(str, lines[0]), values, strict=True)))
        return found

    def titles(self, sheet: str) -> set[str]:
        """Return every text in a sheet of the workbook, whatever its columns."""
        book = openpyxl.load_workbook(self.book)
        lines = book[sheet].iter_rows(values_only=True) if sheet in book.sheetnames else ()
        return {str(value) for line in lines for value in line if value is not None}

    def type_in(self, sheet: str, title: str, column: str, value: Any) -> None:
        """Let a person type into the workbook; a title that is not there yet begins a row."""
        book = openpyxl.load_workbook(self.book)
        table = book[sheet]
        names = [cell.value for cell in table[1]]
        at = next((cells[0].row for cells in table.iter_rows(min_row=2) if cells[0].value == title), None)
        if at is None:
            at = table.max_row + 1
            table.cell(at, 1).value = title
        table.cell(at, names.index(column) + 1).value = value
        book.save(self.book)

    # what it costs

    def calls(self) -> tuple[int, int]:
        """Return where the sandboxes' access logs stand."""
        return len(self.jira.log), len(self.notion.log)

    def spent(self, since: tuple[int, int]) -> Counter[str]:
        """Return the requests since then, by what they were about."""
        counted: Counter[str] = Counter()
        for line in self.jira.log[since[0] :]:
            counted["backlog listed" if line.path.endswith("/search/jql") else f"{line.method} {line.path}"] += 1
        for line in self.notion.log[since[1] :]:
            name = next((name for name, id in SOURCES.items() if line.path == f"/v1/data_sources/{id}/query"), "")
            counted[f"{name} listed" if name else f"{line.method} {line.path}"] += 1
        return counted

    def wait(self, seconds: float) -> None:
        """Let so many of the sandboxes' seconds pass."""
        time.sleep(seconds / SPEED)


def command(words: list[str], folder: str, told: str) -> None:
    """Be the command line with these words, in a folder, its output kept in a file."""
    from syncer.cli.main import main

    os.chdir(folder)
    with Path(told).open("wb") as out:
        for stream in (1, 2):
            os.dup2(out.fileno(), stream)
    sys.argv = ["syncer", *words]
    main()


def people() -> str:
    """Return the `people:` of the configuration: one e-mail address, the written name, Jira's account id each."""
    lines = []
    for person in PEOPLE:
        aliases = ', aliases: ["Ann O."]' if person.key == "ann" else ""
        account = seed.ACCOUNTS[person.key]
        lines.append(f'  {person.email}: {{name: {person.name}{aliases}, accounts: {{jira: "{account}"}}}}')
    return "\n".join(lines)


def _put(found: Facts, title: str, facts: dict[str, Any]) -> None:
    """Add what is called so; a second one of the name is told apart."""
    found[f"{title} (twice)" if title in found else title] = facts


def _http(method: str, url: str, headers: dict[str, str], body: Any) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {**headers, "Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


def _shown(value: dict[str, Any]) -> Any:
    """Return a Notion property as people see it: texts joined, options by name, people by name, relations by id."""
    kind = value["type"]
    inner = value[kind]
    if kind in ("title", "rich_text"):
        return "".join(run["plain_text"] for run in inner)
    if kind in ("select", "status"):
        return inner["name"] if inner else None
    if kind in ("multi_select", "people"):
        return [each["name"] for each in inner]
    if kind == "relation":
        return [each["id"] for each in inner]
    return inner
