"""The named cases of the design about runs that die, meet one another, or never hear an answer; on the real store."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.adapter import Can
from syncer.errors import BusyError
from syncer.mapping.rules import FieldRule
from syncer.record import FieldSpec, FieldType
from syncer.testing.memory import Fault, Habits
from syncer.testing.rules import Plain
from tests.engine.worlds import Product, SideSpec, note, title


class Killed(BaseException):
    """The process dies here."""


def die_at(product: Product, side: str, verb: str, times: int) -> None:
    """Sync, and die right after a side's call took effect for the so-many-th time."""
    left = [times]

    def count(called: str) -> None:
        left[0] -= called == verb
        if left[0] == 0:
            raise Killed

    product.tables[side].after_call = count
    with pytest.raises(Killed):
        product.sync()
    product.tables[side].after_call = None
    product.reopen()


NOTHING_SPECIAL = Habits()


def two(path: Path, habits: Habits = NOTHING_SPECIAL) -> Product:
    specs = {"a": SideSpec((title("a"), note("a"))), "b": SideSpec((title("b"), note("b")), habits)}
    return Product(path / "s.db", specs, make_store=None)


def test_killed_after_the_third_of_four_creates_the_rerun_makes_four(tmp_path: Path) -> None:
    product = two(tmp_path)
    for name in "pqrs":
        product.tables["a"].add({"title": name})
    die_at(product, "b", "create", 3)
    assert len(product.tables["b"].rows) == 3

    product.settle()
    assert list("pqrs") == sorted(map(str, product.shows("b")))
    assert len(product.tables["b"].rows) == 4


def test_two_runs_at_the_same_moment_make_one_record(tmp_path: Path) -> None:
    product = two(tmp_path)
    product.tables["a"].add({"title": "O"})

    def another_run(_: str) -> None:
        product.tables["b"].before_call = None
        with pytest.raises(BusyError):
            product.sync()

    product.tables["b"].before_call = another_run
    product.settle()

    assert product.shows("b") == ["O"]


def criteria(side: str) -> FieldRule:
    return Plain("criteria", FieldSpec("criteria", "criteria", FieldType.SEQUENCE), FieldType.SEQUENCE)


def test_what_was_appended_before_the_run_died_is_not_appended_twice(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), criteria(s))) for s in "abc"}, make_store=None)
    product.tables["a"].add({"title": "O", "criteria": [{"text": "one", "done": False}]})
    product.settle()
    longer = [{"text": "one", "done": False}, {"text": "two", "done": False}]
    product.tables["a"].edit(product.only("a"), {"criteria": longer})  # type: ignore[dict-item]
    die_at(product, "b", "update", 1)
    product.settle()

    assert [[longer]] * 3 == [product.shows(s, "criteria") for s in "abc"]


def test_words_written_on_our_record_before_we_found_it_survive(tmp_path: Path) -> None:
    product = two(tmp_path)
    product.tables["a"].add({"title": "O"})
    product.tables["b"].faults += [Fault("create", when="after"), Fault("find")]
    product.sync()
    product.tables["b"].edit(product.only("b"), {"title": "better", "note": "by a person"})
    product.reopen()
    product.settle()

    assert [["better"]] * 2 == [product.shows(s) for s in "ab"]
    assert [["by a person"]] * 2 == [product.shows(s, "note") for s in "ab"]


def test_what_may_be_our_unsettled_create_is_not_born_as_another_item(tmp_path: Path) -> None:
    bare = Habits(can=Can.ALL & ~Can.TAG_IN_CREATE & ~Can.TAG & ~Can.TELLS_EDITOR)
    specs = {"a": SideSpec((title("a"),), match=()), "b": SideSpec((title("b"),), bare, match=())}
    product = Product(tmp_path / "s.db", specs, make_store=None)
    product.tables["a"].add({"title": "p"})
    product.settle()
    product.tables["a"].add({"title": "O"})
    product.tables["b"].faults.append(Fault("create", when="after"))
    product.sync()
    product.tables["b"].faults.append(Fault("list"))  # the looking fails, the listing after it does not
    product.sync(full=True)
    product.sync(full=True)
    product.reopen()
    product.settle()

    assert [["O", "p"]] * 2 == [sorted(map(str, product.shows(s))) for s in "ab"]


def test_a_side_that_could_not_hear_of_a_restored_item_gets_it_later(tmp_path: Path) -> None:
    product = two(tmp_path)
    ref = product.tables["a"].add({"title": "O"})
    product.settle()
    product.tables["a"].trash(ref)
    product.sync(full=True)
    product.tables["a"].untrash(ref)
    product.tables["b"].faults.append(Fault("list"))
    product.sync(full=True)
    assert product.shows("b") == []

    product.settle()
    assert product.shows("b") == ["O"]


def test_an_empty_listing_does_not_prove_that_a_create_never_landed(tmp_path: Path) -> None:
    bare = Habits(can=Can.ALL & ~Can.TAG_IN_CREATE & ~Can.TAG & ~Can.TELLS_EDITOR)
    product = two(tmp_path, bare)
    product.tables["a"].add({"title": "O"})
    product.tables["b"].faults.append(Fault("create", when="after"))
    product.sync()
    product.tables["b"].empty_listing = True
    product.sync()
    product.reopen()
    product.settle()

    assert product.shows("b") == ["O"]


def test_a_create_that_never_landed_is_made_by_the_run_that_finds_out(tmp_path: Path) -> None:
    product = two(tmp_path, Habits(lag=5, find_lag=5))
    product.tables["a"].add({"title": "O"})
    product.tables["b"].faults.append(Fault("create", "unknown"))
    product.sync()
    product.sync()
    assert product.shows("b") == []

    product.tick(200)
    product.sync()
    assert product.shows("b") == ["O"]
