"""Four or five sides: beside the machine's three one that is never written, one whose note only shows the item's."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from syncer.mapping.rules import Direction
from syncer.testing.memory import Habits
from tests.engine.machine import Machine
from tests.engine.people import AT_MOST, HABITS, a_field, an_item, code, one_side
from tests.engine.worlds import Product, SideSpec, labels, note, status, title

CLOSED, SHOWS = "d", "e"


class Wide(Machine):
    """The same people and promises. What is promised of all sides is promised of those that may be written."""

    more: tuple[str, ...]

    @initialize(
        a=st.sampled_from(sorted(HABITS["a"])),
        b=st.sampled_from(sorted(HABITS["b"])),
        c=st.sampled_from(sorted(HABITS["c"])),
        items=st.lists(one_side, max_size=2),
        more=st.sampled_from(((CLOSED, SHOWS), (CLOSED,), (SHOWS,))),
    )
    def begin(self, a: str, b: str, c: str, items: list[str], more: tuple[str, ...] = ()) -> None:
        self.more = more
        super().begin(a, b, c, items)

    def make_product(self, specs: dict[str, SideSpec]) -> Product:
        closed = SideSpec((title(CLOSED), note(CLOSED), labels(CLOSED), status(CLOSED), code(CLOSED)), Habits(grain=60))
        shows = SideSpec((title(SHOWS), note(SHOWS, Direction.OUT), labels(SHOWS), status(SHOWS), code(SHOWS)))
        sides = {side: one for side, one in ((CLOSED, closed), (SHOWS, shows)) if side in self.more}
        return Product(Path(), {**specs, **sides}, closed=tuple(side for side in self.more if side == CLOSED))

    @rule()
    def create_where_nothing_is_written(self) -> None:
        if CLOSED in self.more and len(self.codes()) < AT_MOST:
            self.birth(CLOSED)

    @rule(which=an_item, field=a_field)
    def edit_where_nothing_is_written(self, which: int, field: str) -> None:
        """Its people see their own tool only: what was said elsewhere since is a party to what they type."""
        made = self.pick(which)
        ref = self.at(CLOSED, made) if CLOSED in self.more else None
        if ref is None:
            return
        mine = self.table(CLOSED).rows[ref].fields.get(field)
        behind = any(shown.get(field) != mine for shown in self.judge.shown().get(made, {}).values())
        if self.write(CLOSED, made, field) and behind:
            self.history.knows_less(made, field, "what that side had not shown")

    @rule(which=an_item)
    def note_typed_where_it_only_shows(self, which: int) -> None:
        """An edit against a field's direction is nobody's word: it is put back."""
        ref = self.at(SHOWS, self.pick(which)) if SHOWS in self.more else None
        if ref is not None and self.table(SHOWS).rows[ref].fields.get("note"):
            self.table(SHOWS).edit(ref, {"note": f"against{self.words}"})
            self.product.tick()
