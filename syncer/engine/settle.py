"""Finish what an earlier run began: every open intent is looked up before anything new is decided.

the intent        the system shows                         then
create            a record with our tag                    it is ours: link it, finish it, carry nothing from it
create            none, and not finding proves it          it never landed: free to be created
create            none yet (lag, time-out)                 it stays open; the item waits, named
create            no tags there, and what it may be        a question; the item waits
update            what was to be written                   done
update            what was there before                    it never landed
update            something else                           ours if the last editor is us; else a person's edit
archive, restore, what was to be, or not                   done, or dropped: they are repeated safely
link
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from syncer.adapter import Adapter, Can
from syncer.engine.apply import Applier
from syncer.engine.ledger import fresh_link, touched
from syncer.engine.plan import UNDO, Action, Verb, Write
from syncer.engine.state import Question
from syncer.engine.twins import Sighting, look_alike
from syncer.errors import AdapterError, RejectedError
from syncer.record import Gone, Record, Ref, Tag
from syncer.store.rows import JournalRow, JournalState, LinkState

MARGIN = 30.0
"""Seconds added to a vendor's index lag and our own time-out before not finding is believed."""


@dataclass(slots=True)
class Unsettled:
    """What is still open: (item, side) that must wait, and why; and what only a person can tell."""

    waiting: dict[tuple[str, str], str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)


def settle_intents(applier: Applier, timeout: float) -> Unsettled:
    """Settle all open intents; return what is left open."""
    left = Unsettled()
    rows = [
        row
        for state in (JournalState.OPEN, JournalState.UNKNOWN)
        for row in applier.store.journal(state=state)
        if row.side in applier.adapters
    ]
    for row in sorted(rows, key=lambda r: r.id):
        try:
            why = _settle(applier, row, timeout, left)
        except RejectedError:
            raise
        except AdapterError as error:
            why = f"cannot look after run {row.run}: {error.message}"
        if why:
            left.waiting[row.item, row.side] = why
    return left


def _settle(applier: Applier, row: JournalRow, timeout: float, left: Unsettled) -> str:
    kind = applier.store.items([row.item])[row.item].kind
    if row.side not in applier.rules.sides or kind not in applier.rules.sides[row.side].kinds:
        return f"{row.side} no longer holds any {kind}"
    match row.action:
        case Verb.CREATE:
            return _settle_create(applier, row, kind, timeout, left)
        case Verb.UPDATE:
            _settle_update(applier, row, kind)
        case _:
            _settle_other(applier, row)
    return ""


def writes_of(row: JournalRow) -> dict[str, Write]:
    """Return what an intent was to write."""
    fields: Mapping[str, Mapping[str, Any]] = row.fields
    return {n: Write(f.get("before"), f.get("after"), f.get("values") or {}, row.why) for n, f in fields.items()}


def _action(applier: Applier, row: JournalRow, kind: str, writes: dict[str, Write]) -> Action:
    record_type = applier.rules.sides[row.side].kinds[kind].record_type
    item = applier.store.items([row.item])[row.item]
    label = str(item.fields.get("title") or row.item)
    return Action(Verb(row.action), row.item, kind, row.side, row.ref, record_type, label, writes, cause="unfinished")


def _settle_create(applier: Applier, row: JournalRow, kind: str, timeout: float, left: Unsettled) -> str:
    linked = applier.store.links([row.item]).get(row.item, {}).get(row.side)
    if linked is not None and linked.state == LinkState.LIVE:
        applier.finish(row.id, JournalState.DONE)
        return ""
    adapter = applier.adapters[row.side]
    writes = writes_of(row)
    seen = _look(applier, adapter, row, kind, writes)
    if seen.record is not None:
        by_people = touched(seen.record, adapter.traits)
        applier.adopt(_action(applier, row, kind, writes), seen.record, writes, row.id, by_people=by_people)
        return ""
    left.questions += [seen.question] if seen.question else []
    lag = adapter.traits.find_lag
    began = row.at or datetime.now(UTC)
    if seen.proves and lag is not None and applier.now() - began >= timedelta(seconds=lag and lag + timeout + MARGIN):
        _free(applier, row, "looked for and not there: it never landed")
        return ""
    return f"a create of run {row.run} may still appear on {row.side}; nothing is created until that is known"


def _free(applier: Applier, row: JournalRow, why: str) -> None:
    """Drop a create that never landed, and have its item decided on again: nothing else may point to it."""
    with applier.store.commit(applier.lease) as work:
        for link in applier.store.links([row.item])[row.item].values():
            work.put_link(replace(link, pending=True))
        work.finish_journal(row.id, JournalState.DROPPED, error=why)


