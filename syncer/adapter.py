"""The contract an adapter signs. The one file to read in order to write one.

Three objects, found through the entry-point group `syncer.adapters` (name → a `System`):

    System       a tool we can speak to          says what its settings look like, and connects
    Connection   one account at one address      checks itself, names people, opens collections
    Adapter      one collection                  lists, gets, finds, creates, updates, archives records

An adapter knows its system and nothing else: it never sees an item, a mapping or the store. It does one vendor
call per verb wherever the vendor allows it, never retries by itself (`syncer.transport` does), and never turns a
failure into an empty answer. Every verb may raise the `AdapterError` family and `AuthError`.

The suite `syncer.testing.contract` holds every adapter to the sentences below, under the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Flag, auto
from typing import Any, ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel

from syncer.record import (
    Account,
    Batch,
    Change,
    CollectionInfo,
    Cursor,
    Draft,
    Gone,
    Health,
    Lookup,
    Raw,
    Record,
    Ref,
    Schema,
    Tag,
)
from syncer.transport import Transport

EVER = datetime.min.replace(tzinfo=UTC)
"""The beginning of time: `Adapter.find` since then leaves nothing out."""


class Can(Flag):
    """What a collection allows at all. Tests that need more skip by this, never by a vendor's name."""

    NOTHING = 0
    CREATE = auto()
    UPDATE = auto()
    ARCHIVE = auto()
    RESTORE = auto()
    TAG = auto()
    """Can hold our tag on a record that exists already (`mark`)."""
    TAG_IN_CREATE = auto()
    """The tag travels in the very request that creates: a create can be found again."""
    FEED = auto()
    """`list(since)` costs one request when nothing changed."""
    TELLS_EDITOR = auto()
    """`Record.edited_by` names the last writer's account."""
    TELLS_OVERWRITTEN = auto()
    """`update` tells, from the vendor's own history, what a person wrote between our read and our write."""
    TELLS_HISTORY = auto()
    """`get` of some fields of one record names who edited each of them last (`Record.editors`)."""
    ALL = (
        CREATE | UPDATE | ARCHIVE | RESTORE | TAG | TAG_IN_CREATE | FEED
        | TELLS_EDITOR | TELLS_OVERWRITTEN | TELLS_HISTORY
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Traits:
    """What the engine must know of a collection, beyond its schema.

    `find_lag`: seconds after which not finding a tag proves that it is nowhere; None means it never does.
    `clock_grain`: seconds to which the vendor rounds a record's edit time. `account`: our own account id, to
    compare with `Record.edited_by`; "" where the system has none. `gap`: in words, what stands between our last
    read and our write (printed by `check`).
    """

    can: Can
    find_lag: float | None = 0.0
    clock_grain: float = 0.0
    account: str = ""
    gap: str = ""
    sends_notifications: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What an adapter kept: JSON of its own, and the schema it goes with."""

    value: Any
    schema: Schema


class Memory(Protocol):
    """What an adapter keeps of one collection from run to run, so that an idle one asks the system nothing twice.

    A cache, never a state: it may be empty at any time. It is of these very settings and this account. Whoever opens
    the collection renews it by `schema()`: for a check, with a full listing, and when it is as old as one.
    An adapter that needs nothing of the kind leaves it alone.
    """

    def recall(self) -> Kept | None:
        """Return what was kept last, or None."""

    def keep(self, value: Any, schema: Schema) -> None:
        """Keep JSON instead of what was kept, and the schema that `schema()` makes of it."""


class _NoMemory:
    def recall(self) -> Kept | None:
        return None

    def keep(self, value: Any, schema: Schema) -> None:
        pass


NO_MEMORY: Memory = _NoMemory()
"""Forgets at once."""


@runtime_checkable
class Adapter(Protocol):
    """One collection."""

    @property
    def traits(self) -> Traits:
        """What this collection can do. May ask the system once."""

    def schema(self) -> Schema:
        """Read the schema anew, and keep what later runs need of it.

        Raises NotFoundError where there is no such collection, or a UserError that names those there are.
        Everything else may work from what is kept (`Memory`), and reads anew where it meets something unknown.
        """

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        """Yield records: everything in the collection (`since` None), or what changed since a cursor.

        What changed is listed whether or not it still meets the collection's filter: `Record.outside` says so.
        Only the last batch has a cursor, and only if the listing ended well. `complete` is True only on the last
        batch of a listing of everything. A listing that breaks off raises, or ends without a cursor.
        With an unusable cursor it lists everything.
        """

    def get(self, refs: Sequence[Ref], fields: Set[str] | None = None) -> Mapping[Ref, Record | Gone]:
        """Read records by ref, wherever they are now, also those the collection's filter no longer meets.

        Every ref asked for is a key of the answer. `fields` narrows what must be read, costly fields included;
        None reads all. What we wrote before this call is seen by it.
        """

    def find(self, tags: Sequence[Tag], since: datetime) -> Lookup:
        """Find the records that carry these tags, created by us since a time (UTC).

        Since `EVER`: whoever created them. The collection's filter is not asked.
        """

    def create(self, draft: Draft) -> Record:
        """Create one record, tag included, in one request where TAG_IN_CREATE; return it as it now is.

        Fields of the draft that the first request cannot carry are left out: the engine sees that they are
        missing and updates them. Raises RejectedError with the fields that are refused,
        UnknownOutcomeError (with `committed` where the vendor tells) when it may have been created.
        """

    def groups(self, fields: Set[str]) -> Sequence[frozenset[str]]:
        """Split fields into what one `update` can write at once: each group is journalled on its own."""

    def update(self, ref: Ref, record_type: str, changes: Mapping[str, Change]) -> Record:
        """Write these fields of one group, and return the record as it now is, these fields at least.

        A set is written by adding and removing, a document by its changed blocks, where the vendor can.
        Raises RejectedError with the fields that are refused: then none of the group was written.
        """

    def archive(self, ref: Ref) -> None:
        """Take a record out of sight in the gentlest way the system has. Never a permanent deletion."""

    def restore(self, ref: Ref) -> Record:
        """Undo `archive`, or take the record out of the vendor's trash. NotFoundError where it is no more."""

    def mark(self, ref: Ref, tag: Tag) -> Ref:
        """Put our tag on a record that exists; return its ref, which may change only where it had none of its own."""

    def normal(self, field: str, raw: Raw) -> Raw:
        """Return the form in which the system will show `raw` when read back: its declared normal form."""


class Connection(Protocol):
    """One account at one address. Collections opened from it share its session and its rate limit."""

    def check(self) -> Health:
        """Log in and say who we are. Raises AuthError, UnreachableError."""

    def people(self) -> Sequence[Account]:
        """Return the accounts that records may name. Empty where people are plain names."""

    def collections(self) -> Sequence[CollectionInfo]:
        """Return what could take part, for `init`."""

    def open(self, settings: Any, memory: Memory = NO_MEMORY) -> Adapter:
        """Open one collection; `settings` is an instance of the system's `CollectionSettings`. Sends no request."""

    def close(self) -> None:
        """Release sockets and file locks."""


class System(Protocol):
    """What an entry point gives: a tool we can speak to.

    The settings classes are Pydantic models with `extra="forbid"`, a description on every field, and secrets typed
    as `syncer.adapter.Secret`; they become part of the JSON schema of syncer.yaml.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    ConnectionSettings: ClassVar[type[BaseModel]]
    CollectionSettings: ClassVar[type[BaseModel]]

    @staticmethod
    def connect(settings: Any, secrets: Mapping[str, str], transport: Transport) -> Connection:
        """Make a connection; no request is sent yet.

        `secrets` has the value of every setting typed `Secret`, by the setting's name.
        """


class Secret(BaseModel, extra="forbid", frozen=True):
    """Where a secret is kept: the name of an environment variable, or an entry of the system keyring."""

    env: str | None = None
    keyring: str | None = None
