"""Hypothesis's people: they edit three sides of different abilities at random, systems misbehave, runs die.

Beside single deeds there are short stories, such as "edited here, removed there": what goes wrong in engines needs
two or three deeds in a row, which single rules would meet once in thousands of examples.
"""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from syncer.adapter import Can
from syncer.engine.plan import Verb
from syncer.errors import AdapterError
from syncer.store.rows import JournalState
from syncer.testing.memory import Fault
from tests.counting import count, counted
from tests.engine.history import History, Judge, Marks, said
from tests.engine.people import AT_MOST, HABITS, a_field, an_item, one_side, spec, two_sides
from tests.engine.runs import Runs
from tests.engine.worlds import Product, SideSpec


class Machine(Runs):
    """People, faults and syncs in any order; promises 1-4, 6-9 and 11-14 of the design hold throughout."""

    def make_product(self, specs: dict[str, SideSpec]) -> Product:
        """Return the world; its store is a quick one unless a subclass says otherwise."""
        return Product(Path(), specs)

    @initialize(
        a=st.sampled_from(sorted(HABITS["a"])),
        b=st.sampled_from(sorted(HABITS["b"])),
        c=st.sampled_from(sorted(HABITS["c"])),
        items=st.lists(one_side, max_size=2),
    )
    def begin(self, a: str, b: str, c: str, items: list[str]) -> None:
        habits = {"a": HABITS["a"][a], "b": HABITS["b"][b], "c": HABITS["c"][c]}
        self.product = self.make_product({name: spec(name, habit) for name, habit in habits.items()})
        self.history = History()
        self.judge = Judge(self.product, self.history)
        self.words, self.other_preference = 0, False
        for name in items:
            self.birth(name)
        if items:
            self.sync()
            self.sync()

    def teardown(self) -> None:
        count("histories")
        if hasattr(self, "judge"):
            try:
                self.settled()
            finally:
                self.product.store.close()

    # stories

    @rule(sides=two_sides, which=an_item, field=a_field)
    def edited_here_and_there(self, sides: tuple[str, str], which: int, field: str) -> None:
        made = self.pick(which)
        for name in sides:
            self.write(name, made, field)

    @rule(sides=two_sides, which=an_item, field=a_field)
    def edited_here_removed_there(self, sides: tuple[str, str], which: int, field: str) -> None:
        made = self.pick(which)
        if self.write(sides[0], made, field):
            self.take_away(sides[1], made)

    @rule(sides=two_sides, which=an_item, field=a_field)
    def one_record_cannot_be_written(self, sides: tuple[str, str], which: int, field: str) -> None:
        self.settled()
        stuck, table = self.pick(which), self.table(sides[1])
        ref = self.at(sides[1], stuck)
        if ref is None:
            return
        table.locked.add(ref)
        for made in self.codes():
            self.write(sides[0], made, field)
        self.product.tick(200)
        self.sync(full=True)
        self.it_contains_failure(sides[1], stuck, field)
        table.locked.clear()

    @rule(name=one_side, which=an_item)
    def removed_when_all_are_in_step(self, name: str, which: int) -> None:
        self.settled()
        self.take_away(name, self.pick(which))
        self.sync(full=True)

    @rule(name=one_side, which=an_item)
    def removed_and_taken_back(self, name: str, which: int) -> None:
        made = self.pick(which)
        ref = self.at(name, made)
        if ref is not None and self.take_away(name, made):
            self.sync(full=True)
            if self.at(name, made) is None:
                self.table(name).untrash(ref)
                self.history.takes_back(made)
                self.product.tick()

    @rule(sides=two_sides, which=an_item, field=a_field, and_there=st.booleans())
    def edited_while_one_is_deaf(self, sides: tuple[str, str], which: int, field: str, and_there: bool) -> None:
        """An edit that does not reach one side, where somebody who never saw it writes too."""
        made = self.pick(which)
        self.write(sides[0], made, field)
        self.table(sides[1]).faults.append(Fault("update"))
        self.sync()
        if and_there:
            self.write(sides[1], made, field)

    @rule(sides=two_sides, blind=st.booleans(), dies=st.booleans())
    def created_but_the_answer_is_lost(self, sides: tuple[str, str], blind: bool, dies: bool) -> None:
        if len(self.codes()) >= AT_MOST:
            return
        self.birth(sides[0])
        table = self.table(sides[1])
        table.faults += [Fault("create", when="after"), *([Fault("find"), Fault("list")] if blind else [])]
        self.sync()
        if dies:
            self.product.reopen()
        self.sync()

    @rule(name=one_side, edits=st.booleans(), which=an_item)
    def a_page_is_missing(self, name: str, edits: bool, which: int) -> None:
        if edits:
            self.write(name, self.pick(which), "note")
        self.table(name).cut_listing = True
        self.sync(full=True)

    @rule(name=one_side, which=an_item, field=a_field)
    def done_and_undone(self, name: str, which: int, field: str) -> None:
        """An edit travels, and the run that carried it is undone: the others hold what they held, and go on doing so."""
        self.settled()
        made = self.pick(which)
        before = {side: dict(shown) for side, shown in self.judge.shown().get(made, {}).items() if side != name}
        if any(code == made for code, _ in self.judge.held()) or not self.write(name, made, field):
            return
        self.product.tick(200)
        self.sync(full=True)
        self.product.undo(f"r{self.product.runs}")
        after = {side: shown for side, shown in self.judge.shown().get(made, {}).items() if side != name}
        count("undos")
        self.judge.undo_undoes(before, after)
        if (made, field) in self.judge.held():
            self.history.knows_less(made, field, "undone")
        self.product.tick(200)
        self.our_own_deeds_are_not_evidence()

    @rule(which=st.integers(0, 30))
    def undo_a_run(self, which: int) -> None:
        """Any run, however long ago, among all that people did since."""
        if not self.product.runs:
            return
        items = self.product.store.items()
        try:
            plan, _ = self.product.undo(f"r{which % self.product.runs + 1}")
        except AdapterError:
            return
        count("undos")
        for action in plan.actions:
            made = str(items[action.item].fields.get("code"))
            names = {name for write in action.writes.values() for name in write.values}
            if action.verb is not Verb.UPDATE:
                self.history.undone.add(made)
                names = {"title", "note", "labels", "status"}  # a record brought back shows what it showed
            for name in names:
                self.history.knows_less(made, name, "undone")

    # what must be true when all stand still

    @rule(full=st.booleans())
    def sync_from_both_ends(self, full: bool) -> None:
        self.order_does_not_matter(full)
        self.sync(full=full)

    @precondition(lambda self: self.words > 1)
    @rule()
    def checkpoint(self) -> None:
        self.settled()

    @precondition(lambda self: not self.other_preference)
    @rule()
    def change_the_preference(self) -> None:
        self.settled()
        self.other_preference = True
        self.configuration_is_not_an_edit()

    def settled(self) -> None:
        """With the sides standing still and the systems well, it settles, and then the judge looks."""
        self.make_well()
        self.product.tick(200)
        self.it_settles()
        self.our_own_deeds_are_not_evidence()
        self.doing_nothing_costs_nothing()
        self.judge.it_never_doubles()
        self.judge.it_loses_nothing()
        self.judge.it_keeps_intent()
        self.history.in_step(self.judge.held())

    @counted
    def it_settles(self) -> None:
        for _ in range(4):
            marks = Marks.of(self.product)
            plan, _ = self.product.sync(full=True, allow=["--allow empty"])
            self.judge.who_edits_is_not_edited(marks)
            self.judge.unknown_is_not_absent(marks)
            self.product.tick(200)
            if all(a.side in self.product.closed for a in plan.actions):
                return
        raise AssertionError(f"it settles: {[(a.verb, a.side, dict(a.writes), a.why) for a in plan.actions]}")

    @counted
    def our_own_deeds_are_not_evidence(self) -> None:
        writes = self.product.writes()
        self.product.sync(full=True, allow=["--allow empty"])
        assert writes == self.product.writes(), "our own deeds are not evidence"

    @counted
    def doing_nothing_costs_nothing(self) -> None:
        """One request a side; one more where only a whole listing tells, and leaves out what we hold, and where what
        is to be made again waits for its title."""
        if any(self.product.store.journal(state=state) for state in (JournalState.OPEN, JournalState.UNKNOWN)):
            return  # a create that may have landed is looked for until a person has said what it is
        asked = {name: len(table.calls) for name, table in self.product.tables.items()}
        self.product.sync(allow=["--allow empty"])
        for name, table in self.product.tables.items():
            verbs = [verb for verb, _ in table.calls[asked[name] :]]
            moved = Can.FEED not in table.habits.can and not all(row.inside for row in table.rows.values())
            asks = moved or any(field == "title" for _, field in self.judge.held())
            fine = verbs == ["list"] or (asks and verbs == ["list", "get"])
            assert fine, f"doing nothing costs nothing: {name} {verbs}"

    @counted
    def it_contains_failure(self, name: str, stuck: str, field: str) -> None:
        """Everybody's word on other items arrives in the run in which one record of a side cannot be written."""
        for made, sides in self.judge.shown().items():
            if made != stuck and (made, field) not in self.judge.held():
                values = {said(shown.get(field)) for shown in sides.values()}
                assert len(values) == 1, f"it contains failure: {made} {field} {values}, as {name} cannot write {stuck}"

    @counted
    def configuration_is_not_an_edit(self) -> None:
        specs = dict(self.product.specs)
        self.product.specs = {**specs, "b": spec("b", specs["b"].habits, {"To Do": "idea"})}
        writes = self.product.writes()
        self.product.sync(full=True)

        assert writes == self.product.writes(), "configuration is not an edit"

    @counted
    def order_does_not_matter(self, full: bool) -> None:
        if not self.all_well():
            return
        specs, tables = self.product.specs, self.product.tables
        forwards = self.product.plan(full=full)
        self.product.specs, self.product.tables = dict(reversed(specs.items())), dict(reversed(tables.items()))
        backwards = self.product.plan(full=full)
        self.product.specs, self.product.tables = specs, tables

        assert sorted(a.id for a in forwards.actions) == sorted(a.id for a in backwards.actions), "order"
