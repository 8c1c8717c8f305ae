"""README.md, “Your first hour”: every command of it, in turn, against the sandboxes."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from syncer_notion.sandbox.server import NotionSandbox

from tests.cli.conftest import Syncer
from tests.docs.pages import ROOT, Block, blocks

PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
HOUR = [b for b in blocks("README.md", PAGE) if b.section == "Your first hour" and b.run == "console"]
"""The section's blocks of commands, in order: sandbox, first look, first writes, accounts, writing, cron."""


def commands(block: Block) -> list[str]:
    return re.findall(r"^\$ (.*)$", block.text, re.MULTILINE)


@pytest.fixture
def own_terminal() -> Iterator[list[str]]:
    """Keep what a command starts in a terminal of its own, and end it afterwards."""
    code = "from syncer.cli.main import main; main()"
    line = commands(HOUR[0])[0].replace("--port 8090", "--port 0")
    running = subprocess.Popen(
        [sys.executable, "-u", "-c", code, *shlex.split(line)[1:]], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    ended = threading.Timer(300, running.kill)
    ended.start()
    said = [running.stdout.readline() for _ in range(3)]
    yield said
    ended.cancel()
    running.terminate()
    running.wait(timeout=20)
    running.stdout.close()


def test_every_command_of_the_first_hour_does_what_the_page_says(
    syncer: Syncer, home: Path, monkeypatch: pytest.MonkeyPatch, own_terminal: list[str], jira, notion
) -> None:
    url = re.search(r"http://[\d.:]+", own_terminal[0])
    assert url is not None, own_terminal
    assert own_terminal[1].strip() == commands(HOUR[1])[0], "the sandbox prints what the page says"
    shutil.copy(ROOT / "docs" / "first-hour" / "Jira.csv", home)
    names = {
        "http://127.0.0.1:8090": url[0],
        "https://YOURS.atlassian.net": jira.url,
        "you@example.com": jira.login["user"],
        "your-jira-token": jira.login["token"],
        "your-notion-token": NotionSandbox.login["token"],
        "notion:token=env": f"notion:url={notion.url},token=env",
    }
    used = set()
    ran: list[tuple[str, str]] = []
    for block in HOUR[1:]:
        for line in commands(block):
            used |= {name for name in names if name in line}
            for name, real in names.items():
                line = line.replace(name, real)
            word, *rest = shlex.split(line)
            if word == "syncer":
                done = syncer(*rest)
                assert done.code == 0, f"{line}\n{done.out}{done.err}"
                ran.append((" ".join(rest[:2]), done.out))
            elif word == "export":
                monkeypatch.setenv(*rest[0].split("=", 1))
            elif word == "cd":
                monkeypatch.chdir(rest[0])
            else:
                assert word == "sed", line
                subprocess.run(line, shell=True, check=True)

    assert used == set(names)
    said = dict(ran)
    plans = [out for words, out in ran if words == "plan"]
    assert len(ran) == 14
    assert "wrote syncer.yaml" in said["init --product"]
    assert "+ backlog epic Pay at the counter" in plans[0]
    assert plans[1].startswith("Nothing to write")
    assert [re.findall(r"backlog (\d) created", said[words]) for words in ("apply --limit", "apply")] == [["5"], ["3"]]
    assert not [words for words, out in ran if "skipped" in out or "failed" in out]
    titles = {p["properties"]["Name"]["title"][0]["plain_text"] for p in notion.dump()["pages"]}
    assert {"Checkout", "Pay by card", "Pay by invoice", "The cart forgets its currency"} <= titles
    assert ran[-1] == ("sync --cron", "")
