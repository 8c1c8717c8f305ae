"""The rows of the store, as frozen dataclasses. Pure: loads no database library, so that anyone may import it.

Field names and order are those of the tables in `syncer.store.schema`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, NotRequired, TypeAlias, TypedDict

from syncer.record import Cursor, Raw, Record, Ref, Version

Value: TypeAlias = Any
"""A canonical value as JSON; None is absent."""


class ItemState(StrEnum):
    """Whether the item still takes part."""

    LIVE = "live"
    REMOVED = "removed"


class LinkState(StrEnum):
    """How one side's part in an item stands. All but LIVE are no reason to create; most are tombstones."""

    LIVE = "live"
    ARCHIVED = "archived"  # archived by us
    GONE = "gone"  # removed there, by someone else
    HIDDEN = "hidden"  # not visible to us: proves nothing
    UNDONE = "undone"  # removed by an undo: existence is held
    RESTRICTED = "restricted"  # fewer people may see it: neither read nor written


class ConflictState(StrEnum):
    """Where a conflict or question stands."""

    OPEN = "open"
    SETTLED = "settled"  # by a policy or a person; `how` says by which
    CLOSED = "closed"  # the sides came to agree
    PUT_BACK = "put_back"  # the losing value was chosen later


class JournalState(StrEnum):
    """What became of an intent."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


class RunState(StrEnum):
    """How a run ended; an OPEN one is running, or was killed."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class BaseEntry(TypedDict):
    """What a side showed of one item field when we last agreed, and what it stood for.

    `rf` is the record field's id; `rule` is the fingerprint of the mapping rule that read it.
    """

    rf: str
    raw: Raw
    value: Value
    rule: str


class ConflictSide(TypedDict):
    """One side's word in a conflict; `at` is an ISO instant or None, `by` an account or ""."""

    value: Value
    raw: Raw
    at: str | None
    by: str


class FieldWrite(TypedDict):
    """One field of a journalled write, raw, before and after.

    `values`: the item fields it stands for, `was`: what they read as there before. `taken`, `rule`: where an item's
    own change came from, and what settled it; `by`: the account that edited last on such a side, where it is known.
    """

    before: Raw
    after: Raw
    values: NotRequired[Mapping[str, Value]]
    was: NotRequired[Mapping[str, Value]]
    taken: NotRequired[list[str]]
    rule: NotRequired[str]
    by: NotRequired[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item: its kind and the values of its fields. `removed` says why and by whom, once it is."""

    id: str
    kind: str
    fields: Mapping[str, Value]
    state: ItemState = ItemState.LIVE
    created_run: str = ""
    removed: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One side's part in an item.

    `base` is keyed by item field, `seen` by record field id. `hot`: read it by ref next time whatever the digest says.
    `pending`: the side does not show the item's values yet. `tagged`: our tag is on the record.
    """

    item: str
    side: str
    ref: Ref
    record_type: str
    state: LinkState = LinkState.LIVE
    version: Version | None = None
    digest: str = ""
    label: str = ""
    url: str = ""
    base: Mapping[str, BaseEntry] = dataclasses.field(default_factory=dict)
    seen: Mapping[str, Raw] = dataclasses.field(default_factory=dict)
    tagged: bool = False
    hot: bool = False
    pending: bool = False
    edited_at: datetime | None = None
    edited_by: str = ""
    seen_run: str = ""


@dataclass(frozen=True, slots=True)
class StrayRow:
    """A record that was seen and is no item yet; `reason` says what it waits for."""

    side: str
    ref: Ref
    digest: str
    record: Record
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """Changes that disagree, or a question (`field` ""). `id` 0 is new: `put_conflict` gives it one."""

    item: str
    field: str
    kind: str
    state: ConflictState = ConflictState.OPEN
    base: Value = None
    sides: Mapping[str, ConflictSide] = dataclasses.field(default_factory=dict)
    opened_run: str = ""
    closed_run: str = ""
    how: str = ""
    reason: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A field a side refused: not sent again while `digest` (of value, schema and rule) stands."""

    item: str
    side: str
    field: str
    digest: str
    reason: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One intent and its outcome. `id` 0 is new; `at` None is now; `fields` is keyed by record field id."""

    run: str
    action: str
    item: str = ""
    side: str = ""
    ref: Ref | None = None
    fields: Mapping[str, FieldWrite] = dataclasses.field(default_factory=dict)
    state: JournalState = JournalState.OPEN
    seq: int = 0
    tag: str = ""
    rule: str = ""
    why: str = ""
    at: datetime | None = None
    finished_at: datetime | None = None
    error: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class CursorRow:
    """How far a side was read. `swept_at`: start of the last complete sweep; `fingerprint`: of the configuration."""

    side: str
    cursor: Cursor | None = None
    swept_at: datetime | None = None
    listed_at: datetime | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One execution. `counts`: what it did, by name. `circumstances`: see `syncer.story.circumstances`."""

    id: str
    command: str
    started_at: datetime
    finished_at: datetime | None = None
    state: RunState = RunState.OPEN
    counts: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    error: str = ""
    circumstances: Mapping[str, Value] = dataclasses.field(default_factory=dict)


class IndexEntry(NamedTuple):
    """What is needed of a link to say that its record has not changed."""

    item: str
    digest: str
    state: LinkState
    hot: bool
    version: Version | None = None
    edited_at: datetime | None = None


class LinkedRef(NamedTuple):
    """Where an item's live record is on one side."""

    ref: Ref
    record_type: str


@dataclass(frozen=True, slots=True)
class Refs:
    """Links of some sides, both ways round, for resolving references in bulk.

    `items`: (side, ref) → item, tombstones included. `refs`: (side, item) → its record, live links only.
    """

    items: dict[tuple[str, Ref], str]
    refs: dict[tuple[str, str], LinkedRef]
