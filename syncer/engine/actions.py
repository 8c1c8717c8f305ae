"""From decisions to actions: for each side, the smallest set of fields that makes it fit, in the order they must be
done. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncer.adapter import Can
from syncer.engine.merge import Shown, changed
from syncer.engine.plan import Action, Verb, Write, pending_items
from syncer.engine.state import Decision, SideView
from syncer.mapping.rules import CannotSay, Direction, FieldRule, KindRule, Names, Rules, Value
from syncer.record import Raw


def plan_actions(
    decisions: Mapping[str, Decision],
    rules: Rules,
    names: Names,
    abilities: Mapping[str, Can],
    waiting: Mapping[tuple[str, str], str],
    *,
    renewed: bool = False,
) -> tuple[list[Action], list[str]]:
    """Return the actions of these decisions, in the order they must be done, and notes for the reader.

    `abilities`: what each side can do. `waiting`: (item, side) with an open intent, and why nothing may be done there
    yet. `renewed`: the configuration changed since the last run.
    """
    planner = _Planner(rules, names, abilities, waiting, renewed)
    actions: list[Action] = []
    # by kind and title: a plan reads the same whatever ids the items happen to have
    for item in sorted(decisions, key=lambda i: (decisions[i].view.kind, decisions[i].title.casefold(), i)):
        actions += planner.item(decisions[item])
    return _ordered(actions), planner.notes


def creates_of(decision: Decision, rules: Rules, abilities: Mapping[str, Can]) -> list[tuple[str, KindRule]]:
    """Return the sides on which this decision makes a new record."""
    if decision.state != "live":
        return []
    found = []
    for name in sorted(rules.sides):
        rule, can = rules.sides[name].kinds.get(decision.view.kind), abilities.get(name, Can.NOTHING)
        if rule is None or Can.CREATE not in can or _blocked_birth(decision, rule):
            continue
        view = decision.view.sides.get(name)
        wanted = rule.creates if view is None else name in decision.revive and not _restorable(view, can)
        if wanted and _in_scope(decision, rule):
            found.append((name, rule))
    return found


def _in_scope(decision: Decision, rule: KindRule) -> bool:
    return all(c.holds(decision.fields) for c in rule.item_where)


def _restorable(view: SideView, can: Can) -> bool:
    if view.link.state == "archived" and view.rule.archive_value:
        return Can.UPDATE in can
    there = view.link.state == "archived" or view.gone is None or view.gone.kind == "trashed"
    return there and Can.RESTORE in can


def _blocked_birth(decision: Decision, rule: KindRule) -> bool:
    """Say whether a field without which nothing can be made is absent, or held."""
    held = {name for name, outcome in decision.outcomes.items() if outcome.held}
    return any(n in rule.fields and (n in held or decision.fields.get(n) is None) for n in rule.required)


class _Planner:
    def __init__(
        self,
        rules: Rules,
        names: Names,
        abilities: Mapping[str, Can],
        waiting: Mapping[tuple[str, str], str],
        renewed: bool,
    ) -> None:
        self.rules, self.names, self.abilities = rules, names, abilities
        self.waiting, self.renewed = waiting, renewed
        self.notes: list[str] = []

    def item(self, decision: Decision) -> list[Action]:
        """Return the actions of one decision."""
        actions = []
        creates = dict(creates_of(decision, self.rules, self.abilities))
        for side in sorted({*decision.view.sides, *creates}):
            if (decision.item, side) in self.waiting:
                self.notes.append(f"{decision.title} on {side} waits: {self.waiting[decision.item, side]}")
            elif side in creates:
                actions.append(self._create(decision, side, creates[side]))
            elif side not in decision.frozen:
                actions += self._linked(decision, decision.view.sides[side])
        source = _decided_from(decision)
        return [replace(a, decided_from=source) for a in actions]

    def _linked(self, decision: Decision, view: SideView) -> list[Action]:
        side, can = view.side, self.abilities.get(view.side, Can.NOTHING)
        if side in decision.archive:
            if (Can.UPDATE if view.rule.archive_value else Can.ARCHIVE) not in can:
                self.notes.append(f"{side} cannot archive {view.link.label}")
                return []
            return [_action(Verb.ARCHIVE, decision, view, cause="removal", why=decision.archive[side])]
        if decision.state != "live":
            return []
        if side in decision.revive:
            if not _restorable(view, can):
                return []
            restore = _action(Verb.RESTORE, decision, view, cause="removal", why=decision.revive[side])
            return [restore, *self._update(decision, view)]
        if not view.live and decision.links.get(side) != "live":
            return []
        actions = self._update(decision, view)
        if not view.link.tagged and Can.TAG in can:
            actions.append(_action(Verb.LINK, decision, view, cause="first contact", why=decision.view.why))
        return actions

    def _create(self, decision: Decision, side: str, rule: KindRule) -> Action:
        asked: dict[str, tuple[Raw, Value]] = {}
        for name in sorted(rule.fields):
            # What a create cannot carry is written right after it: `apply` knows.
            if _may_write(decision, rule.fields[name]):
                value = decision.fields.get(name)
                asked[name] = None, rule.fields[name].default if value is None else value
        writes = self._writes(decision, side, rule, asked)
        if rule.kind_where is not None and rule.kind_where[1]:
            # what makes a record this kind: without it, the new record would be of no kind, and take no part
            name, values = rule.kind_where
            writes[name] = Write(None, values[0], {}, "what it is")
        known = sorted(v.side for v in decision.view.sides.values() if v.live)
        why = decision.revive.get(side) or (f"from {', '.join(known)}" if known else "the item lives")
        item, kind = decision.item, decision.view.kind
        return Action(Verb.CREATE, item, kind, side, None, rule.record_type, decision.title, writes, why=why)

    def _update(self, decision: Decision, view: SideView) -> list[Action]:
        if Can.UPDATE not in self.abilities.get(view.side, Can.NOTHING) or not _in_scope(decision, view.rule):
            # dormant: out of this side's scope is never a removal, and never a write
            return []
        asked: dict[str, tuple[Raw, Value]] = {}
        for name in sorted(view.rule.fields):
            rule, value = view.rule.fields[name], decision.fields.get(name)
            known, shown = view.raw(rule.record_field)
            if known and self._may_change(decision, view, name, shown, value):
                asked[name] = shown, value
        writes = self._writes(decision, view.side, view.rule, asked)
        if not writes:
            return []
        return [_action(Verb.UPDATE, decision, view, writes=writes, cause=self._cause(decision, view, writes))]

    def _may_change(self, decision: Decision, view: SideView, name: str, shown: Raw, value: Value) -> bool:
        rule = view.rule.fields[name]
        if not _may_write(decision, rule) or view.refuses(name, value) or _agreed(view, name, shown, value):
            return False
        if name not in decision.outcomes and name not in decision.view.fields:
            return False
        if view.side in decision.revive and self._untaken(view, rule, shown):
            return False
        return not rule.read(shown, self.names).unreadable

    def _untaken(self, view: SideView, rule: FieldRule, shown: Raw) -> bool:
        """Say whether a record that is brought back showed a word nobody had heard when it went: it is heard next."""
        base = view.base(rule.field, rule.record_field)
        if view.rule.archive_value == (rule.record_field, shown):
            return False  # it stands for archived: nobody's word
        if base is None:
            return rule.read(shown, self.names).value is not None
        return changed(Shown(view.side, rule, shown, base), self.names)

    def _writes(
        self, decision: Decision, side: str, kind: KindRule, asked: Mapping[str, tuple[Raw, Value]]
    ) -> dict[str, Write]:
        """Return what to write: record field → write. `asked`: item field → raw value there now, and what to show."""
        writes: dict[str, Write] = {}
        for name, (before, value) in asked.items():
            rule = kind.fields[name]
            earlier = writes.get(rule.record_field, Write(before, before, {}, ""))
            after = self._after(decision, rule, value, earlier.after, side)
            if after != earlier.after:
                values = {**earlier.values, name: value}
                was = {**earlier.was, name: rule.read(before, self.names).value}
                writes[rule.record_field] = Write(before, after, values, _why(decision, name), was)
        return writes

    def _after(self, decision: Decision, rule: FieldRule, value: Value, shown: Raw, side: str) -> Raw:
        """Return what to write: `shown` itself where it fits, or where the side has no way to say it."""
        if rule.fits(shown, value, self.names):
            return shown
        after = rule.write(value, shown, self.names)
        if isinstance(after, CannotSay):
            self.notes.append(f"{decision.title}: {side} cannot show {rule.field}: {after.reason}")
            return shown
        if after is None and not rule.spec.clearable and rule.spec.absent_shows is None:
            self.notes.append(f"{decision.title}: {side} cannot clear {rule.field}")
            return shown
        return after

    def _cause(self, decision: Decision, view: SideView, writes: Mapping[str, Write]) -> str:
        """Say what makes this update necessary; only a configuration that changed makes a side that stood still,
        under a base that agreed with the very same value, or in a field that nobody had compared yet, need writing.
        """
        fields = [n for w in writes.values() for n in w.values]
        if any(_edited(decision, n) for n in fields):
            return "edit"
        bases = {n: view.base(n, view.rule.fields[n].record_field) for n in fields}
        stood = [b is not None and b.value == decision.view.fields.get(n) for n, b in bases.items()]
        compared = [b is not None for b in bases.values()]
        if self.renewed and view.link.base:
            # a write that was owed before the configuration changed is not its doing
            return "configuration" if any(stood) or not all(compared) else "unfinished"
        if not all(compared):
            return "first contact"
        return "configuration" if all(stood) else "unfinished"


def _action(
    verb: Verb,
    decision: Decision,
    view: SideView,
    *,
    writes: Mapping[str, Write] | None = None,
    cause: str,
    why: str = "",
) -> Action:
    item, kind, link = decision.item, decision.view.kind, view.link
    return Action(verb, item, kind, view.side, link.ref, link.record_type, decision.title, writes or {}, cause, why)


def _may_write(decision: Decision, rule: FieldRule) -> bool:
    if rule.direction in (Direction.IN, Direction.COMPARE) or not rule.spec.writable:
        return False
    outcome = decision.outcomes.get(rule.field)
    return outcome is None or not outcome.held


def _why(decision: Decision, name: str) -> str:
    outcome = decision.outcomes.get(name)
    if outcome is None:
        return "unfinished"
    if outcome.settled_by:
        return outcome.settled_by
    if decision.fields.get(name) != outcome.value:
        return "computed"
    return f"from {', '.join(outcome.taken)}" if outcome.taken else "to be in step"


def _edited(decision: Decision, name: str) -> bool:
    """Say whether somebody's edit, and not a first look at a field, moved it."""
    if name in decision.view.fields and decision.fields.get(name) != decision.view.fields[name]:
        return True
    outcome = decision.outcomes.get(name)
    if outcome is None:
        return False
    return bool(outcome.put_back) or any(name in decision.view.sides[side].link.base for side in outcome.taken)


