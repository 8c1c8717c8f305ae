"""Undo of a run: a plan like any other, made from the journal and from what every record shows now.

the run …                     and since then                        then
wrote a field                 the record still shows what we wrote   it is put back as it was, raw
wrote a field                 it shows something else                left alone, and listed
created a record              nobody touched it                      it is archived
created a record              somebody edited it, or put something   left alone, and listed
                              below it
archived a record             it is still archived                   it is restored
restored a record             it is still there                      it is archived

What was put back is held: a side whose people wrote what the run had carried elsewhere keeps it, and no later sync
carries it again until a person says so, or the sides agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syncer.adapter import Adapter
from syncer.engine.merge import Base, Shown, changed
from syncer.engine.plan import UNDO, Action, Plan, Verb, Write
from syncer.engine.state import UNDONE
from syncer.mapping.rules import Direction, KindRule, Names, Rules, Value
from syncer.record import Gone, Record, Ref
from syncer.store.lease import Lease
from syncer.store.pseudonym import forgotten
from syncer.store.rows import (
    ConflictRow,
    ConflictSide,
    FieldWrite,
    ItemRow,
    ItemState,
    JournalRow,
    JournalState,
    LinkRow,
    LinkState,
)
from syncer.store.store import Store

_HEARD = (Direction.BOTH, Direction.IN)
_ITEM_ROWS = ("take", "settle", "undo", "birth", "live", "removed")


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is to be undone: a run, or only what it did to one item, or to one field."""

    run: str
    item: str = ""
    field: str = ""


