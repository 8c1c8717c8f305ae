"""Settle a conflict or a question as a person says. Nothing is written to any system here: the next sync does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from syncer.engine.apply import entry
from syncer.engine.merge import EDIT_LIKE, ITEM, Base, Shown, carried
from syncer.errors import UserError
from syncer.mapping.rules import FieldRule, Names, Rules, Value
from syncer.model import types
from syncer.store.lease import Lease
from syncer.store.rows import BaseEntry, ConflictRow, ConflictState, JournalRow, JournalState, LinkRow
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


def resolve(
    store: Store, lease: Lease, run: str, rules: Rules, names: Names, row: ConflictRow, choice: Choice, now: datetime
) -> Value:
    """Settle a conflict about a field; return the value chosen.

    The chosen value becomes the item's. Each side's base stays what that side itself had said, so that an edit made
    there before this choice reaches it is seen as made by someone who had not seen the choice.
    Raises UserError where the choice does not fit.
    """
    item = store.items([row.item])[row.item]
    links = store.links([row.item]).get(row.item, {})
    found = {s: rules.sides[s].kinds[item.kind].fields.get(row.field) for s in links if s in rules.sides}
    fields = {side: rule for side, rule in found.items() if rule is not None}
    value = _chosen(row, choice, links, fields, names, item.fields.get(row.field))
    merged = {**item.fields, row.field: value}
    if value is None:
        merged.pop(row.field)
    with store.commit(lease, "resolve") as work:
        work.put_item(replace(item, fields=merged))
        for side, rule in fields.items():
            work.put_link(_rebased(links[side], rule, row.field, value, names, party=side in row.sides))
        work.put_conflict(
            replace(row, state=ConflictState.SETTLED, how=choice.words(), closed_run=run, reason=choice.because)
        )
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


def answer(store: Store, lease: Lease, run: str, row: ConflictRow, choice: str, because: str) -> None:
    """Answer a question about a record. Raises UserError where the answer is not one of its choices."""
    choices = [c for said in row.sides.values() for c in said["value"] or ()]
    if choice not in choices:
        raise UserError(f"{choice!r} is no answer to this question", hint=f"choose one of: {', '.join(choices)}")
    links = store.links([row.item]).get(row.item, {}) if row.item else {}
    with store.commit(lease, "answer") as work:
        work.put_conflict(
            replace(
                row, state=ConflictState.SETTLED, how=choice, closed_run=run, reason=f"{row.reason} {because}".strip()
            )
        )
        for side in row.sides:
            if side in links:
                work.put_link(replace(links[side], hot=True, pending=True))
        work.bump()


def _chosen(
    row: ConflictRow,
    choice: Choice,
    links: dict[str, LinkRow],
    fields: dict[str, FieldRule],
    names: Names,
    item: Value,
) -> Value:
    kind = next(iter(fields.values())).type
    if not choice.take:
        try:
            return types.normal(kind, choice.value)
        except ValueError as error:
            raise UserError(f"{row.field}: {error}") from error
    if choice.take not in row.sides and choice.take not in fields:
        sides = ", ".join(sorted({*row.sides, *fields} - {ITEM}))
        raise UserError(f"{choice.take!r} has no word in this conflict", hint=f"take one of: {sides}")
    if choice.take == ITEM:
        return item
    rule, link = fields[choice.take], links[choice.take]
    raw = link.seen.get(rule.record_field)
    reading = rule.read(raw, names)
    if reading.unreadable:
        raise UserError(f"{row.field} on {choice.take} cannot be read: {reading.unreadable}")
    base = link.base.get(row.field)
    if kind in EDIT_LIKE and base is not None:
        # What is taken is that side's edit, not its poorer rendering of the whole.
        whole = carried(kind, Shown(choice.take, rule, raw, Base(base["raw"], base["value"])), reading.value, names)
        return whole if whole is not None else reading.value
    return reading.value


def _rebased(link: LinkRow, rule: FieldRule, name: str, value: Value, names: Names, *, party: bool) -> LinkRow:
    raw = link.seen.get(rule.record_field)
    fits = rule.fits(raw, value, names)
    if not fits and not party:
        return replace(link, pending=True)
    stands_for = value if fits else rule.read(raw, names).value
    base: dict[str, BaseEntry] = {**link.base, name: entry(rule.record_field, raw, stands_for, rule.fingerprint())}
    return replace(link, base=base, pending=True)