def _look(applier: Applier, adapter: Adapter, row: JournalRow, kind: str, writes: dict[str, Write]) -> Sighting:
    tag = Tag.parse(row.tag)
    began = (row.at or datetime.now(UTC)) - timedelta(seconds=MARGIN)
    if Can.TAG_IN_CREATE in adapter.traits.can and tag is not None:
        lookup = adapter.find([tag], began)
        return Sighting(lookup.records.get(tag), lookup.proves_absence)
    return look_alike(applier, adapter, row, kind, writes, began)


def _settle_update(applier: Applier, row: JournalRow, kind: str) -> None:
    assert row.ref is not None
    writes = writes_of(row)
    link = applier.store.links([row.item]).get(row.item, {}).get(row.side)
    answer = applier.adapters[row.side].get([row.ref], frozenset(writes))[row.ref]
    if link is None or isinstance(answer, Gone):
        applier.finish(row.id, JournalState.DROPPED, error="the record is no longer there")
        return
    untouched = all(answer.fields.get(n) == w.before for n, w in writes.items())
    ours = bool(answer.edited_by) and answer.edited_by == applier.adapters[row.side].traits.account
    landed = all(applier.landed(row.side, n, answer.fields.get(n), w) for n, w in writes.items())
    if landed:
        applier.settle_write(row.side, kind, link, answer, writes, row.id)
    elif untouched or not ours:
        applier.finish(row.id, JournalState.DROPPED, error="did not land" if untouched else "a person wrote since")
    else:
        _half_done(applier, row, kind, answer, writes)


def _half_done(applier: Applier, row: JournalRow, kind: str, record: Record, writes: dict[str, Write]) -> None:
    """Our own write that got only part of the way: what is shown stands for the old value, so it is finished."""
    link = applier.store.links([row.item])[row.item][row.side]
    rules = applier.rules.sides[row.side].kinds[kind]
    base = {name: e.copy() for name, e in link.base.items()}
    for name, write in writes.items():
        for item_field in write.values:
            if item_field in base and item_field in rules.fields:
                base[item_field]["raw"] = record.fields.get(name)
    with applier.store.commit(applier.lease) as work:
        work.put_link(fresh_link(link, record, "", base=base))
        work.finish_journal(row.id, JournalState.DROPPED, error="half done; it is finished now")


def _settle_other(applier: Applier, row: JournalRow) -> None:
    link = applier.store.links([row.item]).get(row.item, {}).get(row.side)
    if link is None:
        applier.finish(row.id, JournalState.DROPPED, error="the link is gone")
        return
    answer = applier.adapters[row.side].get([Ref(link.ref)])[Ref(link.ref)]
    rule = applier.rules.sides[row.side].kinds[applier.store.items([row.item])[row.item].kind]
    away = isinstance(answer, Gone) or rule.away(answer)
    tagged = isinstance(answer, Record) and answer.tag is not None and answer.tag.text() == row.tag
    moved = None if tagged or row.action != Verb.LINK else _marked(applier, row)
    if moved is not None:
        link, tagged = replace(link, ref=moved.ref), True
    done = {Verb.ARCHIVE: away, Verb.RESTORE: not away, Verb.LINK: tagged}[Verb(row.action)]
    if done and row.action == Verb.ARCHIVE:
        state = LinkState.UNDONE if row.rule == UNDO else LinkState.ARCHIVED
        link = replace(link, state=state, digest="", pending=False)
    elif done and row.action == Verb.RESTORE:
        link = replace(link, state=LinkState.LIVE, digest="", pending=True, hot=True)
    elif done:
        link = replace(link, tagged=True)
    with applier.store.commit(applier.lease) as work:
        if moved is not None:
            work.drop_link(link.item, link.side)
        work.put_link(link)
        work.finish_journal(row.id, JournalState.DONE if done else JournalState.DROPPED)


def _marked(applier: Applier, row: JournalRow) -> Record | None:
    """Return the record that an unanswered mark landed on, where a mark gives a record another ref."""
    adapter, tag = applier.adapters[row.side], Tag.parse(row.tag)
    found = adapter.find([tag], row.at or datetime.now(UTC)).records.get(tag) if tag is not None else None
    if found is not None and found.ref != row.ref:
        applier.names.link(applier.connection(row.side), row.side, found.ref, row.item, found.type)
        return found
    return None
