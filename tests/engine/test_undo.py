"""Undo: every side holds what it held, save for later edits by people; and nothing is done again."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path

from syncer.engine.apply import Report
from syncer.engine.plan import Plan
from syncer.engine.undo import Undoing
from syncer.record import Raw
from tests.engine.worlds import Product, SideSpec, coarse_status, labels, note, parent, status, title

UNDOS = itertools.count(1)


def three(path: Path) -> Product:
    fields = {
        "a": (title("a"), note("a"), labels("a"), status("a"), parent("a")),
        "b": (title("b"), note("b"), labels("b"), coarse_status("b"), parent("b")),
        "c": (title("c"), note("c"), labels("c"), status("c"), parent("c")),
    }
    return Product(path / "s.db", {s: SideSpec(f) for s, f in fields.items()})


def undo(product: Product, run: str, item: str = "", field: str = "") -> tuple[Plan, Report]:
    name = f"u{next(UNDOS)}"
    with product.store.lease(name, 90) as lease:
        done = product.engine().undo(lease, name, Undoing(run, item, field), lambda action: True)
    product.tick()
    return done


def run_of(product: Product) -> str:
    """Return the last run that wrote to a side."""
    return [row.run for row in product.store.journal() if row.side][-1]


def everything(product: Product) -> dict[str, dict[str, dict[str, Raw]]]:
    return {s: {str(ref): dict(f) for ref, f in t.live().items()} for s, t in product.tables.items()}


def stays(product: Product) -> None:
    """Any number of syncs after an undo write nothing."""
    before, held = product.writes(), everything(product)
    for _ in range(3):
        product.sync(full=True)
    assert (product.writes(), everything(product)) == (before, held)


def test_an_update_is_put_back_where_we_wrote_it_and_stays_where_a_person_did(tmp_path: Path) -> None:
    product = three(tmp_path)
    ref = product.tables["a"].add({"title": "O", "status": "planned"})
    product.settle()
    product.tables["b"].edit(product.only("b"), {"status": "To Do"})
    product.settle()
    before = everything(product)
    product.tables["a"].edit(ref, {"title": "X", "status": "done"})
    product.sync()
    undo(product, run_of(product))

    now = everything(product)
    assert (now["b"], now["c"]) == (before["b"], before["c"])
    assert product.shows("a") == ["X"]
    stays(product)
    assert {(c.field, c.kind) for c in product.store.conflicts()} == {("title", "undone"), ("status", "undone")}


def test_what_was_undone_travels_when_a_person_takes_it_or_the_sides_agree(tmp_path: Path) -> None:
    product = three(tmp_path)
    ref = product.tables["a"].add({"title": "O"})
    product.settle()
    product.tables["a"].edit(ref, {"title": "X"})
    product.sync()
    undo(product, run_of(product))
    product.tables["a"].edit(ref, {"title": "O"})
    product.settle()
    assert product.store.conflicts() == []

    product.tables["a"].edit(ref, {"title": "Y"})
    product.settle()
    assert [["Y"]] * 3 == [product.shows(s) for s in "abc"]


def test_a_run_that_created_many_is_undone_and_nothing_is_archived_or_created_afterwards(tmp_path: Path) -> None:
    product = three(tmp_path)
    for n in range(40):
        product.tables["a"].add({"title": f"T{n}"})
    product.sync()
    plan, _ = undo(product, run_of(product))

    assert len([a for a in plan.actions if a.verb.value == "archive"]) == 80
    assert (len(product.shows("a")), product.shows("b"), product.shows("c")) == (40, [], [])
    stays(product)


def test_what_people_touched_since_is_listed_and_left_alone(tmp_path: Path) -> None:
    product = three(tmp_path)
    for name in ("P", "Q"):
        product.tables["a"].add({"title": name})
    product.sync()
    made = run_of(product)
    worked = next(r for r, f in product.tables["b"].live().items() if f["title"] == "P")
    product.tables["b"].edit(worked, {"note": "mine"})
    plan, _ = undo(product, made)

    assert product.shows("b") == ["P"]
    assert "left alone: P on b: somebody has worked on it since" in plan.notes


def test_an_edit_since_is_not_overwritten_by_an_undo(tmp_path: Path) -> None:
    product = three(tmp_path)
    ref = product.tables["a"].add({"title": "O", "note": "n"})
    product.settle()
    product.tables["a"].edit(ref, {"title": "X", "note": "m"})
    product.sync()
    made = run_of(product)
    product.tables["b"].edit(product.only("b"), {"title": "Z"})
    plan, _ = undo(product, made)

    assert (product.shows("b"), product.shows("b", "note")) == (["Z"], ["n"])
    assert "left alone: X on b: title was edited since" in plan.notes


def test_a_record_with_something_below_it_is_not_archived(tmp_path: Path) -> None:
    product = three(tmp_path)
    top = product.tables["a"].add({"title": "top"})
    product.sync()
    made = run_of(product)
    product.tables["a"].add({"title": "below", "parent": top})
    product.settle()
    plan, _ = undo(product, made)

    assert sorted(map(str, product.shows("b"))) == ["below", "top"]
    assert any("is below it" in note for note in plan.notes)


def test_what_is_below_elsewhere_only_keeps_no_record_from_being_archived(tmp_path: Path) -> None:
    fields = {s: (title(s), note(s), parent(s)) for s in "ab"}
    product = Product(tmp_path / "s.db", {"a": SideSpec(fields["a"]), "b": SideSpec(fields["b"], creates=False)})
    top = product.tables["a"].add({"title": "top"})
    product.tables["a"].add({"title": "below", "parent": top})
    product.sync()
    product.specs["b"] = SideSpec(fields["b"])
    only_top = {a.id for a in product.plan(full=True).actions if a.side == "b" and a.label == "top"}
    product.sync(full=True, only=lambda action: action.id in only_top)
    assert product.shows("b") == ["top"]
    plan, _ = undo(product, run_of(product))

    assert product.shows("b") == []
    assert plan.notes == ()


def test_what_the_run_itself_put_below_a_record_keeps_it_no_longer_once_that_is_undone(tmp_path: Path) -> None:
    product = three(tmp_path)
    part = product.tables["a"].add({"title": "part"})
    product.settle()
    product.tables["a"].edit(part, {"parent": product.tables["a"].add({"title": "top"})})
    product.sync()
    assert sorted(map(str, product.shows("b"))) == ["part", "top"]
    plan, _ = undo(product, run_of(product))

    assert (product.shows("b"), product.shows("b", "parent")) == (["part"], [None])
    assert plan.notes == ()


def test_a_removal_is_undone_and_holds(tmp_path: Path) -> None:
    product = three(tmp_path)
    ref = product.tables["a"].add({"title": "O"})
    product.settle()
    product.tables["a"].trash(ref)
    product.sync(full=True)
    assert product.shows("b") == []
    undo(product, run_of(product))

    assert (product.shows("a"), product.shows("b"), product.shows("c")) == ([], ["O"], ["O"])
    stays(product)


def test_an_undo_is_itself_undone(tmp_path: Path) -> None:
    product = three(tmp_path)
    ref = product.tables["a"].add({"title": "O", "labels": ["x"]})
    product.settle()
    product.tables["a"].edit(ref, {"title": "X", "labels": ["x", "y"]})
    product.sync()
    after = everything(product)
    undo(product, run_of(product))
    undo(product, run_of(product))

    assert everything(product) == after
    product.settle()
    assert product.store.conflicts() == []
    stays(product)


def test_one_field_or_one_item_alone_can_be_undone(tmp_path: Path) -> None:
    product = three(tmp_path)
    refs = [product.tables["a"].add({"title": name, "note": "n"}) for name in "PQ"]
    product.settle()
    for ref in refs:
        product.tables["a"].edit(ref, {"note": "m", "labels": ["l"]})
    product.sync()
    item = next(i.id for i in product.store.items().values() if i.fields["title"] == "P")
    undo(product, run_of(product), item=item, field="note")

    shown = {str(f["title"]): (f["note"], f["labels"]) for f in product.tables["b"].live().values()}
    assert shown == {"P": ("n", ["l"]), "Q": ("m", ["l"])}
    stays(product)


def test_an_undo_killed_in_the_middle_can_be_finished(tmp_path: Path) -> None:
    product = three(tmp_path)
    ref = product.tables["a"].add({"title": "O"})
    product.settle()
    before = everything(product)
    product.tables["a"].edit(ref, {"title": "X"})
    product.sync()
    made = run_of(product)

    class Killed(BaseException):
        pass

    def die(verb: str) -> None:
        if verb == "update":
            raise Killed

    product.tables["b"].after_call = die
    with contextlib.suppress(Killed):
        undo(product, made)
    product.tables["b"].after_call = None
    product.reopen()
    undo(product, made)

    assert (everything(product)["b"], everything(product)["c"]) == (before["b"], before["c"])
    stays(product)
