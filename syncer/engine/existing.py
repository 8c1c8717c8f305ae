"""Takes records out of sight, brings them back, and puts our mark on them."""

from __future__ import annotations

from dataclasses import replace

from syncer.engine.ledger import Ledger, fresh_link
from syncer.engine.plan import UNDO, Action, Verb, Write
from syncer.errors import StaleError
from syncer.mapping.rules import Direction
from syncer.record import Change, Record, Ref, Tag
from syncer.store.pseudonym import forgotten
from syncer.store.rows import JournalState, LinkRow, LinkState


class Existing(Ledger):
    """Archive, restore, mark: calls that may safely be repeated."""

    def _archive(self, action: Action) -> None:
        assert action.ref is not None
        link, adapter = self.link_of(action), self.adapters[action.side]
        kind = self.rules.sides[action.side].kinds[action.kind]
        named, heard = kind.archive_value, (Direction.BOTH, Direction.IN)
        watched = {rule.record_field for rule in kind.fields.values() if rule.direction in heard}
        fresh = self.fresh(action, frozenset(watched | ({named[0]} if named else set())))
        if any(fresh.fields.get(name, link.seen.get(name)) != link.seen.get(name) for name in watched):
            # An edit that no listing has shown yet beats a removal that was decided without it.
            self.note_news(link, fresh)
            raise StaleError(f"{action.label} was edited on {action.side} since the plan was made", ref=action.ref)
        if named is None:
            intent = self.intend(action, {})
            self.call(intent, lambda: adapter.archive(Ref(link.ref)))
        else:
            write = Write(fresh.fields.get(named[0]), named[1], {}, action.why)
            intent = self.intend(action, {named[0]: write})
            self.call(intent, lambda: self._put(action, link, named[0], write))
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
        if not told or forgotten(told[-1]):
            raise StaleError(f"how {action.label} stood before it was archived is not known", ref=action.ref)
        return {named[0]: Write(named[1], told[-1], {}, action.why)}

    def _restore(self, action: Action) -> None:
        link = self.link_of(action)
        back = self._as_it_stood(action, link)
        intent = self.intend(action, back)
        if back:
            ((name, write),) = back.items()
            record = self.call(intent, lambda: self._put(action, link, name, write))
        else:
            record = self.call(intent, lambda: self.adapters[action.side].restore(Ref(link.ref)))
        with self.store.commit(self.lease) as work:
            work.put_link(replace(fresh_link(link, record, ""), state=LinkState.LIVE))
            work.finish_journal(intent, JournalState.DONE)
        self.report.done.append(action)

    def _mark(self, action: Action) -> None:
        link = self.link_of(action)
        tag = Tag(self.rules.product, action.item, self.store.lineage)
        intent = self.intend(action, {}, tag=tag.text())
        ref = self.call(intent, lambda: self.adapters[action.side].mark(Ref(link.ref), tag))
        with self.store.commit(self.lease) as work:
            if ref != link.ref:
                work.drop_link(link.item, link.side)
            work.put_link(replace(link, ref=ref, tagged=True, digest=""))
            work.finish_journal(intent, JournalState.DONE)
        self.names.link(self.connection(action.side), action.side, ref, action.item, link.record_type)
        self.report.done.append(action)
