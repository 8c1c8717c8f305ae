"""A restricted issue of a real tool, through every command: no byte of it on another side, in what is printed, in a log
or in the state file."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from syncer_jira.sandbox.server import JiraSandbox

from tests.privacy.conftest import JIRA_AND_A_TABLE, Syncer, kept_bytes

SECRET, LEVEL = "Layoffs-in-May", "Board-only"
COMMANDS = (
    ("plan", "--full", "--all"),
    ("plan", "--full", "--json", "--out", "plan.json"),
    ("rehearse",),
    ("rehearse", "--json"),
    ("sync", "--full"),
    ("sync", "--full", "--json"),
    ("status",),
    ("status", "--json"),
    ("log",),
    ("log", "--json"),
    ("log", "--json", "--since", "1d"),
    ("conflicts", "list", "--all"),
    ("conflicts", "list", "--all", "--json"),
    ("lint",),
    ("lint", "--json"),
    ("check",),
    ("check", "--json"),
    ("why", "Share", "title"),
    ("why", "Share", "title", "--json"),
    ("why", SECRET, "title"),
    ("forget", "Nobody"),
    ("rebuild",),
)
"""What people run; of the last three, the words they were asked with are told back, and nothing else."""


class Shop:
    """A project and a table."""

    def __init__(self, home: Path, syncer: Syncer) -> None:
        people = [
            {"accountId": "r", "name": "Robot", "email": "robot@shop.example", "token": "robot"},
            {"accountId": "a", "name": "Ann", "email": "ann@shop.example", "token": "ann"},
        ]
        project = {"key": "SHOP", "name": "Shop", "id": "10000"}
        types = [{"id": "10001", "name": "Story", "level": 0}]
        self.jira = JiraSandbox(
            {"users": people, "types": types, "projects": [project], "issues": []}, lag=0.0, rate=10_000
        )
        self.jira.start()
        self.home, self.syncer, self.told = home, syncer, ""
        fields = "format: 1\nkinds:\n  story:\n    fields: "
        (home / "syncer.yaml").write_text(JIRA_AND_A_TABLE.format(url=self.jira.url), "utf-8")
        (home / "backlog.yaml").write_text(fields + "{title: Summary, body: Description, labels: Labels}\n", "utf-8")
        board = "{title: Title, body: {field: Notes, format: plain}, labels: Labels}\n"
        (home / "board.yaml").write_text(fields + board, "utf-8")
        (home / "board.csv").write_text("Syncer ID,Title,Notes,Labels\n", "utf-8")

    def issue(self, **fields: object) -> str:
        made = {"project": "SHOP", "type": "Story", **fields}
        return str(self.jira.edit({"as": "ann@shop.example", "create": made})["key"])

    def edit(self, key: str, **what: object) -> None:
        assert "errors" not in self.jira.edit({"as": "ann@shop.example", "issue": key, **what})

    def run(self, *words: str) -> int:
        said = self.syncer(*words)
        self.told += said.out.replace(f"'{SECRET}'", "") + said.err.replace(f"'{SECRET}'", "")
        return said.code

    def write(self, was: str, now: str) -> None:
        """Let a person edit the table."""
        (self.home / "board.csv").write_text(self.board.replace(was, now), "utf-8")

    @property
    def board(self) -> str:
        return (self.home / "board.csv").read_text("utf-8")


@pytest.fixture
def shop(home: Path, syncer: Syncer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("JIRA_TOKEN", "robot")
    made = Shop(home, syncer)
    yield made
    made.jira.stop()


def hidden(shop: Shop, key: str) -> None:
    """Let people restrict an issue, and write what only they may read into each of its fields."""
    shop.edit(key, security=LEVEL)
    text = {"type": "doc", "version": 1, "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": SECRET}]}
    ]}  # fmt: skip
    shop.edit(key, fields={"summary": SECRET, "description": text, "labels": [SECRET]})


def test_no_byte_of_what_is_restricted_comes_out_whatever_is_run(shop: Shop, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    shop.issue(summary="Share")
    known, disputed, removed = (shop.issue(summary=name) for name in ("Known", "Disputed", "Removed"))
    shop.run("sync", "--full")
    shop.write("Known", "Known elsewhere")
    run = shop.syncer("sync", "--json").data["run"]
    assert "Known elsewhere" in str(shop.jira.dump())
    shop.edit(disputed, fields={"summary": "Disputed there"})
    shop.write("Disputed", "Disputed here")
    assert shop.run("sync") == 4

    for key in (shop.issue(summary="New"), known, disputed, removed):
        hidden(shop, key)
    shop.edit(removed, fields={"labels": [SECRET, "removed-elsewhere"]})
    for words in COMMANDS:
        assert shop.run(*words) in (0, 2, 4), words
    shop.write("Known elsewhere", "Known here")
    for words in (("sync", "--full"), ("undo", run), ("undo", run, "--json"), ("undo", run, "--apply")):
        assert shop.run(*words) in (0, 4), words

    assert "10002, 10003, 10004, 10005 on backlog are restricted: not carried" in shop.told
    assert "left alone: 10002 on backlog is restricted" in shop.told
    assert "3 restricted since they were linked: left alone" in shop.told
    assert all(title in shop.board for title in ("Share", "Known here", "Disputed here", "Removed"))
    assert "Known here" not in str(shop.jira.dump())
    assert shop.run("plan", "--full", "--exit-code") == 0
    assert shop.run("conflicts") == 0
    ours = b"".join(path.read_bytes() for path in sorted(shop.home.iterdir()) if path.is_file())
    for word in (SECRET, LEVEL):
        assert word not in shop.told
        assert word not in caplog.text
        assert word.encode() not in ours
        assert word.encode() not in kept_bytes(shop.home / ".syncer" / "p.db")
        assert word in str(shop.jira.dump())
    assert "Share" in shop.told and b"Share" in ours and "GET /rest/api/3/" in caplog.text
