"""Draws the first page's picture of a plan: three sides, people at work on each, and what `syncer plan` says then.

Run `python -m tests.docs.picture` after a change of how plans look.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import tempfile
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack, chdir, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from syncer_jira.sandbox.server import JiraSandbox
from syncer_notion.sandbox.server import NotionSandbox

from syncer.cli.main import app, guarded
from tests.docs.pages import ROOT

PAGE = ROOT / "README.md"
MARKED = re.compile(r"(?<=<!-- plan -->\n```text\n).*?(?=```\n<!-- /plan -->)", re.DOTALL)
FEATURES = "33333333-3333-4333-8333-333333333333"
BEACON = "44444440-4444-4444-8444-444444444444"
TITLES = {"Emergency beacon": 11000, "Route sharing": 9000, "Offline maps": 12000}
JIRA = {"projects": [{"key": "TRAIL", "name": "Trailhead"}], "issues": [{"type": "Epic", "summary": t} for t in TITLES]}
NOTION: dict[str, Any] = {
    "data_sources": [
        {
            "name": "Features",
            "id": FEATURES,
            "properties": {"Name": "title", "Syncer ID": "rich_text", "Reach": "number"},
            "pages": [
                {"id": f"4444444{n}-4444-4444-8444-444444444444", "properties": {"Name": title, "Reach": reach}}
                for n, (title, reach) in enumerate(TITLES.items())
            ],
        }
    ],
}
CONFIG = f"""\
format: 1
product: trailhead
connections:
  jira: {{system: jira, url: JIRA_URL, user: {JiraSandbox.login["user"]}, token: {{env: JIRA_TOKEN}}, access: write}}
  notion: {{system: notion, url: NOTION_URL, token: {{env: NOTION_TOKEN}}, access: write}}
  book: {{system: csv, path: roadmap.csv, access: write}}
collections:
  backlog: {{connection: jira, project: TRAIL, mapping: backlog.yaml}}
  features: {{connection: notion, data_source: {FEATURES}, mapping: features.yaml}}
  roadmap: {{connection: book, mapping: roadmap.yaml, columns: {{Reach: {{type: number}}}}}}
"""
MAPPINGS = {
    "backlog": "feature: {record: Epic, match: [title], fields: {title: Summary}}",
    "features": "feature: {match: [title], fields: {title: Name, reach: Reach}}",
    "roadmap": "feature: {match: [title], fields: {title: Feature, reach: Reach}}",
}


def call(method: str, url: str, login: str, body: Mapping[str, Any], **headers: str) -> None:
    """Send a person's edit as the vendor's own pages do."""
    headers = {"Authorization": login, "Content-Type": "application/json", **headers}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    urllib.request.urlopen(request, timeout=30).close()


def say(*words: str) -> str:
    """Run a command and return what it says."""
    with redirect_stdout(io.StringIO()) as said:
        code = guarded(lambda: app(list(words), standalone_mode=False))
    assert code in (0, 4), (words, code, said.getvalue())
    return said.getvalue()


def people_work(jira: JiraSandbox, notion: NotionSandbox, folder: Path) -> None:
    """Ann renames in Jira, Ada in Notion; in the file one title and one number change, and a row is new."""
    basic = "Basic " + base64.b64encode(b"ann@example.com:ann-token").decode()
    renamed = {"fields": {"summary": "Route sharing with friends"}}
    call("PUT", f"{jira.url}/rest/api/3/issue/TRAIL-2", basic, renamed)
    title = {"properties": {"Name": {"title": [{"type": "text", "text": {"content": "Emergency beacon (SOS)"}}]}}}
    bearer = f"Bearer {NotionSandbox.login['token']}"
    call("PATCH", f"{notion.url}/v1/pages/{BEACON}", bearer, title, **{"Notion-Version": "2026-03-11"})
    rows = (folder / "roadmap.csv").read_text("utf-8").replace("Emergency beacon", "SOS beacon")
    rows = rows.replace("Route sharing,9000", "Route sharing,9500") + "Photo journal,8000,\n"
    (folder / "roadmap.csv").write_text(rows, encoding="utf-8")


def plan() -> str:
    """Return what `syncer plan` says after a first sync and a day's work."""
    secrets = {"JIRA_TOKEN": JiraSandbox.login["token"], "NOTION_TOKEN": NotionSandbox.login["token"], "COLUMNS": "110"}
    with ExitStack() as after, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        jira, notion = JiraSandbox(JIRA, lag=0.0), NotionSandbox(NOTION, lag=0.0, rate=100_000)
        urls = {"JIRA_URL": jira.start(), "NOTION_URL": notion.start()}
        after.callback(jira.stop)
        after.callback(notion.stop)
        after.enter_context(chdir(folder))
        after.enter_context(patch.dict(os.environ, secrets))
        config = re.sub("JIRA_URL|NOTION_URL", lambda found: urls[found[0]], CONFIG)
        (folder / "syncer.yaml").write_text(config, encoding="utf-8")
        for side, kinds in MAPPINGS.items():
            (folder / f"{side}.yaml").write_text(f"format: 1\nkinds:\n  {kinds}\n", encoding="utf-8")
        rows = "".join(f"{title},{reach}\n" for title, reach in TITLES.items())
        (folder / "roadmap.csv").write_text(f"Feature,Reach\n{rows}", encoding="utf-8")
        say("sync")
        people_work(jira, notion, folder)
        return re.sub(r" +$", "", say("plan"), flags=re.MULTILINE)


def rewritten(page: str, drawn: str) -> str:
    """Return the page with this picture in its place; the same lines in another order are no other picture."""
    return MARKED.sub(lambda old: old[0] if sorted(old[0].splitlines()) == sorted(drawn.splitlines()) else drawn, page)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), plan()), encoding="utf-8")
