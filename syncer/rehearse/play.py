"""The play itself: read, sync, sync once more, undo, and hold every record against what it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from syncer.engine.done import Done
from syncer.engine.ledger import Report
from syncer.engine.observe import Progress
from syncer.engine.plan import Action, Plan, Verb
from syncer.engine.run import Engine
from syncer.engine.undo import Undoing
from syncer.errors import UnreachableError
from syncer.record import Record, Ref
from syncer.rehearse.results import Rehearsal, Stored, Undone, Unlike
from syncer.rehearse.twin import Twin
from syncer.store.lease import Lease
from syncer.store.store import Store


def last_seen(store: Store, side: str) -> Callable[[Ref], Record | None]:
    """Return what tells how a record of a side was seen last."""

    def seen(ref: Ref) -> Record | None:
        link = store.link_by_ref(side, [ref]).get(ref)
        if link is None:
            return None
        return Record(ref, link.record_type, link.seen, label=link.label, url=link.url, edited_at=link.edited_at)

    return seen


def named(progress: Progress | None) -> Progress | None:
    """Return a progress that calls nothing here writing."""
    if progress is None:
        return None
    return lambda what, count, total: progress("rehearsing" if what == "writing" else what, count, total)


@dataclass
class Play:
    """A rehearsal under way. The engine's adapters are the twins, its store is a copy."""

    engine: Engine
    twins: Mapping[str, Twin]

    def read(self) -> None:
        """Read every collection whole, and plan. From here on the twins stand alone.

        Raises UnreachableError where one cannot be read: what others would get from it is not known then.
        """
        plan = self.engine.plan(full=True)
        for side, why in plan.unreachable.items():
            raise UnreachableError(f"{side} was not reached, so that nothing was rehearsed: {why}")
        for twin in self.twins.values():
            twin.leave()

    def whole(self, lease: Lease, run: str, allow: Collection[str] = ()) -> Rehearsal:
        """Sync, sync once more, undo the first, and return the three results. Raises GuardError as a sync does."""
        open_before = {(conflict.item, conflict.field) for conflict in self.engine.store.conflicts()}
        done = Done(run, *self.engine.sync(lease, run, full=True, allow=allow))
        again, clashes = self._again(done, open_before)
        stored = list(self._stored())
        undone = self._held(*self.engine.undo(lease, f"{run}-undo", Undoing(run), lambda action: True))
        read = {side: len(twin.before) for side, twin in self.twins.items()}
        return Rehearsal(done, again, undone, read, clashes, stored)

    def _again(
        self, done: Done, open_before: Collection[tuple[str, str]]
    ) -> tuple[list[Action], list[tuple[str, str]]]:
        """Return what a second sync would write, and the conflicts (title, field) it would find.

        Both besides what is known: what the first one could not do, what it held, and what had been open before.
        """
        told = {(a.item, a.side) for a, _ in (*done.report.failed, *done.report.waiting)}
        held = {*open_before, *((decision.item, name) for decision, name in done.plan.held)}
        plan = self.engine.plan(full=True)
        clashes = [(d.title, name) for d, name in plan.held if (d.item, name) not in held]
        return [a for a in self._open(plan) if (a.item, a.side) not in told], clashes

    def _open(self, plan: Plan) -> list[Action]:
        """Return what a sync would write of a plan, marks left out: one that a create cannot carry follows it later."""
        closed = {*self.engine.closed, *self.engine.paused}
        return [a for a in plan.actions if a.side not in closed and a.verb is not Verb.LINK]

    def _held(self, plan: Plan, report: Report) -> Undone:
        unlike: list[Unlike] = []
        archived = marked = records = 0
        why = {(action.side, action.ref): said for action, said in (*report.failed, *report.stale)}
        for side, twin in self.twins.items():
            titles = self._titles(side, twin.records.keys())
            records += len(twin.before)
            for ref, now in twin.records.items():
                before, label = twin.before.get(ref), titles.get(ref) or now.label or ref
                if before is not None:
                    unlike += _differences(twin, label, before, now)
                    marked += before.tag != now.tag
                elif self._away(side, now):
                    archived += 1
                else:
                    unlike.append(Unlike(side, label, why=why.get((side, ref), "made by the sync, and still there")))
        return Undone(plan, report, records, unlike, archived, marked, self._open(self.engine.plan(full=True)))

    def _away(self, side: str, record: Record) -> bool:
        rule = self.engine.rules.sides[side].rule_for(record)
        return record.archived if rule is None else rule.away(record)

    def _titles(self, side: str, refs: Collection[Ref]) -> dict[Ref, str]:
        links = self.engine.store.link_by_ref(side, refs)
        items = self.engine.store.items({link.item for link in links.values()})
        return {ref: str(items[link.item].fields.get("title") or "") for ref, link in links.items()}

    def _stored(self) -> Iterator[Stored]:
        """Yield what reads as something else than was meant: a form that means the same is nobody's concern."""
        names = self.engine.directory()
        for side, twin in self.twins.items():
            titles = self._titles(side, {one.ref for one in twin.stored})
            kinds = self.engine.rules.sides[side].kinds.values()
            for one in twin.stored:
                rules = [
                    r for k in kinds for r in k.fields.values()
                    if k.record_type == one.record_type and r.record_field == one.field
                ]  # fmt: skip
                if any(r.read(one.sent, names).value != r.read(one.shown, names).value for r in rules):
                    label, name = titles.get(one.ref) or one.ref, twin.name(one.record_type, one.field)
                    yield Stored(side, label, name, one.sent, one.shown)


def _differences(twin: Twin, label: str, before: Record, now: Record) -> Iterator[Unlike]:
    if before is now:
        return
    if before.archived and now.archived:
        return  # out of sight then and now: nobody reads what it holds
    if before.archived != now.archived:
        yield Unlike(twin.side, label, why="it is archived" if now.archived else "it is no longer archived")
    for name in sorted({*before.fields, *now.fields}):
        was, shown = before.fields.get(name), now.fields.get(name)
        if was != shown:
            yield Unlike(twin.side, label, twin.name(now.type, name), was, shown)
