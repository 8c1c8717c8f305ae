"""`syncer rehearse`: three results on what the tools really hold, and not one byte or request that writes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from syncer_grid.adapter import GridAdapter
from syncer_jira.sandbox.server import JiraSandbox
from syncer_notion.sandbox.server import NotionSandbox

from syncer.errors import UnreachableError
from syncer.testing.server import Sandbox
from tests.cli import pair
from tests.cli.conftest import Syncer, let_write, to_jira, to_notion

SEARCHES = ("search/jql", "bulkfetch", "/query", "/v1/search", "jql/match", "changelog/bulkfetch")
"""What a POST that only reads ends with."""


OPENED = ("-shm", "-wal", ".lock")
"""Files that say no more than that another was opened."""


def writes(sandbox: Sandbox) -> list[str]:
    """Return every request that was not only a question."""
    return [
        f"{line.method} {line.path}" for line in sandbox.log
        if line.method != "GET" and not (line.method == "POST" and line.path.endswith(SEARCHES))
    ]  # fmt: skip


def content(home: Path) -> dict[str, str]:
    """Return what every file holds, the state's among them."""
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and not path.name.endswith(OPENED)]
    return {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def product(syncer: Syncer, home: Path) -> Path:
    """Two tables, the board empty."""
    pair.begin(home, ("Night mode", "Route sharing", "Offline maps"), notes="# Why\n\nBecause.")
    assert syncer("plan").code == 0
    return home


def test_three_results_are_told_and_nothing_is_written(syncer: Syncer, product: Path) -> None:
    before = content(product)
    done = syncer("rehearse", "--samples", "2")

    assert done.code == 0, done.err
    assert content(product) == before
    lines = done.out.splitlines()
    assert lines[0].startswith("Read 0 records of board, 3 records of roadmap. Everything below was done to copies")
    assert "+ board story Night mode   (from roadmap)" in lines
    assert "    title: — → Night mode" in lines and "    body: — → Why Because." in lines
    assert not any("Route sharing" in line for line in lines), "two samples are asked for"
    assert lines[lines.index("2. A second sync") + 1] == "✓ it writes nothing"
    undo = lines.index("3. Undo")
    assert lines[undo + 1] == "✓ all 3 records are as they were before the sync, and stay so"
    assert "3 records that the sync had made are archived" in lines[undo + 2]
    assert syncer("status", "--json").data["runs"] == []


def test_a_rehearsal_in_the_middle_of_a_products_life(syncer: Syncer, product: Path) -> None:
    assert syncer("sync").code == 0
    pair.edit(product, "roadmap", "Night mode", Status="Doing", Notes="# Why\n\nBecause of bats.")
    pair.edit(product, "board", "Offline maps", Title="Maps offline")
    pair.edit(product, "roadmap", "Route sharing", Points="3")
    pair.edit(product, "board", "Route sharing", Points="5")
    before = content(product)
    done = syncer("rehearse", "--json")

    assert content(product) == before
    assert (done.code, done.data["exit_code"]) == (4, 4)
    assert (done.data["settles"], done.data["undoes"]) == (True, True)
    did = {(a["verb"], a["side"], a["label"]) for a in done.data["sync"]["done"]}
    assert did == {("update", "board", "Night mode"), ("update", "roadmap", "Maps offline")}
    assert done.data["sync"]["held"] == [{"title": "Route sharing", "field": "points"}]
    assert done.data["undo"]["records"] == 6
    assert syncer("conflicts", "--json").data in ([], {"conflicts": []})


def test_where_nothing_may_be_written_yet_all_is_rehearsed(syncer: Syncer, product: Path) -> None:
    config = product / "syncer.yaml"
    config.write_text(config.read_text("utf-8").replace("access: write", "access: read"), "utf-8")
    done = syncer("rehearse")

    assert done.code == 0
    assert "No connection may be written yet: rehearsed as if they might be (board, roadmap)." in done.out
    assert "+ board story Night mode" in done.out


def test_a_side_that_is_only_read_is_left_alone_as_in_a_sync(syncer: Syncer, product: Path) -> None:
    let_read = (
        (product / "syncer.yaml")
        .read_text("utf-8")
        .replace("csv, access: write, path: board", "csv, access: read, path: board")
    )
    (product / "syncer.yaml").write_text(let_read, "utf-8")
    done = syncer("rehearse")

    assert done.code == 0
    assert "! board is `access: read`: 3 actions planned there were not done" in done.out
    assert "✓ it writes nothing" in done.out


def test_a_guard_stops_a_rehearsal_with_the_message_of_a_sync(syncer: Syncer, product: Path) -> None:
    config = product / "syncer.yaml"
    config.write_text(config.read_text("utf-8").replace("max_config_writes: 0", "max_writes: 2"), "utf-8")
    done = syncer("rehearse")

    assert (done.code, done.out) == (3, "")
    assert done.err == syncer("sync").err
    assert syncer("rehearse", "--allow", "writes").code == 0


def test_a_paused_product_is_not_rehearsed(syncer: Syncer, product: Path) -> None:
    syncer("pause", "--because", "the audit")
    done = syncer("rehearse")

    assert done.code == 2
    assert "the product is paused" in done.err and "the audit" in done.err


def test_a_field_that_would_not_stay_is_named(syncer: Syncer, product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert syncer("sync").code == 0
    pair.edit(product, "roadmap", "Night mode", Title="Dark mode")
    forms = iter(range(1000))
    honest = GridAdapter.normal

    def fickle(self: Any, field: str, raw: Any) -> Any:
        return f"{raw} {next(forms)}" if field == "Title" and raw else honest(self, field, raw)

    monkeypatch.setattr(GridAdapter, "normal", fickle)
    done = syncer("rehearse")

    assert done.code == 5
    first, second, third = done.out.split("\n\n")[-3:]
    assert first.endswith("    board Dark mode, Title: Dark mode → Dark mode 0")
    assert second.splitlines()[1:] == [
        "! it does not settle: a second sync would have 1 actions, and should have none",
        "~ roadmap story Dark mode 0   (from board)",
        "    title: Dark mode → Dark mode 0",
    ]
    assert third.splitlines()[1:] == [
        "! it does not undo: 1 differences remain to how the records were before",
        "    board Night mode, Title: Night mode → Night mode 2",
    ]


def test_a_side_that_cannot_be_read_ends_the_rehearsal(
    syncer: Syncer, product: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise UnreachableError("no connection")

    monkeypatch.setattr(GridAdapter, "list", down)
    done = syncer("rehearse")

    assert (done.code, done.out) == (6, "")
    assert done.err.startswith("syncer: roadmap was not reached, so that nothing was rehearsed: no connection")


@pytest.fixture
def cloud(syncer: Syncer, home: Path, jira: JiraSandbox, notion: NotionSandbox, book: Path) -> Path:
    """A Jira project, a Notion database and a workbook's sheet, of one product that nobody has synced yet."""
    done = syncer(
        "init", "--product", "p", "--connection", to_jira(jira), "--connection", to_notion(notion),
        "--connection", "xlsx:path=roadmap.xlsx",
        "--collection", "backlog=jira:SHOP", "--collection", "pages=notion:Backlog", "--collection", "plan=xlsx:Roadmap",
    )  # fmt: skip
    assert done.code == 0, done.err
    for connection in ("jira", "notion", "xlsx"):
        let_write(home / "syncer.yaml", connection)
    return home


def test_no_request_that_writes_leaves_the_house(
    syncer: Syncer, cloud: Path, jira: JiraSandbox, notion: NotionSandbox
) -> None:
    before, states = content(cloud), (jira.dump(), notion.dump())
    jira.log.clear()
    notion.log.clear()
    done = syncer("rehearse", "--json")

    assert done.code in (0, 4), done.err
    assert (done.data["settles"], done.data["undoes"]) == (True, True)
    sides = {a["side"] for a in done.data["sync"]["done"]}
    assert sides == {"backlog", "pages", "plan"} and len(done.data["sync"]["done"]) >= 6
    assert len(jira.log) >= 5 and len(notion.log) >= 3
    assert (writes(jira), writes(notion)) == ([], [])
    assert (content(cloud), (jira.dump(), notion.dump())) == (before, states)
