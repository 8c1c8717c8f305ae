"""What becomes of one item: does it live, and what are its fields. Pure: no clock, no network, no store.

a linked record is …                      and elsewhere                       the item
trashed or deleted, not by us             nothing was edited                  the removal policy of that side
trashed or deleted, not by us             someone edited since the base       lives: the record is brought back
hidden, or moved out of reach             –                                   waits: a question, side frozen
restricted: fewer people may see it       –                                   stands; the side is left alone from now on
not listed                                –                                   stands at what was last seen
archived by us, and live again            –                                   lives again: a person restored it
archived, nobody knows when or why        the item lives                      a question, side frozen
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from syncer.engine.merge import Clash, Outcome, Shown, changed, merge_field
from syncer.engine.state import Decision, ItemView, Question, SideView
from syncer.mapping.rules import Direction, Names, Rules, SideRules, Value
from syncer.model import types
from syncer.record import GoneKind, Raw

REMOVED = frozenset({GoneKind.TRASHED, GoneKind.DELETED})
TOMBSTONES = frozenset({"archived", "gone"})


def decide(view: ItemView, rules: Rules, names: Names) -> Decision:
    """Decide one item."""
    decision = Decision(view, dict(view.fields), state=view.state)
    for side in view.sides.values():
        _freeze(decision, side, rules.sides[side.side])
    _existence(decision, rules, names)
    if decision.state == "live":
        for name in _field_names(view):
            _field(decision, name, rules, names)
    return decision


def _field_names(view: ItemView) -> list[str]:
    return sorted({name for side in view.sides.values() for name in side.rule.fields})


def _freeze(decision: Decision, side: SideView, rules: SideRules) -> None:
    """Set aside a side about which nothing may be concluded."""
    gone, record, here, answers = side.gone, side.record, side.side, decision.view.answers
    if gone is not None and gone.kind not in REMOVED:
        answer = answers.get((here, "hidden"), "")
        if answer == "removed":
            side.gone = replace(gone, kind=GoneKind.DELETED)
        elif answer == "keep" or side.link.state == "live":
            decision.frozen[here] = gone.detail or f"{gone.kind}"
        if not answer and side.link.state == "live":
            text = f"{_named(side)} can no longer be read on {here}: removed, or hidden from us?"
            if gone.kind is GoneKind.MOVED:
                text = f"{_named(side)} was moved out of {here} ({gone.detail})"
            decision.questions.append(Question(decision.item, here, text, ("removed", "keep"), about="hidden"))
    elif record is not None and rules.conceals(record):
        # not even its removal is told: nothing is carried from or to it until more people may see it again
        decision.frozen[here] = "restricted"
        decision.links[here] = "restricted"
    elif record is not None and not record.archived:
        actual = rules.rule_for(record)
        if actual is not None and actual.kind == side.rule.kind:
            return
        decision.frozen[here] = "its type changed"
        answer = answers.get((here, "kind"), "")
        if answer == "unlink":
            decision.links[here] = "undone"
        elif not answer and side.link.state != "undone":
            became = actual.kind if actual else f"type {record.type}"
            text = f"{record.label} on {here} became a {became}; it was a {side.rule.kind}"
            decision.questions.append(Question(decision.item, here, text, ("keep", "unlink"), about="kind"))


def _named(side: SideView) -> str:
    return side.link.label or side.link.ref


def _existence(decision: Decision, rules: Rules, names: Names) -> None:
    view = decision.view
    back = [s for s in view.sides.values() if _came_back(s) and s.side not in decision.frozen]
    if view.state == "removed":
        _removed_item(decision, back, names)
        return
    for side in back:
        decision.links[side.side] = "live"
    removed = [s for s in view.sides.values() if _was_removed(s) and s.side not in decision.frozen]
    editors = [s.side for s in view.sides.values() if _edited(decision, s, names)]
    for side in removed:
        unseen = editors or (["another side"] if _moved_unseen(view, side, names) else [])
        _remove(decision, side, rules.sides[side.side].removal, unseen)
    for side in view.sides.values():
        # brought back once already, and this side did not hear of it
        if side not in back:
            _wake(decision, side, "the item lives")


def _wake(decision: Decision, side: SideView, why: str) -> None:
    """Bring back the record of a living item, where it is known how it came to be away."""
    if side.link.state not in TOMBSTONES or side.side in decision.frozen or decision.state != "live":
        return
    if side.link.state != "archived" or side.link.base:
        decision.revive[side.side] = why
        return
    # The state in which it was archived is lost: neither that, nor that it lives elsewhere, may win unasked.
    answer = decision.view.answers.get((side.side, "archived"), "")
    if answer == "restore":
        decision.revive[side.side] = "a person said so"
    elif answer == "unlink":
        decision.links[side.side] = "undone"
    elif answer == "removed":
        _gone(decision, side)
    else:
        decision.frozen[side.side] = "archived"
        others = ", ".join(sorted(s.side for s in decision.view.sides.values() if s.live))
        text = f"{_named(side)} is archived on {side.side}, and lives on {others}: was it removed?"
        choices = ("removed", "restore", "unlink")
        decision.questions.append(Question(decision.item, side.side, text, choices, "archived"))


def _remove(decision: Decision, side: SideView, policy: str, editors: list[str]) -> None:
    if editors:
        # gone here, edited there: the edit survives
        decision.revive[side.side] = f"edited on {editors[0]} while it was removed here"
        decision.revived_by = side.side
        return
    said = "policy: recreate"
    if policy == "ask":
        policy, said = decision.view.answers.get((side.side, "removal"), "ask"), "a person said so"
    if policy == "unlink":
        decision.links[side.side] = "undone"
    elif policy == "recreate":
        decision.revive[side.side] = said
    elif policy == "ask":
        decision.frozen[side.side] = "removed"
        text = f"{_named(side)} was removed on {side.side}"
        choices = ("removed", "recreate", "unlink")
        decision.questions.append(Question(decision.item, side.side, text, choices, "removal"))
    else:
        _gone(decision, side)


def _gone(decision: Decision, side: SideView) -> None:
    """Have the item go everywhere, because it is gone on one side."""
    decision.links[side.side] = "gone"
    decision.state = "removed"
    for other in decision.view.sides.values():
        if other.live and other.side not in decision.frozen:
            decision.archive[other.side] = f"removed on {side.side}"


def _removed_item(decision: Decision, back: list[SideView], names: Names) -> None:
    """An item that was removed comes back when a person restores a record of it, or edits one still there, or where
    a living record of it is met that nobody knew of."""
    living = [s for s in decision.view.sides.values() if s.live and s.side not in decision.frozen]
    back = [*back, *(s for s in living if not s.link.seen)]
    edited = [s for s in living if _edited(decision, s, names)]
    if not back and not edited:
        for side in living:
            decision.archive[side.side] = "the item was removed"
        for side in decision.view.sides.values():
            if _was_removed(side):
                decision.links[side.side] = "gone"
        return
    decision.state = "live"
    why = f"restored on {back[0].side}" if back else f"edited on {edited[0].side}"
    for side in decision.view.sides.values():
        if side in back:
            decision.links[side.side] = "live"
        else:
            _wake(decision, side, why)


def _was_removed(side: SideView) -> bool:
    """Say whether a person took a linked, living record away."""
    if side.link.state != "live":
        return False
    if side.gone is not None:
        return side.gone.kind in REMOVED
    return side.record is not None and side.record.archived


def _came_back(side: SideView) -> bool:
    """Say whether a record that was archived or gone is live again; also one whose absence was held."""
    if side.link.state not in (*TOMBSTONES, "undone"):
        return False
    return side.record is not None and not side.rule.away(side.record)


def _moved_unseen(view: ItemView, side: SideView, names: Names) -> bool:
    """Say whether the item holds an edit, taken elsewhere, that this side never showed: whoever removed the record
    had not seen it. What is never written here, for direction, scope or this side's refusal, is nothing that could
    have been shown; and what an undo put back is nobody's edit."""
    if not all(condition.holds(view.fields) for condition in side.rule.item_where):
        return False
    for name, rule in side.rule.fields.items():
        base, value = side.base(name, rule.record_field), view.fields.get(name)
        told = rule.direction in (Direction.BOTH, Direction.OUT) and rule.spec.writable
        if base is None or not told or name in view.holds or side.refuses(name, value):
            continue
        if types.equal(rule.type, base.value, value):
            continue
        if rule.read(side.raw(rule.record_field)[1], names).unreadable:
            continue
        if not rule.fits(base.raw, value, names):
            return True
    return False


