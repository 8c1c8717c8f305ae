"""The desk where a person settles what waits: reads what a conflict needs, and writes the choice, never to a system."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from syncer.engine.merge import ITEM
from syncer.engine.names import Directory
from syncer.engine.resolve import Choice, Held, answer, settle
from syncer.errors import ConfigError, UserError
from syncer.mapping.config import Config, load_config
from syncer.mapping.rules import Rules, Value
from syncer.mapping.verify import choices_of
from syncer.model.kinds import KINDS, fields_of
from syncer.record import FieldType
from syncer.store.lease import Lease
from syncer.store.rows import ConflictRow
from syncer.store.store import Store
from syncer.story.edit import EDITED, Merging
from syncer.story.rule import replace_text, rule_line, write_rule
from syncer.story.typed import Asked, typed
from syncer.story.waiting import Waiting, waiting


@dataclass(slots=True)
class Settled:
    """What a choice settled: values by conflict, why some were left, and the rule it became."""

    done: dict[int, Value] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed to settle conflicts. `people`: what people and accounts are called; `item` finds one by a text."""

    store: Store
    config: Config
    rules: Rules
    names: Directory
    people: Mapping[str, str]
    item: Callable[[str], str]

    def open(self, number: int) -> ConflictRow:
        """Return an open conflict. Raises UserError where there is none."""
        row = next((c for c in self.store.conflicts() if c.id == number), None)
        if row is None:
            raise UserError(f"no open conflict {number}", hint="`syncer conflicts` lists them")
        return row

    def held(self, number: int) -> Held:
        """Return an open conflict about a field, with all it needs. Raises UserError for a question."""
        row = self.open(number)
        if not row.field:
            (one,) = waiting([row], {})
            raise UserError(f"{number} is a question", hint=f"answer it with --take: {', '.join(one.answers)}")
        return Held.of(self.store, self.rules, self.names, row)

    def typed(self, number: int, text: str) -> Value:
        """Read a value for a conflict's field, as its type. Raises UserError saying what is expected."""
        held = self.held(number)
        kind, name = held.item.kind, held.row.field
        known = fields_of(kind).get(name) if kind in KINDS else None
        choices = choices_of(known, self.config.statuses) if known else ()
        if not choices and held.type is FieldType.CHOICE:
            choices = tuple(dict.fromkeys(str(v) for rule in held.fields.values() for v in rule.domain))
        return typed(Asked(name, held.type, choices, self._called(), self.item), text)

    def _called(self) -> dict[str, Sequence[str]]:
        """Return what people are called, in folded case → their keys."""
        found: dict[str, set[str]] = {}
        for (_, account), person in self.names.persons.items():
            for word in (account, person, self.people.get(account, ""), self.people.get(person, "")):
                if word:
                    found.setdefault(word.casefold(), set()).add(person)
        return {word: sorted(keys) for word, keys in found.items()}

    def words(self, number: int) -> dict[str, Value]:
        """Return what taking each side's word would give, of an open conflict about a text; else nothing."""
        row = next((c for c in self.store.conflicts() if c.id == number and c.field), None)
        if row is None:
            return {}
        held = Held.of(self.store, self.rules, self.names, row)
        return dict(self.merging(number).sides) if held.type in EDITED else {}

    def merging(self, number: int) -> Merging:
        """Return a conflict as what an editor needs. Raises UserError where its field is no text."""
        held = self.held(number)
        if held.type not in EDITED:
            raise UserError(f"{held.row.field} is a {held.type}, nothing to edit", hint="give it with --value")
        sides = [side for side in held.row.sides if side in held.fields or side == ITEM]
        return Merging(held.type, held.row.base, {side: held.word(side) for side in sides})

    def settle(self, lease: Lease, run: str, numbers: Collection[int], choice: Choice, now: datetime) -> Settled:
        """Settle conflicts, and answer questions, alike. Raises UserError where the choice fits none of them."""
        settled = Settled()
        problem: UserError | None = None
        for number in numbers:
            try:
                row = self.open(number)
                if row.field:
                    settled.done[number] = settle(self.store, lease, run, self.held(number), choice, now)
                else:
                    settled.done[number] = answer(self.store, lease, run, row, choice, now)
            except UserError as error:
                problem = problem or error
                settled.left[number] = error.message
        if problem is not None and not settled.done:
            raise problem
        return settled

    def alike(self, number: int) -> list[Waiting]:
        """Return the open conflicts about the same field of the same kind: what a rule about it settles."""
        held = self.held(number)
        rows = [c for c in self.store.conflicts() if c.field == held.row.field]
        found = waiting(rows, self.store.items({c.item for c in rows}))
        return [one for one in found if one.kind == held.item.kind]

    def rule(self, number: int, choice: Choice) -> tuple[str, str, str]:
        """Return the kind, field and side of the rule that a choice comes to. Raises UserError where it is none."""
        held = self.held(number)
        if choice.take not in self.config.collections:
            raise UserError("only a side's word can become a rule", hint="use --always with --take SIDE")
        return held.item.kind, held.row.field, choice.take

    def keep_rule(self, lease: Lease, kind: str, name: str, side: str) -> str:
        """Write a choice into `syncer.yaml` as a rule; return the line. Raises ConfigError, the file then being as
        before.

        What the rule decides about open conflicts was just decided by the person: nothing needs to be looked at again
        because of it.
        """
        before = write_rule(self.config.path, kind, name, side)
        try:
            made = load_config(self.config.path, self.config.profile)
        except ConfigError:
            replace_text(self.config.path, before)
            raise
        with self.store.commit(lease, "rule") as work:
            for row in self.store.cursors().values():
                if row.fingerprint == self.rules.fingerprint:
                    work.set_cursor(replace(row, fingerprint=made.fingerprint))
        return rule_line(kind, name, side)
