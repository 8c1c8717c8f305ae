"""Hypothesis's people: they edit three sides of different abilities at random, systems misbehave, runs die.

Beside single deeds there are short stories, such as "edited here, removed there": what goes wrong in engines needs
two or three deeds in a row, which single rules would meet once in thousands of examples.
"""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from syncer.adapter import Can
from syncer.engine.names import Directory
from syncer.engine.resolve import Choice, resolve
from syncer.errors import GuardError
from syncer.mapping.rules import FieldRule
from syncer.record import FieldSpec, FieldType, Ref
from syncer.store.rows import JournalState
from syncer.testing.memory import Fault, Habits, MemoryTable
from syncer.testing.rules import Plain
from tests.engine.history import UNMAPPED, WORDS, History, Judge, Marks
from tests.engine.worlds import Product, SideSpec, coarse_status, labels, note, status, title

SIDES = ("a", "b", "c")
HABITS = {
    "a": {"plain": Habits(), "short pages": Habits(page=1)},
    "b": {
        "late": Habits(can=Can.ALL & ~Can.TELLS_EDITOR, lag=3, find_lag=3),
        "late, splits creates": Habits(split=True, lag=5, find_lag=5),
        "no feed": Habits(can=Can.ALL & ~Can.FEED),
    },
    "c": {
        "minutes": Habits(grain=60),
        "tags later": Habits(can=Can.ALL & ~Can.TAG_IN_CREATE),
        "minutes, no restore": Habits(can=Can.ALL & ~Can.RESTORE, grain=60, page=2),
        "no tags, no editor": Habits(can=Can.ALL & ~Can.TAG_IN_CREATE & ~Can.TAG & ~Can.TELLS_EDITOR),
    },
}
STATUSES = {
    "a": ("idea", "planned", "doing", "done"),
    "b": ("To Do", "In Progress", "Done", "Closed", UNMAPPED),
    "c": ("idea", "planned", "doing", "done"),
}
AT_MOST = 3
"""Items in the world: small, so that people meet."""

one_side = st.sampled_from(SIDES)
two_sides = st.permutations(SIDES).map(lambda p: tuple(p[:2]))
an_item = st.integers(0, AT_MOST - 1)
a_field = st.sampled_from(WORDS)


class Killed(BaseException):
    """The process dies here."""


def code(side: str) -> FieldRule:
    return Plain("code", FieldSpec("code", "code", FieldType.LINE, required=True), FieldType.LINE)


def spec(side: str, habits: Habits, reads: dict[str, str] | None = None) -> SideSpec:
    fine = coarse_status(side, reads, unmapped=(UNMAPPED,)) if side == "b" else status(side)
    return SideSpec((title(side), note(side), labels(side), fine, code(side)), habits)


