"""A plan as data: what is to be done, to which record, and why. All that a reviewer and `apply` need.

+ create   ~ update   - archive   ^ restore   = link
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from syncer.engine.state import Decision, Question
from syncer.mapping.rules import Value
from syncer.record import Raw, Ref, canonical_json

GIVEN_BACK = "given back"
"""The cause of an action that restores what a write of ours replaced without having seen it."""
UNDO = "undo"
"""The cause of an action that puts back what a run did."""


class Verb(StrEnum):
    """What an action does to a record."""

    CREATE = "create"
    UPDATE = "update"
    ARCHIVE = "archive"
    RESTORE = "restore"
    LINK = "link"

    @property
    def sign(self) -> str:
        """Return the sign that plans print."""
        return {"create": "+", "update": "~", "archive": "-", "restore": "^", "link": "="}[self.value]


@dataclass(frozen=True, slots=True)
class Write:
    """One record field to be written: raw before and after, and the item fields (name → value) it stands for.

    `was`: what the item fields read as on this side before, for people to see.
    """

    before: Raw
    after: Raw
    values: Mapping[str, Value]
    why: str
    was: Mapping[str, Value] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do to one record.

    `decided_from` holds the raw values, on every side, that the decision read: side → record field → raw.
    `cause` is "edit", "first contact", "removal", "unfinished", "configuration" or "undo".
    """

    verb: Verb
    item: str
    kind: str
    side: str
    ref: Ref | None
    record_type: str
    label: str
    writes: Mapping[str, Write] = field(default_factory=dict)
    cause: str = "edit"
    why: str = ""
    decided_from: Mapping[str, Mapping[str, Raw]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return a digest of everything this action would do: equal ids are the same reviewed deed."""
        writes = {name: [w.before, w.after] for name, w in self.writes.items()}
        text = canonical_json([self.verb, self.item, self.side, self.ref, self.record_type, writes])
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


@dataclass(frozen=True, slots=True)
class Plan:
    """The decided list. `decisions` are kept for `apply`; everything a reviewer needs is in the rest."""

    actions: tuple[Action, ...]
    decisions: Mapping[str, Decision]
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    generation: int = 0
    fingerprint: str = ""
    product: str = ""
    unreachable: Mapping[str, str] = field(default_factory=dict)
    guards: tuple[tuple[str, str], ...] = ()
    """What a guard saw, and the flag that lets it pass."""
    undoes: Mapping[str, str] = field(default_factory=dict)
    """Of an undo: the run, and the item and field it is narrowed to."""

    @property
    def held(self) -> list[tuple[Decision, str]]:
        """Return the held fields."""
        return [(d, name) for d in self.decisions.values() for name, o in sorted(d.outcomes.items()) if o.held]

    def only(self, keep: Iterable[str]) -> Plan:
        """Return the plan narrowed to the actions with these ids."""
        wanted = set(keep)
        return replace(self, actions=tuple(a for a in self.actions if a.id in wanted))


PENDING = "\0pending:"


def pending_items(value: Any) -> list[str]:
    """Return the items whose refs a raw value still waits for."""
    if isinstance(value, str):
        return [value.removeprefix(PENDING)] if value.startswith(PENDING) else []
    if isinstance(value, dict):
        value = list(value.values())
    return [item for part in value for item in pending_items(part)] if isinstance(value, list) else []
