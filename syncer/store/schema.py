"""The tables. `docs/store.md` is generated from here; `migrations/` brings an older file to this state."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from syncer.store.rows import ConflictState, ItemState, JournalState, LinkState, RunState
from syncer.store.types import Instant, Json, Prose, Word

FORMAT = 2
"""The number of the schema below. Raised together with every new migration."""

metadata = MetaData()


def _column(name: str, type_: Any, comment: str, *more: Any, null: bool = False, **options: Any) -> Column[Any]:
    return Column(name, type_, *more, nullable=null, comment=comment, **options)


meta = Table(
    "meta",
    metadata,
    _column("id", Integer, "always 1", primary_key=True, autoincrement=False),
    _column("format", Integer, "number of this schema"),
    _column("written_by", Text, "version of syncer that brought the file to this format"),
    _column("product", Text, "the product whose state this is"),
    _column("lineage", Text, "this store's own id, part of every tag it issues"),
    _column("generation", Integer, "counts the commits that decide something; a plan names the one it was made from"),
    comment="One row: what this file is.",
)

run = Table(
    "run",
    metadata,
    _column("id", Text, "the run's id", primary_key=True),
    _column("command", Text, "the command it executed"),
    _column("started_at", Instant, "when it began"),
    _column("finished_at", Instant, "when it ended; null while it runs, or if it was killed", null=True),
    _column("state", Word(RunState), "open, done, failed or stopped"),
    _column("counts", Json, "what it did, by name"),
    _column("error", Prose, "why it failed or stopped"),
    _column("circumstances", Json, "who ran it, where, with what, why, and which guards were let pass"),
    Index("run_started", "started_at"),
    comment="Executions.",
)

item = Table(
    "item",
    metadata,
    _column("id", Text, "the item's id", primary_key=True),
    _column("kind", Text, "Goal, Feature, Story …"),
    _column("fields", Json, "field → canonical value; absent fields are left out"),
    _column("state", Word(ItemState), "live or removed"),
    _column("created_run", Text, "the run that made it"),
    _column("removed", Json, "why, where and by whom it was removed", null=True),
    _column("title", Prose, "its title in folded case, for searching"),
    comment="The canonical things. A row is never deleted: what is removed stands here as removed.",
)

link = Table(
    "link",
    metadata,
    _column("item", Text, "the item", ForeignKey("item.id")),
    _column("side", Text, "the collection's name"),
    _column("ref", Text, "the record's stable address there"),
    _column("record_type", Text, "the record's type id"),
    _column("state", Word(LinkState), "live, archived (by us), gone, hidden, undone or restricted"),
    _column("version", Text, "the record's version when last seen", null=True),
    _column("digest", Text, "digest of the record when last seen: equal means unchanged"),
    _column("label", Prose, "what people call the record: an issue key, a title"),
    _column("url", Prose, "where people find it"),
    _column("base", Json, "record field → {field, raw, value, rule}: what we last agreed on"),
    _column("seen", Json, "record field → raw value last read, agreed or not"),
    _column("tagged", Boolean, "our tag is on the record"),
    _column("hot", Boolean, "must be read by ref next time"),
    _column("pending", Boolean, "the side does not show the item's values yet"),
    _column("edited_at", Instant, "the vendor's time of the last edit seen", null=True),
    _column("edited_by", Text, "the account of the last edit seen"),
    _column("seen_run", Text, "the run that last read it"),
    PrimaryKeyConstraint("item", "side"),
    UniqueConstraint("side", "ref", name="link_ref"),
    comment="Which record is which item on which side, at most one per side; base and seen of each.",
)
# Answers `Reads.index` without touching the rows, which hold whole documents.
_index = ("side", "ref", "item", "digest", "state", "hot", "version", "edited_at")
Index("link_index", *(link.c[name] for name in _index))
WAITING = text("hot OR pending")
"""Must be written like this wherever the index is to be used: a database does not see that `hot = 1` is `hot`."""
# PostgreSQL's word for it is in the migration alone: said here, it would load that dialect at every start.
Index("link_waiting", link.c.item, sqlite_where=WAITING)

stray = Table(
    "stray",
    metadata,
    _column("side", Text, "the collection's name"),
    _column("ref", Text, "the record's stable address"),
    _column("digest", Text, "digest of the record when last seen"),
    _column("record", Json, "the record as it was read"),
    _column("reason", Prose, "why it is no item yet"),
    PrimaryKeyConstraint("side", "ref"),
    comment="Records seen that are no item yet.",
)

conflict = Table(
    "conflict",
    metadata,
    _column("item", Text, "the item; empty for a question about strays alone"),
    _column("field", Text, "the item's field; empty for a question"),
    _column("kind", Text, "what kind of conflict or question"),
    _column("state", Word(ConflictState), "open, settled, closed (the sides agree) or put_back"),
    _column("base", Json, "the value that was last agreed", null=True),
    _column("sides", Json, "side → {value, raw, at, by}: every word in it, the losing ones too"),
    _column("opened_run", Text, "the run that found it"),
    _column("closed_run", Text, "the run that ended it"),
    _column("how", Prose, "what settled it"),
    _column("reason", Prose, "what is asked, in words"),
    _column("id", Integer, "number, as shown to people", primary_key=True, autoincrement=False),
    Index("conflict_state", "state"),
    Index("conflict_item", "item"),
    comment="Changes that disagree, and questions.",
)

refusal = Table(
    "refusal",
    metadata,
    _column("item", Text, "the item"),
    _column("side", Text, "the side that refused"),
    _column("field", Text, "the record field that was refused; empty for the whole record"),
    _column("digest", Text, "digest of value, schema and rule: sent again only when it changes"),
    _column("reason", Prose, "what the system said"),
    _column("run", Text, "the run in which it said so"),
    PrimaryKeyConstraint("item", "side", "field"),
    comment="Values a side refused, so that they are not sent again and again.",
)

journal = Table(
    "journal",
    metadata,
    _column("run", Text, "the run"),
    _column("action", Text, "create, update, archive, restore, mark, link, take, settle …"),
    _column("item", Text, "the item"),
    _column("side", Text, "the side written to; empty for what happened to the item alone"),
    _column("ref", Text, "the record; null until a create is known to have landed", null=True),
    _column("fields", Json, "record field → {before, after}, raw"),
    _column("state", Word(JournalState), "open, done, failed, unknown or dropped"),
    _column("seq", Integer, "place within the run's plan"),
    _column("tag", Text, "the tag a create carries"),
    _column("rule", Text, "fingerprint of the rule it followed"),
    _column("why", Prose, "the reason shown in the plan"),
    _column("at", Instant, "when the intent was written"),
    _column("finished_at", Instant, "when its outcome was", null=True),
    _column("error", Prose, "what went wrong"),
    _column("id", Integer, "number, rising", primary_key=True, autoincrement=False),
    Index("journal_run", "run"),
    Index("journal_item", "item"),
    Index("journal_state", "state"),
    Index("journal_ref", "side", "ref"),
    comment="Intents, written before anything is done, and what became of them.",
)

cursor = Table(
    "cursor",
    metadata,
    _column("side", Text, "the collection's name", primary_key=True),
    _column("cursor", Text, "where the next listing of changes starts; null lists everything", null=True),
    _column("swept_at", Instant, "start of the last complete listing", null=True),
    _column("listed_at", Instant, "start of the last listing of any sort", null=True),
    _column("fingerprint", Text, "of the configuration it was listed under"),
    comment="How far each side was read.",
)

lease = Table(
    "lease",
    metadata,
    _column("product", Text, "the product", primary_key=True),
    _column("owner", Text, "who holds it; empty when nobody does"),
    _column("fence", Integer, "rises with every holder; checked inside every commit"),
    _column("taken_at", Instant, "since when"),
    _column("expires_at", Instant, "when another may take it over"),
    comment="One writer per product.",
)

applied = Table(
    "applied",
    metadata,
    _column("plan_id", Text, "the plan", primary_key=True),
    _column("run", Text, "the run that applied it"),
    _column("at", Instant, "when"),
    comment="Plan files that were applied.",
)

memo = Table(
    "memo",
    metadata,
    _column("key", Text, "what is remembered, such as schema:SIDE or people:CONNECTION", primary_key=True),
    _column("value", Json, "the answer a system gave"),
    comment="Answers that are asked for once and read again at will, and what people said beside any run (`paused`).",
)
