"""What a rehearsal found out. Plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from syncer.engine.done import Done
from syncer.engine.ledger import Report
from syncer.engine.plan import Action, Plan
from syncer.record import Raw

FAILED = 5
"""The exit code of a rehearsal that does not settle, or cannot be undone: records failed."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A value that a system shows otherwise than it was sent, so that it reads as something else."""

    side: str
    label: str
    field: str
    sent: Raw
    shown: Raw


@dataclass(frozen=True, slots=True)
class Unlike:
    """A record that is not as it was before. `field` "": the record itself, and `why`."""

    side: str
    label: str
    field: str = ""
    before: Raw = None
    after: Raw = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Undone:
    """What the undo came to. `again`: what a sync after it would do once more."""

    plan: Plan
    report: Report
    records: int
    """Records that were there before, and were held against what they are now."""
    unlike: Sequence[Unlike]
    archived: int
    """Records that the run had created: they are out of sight, and not deleted."""
    marked: int
    """Records on which our mark stays."""
    again: Sequence[Action] = ()

    @property
    def ok(self) -> bool:
        """Say whether everything is as before, and stays so."""
        return not self.unlike and not self.again and not self.report.failed and not self.report.stale


@dataclass(slots=True)
class Rehearsal:
    """The three results: what a sync does, what a second one would write, what an undo leaves."""

    done: Done
    again: Sequence[Action]
    undone: Undone
    read: Mapping[str, int]
    """Records read, by side."""
    clashes: Sequence[tuple[str, str]] = ()
    """(title, field) of conflicts that only a second sync would find."""
    stored: Sequence[Stored] = ()
    pretended: Sequence[str] = ()
    """Sides that no sync may write yet, and that were written here all the same."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What people call what a value only points to."""

    @property
    def settles(self) -> bool:
        """Say whether a second sync has nothing to write, and nothing new to ask."""
        return not self.again and not self.clashes

    @property
    def exit_code(self) -> int:
        """Return the command line's exit code: that of the sync, 5 where one of the other results fails."""
        return max(self.done.exit_code, 0 if self.settles and self.undone.ok else FAILED)
