"""A system for the benchmarks: a table in a file, which can say what changed, or pretends that it cannot.

Its records are on the disk, so that the memory of a child process is syncer's alone; it counts its own calls.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from syncer.adapter import NO_MEMORY, Can, Memory, Traits
from syncer.errors import NotFoundError
from syncer.record import (
    Account,
    Batch,
    Change,
    CollectionInfo,
    Cursor,
    Draft,
    FieldSpec,
    FieldType,
    Gone,
    GoneKind,
    Health,
    Lookup,
    Raw,
    Record,
    RecordType,
    Ref,
    Schema,
    Tag,
    Version,
)
from syncer.transport import Transport

PAGE = 100
TYPE = "row"
TYPES = {
    "Title": FieldType.LINE,
    "Text": FieldType.DOCUMENT,
    "Status": FieldType.LINE,
    "Reach": FieldType.NUMBER,
    "Effort": FieldType.NUMBER,
    "Labels": FieldType.SET,
    "Starts": FieldType.DATE,
}
TABLES = """\
CREATE TABLE rows(
    ref TEXT PRIMARY KEY, serial INTEGER NOT NULL, fields TEXT NOT NULL, tag TEXT, away INTEGER DEFAULT 0
);
CREATE INDEX changed ON rows(serial);
CREATE TABLE calls(verb TEXT PRIMARY KEY, times INTEGER NOT NULL);
"""
COLUMNS = "ref, serial, fields, tag, away"


class FeedConnectionSettings(BaseModel, extra="forbid", frozen=True):
    """One table."""

    path: Path = Field(description="The file.")


class FeedSettings(BaseModel, extra="forbid", frozen=True):
    """The rows of the table."""


class FeedAdapter:
    """The contract over one table."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        can = Can.CREATE | Can.UPDATE | Can.ARCHIVE | Can.RESTORE | Can.TAG_IN_CREATE
        silent = self._ask("PRAGMA user_version")[0][0]
        self.traits = Traits(can if silent else can | Can.FEED)

    def schema(self) -> Schema:
        specs = {n: FieldSpec(n, n, t, format="plain" if n == "Text" else "") for n, t in TYPES.items()}
        return Schema({TYPE: RecordType(TYPE, TYPE, specs)})

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        everything = since is None
        last = self._ask("SELECT coalesce(max(serial), 0) FROM rows")[0][0]
        at = int(since or 0)
        while True:
            self._count("list")
            where = f"SELECT {COLUMNS} FROM rows WHERE serial > ? ORDER BY serial LIMIT {PAGE}"
            found = self._ask(where, at)
            at = found[-1][1] if found else at
            end = len(found) < PAGE
            records = tuple(_record(row) for row in found if not everything or not row[4])
            yield Batch(records, complete=everything and end, cursor=Cursor(str(last)) if end else None)
            if end:
                return

    def get(self, refs: Sequence[Ref], fields: Set[str] | None = None) -> Mapping[Ref, Record | Gone]:
        self._count("get")
        found = self._ask(f"SELECT {COLUMNS} FROM rows WHERE ref IN ({','.join('?' * len(refs))})", *refs)
        known = {row[0]: _record(row) for row in found}
        return {ref: known.get(ref, Gone(ref, GoneKind.DELETED)) for ref in refs}

    def find(self, tags: Sequence[Tag], since: datetime) -> Lookup:
        self._count("find")
        wanted = {tag.text(): tag for tag in tags}
        found = self._ask(f"SELECT {COLUMNS} FROM rows WHERE tag IN ({','.join('?' * len(wanted))})", *wanted)
        return Lookup({wanted[row[3]]: _record(row) for row in found}, proves_absence=True)

    def create(self, draft: Draft) -> Record:
        ref = Ref(draft.tag.item)
        self._write("create", ref, dict(draft.fields), draft.tag.text())
        return self._one(ref)

    def groups(self, fields: Set[str]) -> Sequence[frozenset[str]]:
        return [frozenset(fields)]

    def update(self, ref: Ref, record_type: str, changes: Mapping[str, Change]) -> Record:
        now = self._one(ref)
        fields = {**now.fields, **{name: change.now for name, change in changes.items()}}
        self._write("update", ref, fields, now.tag.text() if now.tag else None)
        return self._one(ref)

    def archive(self, ref: Ref) -> None:
        self._away(ref, 1)

    def restore(self, ref: Ref) -> Record:
        self._away(ref, 0)
        return self._one(ref)

    def mark(self, ref: Ref, tag: Tag) -> Ref:
        self._write("mark", ref, self._one(ref).fields, tag.text())
        return ref

    def normal(self, field: str, raw: Raw) -> Raw:
        return raw

    def _one(self, ref: Ref) -> Record:
        found = self._ask(f"SELECT {COLUMNS} FROM rows WHERE ref = ?", ref)
        if not found:
            raise NotFoundError(f"no row {ref}", system="feed", ref=ref)
        return _record(found[0])

    def _write(self, verb: str, ref: Ref, fields: Mapping[str, Raw], tag: str | None) -> None:
        self._count(verb)
        put = "INSERT OR REPLACE INTO rows VALUES(?, (SELECT max(serial) + 1 FROM rows), ?, ?, 0)"
        self._ask(put, ref, json.dumps(fields, ensure_ascii=False), tag)

    def _away(self, ref: Ref, away: int) -> None:
        self._count("archive" if away else "restore")
        self._ask("UPDATE rows SET away = ?, serial = (SELECT max(serial) + 1 FROM rows) WHERE ref = ?", away, ref)

    def _count(self, verb: str) -> None:
        self._ask("INSERT INTO calls VALUES(?, 1) ON CONFLICT(verb) DO UPDATE SET times = times + 1", verb)

    def _ask(self, statement: str, *values: Any) -> list[Any]:
        return self._database.execute(statement, values).fetchall()


