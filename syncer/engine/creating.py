"""Creates records, each once: the tag travels with the request, or what may have landed is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncer.adapter import Can
from syncer.engine.ledger import entry, fresh_link, touched
from syncer.engine.plan import Action, Write, pending_items
from syncer.engine.writing import Writing
from syncer.errors import AdapterError, RejectedError, RetryableError, UnknownOutcomeError
from syncer.mapping.rules import KindRule
from syncer.record import Draft, Raw, Record, Ref, Tag
from syncer.store.rows import BaseEntry, JournalState, LinkRow


class Creating(Writing):
    """Creates, and the fields that a create cannot carry."""

    def _create(self, action: Action) -> None:
        adapter, writes = self.adapters[action.side], dict(action.writes)
        later: dict[str, Write] = {}
        for name in list(writes):
            resolved = self.resolved(action.side, writes[name].after)
            if pending_items(resolved):
                later[name] = writes.pop(name)
            else:
                writes[name] = replace(writes[name], after=resolved)
        tag = Tag(self.rules.product, action.item, self.store.lineage)
        found: Record | None = None
        while True:
            intent = self.intend(action, writes, tag=tag.text())
            draft = Draft(action.record_type, self._carried(action, writes), tag)
            try:
                record = adapter.create(draft)
            except RejectedError as error:
                self.finish(intent, JournalState.FAILED, error=error.message)
                bad = [name for name in error.fields if name in writes]
                if not bad or self._required(action, bad):
                    raise
                self.refuse(action, {n: writes.pop(n) for n in bad}, error)
                continue
            except UnknownOutcomeError as error:
                found = self._look_for(action, tag, error)
                if found is None:
                    self.finish(intent, JournalState.UNKNOWN, error=error.message)
                    self.report.waiting.append((action, "the create may have landed; it is looked for next time"))
                    return
                record = found
            except RetryableError as error:
                self.finish(intent, JournalState.DROPPED, error=error.message)
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
        link = fresh_link(link, record, self.digest_of(action.side, record), base=base, tagged=tagged)
        with self.store.commit(self.lease) as work:
            work.put_link(link)
            work.drop_stray(action.side, record.ref)
            self.close(work, intent, record, writes)
        self.names.link(self.connection(action.side), action.side, record.ref, action.item, record.type)
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
            landed = write is not None and self.landed(action.side, rule.record_field, shown, write)
            fits = rule.fits(shown, value, self.names)
            empty = shown is None or shown == rule.spec.absent_shows
            if by_people and not landed and not fits and not empty:
                shown = write.after if write is not None else rule.spec.absent_shows
                landed = True
            base[name] = entry(rule.record_field, shown, value if landed or fits else None, rule.fingerprint())
        return base

    def _follow_up(self, action: Action, link: LinkRow, record: Record, writes: Mapping[str, Write]) -> None:
        """Write what the first request could not carry."""
        kind = self.rules.sides[action.side].kinds[action.kind]
        rest = {}
        for name, write in writes.items():
            after = self.resolved(action.side, write.after)
            shown = record.fields.get(name)
            fits = all(kind.fields[n].fits(shown, v, self.names) for n, v in write.values.items())
            if not pending_items(after) and not fits and not self.landed(action.side, name, shown, write):
                rest[name] = replace(write, before=shown, after=after)
        if rest:
            self._write_groups(replace(action, ref=link.ref), rest, link)
