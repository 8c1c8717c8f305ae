"""`syncer undo`: a run is put back, as a plan that is looked at first, and stays put back."""

from __future__ import annotations

from pathlib import Path

import pytest
from syncer_jira.sandbox.server import JiraSandbox

from tests.cli.conftest import Syncer, let_write, to_jira


@pytest.fixture
def synced(syncer: Syncer, home: Path, jira: JiraSandbox, table: Path) -> str:
    """A table of bugs carried into Jira; the id of the run that did it."""
    syncer(
        "init", "--product", "p", "--connection", to_jira(jira), "--connection", "csv:path=bugs.csv",
        "--collection", "backlog=jira:SHOP", "--collection", "bugs=csv",
    )  # fmt: skip
    let_write(home / "syncer.yaml", "jira")
    let_write(home / "syncer.yaml", "csv")
    done = syncer("sync", "--json")
    assert done.code in (0, 4), done.err
    return str(done.data["run"])


def archived(jira: JiraSandbox) -> list[str]:
    return [i["fields"]["summary"] for i in jira.dump()["issues"] if "removed-elsewhere" in i["fields"]["labels"]]


def test_an_undo_is_shown_first_and_then_done(syncer: Syncer, jira: JiraSandbox, synced: str) -> None:
    shown = syncer("undo", synced)
    assert shown.code == 0 and archived(jira) == []
    assert "nothing is written yet" in shown.out and "- backlog bug It crashes" in shown.out

    assert syncer("undo", synced, "--apply").code in (0, 4)
    assert sorted(archived(jira)) == ["It crashes", "It is slow"]
    before = jira.dump()["issues"]
    for _ in range(2):
        assert syncer("sync", "--full").code in (0, 4)
    assert jira.dump()["issues"] == before


def test_an_undo_is_saved_reviewed_and_applied_like_any_plan(
    syncer: Syncer, home: Path, jira: JiraSandbox, synced: str
) -> None:
    assert syncer("undo", synced, "--item", "It crashes", "--out", "undo.json").code == 0
    assert syncer("apply", "undo.json").code in (0, 4)
    again = syncer("apply", "undo.json")

    assert archived(jira) == ["It crashes"]
    assert (again.code, "applied already" in again.err) == (2, True)


def test_an_unknown_run_is_told(syncer: Syncer, synced: str) -> None:
    done = syncer("undo", "20200101-000000-aaaa")

    assert done.code == 2
    assert done.err.splitlines() == [
        "syncer: no run is called '20200101-000000-aaaa'",
        "  → `syncer status` lists the last ones",
    ]
