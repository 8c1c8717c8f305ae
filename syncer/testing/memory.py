"""A system that lives in memory, with every bad habit a vendor can have.

It is a first-class adapter: the contract suite and the engine's state machine run on it. People edit it through the
methods of `MemoryTable` that are named after what they do; the engine sees it through the contract alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from syncer.adapter import Can, Traits
from syncer.errors import (
    NotFoundError,
    RejectedError,
    RetryableError,
    UnknownOutcomeError,
    UnreachableError,
)
from syncer.record import (
    Batch,
    Change,
    Cursor,
    Draft,
    Editor,
    FieldSpec,
    FieldType,
    Gone,
    GoneKind,
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

ROBOT = "robot"
_BY_ELEMENT = (FieldType.SET, FieldType.PEOPLE, FieldType.REFERENCES)
"""Types that are written by adding and removing: nothing there is overwritten."""
READS = frozenset({"list", "get", "find"})


@dataclass(frozen=True, slots=True)
class Habits:
    """How this system differs from an ideal one.

    `grain`: seconds to which edit times are rounded, and by which versions are told apart. `page`: records a
    batch. `lag`: seconds by which listings run behind; `find_lag` must not be less. `capitals`: titles are stored
    with their first letter raised (a silent normalisation, declared by `normal`). `split`: a create carries only
    required fields. `readdresses`: a record that we mark is known by another ref from then on, as the row of a sheet.
    """

    can: Can = Can.ALL
    grain: float = 0.0
    page: int = 3
    lag: float = 0.0
    find_lag: float | None = 0.0
    capitals: bool = False
    split: bool = False
    hides_gone: bool = False
    readdresses: bool = False


@dataclass(slots=True)
class Fault:
    """The next `times` calls of `verb` fail: "before" acting or "after", as `error`."""

    verb: str
    error: str = "unreachable"
    when: str = "before"
    times: int = 1


@dataclass(slots=True)
class _Row:
    ref: Ref
    type: str
    fields: dict[str, Raw]
    tag: Tag | None
    editor: str
    edited: datetime
    created: datetime
    serial: int
    archived: bool = False
    trashed: bool = False
    restricted: str = ""
    inside: bool = True
    editors: dict[str, Editor] = field(default_factory=dict)


@dataclass
class MemoryTable:
    """The state of one collection, as its people see it."""

    name: str
    record_types: Mapping[str, Mapping[str, FieldSpec]]
    habits: Habits = field(default_factory=Habits)
    rows: dict[Ref, _Row] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    written: list[tuple[Ref, str]] = field(default_factory=list)
    """(record, field) of every field that our updates wrote: a side's own log, for judges."""
    faults: list[Fault] = field(default_factory=list)
    before_call: Callable[[str], None] | None = None
    after_call: Callable[[str], None] | None = None
    between: Callable[[Ref, Set[str]], None] | None = None
    """A person acts in the gap: called once between our last read of a record and our write of these fields."""
    cut_listing: bool = False
    """The next full listing breaks off after its first page, without saying so."""
    empty_listing: bool = False
    """The next full listing is empty, and says that it is complete."""
    capped_listing: bool = False
    """The next full listing ends after its first page, and says that it is complete."""
    torn_listing: bool = False
    """The next listing fails after its first page."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """Fields that we may not read at present, and why: a relation to something that is no longer shared with us."""
    refuses: dict[str, str] = field(default_factory=dict)
    """Fields that are refused whatever their value, and the reason given."""
    locked: set[Ref] = field(default_factory=set)
    """Records that may be read and not written: a write to one answers that there is none."""
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    readdressed: dict[Ref, Ref] = field(default_factory=dict)
    """Former refs of records, and what they are known by now."""
    _serial: int = 0
    _stale: list[tuple[datetime, dict[Ref, _Row]]] = field(default_factory=list)

    def add(self, fields: Mapping[str, Raw], *, record_type: str = "", by: str = "ann") -> Ref:
        """Let a person create a record."""
        self._remember()
        serial = self._next()
        ref = Ref(f"{self.name}-{serial}")
        kind = record_type or next(iter(self.record_types))
        specs = self.record_types[kind]
        shown = {f: self._kept(f, fields.get(f, specs[f].absent_shows)) for f in specs}
        self.rows[ref] = _Row(ref, kind, shown, None, by, self._time(), self._time(), serial)
        return ref

    def edit(self, ref: Ref, fields: Mapping[str, Raw], *, by: str = "ann") -> None:
        """Let a person change fields."""
        self._remember()
        row = self.rows[ref]
        row.fields.update({f: self._kept(f, value) for f, value in fields.items()})
        self._touch(row, by, *fields)

    def trash(self, ref: Ref) -> None:
        """Let a person remove a record."""
        self._remember()
        self.rows[ref].trashed = True
        self._touch(self.rows[ref], "ann")

    def untrash(self, ref: Ref) -> None:
        """Let a person take a record back, out of the trash or the archive."""
        self._remember()
        self.rows[ref].trashed = self.rows[ref].archived = False
        self._touch(self.rows[ref], "ann")

    def copy(self, ref: Ref) -> Ref:
        """Let a person duplicate a record, our tag included."""
        self._remember()
        serial = self._next()
        new = Ref(f"{self.name}-{serial}")
        row = self.rows[ref]
        self.rows[new] = replace(
            row,
            ref=new,
            fields=dict(row.fields),
            editor="ann",
            edited=self._time(),
            created=self._time(),
            serial=serial,
        )
        return new

    def live(self) -> dict[Ref, dict[str, Raw]]:
        """Return what people see: live, unarchived records. For judges."""
        return {r.ref: dict(r.fields) for r in self.rows.values() if not r.trashed and not r.archived}

    def row(self, ref: Ref) -> _Row:
        """Return a record by any ref it ever had. For judges."""
        return self.rows[self.readdressed.get(ref, ref)]

    def tick(self, seconds: float = 1.0) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _time(self) -> datetime:
        grain = self.habits.grain
        if not grain:
            return self.now
        stamp = self.now.timestamp()
        return datetime.fromtimestamp(stamp - stamp % grain, UTC)

    def _touch(self, row: _Row, by: str, *fields: str) -> None:
        row.editor, row.edited, row.serial = by, self._time(), self._next()
        row.editors = {**row.editors, **dict.fromkeys(fields, Editor(by, row.edited))}

    def _kept(self, name: str, value: Raw) -> Raw:
        if self.habits.capitals and name == "title" and isinstance(value, str):
            return value[:1].upper() + value[1:]
        return value

    def _remember(self) -> None:
        if self.habits.lag:
            unseen = [entry for entry in self._stale if entry[0] > self._indexed()]
            rows = {ref: replace(row, fields=_own(row.fields)) for ref, row in self.rows.items()}
            self._stale = [*unseen, (self.now, rows)]

    def _indexed(self) -> datetime:
        """Return up to when the index knows what was written."""
        return self.now - timedelta(seconds=self.habits.lag)

    def _listed(self) -> dict[Ref, _Row]:
        """Return the rows as they were before the first write that the index does not know."""
        return next((rows for at, rows in self._stale if at > self._indexed()), self.rows)

    def _start(self) -> Cursor:
        """Return a cursor that overlaps whatever the index does not show yet."""
        return Cursor(str(self._indexed().timestamp() - self.habits.grain))


def _own(fields: Mapping[str, Raw]) -> dict[str, Raw]:
    return {f: copy.deepcopy(v) if isinstance(v, list | dict) else v for f, v in fields.items()}


class MemoryAdapter:
    """The contract over a `MemoryTable`."""

    def __init__(self, table: MemoryTable, transport: Transport | None = None) -> None:
        """Calls are counted and permitted by `transport`, where one is given."""
        self.table, self.transport = table, transport

    @property
    def traits(self) -> Traits:
        """See Adapter."""
        habits = self.table.habits
        account = ROBOT if Can.TELLS_EDITOR in habits.can else ""
        return Traits(habits.can, find_lag=habits.find_lag, clock_grain=habits.grain, account=account, gap="one call")

    def schema(self) -> Schema:
        """See Adapter."""
        return Schema({k: RecordType(k, k, dict(specs)) for k, specs in self.table.record_types.items()})

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        """See Adapter."""
        self._call("list")
        table = self.table
        start = table._start()
        rows = [r for r in table._listed().values() if not r.trashed]
        moment = _moment(since)
        if table.torn_listing:
            table.torn_listing = False
            yield Batch(tuple(self._record(r, costly=False) for r in rows[: table.habits.page]))
            raise UnreachableError("no connection", system="memory")
        if moment is not None and Can.FEED in table.habits.can:
            rows = [r for r in rows if r.edited.timestamp() >= moment]
            yield from self._pages(rows, complete=False, cursor=start)
            return
        if table.empty_listing:
            table.empty_listing, rows = False, []
        cut, table.cut_listing = table.cut_listing, False
        rows = [r for r in rows if r.inside]
        if table.capped_listing:
            table.capped_listing, rows = False, rows[: table.habits.page]
        if cut:
            yield Batch(tuple(self._record(r, costly=False) for r in rows[: table.habits.page]))
            return
        yield from self._pages(rows, complete=True, cursor=start)

    def get(self, refs: Sequence[Ref], fields: Set[str] | None = None) -> Mapping[Ref, Record | Gone]:
        """See Adapter."""
        self._call("get", ",".join(refs))
        found = {ref: self._found(ref, fields) for ref in refs}
        for ref, answer in found.items() if len(refs) == 1 and Can.TELLS_HISTORY in self.table.habits.can else ():
            if isinstance(answer, Record):
                editors = self.table.rows[ref].editors.items()
                found[ref] = replace(answer, editors={f: e for f, e in editors if f in (fields or ())})
        return found

    def find(self, tags: Sequence[Tag], since: datetime) -> Lookup:
        """See Adapter."""
        self._call("find")
        rows = [r for r in self.table._listed().values() if r.tag in tags and not r.trashed]
        found = {r.tag: self._record(self.table.rows[r.ref]) for r in rows if r.tag and r.ref in self.table.rows}
        return Lookup(found, proves_absence=self.table.habits.find_lag is not None)

    def create(self, draft: Draft) -> Record:
        """See Adapter."""
        table, specs = self.table, self.table.record_types[draft.type]
        after = self._write("create")
        self._refuse(draft.type, draft.fields)
        table._remember()
        serial = table._next()
        ref = Ref(f"{table.name}-{serial}")
        carried = {f: v for f, v in draft.fields.items() if not table.habits.split or specs[f].required}
        shown = {f: table._kept(f, carried.get(f, specs[f].absent_shows)) for f in specs}
        tag = draft.tag if Can.TAG_IN_CREATE in table.habits.can else None
        table.rows[ref] = _Row(ref, draft.type, shown, tag, ROBOT, table._time(), table._time(), serial)
        after()
        return self._record(table.rows[ref])

    def groups(self, fields: Set[str]) -> Sequence[frozenset[str]]:
        """See Adapter: the status goes alone, as in a workflow system."""
        alone = frozenset(fields & {"status"})
        return [group for group in (frozenset(fields) - alone, alone) if group]

    def update(self, ref: Ref, record_type: str, changes: Mapping[str, Change]) -> Record:
        """See Adapter."""
        table = self.table
        if table.between is not None:
            person, table.between = table.between, None
            person(ref, changes.keys())
        after = self._write("update")
        row = self._row(ref)
        if ref in table.locked:
            raise NotFoundError(f"no record {ref}", system="memory", ref=ref)
        self._refuse(record_type, {f: c.now for f, c in changes.items()})
        table._remember()
        specs = table.record_types[row.type]
        lost = {
            n: row.fields.get(n)
            for n, c in changes.items()
            if specs[n].type not in _BY_ELEMENT and row.fields.get(n) not in (c.was, c.now)
        }
        for name, change in changes.items():
            row.fields[name] = table._kept(name, self._written(specs[name], row.fields.get(name), change))
            table.written.append((ref, name))
        table._touch(row, ROBOT, *changes)
        after()
        told = lost if Can.TELLS_OVERWRITTEN in table.habits.can else {}
        return replace(self._record(row), overwritten=told)

    def archive(self, ref: Ref) -> None:
        """See Adapter."""
        after = self._write("archive", ref)
        self.table._remember()
        row = self._row(ref)
        row.archived = True
        self.table._touch(row, ROBOT)
        after()

    def restore(self, ref: Ref) -> Record:
        """See Adapter."""
        after = self._write("restore")
        self.table._remember()
        row = self.table.rows.get(ref)
        if row is None:
            raise NotFoundError(f"no record {ref}", system="memory", ref=ref)
        row.archived = row.trashed = False
        self.table._touch(row, ROBOT)
        after()
        return self._record(row)

    def mark(self, ref: Ref, tag: Tag) -> Ref:
        """See Adapter."""
        after = self._write("mark")
        row = self._row(ref)
        row.tag = tag
        if self.table.habits.readdresses and ref not in self.table.readdressed.values():
            del self.table.rows[ref]
            row.ref = self.table.readdressed[ref] = Ref(f"{ref}-marked")
            self.table.rows[row.ref] = row
        after()
        return row.ref

    def normal(self, field: str, raw: Raw) -> Raw:
        """See Adapter."""
        specs = next((kinds for kinds in self.table.record_types.values() if field in kinds), {})
        absent = specs[field].absent_shows if raw is None and field in specs else raw
        return self.table._kept(field, absent)

    def _written(self, spec: FieldSpec, shown: Raw, change: Change) -> Raw:
        many = {FieldType.SET, FieldType.PEOPLE, FieldType.REFERENCES}
        if spec.type in many and isinstance(shown, list):
            was = change.was if isinstance(change.was, list) else []
            now = change.now if isinstance(change.now, list) else []
            kept = [v for v in shown if v not in was or v in now]
            return sorted([*kept, *(v for v in now if v not in was and v not in kept)], key=str) or None
        return spec.absent_shows if change.now is None else change.now

    def _refuse(self, record_type: str, fields: Mapping[str, Raw]) -> None:
        specs = self.table.record_types[record_type]
        bad = {f: "no such option" for f, v in fields.items() if self._unknown(specs.get(f), v)}
        bad |= {f: why for f, why in self.table.refuses.items() if f in fields}
        if bad:
            raise RejectedError("refused", fields=bad, system="memory")

    @staticmethod
    def _unknown(spec: FieldSpec | None, value: Raw) -> bool:
        if spec is None or not spec.writable:
            return True
        return bool(spec.options) and isinstance(value, str) and value not in {o.id for o in spec.options}

    def _pages(self, rows: Sequence[_Row], *, complete: bool, cursor: Cursor) -> Iterator[Batch]:
        size = self.table.habits.page
        pages = [rows[i : i + size] for i in range(0, len(rows), size)] or [[]]
        for number, page in enumerate(pages, 1):
            last = number == len(pages)
            records = tuple(self._record(r, costly=False) for r in page)
            yield Batch(records, complete=complete and last, cursor=cursor if last else None)

    def _record(self, row: _Row, *, costly: bool = True) -> Record:
        table = self.table
        specs = table.record_types[row.type]
        version = f"{row.edited.isoformat()}|{row.editor}" if table.habits.grain else str(row.serial)
        shown = {f: v for f, v in row.fields.items() if f not in table.unreadable}
        tells = Can.TELLS_EDITOR in table.habits.can
        hot = bool(table.habits.grain) and row.editor != ROBOT
        age = (table.now - row.edited).total_seconds()
        return Record(
            ref=row.ref,
            type=row.type,
            fields=_own({f: v for f, v in shown.items() if costly or not specs[f].costly}),
            unreadable=dict(table.unreadable),
            version=Version(version),
            tag=row.tag,
            label=str(row.fields.get("title") or row.ref),
            edited_at=row.edited,
            edited_by=row.editor if tells else "",
            created_at=row.created,
            archived=row.archived,
            settled=not hot or age > table.habits.grain,
            restricted=row.restricted,
            outside=not row.inside,
        )

    def _found(self, ref: Ref, fields: Set[str] | None) -> Record | Gone:
        row = self.table.rows.get(ref)
        if row is None or row.trashed:
            kind = GoneKind.HIDDEN if row is None or self.table.habits.hides_gone else GoneKind.TRASHED
            return Gone(ref, kind)
        record = self._record(row)
        costly = {f for f, spec in self.table.record_types[row.type].items() if spec.costly and f not in (fields or ())}
        if fields is None or not costly:
            return record
        return replace(record, fields={f: v for f, v in record.fields.items() if f not in costly})

    def _row(self, ref: Ref) -> _Row:
        row = self.table.rows.get(ref)
        if row is None or row.trashed:
            raise NotFoundError(f"no record {ref}", system="memory", ref=ref)
        return row

    def _write(self, verb: str, what: str = "") -> Callable[[], None]:
        """Fail before acting if a fault says so; return what fails after acting."""
        self._call(verb, what)
        fault = next((f for f in self.table.faults if f.verb == verb and f.when == "after" and f.times > 0), None)

        def after() -> None:
            if fault is not None:
                fault.times -= 1
                raise UnknownOutcomeError("no answer", system="memory")
            if self.table.after_call is not None:
                self.table.after_call(verb)

        return after

    def _call(self, verb: str, what: str = "") -> None:
        if self.transport is not None:
            self.transport.permit(verb, read=verb in READS)
            self.transport.exchanges += 1
        if self.table.before_call is not None:
            self.table.before_call(verb)
        self.table.calls.append((verb, what))
        for fault in self.table.faults:
            if fault.verb == verb and fault.when == "before" and fault.times > 0:
                fault.times -= 1
                if fault.error == "limited":
                    raise RetryableError("too many requests", after=1, system="memory")
                if fault.error == "unknown":
                    raise UnknownOutcomeError("no answer", system="memory")
                raise UnreachableError("no connection", system="memory")


def _moment(cursor: Cursor | None) -> float | None:
    try:
        return float(cursor) if cursor is not None else None
    except ValueError:
        return None
