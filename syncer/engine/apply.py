"""Do the actions of a plan: write the intent, act, read back, then commit outcome and base together.

the adapter …                      the action
answers                            done; base moves for the fields this write carried, and for no other
refuses fields                     the rest is sent again; the refused ones are remembered and reported
refuses the record                 failed, named; nothing else waits for it
was not reached                    dropped: nothing happened, the next run does it
may have done it                   looked up at once; if that proves nothing the intent stays open
shows other values than reviewed   stale: skipped and listed
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from syncer.adapter import Adapter, Can, Traits
from syncer.engine.names import Directory
from syncer.engine.plan import GIVEN_BACK, UNDO, Action, Verb, Write, pending_items, value_digest
from syncer.errors import (
    AdapterError,
    NotFoundError,
    RejectedError,
    RetryableError,
    StaleError,
    UnknownOutcomeError,
)
from syncer.mapping.rules import Direction, KindRule, Rules
from syncer.record import Change, Draft, Gone, Raw, Record, Ref, Tag, digest
from syncer.store.lease import Lease
from syncer.store.rows import BaseEntry, FieldWrite, JournalRow, JournalState, LinkRow, LinkState, Refusal
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
class Applier:
    """Applies actions one at a time. Needs the lease for every commit."""

    store: Store
    lease: Lease
    run: str
    rules: Rules
    names: Directory
    adapters: Mapping[str, Adapter]
    now: Callable[[], datetime]
    progress: Callable[[str, int, int], None] | None = None
    report: Report = field(default_factory=Report)

    def apply(self, actions: list[Action]) -> Report:
        """Do the actions in order. One failing record never stops the rest; a dead system stops only its own."""
        for count, action in enumerate(actions, 1):
            if action.side in self.report.unreachable:
                continue
            try:
                self._do(action)
            except RetryableError as error:
                self.report.unreachable[action.side] = error.message
            except StaleError as error:
                self.report.stale.append((action, error.message))
            except AdapterError as error:
                self.report.failed.append((action, error.message))
            if self.progress is not None:
                self.progress("writing", count, len(actions))
        return self.report

    def _do(self, action: Action) -> None:
        match action.verb:
            case Verb.CREATE:
                self._create(action)
            case Verb.UPDATE:
                self._update(action)
            case Verb.ARCHIVE:
                self._archive(action)
            case Verb.RESTORE:
                self._restore(action)
            case Verb.LINK:
                self._mark(action)

    # creating

    def _create(self, action: Action) -> None:
        adapter, writes = self.adapters[action.side], dict(action.writes)
        later: dict[str, Write] = {}
        for name in list(writes):
            resolved = self._resolve(action.side, writes[name].after)
            if pending_items(resolved):
                later[name] = writes.pop(name)
            else:
                writes[name] = replace(writes[name], after=resolved)
        tag = Tag(self.rules.product, action.item, self.store.lineage)
        found: Record | None = None
        while True:
            intent = self._intend(action, writes, tag=tag.text())
            draft = Draft(action.record_type, self._carried(action, writes), tag)
            try:
                record = adapter.create(draft)
            except RejectedError as error:
                self._finish(intent, JournalState.FAILED, error=error.message)
                bad = [name for name in error.fields if name in writes]
                if not bad or self._required(action, bad):
                    raise
                self._refuse(action, {n: writes.pop(n) for n in bad}, error)
                continue
            except UnknownOutcomeError as error:
                found = self._look_for(action, tag, error)
                if found is None:
                    self._finish(intent, JournalState.UNKNOWN, error=error.message)
                    self.report.waiting.append((action, "the create may have landed; it is looked for next time"))
                    return
                record = found
            except RetryableError as error:
                self._finish(intent, JournalState.DROPPED, error=error.message)
                raise
            break
        by_people = found is not None and touched(found, adapter.traits)
        link = self.adopt(action, record, writes, intent, by_people=by_people)
        self.report.done.append(action)
        if not by_people:
            self._follow_up(action, link, record, {**writes, **later})

    def _carried(self, action: Action, writes: Mapping[str, Write]) -> dict[str, Raw]:
        """Return what the create itself can carry; the rest is written right after it."""
        rules = self.rules.sides[action.side].kinds[action.kind].fields
        late = {r.record_field for r in rules.values() if not r.spec.on_create}
        return {n: w.after for n, w in writes.items() if w.after is not None and n not in late}

    def _required(self, action: Action, bad: list[str]) -> bool:
        rule = self.rules.sides[action.side].kinds[action.kind]
        required = {rule.fields[n].record_field for n in rule.required if n in rule.fields}
        return bool(required & set(bad))

    def _look_for(self, action: Action, tag: Tag, error: UnknownOutcomeError) -> Record | None:
        adapter = self.adapters[action.side]
        if error.committed:
            answer = adapter.get([Ref(error.committed)])[Ref(error.committed)]
            return answer if isinstance(answer, Record) else None
        if Can.TAG_IN_CREATE not in adapter.traits.can:
            return None
        try:
            return adapter.find([tag], self.now()).records.get(tag)
        except AdapterError:
            # Still unknown: the intent stays open, and the next run settles it before anything else.
            return None

    def adopt(
        self, action: Action, record: Record, writes: Mapping[str, Write], intent: int, *, by_people: bool
    ) -> LinkRow:
        """Commit a record that we created: its link, its bases and the outcome of the intent, in one commit.

        `by_people`: the record was found later, and people have edited it since; their words stay changes.
        """
        kind = self.rules.sides[action.side].kinds[action.kind]
        tagged = record.tag is not None
        base = self._created_base(action, kind, record, writes, by_people)
        link = LinkRow(action.item, action.side, record.ref, record.type)
        link = fresh_link(link, record, self._digest(action.side, record), base=base, tagged=tagged)
        with self.store.commit(self.lease) as work:
            work.put_link(link)
            work.drop_stray(action.side, record.ref)
            self._close(work, intent, record, writes)
        self.names.link(self._connection(action.side), action.side, record.ref, action.item, record.type)
        return link

    def _created_base(
        self, action: Action, kind: KindRule, record: Record, writes: Mapping[str, Write], by_people: bool
    ) -> dict[str, BaseEntry]:
        """Return the bases of a new record: what it shows stands for what was written, and where nothing was
        written, or not yet, for absent. Nothing is carried from it, save what people put there before it was found."""
        base = {}
        for name, rule in kind.fields.items():
            if rule.record_field not in record.fields:
                continue
            shown = record.fields[rule.record_field]
            write = writes.get(rule.record_field)
            value = write.values.get(name) if write is not None else None
            landed = write is not None and self._landed(action.side, rule.record_field, shown, write)
            fits = rule.fits(shown, value, self.names)
            empty = shown is None or shown == rule.spec.absent_shows
            if by_people and not landed and not fits and not empty:
                shown = write.after if write is not None else rule.spec.absent_shows
                landed = True
            base[name] = entry(rule.record_field, shown, value if landed or fits else None, rule.fingerprint())
        return base

    def _landed(self, side: str, name: str, shown: Raw, write: Write) -> bool:
        return shown == write.after or shown == self.adapters[side].normal(name, write.after)

    def _follow_up(self, action: Action, link: LinkRow, record: Record, writes: Mapping[str, Write]) -> None:
        """Write what the first request could not carry."""
        kind = self.rules.sides[action.side].kinds[action.kind]
        rest = {}
        for name, write in writes.items():
            after = self._resolve(action.side, write.after)
            shown = record.fields.get(name)
            fits = all(kind.fields[n].fits(shown, v, self.names) for n, v in write.values.items())
            if not pending_items(after) and not fits and not self._landed(action.side, name, shown, write):
                rest[name] = replace(write, before=shown, after=after)
        if rest:
            self._write_groups(replace(action, ref=link.ref), rest, link)

    # updating

    def _update(self, action: Action) -> None:
        link = self._link(action)
        writes = {n: replace(w, after=self._resolve(action.side, w.after)) for n, w in action.writes.items()}
        writes = {n: w for n, w in writes.items() if not pending_items(w.after)}
        fresh = self._fresh(action, frozenset(writes))
        for name, write in writes.items():
            if fresh.fields.get(name, write.before) != write.before:
                self._note_news(link, fresh)
                raise StaleError(f"{name} changed on {action.side} since the plan was made", ref=action.ref)
        if self._write_groups(action, writes, link):
            self.report.done.append(action)

    def _fresh(self, action: Action, fields: frozenset[str]) -> Record:
        assert action.ref is not None
        answer = self.adapters[action.side].get([action.ref], fields)[action.ref]
        if isinstance(answer, Gone):
            raise StaleError(f"{action.label} is {answer.kind} on {action.side}", ref=action.ref)
        return answer

    def _note_news(self, link: LinkRow, record: Record) -> None:
        """Keep what a fresh read showed, and when it was edited: an index that is behind must not undo it. No base
        moves."""
        with self.store.commit(self.lease) as work:
            work.put_link(fresh_link(link, record, ""))

    def _write_groups(self, action: Action, writes: Mapping[str, Write], link: LinkRow) -> bool:
        adapter = self.adapters[action.side]
        done = False
        for group in adapter.groups(frozenset(writes)):
            part = {name: writes[name] for name in sorted(group)}
            written = self._write_group(action, part, link)
            if written is not None:
                link, done = written, True
        return done

    def _write_group(
        self, action: Action, writes: dict[str, Write], link: LinkRow, again: bool = True
    ) -> LinkRow | None:
        """Write one group of fields; return the link as committed, or None where nothing was written."""
        assert action.ref is not None
        adapter = self.adapters[action.side]
        intent = self._intend(action, writes)
        changes = {name: Change(w.before, w.after) for name, w in writes.items()}
        try:
            record = adapter.update(action.ref, action.record_type, changes)
        except RejectedError as error:
            self._finish(intent, JournalState.FAILED, error=error.message)
            bad = [name for name in error.fields if name in writes] or list(writes)
            self._refuse(action, {n: writes.pop(n) for n in bad}, error)
            return self._write_group(action, writes, link) if writes else None
        except UnknownOutcomeError as error:
            return self._after_unknown(action, writes, link, intent, error, again=again)
        except (RetryableError, StaleError, NotFoundError) as error:
            self._finish(intent, JournalState.DROPPED, error=error.message)
            raise
        link = self.settle_write(action.side, action.kind, link, record, writes, intent)
        lost = {n: record.overwritten[n] for n in writes if n in record.overwritten}
        return self._give_back(action, link, lost, writes) if lost and action.cause != GIVEN_BACK else link

    def _give_back(
        self, action: Action, link: LinkRow, lost: Mapping[str, Raw], writes: Mapping[str, Write]
    ) -> LinkRow:
        """Put back what a person wrote between our read and our write; the next decision meets it as an edit of theirs.

        The bases did not move, so that it conflicts with what we had been about to write.
        """
        back = {n: Write(writes[n].after, raw, {}, "written here while we wrote") for n, raw in lost.items()}
        returned = replace(action, cause=GIVEN_BACK, writes=back, why="written here while we wrote")
        for group in self.adapters[action.side].groups(frozenset(back)):
            link = self._write_group(returned, {n: back[n] for n in sorted(group)}, link) or link
        self.report.given_back += [(action, name) for w in writes for name in writes[w].values if w in lost]
        return link

    def _after_unknown(
        self,
        action: Action,
        writes: dict[str, Write],
        link: LinkRow,
        intent: int,
        error: UnknownOutcomeError,
        *,
        again: bool,
    ) -> LinkRow | None:
        assert action.ref is not None
        try:
            answer = self.adapters[action.side].get([action.ref])[action.ref]
        except AdapterError:
            self._finish(intent, JournalState.UNKNOWN, error=error.message)
            raise error from None
        if isinstance(answer, Gone):
            self._finish(intent, JournalState.UNKNOWN, error=error.message)
            raise error
        if again and all(answer.fields.get(n) == w.before for n, w in writes.items()):
            self._finish(intent, JournalState.DROPPED, error="did not land")
            return self._write_group(action, writes, link, again=False)
        return self.settle_write(action.side, action.kind, link, answer, writes, intent)

    def settle_write(
        self, side: str, kind: str, link: LinkRow, record: Record, writes: Mapping[str, Write], intent: int
    ) -> LinkRow:
        """Commit the outcome of a write together with the bases of the fields it carried, and of no other."""
        rules = self.rules.sides[side].kinds[kind]
        traits = self.adapters[side].traits
        ours = bool(traits.account) and record.edited_by == traits.account
        base = dict(link.base)
        seen = {**link.seen}
        for name, write in writes.items():
            shown = record.fields.get(name, write.after)
            seen[name] = shown
            if name in record.overwritten:
                continue
            for item_field, value in write.values.items():
                rule = rules.fields[item_field]
                landed = ours or self._landed(side, name, shown, write) or rule.fits(shown, value, self.names)
                # Without evidence that the last writer was us, another value is a person's edit, made after ours.
                raw = shown if landed else write.after
                base[item_field] = entry(name, raw, value, rule.fingerprint())
        for name in record.fields:
            if name not in writes:
                seen[name] = record.fields[name]
        link = fresh_link(link, record, self._digest(side, record), base=base, seen=seen)
        with self.store.commit(self.lease) as work:
            work.put_link(link)
            self._close(work, intent, record, writes)
        return link

    # taking away, bringing back, marking

    def _archive(self, action: Action) -> None:
        assert action.ref is not None
        link, adapter = self._link(action), self.adapters[action.side]
        kind = self.rules.sides[action.side].kinds[action.kind]
        named, heard = kind.archive_value, (Direction.BOTH, Direction.IN)
        watched = {rule.record_field for rule in kind.fields.values() if rule.direction in heard}
        fresh = self._fresh(action, frozenset(watched | ({named[0]} if named else set())))
        if any(fresh.fields.get(name, link.seen.get(name)) != link.seen.get(name) for name in watched):
            # An edit that no listing has shown yet beats a removal that was decided without it.
            self._note_news(link, fresh)
            raise StaleError(f"{action.label} was edited on {action.side} since the plan was made", ref=action.ref)
        if named is None:
            intent = self._intend(action, {})
            self._call(intent, lambda: adapter.archive(Ref(link.ref)))
        else:
            write = Write(fresh.fields.get(named[0]), named[1], {}, action.why)
            intent = self._intend(action, {named[0]: write})
            self._call(intent, lambda: self._put(action, link, named[0], write))
        with self.store.commit(self.lease) as work:
            # what an undo takes away stays away: its absence is held
            state = LinkState.UNDONE if action.cause == UNDO else LinkState.ARCHIVED
            work.put_link(replace(link, state=state, digest="", pending=False))
            work.finish_journal(intent, JournalState.DONE)
        self.report.done.append(action)

    def _put(self, action: Action, link: LinkRow, name: str, write: Write) -> Record:
        return self.adapters[action.side].update(
            Ref(link.ref), link.record_type, {name: Change(write.before, write.after)}
        )

    def _as_it_stood(self, action: Action, link: LinkRow) -> dict[str, Write]:
        """Return what takes back an archiving that wrote a value: the journal knows what had been there."""
        named = self.rules.sides[action.side].kinds[action.kind].archive_value
        if named is None or link.state not in (LinkState.ARCHIVED, LinkState.UNDONE):
            return {}
        rows = self.store.journal(item=action.item, side=action.side, action=Verb.ARCHIVE, state=JournalState.DONE)
        told = [row.fields[named[0]]["before"] for row in rows if named[0] in row.fields]
        if not told:
            raise StaleError(f"how {action.label} stood before it was archived is not known", ref=action.ref)
        return {named[0]: Write(named[1], told[-1], {}, action.why)}

    def _restore(self, action: Action) -> None:
        link = self._link(action)
        back = self._as_it_stood(action, link)
        intent = self._intend(action, back)
        if back:
            ((name, write),) = back.items()
            record = self._call(intent, lambda: self._put(action, link, name, write))
        else:
            record = self._call(intent, lambda: self.adapters[action.side].restore(Ref(link.ref)))
        with self.store.commit(self.lease) as work:
            work.put_link(replace(fresh_link(link, record, ""), state=LinkState.LIVE))
            work.finish_journal(intent, JournalState.DONE)
        self.report.done.append(action)

    def _mark(self, action: Action) -> None:
        link = self._link(action)
        tag = Tag(self.rules.product, action.item, self.store.lineage)
        intent = self._intend(action, {}, tag=tag.text())
        ref = self._call(intent, lambda: self.adapters[action.side].mark(Ref(link.ref), tag))
        with self.store.commit(self.lease) as work:
            if ref != link.ref:
                work.drop_link(link.item, link.side)
            work.put_link(replace(link, ref=ref, tagged=True, digest=""))
            work.finish_journal(intent, JournalState.DONE)
        self.names.link(self._connection(action.side), action.side, ref, action.item, link.record_type)
        self.report.done.append(action)

    def _call(self, intent: int, act: Callable[[], Any]) -> Any:
        """Run a call that may safely be repeated; an unknown outcome leaves the intent open."""
        try:
            return act()
        except UnknownOutcomeError as error:
            self._finish(intent, JournalState.UNKNOWN, error=error.message)
            raise
        except AdapterError as error:
            self._finish(intent, JournalState.DROPPED, error=error.message)
            raise

    # the journal

    def _intend(self, action: Action, writes: Mapping[str, Write], tag: str = "") -> int:
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

    def _finish(self, intent: int, state: JournalState, *, error: str = "") -> None:
        with self.store.commit(self.lease) as work:
            work.finish_journal(intent, state, error=error)

    def _close(self, work: Work, intent: int, record: Record, writes: Mapping[str, Write]) -> None:
        after = {name: record.fields[name] for name in writes if name in record.fields}
        work.finish_journal(intent, JournalState.DONE, ref=record.ref, after=after)

    def _refuse(self, action: Action, writes: Mapping[str, Write], error: RejectedError) -> None:
        rules = self.rules.sides[action.side].kinds[action.kind]
        with self.store.commit(self.lease) as work:
            for name, write in writes.items():
                reason = error.fields.get(name) or error.message
                for item_field, value in write.values.items():
                    digest = value_digest(value, rules.fields[item_field])
                    work.put_refusal(Refusal(action.item, action.side, item_field, digest, reason, self.run))
                    self.report.refused.append((action, item_field, reason))

    def _link(self, action: Action) -> LinkRow:
        return self.store.links([action.item])[action.item][action.side]

    def _digest(self, side: str, record: Record) -> str:
        """Return what a listing shows of an answer to a write, so that our own write is no news to the next one."""
        return digest(record, self.rules.sides[side].costly())

    def _connection(self, side: str) -> str:
        return self.rules.sides[side].connection

    def _resolve(self, side: str, raw: Raw) -> Raw:
        """Put real refs where creates of this plan were awaited."""
        if isinstance(raw, str):
            for item in pending_items(raw):
                found = self.names.homes.get((self._connection(side), item), ())
                return found[0].ref if found else raw
            return raw
        if isinstance(raw, list):
            parts = [self._resolve(side, part) for part in raw]
            texts = [p for p in parts if isinstance(p, str)]
            if len(texts) == len(parts) and pending_items(raw):
                return [*sorted(texts)]
            return parts
        if isinstance(raw, dict):
            return {key: self._resolve(side, part) for key, part in raw.items()} if pending_items(raw) else raw
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
