"""The command line, run in this process, in a folder of its own; sandboxes and files for it to meet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from syncer_jira.sandbox.server import JiraSandbox
from syncer_notion.sandbox.server import NotionSandbox
from typer.main import get_command

from syncer.cli import care, conflicts, extra, forget, history, init, rehearse, rescue  # noqa: F401  (they register)
from syncer.cli.main import app, guarded

COMMAND = get_command(app)
"""The command line, put together once."""


@dataclass(frozen=True)
class Said:
    """What a command printed, and the code it left with."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Syncer = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty, with the sandboxes' secrets in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("JIRA_TOKEN", JiraSandbox.login["token"])
    monkeypatch.setenv("NOTION_TOKEN", NotionSandbox.login["token"])
    return tmp_path


@pytest.fixture
def syncer(home: Path, capsys: pytest.CaptureFixture[str]) -> Syncer:
    """Run a command; a command that fails never leaves more than a few lines, nor a traceback."""

    def run(*words: str) -> Said:
        capsys.readouterr()
        code = guarded(lambda: COMMAND(list(words), prog_name="syncer", standalone_mode=False))
        done = capsys.readouterr()
        assert "Traceback" not in done.err
        return Said(code, done.out, done.err)

    return run


@pytest.fixture
def jira() -> Iterator[JiraSandbox]:
    sandbox = JiraSandbox()
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def notion() -> Iterator[NotionSandbox]:
    sandbox = NotionSandbox(lag=0.0)
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def book(home: Path) -> Path:
    """A roadmap workbook."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "Roadmap"
    sheet.append(
        ["Feature", "Status", "Owner", "Start", "Due", "Reach", "Impact", "Confidence", "Effort", "RICE", "Mood"]
    )
    sheet.append(["Route sharing", "In progress", "Ada Lovelace", None, None, 12000, 2, 80, 4, None, "good"])
    sheet.append(["Night mode", "Idea", None, None, None, 400, 1, 50, 1, None, None])
    made.save(home / "roadmap.xlsx")
    return home / "roadmap.xlsx"


@pytest.fixture
def table(home: Path) -> Path:
    """A CSV file of bugs."""
    path = home / "bugs.csv"
    path.write_text("Summary,State,Severity\nIt crashes,Open,critical\nIt is slow,In Progress,minor\n", "utf-8")
    return path


def to_jira(sandbox: JiraSandbox) -> str:
    return f"jira:url={sandbox.url},user={sandbox.login['user']},token=env:JIRA_TOKEN"


def to_notion(sandbox: NotionSandbox) -> str:
    return f"notion:url={sandbox.url},token=env:NOTION_TOKEN"


def let_write(config: Path, connection: str) -> None:
    """Do what a person does to let a connection be written."""
    text = config.read_text("utf-8")
    at = text.index(f"\n  {connection}:\n")
    config.write_text(text[:at] + text[at:].replace("access: read\n", "access: write\n", 1), "utf-8")
