"""The named cases of the design: what people write, and where it ends up. Each happened to users of other tools."""

from __future__ import annotations

from pathlib import Path

from syncer.mapping.rules import Direction, FieldPolicy
from syncer.testing.memory import Fault
from tests.engine.worlds import (
    Product,
    SideSpec,
    born,
    coarse_status,
    note,
    one_owner,
    owners,
    parent,
    status,
    three,
    title,
)


def test_one_edit_then_nothing_and_the_second_run_writes_nothing(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    product.tables["b"].edit(product.only("b"), {"title": "X"})
    product.sync()
    before = product.writes()
    product.sync()

    assert [["X"]] * 3 == [product.shows(s) for s in "abc"]
    assert before == product.writes()


def test_a_lone_later_edit_elsewhere_survives(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    product.tables["b"].edit(product.only("b"), {"title": "B"})
    product.sync()
    product.tables["a"].edit(product.only("a"), {"title": "C"})
    product.sync()

    assert [["C"]] * 3 == [product.shows(s) for s in "abc"]


def test_a_revert_travels(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    product.tables["a"].edit(product.only("a"), {"title": "B"})
    product.sync()
    product.tables["a"].edit(product.only("a"), {"title": "O"})
    product.sync()

    assert [["O"]] * 3 == [product.shows(s) for s in "abc"]


def test_three_sides_where_one_write_failed_and_its_author_never_saw_the_edit(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    product.tables["a"].edit(product.only("a"), {"title": "X"})
    product.tables["c"].faults.append(Fault("update"))
    product.sync()
    product.tables["c"].edit(product.only("c"), {"title": "Y"})
    plan, _ = product.sync()

    assert [name for _, name in plan.held] == ["title"]
    assert (["X"], ["X"], ["Y"]) == tuple(product.shows(s) for s in "abc")


def test_an_edit_of_another_field_during_our_write_is_a_change(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    product.tables["a"].edit(product.only("a"), {"title": "X"})
    table = product.tables["b"]
    table.between = lambda ref, fields: table.edit(ref, {"note": "by a person"})
    product.sync()
    product.sync()

    assert [["by a person"]] * 3 == [product.shows(s, "note") for s in "abc"]
    assert [["X"]] * 3 == [product.shows(s) for s in "abc"]


def test_two_canonical_values_may_share_one_option(tmp_path: Path) -> None:
    specs = {"n": SideSpec((title("n"), status("n"))), "j": SideSpec((title("j"), coarse_status("j")))}
    product = Product(tmp_path / "s.db", specs)
    product.tables["n"].add({"title": "O", "status": "idea"})
    product.settle()

    assert (["idea"], ["To Do"]) == (product.shows("n", "status"), product.shows("j", "status"))

    product.tables["n"].edit(product.only("n"), {"status": "done"})
    product.settle()
    product.tables["j"].edit(product.only("j"), {"status": "Closed"})
    product.settle()

    assert (["done"], ["Closed"]) == (product.shows("n", "status"), product.shows("j", "status"))


def test_a_changed_preference_of_the_value_map_rewrites_no_record(tmp_path: Path) -> None:
    specs = {"n": SideSpec((title("n"), status("n"))), "j": SideSpec((title("j"), coarse_status("j")))}
    product = Product(tmp_path / "s.db", specs)
    product.tables["n"].add({"title": "O", "status": "idea"})
    product.settle()
    before = product.writes()
    product.specs = {**specs, "j": SideSpec((title("j"), coarse_status("j", {"To Do": "idea"})))}
    product.settle()

    assert before == product.writes()


def test_an_edit_that_takes_a_record_out_of_the_filter_still_travels(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    ref = product.only("a")
    product.tables["a"].edit(ref, {"note": "done"})
    product.tables["a"].rows[ref].inside = False
    product.sync(full=True)

    assert [["done"]] * 3 == [product.shows(s, "note") for s in "abc"]


def test_a_reference_to_something_unknown_clears_nothing(tmp_path: Path) -> None:
    specs = {s: SideSpec((title(s), parent(s))) for s in "ab"}
    product = Product(tmp_path / "s.db", specs)
    top = product.tables["a"].add({"title": "top"})
    leaf = product.tables["a"].add({"title": "leaf", "parent": top})
    product.settle()
    product.tables["a"].edit(leaf, {"parent": "elsewhere-1"})
    product.settle()

    tops = [ref for ref, fields in product.tables["b"].live().items() if fields["title"] == "top"]
    assert [tops[0]] == [f["parent"] for f in product.tables["b"].live().values() if f["title"] == "leaf"]


def test_parents_crossed_on_two_sides_are_a_conflict_not_a_cycle(tmp_path: Path) -> None:
    specs = {s: SideSpec((title(s), parent(s))) for s in "ab"}
    product = Product(tmp_path / "s.db", specs)
    x, y = (product.tables["a"].add({"title": t}) for t in "xy")
    product.settle()
    other = {str(f["title"]): ref for ref, f in product.tables["b"].live().items()}
    product.tables["a"].edit(x, {"parent": y})
    product.tables["b"].edit(other["y"], {"parent": other["x"]})
    plan, _ = product.sync()

    assert {name for _, name in plan.held} == {"parent"}
    assert product.tables["b"].live()[other["x"]]["parent"] is None


def test_a_policy_settles_a_conflict_and_keeps_the_value_that_lost(tmp_path: Path) -> None:
    product = three(tmp_path, policies={("*", "*"): FieldPolicy("prefer", ("b",))})
    born(product)
    product.tables["a"].edit(product.only("a"), {"title": "A"})
    product.tables["b"].edit(product.only("b"), {"title": "B"})
    product.settle()

    assert [["B"]] * 3 == [product.shows(s) for s in "abc"]
    (row,) = product.store.conflicts(state=None)
    assert (row.state, row.sides["a"]["value"], row.how) == ("settled", "A", "policy: prefer b")


def test_agreement_is_never_a_conflict(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    for side in "ab":
        product.tables[side].edit(product.only(side), {"title": "Same"})
    plan, _ = product.sync()

    assert plan.held == []
    assert [["Same"]] * 3 == [product.shows(s) for s in "abc"]


def test_a_held_conflict_blocks_nothing_else_and_closes_when_the_sides_agree(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    for side in "ab":
        product.tables[side].edit(product.only(side), {"title": side.upper()})
    product.tables["a"].edit(product.only("a"), {"note": "free"})
    product.sync()

    assert (["A"], ["B"], ["O"]) == tuple(product.shows(s) for s in "abc")
    assert [["free"]] * 3 == [product.shows(s, "note") for s in "abc"]

    product.tables["b"].edit(product.only("b"), {"title": "A"})
    product.settle()
    assert [["A"]] * 3 == [product.shows(s) for s in "abc"]
    assert [c.state for c in product.store.conflicts(state=None)] == ["closed"]


def test_labels_merge_per_element(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product, labels=["old", "x"])
    product.tables["a"].edit(product.only("a"), {"labels": ["old", "x", "y"]})
    product.tables["b"].edit(product.only("b"), {"labels": ["x"]})
    product.settle()

    assert [[["x", "y"]]] * 3 == [product.shows(s, "labels") for s in "abc"]


def test_a_side_with_one_owner_keeps_the_one_it_chose(tmp_path: Path) -> None:
    specs = {"n": SideSpec((title("n"), owners("n"))), "j": SideSpec((title("j"), one_owner("j")))}
    product = Product(tmp_path / "s.db", specs)
    product.tables["n"].add({"title": "O", "owners": ["bob", "cid"]})
    product.settle()
    product.tables["j"].edit(product.only("j"), {"owners": "dan"})
    product.settle()

    assert ([["cid", "dan"]], ["dan"]) == (product.shows("n", "owners"), product.shows("j", "owners"))


def test_an_edit_against_the_direction_is_recorded_then_put_back(tmp_path: Path) -> None:
    specs = {"a": SideSpec((title("a"), note("a"))), "b": SideSpec((title("b"), note("b", Direction.OUT)))}
    product = Product(tmp_path / "s.db", specs)
    product.tables["a"].add({"title": "O", "note": "N"})
    product.settle()
    product.tables["b"].edit(product.only("b"), {"note": "mine"})
    product.settle()

    assert product.shows("b", "note") == ["N"]
    assert [c.sides["b"]["value"] for c in product.store.conflicts(state=None)] == ["mine"]
