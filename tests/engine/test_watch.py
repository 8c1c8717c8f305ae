"""A side that fights us is quarantined and named; a restored backup stops the plan before old data overwrites new."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.errors import GuardError
from syncer.mapping.rules import Guards
from syncer.testing.memory import ROBOT
from tests.engine.worlds import Product, SideSpec, note, title


def two(path: Path, guards: Guards | None = None) -> Product:
    specs = {s: SideSpec((title(s), note(s))) for s in "ab"}
    return Product(path / "s.db", specs, guards=guards or Guards())


def fight(product: Product, by: str, rounds: int) -> list[int]:
    """Let something on b put its own note back after every sync; return how often we wrote b in each round."""
    ref = product.only("b")
    written = []
    for _ in range(rounds):
        before = product.writes().count(("b", "update"))
        product.tables["a"].edit(product.only("a"), {"note": "ours"})
        product.sync()
        written.append(product.writes().count(("b", "update")) - before)
        if product.tables["b"].live()[ref]["note"] == "ours":
            product.tables["b"].edit(ref, {"note": "theirs"}, by=by)
            product.sync()
    return written


@pytest.mark.parametrize(("by", "rounds"), [(ROBOT, 2), ("other-bot", 4)])
def test_a_field_written_back_and_forth_is_quarantined_and_named(tmp_path: Path, by: str, rounds: int) -> None:
    product = two(tmp_path)
    product.tables["a"].add({"title": "O", "note": "theirs"})
    product.settle()
    written = fight(product, by, 8)

    assert sum(written) == rounds
    (row,) = product.store.conflicts()
    assert row.field == "note" and "b put its own value back" in row.reason


def test_a_person_who_changes_back_and_forth_is_obeyed(tmp_path: Path) -> None:
    product = two(tmp_path)
    product.tables["a"].add({"title": "O", "note": "one"})
    product.settle()
    for said in ("two", "one", "two", "one"):
        product.tables["b"].edit(product.only("b"), {"note": said}, by="ann")
        product.settle()
        assert product.shows("a", "note") == [said]
    assert product.store.conflicts(state=None) == []


def test_a_quarantined_field_keeps_nothing_else_from_syncing(tmp_path: Path) -> None:
    product = two(tmp_path)
    product.tables["a"].add({"title": "O", "note": "theirs"})
    product.settle()
    fight(product, ROBOT, 5)
    product.tables["a"].edit(product.only("a"), {"title": "X"})
    product.sync()

    assert product.shows("b") == ["X"]


def edited(path: Path, count: int) -> Product:
    product = two(path, Guards(max_went_back=2))
    for n in range(count):
        product.tables["a"].add({"title": f"T{n}", "note": "old"})
    product.settle()
    for ref in list(product.tables["a"].live()):
        product.tables["a"].edit(ref, {"note": "new"})
    product.settle()
    return product


def test_a_restored_backup_stops_the_plan_before_old_data_overwrites_new(tmp_path: Path) -> None:
    product = edited(tmp_path, 4)
    for ref in list(product.tables["b"].live()):
        product.tables["b"].edit(ref, {"note": "old"}, by="")
    with pytest.raises(GuardError) as stopped:
        product.sync()

    assert "4 records of b went back to an older state" in str(stopped.value)
    assert stopped.value.flag == "--allow older"
    assert product.shows("a", "note") == ["new"] * 4
    product.sync(allow=["--allow older"])
    assert product.shows("a", "note") == ["old"] * 4


def test_clocks_that_went_backwards_stop_the_plan_too(tmp_path: Path) -> None:
    product = edited(tmp_path, 4)
    for row in product.tables["b"].rows.values():
        row.edited = product.now().replace(year=2025)
        row.fields["title"] = f"{row.fields['title']} as it was"
    with pytest.raises(GuardError) as stopped:
        product.sync(full=True)

    assert "was a backup restored there?" in str(stopped.value)


def test_one_revert_by_a_person_is_an_edit(tmp_path: Path) -> None:
    product = edited(tmp_path, 4)
    ref = next(iter(product.tables["b"].live()))
    product.tables["b"].edit(ref, {"note": "old"})
    product.settle()

    assert sorted(map(str, product.shows("a", "note"))) == ["new", "new", "new", "old"]
