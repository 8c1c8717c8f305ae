"""Settle a conflict or a question as a person says. Nothing is written to any system here: the next sync does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from syncer.engine.ledger import entry
from syncer.engine.merge import EDIT_LIKE, ITEM, Base, Shown, carried
from syncer.errors import UserError
from syncer.mapping.rules import FieldRule, Names, Rules, Value
from syncer.model import types
from syncer.record import FieldType
from syncer.store.lease import Lease
from syncer.store.rows import BaseEntry, ConflictRow, ConflictState, ItemRow, JournalRow, JournalState, LinkRow
from syncer.store.store import Store


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose: a side's word (`take`), or a value of their own (`value`, where `take` is "")."""

    take: str = ""
    value: Value = None
    because: str = ""

    def words(self) -> str:
        """Return how the choice is recorded."""
        return f"a person took {self.take}" if self.take else "a person gave a value"


@dataclass(frozen=True, slots=True)
class Held:
    """A conflict about a field, with what is needed to settle it."""

    row: ConflictRow
    item: ItemRow
    links: Mapping[str, LinkRow]
    fields: Mapping[str, FieldRule]
    names: Names

    @classmethod
    def of(cls, store: Store, rules: Rules, names: Names, row: ConflictRow) -> Held:
        """Read what belongs to a conflict. Raises UserError where no side is mapped to its field any more."""
        item = store.items([row.item])[row.item]
        links = store.links([row.item]).get(row.item, {})
        found = {s: rules.sides[s].kinds[item.kind].fields.get(row.field) for s in links if s in rules.sides}
        fields = {side: rule for side, rule in found.items() if rule is not None}
        if not fields:
            raise UserError(f"no side shows {row.field} of a {item.kind} any more", hint="`syncer sync` closes it")
        return cls(row, item, links, fields, names)

    @property
    def type(self) -> FieldType:
        """Return the field's type."""
        return next(iter(self.fields.values())).type

    def word(self, side: str) -> Value:
        """Return what taking a side's word gives: of a text its edit, not its poorer rendering of the whole.

        Raises UserError where the side has no word in this conflict.
        """
        if side == ITEM:
            return self.item.fields.get(self.row.field)
        if side not in self.fields:
            sides = ", ".join(sorted(self.fields))
            raise UserError(f"{side!r} has no word in this conflict", hint=f"take one of: {sides}, or {ITEM!r}")
        rule, link = self.fields[side], self.links[side]
        raw = link.seen.get(rule.record_field)
        reading = rule.read(raw, self.names)
        if reading.unreadable:
            raise UserError(f"{self.row.field} on {side} cannot be read: {reading.unreadable}")
        base = link.base.get(self.row.field)
        if self.type in EDIT_LIKE and base is not None:
            shown = Shown(side, rule, raw, Base(base["raw"], base["value"]))
            whole = carried(self.type, shown, reading.value, self.names)
            return whole if whole is not None else reading.value
        return reading.value

    def chosen(self, choice: Choice) -> Value:
        """Return the value that a choice comes to. Raises UserError where it does not fit."""
        if choice.take:
            return self.word(choice.take)
        try:
            return types.normal(self.type, choice.value)
        except ValueError as error:
            raise UserError(f"{self.row.field}: {error}") from error


def resolve(
    store: Store, lease: Lease, run: str, rules: Rules, names: Names, row: ConflictRow, choice: Choice, now: datetime
) -> Value:
    """Settle a conflict about a field; return the value chosen. Raises UserError where the choice does not fit."""
    return settle(store, lease, run, Held.of(store, rules, names, row), choice, now)


def settle(store: Store, lease: Lease, run: str, held: Held, choice: Choice, now: datetime) -> Value:
    """Settle a conflict that is read already; see `resolve`.

    The chosen value becomes the item's. Each side's base stays what that side itself had said, so that an edit made
    there before this choice reaches it is seen as made by someone who had not seen the choice.
    """
    row, item = held.row, held.item
    value = held.chosen(choice)
    merged = {**item.fields, row.field: value}
    if value is None:
        merged.pop(row.field)
    how = f"{choice.words()}: {choice.because}" if choice.because else choice.words()
    with store.commit(lease, "resolve") as work:
        work.put_item(replace(item, fields=merged))
        for side, rule in held.fields.items():
            work.put_link(_rebased(held.links[side], rule, row.field, value, held.names, party=side in row.sides))
        work.put_conflict(replace(row, state=ConflictState.SETTLED, how=how, closed_run=run))
        work.journal(
            JournalRow(
                run=run,
                action="settle",
                item=row.item,
                fields={row.field: {"before": item.fields.get(row.field), "after": value}},
                state=JournalState.DONE,
                rule=choice.words(),
                why=choice.because,
                at=now,
                finished_at=now,
            )
        )
        work.bump()
    return value


def answer(store: Store, lease: Lease, run: str, row: ConflictRow, choice: Choice, now: datetime) -> str:
    """Answer a question about a record. Raises UserError where the answer is not one of its choices."""
    choices = [c for said in row.sides.values() for c in said["value"] or ()]
    if choice.take not in choices:
        raise UserError(f"{choice.take!r} is no answer to this question", hint=f"choose one of: {', '.join(choices)}")
    links = store.links([row.item]).get(row.item, {}) if row.item else {}
    with store.commit(lease, "answer") as work:
        # `how` is read as the answer itself; who gave it and why is in the journal
        work.put_conflict(replace(row, state=ConflictState.SETTLED, how=choice.take, closed_run=run))
        for side in row.sides:
            if side in links:
                work.put_link(replace(links[side], hot=True, pending=True))
        work.journal(
            JournalRow(
                run=run,
                action="answer",
                item=row.item,
                state=JournalState.DONE,
                rule=f"a person answered {choice.take}: {row.reason}",
                why=choice.because,
                at=now,
                finished_at=now,
            )
        )
        work.bump()
    return choice.take


def _rebased(link: LinkRow, rule: FieldRule, name: str, value: Value, names: Names, *, party: bool) -> LinkRow:
    raw = link.seen.get(rule.record_field)
    fits = rule.fits(raw, value, names)
    if not fits and not party:
        return replace(link, pending=True)
    stands_for = value if fits else rule.read(raw, names).value
    base: dict[str, BaseEntry] = {**link.base, name: entry(rule.record_field, raw, stands_for, rule.fingerprint())}
    return replace(link, base=base, pending=True)
