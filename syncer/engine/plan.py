"""From decisions to actions: for each side, the smallest set of fields that makes it fit. Pure.

+ create   ~ update   - archive   ^ restore   = link
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from syncer.adapter import Can
from syncer.engine.state import Decision, Question, SideView
from syncer.mapping.rules import CannotSay, Direction, FieldRule, KindRule, Names, Rules, Value
from syncer.record import Raw, Ref, canonical_json

GIVEN_BACK = "given back"
"""The cause of an action that restores what a write of ours replaced without having seen it."""
UNDO = "undo"
"""The cause of an action that puts back what a run did."""


class Verb(StrEnum):
    """What an action does to a record."""

    CREATE = "create"
    UPDATE = "update"
    ARCHIVE = "archive"
    RESTORE = "restore"
    LINK = "link"

    @property
    def sign(self) -> str:
        """Return the sign that plans print."""
        return {"create": "+", "update": "~", "archive": "-", "restore": "^", "link": "="}[self.value]


@dataclass(frozen=True, slots=True)
class Write:
    """One record field to be written: raw before and after, and the item fields (name → value) it stands for.

    `was`: what the item fields read as on this side before, for people to see.
    """

    before: Raw
    after: Raw
    values: Mapping[str, Value]
    why: str
    was: Mapping[str, Value] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do to one record.

    `decided_from` holds the raw values, on every side, that the decision read: side → record field → raw.
    `cause` is "edit", "first contact", "removal", "unfinished", "configuration" or "undo".
    """

    verb: Verb
    item: str
    kind: str
    side: str
    ref: Ref | None
    record_type: str
    label: str
    writes: Mapping[str, Write] = field(default_factory=dict)
    cause: str = "edit"
    why: str = ""
    decided_from: Mapping[str, Mapping[str, Raw]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return a digest of everything this action would do: equal ids are the same reviewed deed."""
        writes = {name: [w.before, w.after] for name, w in self.writes.items()}
        text = canonical_json([self.verb, self.item, self.side, self.ref, self.record_type, writes])
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


@dataclass(frozen=True, slots=True)
class Plan:
    """The decided list. `decisions` are kept for `apply`; everything a reviewer needs is in the rest."""

    actions: tuple[Action, ...]
    decisions: Mapping[str, Decision]
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    generation: int = 0
    fingerprint: str = ""
    product: str = ""
    unreachable: Mapping[str, str] = field(default_factory=dict)
    guards: tuple[tuple[str, str], ...] = ()
    """What a guard saw, and the flag that lets it pass."""
    undoes: Mapping[str, str] = field(default_factory=dict)
    """Of an undo: the run, and the item and field it is narrowed to."""

    @property
    def held(self) -> list[tuple[Decision, str]]:
        """Return the held fields."""
        return [(d, name) for d in self.decisions.values() for name, o in sorted(d.outcomes.items()) if o.held]

    def only(self, keep: Iterable[str]) -> Plan:
        """Return the plan narrowed to the actions with these ids."""
        wanted = set(keep)
        return replace(self, actions=tuple(a for a in self.actions if a.id in wanted))


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
        rule = rules.sides[name].kinds.get(decision.view.kind)
        view = decision.view.sides.get(name)
        if rule is None or Can.CREATE not in abilities.get(name, Can.NOTHING):
            continue
        again = view is not None and name in decision.revive and not _restorable(view, abilities[name])
        linked = view is not None and view.link is not None and not again
        if linked or (not rule.creates and not again) or _blocked_birth(decision, rule):
            continue
        if all(c.holds(decision.fields) for c in rule.item_where):
            found.append((name, rule))
    return found


def _restorable(view: SideView, can: Can) -> bool:
    if view.link is not None and view.link.state == "archived" and view.rule.archive_value:
        return Can.UPDATE in can
    if view.link is None or Can.RESTORE not in can:
        return False
    return view.link.state == "archived" or view.gone is None or view.gone.kind == "trashed"


def _blocked_birth(decision: Decision, rule: KindRule) -> str:
    for name in rule.required:
        outcome = decision.outcomes.get(name)
        if name in rule.fields and (decision.fields.get(name) is None or (outcome is not None and outcome.held)):
            return f"waits for {name}"
    return ""


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
        if view.link is None:
            return []
        if side in decision.archive:
            if (Can.UPDATE if view.rule.archive_value else Can.ARCHIVE) not in can:
                self.notes.append(f"{side} cannot archive {view.link.label}")
                return []
            return [self._action(Verb.ARCHIVE, decision, view, cause="removal", why=decision.archive[side])]
        if decision.state != "live":
            return []
        if side in decision.revive:
            if not _restorable(view, can):
                return []
            restore = self._action(Verb.RESTORE, decision, view, cause="removal", why=decision.revive[side])
            return [restore, *self._update(decision, view)]
        if not view.live and decision.links.get(side) != "live":
            return []
        actions = self._update(decision, view)
        if not view.link.tagged and Can.TAG in can:
            actions.append(self._action(Verb.LINK, decision, view, cause="first contact", why=decision.view.why))
        return actions

    def _update(self, decision: Decision, view: SideView) -> list[Action]:
        if Can.UPDATE not in self.abilities.get(view.side, Can.NOTHING):
            return []
        if not all(c.holds(decision.fields) for c in view.rule.item_where):
            # dormant: out of this side's scope is never a removal, and never a write
            return []
        writes = self._writes(decision, view.rule, view)
        if not writes:
            return []
        return [self._action(Verb.UPDATE, decision, view, writes=writes, cause=self._cause(decision, view, writes))]

    def _create(self, decision: Decision, side: str, rule: KindRule) -> Action:
        writes = self._writes(decision, rule, SideView(side, rule))
        if rule.kind_where is not None and rule.kind_where[1]:
            # what makes a record this kind: without it, the new record would be of no kind, and take no part
            name, values = rule.kind_where
            writes[name] = Write(None, values[0], {}, "what it is")
        known = ", ".join(sorted(v.side for v in decision.view.sides.values() if v.live and v.side != side))
        why = decision.revive.get(side, "") or (f"from {known}" if known else decision.view.why)
        return Action(
            Verb.CREATE,
            decision.item,
            decision.view.kind,
            side,
            None,
            rule.record_type,
            decision.title,
            writes,
            why=why,
        )

    def _writes(self, decision: Decision, kind: KindRule, view: SideView) -> dict[str, Write]:
        writes: dict[str, Write] = {}
        creating = view.link is None
        for name in sorted(kind.fields):
            rule = kind.fields[name]
            known, before = (True, None) if creating else view.raw(rule.record_field)
            if not known or not self._may_write(decision, name, rule, view, creating=creating):
                continue
            value = decision.fields.get(name)
            if value is None and creating:
                value = rule.default
            if not creating and _agreed(decision, view, name, rule, value, before):
                continue
            if not creating and view.side in decision.revive and rule.read(before, self.names).unreadable:
                # What a record shows that is only now brought back was heard by no merge.
                continue
            earlier = writes.get(rule.record_field)
            shown = earlier.after if earlier else before
            after = self._after(decision, rule, value, shown, view.side)
            if after == shown:
                continue
            values = {**(earlier.values if earlier else {}), name: value}
            why = self._why(decision, name)
            was = {**(earlier.was if earlier else {}), name: rule.read(before, self.names).value}
            writes[rule.record_field] = Write(before, after, values, why, was)
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

    def _may_write(self, decision: Decision, name: str, rule: FieldRule, view: SideView, *, creating: bool) -> bool:
        if rule.direction in (Direction.IN, Direction.COMPARE) or not rule.spec.writable:
            return False
        outcome = decision.outcomes.get(name)
        if outcome is not None and (outcome.held or view.side in outcome.notes):
            return False
        if creating:
            # What a create cannot carry is written right after it: `apply` knows.
            return True
        if outcome is None and name not in decision.view.fields:
            return False
        return not view.refuses(name, decision.fields.get(name))

    def _why(self, decision: Decision, name: str) -> str:
        outcome = decision.outcomes.get(name)
        if outcome is None:
            return "unfinished"
        if outcome.settled_by:
            return outcome.settled_by
        if not outcome.held and decision.fields.get(name) != outcome.value:
            return "computed"
        return f"from {', '.join(outcome.taken)}" if outcome.taken else "to be in step"

    def _cause(self, decision: Decision, view: SideView, writes: Mapping[str, Write]) -> str:
        """Say what makes this update necessary; only a configuration that changed makes a side that stood still,
        under a base that agreed with the very same value, or in a field that nobody had compared yet, need writing.
        """
        fields = [n for w in writes.values() for n in w.values]
        if any(_edited(decision, n) for n in fields):
            return "edit"
        bases = [view.base(n, view.rule.fields[n].record_field) for n in fields]
        stood = [b is not None and b.value == decision.view.fields.get(n) for n, b in zip(fields, bases, strict=True)]
        compared = [b is not None for b in bases]
        if self.renewed and view.link is not None and view.link.base:
            # a write that was owed before the configuration changed is not its doing
            return "configuration" if any(stood) or not all(compared) else "unfinished"
        if not all(compared):
            return "first contact"
        return "configuration" if all(stood) else "unfinished"

    def _action(
        self,
        verb: Verb,
        decision: Decision,
        view: SideView,
        *,
        writes: Mapping[str, Write] | None = None,
        cause: str,
        why: str = "",
    ) -> Action:
        assert view.link is not None
        record_type = view.link.record_type or view.rule.record_type
        return Action(
            verb,
            decision.item,
            decision.view.kind,
            view.side,
            Ref(view.link.ref),
            record_type,
            decision.title,
            writes or {},
            cause,
            why,
        )


def _edited(decision: Decision, name: str) -> bool:
    """Say whether somebody's edit, and not a first look at a field, moved it."""
    outcome = decision.outcomes.get(name)
    if name in decision.view.fields and decision.fields.get(name) != decision.view.fields[name]:
        return True
    if outcome is None or not (outcome.taken or outcome.settled_by or outcome.put_back):
        return False
    views = [decision.view.sides[side] for side in outcome.taken if side in decision.view.sides]
    return not views or any(v.link is not None and name in v.link.base for v in views)


def _agreed(decision: Decision, view: SideView, name: str, rule: FieldRule, value: Value, shown: Raw) -> bool:
    """Say whether the side stands at a base that was agreed for this very value, under this very rule.

    That covers what the system made of a value of ours, and the default it shows where nothing was said.
    """
    outcome = decision.outcomes.get(name)
    base = outcome.bases.get(view.side) if outcome else None
    if base is None:
        old = view.link.base.get(name) if view.link else None
        if old is None or old["rf"] != rule.record_field or old["rule"] != rule.fingerprint():
            return False
        return bool(old["raw"] == shown and old["value"] == value)
    return False


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
    creates = {(a.side, a.item): a for a in actions if a.verb is Verb.CREATE}
    of_item: dict[str, list[Action]] = defaultdict(list)
    for create in creates.values():
        of_item[create.item].append(create)
    ordered: list[Action] = []
    placed: set[tuple[str, str]] = set()

    def place(action: Action, above: frozenset[str]) -> None:
        if (action.side, action.item) in placed or action.item in above:
            return
        for item in pending_items([w.after for w in action.writes.values()]):
            for other in of_item.get(item, ()):
                place(other, above | {action.item})
        if (action.side, action.item) not in placed:
            placed.add((action.side, action.item))
            ordered.append(action)

    for action in sorted(creates.values(), key=lambda a: (a.kind, a.label.casefold(), a.item, a.side)):
        place(action, frozenset())
    rest = [a for a in actions if a.verb is not Verb.CREATE]
    before = [a for a in rest if _RANK[a.verb] < _RANK[Verb.CREATE]]
    after = sorted((a for a in rest if _RANK[a.verb] > _RANK[Verb.CREATE]), key=lambda a: _RANK[a.verb])
    return [*before, *ordered, *after]


PENDING = "\0pending:"


def pending_items(value: Any) -> list[str]:
    """Return the items whose refs a raw value still waits for."""
    if isinstance(value, str):
        return [value.removeprefix(PENDING)] if value.startswith(PENDING) else []
    if isinstance(value, dict):
        value = list(value.values())
    return [item for part in value for item in pending_items(part)] if isinstance(value, list) else []
