"""A record that fewer people may see than its collection is carried nowhere; no byte of it is kept, told or logged."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from syncer.engine import plandoc
from syncer.engine.plan import Plan
from syncer.engine.undo import Undoing
from syncer.record import Ref
from syncer.store.rows import LinkState
from syncer.testing.memory import Fault, Habits
from tests.engine.worlds import Product, SideSpec, labels, note, parent, title
from tests.privacy.conftest import kept_bytes

SECRET = "Layoffs-in-May"
WHO = "only-Ann-and-Bob"
EVERYWHERE = {"title": SECRET, "note": SECRET, "labels": [SECRET]}


class Watched(Product):
    """A product on two sides whose plans, reports and logs are all written down."""

    told: str = ""

    def sync(self, **how):
        plan, report = super().sync(**how)
        self.tell(plan)
        self.told += repr(report)
        return plan, report

    def tell(self, plan: Plan) -> Plan:
        self.told += json.dumps(plandoc.to_json(plan, "now")) + repr(plan)
        return plan

    def hide(self, ref: Ref, side: str = "a") -> None:
        """Let a person restrict a record."""
        table = self.tables[side]
        table.rows[ref].restricted = WHO
        table._touch(table.rows[ref], SECRET)

    def show(self, ref: Ref, side: str = "a") -> None:
        """Let everybody see it again."""
        table = self.tables[side]
        table.rows[ref].restricted = ""
        table._touch(table.rows[ref], "ann")

    def state(self, side: str = "a") -> list[LinkState]:
        return [of[side].state for of in self.store.links().values() if side in of]


@pytest.fixture
def product(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Watched]:
    """Two sides with a record in step, and one more that is restricted by the test; at the end, no byte is found."""
    caplog.set_level(logging.DEBUG)
    specs = {s: SideSpec((title(s), note(s), labels(s), parent(s))) for s in "ab"}
    made = Watched(tmp_path / "state.db", specs, make_store=None)
    made.tables["a"].add({"title": "Share"})
    made.settle()
    yield made
    made.store.close()
    everywhere = made.told + caplog.text + repr(made.tables["b"].rows)
    for word in (SECRET, WHO):
        assert word not in everywhere
        assert word.encode() not in kept_bytes(tmp_path / "state.db")
    assert "Share" in everywhere
    assert b"Share" in kept_bytes(tmp_path / "state.db")


def linked(product: Watched) -> Ref:
    """Return a record of a that is linked to one of b, both as everybody may see them."""
    ref = product.tables["a"].add({"title": "Plan", "note": "draft"})
    product.settle()
    return ref


def test_what_is_restricted_from_the_start_is_named_by_its_address_alone(product: Watched):
    ref = product.tables["a"].add(EVERYWHERE)
    product.hide(ref)
    plan, _ = product.sync(full=True)

    assert f"{ref} on a is restricted: not carried" in plan.notes
    assert product.shows("b") == ["Share"]
    assert product.store.strays() == []


def test_many_are_counted_and_some_are_named(product: Watched):
    for _ in range(13):
        product.hide(product.tables["a"].add(EVERYWHERE))
    plan, _ = product.sync(full=True)

    (told,) = [n for n in plan.notes if "restricted" in n]
    assert told.endswith(" and 3 more on a are restricted: not carried")


def test_what_becomes_restricted_is_neither_read_nor_written_and_its_copies_stay(product: Watched):
    ref = linked(product)
    product.hide(ref)
    product.tables["a"].edit(ref, EVERYWHERE, by=SECRET)
    plan, _ = product.sync()
    assert f"{ref} on a is restricted: not carried" in plan.notes
    assert product.state() == ["live", "restricted"]

    (other,) = (r for r, fields in product.tables["b"].live().items() if fields["title"] == "Plan")
    product.tables["b"].edit(other, {"note": "final"})
    for _ in range(3):
        plan, report = product.sync(full=True)

    assert plan.actions == () and report.stale == []
    assert product.shows("b", "note") == [None, "final"]
    assert product.tables["a"].rows[ref].fields["note"] == SECRET
    assert product.tell(product.plan(full=True)).actions == ()


def test_a_restricted_record_whose_item_has_no_title_lends_it_no_name(tmp_path: Path):
    class Untitled(Watched):
        @property
        def rules(self):
            rules = super().rules
            kinds = {n: replace(s.kinds["story"], fields={"note": note(n)}) for n, s in rules.sides.items()}
            return replace(rules, sides={n: replace(s, kinds={"story": kinds[n]}) for n, s in rules.sides.items()})

    specs = {s: SideSpec((title(s), note(s)), match=()) for s in "ab"}
    product = Untitled(tmp_path / "s.db", specs, make_store=None)
    ref = product.tables["a"].add({"note": "draft"})
    product.settle()
    product.hide(ref)
    product.tables["a"].edit(ref, {"title": SECRET})
    product.tables["b"].edit(product.only("b"), {"note": "final"})
    product.sync()

    assert "restricted" in product.told
    assert SECRET not in product.told


def test_what_everybody_may_see_again_takes_part_with_what_was_edited_meanwhile(product: Watched):
    ref = linked(product)
    product.hide(ref)
    product.sync()
    product.tables["a"].edit(ref, {"note": "better"})
    product.show(ref)
    (other,) = (r for r, fields in product.tables["b"].live().items() if fields["title"] == "Plan")
    product.tables["b"].edit(other, {"labels": ["x"]})
    product.sync()

    assert product.state() == ["live", "live"]
    assert product.shows("b", "note") == [None, "better"]
    assert product.tables["a"].rows[ref].fields["labels"] == ["x"]
    assert product.plan(full=True).actions == ()


def test_a_removal_of_what_is_restricted_is_carried_nowhere(product: Watched):
    ref = linked(product)
    product.hide(ref)
    product.tables["a"].edit(ref, EVERYWHERE)
    product.tables["a"].rows[ref].archived = True
    product.sync(full=True)
    product.tables["a"].trash(ref)
    product.sync(full=True)

    assert product.shows("b") == ["Share", "Plan"]


def test_what_is_restricted_and_unlinked_from_its_filter_is_not_asked_for(product: Watched):
    ref = linked(product)
    product.hide(ref)
    product.sync(full=True)
    product.tables["a"].calls.clear()
    product.sync()

    assert [verb for verb, _ in product.tables["a"].calls] == ["list"]


def test_a_conflict_loses_the_word_of_the_side_that_is_restricted(product: Watched):
    ref = linked(product)
    (other,) = (r for r, fields in product.tables["b"].live().items() if fields["title"] == "Plan")
    product.tables["a"].edit(ref, {"note": "one"})
    product.tables["b"].edit(other, {"note": "two"})
    product.sync()
    assert [c.field for c in product.store.conflicts()] == ["note"]
    product.hide(ref)
    product.tables["a"].edit(ref, EVERYWHERE)
    product.sync()

    assert product.store.conflicts() == []
    assert product.tables["b"].live()[other]["note"] == "two"
    assert product.tables["a"].rows[ref].fields["note"] == SECRET


def test_what_is_restricted_between_our_reading_and_our_writing_is_not_written(product: Watched):
    ref = linked(product)
    table = product.tables["a"]
    (other,) = (r for r, fields in product.tables["b"].live().items() if fields["title"] == "Plan")
    product.tables["b"].edit(other, {"note": "final"})

    def person(verb: str) -> None:
        if verb == "get":
            table.before_call = None
            table.edit(ref, EVERYWHERE)
            product.hide(ref)

    table.before_call = person
    product.sync()
    product.sync()

    assert table.rows[ref].fields["note"] == SECRET
    assert "note" not in {name for _, name in table.written}
    assert product.state() == ["live", "restricted"]


def test_the_answer_to_a_write_tells_nothing_of_what_it_has_become(product: Watched):
    ref = linked(product)
    table = product.tables["a"]
    (other,) = (r for r, fields in product.tables["b"].live().items() if fields["title"] == "Plan")
    product.tables["b"].edit(other, {"note": "final"})

    def person(_ref: Ref, _fields: object) -> None:
        table.edit(ref, {"title": SECRET, "labels": [SECRET]})
        product.hide(ref)

    table.between = person
    product.sync()
    product.sync()

    assert product.state() == ["live", "restricted"]
    assert product.shows("b") == ["Share", "Plan"]


def after(product: Watched, verb: str) -> None:
    """Have the next record of a that we create or restore restricted, and rewritten, before we are answered."""
    table = product.tables["a"]

    def person(done: str) -> None:
        if done == verb:
            table.after_call = None
            row = max(table.rows.values(), key=lambda row: row.serial)
            table.edit(row.ref, EVERYWHERE, by=SECRET)
            product.hide(row.ref)

    table.after_call = person


def test_what_a_system_restricts_at_its_birth_is_not_read_back(product: Watched):
    after(product, "create")
    product.tables["b"].add({"title": "New"})
    product.sync()
    product.sync()

    assert product.state() == ["live", "restricted"]
    assert product.tell(product.plan(full=True)).actions == ()


def test_what_is_restored_and_restricted_by_then_is_not_read_back(product: Watched):
    ref = linked(product)
    (other,) = (r for r, fields in product.tables["b"].live().items() if fields["title"] == "Plan")
    product.tables["a"].trash(ref)
    product.tables["b"].edit(other, {"note": "final"})
    after(product, "restore")
    product.sync(full=True)
    assert "restore" in [verb for verb, _ in product.tables["a"].calls]
    product.sync(full=True)

    assert product.state() == ["live", "restricted"]
    assert product.shows("b", "note") == [None, "final"]


def test_a_create_that_is_found_again_and_restricted_by_then_is_not_read(product: Watched):
    product.tables["b"].add({"title": "New"})
    table = product.tables["a"]
    table.habits = replace(table.habits, find_lag=600.0)
    table.faults += [Fault("create", error="unknown", when="after"), Fault("find")]
    product.sync()
    (ref,) = (r for r, fields in table.live().items() if fields["title"] == "New")
    table.edit(ref, EVERYWHERE)
    product.hide(ref)
    product.sync(full=True)
    product.sync(full=True)

    assert len(table.rows) == 2
    assert sorted(map(str, product.shows("b"))) == ["New", "Share"]
    assert product.tell(product.plan(full=True)).actions == ()


def test_undo_leaves_it_alone(product: Watched):
    ref = linked(product)
    (other,) = (r for r, fields in product.tables["b"].live().items() if fields["title"] == "Plan")
    product.tables["b"].edit(other, {"note": "final"})
    product.sync()
    run = f"r{product.runs}"
    product.hide(ref)
    product.tables["a"].edit(ref, {"title": SECRET, "labels": [SECRET]})
    plan = product.tell(product.engine().undoer(Undoing(run)).plan())

    assert plan.actions == ()
    assert plan.notes == (f"left alone: {ref} on a is restricted",)


def test_a_state_that_is_rebuilt_makes_no_twin_of_it(tmp_path: Path):
    specs = {s: SideSpec((title(s), note(s)), Habits()) for s in "ab"}
    product = Watched(tmp_path / "s.db", specs, make_store=None)
    ref = product.tables["a"].add({"title": "Plan"})
    product.settle()
    product.hide(ref)
    product.tables["a"].edit(ref, {"title": SECRET, "note": SECRET})
    product.store.close()
    (tmp_path / "s.db").unlink()
    product.store = product.open()
    with product.store.lease("rebuild", 90) as lease:
        product.engine().rebuild(lease, "rebuild")
    plan, _ = product.sync(full=True)

    assert plan.actions == ()
    assert product.state() == ["restricted"]
    assert (len(product.tables["a"].rows), len(product.tables["b"].rows)) == (1, 1)
    assert SECRET not in product.told


def test_a_copy_of_it_that_everybody_may_see_is_a_thing_of_its_own(product: Watched):
    ref = linked(product)
    product.hide(ref)
    product.sync()
    copy = product.tables["a"].copy(ref)
    product.show(copy)
    product.settle()

    links = {of["a"].ref: item for item, of in product.store.links().items()}
    assert links[copy] != links[ref]
    assert sorted(product.state()) == ["live", "live", "restricted"]


def test_a_side_that_carries_what_is_restricted_says_so_in_its_configuration(tmp_path: Path):
    class Carrying(Watched):
        @property
        def rules(self):
            rules = super().rules
            return replace(rules, sides={n: replace(s, restricted="carry") for n, s in rules.sides.items()})

    product = Carrying(tmp_path / "s.db", {s: SideSpec((title(s), note(s))) for s in "ab"}, make_store=None)
    product.hide(product.tables["a"].add({"title": "Plan"}))
    product.sync(full=True)

    assert product.shows("b") == ["Plan"]


def test_what_was_set_aside_takes_part_again_when_the_configuration_says_so(tmp_path: Path):
    class Changing(Watched):
        says = "skip"

        @property
        def rules(self):
            rules = super().rules
            sides = {n: replace(s, restricted=self.says) for n, s in rules.sides.items()}
            return replace(rules, sides=sides, fingerprint=self.says)

    product = Changing(tmp_path / "s.db", {s: SideSpec((title(s), note(s))) for s in "ab"}, make_store=None)
    ref = linked(product)
    product.hide(ref)
    product.tables["a"].edit(ref, {"note": "better"})
    product.sync()
    assert product.state() == ["restricted"]
    product.says = "carry"
    product.sync()

    assert product.state() == ["live"]
    assert product.shows("b", "note") == ["better"]
