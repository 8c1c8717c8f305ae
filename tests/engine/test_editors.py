"""Who moved a held field, and when: told by the record where it says so, else by the side's own history."""

from __future__ import annotations

from pathlib import Path

from syncer.adapter import Can
from syncer.testing.memory import Fault, Habits
from tests.engine.worlds import Product, SideSpec, note, title

HISTORY = Habits(can=Can.ALL & ~Can.TELLS_EDITOR)


def held(path: Path) -> Product:
    """Two people change one title; then others change what nobody disagrees on."""
    product = Product(path / "s.db", {s: SideSpec((title(s), note(s)), HISTORY) for s in "ab"})
    product.tables["a"].add({"title": "P"})
    product.settle()
    product.tables["a"].edit(product.only("a"), {"title": "Q"}, by="ann")
    product.tables["b"].edit(product.only("b"), {"title": "R"}, by="bob")
    product.tick()
    product.tables["a"].edit(product.only("a"), {"note": "n"}, by="eve")
    for table in product.tables.values():
        table.calls.clear()
    return product


def gets(product: Product) -> int:
    return sum(verb == "get" for table in product.tables.values() for verb, _ in table.calls)


def test_a_conflict_names_who_wrote_each_word_and_when_not_who_came_after(tmp_path: Path) -> None:
    product = held(tmp_path)
    product.sync()
    (row,) = product.store.conflicts()

    assert {side: said["by"] for side, said in row.sides.items()} == {"a": "ann", "b": "bob"}
    assert row.sides["a"]["at"] == row.sides["b"]["at"]
    assert row.sides["a"]["at"] != product.tables["a"].rows[product.only("a")].edited.isoformat()


def test_it_is_asked_once_and_kept_while_the_words_stay(tmp_path: Path) -> None:
    product = held(tmp_path)
    product.sync()
    product.settle()
    for table in product.tables.values():
        table.calls.clear()
    product.tables["a"].edit(product.only("a"), {"title": "Q", "note": "m"}, by="eve")
    product.tables["a"].edit(product.only("a"), {"title": "Q"}, by="eve")
    product.sync()
    (row,) = product.store.conflicts()

    assert {side: said["by"] for side, said in row.sides.items()} == {"a": "ann", "b": "bob"}
    assert gets(product) <= 1, "no history is read again: at most the record that the note is written to"


def test_a_history_that_does_not_answer_stops_nothing(tmp_path: Path) -> None:
    product = held(tmp_path)
    product.tables["b"].faults.append(Fault("get"))
    product.sync()
    (row,) = product.store.conflicts()

    assert {side: said["by"] for side, said in row.sides.items()} == {"a": "ann", "b": ""}


def test_who_was_named_first_stays_named_when_we_edit_another_field_of_the_record(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), note(s))) for s in "ab"})
    product.tables["a"].add({"title": "P"})
    product.settle()
    product.tables["a"].edit(product.only("a"), {"title": "Q"}, by="ann")
    product.tables["b"].edit(product.only("b"), {"title": "R"}, by="bob")
    product.sync()
    product.tables["a"].edit(product.only("a"), {"note": "n"}, by="eve")
    product.settle()
    product.sync(full=True)
    (row,) = product.store.conflicts()

    assert product.shows("b", "note") == ["n"]
    assert {side: said["by"] for side, said in row.sides.items()} == {"a": "ann", "b": "bob"}


def test_a_paused_side_is_not_asked_for_its_history(tmp_path: Path) -> None:
    product = held(tmp_path)
    product.sync()
    product.tables["b"].calls.clear()
    product.tables["a"].edit(product.only("a"), {"title": "S"}, by="eve")
    engine = product.engine()
    engine.paused = ("b",)
    with product.store.lease("r", 90) as lease:
        engine.sync(lease, "r")
    (row,) = product.store.conflicts()

    assert product.tables["b"].calls == []
    assert {side: said["by"] for side, said in row.sides.items()} == {"a": "eve", "b": "bob"}
