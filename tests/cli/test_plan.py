"""What `plan` opens with: counts per side, kind and field, an example of each, and whom it would disturb."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Syncer, to_jira


@pytest.fixture
def bugs(syncer: Syncer, home: Path, jira, table: Path) -> Path:
    """A product of a Jira project and a table of bugs."""
    done = syncer(
        "init", "--product", "p", "--connection", to_jira(jira), "--connection", "csv:path=bugs.csv",
        "--collection", "backlog=jira:SHOP", "--collection", "bugs=csv",
    )  # fmt: skip
    assert done.code == 0, done.err
    return table


def test_a_plan_opens_with_counts_and_one_example_of_each(syncer: Syncer, bugs: Path) -> None:
    short, full = syncer("plan").out, syncer("plan", "--all").out

    assert re.search(r"^backlog +bug +\+ create +2 +.*title", short, re.MULTILINE)
    assert short.count("+ backlog bug ") == 1 and "and" in short
    assert full.count("+ backlog bug ") == 2


def test_a_plan_says_whom_a_system_would_tell(syncer: Syncer, home: Path, bugs: Path) -> None:
    (home / "mappings/bugs.yaml").write_text(
        (home / "mappings/bugs.yaml").read_text("utf-8").rstrip() + "\n      owner: Owner\n", "utf-8"
    )
    bugs.write_text("Summary,State,Severity,Owner\nIt crashes,Open,critical,Ann\nIt is slow,Open,minor,\n", "utf-8")
    told, data = syncer("plan").out, syncer("plan", "--json").data

    assert "! backlog tells people of changes to 2 records: Ann, and who else watches them" in told
    assert data["notifies"] == {"backlog": {"records": 2, "people": ["ann@example.com"]}}


def test_a_side_that_is_told_to_be_quiet_disturbs_nobody(syncer: Syncer, home: Path, bugs: Path) -> None:
    config = (home / "syncer.yaml").read_text("utf-8")
    (home / "syncer.yaml").write_text(config.replace("project: SHOP", "project: SHOP\n    notify: false"), "utf-8")

    assert "tells people" not in syncer("plan").out
    assert syncer("plan", "--json").data["notifies"] == {}
