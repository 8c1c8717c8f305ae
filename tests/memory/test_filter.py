"""A collection's filter decides what may be born; a linked record is followed wherever it goes, by an ordinary sync."""

from __future__ import annotations

from typing import Any

import pytest

SOURCE = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def filtered(product: Any) -> Any:
    """The product, where both sides show open stories only."""
    product.rewrite("syncer.yaml", "project: SHOP", 'project: SHOP, jql: "status != Done"')
    open_only = "{property: Status, status: {does_not_equal: Done}}"
    product.rewrite("syncer.yaml", f"data_source: {SOURCE}", f"data_source: {SOURCE}, filter: {open_only}")
    assert product.sync() == 0
    product.wait()
    return product


def test_a_story_set_to_done_leaves_the_filter_and_reaches_the_other_side(filtered: Any) -> None:
    filtered.jira.edit({"as": "ann@example.com", "issue": "SHOP-1", "status": "Done"})
    filtered.wait()
    assert filtered.sync() == 0
    filtered.wait()

    assert filtered.page("Pay")["Status"]["name"] == "Done"
    filtered.calls()
    assert filtered.sync() == 0
    assert not [call for call in filtered.calls() if call.startswith(("PATCH", "PUT"))]


def test_what_a_filter_keeps_out_is_not_born(filtered: Any) -> None:
    filtered.jira.edit({"as": "ann@example.com", "create": {"summary": "Old news", "status": "Done"}})
    filtered.jira.edit({"as": "ann@example.com", "create": {"summary": "News"}})
    filtered.wait()
    assert filtered.sync() == 0

    with filtered.open() as session:
        assert sorted(item.fields["title"] for item in session.items()) == ["News", "Pay", "Ship"]


def test_what_a_filter_keeps_out_is_not_taken_for_an_item_of_the_same_name(filtered: Any) -> None:
    filtered.page("Ship", Name={"title": [{"type": "text", "text": {"content": "Old news"}}]})
    filtered.wait()
    assert filtered.sync() == 0
    filtered.wait()
    made = filtered.jira.edit({"as": "ann@example.com", "create": {"summary": "Old news", "status": "Done"}})
    filtered.jira.edit({"as": "ann@example.com", "issue": made["key"], "fields": {"labels": ["history"]}})
    filtered.wait()
    filtered.calls()
    assert filtered.sync() == 0

    assert not [call for call in filtered.calls() if call.startswith(("PUT", "PATCH"))]
    with filtered.open() as session:
        assert session.store.strays() == []
        assert made["id"] not in {link.ref for item in session.items() for link in session.links(item.id).values()}


def test_a_record_that_comes_into_the_filter_is_born_then(filtered: Any) -> None:
    made = filtered.jira.edit({"as": "ann@example.com", "create": {"summary": "Reopened", "status": "Done"}})
    filtered.wait()
    assert filtered.sync() == 0
    filtered.jira.edit({"as": "ann@example.com", "issue": made["key"], "status": "In Progress"})
    filtered.wait()
    assert filtered.sync() == 0

    assert filtered.page("Reopened")["Status"]["name"] == "In progress"
