"""Writes fields of records that exist: group by group, each noted before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncer.engine.ledger import Ledger, entry, fresh_link
from syncer.engine.plan import GIVEN_BACK, Action, Write, pending_items
from syncer.errors import AdapterError, NotFoundError, RejectedError, RetryableError, StaleError, UnknownOutcomeError
from syncer.record import Change, Gone, Raw, Record
from syncer.store.rows import JournalState, LinkRow


class Writing(Ledger):
    """Updates."""

    def _update(self, action: Action) -> None:
        link = self.link_of(action)
        writes = {n: replace(w, after=self.resolved(action.side, w.after)) for n, w in action.writes.items()}
        writes = {n: w for n, w in writes.items() if not pending_items(w.after)}
        fresh = self.fresh(action, frozenset(writes))
        for name, write in writes.items():
            if fresh.fields.get(name, write.before) != write.before:
                self.note_news(link, fresh)
                raise StaleError(f"{name} changed on {action.side} since the plan was made", ref=action.ref)
        if self._write_groups(action, writes, link):
            self.report.done.append(action)

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
        intent = self.intend(action, writes)
        changes = {name: Change(w.before, w.after) for name, w in writes.items()}
        try:
            record = adapter.update(action.ref, action.record_type, changes)
        except RejectedError as error:
            self.finish(intent, JournalState.FAILED, error=error.message)
            bad = [name for name in error.fields if name in writes] or list(writes)
            self.refuse(action, {n: writes.pop(n) for n in bad}, error)
            return self._write_group(action, writes, link) if writes else None
        except UnknownOutcomeError as error:
            return self._after_unknown(action, writes, link, intent, error, again=again)
        except (RetryableError, StaleError, NotFoundError) as error:
            self.finish(intent, JournalState.DROPPED, error=error.message)
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
            self.finish(intent, JournalState.UNKNOWN, error=error.message)
            raise error from None
        if isinstance(answer, Gone):
            self.finish(intent, JournalState.UNKNOWN, error=error.message)
            raise error
        if again and all(answer.fields.get(n) == w.before for n, w in writes.items()):
            self.finish(intent, JournalState.DROPPED, error="did not land")
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
                landed = ours or self.landed(side, name, shown, write) or rule.fits(shown, value, self.names)
                # Without evidence that the last writer was us, another value is a person's edit, made after ours.
                raw = shown if landed else write.after
                base[item_field] = entry(name, raw, value, rule.fingerprint())
        for name in record.fields:
            if name not in writes:
                seen[name] = record.fields[name]
        link = fresh_link(link, record, self.digest_of(side, record), base=base, seen=seen)
        with self.store.commit(self.lease) as work:
            work.put_link(link)
            self.close(work, intent, record, writes)
        return link

    def landed(self, side: str, name: str, shown: Raw, write: Write) -> bool:
        """Say whether a side shows what was written, as it was sent or in the form it declares to store."""
        return shown == write.after or shown == self.adapters[side].normal(name, write.after)
