"""What we do among Hypothesis's people: runs that end, that die, that meet another, and during which people work on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from syncer.errors import BusyError, GuardError
from tests.counting import count
from tests.engine.history import Judge, Marks
from tests.engine.people import a_field, an_item, one_side
from tests.engine.systems import Systems


class Killed(BaseException):
    """The process dies here."""


class Runs(Systems):
    """One run at a time. What must always be true is asked after each, however it ended."""

    judge: Judge

    def sync(self, *, full: bool = False, dies_after: int = 0) -> None:
        """One run, which may die after so many writes and commits; what must always be true is asked after it."""
        marks, left, self.dying = Marks.of(self.product), [dies_after], bool(dies_after)
        count("syncs")

        def die(_: str) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        if dies_after:
            self.product.store.after_commit = die
            for table in self.product.tables.values():
                table.after_call = die
        try:
            self.product.sync(full=full)
        except Killed:
            count("deaths")
        except GuardError:
            pass
        finally:
            self.dying = False
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

    @rule(full=st.booleans(), after=st.integers(1, 14))
    def sync_and_die(self, full: bool, after: int) -> None:
        self.sync(full=full, dies_after=after)

    @rule(full=st.booleans(), name=one_side, which=an_item, field=a_field, after=st.integers(1, 12), goes=st.booleans())
    def sync_while_a_person_works(self, full: bool, name: str, which: int, field: str, after: int, goes: bool) -> None:
        """Somebody writes or removes before one of our calls, though not between the read and the write of a record."""

        def person() -> None:
            made = self.pick(which)
            if goes:
                self.take_away(name, made)
            else:
                self.write(name, made, field)

        with self.meanwhile(after, person):
            self.sync(full=full)

    @rule(full=st.booleans(), after=st.integers(1, 12))
    def sync_while_another_does(self, full: bool, after: int) -> None:
        """A second run is turned away, whenever it comes, and changes nothing."""

        def another() -> None:
            writes = self.product.writes()
            with pytest.raises(BusyError):
                self.product.sync()
            assert writes == self.product.writes()

        with self.meanwhile(after, another):
            self.sync(full=full)

    @contextmanager
    def meanwhile(self, after: int, act: Callable[[], None]) -> Iterator[None]:
        """Have something done before the so-many-th call of what follows that does not itself write over something."""
        left = [after]

        def meet(verb: str) -> None:
            left[0] -= verb not in ("update", "archive")
            if left[0] == 0:
                left[0] -= 1
                count("people in between")
                act()

        for table in self.product.tables.values():
            table.before_call = meet
        try:
            yield
        finally:
            for table in self.product.tables.values():
                table.before_call = None
