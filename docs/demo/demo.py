"""The main job, shown: one product in three tools becomes one, and stays one.

Starts the sandboxes on loopback, writes a workbook, and runs the real command line against them. It announces nothing
that it does not check: after each act it reads the sandboxes and the workbook itself, and exits 1 if they differ.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import openpyxl
import seed
from syncer_jira.sandbox.server import JiraSandbox
from syncer_notion.sandbox.server import NotionSandbox

from syncer.testing.server import Clock

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".demo"
SPEED = 30
"""A sandbox's minute is two seconds here, its clock and its rate limits alike."""
FEATURES = "11111111-1111-4111-8111-111111111111"
GOALS = "22222222-2222-4222-8222-222222222222"
VERSION = "2026-03-11"


def say(text: str) -> None:
    print(f"\n\033[1m▸ {text}\033[0m", flush=True)


class Demo:
    def __init__(self) -> None:
        shutil.rmtree(FOLDER, ignore_errors=True)
        (FOLDER / "mappings").mkdir(parents=True)
        self.jira = JiraSandbox(seed.jira(), clock=Clock(scale=SPEED), rate=SPEED)
        self.notion = NotionSandbox(seed.notion(), clock=Clock(scale=SPEED), rate=180 * SPEED)
        self.jira.start()
        self.notion.start()
        for name in ("backlog", "features", "goals", "roadmap"):
            shutil.copy(Path(__file__).parent / "mappings" / f"{name}.yaml", FOLDER / "mappings")
        config = (Path(__file__).parent / "syncer.yaml").read_text(encoding="utf-8")
        config = config.replace("JIRA_URL", self.jira.url).replace("NOTION_URL", self.notion.url)
        (FOLDER / "syncer.yaml").write_text(config, encoding="utf-8")
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "Roadmap"
        for row in seed.rows():
            sheet.append(row)
        book.save(FOLDER / "roadmap.xlsx")

    def run(self, *words: str, expect: tuple[int, ...] = (0,)) -> str:
        """Run the command line as a person would, and show what it says."""
        print(f"\n$ syncer {' '.join(words)}", flush=True)
        done = subprocess.run(
            [sys.executable, "-c", "from syncer.cli.main import main; main()", *words],
            cwd=FOLDER,
            env={**os.environ, "JIRA_TOKEN": "robot-token", "NOTION_TOKEN": "ntn_robot", "COLUMNS": "110"},
            capture_output=True,
            text=True,
            check=False,
        )
        print(done.stdout + done.stderr, end="", flush=True)
        self.must(done.returncode in expect, f"syncer {words[0]} left with {done.returncode}, not {expect}")
        time.sleep(0.4)  # twelve seconds of the sandboxes' time: their indexes catch up
        return done.stdout

    def must(self, true: bool, what: str) -> None:
        """Check an announcement against the systems themselves."""
        if not true:
            print(f"\n✗ NOT SO: {what}", flush=True)
            sys.exit(1)

    def holds(self, true: bool, what: str) -> None:
        self.must(true, what)
        print(f"  ✓ {what}", flush=True)

    # people, through the vendors' own APIs

    def http(self, method: str, url: str, token: str, body: Any = None, **headers: str) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Authorization": token, **headers}, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def as_jira(self, who: str, method: str, path: str, body: Any = None) -> Any:
        basic = base64.b64encode(f"{who}@trailhead.example:{who}-token".encode()).decode()
        return self.http(method, self.jira.url + path, f"Basic {basic}", body)

    def as_notion(self, who: str, method: str, path: str, body: Any = None) -> Any:
        headers = {"Notion-Version": VERSION}
        return self.http(method, self.notion.url + path, f"Bearer ntn_{who}", body, **headers)

    def issues(self) -> dict[str, dict[str, Any]]:
        """Return Jira's issues by summary."""
        found: dict[str, dict[str, Any]] = {}
        token = None
        while True:
            body = {"jql": "project = TRAIL", "fields": ["*all"], "maxResults": 100}
            page = self.as_jira(
                "ann", "POST", "/rest/api/3/search/jql", {**body, **({"nextPageToken": token} if token else {})}
            )
            found |= {i["fields"]["summary"]: i for i in page["issues"]}
            token = page.get("nextPageToken")
            if not token:
                return found

    def pages(self) -> dict[str, dict[str, Any]]:
        """Return Notion's features by name."""
        answer = self.as_notion("ann", "POST", f"/v1/data_sources/{FEATURES}/query", {"page_size": 100})
        return {"".join(t["plain_text"] for t in p["properties"]["Name"]["title"]): p for p in answer["results"]}

    def sheet(self) -> dict[str, dict[str, Any]]:
        """Return the workbook's rows by feature."""
        rows = list(openpyxl.load_workbook(FOLDER / "roadmap.xlsx")["Roadmap"].iter_rows(values_only=True))
        return {str(r[0]): dict(zip(map(str, rows[0]), r, strict=True)) for r in rows[1:] if r[0] is not None}

    def type_in(self, feature: str, column: str, value: Any) -> None:
        """Let a person type into the workbook."""
        book = openpyxl.load_workbook(FOLDER / "roadmap.xlsx")
        sheet = book["Roadmap"]
        names = [c.value for c in sheet[1]]
        row = next((r for r in sheet.iter_rows(min_row=2) if r[0].value == feature), None)
        if row is None:
            sheet.append([feature])
            row = sheet[sheet.max_row]
        sheet.cell(row[0].row, names.index(column) + 1).value = value
        book.save(FOLDER / "roadmap.xlsx")


