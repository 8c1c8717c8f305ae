"""A configuration that grows, shrinks or names more sides: what is new is looked at, what is old is not rewritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.errors import GuardError
from syncer.mapping.rules import Guards
from syncer.testing.memory import Fault, MemoryTable
from tests.engine.worlds import Product, SideSpec, labels, note, title


def sides(names: str, *, notes: bool) -> dict[str, SideSpec]:
    return {s: SideSpec((title(s), note(s)) if notes else (title(s),)) for s in names}


def grown(product: Product, specs: dict[str, SideSpec]) -> None:
    for side, spec in specs.items():
        if side not in product.tables:
            product.tables[side] = MemoryTable(side, {"row": {r.record_field: r.spec for r in spec.fields}})
            product.tables[side].now = product.now()
    product.specs = specs


def test_a_newly_mapped_field_travels_although_no_record_changed(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", sides("ab", notes=True))
    product.specs = sides("ab", notes=False)
    product.tables["a"].add({"title": "O", "note": "N"})
    product.settle()
    assert product.shows("b", "note") == [None]

    product.specs = sides("ab", notes=True)
    plan, _ = product.sync()

    assert [a.cause for a in plan.actions] == ["configuration"]
    assert product.shows("b", "note") == ["N"]


def test_a_newly_mapped_field_is_counted_by_the_guard(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", sides("ab", notes=True), guards=Guards(max_config_writes=2))
    product.specs = sides("ab", notes=False)
    for name in "pqr":
        product.tables["a"].add({"title": name, "note": name})
    product.settle()
    product.specs = sides("ab", notes=True)
    with pytest.raises(GuardError) as stopped:
        product.sync()

    assert "changed configuration" in str(stopped.value) and "note (3)" in str(stopped.value)
    assert product.shows("b", "note") == [None] * 3
    product.sync(allow=["--allow configuration"])
    assert sorted(map(str, product.shows("b", "note"))) == ["p", "q", "r"]


def test_a_side_that_joins_gets_what_the_others_hold(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", sides("ab", notes=True))
    product.tables["a"].add({"title": "O", "note": "N"})
    product.settle()
    grown(product, sides("abc", notes=True))
    product.tables["c"].add({"title": "o"})
    product.settle()

    assert [["N"]] * 3 == [product.shows(s, "note") for s in "abc"]


def test_a_field_no_longer_mapped_is_left_as_it_stands(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", sides("ab", notes=True))
    ref = product.tables["a"].add({"title": "O", "note": "N"})
    product.settle()
    product.specs = sides("ab", notes=False)
    before = product.writes()
    product.sync()
    product.tables["a"].edit(ref, {"note": "other"})
    product.sync()

    assert before == product.writes()
    assert product.shows("b", "note") == ["N"]


def test_an_edit_made_while_the_other_side_was_away_travels_later(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", sides("ab", notes=True))
    ref = product.tables["a"].add({"title": "O"})
    product.settle()
    product.tables["a"].edit(ref, {"title": "X"})
    product.tables["b"].faults.append(Fault("list"))
    product.sync()
    assert product.shows("b") == ["O"]
    product.sync()

    assert product.shows("b") == ["X"]


def test_a_configuration_that_is_the_same_looks_at_nothing_again(tmp_path: Path) -> None:
    specs = {s: SideSpec((title(s), note(s), labels(s))) for s in "ab"}
    product = Product(tmp_path / "s.db", specs)
    product.tables["a"].add({"title": "O"})
    product.settle()
    assert product.engine().plan(full=True).decisions == {}


def test_progress_counts_up_to_a_known_end(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", sides("ab", notes=True))
    for name in "pqrs":
        product.tables["a"].add({"title": name})
    told: list[tuple[str, int, int]] = []
    engine = product.engine()
    engine.progress = lambda what, count, total: told.append((what, count, total))
    with product.store.lease("r", 90) as lease:
        plan, _ = engine.sync(lease, "r")

    written = [(count, total) for what, count, total in told if what == "writing"]
    assert written == [(n + 1, len(plan.actions)) for n in range(len(plan.actions))]
    assert all(count <= total for what, count, total in told if what.startswith("reading"))


def test_a_write_that_was_owed_before_the_configuration_changed_is_not_counted_as_its_doing(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", sides("ab", notes=False), guards=Guards(max_config_writes=1))
    refs = [product.tables["a"].add({"title": name}) for name in "pqr"]
    product.settle()
    for ref, name in zip(refs, "xyz", strict=True):
        product.tables["a"].edit(ref, {"title": name})
    product.tables["b"].faults.append(Fault("update"))
    product.sync()
    assert sorted(map(str, product.shows("b"))) == ["p", "q", "r"]

    product.specs = sides("ab", notes=True)
    plan, _ = product.sync()

    assert [a.cause for a in plan.actions] == ["unfinished"] * 3
    assert sorted(map(str, product.shows("b"))) == ["x", "y", "z"]


def test_a_plan_made_anew_within_a_run_still_knows_which_side_is_away(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", sides("abc", notes=True))
    product.tables["a"].add({"title": "O"})
    product.settle()
    b, c = product.tables["b"], product.tables["c"]
    product.tables["a"].edit(product.only("a"), {"title": "X"})
    c.faults.append(Fault("list"))
    person = iter([lambda: b.edit(product.only("b"), {"title": "X", "note": "n"})])
    b.before_call = lambda verb: next(person, lambda: None)() if verb == "get" else None
    c.calls.clear()
    _, report = product.sync()

    assert "c" in report.unreachable and [verb for verb, _ in c.calls] == ["list"]
    assert (product.shows("a", "note"), product.shows("c")) == (["n"], ["O"])
    product.settle()
    assert [product.shows(s) + product.shows(s, "note") for s in "abc"] == [["X", "n"]] * 3
