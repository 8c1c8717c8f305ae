"""What a rehearsal tells is what a sync then does; and it writes nothing, whatever it meets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from syncer.adapter import Can
from syncer.errors import GuardError, UnreachableError
from syncer.mapping.rules import FieldRule, Guards
from syncer.record import FieldSpec, FieldType, Raw
from syncer.testing.memory import Fault, Habits, MemoryAdapter
from syncer.testing.rules import Plain
from tests.engine.test_documents import RICH, text
from tests.engine.worlds import Product, SideSpec, coarse_status, labels, note, parent, status, title
from tests.rehearse.stage import holds, rehearse, signs


def three(path: Path, **habits: Habits) -> Product:
    rules = {
        "a": (title("a"), note("a"), labels("a"), status("a"), parent("a")),
        "b": (title("b"), note("b"), labels("b"), coarse_status("b"), parent("b")),
        "c": (title("c"), note("c"), labels("c"), status("c"), parent("c")),
    }
    return Product(path / "s.db", {s: SideSpec(f, habits.get(s, Habits())) for s, f in rules.items()})


def test_a_first_contact_is_done_settles_and_is_undone(tmp_path: Path) -> None:
    product = three(tmp_path)
    a, b = product.tables["a"], product.tables["b"]
    top = a.add({"title": "top", "status": "planned", "labels": ["x", "y"]})
    a.add({"title": "part", "parent": top, "note": "n"})
    b.add({"title": "top", "status": "Closed"})
    b.add({"title": "alone"})
    played = rehearse(product)

    assert signs(played) == ["+a alone", "+b part", "+c alone", "+c part", "+c top", "~b top"]
    assert [(d.title, name) for d, name in played.done.plan.held] == [("top", "status")]
    assert (holds(played), played.exit_code) == (True, 4)
    assert played.read == {"a": 2, "b": 2, "c": 0}
    assert (played.undone.records, played.undone.archived, played.undone.marked) == (4, 5, 4)


def test_what_is_rehearsed_is_what_a_sync_then_does(tmp_path: Path) -> None:
    product = three(tmp_path)
    ref = product.tables["a"].add({"title": "O", "note": "n"})
    product.settle()
    product.tables["a"].edit(ref, {"title": "X", "labels": ["l"]})
    product.tables["c"].add({"title": "new"})
    played = rehearse(product)
    plan, _ = product.sync(full=True)

    assert [a.id for a in plan.actions] == [a.id for a in played.done.plan.actions]
    assert len(plan.actions) >= 4


def test_an_archived_record_is_brought_back_by_the_undo(tmp_path: Path) -> None:
    product = three(tmp_path)
    ref = product.tables["a"].add({"title": "P"})
    product.settle()
    product.tables["a"].trash(ref)
    played = rehearse(product)

    assert signs(played) == ["-b P", "-c P"]
    assert holds(played)


def test_what_lies_in_the_trash_is_brought_back_as_it_was_last_seen(tmp_path: Path) -> None:
    product = three(tmp_path)
    ref = product.tables["a"].add({"title": "P", "note": "n"})
    product.settle()
    product.tables["a"].trash(ref)
    product.tables["b"].edit(product.only("b"), {"note": "edited"})
    played = rehearse(product)

    assert signs(played) == ["^a P", "~a P", "~c P"]
    assert played.settles


def test_a_side_that_archives_nothing_cannot_be_undone_and_is_named(tmp_path: Path) -> None:
    product = three(tmp_path, c=Habits(can=Can.ALL & ~Can.ARCHIVE))
    product.tables["a"].add({"title": "P"})
    played = rehearse(product)

    assert [(one.side, one.label, one.why) for one in played.undone.unlike] == [("c", "P", "c archives nothing")]
    assert (played.settles, played.undone.ok, played.exit_code) == (True, False, 5)


class Forgetful(MemoryAdapter):
    """Declares another normal form each time it is asked."""

    asked = 0

    def normal(self, field: str, raw: Raw) -> Raw:
        Forgetful.asked += 1
        return f"{raw} {Forgetful.asked}" if field == "note" and raw is not None else super().normal(field, raw)


def test_a_value_that_does_not_stay_as_it_is_written_is_named(tmp_path: Path) -> None:
    can = Can.ALL & ~Can.TELLS_EDITOR
    product = three(tmp_path, a=Habits(can=can), b=Habits(can=can), c=Habits(can=can))
    product.tables["a"].add({"title": "P", "note": "n"})
    played = rehearse(product, adapter=Forgetful)

    assert played.clashes == [("P", "note")]
    assert (played.settles, played.exit_code) == (False, 5)
    assert {(one.side, one.field, one.sent) for one in played.stored} == {("b", "note", "n"), ("c", "note", "n")}


def test_a_field_that_a_second_sync_would_write_again_is_named(tmp_path: Path) -> None:
    habits = Habits(can=Can.ALL & ~Can.TELLS_EDITOR)
    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), note(s)), habits) for s in "ab"})
    ref = product.tables["a"].add({"title": "P", "note": "n"})
    product.settle()
    product.tables["a"].edit(ref, {"note": "m"})
    played = rehearse(product, adapter=lambda t: Forgetful(t) if t.name == "b" else MemoryAdapter(t))

    assert [(a.side, a.label, list(a.writes)) for a in played.again] == [("a", "P", ["note"])]
    assert (played.settles, played.exit_code) == (False, 5)


def test_a_declared_normal_form_is_told_and_settles(tmp_path: Path) -> None:
    product = three(tmp_path, c=Habits(capitals=True))
    product.tables["a"].add({"title": "offline maps"})
    played = rehearse(product)

    assert [(one.side, one.label, one.field, one.sent, one.shown) for one in played.stored] == [
        ("c", "offline maps", "title", "offline maps", "Offline maps")
    ]
    assert (holds(played), played.exit_code) == (True, 0)


def test_what_the_schema_refuses_is_refused_and_the_rest_is_done(tmp_path: Path) -> None:
    def short(side: str) -> FieldRule:
        spec = FieldSpec("note", "Note", FieldType.LINE, max_length=3 if side == "b" else 0)
        return Plain("note", spec, FieldType.LINE)

    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), short(s))) for s in "ab"})
    product.tables["a"].add({"title": "P", "note": "much too long"})
    played = rehearse(product)

    assert [(a.label, name, why) for a, name, why in played.done.report.refused] == [
        ("P", "note", "Note holds 3 characters, these are 13")
    ]
    assert (signs(played), holds(played), played.exit_code) == (["+b P"], True, 5)


def test_texts_that_are_read_apart_are_written_and_put_back(tmp_path: Path) -> None:
    def apart(format: str) -> FieldRule:
        rule = text(format)
        return replace(rule, spec=replace(rule.spec, costly=True))  # type: ignore[type-var]

    specs = {"rich": SideSpec((title("rich"), apart("markdown"))), "poor": SideSpec((title("poor"), apart("plain")))}
    product = Product(tmp_path / "s.db", specs)
    product.tables["rich"].add({"title": "T", "body": RICH})
    product.settle()
    ref = product.only("poor")
    words = str(product.tables["poor"].live()[ref]["body"])
    product.tables["poor"].edit(ref, {"body": words.replace("lose the map", "lose the whole map")})
    product.tables["rich"].add({"title": "U", "body": RICH})
    played = rehearse(product)

    assert (signs(played), holds(played), played.stored) == (["+poor U", "~rich T"], True, [])


def test_a_side_that_is_never_written_stays_unwritten(tmp_path: Path) -> None:
    product = three(tmp_path)
    product.tables["a"].add({"title": "P"})
    played = rehearse(product, closed={"c"})

    assert signs(played) == ["+b P"]
    assert {a.side for a in played.done.report.withheld} == {"c"}
    assert holds(played)


def test_a_side_that_cannot_be_read_ends_the_rehearsal(tmp_path: Path) -> None:
    product = three(tmp_path)
    product.tables["a"].add({"title": "P"})
    product.tables["b"].faults.append(Fault("list"))

    with pytest.raises(UnreachableError, match="b was not reached, so that nothing was rehearsed: no connection"):
        rehearse(product)


def test_a_guard_that_stops_a_sync_stops_its_rehearsal(tmp_path: Path) -> None:
    product = three(tmp_path)
    product.guards = Guards(max_writes=1)
    product.tables["a"].add({"title": "P"})

    with pytest.raises(GuardError, match="stopped before writing anything: 2 writes") as stopped:
        rehearse(product)
    assert stopped.value.flag == "--allow writes"
    assert rehearse(product, allow=["--allow writes"]).exit_code == 0


def test_an_interrupted_create_is_found_and_finished(tmp_path: Path) -> None:
    product = three(tmp_path)
    product.tables["a"].add({"title": "P", "note": "n"})
    product.tables["b"].faults += [Fault("create", when="after"), Fault("find"), Fault("get")]
    product.sync()
    played = rehearse(product)

    assert [s for s in signs(played) if s.startswith("+")] == []
    assert played.settles
