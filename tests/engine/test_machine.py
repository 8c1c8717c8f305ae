"""A state machine: people edit three sides of different abilities at random, systems misbehave, runs die.

The judge reads the sides themselves and the history of who had been shown what; it asks the engine for nothing but
the conflicts it reports to people. Promises 1-4, 7 and 11-14 of the design are checked here under their own words.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from syncer.adapter import Can
from syncer.errors import GuardError
from syncer.mapping.rules import Direction, FieldRule
from syncer.record import FieldSpec, FieldType, Ref
from syncer.store.store import Store
from syncer.testing.memory import Fault, Habits
from syncer.testing.rules import Plain
from tests.engine.worlds import Product, SideSpec, coarse_status, labels, note, status, title

EXAMPLES = int(os.environ.get("SYNCER_EXAMPLES", "400"))
STEPS = int(os.environ.get("SYNCER_STEPS", "14"))
QUICK = "SYNCER_QUICK" in os.environ
"""Only find a failure, do not shrink it: for bugs that were planted."""
SIDES = ("a", "b", "c")
WORDS = ("note", "title")

HABITS = {
    "a": (Habits(), Habits(page=1)),
    "b": (
        Habits(can=Can.ALL & ~Can.TELLS_EDITOR, lag=3, find_lag=3),
        Habits(split=True, lag=5, find_lag=5),
        Habits(can=Can.ALL & ~Can.FEED),
    ),
    "c": (
        Habits(grain=60),
        Habits(can=Can.ALL & ~Can.TAG_IN_CREATE),
        Habits(can=Can.ALL & ~Can.RESTORE, grain=60, page=2),
        Habits(can=Can.ALL & ~Can.TAG_IN_CREATE & ~Can.TAG & ~Can.TELLS_EDITOR),
    ),
}


class Killed(BaseException):
    """The process dies here."""


def code(side: str) -> FieldRule:
    """Return the rule of a field that people set once and never edit: by it the judge tells twins."""
    return Plain("code", FieldSpec("code", "code", FieldType.LINE, required=True), FieldType.LINE)


def side(name: str, habits: Habits, *, only_read: bool = False) -> SideSpec:
    coarse = coarse_status(name) if name == "b" else status(name)
    fields = (title(name), note(name), labels(name), coarse, code(name))
    if only_read:
        fields = tuple(Plain(f.field, f.spec, f.type, Direction.IN) for f in fields if isinstance(f, Plain))
    return SideSpec(fields, habits, creates=not only_read)


def template() -> Path:
    """Return a migrated, empty store to copy from: migrating four hundred times would be most of the work."""
    folder = Path(tempfile.mkdtemp(prefix="machine"))
    Store.open(folder / "empty.db", "shop").close()
    return folder / "empty.db"


EMPTY = template()


class Machine(RuleBasedStateMachine):
    """People, faults and syncs in any order."""

    @initialize(a=st.sampled_from(HABITS["a"]), b=st.sampled_from(HABITS["b"]), c=st.sampled_from(HABITS["c"]))
    def begin(self, a: Habits, b: Habits, c: Habits) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="machine"))
        shutil.copy(EMPTY, self.folder / "s.db")
        self.product = Product(self.folder / "s.db", {n: side(n, h) for n, h in zip(SIDES, (a, b, c), strict=True)})
        self.words = 0
        self.saw: dict[str, frozenset[str]] = {}
        self.wrote: list[str] = []
        self.gone_with: set[str] = set()
        self.edits: dict[str, set[tuple[str, str]]] = defaultdict(set)
        """code → (side, field) edited by people since all was last in step."""
        self.odd: set[str] = set()
        """codes whose existence was touched since then."""
        self.trouble = False

    def teardown(self) -> None:
        if hasattr(self, "product"):
            try:
                self.settled()
            finally:
                self.product.store.close()
                shutil.rmtree(self.folder)

    # what people do

    def word(self) -> str:
        self.words += 1
        return f"w{self.words}"

    def records(self, name: str) -> list[Ref]:
        return sorted(self.product.tables[name].live())

    def pick(self, name: str, which: int) -> Ref | None:
        refs = self.records(name)
        return refs[which % len(refs)] if refs else None

    def write(self, name: str, ref: Ref, field: str, word: str) -> None:
        table = self.product.tables[name]
        row = table.rows[ref]
        shown = row.fields.get(field)
        seen = {str(shown)} if shown else set()
        self.saw[word] = frozenset(seen).union(*(self.saw.get(s, frozenset()) for s in seen))
        self.wrote.append(word)
        table.edit(ref, {field: word})
        self.edits[str(row.fields["code"])].add((name, field))

    @rule(name=st.sampled_from(SIDES))
    def create(self, name: str) -> None:
        if sum(len(self.records(s)) for s in SIDES) > 6:
            return
        made = f"code{self.words}{name}"
        word = self.word()
        self.saw[word] = frozenset()
        self.wrote.append(word)
        initial = "To Do" if name == "b" else None
        self.product.tables[name].add({"title": word, "code": made, "status": initial})
        self.odd.add(made)
        self.product.tick()

    @rule(name=st.sampled_from(SIDES), which=st.integers(0, 3), field=st.sampled_from(WORDS))
    def edit(self, name: str, which: int, field: str) -> None:
        ref = self.pick(name, which)
        if ref is not None:
            self.write(name, ref, field, self.word())
            self.product.tick()

    @rule(name=st.sampled_from(SIDES), which=st.integers(0, 3), add=st.booleans())
    def label(self, name: str, which: int, add: bool) -> None:
        ref = self.pick(name, which)
        if ref is None:
            return
        table = self.product.tables[name]
        have = list(table.rows[ref].fields.get("labels") or [])  # type: ignore[arg-type]
        now = sorted([*have, self.word()]) if add else have[1:]
        table.edit(ref, {"labels": now or None})
        self.edits[str(table.rows[ref].fields["code"])].add((name, "labels"))
        self.product.tick()

    @rule(name=st.sampled_from(SIDES), which=st.integers(0, 3), value=st.integers(0, 3))
    def status(self, name: str, which: int, value: int) -> None:
        ref = self.pick(name, which)
        if ref is None:
            return
        table = self.product.tables[name]
        options = ("To Do", "In Progress", "Done", "Closed") if name == "b" else ("idea", "planned", "doing", "done")
        table.edit(ref, {"status": options[value]})
        self.edits[str(table.rows[ref].fields["code"])].add((name, "status"))
        self.product.tick()

    @rule(name=st.sampled_from(SIDES), which=st.integers(0, 3))
    def remove(self, name: str, which: int) -> None:
        ref = self.pick(name, which)
        if ref is None:
            return
        fields = self.product.tables[name].live()[ref]
        for field in WORDS:
            if fields.get(field):
                self.gone_with |= {str(fields[field])} | self.saw.get(str(fields[field]), frozenset())
        self.product.tables[name].trash(ref)
        self.odd.add(str(fields["code"]))
        self.product.tick()

    @rule(name=st.sampled_from(SIDES), which=st.integers(0, 3))
    def take_back(self, name: str, which: int) -> None:
        rows = [r for r in self.product.tables[name].rows.values() if r.trashed]
        if rows:
            row = rows[which % len(rows)]
            self.product.tables[name].untrash(row.ref)
            self.odd.add(str(row.fields["code"]))
            self.product.tick()

    @rule(seconds=st.sampled_from((5, 90, 100_000)))
    def wait(self, seconds: int) -> None:
        self.product.tick(seconds)

    # what systems do

    @rule(
        name=st.sampled_from(SIDES),
        verb=st.sampled_from(("create", "update", "archive", "restore", "mark", "get", "find")),
        when=st.sampled_from(("before", "after")),
        error=st.sampled_from(("unreachable", "unknown")),
    )
    def fail(self, name: str, verb: str, when: str, error: str) -> None:
        if verb in ("get", "find"):
            when, error = "before", "unreachable"
        self.product.tables[name].faults.append(Fault(verb, error, when))

    @rule(name=st.sampled_from(SIDES), what=st.sampled_from(("list", "cut", "empty")))
    def bad_listing(self, name: str, what: str) -> None:
        table = self.product.tables[name]
        if what == "list":
            table.faults.append(Fault("list"))
        elif what == "cut":
            table.cut_listing = True
        else:
            table.empty_listing = True

    @rule(name=st.sampled_from(SIDES))
    def edit_in_the_gap(self, name: str) -> None:
        """Between our read and our write a person edits another field of the same record."""
        table = self.product.tables[name]

        def person(ref: Ref, fields: Set[str]) -> None:
            free = [word for word in WORDS if word not in fields]
            if ref in table.live() and free:
                self.write(name, ref, free[0], self.word())

        table.between = person

    # what we do

    @rule(full=st.booleans())
    def sync(self, full: bool) -> None:
        self.order_does_not_matter(full)
        before = {s: len(t.written) for s, t in self.product.tables.items()}
        quiet = {c: set(e) for c, e in self.edits.items()}
        gap = any(t.between is not None for t in self.product.tables.values())
        try:
            self.product.sync(full=full)
        except GuardError:
            return
        if not gap and not self.trouble:
            self.who_edits_is_not_edited(before, quiet)

    @rule(full=st.booleans(), after=st.integers(1, 14))
    def sync_and_die(self, full: bool, after: int) -> None:
        """Kill the process after so many adapter calls and commits."""
        left = [after]

        def count(_: str) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        for table in self.product.tables.values():
            table.after_call = count
        self.product.store.after_commit = count
        try:
            self.product.sync(full=full)
        except (Killed, GuardError):
            pass
        finally:
            for table in self.product.tables.values():
                table.after_call = None
            self.product.reopen()
        self.trouble = True

    @precondition(lambda self: self.words > 1)
    @rule()
    def checkpoint(self) -> None:
        self.settled()

    @rule()
    def change_the_preference(self) -> None:
        """A changed value map is not an edit."""
        self.settled()
        specs = dict(self.product.specs)
        fields = tuple(coarse_status("b", {"To Do": "idea"}) if f.field == "status" else f for f in specs["b"].fields)
        self.product.specs = {**specs, "b": SideSpec(fields, specs["b"].habits)}
        writes = self.product.writes()
        self.product.sync(full=True)

        assert writes == self.product.writes(), "configuration is not an edit"

    # what must be true

    def settled(self) -> None:
        """With the sides standing still and the systems well, it settles, and then the judge looks."""
        for table in self.product.tables.values():
            table.faults.clear()
            table.cut_listing = table.empty_listing = False
            table.between = None
        self.product.tick(200)
        for _ in range(4):
            plan, _ = self.product.sync(full=True, allow=["--allow empty"])
            self.product.tick(200)
            if not plan.actions:
                break
        assert not plan.actions, f"it settles: {[(a.verb, a.side, dict(a.writes), a.why) for a in plan.actions]}"
        writes = self.product.writes()
        self.product.sync(full=True, allow=["--allow empty"])
        assert writes == self.product.writes(), "our own deeds are not evidence"
        self.it_never_doubles()
        self.it_loses_nothing()
        self.it_keeps_intent()
        self.edits.clear()
        self.odd.clear()
        self.trouble = False

    def conflict_words(self) -> Iterator[str]:
        for row in self.product.store.conflicts(state=None):
            for said in row.sides.values():
                if isinstance(said["value"], str):
                    yield said["value"]

    def it_never_doubles(self) -> None:
        for name, table in self.product.tables.items():
            codes = [str(fields["code"]) for fields in table.live().values()]
            assert len(codes) == len(set(codes)), f"it never doubles: {name} holds {codes}"

    def it_loses_nothing(self) -> None:
        visible = {str(fields[f]) for t in self.product.tables.values() for fields in t.live().values() for f in WORDS}
        kept = visible | set(self.conflict_words()) | self.gone_with
        kept = kept.union(*(self.saw.get(word, frozenset()) for word in kept))
        lost = [word for word in self.wrote if word not in kept]
        assert not lost, f"it loses nothing: {lost}"

    def held(self) -> set[tuple[str, str]]:
        rows = self.product.store.conflicts()
        items = self.product.store.items([row.item for row in rows])
        return {(str(items[r.item].fields.get("code")), r.field) for r in rows if r.item in items}

    def it_keeps_intent(self) -> None:
        held = self.held()
        assert not [c for c in held if c[1] == ""], "no question is open when every record can be read"
        shown: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        for name, table in self.product.tables.items():
            for fields in table.live().values():
                shown[str(fields["code"])][name] = fields
        for made, sides in shown.items():
            assert set(sides) == set(SIDES), f"every living item is everywhere: {made} only on {set(sides)}"
            for field in ("title", "note", "labels"):
                values = {str(f.get(field)) for f in sides.values()}
                editors = {s for s, f in self.edits.get(made, ()) if f == field}
                if (made, field) in held:
                    assert len(editors) != 1 or made in self.odd or self.trouble, f"one word is law: {made} {field}"
                else:
                    assert len(values) == 1, f"all sides agree: {made} {field} {values}"

    def who_edits_is_not_edited(self, before: dict[str, int], edits: dict[str, set[tuple[str, str]]]) -> None:
        for name, table in self.product.tables.items():
            for ref, field in table.written[before[name] :]:
                made = str(table.rows[ref].fields["code"])
                editors = {s for s, f in edits.get(made, ()) if f == field}
                assert editors != {name} or made in self.odd, f"who edits is not edited: {name} {ref} {field}"

    def order_does_not_matter(self, full: bool) -> None:
        if any(t.faults or t.cut_listing or t.empty_listing for t in self.product.tables.values()):
            return
        forwards = self.product.plan(full=full)
        specs = self.product.specs
        tables = self.product.tables
        self.product.specs = dict(reversed(specs.items()))
        self.product.tables = dict(reversed(tables.items()))
        backwards = self.product.plan(full=full)
        self.product.specs, self.product.tables = specs, tables

        assert sorted(a.id for a in forwards.actions) == sorted(a.id for a in backwards.actions)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    derandomize=QUICK,
    database=None if QUICK else DirectoryBasedExampleDatabase(".hypothesis/examples"),
    phases=[Phase.generate] if QUICK else list(Phase),
)
