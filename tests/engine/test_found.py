"""What the state machine and the killed command line found, replayed: each of these ended badly once."""

from __future__ import annotations

from pathlib import Path

from syncer.adapter import Can
from syncer.testing.memory import Habits
from tests.engine.test_interrupted import die_at
from tests.engine.worlds import Product, SideSpec, note, title

SHEET = Habits(can=Can.ALL & ~Can.TAG_IN_CREATE & ~Can.TELLS_EDITOR, readdresses=True)


def test_killed_right_after_a_mark_that_gave_the_record_another_ref_it_is_still_linked(tmp_path: Path) -> None:
    specs = {"a": SideSpec((title("a"), note("a"))), "b": SideSpec((title("b"), note("b")), SHEET)}
    product = Product(tmp_path / "s.db", specs, make_store=None)
    product.tables["b"].add({"title": "O", "note": "n"})
    die_at(product, "b", "mark", 1)
    plan, report = product.sync(full=True)

    assert (plan.questions, report.failed) == ((), [])
    assert [["O"], ["O"]] == [product.shows(s) for s in "ab"]
    product.settle()


def test_what_was_undone_is_held_when_a_record_that_was_away_is_brought_back(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), note(s))) for s in "abc"})
    product.tables["a"].add({"title": "O"})
    product.settle()
    product.tables["b"].edit(product.only("b"), {"note": "word of b"})
    product.sync(full=True)
    carried = f"r{product.runs}"
    product.tables["a"].edit(product.only("a"), {"title": "P"})
    gone = product.only("b")
    product.tables["b"].trash(gone)
    product.undo(carried)
    product.sync(full=True)
    product.settle()

    assert [["P"]] * 3 == [product.shows(s) for s in "abc"]
    assert [[None], ["word of b"], [None]] == [product.shows(s, "note") for s in "abc"]
    assert [(c.field, c.kind) for c in product.store.conflicts()] == [("note", "undone")]


def test_what_was_undone_is_held_over_a_removal_of_the_whole_item(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), note(s))) for s in "abc"})
    product.tables["a"].add({"title": "O"})
    product.settle()
    product.tables["b"].edit(product.only("b"), {"note": "word of b"})
    product.sync(full=True)
    product.undo(f"r{product.runs}")
    gone = product.only("b")
    product.tables["b"].trash(gone)
    product.settle()
    assert [[]] * 3 == [product.shows(s) for s in "abc"]
    product.tables["b"].untrash(gone)
    product.sync(full=True)
    product.settle()

    assert [[None], ["word of b"], [None]] == [product.shows(s, "note") for s in "abc"]
    assert [(c.field, c.kind) for c in product.store.conflicts()] == [("note", "undone")]


def test_a_record_with_a_word_that_no_sync_has_taken_is_not_archived_by_an_undo(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), note(s))) for s in "ab"})
    product.tables["a"].add({"title": "O"})
    product.sync()
    created, table = f"r{product.runs}", product.tables["b"]
    product.tables["a"].edit(product.only("a"), {"title": "P"})
    table.between = lambda ref, _: table.edit(ref, {"note": "a person's"})
    product.sync()
    plan, _ = product.undo(created)

    assert (plan.actions, plan.notes) == ((), ("left alone: P on b: somebody has worked on it since",))
    product.settle()
    assert [["a person's"]] * 2 == [product.shows(s, "note") for s in "ab"]


def test_a_removed_record_is_not_asked_for_again_once_its_removal_has_been_obeyed(tmp_path: Path) -> None:
    minutes = Habits(grain=60)
    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), note(s)), minutes) for s in "abc"})
    product.tables["a"].add({"title": "O"})
    product.settle()
    product.tables["c"].edit(product.only("c"), {"title": "P"})
    product.sync(full=True)
    product.tables["c"].trash(product.only("c"))
    product.settle()
    product.tick(200)
    product.sync(full=True)
    asked = len(product.tables["c"].calls)
    product.sync()

    assert product.shows("a") == []
    assert product.tables["c"].calls[asked:] == [("list", "")]


def test_words_in_conflict_are_still_there_when_their_records_are_brought_back(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), note(s))) for s in "abc"})
    product.tables["a"].add({"title": "O"})
    product.settle()
    for side in "bc":
        product.tables[side].edit(product.only(side), {"note": f"word of {side}"})
    product.sync()
    for side in "bc":
        product.tables[side].trash(product.only(side))
    product.tables["a"].edit(product.only("a"), {"title": "P"})
    product.sync(full=True)
    product.settle()

    assert [["P"]] * 3 == [product.shows(s) for s in "abc"]
    assert [[None], ["word of b"], ["word of c"]] == [product.shows(s, "note") for s in "abc"]
    assert [c.field for c in product.store.conflicts()] == ["note"]


def test_a_word_that_was_undone_outlives_its_record_where_none_can_be_restored(tmp_path: Path) -> None:
    bare = Habits(can=Can.ALL & ~Can.RESTORE)
    habits = {"a": Habits(), "b": Habits(), "c": bare}
    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), note(s)), h) for s, h in habits.items()})
    ref = product.tables["a"].add({"title": "O", "note": "first"})
    product.settle()
    product.tables["c"].edit(product.only("c"), {"note": "word of c"})
    product.sync(full=True)
    product.undo(f"r{product.runs}")
    product.tables["a"].trash(ref)
    product.settle()
    product.tables["a"].untrash(ref)
    product.settle()

    assert [["O"]] * 3 == [product.shows(s) for s in "abc"]
    (row,) = product.store.conflicts()
    assert (row.kind, row.sides["c"]["value"]) == ("undone", "word of c")


def test_a_record_taken_back_within_the_grain_of_the_clock_is_seen(tmp_path: Path) -> None:
    hours = Habits(grain=3600)
    product = Product(tmp_path / "s.db", {"a": SideSpec((title("a"),)), "b": SideSpec((title("b"),), hours)})
    ref = product.tables["b"].add({"title": "O"})
    product.tick(5000)
    product.settle()
    product.tables["b"].edit(ref, {"title": "P"})
    product.settle()
    product.tables["b"].trash(ref)
    product.sync(full=True)
    assert product.shows("a") == []
    product.tables["b"].untrash(ref)
    product.settle()

    assert product.shows("a") == ["P"]
