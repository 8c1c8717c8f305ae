"""What crosses the border between the engine and an adapter.

A record is a thing as its system has it: raw values keyed by the system's own field ids. Nothing here knows
what a feature or a story is, and nothing here does input or output.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, NewType, TypeAlias

Ref = NewType("Ref", str)
"""A record's stable address, unique within its connection. Only its adapter reads, sorts or builds one."""

Version = NewType("Version", str)
"""A token that changes when the record does. Compared for equality, never for order."""

Cursor = NewType("Cursor", str)
"""Where a listing began: "changes since here"."""

Raw: TypeAlias = "bool | int | float | str | list[Raw] | dict[str, Raw] | None"
"""A field's value in the record's terms, as JSON. See `FieldType` for the shape of each type."""


class FieldType(StrEnum):
    """The types of design §4, with the JSON shape of a raw value of each. Absent is always None.

    LINE str · DOCUMENT whatever the codec named by `FieldSpec.format` reads · CHOICE option id (str) ·
    NUMBER int|float · MONEY {"amount": str, "currency": str} · DATE "YYYY-MM-DD" ·
    INSTANT "YYYY-MM-DDTHH:MM:SS[.mmm]Z" (UTC) · PERIOD {"start": date|instant, "end": …|None} · FLAG bool ·
    SET sorted list[str] (option ids, or the strings themselves where there are no options) ·
    SEQUENCE list[{"text": str, "done": bool}] · PERSON account id · PEOPLE sorted list[account id] ·
    REFERENCE Ref · REFERENCES sorted list[Ref] · URL str · TABLE list[dict[str, scalar]]
    """

    LINE = "line"
    DOCUMENT = "document"
    CHOICE = "choice"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    PERIOD = "period"
    FLAG = "flag"
    SET = "set"
    SEQUENCE = "sequence"
    PERSON = "person"
    PEOPLE = "people"
    REFERENCE = "reference"
    REFERENCES = "references"
    URL = "url"
    TABLE = "table"


class Seen(StrEnum):
    """How a change of a field becomes known."""

    FEED = "feed"  # listed by `list(since=…)`
    SWEEP = "sweep"  # only a complete listing shows it


