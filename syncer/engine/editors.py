"""Who moved a field last: asked of a system's own history, once, where a field comes to be held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from syncer.adapter import Adapter, Can
from syncer.engine.state import Decision, SideView
from syncer.errors import AdapterError
from syncer.record import Record
from syncer.store.rows import ConflictRow, ConflictSide


def ask_editors(decisions: Iterable[Decision], known: Iterable[ConflictRow], adapters: Mapping[str, Adapter]) -> None:
    """Fill `SideView.editors` of the parties to new disagreements: a read of one record for each.

    `adapters`: the sides that may be asked now. Only where a record itself does not say who edited it. It is for people
    to see: a system that does not answer now leaves it out, and stops nothing.
    """
    before = {(row.item, row.field): row for row in known}
    for decision in decisions:
        wanted: dict[str, set[str]] = defaultdict(set)
        for name, outcome in decision.outcomes.items():
            for side, value in outcome.clash.values.items() if outcome.clash else ():
                view = decision.view.sides.get(side)
                if view and name in view.link.base and not told(before.get((decision.item, name)), side, value):
                    wanted[side].add(view.rule.fields[name].record_field)
        for side, fields in wanted.items():
            if side in adapters and _by_history_alone(adapters[side].traits.can):
                _ask(decision.view.sides[side], frozenset(fields), adapters[side])


def told(row: ConflictRow | None, side: str, value: object) -> ConflictSide | None:
    """Return what was told of a party when it was first met with this value."""
    said = row.sides.get(side) if row else None
    return said if said is not None and said["value"] == value else None


def _by_history_alone(can: Can) -> bool:
    return Can.TELLS_HISTORY in can and Can.TELLS_EDITOR not in can


def _ask(view: SideView, fields: frozenset[str], adapter: Adapter) -> None:
    ref = view.link.ref
    try:
        answer = adapter.get([ref], fields).get(ref)
    except AdapterError:
        return
    if isinstance(answer, Record):
        view.editors = answer.editors