def _edited(decision: Decision, side: SideView, names: Names) -> bool:
    return any(changed(shown, names) for shown in _all_shown(decision, [side]))


def _all_shown(decision: Decision, sides: Iterable[SideView], only: str | None = None) -> list[Shown]:
    found = []
    for side in sides:
        back = decision.links.get(side.side) == "live"
        if (not side.live and not back) or side.side in decision.frozen:
            continue
        rules = side.rule.fields
        chosen = rules if only is None else {only: rules[only]} if only in rules else {}
        for name, rule in chosen.items():
            known, raw = side.raw(rule.record_field)
            if known:
                found.append(
                    Shown(
                        side.side,
                        rule,
                        raw,
                        side.base(name, rule.record_field),
                        _edited_at(side, rule.record_field),
                        side.grain,
                    )
                )
    return found


def _edited_at(side: SideView, record_field: str) -> datetime | None:
    """Return when a field was edited: the record's time, where that field alone differs from what was last seen."""
    if side.record is None:
        return None
    seen, at = side.link.seen, side.record.edited_at
    if record_field not in seen:
        return None
    moved = [name for name, raw in side.record.fields.items() if name in seen and raw != seen[name]]
    return at if at and [n for n in moved if not _tells(side.record.fields[n], at)] == [record_field] else None