def _agreed(view: SideView, name: str, shown: Raw, value: Value) -> bool:
    """Say whether the side stands at a base that was agreed for this very value, under this very rule.

    That covers what the system made of a value of ours, and the default it shows where nothing was said.
    """
    rule = view.rule.fields[name]
    agreed = {"rf": rule.record_field, "raw": shown, "value": value, "rule": rule.fingerprint()}
    return view.link.base.get(name) == agreed


def _decided_from(decision: Decision) -> dict[str, dict[str, Raw]]:
    found: dict[str, dict[str, Raw]] = {}
    for side in decision.view.sides.values():
        if side.live and side.side not in decision.frozen:
            raws = {r.record_field: side.raw(r.record_field) for r in side.rule.fields.values()}
            found[side.side] = {name: raw for name, (known, raw) in raws.items() if known}
    return found


_RANK = {Verb.RESTORE: 0, Verb.CREATE: 1, Verb.UPDATE: 2, Verb.LINK: 3, Verb.ARCHIVE: 4}


def _ordered(actions: Sequence[Action]) -> list[Action]:
    """Restores, creates (those referred to first), updates, links, archives (those that refer first)."""
    creates = sorted(
        (a for a in actions if a.verb is Verb.CREATE), key=lambda a: (a.kind, a.label.casefold(), a.item, a.side)
    )
    of_item: dict[str, list[Action]] = defaultdict(list)
    for create in creates:
        of_item[create.item].append(create)
    ordered: list[Action] = []
    placed: set[tuple[str, str]] = set()

    def place(action: Action, above: frozenset[str]) -> None:
        if (action.side, action.item) in placed or action.item in above:
            return
        for item in pending_items([w.after for w in action.writes.values()]):
            for other in of_item.get(item, ()):
                place(other, above | {action.item})
        placed.add((action.side, action.item))
        ordered.append(action)

    for action in creates:
        place(action, frozenset())
    return sorted([*ordered, *(a for a in actions if a.verb is not Verb.CREATE)], key=lambda a: _RANK[a.verb])