def _record(row: Sequence[Any]) -> Record:
    ref, serial, fields, tag, away = row
    held = json.loads(fields)
    return Record(
        ref=Ref(ref),
        type=TYPE,
        fields={name: held.get(name) for name in TYPES},
        version=Version(str(serial)),
        tag=Tag.parse(tag),
        label=str(held.get("Title") or ref),
        archived=bool(away),
    )


class FeedConnection:
    """One table."""

    def __init__(self, settings: FeedConnectionSettings) -> None:
        self.settings = settings
        self._database: sqlite3.Connection | None = None

    def check(self) -> Health:
        return Health(account="", detail=self.settings.path.name)

    def people(self) -> Sequence[Account]:
        return ()

    def collections(self) -> Sequence[CollectionInfo]:
        return (CollectionInfo(self.settings.path.stem, {}),)

    def open(self, settings: FeedSettings, memory: Memory = NO_MEMORY) -> FeedAdapter:
        if self._database is None:
            self._database = opened(self.settings.path)
        return FeedAdapter(self._database)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()


class FeedSystem:
    """Tables for the benchmarks."""

    name: ClassVar[str] = "feed"
    title: ClassVar[str] = "benchmark table"
    ConnectionSettings: ClassVar[type[BaseModel]] = FeedConnectionSettings
    CollectionSettings: ClassVar[type[BaseModel]] = FeedSettings

    @staticmethod
    def connect(settings: FeedConnectionSettings, secrets: Mapping[str, str], transport: Transport) -> FeedConnection:
        return FeedConnection(settings)


def opened(path: Path) -> sqlite3.Connection:
    # each side is read on a thread of its own, one at a time
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA synchronous=OFF")  # what the stand-in costs is not what is measured
    return database


def fill(path: Path, rows: Sequence[tuple[str, Mapping[str, Raw]]]) -> None:
    """Make a table of these rows."""
    database = opened(path)
    database.executescript(TABLES)
    lines = [(ref, number, json.dumps(fields, ensure_ascii=False)) for number, (ref, fields) in enumerate(rows, 1)]
    with database:
        database.execute("BEGIN")
        database.executemany("INSERT INTO rows(ref, serial, fields) VALUES(?, ?, ?)", lines)
    database.close()


def silence(path: Path, silent: bool) -> None:
    """Let a table no longer say what changed, or say it again."""
    database = opened(path)
    database.execute(f"PRAGMA user_version = {int(silent)}")
    database.close()


def calls(path: Path) -> dict[str, int]:
    """Return the calls since this was last asked, as the table itself counted them."""
    database = opened(path)
    found = dict(database.execute("SELECT verb, times FROM calls").fetchall())
    database.execute("DELETE FROM calls")
    database.close()
    return found


def install(folder: Path) -> None:
    """Make the system known as any adapter of another package is: by an entry point."""
    info = folder / "bench_feed-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-feed\nVersion: 0\n", encoding="utf-8")
    points = "[syncer.adapters]\nfeed = benchmarks.feed:FeedSystem\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
