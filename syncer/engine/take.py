"""Commit what was observed and decided, before any write: what was seen, items, bases, conflicts and cursors,
in one transaction. The one place, beside `apply`, where a base is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syncer.engine.editors import told
from syncer.engine.ledger import entry
from syncer.engine.merge import Outcome
from syncer.engine.names import REFERS
from syncer.engine.plan import Action
from syncer.engine.state import UNDONE, Decision, ItemView, Question, SideView
from syncer.engine.world import World, seen_link
from syncer.mapping.rules import Names, Rules
from syncer.record import digest
from syncer.store.lease import Lease
from syncer.store.rows import (
    BaseEntry,
    ConflictRow,
    ConflictSide,
    ConflictState,
    CursorRow,
    FieldWrite,
    ItemRow,
    ItemState,
    JournalRow,
    JournalState,
    LinkState,
    StrayRow,
)
from syncer.store.store import Store
from syncer.store.work import Work


@dataclass
class Taker:
    """Writes one round of decisions."""

    store: Store
    lease: Lease
    run: str
    rules: Rules
    now: datetime

    def take(
        self,
        world: World,
        decisions: Mapping[str, Decision],
        actions: Sequence[Action],
        questions: Sequence[Question],
    ) -> None:
        """Commit the round."""
        # A side that was not reached, or is paused, could not be planned for: its items are looked at again.
        unheard = any(not seen.heard for seen in world.observed.values())
        busy = {*decisions} if unheard else {a.item for a in actions}
        known = self.store.conflicts()
        open_rows = {(c.item, c.field): c for c in known if c.field}
        rows = self.store.items([d.item for d in decisions.values() if not d.view.new])
        with self.store.commit(self.lease) as work:
            for decision in decisions.values():
                self._item(work, decision, rows)
                unfinished = decision.item in busy or bool(decision.revive or decision.archive)
                self._links(work, decision, world.names, pending=unfinished)
                self._conflicts(work, decision, open_rows)
            self._questions(work, questions, [c for c in known if not c.field], decisions)
            self._strays(work, world)
            self._cursors(work, world)
            work.bump()

    def _item(self, work: Work, decision: Decision, rows: Mapping[str, ItemRow]) -> None:
        view = decision.view
        changes: dict[str, FieldWrite] = {
            name: {"before": view.fields.get(name), "after": decision.fields.get(name)}
            for name in sorted({*view.fields, *decision.fields})
            if view.fields.get(name) != decision.fields.get(name)
        }
        if not changes and not view.new and decision.state == view.state:
            return
        born = self.run if view.new else rows[view.id].created_run
        work.put_item(ItemRow(view.id, view.kind, decision.fields, ItemState(decision.state), created_run=born))
        sources = {n: list(decision.outcomes[n].taken) for n in changes if n in decision.outcomes}
        rules = {n: decision.outcomes[n].settled_by for n in changes if n in decision.outcomes}
        verb = "birth" if view.new else "take" if decision.state == view.state else decision.state
        work.journal(
            JournalRow(
                run=self.run,
                action=verb,
                item=view.id,
                fields={
                    n: {
                        "before": c["before"],
                        "after": c["after"],
                        "taken": sources.get(n, []),
                        "rule": rules.get(n, ""),
                        "by": _authors(view, n, sources.get(n, [])),
                    }
                    for n, c in changes.items()
                },
                state=JournalState.DONE,
                why=view.why if view.new else "",
                at=self.now,
                finished_at=self.now,
            )
        )

    def _links(self, work: Work, decision: Decision, names: Names, *, pending: bool) -> None:
        for side in decision.view.sides.values():
            link = side.link
            if link is None:
                continue
            costly = self.rules.sides[side.side].costly()
            frozen = side.side in decision.frozen
            if side.record is not None and not frozen:
                link = seen_link(link, side.record, costly, self.run, self.rules.product)
            elif side.record is not None:
                link = replace(link, digest=digest(side.record, costly), seen_run=self.run)
            link = replace(
                link,
                base=self._bases(decision, side),
                state=LinkState(decision.links.get(side.side, link.state)),
                pending=pending or _unresolved(side, names),
            )
            if side.gone is not None:
                # while that is not settled it is asked again next time, and then no more
                unsettled = link.state == LinkState.LIVE
                # seen again it is news, though it may look just as it did under a coarse clock
                link = replace(link, hot=unsettled, pending=link.pending or unsettled, digest="")
            if link != side.link or decision.view.new or side.link is None:
                work.put_link(link)

    def _bases(self, decision: Decision, side: SideView) -> dict[str, BaseEntry]:
        assert side.link is not None
        base = {n: e for n, e in side.link.base.items() if n in side.rule.fields}
        for name, outcome in decision.outcomes.items():
            moved = outcome.bases.get(side.side)
            rule = side.rule.fields.get(name)
            if moved is not None and rule is not None:
                base[name] = entry(rule.record_field, moved.raw, moved.value, rule.fingerprint())
        return base

    def _conflicts(self, work: Work, decision: Decision, open_rows: Mapping[tuple[str, str], ConflictRow]) -> None:
        for name, outcome in decision.outcomes.items():
            known = open_rows.get((decision.item, name))
            if outcome.held or (outcome.clash and outcome.settled_by):
                work.put_conflict(self._row(decision, name, outcome, known))
            elif known is not None:
                work.put_conflict(
                    replace(known, state=ConflictState.CLOSED, how="the sides agree", closed_run=self.run)
                )
            for side, value in outcome.put_back.items():
                work.put_conflict(
                    ConflictRow(
                        decision.item,
                        name,
                        "direction",
                        ConflictState.SETTLED,
                        base=outcome.value,
                        sides={side: {"value": value, "raw": None, "at": None, "by": ""}},
                        opened_run=self.run,
                        closed_run=self.run,
                        how=f"{side} is not where {name} is edited: put back",
                    )
                )
        if decision.revived_by:
            work.put_conflict(
                ConflictRow(
                    decision.item,
                    "",
                    "revived",
                    ConflictState.CLOSED,
                    sides={decision.revived_by: {"value": None, "raw": None, "at": None, "by": ""}},
                    opened_run=self.run,
                    closed_run=self.run,
                    how="an edit beat the removal",
                    reason=decision.revive.get(decision.revived_by, ""),
                )
            )

    def _row(self, decision: Decision, name: str, outcome: Outcome, known: ConflictRow | None) -> ConflictRow:
        assert outcome.clash is not None
        sides: dict[str, ConflictSide] = {}
        for party, value in outcome.clash.values.items():
            view = decision.view.sides.get(party)
            record = view.record if view else None
            link = view.link if view else None
            at = record.edited_at if record else link.edited_at if link else None
            by = record.edited_by if record else link.edited_by if link else ""
            if link is not None and name not in link.base:
                # who wrote what stood here before we came is not known: the last editor may have been us
                at, by = None, ""
            elif editor := view.editors.get(view.rule.fields[name].record_field) if view else None:
                by, at = editor
            elif (said := told(known, party, value)) is not None and said["by"]:
                # the record's last editor came after: to another field, and may have been us
                by, at = said["by"], datetime.fromisoformat(said["at"]) if said["at"] else None
            raw = view.raw(view.rule.fields[name].record_field)[1] if view and name in view.rule.fields else None
            sides[party] = {"value": value, "raw": raw, "at": at.isoformat() if at else None, "by": by}
        if known is not None and known.kind == UNDONE:
            # the word of a record that is away, or was made anew without it, is kept here and nowhere else
            spoken = {side for side in sides if _speaks(decision.view.sides.get(side), name)}
            sides |= {side: said for side, said in known.sides.items() if side not in spoken}
        settled = bool(outcome.settled_by)
        return ConflictRow(
            decision.item,
            name,
            known.kind if known else "edit",
            ConflictState.SETTLED if settled else ConflictState.OPEN,
            base=outcome.clash.ancestor,
            sides=sides,
            opened_run=known.opened_run if known else self.run,
            closed_run=self.run if settled else "",
            how=outcome.settled_by,
            reason=known.reason if known and known.kind == UNDONE else outcome.clash.why,
            id=known.id if known else 0,
        )

    def _questions(
        self,
        work: Work,
        questions: Sequence[Question],
        open_rows: Sequence[ConflictRow],
        decisions: Mapping[str, Decision],
    ) -> None:
        known = {(row.item, row.kind, row.reason) for row in open_rows}
        asked = set()
        for question in questions:
            key = (question.item, question.about, question.text)
            if key in known or key in asked:
                continue
            asked.add(key)
            sides: dict[str, ConflictSide] = {
                question.side: {"value": list(question.choices), "raw": None, "at": None, "by": ""}
            }
            work.put_conflict(
                ConflictRow(question.item, "", question.about, sides=sides, opened_run=self.run, reason=question.text)
            )
        still = {(q.item, q.about, q.text) for q in questions}
        for row in open_rows:
            looked_at = row.item in decisions or row.kind == "match"
            if looked_at and (row.item, row.kind, row.reason) not in still:
                work.put_conflict(replace(row, state=ConflictState.CLOSED, how="no longer so", closed_run=self.run))

    def _strays(self, work: Work, world: World) -> None:
        for one in world.loose:
            key = (one.side, one.record.ref)
            if key in world.matched.items:
                work.drop_stray(*key)
            else:
                reason = world.matched.waiting.get(key, "outside")
                costly = self.rules.sides[one.side].costly()
                work.put_stray(StrayRow(one.side, one.record.ref, digest(one.record, costly), one.record, reason))
        for key in world.ignored:
            work.drop_stray(*key)

    def _cursors(self, work: Work, world: World) -> None:
        known = self.store.cursors()
        for side, seen in world.observed.items():
            if seen.error is not None or seen.cursor is None or seen.emptied:
                continue
            old = known.get(side)
            swept = self.now if seen.complete else old.swept_at if old else None
            work.set_cursor(CursorRow(side, seen.cursor, swept, self.now, self.rules.fingerprint))


def _authors(view: ItemView, name: str, sides: Iterable[str]) -> dict[str, str]:
    """Return who edited last on the sides that a value was taken from, where that is known."""
    found: dict[str, str] = {}
    for side in sides:
        shown = view.sides.get(side)
        if shown is None or name not in shown.link.base or name not in shown.rule.fields:
            continue  # who wrote what stood there before we came is not known
        editor = shown.editors.get(shown.rule.fields[name].record_field)
        by = editor[0] if editor else shown.record.edited_by if shown.record else shown.link.edited_by
        found |= {side: by} if by else {}
    return found


def _unresolved(side: SideView, names: Names) -> bool:
    """Say whether a reference here names something we hold no item for: it is looked at again next time."""
    for rule in side.rule.fields.values():
        known, raw = side.raw(rule.record_field) if rule.type in REFERS else (False, None)
        if known and raw is not None:
            reading = rule.read(raw, names)
            if reading.unnamed or reading.unreadable:
                return True
    return False


def _speaks(view: SideView | None, name: str) -> bool:
    """Say whether a side shows something else in a field than at its base: what it had been known to say is past."""
    rule = view.rule.fields.get(name) if view is not None else None
    if view is None or rule is None:
        return False
    base = view.base(name, rule.record_field)
    return base is None or view.raw(rule.record_field)[1] != base.raw
