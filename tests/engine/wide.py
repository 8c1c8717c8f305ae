"""Five sides: beside the three of the machine one that is never written, and one whose note only shows the item's."""

from __future__ import annotations

from pathlib import Path

from hypothesis.stateful import rule

from syncer.mapping.rules import Direction
from syncer.testing.memory import Habits
from tests.engine.machine import Machine
from tests.engine.people import AT_MOST, a_field, an_item, code
from tests.engine.worlds import Product, SideSpec, labels, note, status, title

CLOSED, SHOWS = "d", "e"


class Wide(Machine):
    """The same people and promises. What is promised of all sides is promised of those that may be written."""

    def make_product(self, specs: dict[str, SideSpec]) -> Product:
        closed = SideSpec((title(CLOSED), note(CLOSED), labels(CLOSED), status(CLOSED), code(CLOSED)), Habits(grain=60))
        shows = SideSpec((title(SHOWS), note(SHOWS, Direction.OUT), labels(SHOWS), status(SHOWS), code(SHOWS)))
        return Product(Path(), {**specs, CLOSED: closed, SHOWS: shows}, closed=(CLOSED,))

    @rule()
    def create_where_nothing_is_written(self) -> None:
        if len(self.codes()) < AT_MOST:
            self.birth(CLOSED)

    @rule(which=an_item, field=a_field)
    def edit_where_nothing_is_written(self, which: int, field: str) -> None:
        """Its people see their own tool only: what was said elsewhere since is a party to what they type."""
        made = self.pick(which)
        ref = self.at(CLOSED, made)
        if ref is None:
            return
        mine = self.table(CLOSED).rows[ref].fields.get(field)
        behind = any(shown.get(field) != mine for shown in self.judge.shown().get(made, {}).values())
        if self.write(CLOSED, made, field) and behind:
            self.history.knows_less(made, field, "what that side had not shown")

    @rule(which=an_item)
    def note_typed_where_it_only_shows(self, which: int) -> None:
        """An edit against a field's direction is nobody's word: it is put back."""
        ref = self.at(SHOWS, self.pick(which))
        if ref is not None and self.table(SHOWS).rows[ref].fields.get("note"):
            self.table(SHOWS).edit(ref, {"note": f"against{self.words}"})
            self.product.tick()
