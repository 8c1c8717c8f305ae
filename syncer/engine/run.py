"""One execution from observe to commit: `plan` touches nothing, `sync` does what its own plan says.

settle open intents → observe → match → decide → plan → guards → take (one commit) → apply → once more for what
had moved under our hands
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syncer.adapter import Adapter, Can
from syncer.engine.actions import creates_of, plan_actions
from syncer.engine.apply import Applier, Report
from syncer.engine.decide import check_whole, decide
from syncer.engine.derive import derive_fields, shown_derived, touched, trees
from syncer.engine.discreet import discreet
from syncer.engine.editors import ask_editors
from syncer.engine.guard import check_guards
from syncer.engine.names import Directory
from syncer.engine.observe import Look, Observed, Progress, observe_all
from syncer.engine.plan import Action, Plan, Verb
from syncer.engine.rebuild import Rebuilt, adopt, all_listed, check_not_lost, told
from syncer.engine.remains import complete_from_tags
from syncer.engine.settle import settle_intents
from syncer.engine.state import Decision
from syncer.engine.take import Taker
from syncer.engine.undo import Undoer, Undoing
from syncer.engine.watch import Edit, edits, quarantine, reverted, writes_of
from syncer.engine.world import World, build, extend
from syncer.errors import GuardError
from syncer.mapping.rules import Rules
from syncer.record import GoneKind, Record, Ref
from syncer.store.lease import Lease
from syncer.store.rows import JournalRow, JournalState, RunState
from syncer.store.store import Store


@dataclass
class Engine:
    """Reconciles one product. Holds no state of its own between calls."""

    store: Store
    rules: Rules
    adapters: Mapping[str, Adapter]
    directory: Callable[[], Directory]
    now: Callable[[], datetime]
    timeout: float = 60.0
    progress: Progress | None = None
    closed: Collection[str] = ()
    """Sides that are never written: their actions are planned, and kept for the day they may be done."""
    paused: Collection[str] = ()
    """Sides that are neither read nor written until somebody resumes them."""
    observed: dict[str, Observed] = field(default_factory=dict)
    learn: Callable[[Mapping[str, Iterable[Record]]], Rules] | None = None
    """Given what was observed, returns the rules that know it: a tool may have got an option since they were made."""

    def __post_init__(self) -> None:
        self.adapters = discreet(self.adapters, self.rules)

    def plan(self, *, full: bool = False, waiting: Mapping[tuple[str, str], str] | None = None) -> Plan:
        """Observe and decide; write nothing, here or anywhere."""
        self.observed = self._observe(full)
        check_not_lost(self.store, self.rules.product, self.observed)
        return self._decide(self.observed, waiting or self._open_creates())[1]

    def sync(
        self,
        lease: Lease,
        run: str,
        *,
        full: bool = False,
        allow: Collection[str] = (),
        only: Callable[[Action], bool] | None = None,
    ) -> tuple[Plan, Report]:
        """Plan, and apply the plan; return both.

        `only` narrows what is done to some of the actions; the rest stays pending. `allow` names guards that may be
        passed ("--allow removals"). Raises GuardError where a guard stops the plan; then nothing was written.
        """
        applier = self._applier(lease, run, None if self._unsettled() else Directory())
        left = settle_intents(applier, self.timeout)
        self.observed = self._observe(full or self._after_stop(), allow)
        check_not_lost(self.store, self.rules.product, self.observed)
        world, plan = self._decide(self.observed, left.waiting)
        plan = replace(plan, questions=(*plan.questions, *left.questions))
        self._stop(plan, allow)
        self._take(lease, run, world, plan)
        applier = self._applier(lease, run, world.names)
        report = applier.apply(self._open(a for a in plan.actions if only is None or only(a)))
        report.withheld = [a for a in plan.actions if a.side in self.closed]
        if report.stale and only is None:
            report.merge(self._again(lease, run, applier))
        for side, seen in self.observed.items():
            if seen.error is not None:
                report.unreachable.setdefault(side, seen.error.message)
        return plan, report

    def _again(self, lease: Lease, run: str, first: Applier) -> Report:
        """Re-plan once what had moved between our reading and our writing."""
        moved = {action.item for action, _ in first.report.stale}
        first.report.stale.clear()
        unheard = {side: seen for side, seen in self.observed.items() if not seen.heard}
        world, plan = self._decide(unheard, self._open_creates())
        self._take(lease, run, world, plan)
        actions = self._open(a for a in plan.actions if a.item in moved)
        return self._applier(lease, run, world.names).apply(actions)

    def rebuild(self, lease: Lease, run: str) -> Rebuilt:
        """Fill a new store from what every side shows now, with no base anywhere; write nothing to any side.

        Raises what kept a side from being listed whole: then nothing was taken.
        """
        self.observed = all_listed(self._observe(True))
        lineage = adopt(self.store, lease, self.rules.product, self.observed)
        world, plan = self._decide(self.observed, {})
        self._take(lease, run, world, plan)
        return told(self.observed, world, plan, lineage)

    def undoer(self, wanted: Undoing) -> Undoer:
        """Return what plans the undo of a run."""
        return Undoer(self.store, self.rules, self._awake(), self.directory(), wanted)

    def undo(self, lease: Lease, run: str, wanted: Undoing, only: Callable[[Action], bool]) -> tuple[Plan, Report]:
        """Do those actions of an undo that `only` lets pass; return its plan as it is now, and the report."""
        settle_intents(self._applier(lease, run), self.timeout)
        undoer = self.undoer(wanted)
        plan = undoer.plan()
        chosen = replace(plan, actions=tuple(self._open(a for a in plan.actions if only(a))))
        undoer.take(lease, run, chosen, self.now())
        report = self._applier(lease, run).apply(list(chosen.actions))
        report.withheld = [a for a in plan.actions if a.side in self.closed]
        return plan, report

    def _open(self, actions: Iterable[Action]) -> list[Action]:
        return [a for a in actions if a.side not in self.closed and a.side not in self.paused]

    def _awake(self) -> dict[str, Adapter]:
        return {side: adapter for side, adapter in self.adapters.items() if side not in self.paused}

    def _applier(self, lease: Lease, run: str, names: Directory | None = None) -> Applier:
        names = self.directory() if names is None else names
        return Applier(self.store, lease, run, self.rules, names, self._awake(), self.now, self.progress)

    def _observe(self, full: bool, allow: Collection[str] = ()) -> dict[str, Observed]:
        cursors = self.store.cursors()
        looks = []
        for side, adapter in self._awake().items():
            row = cursors.get(side)
            swept = row.swept_at if row else None
            old = swept is None or self.now() - swept > timedelta(seconds=self.rules.full_every)
            renew = row is not None and row.fingerprint != self.rules.fingerprint
            fresh = row is None or row.cursor is None or renew
            sweep = full or old or fresh or Can.FEED not in adapter.traits.can
            cursor = row.cursor if row else None
            costly, strict = self.rules.sides[side].costly(), "--allow empty" not in allow
            unread = self._unread(side, costly) if renew else frozenset()
            looks.append(Look(side, adapter, self.store, cursor, sweep, costly, strict, renew, unread))
        observed = observe_all(looks, self.progress)
        told = "is paused: it stands at what was seen"
        observed |= {s: Observed(s, paused=True, notes=[f"{s} {told}"]) for s in self.adapters if s in self.paused}
        if self.learn is not None:
            self.rules = self.learn({side: seen.records.values() for side, seen in observed.items()})
        linked = {look.side: self.store.index(look.side, observed[look.side].records).keys() for look in looks}
        return complete_from_tags(observed, self.adapters, self.rules, self.store, linked)

    def _unread(self, side: str, costly: frozenset[str]) -> frozenset[Ref]:
        """Return the records that were never read as far as a mapping that has grown now asks."""
        links = self.store.each_link(side) if costly else ()
        return frozenset(link.ref for link in links if not costly <= link.seen.keys())

    def _decide(self, observed: Mapping[str, Observed], waiting: Mapping[tuple[str, str], str]) -> tuple[World, Plan]:
        world = build(self.store, self.rules, observed, self.directory(), self.now())
        for view in world.views.values():
            for shown in view.sides.values():
                shown.grain = self.adapters[shown.side].traits.clock_grain
        decisions = {item: decide(view, self.rules, world.names) for item, view in sorted(world.views.items())}
        reverts = self._watch(decisions)
        check_whole(decisions, self._parents(decisions))
        self._derive(world, decisions)
        can = {side: adapter.traits.can for side, adapter in self.adapters.items()}
        reached = {s: c for s, c in can.items() if s not in observed or observed[s].heard}
        for decision in decisions.values():
            for side, rule in creates_of(decision, self.rules, reached):
                if (decision.item, side) not in waiting:
                    world.names.expect(self.rules.sides[side].connection, decision.item, rule.record_type)
        renewed = any(seen.renewed for seen in observed.values())
        actions, notes = plan_actions(decisions, self.rules, world.names, reached, waiting, renewed=renewed)
        questions = [q for d in decisions.values() for q in d.questions] + world.matched.questions
        notes += world.notes + [f"{d.title}: {n}" for d in decisions.values() for n in d.notes]
        notes += [n for seen in observed.values() for n in seen.notes]
        plan = Plan(
            tuple(actions),
            decisions,
            tuple(questions),
            tuple(dict.fromkeys(notes)),
            self.store.generation,
            self.rules.fingerprint,
            self.rules.product,
            {s: seen.error.message for s, seen in observed.items() if seen.error is not None},
        )
        return world, replace(plan, guards=tuple(self._guards(plan, observed, reverts)))

    def _watch(self, decisions: Mapping[str, Decision]) -> Mapping[str, int]:
        """Hold the fields that a side keeps putting back; return how many records of a side went back past us."""
        found = edits(decisions.values())
        if not found:
            return {}
        rows = [row for side in {e.side for e in found} for row in self._our_writes(side, found)]
        writes = writes_of(rows)
        reverts = reverted(found, decisions, writes)
        accounts = {side: adapter.traits.account for side, adapter in self.adapters.items()}
        quarantine(found, decisions, writes, accounts)
        return reverts

    def _our_writes(self, side: str, found: Iterable[Edit]) -> list[JournalRow]:
        refs = {edit.ref for edit in found if edit.side == side}
        return self.store.journal(state=JournalState.DONE, side=side, refs=refs)

    def _derive(self, world: World, decisions: dict[str, Decision]) -> None:
        """Compute the derived fields that some side shows, of what was decided and of what that is a part of."""
        wanted = shown_derived(self.rules)
        tree = None
        if any("progress" in names for names in wanted.values()) and decisions:
            before, tree, moved = trees(self.store.each_item(), decisions)
            more = touched(before, tree, moved, wanted) - decisions.keys()
            for view in extend(world, self.store, self.rules, more):
                decisions[view.id] = decide(view, self.rules, world.names)
        for decision in decisions.values():
            if decision.state == "live" and decision.view.kind in wanted:
                derive_fields(decision, wanted[decision.view.kind], tree, self.rules)

    def _parents(self, decisions: Mapping[str, Decision]) -> dict[str, str | None]:
        """Return the parents of these items, and, where a decision moves one, of all that is above them."""
        pairs = [(d.view.fields.get("parent"), d.fields.get("parent")) for d in decisions.values()]
        parents = {d.item: d.view.fields.get("parent") for d in decisions.values()}
        moved = any(before != after for before, after in pairs)
        todo = {parent for pair in pairs for parent in pair if parent} if moved else set()
        while todo := todo - parents.keys():
            rows = self.store.items(todo)
            parents |= {item: rows[item].fields.get("parent") if item in rows else None for item in todo}
            todo = {p for item in todo if (p := parents[item])}
        return parents

    def _guards(
        self, plan: Plan, observed: Mapping[str, Observed], reverts: Mapping[str, int]
    ) -> list[tuple[str, str]]:
        linked = {
            side: self.store.count_living(side)
            for side, seen in observed.items()
            if seen.gone or seen.emptied or seen.emptied_knowingly
        }
        emptied = [side for side, seen in observed.items() if seen.emptied or seen.emptied_knowingly]
        surely = {GoneKind.TRASHED, GoneKind.DELETED}
        removed = {
            side: sum(1 for gone in seen.gone.values() if gone.kind in surely)
            for side, seen in observed.items()
            if not seen.emptied_knowingly  # who let that pass let the removals pass
        }
        older = {side: seen.older for side, seen in observed.items() if seen.older}
        went_back = {side: max(older.get(side, 0), reverts.get(side, 0)) for side in {*older, *reverts}}
        removals = {s: n for s, n in removed.items() if n}
        return check_guards(plan.actions, self.rules.guards, linked, emptied, removals, went_back)

    def _stop(self, plan: Plan, allow: Collection[str]) -> None:
        if stopped := [(saw, flag) for saw, flag in plan.guards if flag not in allow]:
            raise GuardError(stopped)

    def _after_stop(self) -> bool:
        """Say whether a guard stopped the last run that would have written: then everything is listed anew."""
        ended = (row for row in self.store.runs() if row.command in ("sync", "apply") and row.state != RunState.OPEN)
        last = next(ended, None)
        return last is not None and last.state == RunState.STOPPED

    def _take(self, lease: Lease, run: str, world: World, plan: Plan) -> None:
        heard = {side: a for side, a in self._awake().items() if side not in plan.unreachable}
        ask_editors(plan.decisions.values(), self.store.conflicts(), heard)
        taker = Taker(self.store, lease, run, self.rules, self.now())
        taker.take(world, plan.decisions, plan.actions, plan.questions)

    def _unsettled(self) -> bool:
        """Say whether an earlier run left an intent: only then is anybody's name asked for before observing."""
        return any(self.store.journal(state=state) for state in (JournalState.OPEN, JournalState.UNKNOWN))

    def _open_creates(self) -> dict[tuple[str, str], str]:
        """Return what a plan that settles nothing must leave alone: records that may or may not exist."""
        rows = [
            r
            for s in (JournalState.OPEN, JournalState.UNKNOWN)
            for r in self.store.journal(state=s, action=Verb.CREATE)
        ]
        return {(r.item, r.side): f"a create of run {r.run} is not settled yet" for r in rows}