def _tells(raw: Raw, at: datetime) -> bool:
    """Say whether a value is the record's own clock, which moves with every edit."""
    return isinstance(raw, str) and raw[:16] == f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}"


def _field(decision: Decision, name: str, rules: Rules, names: Names) -> None:
    view = decision.view
    shown = _all_shown(decision, view.sides.values(), name)
    for side in view.sides.values():
        rule = side.rule.fields.get(name)
        if side.record is not None and rule is not None and rule.record_field in side.record.unreadable:
            why = side.record.unreadable[rule.record_field]
            decision.notes.append(f"{name} on {side.side} cannot be read: {why}")
    if not shown:
        return
    outcome = merge_field(shown[0].rule.type, view.fields.get(name), shown, rules.policy(view.kind, name), names)
    if name in view.holds and not outcome.held:
        outcome = _undone(view.fields.get(name), outcome, shown, names, unheard=_unheard(decision, name))
    decision.outcomes[name] = outcome
    decision.notes += [f"{name} on {side} cannot be read: {why}" for side, why in sorted(outcome.notes.items())]
    decision.put(name, outcome.value)


def _unheard(decision: Decision, name: str) -> bool:
    """Say whether a side that has a field does not show it now, and may again: its record is taken away, or brought
    back."""
    return any(
        not side.live and (side.link.state == "live" or side.side in decision.revive)
        for side in decision.view.sides.values()
        if name in side.rule.fields
    )


def _undone(item: Value, outcome: Outcome, shown: list[Shown], names: Names, *, unheard: bool) -> Outcome:
    """Hold a field that was undone, until every side that has it shows what fits one value."""
    heard = [s for s in shown if s.rule.direction is not Direction.COMPARE]
    if not unheard and all(s.rule.fits(s.raw, outcome.value, names) for s in heard):
        return outcome
    others = {s.side: s.rule.read(s.raw, names).value for s in heard if not s.rule.fits(s.raw, item, names)}
    return Outcome(item, clash=Clash(item, others, "undone"), notes=outcome.notes)


def check_whole(decisions: dict[str, Decision], parents: dict[str, str | None]) -> None:
    """Hold the changes that would make a cycle of parents. `parents`: of these
    items and of all above them, before these decisions."""
    after = dict(parents)
    for item, decision in decisions.items():
        after[item] = decision.fields.get("parent")
    for item in sorted(decisions):
        ring = _ring(item, after)
        movers = [i for i in ring if i in decisions and decisions[i].fields.get("parent") != parents.get(i)]
        for mover in movers:
            _hold(decisions[mover], "parent", parents.get(mover), "it would be its own ancestor: " + " → ".join(ring))
            after[mover] = parents.get(mover)


def _ring(item: str, parents: dict[str, str | None]) -> list[str]:
    path: list[str] = []
    at: str | None = item
    while at is not None:
        if at in path:
            return path[path.index(at) :]
        path.append(at)
        at = parents.get(at)
    return []


def _hold(decision: Decision, name: str, value: str | None, why: str) -> None:
    outcome = decision.outcomes[name]
    values = dict.fromkeys(outcome.taken, outcome.value)
    decision.outcomes[name] = Outcome(value, clash=Clash(value, values, why))
    decision.put(name, value)