class Machine(RuleBasedStateMachine):
    """People, faults and syncs in any order; promises 1-4, 7 and 11-14 of the design hold throughout."""

    product: Product

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
        if hasattr(self, "judge"):
            try:
                self.settled()
            finally:
                self.product.store.close()

    # what one person does, once

    def word(self) -> str:
        self.words += 1
        return f"w{self.words}"

    def table(self, name: str) -> MemoryTable:
        return self.product.tables[name]

    def codes(self) -> list[str]:
        return sorted({str(f["code"]) for t in self.product.tables.values() for f in t.live().values()})

    def at(self, name: str, made: str) -> Ref | None:
        """Return a side's living record of an item."""
        return next((ref for ref, f in self.table(name).live().items() if f["code"] == made), None)

    def pick(self, which: int) -> str:
        codes = self.codes()
        return codes[which % len(codes)] if codes else ""

    def birth(self, name: str) -> None:
        made, word = f"code{self.words}{name}", self.word()
        self.history.births(name, made, word)
        self.table(name).add({"title": word, "code": made, "status": "To Do" if name == "b" else None})
        self.product.tick()

    def write(self, name: str, made: str, field: str, word: str = "") -> bool:
        ref = self.at(name, made)
        if ref is None or self.not_found_yet(name):
            return False
        word = word or self.word()
        self.history.writes(name, made, field, self.table(name).rows[ref].fields.get(field), word)
        self.table(name).edit(ref, {field: word})
        self.product.tick()
        return True

    def not_found_yet(self, name: str) -> bool:
        """Say whether a side without tags may hold a record we made and have not found: what makes it ours is only
        that it shows what we wrote, so that nobody can promise anything once people change that."""
        states = (JournalState.OPEN, JournalState.UNKNOWN)
        lost = any(self.product.store.journal(state=state, action="create", side=name) for state in states)
        return lost and Can.TAG_IN_CREATE not in self.table(name).habits.can

    def take_away(self, name: str, made: str) -> bool:
        ref = self.at(name, made)
        if ref is None:
            return False
        self.history.removes(name, made, self.table(name).live()[ref])
        self.table(name).trash(ref)
        self.product.tick()
        return True

    # single deeds

    @rule(name=one_side)
    def create(self, name: str) -> None:
        if len(self.codes()) < AT_MOST:
            self.birth(name)

    @rule(name=one_side, which=an_item, field=a_field)
    def edit(self, name: str, which: int, field: str) -> None:
        self.write(name, self.pick(which), field)

    @rule(name=one_side, which=an_item, field=a_field)
    def revert(self, name: str, which: int, field: str) -> None:
        """A person types back what their last word had replaced."""
        made = self.pick(which)
        ref = self.at(name, made)
        shown = self.table(name).rows[ref].fields.get(field) if ref else None
        if str(shown) in self.history.before:
            self.write(name, made, field, self.history.before[str(shown)])

    @rule(name=one_side, which=an_item, add=st.booleans())
    def label(self, name: str, which: int, add: bool) -> None:
        made = self.pick(which)
        ref = self.at(name, made)
        if ref is None:
            return
        have: list[str] = list(self.table(name).rows[ref].fields.get("labels") or [])  # type: ignore[arg-type]
        now = (sorted([*have, self.word()]) if add else have[1:]) or None
        self.table(name).edit(ref, {"labels": now})  # type: ignore[dict-item]
        self.history.edits[made, "labels"][name] = now
        self.product.tick()

    @rule(name=one_side, which=an_item, value=st.integers(0, 4))
    def status(self, name: str, which: int, value: int) -> None:
        made = self.pick(which)
        ref = self.at(name, made)
        if ref is None:
            return
        options = STATUSES[name]
        self.table(name).edit(ref, {"status": options[value % len(options)]})
        self.history.edits[made, "status"][name] = options[value % len(options)]
        self.product.tick()

    @rule(name=one_side, which=an_item)
    def remove(self, name: str, which: int) -> None:
        self.take_away(name, self.pick(which))

    @rule(name=one_side, which=an_item)
    def take_back(self, name: str, which: int) -> None:
        table = self.table(name)
        living = {str(f["code"]) for f in table.live().values()}
        rows = [r for r in table.rows.values() if (r.trashed or r.archived) and r.fields["code"] not in living]
        if rows:
            row = rows[which % len(rows)]
            table.untrash(row.ref)
            self.history.takes_back(str(row.fields["code"]))
            self.product.tick()

    @rule(which=an_item, name=one_side)
    def resolve(self, which: int, name: str) -> None:
        """A person settles a conflict by one side's word."""
        rows = [row for row in self.product.store.conflicts() if row.field and name in row.sides]
        if not rows:
            return
        row, product = rows[which % len(rows)], self.product
        links = product.store.links([row.item])[row.item]
        said = [str(s["value"]) for s in row.sides.values() if s["value"]]
        said += [str(link.seen[row.field]) for link in links.values() if link.seen.get(row.field)]
        made = str(product.store.items([row.item])[row.item].fields["code"])
        with product.store.lease("person", 90) as lease:
            chosen = resolve(
                product.store, lease, "person", product.rules, Directory(), row, Choice(name), product.now()
            )
        self.history.settles(made, row.field, chosen, said)

    @rule(seconds=st.sampled_from((5, 90, 100_000)))
    def wait(self, seconds: int) -> None:
        self.product.tick(seconds)

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

    # what systems do

    @rule(
        name=one_side,
        verb=st.sampled_from(("create", "update", "archive", "restore", "mark", "get", "find", "list")),
        when=st.sampled_from(("before", "after")),
        error=st.sampled_from(("unreachable", "unknown")),
    )
    def fail(self, name: str, verb: str, when: str, error: str) -> None:
        if verb in ("get", "find", "list"):
            when, error = "before", "unreachable"
        self.table(name).faults.append(Fault(verb, error, when))

    @rule(name=one_side)
    def empty_listing(self, name: str) -> None:
        self.table(name).empty_listing = True

    @rule(name=one_side)
    def edit_in_the_gap(self, name: str) -> None:
        """Between our read and our write a person edits another field of the same record."""
        table = self.table(name)

        def person(ref: Ref, fields: Set[str]) -> None:
            free = [word for word in WORDS if word not in fields]
            if ref in table.live() and free:
                self.write(name, str(table.rows[ref].fields["code"]), free[0])

        table.between = person

    # what we do

    def sync(self, *, full: bool = False, dies_after: int = 0) -> None:
        """One run, which may die after so many writes and commits; what must always be true is asked after it."""
        marks, left = Marks.of(self.product), [dies_after]

        def count(_: str) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        if dies_after:
            self.product.store.after_commit = count
            for table in self.product.tables.values():
                table.after_call = count
        try:
            self.product.sync(full=full)
        except (Killed, GuardError):
            pass
        finally:
            if dies_after:
                for table in self.product.tables.values():
                    table.after_call = None
                self.product.reopen()
        self.judge.it_never_doubles()
        self.judge.who_edits_is_not_edited(marks)
        self.judge.unknown_is_not_absent(marks)

    @rule(full=st.booleans())
    def sync_once(self, full: bool) -> None:
        self.sync(full=full)

    @rule(full=st.booleans())
    def sync_from_both_ends(self, full: bool) -> None:
        self.order_does_not_matter(full)
        self.sync(full=full)

    @rule(full=st.booleans(), after=st.integers(1, 14))
    def sync_and_die(self, full: bool, after: int) -> None:
        self.sync(full=full, dies_after=after)

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

    # what must be true when all stand still

    def settled(self) -> None:
        """With the sides standing still and the systems well, it settles, and then the judge looks."""
        for table in self.product.tables.values():
            table.faults.clear()
            table.cut_listing = table.empty_listing = False
            table.between = None
        self.product.tick(200)
        self.it_settles()
        self.our_own_deeds_are_not_evidence()
        self.judge.it_never_doubles()
        self.judge.it_loses_nothing()
        self.judge.it_keeps_intent()
        self.history.in_step(self.judge.held())

    def it_settles(self) -> None:
        for _ in range(4):
            marks = Marks.of(self.product)
            plan, _ = self.product.sync(full=True, allow=["--allow empty"])
            self.judge.who_edits_is_not_edited(marks)
            self.judge.unknown_is_not_absent(marks)
            self.product.tick(200)
            if not plan.actions:
                return
        raise AssertionError(f"it settles: {[(a.verb, a.side, dict(a.writes), a.why) for a in plan.actions]}")

    def our_own_deeds_are_not_evidence(self) -> None:
        writes = self.product.writes()
        self.product.sync(full=True, allow=["--allow empty"])
        assert writes == self.product.writes(), "our own deeds are not evidence"

    def configuration_is_not_an_edit(self) -> None:
        specs = dict(self.product.specs)
        self.product.specs = {**specs, "b": spec("b", specs["b"].habits, {"To Do": "idea"})}
        writes = self.product.writes()
        self.product.sync(full=True)

        assert writes == self.product.writes(), "configuration is not an edit"

    def order_does_not_matter(self, full: bool) -> None:
        if any(t.faults or t.cut_listing or t.empty_listing for t in self.product.tables.values()):
            return
        specs, tables = self.product.specs, self.product.tables
        forwards = self.product.plan(full=full)
        self.product.specs, self.product.tables = dict(reversed(specs.items())), dict(reversed(tables.items()))
        backwards = self.product.plan(full=full)
        self.product.specs, self.product.tables = specs, tables

        assert sorted(a.id for a in forwards.actions) == sorted(a.id for a in backwards.actions), "order"
