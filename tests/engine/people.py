"""What one person does, once: the single deeds of Hypothesis's people, and the world they live in."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from syncer.adapter import Can
from syncer.engine.names import Directory
from syncer.engine.resolve import Choice, resolve
from syncer.mapping.rules import FieldRule
from syncer.record import FieldSpec, FieldType, Ref
from syncer.store.rows import JournalState, LinkState
from syncer.testing.memory import Habits, MemoryTable
from syncer.testing.rules import Plain
from tests.engine.history import UNMAPPED, WORDS, History, said
from tests.engine.worlds import Product, SideSpec, coarse_status, labels, note, status, title

SIDES = ("a", "b", "c")
HABITS = {
    "a": {"plain": Habits(), "short pages": Habits(page=1)},
    "b": {
        "late": Habits(can=Can.ALL & ~Can.TELLS_EDITOR, lag=3, find_lag=3),
        "late, splits creates": Habits(split=True, lag=5, find_lag=5),
        "no feed": Habits(can=Can.ALL & ~Can.FEED),
        "raises first letters": Habits(capitals=True),
        "no history": Habits(can=Can.ALL & ~Can.TELLS_OVERWRITTEN, page=2),
    },
    "c": {
        "minutes": Habits(grain=60),
        "tags later": Habits(can=Can.ALL & ~Can.TAG_IN_CREATE),
        "rows of a sheet": Habits(can=Can.ALL & ~Can.TAG_IN_CREATE & ~Can.TELLS_EDITOR, readdresses=True),
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


def code(side: str) -> FieldRule:
    return Plain("code", FieldSpec("code", "code", FieldType.LINE, required=True), FieldType.LINE)


def spec(side: str, habits: Habits, reads: dict[str, str] | None = None) -> SideSpec:
    fine = coarse_status(side, reads, unmapped=(UNMAPPED,)) if side == "b" else status(side)
    return SideSpec((title(side), note(side), labels(side), fine, code(side)), habits)


class People(RuleBasedStateMachine):
    """The single deeds. A subclass makes the world, and syncs it."""

    product: Product
    history: History
    words: int
    dying: bool = False
    """The run under way will be killed."""

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

    def known(self, name: str, ref: Ref) -> bool:
        """Say whether a record is some item's: one that nobody has listed yet is not followed out of the filter."""
        link = self.product.store.link_by_ref(name, [ref]).get(ref)
        return link is not None and link.state == LinkState.LIVE

    def take_away(self, name: str, made: str) -> bool:
        ref = self.at(name, made)
        if ref is None or self.not_removed_here(name, ref, made):
            return False
        self.history.removes(name, made, self.table(name).live()[ref])
        self.table(name).trash(ref)
        self.product.tick()
        return True

    def not_removed_here(self, name: str, ref: Ref, made: str) -> bool:
        """Say whether a removal is left out, because taking it back does not yet end well: of a record outside its
        collection's filter, which no listing would bring back."""
        return not self.table(name).rows[ref].inside

    # single deeds

    @rule(name=one_side, which=an_item)
    def move(self, name: str, which: int) -> None:
        """A known record leaves what its collection lists, or comes back: no removal, and no birth."""
        ref = self.at(name, self.pick(which))
        if ref is not None and self.known(name, ref):
            row = self.table(name).rows[ref]
            row.inside = not row.inside
            self.table(name).edit(ref, {})
            self.product.tick()

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
        if said(shown) in self.history.before:
            self.write(name, made, field, self.history.before[said(shown)])

    @rule(name=one_side, which=an_item, add=st.booleans())
    def label(self, name: str, which: int, add: bool) -> None:
        made = self.pick(which)
        ref = self.at(name, made)
        if ref is None or self.not_found_yet(name):
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
        if ref is None or self.not_found_yet(name):
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
        rows = [
            r for r in table.rows.values() if (r.trashed or r.archived) and r.inside and r.fields["code"] not in living
        ]
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
        words = [said(s["value"]) for s in row.sides.values() if s["value"]]
        words += [said(link.seen[row.field]) for link in links.values() if link.seen.get(row.field)]
        made = str(product.store.items([row.item])[row.item].fields["code"])
        with product.store.lease("person", 90) as lease:
            chosen = resolve(
                product.store, lease, "person", product.rules, Directory(), row, Choice(name), product.now()
            )
        self.history.settles(made, row.field, chosen, words)

    @rule(seconds=st.sampled_from((5, 90, 100_000)))
    def wait(self, seconds: int) -> None:
        self.product.tick(seconds)
