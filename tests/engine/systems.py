"""What systems do to Hypothesis's people and to us: they fail, forget half of a listing, lag, and let people in between."""

from __future__ import annotations

from collections.abc import Set

from hypothesis import strategies as st
from hypothesis.stateful import rule

from syncer.adapter import Can
from syncer.record import Ref
from syncer.testing.memory import Fault
from tests.engine.history import WORDS
from tests.engine.people import People, one_side

LISTINGS = ("cut_listing", "empty_listing", "capped_listing", "torn_listing")
"""Ways in which a listing says less than there is: broken off in silence, empty and capped but called complete, failed."""


class Systems(People):
    """The single misdeeds of systems. What they do next is remembered in their tables."""

    @rule(
        name=one_side,
        verb=st.sampled_from(("create", "update", "archive", "restore", "mark", "get", "find", "list")),
        when=st.sampled_from(("before", "after")),
        error=st.sampled_from(("unreachable", "unknown", "limited")),
    )
    def fail(self, name: str, verb: str, when: str, error: str) -> None:
        if verb in ("get", "find", "list"):
            when, error = "before", "unreachable" if error == "unknown" else error
        self.table(name).faults.append(Fault(verb, error, when))

    @rule(name=one_side, how=st.sampled_from(LISTINGS))
    def list_less_than_there_is(self, name: str, how: str) -> None:
        setattr(self.table(name), how, True)

    @rule(name=one_side)
    def edit_in_the_gap(self, name: str) -> None:
        """Between our read and our write a person edits another field of the same record."""
        table = self.table(name)

        def person(ref: Ref, fields: Set[str]) -> None:
            free = [word for word in WORDS if word not in fields]
            if ref in table.live() and free:
                self.write(name, str(table.rows[ref].fields["code"]), free[0])

        table.between = person

    @rule(name=one_side)
    def edit_the_same_in_the_gap(self, name: str) -> None:
        """Between our read and our write a person writes the very field, where the system tells of that afterwards.

        Where our write gets no answer nobody can tell, and nothing is promised.
        """
        table = self.table(name)

        def person(ref: Ref, fields: Set[str]) -> None:
            same = [word for word in WORDS if word in fields]
            unanswered = self.dying or any(f.verb == "update" and f.times > 0 for f in table.faults)
            if ref in table.live() and same and not unanswered:
                self.write(name, str(table.rows[ref].fields["code"]), same[0])

        if Can.TELLS_OVERWRITTEN in table.habits.can:
            table.between = person

    def make_well(self) -> None:
        """End all misbehaviour."""
        for table in self.product.tables.values():
            table.faults.clear()
            table.between = None
            for how in LISTINGS:
                setattr(table, how, False)

    def all_well(self) -> bool:
        tables = self.product.tables.values()
        return not any(t.faults or any(getattr(t, how) for how in LISTINGS) for t in tables)
