"""What a run that writes has at hand: sides, store and lease, and the journal in which every deed is noted first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from syncer.adapter import Adapter, Traits
from syncer.engine.names import Directory
from syncer.engine.plan import Action, Write, pending_items
from syncer.engine.state import value_digest
from syncer.errors import AdapterError, RejectedError, StaleError, UnknownOutcomeError
from syncer.mapping.rules import Rules
from syncer.record import Gone, Raw, Record, digest
from syncer.store.lease import Lease
from syncer.store.rows import BaseEntry, FieldWrite, JournalRow, JournalState, LinkRow, Refusal
from syncer.store.store import Store
from syncer.store.work import Work


@dataclass(slots=True)
class Report:
    """What a run did and what it could not do. `failed`, `stale`, `waiting` hold (action, reason)."""

    done: list[Action] = field(default_factory=list)
    failed: list[tuple[Action, str]] = field(default_factory=list)
    stale: list[tuple[Action, str]] = field(default_factory=list)
    waiting: list[tuple[Action, str]] = field(default_factory=list)
    unreachable: dict[str, str] = field(default_factory=dict)
    refused: list[tuple[Action, str, str]] = field(default_factory=list)
    given_back: list[tuple[Action, str]] = field(default_factory=list)
    """Fields (by their item's name) that a person wrote while we did: theirs stands again, and is a conflict."""
    withheld: list[Action] = field(default_factory=list)
    """Planned for sides that are never written."""

    def merge(self, other: Report) -> None:
        """Add another report's lines to this one."""
        self.done += other.done
        self.failed += other.failed
        self.stale += other.stale
        self.waiting += other.waiting
        self.refused += other.refused
        self.given_back += other.given_back
        self.unreachable |= other.unreachable


@dataclass
class Ledger:
    """Notes what is about to be done, and what came of it. Needs the lease for every commit."""

    store: Store
    lease: Lease
    run: str
    rules: Rules
    names: Directory
    adapters: Mapping[str, Adapter]
    now: Callable[[], datetime]
    progress: Callable[[str, int, int], None] | None = None
    report: Report = field(default_factory=Report)

    def fresh(self, action: Action, fields: frozenset[str]) -> Record:
        """Read the action's record again. Raises StaleError where it is no longer there."""
        assert action.ref is not None
        answer = self.adapters[action.side].get([action.ref], fields)[action.ref]
        if isinstance(answer, Gone):
            raise StaleError(f"{action.label} is {answer.kind} on {action.side}", ref=action.ref)
        if self.rules.sides[action.side].conceals(answer):
            raise StaleError(f"{action.ref} on {action.side} has become restricted", ref=action.ref)
        return answer

    def note_news(self, link: LinkRow, record: Record) -> None:
        """Keep what a fresh read showed, and when it was edited: an index that is behind must not undo it. No base
        moves."""
        with self.store.commit(self.lease) as work:
            work.put_link(fresh_link(link, record, ""))

    def call(self, intent: int, act: Callable[[], Any]) -> Any:
        """Run a call that may safely be repeated; an unknown outcome leaves the intent open."""
        try:
            return act()
        except UnknownOutcomeError as error:
            self.finish(intent, JournalState.UNKNOWN, error=error.message)
            raise
        except AdapterError as error:
            self.finish(intent, JournalState.DROPPED, error=error.message)
            raise

    def intend(self, action: Action, writes: Mapping[str, Write], tag: str = "") -> int:
        """Note, before it is done, what is about to be done; return the note's number."""
        fields: dict[str, FieldWrite] = {
            n: {"before": w.before, "after": w.after, "values": dict(w.values), "was": dict(w.was)}
            for n, w in writes.items()
        }
        why = action.why or "; ".join(sorted({w.why for w in writes.values()}))
        row = JournalRow(
            run=self.run,
            action=action.verb.value,
            item=action.item,
            side=action.side,
            ref=action.ref,
            fields=fields,
            tag=tag,
            rule=action.cause,
            why=why,
            at=self.now(),
        )
        with self.store.commit(self.lease) as work:
            return work.journal(row)

    def finish(self, intent: int, state: JournalState, *, error: str = "") -> None:
        """Note what became of an intent that wrote nothing, or of which that is not known."""
        with self.store.commit(self.lease) as work:
            work.finish_journal(intent, state, error=error)

    def close(self, work: Work, intent: int, record: Record, writes: Mapping[str, Write]) -> None:
        """Note, in the commit of its consequences, that an intent was carried out."""
        after = {name: record.fields[name] for name in writes if name in record.fields}
        work.finish_journal(intent, JournalState.DONE, ref=record.ref, after=after)

    def refuse(self, action: Action, writes: Mapping[str, Write], error: RejectedError) -> None:
        """Remember what a side refused, so that it is not sent again until value, schema or mapping changes."""
        rules = self.rules.sides[action.side].kinds[action.kind]
        with self.store.commit(self.lease) as work:
            for name, write in writes.items():
                reason = error.fields.get(name) or error.message
                for item_field, value in write.values.items():
                    digest = value_digest(value, rules.fields[item_field])
                    work.put_refusal(Refusal(action.item, action.side, item_field, digest, reason, self.run))
                    self.report.refused.append((action, item_field, reason))

    def link_of(self, action: Action) -> LinkRow:
        """Return the action's link as it is committed now."""
        return self.store.links([action.item])[action.item][action.side]

    def digest_of(self, side: str, record: Record) -> str:
        """Return what a listing shows of an answer to a write, so that our own write is no news to the next one."""
        rules = self.rules.sides[side]
        # what became restricted while we wrote is decided on when it is listed
        return "" if rules.conceals(record) else digest(record, rules.costly())

    def connection(self, side: str) -> str:
        """Return the connection that a side is reached by."""
        return self.rules.sides[side].connection

    def resolved(self, side: str, raw: Raw) -> Raw:
        """Put real refs where creates of this plan were awaited."""
        if isinstance(raw, str):
            for item in pending_items(raw):
                found = self.names.homes(self.connection(side), item)
                return found[0].ref if found else raw
            return raw
        if isinstance(raw, list):
            parts = [self.resolved(side, part) for part in raw]
            texts = [p for p in parts if isinstance(p, str)]
            if len(texts) == len(parts) and pending_items(raw):
                return [*sorted(texts)]
            return parts
        if isinstance(raw, dict):
            return {key: self.resolved(side, part) for key, part in raw.items()} if pending_items(raw) else raw
        return raw


def touched(record: Record, traits: Traits) -> bool:
    """Say whether there is evidence that someone else edited a record since we created it."""
    if traits.account and record.edited_by:
        return record.edited_by != traits.account
    return record.created_at is not None and record.edited_at is not None and record.edited_at > record.created_at


def entry(record_field: str, raw: Raw, value: Any, rule: str) -> BaseEntry:
    """Return a base as the store keeps it."""
    return {"rf": record_field, "raw": raw, "value": value, "rule": rule}


def fresh_link(
    link: LinkRow,
    record: Record,
    digest: str,
    *,
    base: Mapping[str, BaseEntry] | None = None,
    seen: Mapping[str, Raw] | None = None,
    tagged: bool | None = None,
) -> LinkRow:
    """Return a link that has seen this record. It stays pending until it has been decided on once more."""
    return replace(
        link,
        ref=record.ref,
        record_type=record.type,
        version=record.version,
        digest=digest,
        label=record.label or link.label,
        url=record.url or link.url,
        base=link.base if base is None else base,
        seen={**link.seen, **record.fields} if seen is None else seen,
        tagged=link.tagged if tagged is None else tagged,
        hot=not record.settled,
        edited_at=record.edited_at,
        edited_by=record.edited_by,
        pending=True,
    )
