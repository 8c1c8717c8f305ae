"""Looks at edits in the light of our own last writes: what fights us, and what looks like a restored backup. Pure.

a side shows, again, what was there before our last write …     then
by nobody we know or by our own account, after two same writes  the field is quarantined: held, and named
by an account, after four same writes                           the same: no person is as stubborn
by anyone                                                       it is counted: many at once are a restored backup
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from syncer.engine.merge import Clash, Outcome
from syncer.engine.plan import GIVEN_BACK, UNDO, Verb
from syncer.engine.state import Decision, SideView
from syncer.record import Raw, Ref
from syncer.store.rows import JournalRow

Writes = Mapping[tuple[str, Ref, str], list[tuple[Raw, Raw]]]
"""(side, ref, record field) → (before, after) of our writes, oldest first."""

TWICE, STUBBORN = 2, 4


@dataclass(frozen=True, slots=True)
class Edit:
    """One field of one item that somebody edited on one side, as the decision takes it."""

    item: str
    name: str
    side: str
    ref: Ref
    record_field: str


def edits(decisions: Iterable[Decision]) -> list[Edit]:
    """Return the edits that these decisions take."""
    found = []
    for decision in decisions:
        for name, outcome in decision.outcomes.items():
            for side in outcome.taken:
                view = decision.view.sides[side]
                if name in view.link.base:
                    field = view.rule.fields[name].record_field
                    found.append(Edit(decision.item, name, side, view.link.ref, field))
    return found


def writes_of(rows: Iterable[JournalRow]) -> Writes:
    """Return our writes, by record field. What an undo wrote, or was given back, is a person's."""
    found: dict[tuple[str, Ref, str], list[tuple[Raw, Raw]]] = {}
    for row in rows:
        if row.action == Verb.UPDATE and row.rule not in (UNDO, GIVEN_BACK):
            assert row.ref is not None
            for name, change in row.fields.items():
                found.setdefault((row.side, row.ref, name), []).append((change["before"], change["after"]))
    return found


def reverted(found: Iterable[Edit], decisions: Mapping[str, Decision], writes: Writes) -> Counter[str]:
    """Count, by side, the records that show what was there before our last write."""
    records = {(e.side, e.ref) for e in found if _reverts(e, decisions, writes)}
    return Counter(side for side, _ in records)


def quarantine(
    found: Iterable[Edit], decisions: Mapping[str, Decision], writes: Writes, accounts: Mapping[str, str]
) -> None:
    """Hold the fields that a side puts back after each of our writes, where no person is known to do it.

    `accounts`: our own account on each side. An account of its own is no proof of a person: a machine may have one.
    """
    for edit in found:
        view = decisions[edit.item].view.sides[edit.side]
        ours = writes.get((edit.side, edit.ref, edit.record_field), [])
        author = view.record.edited_by if view.record else ""
        times = TWICE if author in ("", accounts.get(edit.side)) else STUBBORN
        same = len(ours) >= times and all(write == ours[-1] for write in ours[-times:])
        if same and _reverts(edit, decisions, writes):
            _hold(decisions[edit.item], edit, view)


def _reverts(edit: Edit, decisions: Mapping[str, Decision], writes: Writes) -> bool:
    ours = writes.get((edit.side, edit.ref, edit.record_field), [])
    _, raw = decisions[edit.item].view.sides[edit.side].raw(edit.record_field)
    return bool(ours) and raw == ours[-1][0] and raw != ours[-1][1]


def _hold(decision: Decision, edit: Edit, view: SideView) -> None:
    outcome, item = decision.outcomes[edit.name], decision.view.fields.get(edit.name)
    why = f"{edit.side} put its own value back after each of our last writes: is an automation at work there?"
    held = Outcome(item, clash=Clash(item, {edit.side: outcome.value}, why), notes=outcome.notes)
    decision.outcomes[edit.name] = replace(held, put_back=outcome.put_back)
    decision.put(edit.name, item)
