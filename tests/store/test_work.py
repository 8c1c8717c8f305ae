"""Units of work: what is put comes back, all of it or nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.errors import SyncerError
from syncer.record import Cursor, Record, Ref, Tag, Version
from syncer.store import records
from syncer.store.rows import (
    ConflictRow,
    ConflictState,
    CursorRow,
    ItemRow,
    ItemState,
    JournalRow,
    JournalState,
    LinkRow,
    LinkState,
    Refusal,
    RunRow,
    RunState,
    StrayRow,
)
from syncer.store.store import Store
from syncer.store.tables import CHUNK, NAMES, TABLES
from tests.examples import examples

WHEN = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)


def item(name: str, **more) -> ItemRow:
    return ItemRow(name, "Story", {"title": f"Title of {name}"}, **more)


def link(name: str, side: str = "jira", ref: str | None = None, **more) -> LinkRow:
    return LinkRow(name, side, Ref(ref or f"{side}-{name}"), "10001", **more)


FULL_LINK = LinkRow(
    item="i1",
    side="jira",
    ref=Ref("10042"),
    record_type="10001",
    state=LinkState.ARCHIVED,
    version=Version("7"),
    digest="d" * 32,
    label="SHOP-42 – Zahlung",
    url="https://example.org/browse/SHOP-42",
    base={"summary": {"field": "title", "raw": "a\0b", "value": ["é", None, 1.5, {"x": True}], "rule": "r1"}},
    seen={"summary": "a", "due": None},
    tagged=True,
    hot=True,
    pending=True,
    edited_at=WHEN,
    edited_by="acc-1",
    seen_run="run-1",
)


def test_what_was_put_comes_back_the_same(store, lease):
    gone = item("i2", state=ItemState.REMOVED, created_run="run-0", removed={"side": "jira", "by": "acc-2"})
    stray = StrayRow("notion", Ref("p1"), "d1", record(), "waits for its required fields")
    refusal = Refusal("i1", "jira", "assignee", "d2", "deactivated", "run-1")
    cursor = CursorRow("jira", Cursor("2026-02-28"), WHEN, WHEN, "f1")
    run = RunRow("run-1", "sync", WHEN, counts={"update": 3})
    with store.commit(lease) as w:
        w.put_item(item("i1"))
        w.put_item(gone)
        w.put_link(FULL_LINK)
        w.put_stray(stray)
        w.put_refusal(refusal)
        w.set_cursor(cursor)
        w.start_run(run)
        w.mark_applied("plan-1", "run-1")

    assert {"i1": item("i1"), "i2": gone} == store.items()
    assert store.links() == {"i1": {"jira": FULL_LINK}}
    assert [stray] == store.strays() == store.strays("notion")
    assert store.strays("jira") == []
    assert [refusal] == store.refusals() == store.refusals(["i1"])
    assert store.refusals(["i2"]) == []
    assert {"jira": cursor} == store.cursors()
    assert [run] == store.runs()
    assert run == store.run("run-1")
    assert store.run("run-2") is None
    assert store.applied("plan-1") == "run-1"
    assert store.applied("plan-2") is None


def record() -> Record:
    return Record(
        ref=Ref("p1"),
        type="db",
        fields={"Name": "Ünïcode", "Tags": ["a", "b"], "Empty": None},
        version=Version("v"),
        tag=Tag("shop", "i9", "abcdefabcdef"),
        label="Name",
        url="https://example.org/p1",
        edited_at=WHEN,
        edited_by="u1",
        created_at=WHEN - timedelta(days=1),
        archived=True,
        settled=False,
        restricted="team only",
        outside=True,
        unreadable={"Odd": "unknown type"},
    )


@pytest.mark.parametrize("kept", [record(), Record(ref=Ref("r"), type="t", fields={})])
def test_a_record_survives_being_kept(kept):
    assert kept == records.from_json(records.to_json(kept))


def test_an_exception_inside_a_unit_writes_nothing(store, lease):
    with pytest.raises(ZeroDivisionError), store.commit(lease) as w:
        w.put_item(item("a"))
        w.bump()
        raise ZeroDivisionError

    assert store.items() == {}
    assert store.generation == 0
    with store.commit(lease) as w:
        w.put_item(item("b"))
    assert {"b"} == set(store.items())


def test_a_ref_is_in_at_most_one_link_of_a_side(store, lease):
    with store.commit(lease) as w:
        w.put_item(item("a"))
        w.put_item(item("b"))
        w.put_link(link("a", ref="r1"))

    with pytest.raises(SyncerError, match=r"link\.side, link\.ref"), store.commit(lease) as w:
        w.put_link(link("b", ref="r1"))
    with store.commit(lease) as w:
        w.put_link(link("b", side="notion", ref="r1"))
    assert {"jira": link("a", ref="r1")} == store.links(["a"])["a"]
    assert {"notion"} == set(store.links(["b"])["b"])


def test_a_link_has_an_item(store, lease):
    with pytest.raises(SyncerError, match="FOREIGN KEY"), store.commit(lease) as w:
        w.put_link(link("nobody"))


def test_a_refused_commit_does_not_say_what_people_wrote(store, lease):
    with pytest.raises(SyncerError) as caught, store.commit(lease) as w:
        w.put_link(link("nobody", seen={"summary": "a secret plan"}))

    assert "secret" not in f"{caught.value}{caught.value.__cause__}"


def test_two_links_may_swap_their_refs(store, lease):
    with store.commit(lease) as w:
        for name, ref in (("a", "r1"), ("b", "r2")):
            w.put_item(item(name))
            w.put_link(link(name, ref=ref))
    with store.commit(lease) as w:
        w.put_link(link("a", ref="r2"))
        w.put_link(link("b", ref="r1"))

    assert {ref: entry.item for ref, entry in store.index("jira").items()} == {"r1": "b", "r2": "a"}


def test_a_ref_moves_from_a_dropped_link_to_another_item(store, lease):
    with store.commit(lease) as w:
        w.put_item(item("a"))
        w.put_item(item("b"))
        w.put_link(link("a", ref="r1"))
    with store.commit(lease) as w:
        w.put_link(link("b", ref="r1"))
        w.drop_link("a", "jira")

    assert {"a": {}, "b": {"jira": link("b", ref="r1")}} == store.links(["a", "b"])


def test_the_last_word_of_a_unit_counts(store, lease):
    stray = StrayRow("jira", Ref("r"), "d", record())
    with store.commit(lease) as w:
        w.put_item(item("a"))
        w.put_item(replace(item("a"), kind="Bug"))
        w.put_stray(stray)
        w.drop_stray("jira", Ref("r"))
        w.drop_refusal("a", "jira", "f")
        w.put_refusal(Refusal("a", "jira", "f", "d"))

    assert store.items()["a"].kind == "Bug"
    assert store.strays() == []
    assert [Refusal("a", "jira", "f", "d")] == store.refusals()


def test_an_intent_is_finished_field_by_field(store, lease, clock):
    started = clock.at
    with store.commit(lease, "intent") as w:
        id = w.journal(
            JournalRow("run-1", "update", "a", "jira", Ref("r"), {"summary": {"before": "x", "after": "y"}}, seq=4)
        )
    clock.pass_(3)
    with store.commit(lease, "outcome") as w:
        w.finish_journal(id, JournalState.DONE, after={"summary": "Y", "rank": 1})

    assert [
        JournalRow(
            "run-1",
            "update",
            "a",
            "jira",
            Ref("r"),
            {"summary": {"before": "x", "after": "Y"}, "rank": {"before": None, "after": 1}},
            JournalState.DONE,
            4,
            at=started,
            finished_at=started + timedelta(seconds=3),
            id=id,
        )
    ] == store.journal()


def test_a_create_learns_its_ref_when_it_is_finished(store, lease):
    with store.commit(lease) as w:
        id = w.journal(JournalRow("run-1", "create", "a", "jira", tag="shop.x.a"))
        w.finish_journal(id, JournalState.DONE, ref=Ref("r9"))

    assert [row.ref for row in store.journal(side="jira", refs=[Ref("r9"), Ref("r8")])] == ["r9"]


def test_an_intent_that_never_was_cannot_be_finished(store, lease):
    with pytest.raises(KeyError), store.commit(lease) as w:
        w.finish_journal(77, JournalState.DONE)


def test_journal_ids_rise_over_units_and_are_asked_for_by_what_they_say(store, lease):
    with store.commit(lease) as w:
        first = [w.journal(JournalRow("run-1", "create", name, "jira")) for name in "ab"]
    with store.commit(lease) as w:
        second = w.journal(JournalRow("run-2", "archive", "a", "notion", state=JournalState.DONE))

    assert [*first, second] == [1, 2, 3]
    assert [row.id for row in store.journal(run="run-1")] == [1, 2]
    assert [row.id for row in store.journal(item="a")] == [1, 3]
    assert [row.id for row in store.journal(state=JournalState.OPEN)] == [1, 2]
    assert [row.id for row in store.journal(action="archive", item="a")] == [3]
    assert store.journal(action="archive", side="jira") == []


def test_a_conflict_keeps_every_word_and_its_number(store, lease):
    sides = {
        "jira": {"value": "A", "raw": "a", "at": None, "by": ""},
        "notion": {"value": "B", "raw": ["b"], "at": "2026-01-01T00:00:00Z", "by": "u1"},
    }
    row = ConflictRow("a", "title", "both changed", base="O", sides=sides, opened_run="run-1")
    with store.commit(lease) as w:
        id = w.put_conflict(row)
        question = w.put_conflict(ConflictRow("b", "", "two records match"))
    assert [replace(row, id=id)] == store.conflicts(item="a")
    with store.commit(lease) as w:
        w.put_conflict(replace(row, id=id, state=ConflictState.SETTLED, how="owner: jira"))

    assert [question] == [found.id for found in store.conflicts()]
    assert [id, question] == [found.id for found in store.conflicts(state=None)]
    assert sides == store.conflicts(state=ConflictState.SETTLED)[0].sides


def test_a_run_that_is_finished_has_an_end(store, lease, clock):
    row = RunRow("r1", "sync", clock.at)
    with store.commit(lease) as w:
        w.start_run(row)
    clock.pass_(5)
    with store.commit(lease) as w:
        w.finish_run(replace(row, state=RunState.DONE))
        w.start_run(RunRow("r2", "plan", clock.at))

    assert [run.id for run in store.runs()] == ["r2", "r1"]
    assert clock.at == store.run("r1").finished_at
    assert [run.id for run in store.runs(limit=1)] == ["r2"]


def test_the_hook_for_crashes_is_called_after_each_commit_and_not_after_a_failed_one(store, lease):
    heard = []
    store.after_commit = lambda what: heard.append((what, set(store.items())))
    with store.commit(lease, "first") as w:
        w.put_item(item("a"))
    with pytest.raises(SyncerError), store.commit(lease, "second") as w:
        w.put_link(link("nobody"))

    assert [("first", {"a"})] == heard


def test_a_commit_inside_a_commit_is_a_bug_and_says_so(store, lease):
    with store.commit(lease), pytest.raises(RuntimeError, match="inside a commit"), store.commit(lease):
        pass


def test_threads_take_turns(store, lease):
    def work(name: str) -> None:
        for number in range(10):
            with store.commit(lease) as w:
                w.put_item(item(f"{name}{number}"))
                w.journal(JournalRow("run", "take", f"{name}{number}"))
                w.bump()

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(store.items()) == 40
    assert list(range(1, 41)) == [row.id for row in store.journal()]
    assert store.generation == 40


def test_a_time_without_a_zone_is_refused(store, lease):
    with pytest.raises(Exception, match="must have a zone"), store.commit(lease) as w:
        w.start_run(RunRow("r", "sync", WHEN.replace(tzinfo=None)))


def test_times_come_back_in_utc(store, lease):
    there = WHEN.astimezone(timezone(timedelta(hours=14)))
    with store.commit(lease) as w:
        w.start_run(RunRow("r", "sync", there))

    assert (store.run("r").started_at, store.run("r").started_at.tzinfo) == (WHEN, UTC)


def test_broken_letters_from_outside_do_not_stop_a_commit(store, lease):
    broken = "half \ud83d and \0 nul"
    with store.commit(lease) as w:
        w.put_item(ItemRow("a", "Story", {"title": broken}))
        w.put_link(link("a", label=broken, seen={"summary": broken}))

    assert broken == store.items()["a"].fields["title"]
    assert broken == store.links()["a"]["jira"].seen["summary"]
    assert store.links()["a"]["jira"].label == "half ? and \ufffd nul"


def test_an_unknown_word_is_refused(store, lease):
    with pytest.raises(Exception, match="asleep"), store.commit(lease) as w:
        w.put_item(item("a", state="asleep"))


def test_rows_and_tables_have_the_same_names_in_the_same_order():
    for row, table in TABLES.items():
        columns = [column.name for column in table.columns if column.name in NAMES[row]]

        assert list(NAMES[row]) == columns, row


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@pytest.fixture(scope="module")
def one_store(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("law") / "s.db", "shop") as opened:
        yield opened, opened.lease("laptop:1", ttl=3600)


@settings(max_examples=examples(100), deadline=None)
@given(values=st.dictionaries(st.text(max_size=8), json_values, max_size=4))
def test_any_json_comes_back_as_it_was(one_store, values):
    store, lease = one_store
    with store.commit(lease) as w:
        w.put_item(ItemRow("a", "Story", values))

    assert values == store.items(["a"])["a"].fields


def test_more_items_than_fit_one_question_are_found(store, lease):
    names = [f"i{number}" for number in range(2 * CHUNK + 5)]
    with store.commit(lease) as w:
        for name in names:
            w.put_item(item(name))
            w.put_link(link(name))
        w.put_link(link("i0", "notion"))

    assert len(names) == len(store.items(names)) == len(store.links(names)) == len(store.index("jira"))
    assert len(names) == len(store.link_by_ref("jira", [Ref(f"jira-{name}") for name in names]))
    assert {"jira", "notion"} == set(store.links(names)["i0"])
