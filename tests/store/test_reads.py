"""What the store answers."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from syncer.record import Record, Ref, Version
from syncer.store.rows import (
    ConflictRow,
    ConflictState,
    IndexEntry,
    ItemRow,
    JournalRow,
    JournalState,
    LinkedRef,
    LinkRow,
    LinkState,
    Refusal,
    StrayRow,
)


def put(store, lease, *rows):
    with store.commit(lease) as w:
        for row in rows:
            {ItemRow: w.put_item, LinkRow: w.put_link, StrayRow: w.put_stray}[type(row)](row)


def item(id: str, title: str = "") -> ItemRow:
    return ItemRow(id, "Story", {"title": title or f"Title {id}"})


def link(item: str, side: str = "jira", **more) -> LinkRow:
    return LinkRow(item, side, Ref(f"{side}-{item}"), "10001", **more)


def statements(store, ask) -> list[str]:
    """Return the selects that `ask` sends."""
    sent: list[str] = []

    def listen(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    event.listen(store._engine, "before_cursor_execute", listen)
    try:
        ask()
    finally:
        event.remove(store._engine, "before_cursor_execute", listen)
    return [statement for statement in sent if statement.startswith("SELECT")]


def test_the_index_has_every_link_of_one_side(store, lease, clock):
    put(store, lease, item("a"), item("b"))
    gone = link("b", digest="d2", state=LinkState.GONE, hot=True)
    put(store, lease, link("a", digest="d1", version=Version("3"), edited_at=clock.at), gone, link("a", "notion"))

    assert {
        "jira-a": IndexEntry("a", "d1", LinkState.LIVE, False, Version("3"), clock.at),
        "jira-b": IndexEntry("b", "d2", LinkState.GONE, True),
    } == store.index("jira")
    assert store.index("nowhere") == {}


def test_the_index_is_read_without_touching_the_documents(store):
    (asked,) = statements(store, lambda: store.index("jira"))
    with store._read() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", ("jira",))]

    assert plan == ["SEARCH link USING COVERING INDEX link_index (side=?)"]


def test_a_side_is_asked_for_some_of_its_links(store, lease):
    put(store, lease, item("a"), item("b"), item("c"))
    put(store, lease, link("a", hot=True), link("b", state=LinkState.ARCHIVED), link("c", pending=True))

    assert {ref: entry.item for ref, entry in store.index("jira", [Ref("jira-a"), Ref("x")]).items()} == {"jira-a": "a"}
    assert store.index("jira", []) == {}
    assert store.hot("jira") == {"jira-a": IndexEntry("a", "", LinkState.LIVE, True)}
    assert sorted(store.living("jira")) == ["jira-a", "jira-c"]
    assert [store.count_living(side) for side in ("jira", "notion")] == [2, 0]
    assert sorted(row.item for row in store.each_link("jira")) == ["a", "b", "c"]
    assert sorted(row.id for row in store.each_item()) == ["a", "b", "c"]


def test_what_is_hot_or_living_is_found_without_touching_the_documents(store):
    for ask, index in (
        (lambda: store.hot("jira"), "link_waiting"),
        (lambda: store.dirty(), "link_waiting"),
        (lambda: store.count_living("jira"), "link_index"),
        (lambda: list(store.living("jira")), "link_index"),
    ):
        (asked,) = statements(store, ask)
        with store._read() as connection:
            words = ("x",) * asked.count("?")
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", words)]
        assert [index] == [line.split("INDEX ")[1].split()[0] for line in plan if " link" in line], plan


def test_a_question_about_many_is_one_statement(store, lease):
    names = [f"i{n}" for n in range(200)]
    put(store, lease, *(item(name) for name in names))
    put(store, lease, *(link(name) for name in names))
    refs = [Ref(f"jira-{name}") for name in names]

    for ask in (
        lambda: store.items(names),
        lambda: store.links(names),
        lambda: store.link_by_ref("jira", refs),
        lambda: store.refs(["jira"], refs=refs),
        lambda: store.refs(["jira"], items=names),
        lambda: store.index("jira", refs),
        lambda: store.hot("jira"),
        lambda: store.refusals(names),
        lambda: store.journal(side="jira", refs=refs),
        lambda: store.dirty(),
    ):
        assert len(statements(store, ask)) == 1


def test_items_and_links_that_are_not_there_are_left_out_or_empty(store, lease):
    put(store, lease, item("a"))

    assert {"a"} == set(store.items(["a", "b"]))
    assert store.links(["a", "b"]) == {"a": {}, "b": {}}
    assert {} == store.links() == store.link_by_ref("jira", [Ref("x")])
    assert store.items([]) == {}


def test_refs_resolve_both_ways_and_only_live_records_are_referred_to(store, lease):
    put(store, lease, item("a"), item("b"))
    put(store, lease, link("a"), link("b", state=LinkState.ARCHIVED), link("a", "notion"), link("a", "sheet"))
    asked = [Ref("jira-a"), Ref("jira-b"), Ref("notion-a"), Ref("sheet-a")]
    found = store.refs(["jira", "notion"], asked, ["a", "b"])

    assert found.items == {("jira", "jira-a"): "a", ("jira", "jira-b"): "b", ("notion", "notion-a"): "a"}
    assert {
        ("jira", "a"): LinkedRef(Ref("jira-a"), "10001"),
        ("notion", "a"): LinkedRef(Ref("notion-a"), "10001"),
    } == found.refs
    narrow = store.refs(["jira", "notion"], [Ref("jira-b"), Ref("never-seen")])
    assert (narrow.items, narrow.refs) == ({("jira", "jira-b"): "b"}, {})


def test_strays_are_known_by_their_digest(store, lease):
    put(store, lease, StrayRow("jira", Ref("r"), "d", Record(Ref("r"), "t", {})))

    assert store.stray_index("jira") == {"r": "d"}
    assert store.stray_index("notion") == {}


def test_an_item_in_step_is_not_dirty(store, lease):
    put(store, lease, item("a"), link("a"))
    with store.commit(lease) as w:
        w.journal(JournalRow("r", "update", "a", "jira", state=JournalState.DONE))
        w.journal(JournalRow("r", "update", "a", "jira", state=JournalState.FAILED))
        w.put_conflict(ConflictRow("a", "title", "k", ConflictState.SETTLED))

    assert set() == store.dirty()


@pytest.mark.parametrize(
    "write",
    [
        lambda w: w.put_link(link("a", hot=True)),
        lambda w: w.put_link(link("a", pending=True)),
        lambda w: w.put_conflict(ConflictRow("a", "title", "k")),
        lambda w: w.put_refusal(Refusal("a", "jira", "f", "d")),
        lambda w: w.journal(JournalRow("r", "create", "a", "jira")),
        lambda w: w.journal(JournalRow("r", "create", "a", "jira", state=JournalState.UNKNOWN)),
    ],
    ids=["hot", "pending", "conflict", "refusal", "open intent", "unknown outcome"],
)
def test_what_is_unfinished_is_dirty(store, lease, write):
    put(store, lease, item("a"), item("b"), link("a"), link("b"))
    with store.commit(lease) as w:
        write(w)

    assert {"a"} == store.dirty()


def test_a_question_about_no_item_makes_nothing_dirty(store, lease):
    with store.commit(lease) as w:
        w.put_conflict(ConflictRow("", "", "which of these two?"))

    assert set() == store.dirty()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("i1", ["i1"]),
        ("jira-i2", ["i2"]),
        ("SHOP-1", ["i1"]),
        ("straße", ["i3"]),
        ("STRASSE", ["i3"]),
        ("pay", ["i1", "i2"]),
        ("PAY", ["i1", "i2"]),
        ("shop-", ["i1", "i2"]),
        ("100%", ["i2"]),
        ("a_b", []),
        ("nothing like it", []),
        ("", []),
    ],
)
def test_items_are_found_by_id_ref_label_and_title(store, lease, text, found):
    put(store, lease, item("i1", "Pay by card"), item("i2", "Pay 100% later"), item("i3", "Straße"), item("i4", "axb"))
    put(store, lease, link("i1", label="SHOP-1"), link("i2", label="SHOP-12"))

    assert found == [row.id for row in store.find_items(text)]


def test_a_reader_sees_the_last_commit_while_another_is_being_written(store, lease):
    put(store, lease, item("a"))
    with store.commit(lease) as w:
        w.put_item(item("b"))
        assert {"a"} == set(store.items())

    assert {"a", "b"} == set(store.items())
