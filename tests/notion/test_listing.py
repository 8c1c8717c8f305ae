"""Listings: complete only when they are, past the cap of a query, cheap when nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from syncer_notion.sandbox.seed import PERSON_TOKEN

from syncer.record import Cursor


def made(desk: Any, count: int, *, apart: float = 0.0) -> list[str]:
    refs = []
    for n in range(count):
        refs.append(desk.create(f"Row {n}", n=n).ref)
        desk.sandbox.clock.advance(apart)
    desk.settle()
    desk.calls()
    return refs


def test_a_listing_of_everything_is_complete_and_has_a_cursor(desk: Any) -> None:
    refs = made(desk, 130)
    batches = list(desk.adapter.list())

    assert sorted(r.ref for b in batches for r in b.records) == sorted(refs)
    assert [b.complete for b in batches] == [False] * (len(batches) - 1) + [True]
    assert [bool(b.cursor) for b in batches] == [b.complete for b in batches]
    assert all("body" not in r.fields for b in batches for r in b.records)
    assert len(desk.calls()) == 2


def test_an_empty_data_source_lists_as_complete(desk: Any) -> None:
    (batch,) = desk.adapter.list()

    assert (batch.records, batch.complete) == ((), True)


def test_the_cap_is_got_round_by_windows_of_creation_time(make_desk: Callable[..., Any]) -> None:
    desk = make_desk({"cap": 20})
    refs = made(desk, 50, apart=20)
    batches = list(desk.adapter.list())

    assert sorted(r.ref for b in batches for r in b.records) == sorted(refs)
    assert batches[-1].complete


def test_a_cap_within_one_minute_is_never_called_complete(make_desk: Callable[..., Any]) -> None:
    desk = make_desk({"cap": 5})
    while desk.sandbox.clock.now().second > 40:
        desk.sandbox.clock.advance(5)
    made(desk, 12)
    batches = list(desk.adapter.list())

    assert not any(b.complete or b.cursor for b in batches)
    assert "not all are read" in batches[-1].notes[0]


def test_an_idle_listing_costs_one_request(desk: Any) -> None:
    made(desk, 3)
    desk.sandbox.clock.advance(600)
    cursor = list(desk.adapter.list())[-1].cursor
    desk.calls()
    (batch,) = desk.adapter.list(cursor)

    assert batch.records == ()
    assert not batch.complete
    assert batch.cursor
    assert desk.calls() == [("POST", "/data_sources/{id}/query")]


def test_two_edits_in_one_minute_are_both_listed(desk: Any, again: Callable[..., Any]) -> None:
    (ref,) = made(desk, 1)
    person = again(desk.sandbox, token=PERSON_TOKEN)
    cursor = list(desk.adapter.list())[-1].cursor
    seen = []
    for value in (1, 2):
        person.update(desk.read(ref), Reach=value)
        desk.settle()
        batches = list(desk.adapter.list(cursor))
        seen.append([r.fields[desk.ids["Reach"]] for b in batches for r in b.records])
        cursor = batches[-1].cursor

    assert seen == [[1], [2]]


def test_an_edit_that_the_index_did_not_know_is_listed_next_time(desk: Any, again: Callable[..., Any]) -> None:
    (ref,) = made(desk, 1)
    again(desk.sandbox, token=PERSON_TOKEN).update(desk.read(ref), Reach=4)
    early = list(desk.adapter.list())
    desk.settle()
    late = list(desk.adapter.list(early[-1].cursor))

    assert [r.fields[desk.ids["Reach"]] for b in early for r in b.records] == [None]
    assert [r.fields[desk.ids["Reach"]] for b in late for r in b.records] == [4]


def test_an_unusable_cursor_lists_everything(desk: Any) -> None:
    refs = made(desk, 2)
    batches = list(desk.adapter.list(Cursor("yesterday")))

    assert sorted(r.ref for b in batches for r in b.records) == sorted(refs)
    assert batches[-1].complete


def test_a_capped_list_of_changes_becomes_a_listing_of_everything(make_desk: Callable[..., Any]) -> None:
    desk = make_desk({"cap": 20})
    refs = made(desk, 50, apart=20)
    batches = list(desk.adapter.list(Cursor("2020-01-01T00:00:00.000Z")))

    assert {r.ref for b in batches for r in b.records} == set(refs)
    assert batches[-1].complete


def test_a_filter_narrows_a_listing_and_not_a_read(make_desk: Callable[..., Any]) -> None:
    wanted = {"property": "Reach", "number": {"greater_than": 5}}
    desk = make_desk(filter=wanted)
    low, high = desk.create(n=1, Reach=1), desk.create(n=2, Reach=9)
    desk.settle()
    batches = list(desk.adapter.list())
    changed = list(desk.adapter.list(Cursor("2020-01-01T00:00:00.000Z")))

    assert [r.ref for b in batches for r in b.records] == [high.ref]
    assert {r.ref: r.outside for b in changed for r in b.records} == {low.ref: True, high.ref: False}
    assert [r.outside for r in desk.adapter.get([low.ref, high.ref]).values()] == [True, False]
    assert desk.tag(1) in desk.adapter.find([desk.tag(1)], desk.sandbox.clock.now()).records


def test_a_change_that_leaves_the_filter_is_listed_and_costs_one_request_more(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(filter={"property": "Status", "status": {"does_not_equal": "Done"}})
    page = desk.create()
    desk.sandbox.clock.advance(600)
    cursor = list(desk.adapter.list())[-1].cursor
    desk.calls()
    idle = list(desk.adapter.list(cursor))
    asked = desk.calls()
    done = next(o.id for o in desk.adapter.schema().types[desk.adapter.source].fields[desk.ids["Status"]].options[-1:])
    desk.update(page, Status=done)
    desk.settle()
    desk.calls()
    (batch,) = desk.adapter.list(cursor)

    assert [(b.records, b.cursor is None) for b in idle] == [((), False)]
    assert len(asked) == 1
    assert [(r.ref, r.outside) for r in batch.records] == [(page.ref, True)]
    assert len(desk.calls()) == 2


def test_a_filter_of_two_levels_can_still_be_narrowed_to_a_window(make_desk: Callable[..., Any]) -> None:
    reach = [{"property": "Reach", "number": {"equals": n}} for n in (1, 2, 3)]
    named = {"property": "title", "title": {"equals": "Search"}}
    desk = make_desk(filter={"or": [{"and": [reach[0], named]}, {"or": [reach[1], reach[2]]}]})
    inside = [desk.create("Search", 1, Reach=1), desk.create("Other", 2, Reach=2), desk.create("Other", 3, Reach=3)]
    outside = desk.create("Other", 4, Reach=1)
    desk.settle()
    found = desk.adapter.get([outside.ref, *(page.ref for page in inside)])

    assert [record.outside for record in found.values()] == [True, False, False, False]
