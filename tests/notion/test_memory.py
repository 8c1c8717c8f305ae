"""What the adapter keeps from run to run spares it every question but the one it came for, and cannot mislead it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from syncer.record import Change
from syncer.testing.contract.bench import Notebook

SOURCE = ("GET", "/data_sources/{id}")


@pytest.fixture
def later(desk: Any) -> Callable[[], Any]:
    """Make the adapter of a later process, after all that the desk has done."""
    notebook = Notebook()
    earlier = desk.connection.open(desk.adapter.settings, notebook)
    assert earlier.schema() == desk.adapter.schema()
    assert earlier.traits.account
    desk.calls()
    return lambda: desk.connection.open(desk.adapter.settings, notebook)


def test_a_later_process_lists_without_asking_what_there_is(desk: Any, later: Callable[[], Any]) -> None:
    made = desk.create(Reach=3)
    desk.settle()
    desk.calls()
    adapter = later()
    records = [r for batch in adapter.list() for r in batch.records]
    first = desk.calls()
    adapter.traits.account, list(adapter.list())

    assert [(r.ref, r.fields[desk.ids["Reach"]], r.tag) for r in records] == [(made.ref, 3, desk.tag())]
    # The goals' data source is looked at because the row has none: they may merely be no longer shared.
    assert first == [("POST", "/data_sources/{id}/query"), SOURCE]
    assert desk.calls() == [("POST", "/data_sources/{id}/query")]


def test_a_property_of_another_type_than_remembered_is_not_read_as_absent(desk: Any, later: Callable[[], Any]) -> None:
    made = desk.create(Notes="five")
    prop = desk.sandbox.state.prop(desk.sandbox.state.sources[desk.adapter.source], "Notes")
    prop["type"], prop["number"] = "number", {"format": "number"}
    desk.sandbox.state.pages[made.ref]["properties"][prop["id"]] = 5
    desk.calls()
    record = later().get([made.ref], {prop["id"]})[made.ref]

    assert record.fields[prop["id"]] == 5
    assert desk.calls().count(SOURCE) == 1


def test_a_status_that_came_since_is_written_after_a_look(desk: Any, later: Callable[[], Any]) -> None:
    made = desk.create()
    prop = desk.sandbox.state.prop(desk.sandbox.state.sources[desk.adapter.source], "Status")
    prop["status"]["options"].append({**prop["status"]["options"][0], "id": "blocked", "name": "Blocked"})
    desk.calls()
    after = later().update(made.ref, made.type, {prop["id"]: Change(made.fields[prop["id"]], "blocked")})

    assert after.fields[prop["id"]] == "blocked"
    assert [call for call in desk.calls() if call[0] == "PATCH"] == [("PATCH", "/pages/{id}")]


def test_an_option_that_came_since_is_added_to_and_never_made_again_by_its_id(
    desk: Any, later: Callable[[], Any]
) -> None:
    made = desk.create(Labels=["brand new"])
    held = made.fields[desk.ids["Labels"]]
    after = later().update(made.ref, made.type, {desk.ids["Labels"]: Change(held, [*held, "api"])})
    shown = desk.sandbox.state.prop(desk.sandbox.state.sources[desk.adapter.source], "Labels")["multi_select"]

    assert len(after.fields[desk.ids["Labels"]]) == 2
    assert [o["name"] for o in shown["options"]] == ["api", "ui", "brand new"]