@dataclass(frozen=True, slots=True)
class Option:
    """One choice a field offers. `category` is the vendor's status category where it has one."""

    id: str
    name: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a side's field is and can do.

    `absent_shows` is the raw value the side shows where absent was written (Jira's default priority); it fits
    absent. `costly` fields are not in listings: `Adapter.get` reads them. `open_options` means that writing an
    unknown option name creates it. `targets` narrows a reference to records of these types. `aliases` are other
    names the mapping may use (a Jira clause name). `required` means that a create must carry it.
    """

    id: str
    name: str
    type: FieldType
    writable: bool = True
    on_create: bool = True
    required: bool = False
    clearable: bool = True
    options: tuple[Option, ...] = ()
    open_options: bool = False
    format: str = ""
    absent_shows: Raw = None
    costly: bool = False
    seen: Seen = Seen.FEED
    targets: tuple[str, ...] = ()
    max_length: int = 0
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordType:
    """One type of record in a collection: a Jira issue type, a Notion data source, a sheet."""

    id: str
    name: str
    fields: Mapping[str, FieldSpec]


@dataclass(frozen=True, slots=True)
class Schema:
    """The live schema of one collection."""

    types: Mapping[str, RecordType]

    def spec(self, record_type: str, field_id: str) -> FieldSpec | None:
        """Return the field of that type, or None."""
        found = self.types.get(record_type)
        return found.fields.get(field_id) if found else None


@dataclass(frozen=True, slots=True)
class Tag:
    """Our mark on a record: whose it is and which item it stands for.

    `lineage` is the store's own id: a tag of another lineage was issued by a state we do not hold.
    """

    product: str
    item: str
    lineage: str

    def text(self) -> str:
        """Return the tag as one word, for systems that keep it in a text field."""
        return f"{self.product}.{self.lineage}.{self.item}"

    @classmethod
    def parse(cls, text: str | None) -> Tag | None:
        """Return the tag that `text` holds, or None where it is not one of ours."""
        parts = (text or "").strip().rsplit(".", 2)
        if len(parts) != 3 or not all(parts):
            return None
        product, lineage, item = parts
        return cls(product, item, lineage)


class Editor(NamedTuple):
    """Whose account it was, and when (UTC)."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A thing as its system has it.

    `fields`: raw values by field id. A missing key was *not read*, None is absent: never confuse the two.
    `unreadable`: field id → why its value could not be turned into the shape of its type.
    `settled` False means that a later edit could still hide behind this very version (a coarse clock): the
    engine reads the record again next time. `restricted` says, in words, who alone may see it. `outside`: it does
    not meet the collection's filter; a linked one is followed all the same, any other takes no part.
    """

    ref: Ref
    type: str
    fields: Mapping[str, Raw]
    version: Version | None = None
    tag: Tag | None = None
    label: str = ""
    url: str = ""
    edited_at: datetime | None = None
    edited_by: str = ""
    created_at: datetime | None = None
    archived: bool = False
    settled: bool = True
    restricted: str = ""
    outside: bool = False
    unreadable: Mapping[str, str] = field(default_factory=dict)
    overwritten: Mapping[str, Raw] = field(default_factory=dict)
    """In the answer to an update: field id → what a person had written there after our last read, and we replaced."""
    editors: Mapping[str, Editor] = field(default_factory=dict)
    """In the answer to a read of some fields of one record: field id → who edited it last, where a history tells."""


class GoneKind(StrEnum):
    """Why a ref no longer gives a live record here. Only TRASHED and DELETED are removals."""

    TRASHED = "trashed"  # the vendor shows it in its trash
    DELETED = "deleted"  # the vendor says for certain that it no longer exists
    HIDDEN = "hidden"  # no such record *or* no permission: the vendor does not tell which
    MOVED = "moved"  # it lives on outside what this connection can follow


@dataclass(frozen=True, slots=True)
class Gone:
    """The answer for a ref that gives no live record."""

    ref: Ref
    kind: GoneKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Part of a listing.

    `complete` is True only on the last batch of a listing *of everything* that ended as the vendor says it
    must: only then does absence mean anything. `cursor` comes with the last batch of any listing that ended
    well; it is the *start* of that listing less the overlap the vendor's clock needs.
    """

    records: tuple[Record, ...]
    complete: bool = False
    cursor: Cursor | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One field's value before and after, raw. Sets and documents are written as the difference."""

    was: Raw
    now: Raw


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be created: its type, its fields (absent ones left out) and our tag."""

    type: str
    fields: Mapping[str, Raw]
    tag: Tag


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a search for tags found. `proves_absence`: a tag not in `records` is on no record."""

    records: Mapping[Tag, Record]
    proves_absence: bool


@dataclass(frozen=True, slots=True)
class Account:
    """A person as one system knows them."""

    id: str
    name: str
    email: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """A place that could take part: what `init` offers. `settings` goes into syncer.yaml as it is."""

    name: str
    settings: Mapping[str, Raw]
    records: int | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """What `check` prints for a connection: who we are there, what we may do, what to know."""

    account: str
    detail: str
    notes: tuple[str, ...] = ()
    missing_permissions: tuple[str, ...] = ()


_encoder = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def canonical_json(value: object) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, no escapes of letters."""
    return _encoder.encode(value)


def digest(record: Record, costly: Set[str] = frozenset()) -> str:
    """Return a digest of everything in a record that can matter to the engine, `costly` fields left out."""
    fields = {k: v for k, v in record.fields.items() if k not in costly} if costly else record.fields
    text = canonical_json(
        [record.type, fields, record.archived, record.restricted, sorted(record.unreadable.items()),
         record.version, record.tag.text() if record.tag else None]
    )  # fmt: skip
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def record_to_json(record: Record) -> dict[str, Raw]:
    """Return a record as JSON, for the store."""
    return {
        "ref": record.ref,
        "type": record.type,
        "fields": dict(record.fields),
        "version": record.version,
        "tag": record.tag.text() if record.tag else None,
        "label": record.label,
        "url": record.url,
        "edited_at": record.edited_at.isoformat() if record.edited_at else None,
        "edited_by": record.edited_by,
        "created_at": record.created_at.isoformat() if record.created_at else None,
        "archived": record.archived,
        "settled": record.settled,
        "restricted": record.restricted,
        "outside": record.outside,
        "unreadable": dict(record.unreadable),
    }


def record_from_json(data: Mapping[str, Any]) -> Record:
    """Read what `record_to_json` wrote."""
    times = {k: datetime.fromisoformat(data[k]) if data[k] else None for k in ("edited_at", "created_at")}
    return Record(**{**data, **times, "tag": Tag.parse(data["tag"])})


def schema_to_json(schema: Schema) -> dict[str, Raw]:
    """Return a schema as JSON, for the store."""
    return {t.id: asdict(t) for t in schema.types.values()}


def schema_from_json(data: Mapping[str, Any]) -> Schema:
    """Read what `schema_to_json` wrote."""
    types = {}
    for key, entry in data.items():
        fields = {}
        for name, spec in entry["fields"].items():
            listed = {k: tuple(spec[k]) for k in ("targets", "aliases")}
            options = tuple(Option(**option) for option in spec["options"])
            kinds = {"type": FieldType(spec["type"]), "seen": Seen(spec["seen"])}
            fields[name] = FieldSpec(**{**spec, **listed, **kinds, "options": options})
        types[key] = RecordType(entry["id"], entry["name"], fields)
    return Schema(types)
