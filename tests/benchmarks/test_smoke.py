"""The benchmarks run, and their figures are counted, not written down."""

from __future__ import annotations

from pathlib import Path

import pytest

import syncer
from benchmarks import calls, child, feed, others, product, sheets
from benchmarks.least import first, idle, small
from benchmarks.product import Shares
from benchmarks.table import Table
from syncer import registry


def test_the_least_adds_up() -> None:
    shares = Shares(1000)
    assert (shares.jira, shares.notion, shares.book) == (500, 300, 200)
    assert sum(shares.edits) == 10
    assert first(shares)["notion"].single == 3 + 300 + 700 + 300
    assert first(shares)["jira"].bulk < first(shares)["jira"].single / 10
    assert idle()["jira"].single == 1
    assert small(shares)["jira"].single == 1 + 10 - shares.edits[0]


def by_library(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch, syncer.open(folder / "syncer.yaml") as session:
        for name, secret in product.ENV.items():
            patch.setenv(name, secret)
        session.sync()


@pytest.fixture(scope="module")
def requests() -> list[Table]:
    return calls.measure(10, by_library)


def rows(table: Table) -> list[dict[str, str]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_no_sync_needs_fewer_requests_than_the_least(requests: list[Table]) -> None:
    table = rows(requests[0])
    assert {r["sync"] for r in table} == {"first", "right after", "idle", "1 % changed"}
    assert all(int(r["requests"]) >= int(r["least"]) > 0 for r in table)


def test_an_idle_sync_is_one_listing_a_collection(requests: list[Table]) -> None:
    assert [r["requests"] for r in rows(requests[0]) if r["sync"] == "idle"] == ["1", "1"]


def test_what_we_wrote_is_not_read_again_by_the_next_sync(requests: list[Table]) -> None:
    made = {r["endpoint"]: r for r in rows(requests[1]) if r["collection"] == "Notion data source"}
    assert made["`POST /v1/pages`"]["first"] == "7"
    assert made["`GET /v1/pages/{id}`"]["right after"] == "3", "only those that were tagged, not those we created"


def test_plans_decide_what_changed_and_no_more(tmp_path: Path) -> None:
    child.write(tmp_path, "sheets", "20")
    assert child.least_rows(tmp_path, *sheets.SIDES)["rows"] == 63

    first_contact = child.plan(tmp_path)
    child.sync(tmp_path)
    idle_plan, full = child.plan(tmp_path), child.plan(tmp_path, "full")
    child.edit(tmp_path, "sheets", "1")
    changed = child.plan(tmp_path)

    seen = [(p["items"], p["actions"]) for p in (first_contact, idle_plan, full, changed)]
    assert seen == [(20, 0), (0, 0), (0, 0), (1, 2)]


@pytest.fixture
def feeds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the benchmark's own system known, as its entry point does in a process of its own."""
    monkeypatch.setitem(registry.systems()._loaded, "feed", feed.FeedSystem)


@pytest.mark.usefixtures("feeds")
def test_tables_that_say_what_changed_are_asked_as_often_as_something_did(tmp_path: Path) -> None:
    child.write(tmp_path, "tables", "300")
    child.sync(tmp_path)
    child.calls(tmp_path)
    asked = {}
    for name, act in {
        "idle": lambda: child.plan(tmp_path),
        "silent": lambda: (child.silence(tmp_path, "1"), child.plan(tmp_path))[-1],
        "edited": lambda: (child.silence(tmp_path, "0"), child.edit(tmp_path, "tables", "4"), child.plan(tmp_path))[-1],
        "synced": lambda: child.sync(tmp_path),
        "after": lambda: child.plan(tmp_path),
    }.items():
        done = act()
        asked[name] = (done["items"], done["actions"], child.calls(tmp_path)["calls"])

    assert asked["idle"] == (0, 0, 3), "one listing a side"
    assert asked["silent"] == (0, 0, 3 * 4), "300 records in pages of 100, and a last one that is empty"
    assert asked["edited"] == (4, 8, 3), "each edit is news to two sides"
    assert asked["synced"][:2] == (4, 8) and asked["synced"][2] <= 3 + 8 * 2, "a read and a write an action, at most"
    assert asked["after"][1] == 0


def test_what_cannot_be_installed_is_skipped_with_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(others.sys, "executable", str(tmp_path / "no-python"))
    found = others.installed(tmp_path)

    assert found.runs == {}
    assert [note.split()[1] for note in found.notes] == ["vdirsyncer", "unison", "rclone"]
    assert capsys.readouterr().err.count("notice:") == 3