@dataclass
class Undoer:
    """Plans an undo and commits what it means for the items. Reads records; writes to no system."""

    store: Store
    rules: Rules
    adapters: Mapping[str, Adapter]
    names: Names
    wanted: Undoing
    notes: list[str] = field(default_factory=list)

    def plan(self) -> Plan:
        """Return the actions that put back what the run did, and what is left alone, as notes."""
        groups: dict[tuple[str, str], list[JournalRow]] = {}
        for row in self.store.journal(run=self.wanted.run, item=self.wanted.item or None, state=JournalState.DONE):
            if row.side in self.rules.sides and row.side not in self.adapters:
                self.notes.append(f"left alone: {row.side} is paused")
            elif row.side in self.rules.sides and row.ref is not None:
                groups.setdefault((row.item, row.side), []).append(row)
        items = self.store.items({item for item, _ in groups})
        shown = self._shown(groups)
        links = self.store.links(items)
        actions: list[Action] = []
        for (item, side), rows in sorted(groups.items()):
            rule = self.rules.sides[side].kinds.get(items[item].kind)
            link = links.get(item, {}).get(side)
            if rule is not None and link is not None:
                actions += self._put_back(items[item], rule, link, rows, shown.get((side, link.ref)))
        going = {(a.item, a.side) for a in actions if a.verb is Verb.ARCHIVE or "parent" in _fields_of([a])}
        below = self._below() if going else {}
        return Plan(
            tuple(a for a in actions if not self._has_parts(a, going, below)),
            {},
            notes=tuple(dict.fromkeys(self.notes)),
            generation=self.store.generation,
            fingerprint=self.rules.fingerprint,
            product=self.rules.product,
            undoes={"run": self.wanted.run, "item": self.wanted.item, "field": self.wanted.field},
        )

    def _shown(self, groups: Mapping[tuple[str, str], list[JournalRow]]) -> dict[tuple[str, Ref], Record | Gone]:
        found: dict[tuple[str, Ref], Record | Gone] = {}
        for side in {side for _, side in groups}:
            links = self.store.links({item for item, of in groups if of == side})
            refs = sorted({Ref(its[side].ref) for its in links.values() if side in its})
            found |= {(side, ref): answer for ref, answer in self.adapters[side].get(refs).items()}
        return found

    def _put_back(
        self, item: ItemRow, rule: KindRule, link: LinkRow, rows: list[JournalRow], shown: Record | Gone | None
    ) -> list[Action]:
        if isinstance(shown, Record) and self.rules.sides[link.side].conceals(shown):
            self.notes.append(f"left alone: {link.ref} on {link.side} is restricted")
            return []
        verbs = [row.action for row in rows]
        moves = [verb for verb in verbs if verb in (Verb.ARCHIVE, Verb.RESTORE)]
        if moves and moves[-1] == Verb.ARCHIVE:
            if link.state not in (LinkState.ARCHIVED, LinkState.UNDONE):
                return self._leave(item, link, "it is no longer archived")
            return [] if self.wanted.field else [self._action(Verb.RESTORE, item, link)]
        if not isinstance(shown, Record) or rule.away(shown):
            return self._leave(item, link, "it is no longer there")
        if Verb.CREATE in verbs or moves:
            if self.wanted.field:
                return []
            why = self._touched(link, rule, rows, shown)
            return self._leave(item, link, why) if why else [self._action(Verb.ARCHIVE, item, link)]
        writes = self._writes(item, rule, link, rows, shown)
        return [self._action(Verb.UPDATE, item, link, writes)] if writes else []

    def _leave(self, item: ItemRow, link: LinkRow, why: str) -> list[Action]:
        self.notes.append(f"left alone: {_title(item)} on {link.side}: {why}")
        return []

    def _touched(self, link: LinkRow, rule: KindRule, rows: list[JournalRow], shown: Record) -> str:
        """Say what people did to a record since we made it, or ""."""
        names = {r.record_field for r in rule.fields.values()}
        edited = [n for n in names & shown.fields.keys() & link.seen.keys() if shown.fields[n] != link.seen[n]]
        traits = self.adapters[link.side].traits
        times = [at for row in self._ours(link) if (at := row.finished_at or row.at)]
        by_us = bool(traits.account) and shown.edited_by == traits.account
        grain = timedelta(seconds=traits.clock_grain + 1)
        late = bool(times) and shown.edited_at is not None and not by_us and shown.edited_at - max(times) > grain
        return "somebody has worked on it since" if edited or late or self._untaken(link, rule, shown) else ""

    def _untaken(self, link: LinkRow, rule: KindRule, shown: Record) -> bool:
        """Say whether a record shows what a person wrote and no sync has taken yet, though its last writer was us."""
        for name, field_rule in rule.fields.items():
            base = link.base.get(name)
            if base is None or field_rule.record_field not in shown.fields or field_rule.direction not in _HEARD:
                continue
            raw = shown.fields[field_rule.record_field]
            if changed(Shown(link.side, field_rule, raw, Base(base["raw"], base["value"])), self.names):
                return True
        return False

    def _ours(self, link: LinkRow) -> list[JournalRow]:
        return self.store.journal(item=link.item, side=link.side, state=JournalState.DONE)

    def _below(self) -> dict[str, list[ItemRow]]:
        """Return the living items by what they are a part of."""
        found: dict[str, list[ItemRow]] = {}
        for item in self.store.items().values():
            if item.state == ItemState.LIVE and (parent := item.fields.get("parent")) is not None:
                found.setdefault(parent, []).append(item)
        return found

    def _has_parts(self, action: Action, going: set[tuple[str, str]], below: Mapping[str, Sequence[ItemRow]]) -> bool:
        """Say whether a record that stays is below one that would be archived: what lives elsewhere only is not.

        `going`: records that go, or come away from where the run had put them.
        """
        if action.verb is not Verb.ARCHIVE:
            return False
        place = self.rules.sides[action.side].connection
        near = {side for side, rules in self.rules.sides.items() if rules.connection == place}
        parts = {item.id: item for item in below.get(action.item, ())}
        for part, links in self.store.links(parts).items() if parts else ():
            if any(s in near and its.state == LinkState.LIVE and (part, s) not in going for s, its in links.items()):
                said = f"{_title(parts[part])} is below it"
                self.notes.append(f"left alone: {action.label} on {action.side}: {said}")
                return True
        return False

    def _writes(
        self, item: ItemRow, rule: KindRule, link: LinkRow, rows: list[JournalRow], shown: Record
    ) -> dict[str, Write]:
        writes: dict[str, Write] = {}
        for name, change in _net(rows).items():
            values = self._was(rule, name, change)
            if self.wanted.field and self.wanted.field not in values:
                continue
            if forgotten([change["before"], change["after"], change.get("was"), change.get("values")]):
                self._leave(item, link, f"who stood in {', '.join(values) or name} was forgotten")
                continue
            now = shown.fields.get(name)
            if now == change["before"]:
                continue
            if now != change["after"]:
                self._leave(item, link, f"{', '.join(values) or name} was edited since")
                continue
            told = {n: v for n, v in (change.get("values") or {}).items() if n in values}
            writes[name] = Write(now, change["before"], values, f"undo of {self.wanted.run}", told)
        return writes

    def _was(self, rule: KindRule, name: str, change: FieldWrite) -> dict[str, Value]:
        """Return the item fields that a record field stands for, as they read before the run."""
        known = change.get("was") or {}
        fields = [r for r in rule.fields.values() if r.record_field == name]
        return {r.field: known.get(r.field, r.read(change["before"], self.names).value) for r in fields}

    def _action(self, verb: Verb, item: ItemRow, link: LinkRow, writes: Mapping[str, Write] | None = None) -> Action:
        why = f"undo of {self.wanted.run}"
        ref = Ref(link.ref)
        return Action(verb, item.id, item.kind, link.side, ref, link.record_type, _title(item), writes or {}, UNDO, why)

    # what an undo means for the items

    def take(self, lease: Lease, run: str, plan: Plan, now: datetime) -> None:
        """Commit, before any write, the items as they were and what is held from now on."""
        by_item: dict[str, list[Action]] = {}
        for action in plan.actions:
            by_item.setdefault(action.item, []).append(action)
        items = self.store.items(by_item)
        links = self.store.links(by_item)
        with self.store.commit(lease, "undo") as work:
            open_rows = {(c.item, c.field) for c in self.store.conflicts()}
            for item, actions in sorted(by_item.items()):
                before, back = items[item], self._restored(items[item], actions)
                alive = any(a.verb is Verb.RESTORE for a in actions)
                state = ItemState.LIVE if alive else before.state
                restored = {a.side for a in actions if a.verb is Verb.RESTORE}
                for side, link in links[item].items() if alive else ():
                    if side not in restored and link.state in (LinkState.GONE, LinkState.ARCHIVED):
                        work.put_link(replace(link, state=LinkState.UNDONE))
                work.put_item(replace(before, fields={n: v for n, v in back.items() if v is not None}, state=state))
                for name in sorted(_fields_of(actions)):
                    if (item, name) not in open_rows:
                        work.put_conflict(self._hold(before, name, back.get(name), actions, links[item], run))
                work.journal(_told(run, item, before.fields, back, self.wanted.run, now))
            work.bump()

    def _restored(self, item: ItemRow, actions: list[Action]) -> dict[str, Value]:
        """Return the item's fields, those that are put back as they were before the run, unless they moved since."""
        fields = dict(item.fields)
        undone = _fields_of(actions)
        rows = self.store.journal(run=self.wanted.run, item=item.id, state=JournalState.DONE)
        for row in reversed([r for r in rows if not r.side and r.action in _ITEM_ROWS]):
            for name, change in row.fields.items():
                if name in undone and fields.get(name) == change.get("after") and not forgotten(change.get("before")):
                    fields[name] = change.get("before")
        return fields

    def _hold(
        self, item: ItemRow, name: str, value: Value, actions: list[Action], links: Mapping[str, LinkRow], run: str
    ) -> ConflictRow:
        written = {a.side for a in actions if any(name in w.values for w in a.writes.values())}
        sides: dict[str, ConflictSide] = {}
        for side, link in links.items():
            rule = self.rules.sides[side].kinds[item.kind].fields.get(name) if side in self.rules.sides else None
            if rule is None or side in written or link.state != LinkState.LIVE:
                continue
            raw = link.seen.get(rule.record_field)
            if not rule.fits(raw, value, self.names):
                at = link.edited_at.isoformat() if link.edited_at else None
                reading = rule.read(raw, self.names)
                sides[side] = {"value": reading.value, "raw": raw, "at": at, "by": link.edited_by}
        why = f"undone: what run {self.wanted.run} carried is not carried again"
        return ConflictRow(item.id, name, UNDONE, base=value, sides=sides, opened_run=run, reason=why)


def _net(rows: list[JournalRow]) -> dict[str, FieldWrite]:
    """Return what a run's writes to one record come to: what was there before the first, and after the last."""
    found: dict[str, FieldWrite] = {}
    for row in rows:
        for name, change in row.fields.items() if row.action == Verb.UPDATE else ():
            first = found.get(name)
            net: FieldWrite = {**change}
            if first is not None:
                net["before"] = first["before"]
                net["was"] = first.get("was") or {}
            found[name] = net
    return found


def _fields_of(actions: list[Action]) -> set[str]:
    return {name for action in actions for write in action.writes.values() for name in write.values}


def _title(item: ItemRow) -> str:
    return str(item.fields.get("title") or item.id)


def _told(
    run: str, item: str, before: Mapping[str, Value], after: Mapping[str, Value], undone: str, now: datetime
) -> JournalRow:
    changes: dict[str, FieldWrite] = {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }
    return JournalRow(
        run, "undo", item, fields=changes, state=JournalState.DONE, why=f"undo of {undone}", at=now, finished_at=now
    )
