"""The named cases of the design: what systems do, and what is removed or met for the first time. Each happened to users
of other tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.adapter import Can
from syncer.errors import GuardError
from syncer.mapping.rules import Guards
from syncer.testing.memory import Fault, Habits
from tests.engine.worlds import (
    Product,
    SideSpec,
    born,
    note,
    three,
    title,
)


def test_an_empty_listing_removes_nothing(tmp_path: Path) -> None:
    product = three(tmp_path)
    for name in "pqr":
        product.tables["a"].add({"title": name})
    product.settle()
    product.tables["a"].empty_listing = True
    with pytest.raises(GuardError) as stopped:
        product.sync(full=True)

    assert "suddenly empty" in str(stopped.value)
    assert stopped.value.flag == "--allow empty"
    assert sorted(product.shows("b")) == ["p", "q", "r"]


def test_a_listing_that_breaks_off_proves_no_absence(tmp_path: Path) -> None:
    product = three(tmp_path)
    for name in "pqrstu":
        product.tables["a"].add({"title": name})
    product.settle()
    product.tables["a"].cut_listing = True
    product.sync(full=True)

    assert sorted(product.shows("b")) == list("pqrstu")


def test_a_create_that_timed_out_but_landed_is_not_repeated(tmp_path: Path) -> None:
    product = three(tmp_path)
    product.tables["a"].add({"title": "O"})
    product.tables["b"].faults.append(Fault("create", when="after"))
    product.sync()
    product.reopen()
    product.settle()

    assert product.shows("b") == ["O"]


def test_a_create_whose_look_up_fails_too_waits_and_is_not_repeated(tmp_path: Path) -> None:
    product = three(tmp_path)
    product.tables["a"].add({"title": "O"})
    product.tables["b"].faults += [Fault("create", when="after"), Fault("find", times=1)]
    _, report = product.sync()

    assert [reason for _, reason in report.waiting] == ["the create may have landed; it is looked for next time"]
    product.reopen()
    product.settle()
    assert product.shows("b") == ["O"]


def test_one_refused_field_does_not_keep_the_title_from_syncing(tmp_path: Path) -> None:
    specs = {"n": SideSpec((title("n"), note("n"))), "j": SideSpec((title("j"), note("j")))}
    product = Product(tmp_path / "s.db", specs)
    product.tables["n"].add({"title": "O"})
    product.settle()
    table = product.tables["j"]
    table.refuses = {"note": "inactive"}
    product.tables["n"].edit(product.only("n"), {"title": "X", "note": "N"})
    _, report = product.sync()

    assert product.shows("j") == ["X"]
    assert [(name, why) for _, name, why in report.refused] == [("note", "inactive")]
    calls = len(product.writes())
    product.sync()
    assert calls == len(product.writes())


def test_a_removal_is_archived_elsewhere_and_our_own_archive_is_no_removal(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    product.tables["a"].trash(product.only("a"))
    product.sync(full=True)
    before = product.writes()
    for _ in range(3):
        product.sync(full=True)

    assert [[], [], []] == [product.shows(s) for s in "abc"]
    assert before == product.writes()
    assert {row.archived for row in product.tables["b"].rows.values()} == {True}


def test_an_edit_elsewhere_beats_a_removal(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    product.tables["a"].trash(product.only("a"))
    product.tables["b"].edit(product.only("b"), {"note": "still needed"})
    product.settle()

    assert [["still needed"]] * 3 == [product.shows(s, "note") for s in "abc"]


def test_a_restored_record_brings_the_item_back(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    ref = product.only("a")
    product.tables["a"].trash(ref)
    product.sync(full=True)
    product.tables["a"].untrash(ref)
    product.settle()

    assert [["O"]] * 3 == [product.shows(s) for s in "abc"]


def test_a_record_hidden_from_us_is_a_question_and_removes_nothing(tmp_path: Path) -> None:
    specs = {
        "a": SideSpec((title("a"),), Habits(hides_gone=True)),
        "b": SideSpec((title("b"),)),
    }
    product = Product(tmp_path / "s.db", specs)
    born(product)
    product.tables["a"].trash(product.only("a"))
    plan, _ = product.sync(full=True)

    assert [q.about for q in plan.questions] == ["hidden"]
    assert product.shows("b") == ["O"]


def test_a_copied_record_is_a_new_item(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    ref = product.only("a")
    product.tables["a"].copy(ref)
    product.settle()
    assert [["O", "O"]] * 3 == [product.shows(s) for s in "abc"]

    product.tables["a"].trash(ref)
    product.settle()
    assert [["O"]] * 3 == [product.shows(s) for s in "abc"]


def test_first_contact_links_what_fits_fills_what_is_empty_and_removes_nothing(tmp_path: Path) -> None:
    product = three(tmp_path)
    product.tables["a"].add({"title": "Login", "note": "from a"})
    product.tables["b"].add({"title": "Login"})
    product.tables["b"].add({"title": "Only b"})
    product.settle()

    assert sorted(str(x).lower() for x in product.shows("a")) == ["login", "only b"]
    assert sorted(str(x) for x in product.shows("c", "note")) == ["None", "from a"]


def test_an_ambiguous_match_is_a_question(tmp_path: Path) -> None:
    product = three(tmp_path)
    product.tables["a"].add({"title": "Login"})
    product.tables["b"].add({"title": "Login"})
    product.tables["b"].add({"title": "Login"})
    plan, _ = product.sync()

    assert [q.about for q in plan.questions] == ["match"]
    assert product.writes() == []


def test_a_second_edit_within_the_grain_of_the_clock_is_not_missed(tmp_path: Path) -> None:
    specs = {"a": SideSpec((title("a"), note("a")), Habits(grain=60)), "b": SideSpec((title("b"), note("b")))}
    product = Product(tmp_path / "s.db", specs)
    born(product)
    product.tick(300)
    product.tables["a"].edit(product.only("a"), {"title": "first"})
    product.sync()
    product.tables["a"].edit(product.only("a"), {"title": "second"})
    product.sync()

    assert product.shows("b") == ["second"]


def test_our_own_write_that_the_index_does_not_show_yet_is_not_reverted(tmp_path: Path) -> None:
    specs = {"a": SideSpec((title("a"),)), "b": SideSpec((title("b"),), Habits(lag=3, find_lag=3))}
    product = Product(tmp_path / "s.db", specs)
    born(product)
    product.tables["a"].edit(product.only("a"), {"title": "X"})
    product.sync()
    for _ in range(4):
        product.sync(full=True)

    assert (["X"], ["X"]) == (product.shows("a"), product.shows("b"))


def test_a_normalisation_is_not_written_again_and_does_not_travel_back(tmp_path: Path) -> None:
    specs = {"a": SideSpec((title("a"),)), "b": SideSpec((title("b"),), Habits(capitals=True))}
    product = Product(tmp_path / "s.db", specs)
    product.tables["a"].add({"title": "small"})
    product.settle()
    before = product.writes()
    product.sync(full=True)

    assert (["small"], ["Small"]) == (product.shows("a"), product.shows("b"))
    assert before == product.writes()


def test_too_many_removals_stop_the_plan(tmp_path: Path) -> None:
    product = three(tmp_path, guards=Guards(max_removals=2, max_removal_share=0.1))
    refs = [product.tables["a"].add({"title": str(n)}) for n in range(6)]
    product.settle()
    for ref in refs[:4]:
        product.tables["a"].trash(ref)
    with pytest.raises(GuardError) as stopped:
        product.sync(full=True)

    assert "4 of 6 records were removed on a" in str(stopped.value)
    assert len(product.shows("b")) == 6
    product.sync(full=True, allow=["--allow removals"])
    assert len(product.shows("b")) == 2


def test_a_side_that_cannot_be_reached_is_left_alone_and_the_rest_goes_on(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    product.tables["a"].edit(product.only("a"), {"title": "X"})
    product.tables["c"].faults.append(Fault("list"))
    _, report = product.sync()

    assert set(report.unreachable) == {"c"}
    assert (["X"], ["X"], ["O"]) == tuple(product.shows(s) for s in "abc")
    product.sync()
    assert product.shows("c") == ["X"]


def test_idle_syncs_cost_one_listing_a_side(tmp_path: Path) -> None:
    product = three(tmp_path)
    born(product)
    product.sync()
    for table in product.tables.values():
        table.calls.clear()
    product.sync()

    assert [["list"]] * 3 == [[verb for verb, _ in product.tables[s].calls] for s in "abc"]


def test_a_side_without_our_tag_in_its_creates_does_not_double_either(tmp_path: Path) -> None:
    bare = Can.ALL & ~Can.TAG_IN_CREATE & ~Can.TELLS_EDITOR
    specs = {"a": SideSpec((title("a"), note("a"))), "b": SideSpec((title("b"), note("b")), Habits(bare))}
    product = Product(tmp_path / "s.db", specs)
    product.tables["a"].add({"title": "O", "note": "N"})
    product.tables["b"].faults.append(Fault("create", when="after"))
    product.sync()
    product.reopen()
    product.settle()

    assert product.shows("b") == ["O"]