def first_contact(demo: Demo) -> None:
    say(f"Three tools, one product. Sandboxes run {SPEED}× faster than real time, their rate limits too.")
    print(f"  Jira {demo.jira.url} · Notion {demo.notion.url} · {FOLDER.name}/roadmap.xlsx")
    demo.run("check")
    demo.run("plan")
    demo.run("plan", "--out", "plan.json", "--exit-code", expect=(10,))
    say("Apply exactly what was reviewed")
    demo.run("apply", "plan.json", expect=(0, 4))
    demo.run("sync", expect=(0, 4))
    issues, pages, sheet = demo.issues(), demo.pages(), demo.sheet()
    names = {f[0] for f in seed.FEATURES}
    demo.holds(names <= set(issues), f"all {len(names)} features are epics in Jira")
    demo.holds(names == set(pages), "all features are pages in Notion")
    demo.holds(names == set(sheet), "all features are rows of the workbook")


def people_edit(demo: Demo) -> None:
    say("People work: a field on each side, one field on two sides, a new item on each side, a removal, a revert")
    pages, issues = demo.pages(), demo.issues()
    offline = pages["Offline maps"]["id"]
    demo.as_notion("ann", "PATCH", f"/v1/pages/{offline}", {"properties": {"Reach": {"number": 15000}}})
    key = issues["Route sharing"]["key"]
    demo.as_jira("bjorn", "PUT", f"/rest/api/3/issue/{key}", {"fields": {"summary": "Route sharing with friends"}})
    demo.type_in("Gear lists", "Effort", 4)
    beacon = pages["Emergency beacon"]["id"]
    title = [{"type": "text", "text": {"content": "Emergency beacon (SOS)"}}]
    demo.as_notion("emiko", "PATCH", f"/v1/pages/{beacon}", {"properties": {"Name": {"title": title}}})
    demo.type_in("Emergency beacon", "Feature", "SOS beacon")
    demo.as_notion(
        "greta", "POST", "/v1/pages",
        {"parent": {"type": "data_source_id", "data_source_id": FEATURES},
         "properties": {"Name": {"title": [{"type": "text", "text": {"content": "Trail etiquette guide"}}]}}},
    )  # fmt: skip
    project = {"key": "TRAIL"}
    demo.as_jira(
        "hugo", "POST", "/rest/api/3/issue",
        {"fields": {"project": project, "issuetype": {"name": "Epic"}, "summary": "Refuge bookings"}},
    )  # fmt: skip
    demo.type_in("Winter mode", "Reach", 600)
    demo.as_notion("farid", "PATCH", f"/v1/pages/{pages['Club calendars']['id']}", {"in_trash": True})
    time.sleep(2)
    demo.run("sync", expect=(0, 4))
    issues, pages, sheet = demo.issues(), demo.pages(), demo.sheet()
    demo.holds(sheet["Offline maps"]["Reach"] == 15000, "Notion's reach is in the workbook")
    demo.holds("Route sharing with friends" in pages.keys() & sheet.keys(), "Jira's title is everywhere")
    demo.holds(pages["Gear lists"]["properties"]["Effort"]["number"] == 4, "the workbook's effort is in Notion")
    new = {"Trail etiquette guide", "Refuge bookings", "Winter mode"}
    demo.holds(new <= issues.keys() & pages.keys() & sheet.keys(), "each new item is in all three tools, once")
    demo.holds(
        "SOS beacon" in sheet and "Emergency beacon (SOS)" in pages,
        "the title two people changed is held: no word is lost",
    )
    demo.holds("Emergency beacon" in issues, "and Jira was not touched by it")


