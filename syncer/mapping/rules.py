"""What the engine asks of a mapping: how each field of a side reads, fits and is written. Pure.

`Value` is a canonical value as JSON, in its type's normal form (`syncer.model.types`): persons are person keys,
references item ids, documents `Node.to_json()`, sets sorted lists. None is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from syncer.model.item import STATUSES, Category
from syncer.record import FieldSpec, FieldType, Raw, Record, Ref

Value: TypeAlias = Any


class Direction(StrEnum):
    """Which way a field travels on one side."""

    BOTH = "both"
    IN = "in"  # the side's word is heard, the side is never written
    OUT = "out"  # the side is written; an edit there is recorded, then put back
    COMPARE = "compare"  # neither: a difference is only reported


class Names(Protocol):
    """Resolves what is named differently on each side. Given by the engine; a converter never guesses."""

    def person_of(self, connection: str, account: str) -> str | None:
        """Return the person key of an account (for systems without accounts: of a written name), or None."""

    def account_of(self, connection: str, person: str) -> str | None:
        """Return the account of a person key on a connection, or None."""

    def item_of(self, connection: str, ref: str) -> str | None:
        """Return the item a ref of that connection is linked to, or None."""

    def ref_of(self, connection: str, item: str, targets: tuple[str, ...]) -> Ref | None:
        """Return the item's live ref on that connection, in a record type of `targets` (any, if empty).

        An item that is to be created there in this same plan gives the placeholder `pending_ref(item)`.
        """


def pending_ref(item: str) -> Ref:
    """Return the placeholder for a ref that a create of this plan will give; `apply` puts the real one in."""
    return Ref(f"\0pending:{item}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a raw value says.

    `exact` False: the raw value stands for several canonical values, `value` being the one it reads as.
    `weak` True: the side shows this where nothing was said (its default); anyone's stated value outweighs it
    at first contact. `unnamed`: elements of a set that we have no name for; they stay on the side untouched.
    `unreadable` not empty: the value cannot be read, for this reason; it is *not* absent.
    """

    value: Value = None
    exact: bool = True
    weak: bool = False
    unnamed: tuple[Raw, ...] = ()
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class CannotSay:
    """The side has no way to show this value: it is no difference, and it is reported."""

    reason: str


class FieldRule(Protocol):
    """One item field on one side."""

    field: str
    """The item field's name."""
    record_field: str
    """The record field's id."""
    spec: FieldSpec
    type: FieldType
    """The item field's type."""
    direction: Direction
    domain: tuple[Value, ...]
    """Every canonical value the rule names, where it names any: what a raw value may stand for."""
    default: Value
    """Written to a new record where the item's field is absent; None for nothing."""

    def read(self, raw: Raw, names: Names) -> Reading:
        """Read a raw value. Never raises."""

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """Say whether a side showing `raw` is in step with `value`: either maps to the other, or it is an allowed
        rendering. False for an unreadable raw."""

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """Return what to show for `value` on a side that shows `shown` now: `shown` itself when it fits, unnamed
        elements kept. Laws: `fits(write(v, s), v)`; `write(read(s).value, s) == s`."""

    def shown(self, value: Value) -> Value:
        """Return how this side would read back a value written in full; the value itself where nothing is lost."""

    def fingerprint(self) -> str:
        """Return a digest of the rule: bases made under another one are not taken for edits."""


@dataclass(frozen=True, slots=True)
class KindRule:
    """How one kind of item lives in one collection.

    `record_type` is the record type's id. `born`: does a record (of this type) make a new item; `belongs`: does an
    item live in this collection. `match`: item fields that together identify an item at first contact; `key`: one
    item field that identifies it for certain.
    """

    kind: str
    record_type: str
    fields: Mapping[str, FieldRule]
    match: tuple[str, ...] = ("title",)
    key: str = ""
    required: tuple[str, ...] = ("title",)
    creates: bool = True
    """New items of this kind are created here."""
    births: bool = True
    """New records here become items."""
    record_where: tuple[Condition, ...] = ()
    item_where: tuple[Condition, ...] = ()
    archive_value: tuple[str, Raw] | None = None
    """Record field id and the raw value that stands for archived, where the mapping names one."""
    kind_where: tuple[str, tuple[Raw, ...]] | None = None
    """Record field id and raw values that make a record of this type this kind, where the type alone does not."""

    also: tuple[str, ...] = ()
    """Further record types whose records are of this kind; new ones are never made."""

    def away(self, record: Record) -> bool:
        """Say whether a record that we archived still is."""
        named = self.archive_value
        return record.archived or (named is not None and record.fields.get(named[0]) == named[1])


@dataclass(frozen=True, slots=True)
class Condition:
    """`field` (an item field) compared with `values`. `negate` turns it round; no values means: is absent."""

    field: str
    values: tuple[Value, ...] = ()
    negate: bool = False

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Say whether an item with these field values meets the condition."""
        have = values.get(self.field)
        some = have if isinstance(have, list) else [have]
        hit = any(v in self.values for v in some) if self.values else have in (None, [])
        return hit != self.negate


@dataclass(frozen=True, slots=True)
class SideRules:
    """The compiled mapping of one collection."""

    side: str
    connection: str
    kinds: Mapping[str, KindRule]
    removal: str = "archive"
    restricted: str = "skip"
    settle: float = 0.0

    def rule_for(self, record: Record) -> KindRule | None:
        """Return the kind a record is of by its type, or None: such a record takes no part."""
        for rule in self.kinds.values():
            if record.type not in (rule.record_type, *rule.also):
                continue
            if rule.kind_where is None or record.fields.get(rule.kind_where[0]) in rule.kind_where[1]:
                return rule
        return None

    def conceals(self, record: Record) -> bool:
        """Say whether a record takes no part because fewer people may see it than its collection."""
        return bool(record.restricted) and self.restricted != "carry"

    def costly(self) -> frozenset[str]:
        """Return the ids of mapped fields that listings do not carry."""
        return frozenset(f.record_field for kind in self.kinds.values() for f in kind.fields.values() if f.spec.costly)


@dataclass(frozen=True, slots=True)
class FieldPolicy:
    """What settles a conflict: `hold`, `newest`, or the sides in order of preference."""

    how: str = "hold"
    prefer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guards:
    """What stops a plan."""

    max_writes: int = 1000
    max_removals: int = 5
    max_removal_share: float = 0.2
    max_config_writes: int = 20
    """Writes that only a changed configuration causes."""
    max_went_back: int = 5
    """Records of a side that show an older state than our last write or look: a backup was restored there."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything the engine is told by the configuration."""

    product: str
    sides: Mapping[str, SideRules]
    policies: Mapping[tuple[str, str], FieldPolicy]
    """(kind, field) → policy; ("*", field), (kind, "*") and ("*", "*") are looked up in that order after it."""
    guards: Guards = Guards()
    fingerprint: str = ""
    full_every: float = 86400.0
    statuses: Mapping[str, Category] = field(default_factory=lambda: dict(STATUSES))
    """The product's statuses, and where in an item's life each stands."""

    def policy(self, kind: str, field: str) -> FieldPolicy:
        """Return the policy of a field."""
        for key in ((kind, field), ("*", field), (kind, "*"), ("*", "*")):
            if key in self.policies:
                return self.policies[key]
        return FieldPolicy()
