"""The benchmarks run, and their figures are counted, not written down."""

from __future__ import annotations

from pathlib import Path

import pytest

import syncer
from benchmarks import calls, child, product, sheets
from benchmarks.least import first, idle, small
from benchmarks.product import Shares
from benchmarks.table import Table


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
    child.write(tmp_path, "20")
    assert child.least_rows(tmp_path, *sheets.SIDES)["rows"] == 63

    first_contact = child.plan(tmp_path)
    child.sync(tmp_path)
    idle_plan, full = child.plan(tmp_path), child.plan(tmp_path, "full")
    child.edit(tmp_path, "1")
    changed = child.plan(tmp_path)

    seen = [(p["items"], p["actions"]) for p in (first_contact, idle_plan, full, changed)]
    assert seen == [(20, 0), (0, 0), (0, 0), (1, 2)]