def settle(demo: Demo) -> None:
    say("The conflict, and a person's word")
    demo.run("conflicts", expect=(4,))
    found = json.loads(demo.run("conflicts", "list", "--json", expect=(4,)))
    held = next(c for c in found if c["field"] == "title")
    demo.run("conflicts", "resolve", str(held["id"]), "--take", "features", "--because", "it is what we tell customers")
    demo.as_jira(
        "bjorn", "PUT", f"/rest/api/3/issue/{demo.issues()['Route sharing with friends']['key']}",
        {"fields": {"summary": "Route sharing"}},
    )  # fmt: skip
    time.sleep(1)
    demo.run("sync")
    issues, pages, sheet = demo.issues(), demo.pages(), demo.sheet()
    chosen = "Emergency beacon (SOS)"
    demo.holds(chosen in issues and chosen in pages and chosen in sheet, "the chosen title is everywhere")
    demo.holds("Route sharing" in pages and "Route sharing" in sheet, "Björn's revert travelled")
    say("A removal is seen by a full listing")
    demo.run("sync", "--full")
    sheet = demo.sheet()
    demo.holds("Club calendars" not in sheet, "what was trashed in Notion is archived in the workbook")
    labels = demo.issues()["Club calendars"]["fields"]["labels"]
    demo.holds("removed-elsewhere" in labels, "and labelled in Jira, not deleted")


def idle(demo: Demo) -> None:
    say("Nothing changed: nothing is written, and each collection is listed once")
    time.sleep(3)
    demo.run("sync")
    before = {"jira": len(demo.jira.log), "notion": len(demo.notion.log)}
    demo.run("sync")
    calls = [f"{e.method} {e.path}" for e in demo.jira.log[before["jira"] :] + demo.notion.log[before["notion"] :]]
    writes = [c for c in calls if c.split()[0] in ("PUT", "PATCH", "DELETE")]
    demo.holds(not writes, "no write")
    listings = [c for c in calls if c.endswith(("/query", "/search/jql"))]
    demo.holds(len(listings) == 3, "one listing for each of the three collections over HTTP")
    print(f"  requests in all: {len(calls)}")
    demo.run("log", "Emergency beacon (SOS)")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", action="store_true", help="leave the sandboxes up")
    options = parser.parse_args()
    began = time.monotonic()
    demo = Demo()
    first_contact(demo)
    people_edit(demo)
    settle(demo)
    idle(demo)
    say(f"Done in {time.monotonic() - began:.0f} s. Everything is in .demo/: syncer.yaml, mappings/, roadmap.xlsx.")
    print("  Next: README.md, “Your first hour”, brings your own export and your own accounts.")
    if options.keep:
        print(f"  The sandboxes stay up: {demo.jira.url} and {demo.notion.url}; Ctrl-C ends them.")
        while True:
            time.sleep(3600)
    return 0


if __name__ == "__main__":
    sys.exit(main())
