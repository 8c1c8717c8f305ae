"""The contract's methods over any sheet. It knows rows, columns and ids, and no file format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from syncer.adapter import Can, Traits
from syncer.errors import NotFoundError, RejectedError
from syncer.record import (
    Batch,
    Change,
    Cursor,
    Draft,
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
from syncer_grid import wire
from syncer_grid.columns import Column, columns
from syncer_grid.identity import NEW, Located, fingerprint, locate, locate_by_key
from syncer_grid.settings import GridSettings
from syncer_grid.table import Cell, Grid, Odd, Row, Table

T = TypeVar("T")

ROW = "row"
"""The id of the one record type of a sheet."""
GAP = "the moment between the last look at the file and its replacement; a file changed in between is not written"


@dataclass(frozen=True, slots=True)
class View:
    """A sheet at one moment, understood."""

    grid: Grid
    columns: Mapping[str, Column]
    id_at: int | None
    located: Mapping[Ref, Located]
    notes: tuple[str, ...]


class GridAdapter:
    """One sheet as a collection."""

    def __init__(self, table: Table, settings: GridSettings, transport: Transport) -> None:
        self.table, self.settings, self.transport = table, settings, transport
        self._view: View | None = None
        self._aliases: dict[Ref, Ref] = {}
        """Provisional refs that our own writes have changed, to what they are now."""

    @property
    def traits(self) -> Traits:
        """See Adapter. Rows named by a key of the sheet's own are never created: no tag would prove a create."""
        if self.settings.read_only:
            return Traits(Can.FEED, find_lag=0.0, gap="nothing: it is never written")
        can = Can.UPDATE | Can.ARCHIVE | Can.RESTORE | Can.FEED
        if not self.settings.key_only:
            can |= Can.CREATE | Can.TAG | Can.TAG_IN_CREATE
        return Traits(can, find_lag=0.0, gap=GAP)

    def schema(self) -> Schema:
        """See Adapter."""
        view = self._read("schema")
        fields = {name: column.spec for name, column in view.columns.items()}
        return Schema({ROW: RecordType(ROW, self.table.title, fields)})

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        """See Adapter. A file that nobody wrote gives one empty batch; any other is listed whole.

        Its content alone does not tell: what we wrote after a listing may have been put back to what that showed.
        """
        if self.transport.write:
            # Found out now, before anything is written anywhere, rather than by the first write to this file.
            self.table.available()

        def look() -> View | None:
            with self.table.locked():
                unchanged = since is not None and since == fingerprint_of(self.table.stamp(), touched, self.settings)
                return None if unchanged else self._load()

        touched = self.table.touched()  # before it is read: who writes in between is seen next time

        view = self.transport.exchange(f"list {self.table.title}", look, read=True)
        if view is None:
            yield Batch((), cursor=since)
            return
        cursor = Cursor(fingerprint_of(view.grid.stamp, touched, self.settings))
        records = tuple(self._record(view, at) for at in view.located.values() if not at.archived)
        yield Batch(records, complete=True, cursor=cursor, notes=view.notes)

    def get(self, refs: Sequence[Ref], fields: Set[str] | None = None) -> Mapping[Ref, Record | Gone]:
        """See Adapter."""
        view = self._read("get")
        found: dict[Ref, Record | Gone] = {}
        for ref in refs:
            at = self._at(view, ref)
            found[ref] = self._record(view, at, fields) if at is not None else self._gone(ref)
        return found

    def find(self, tags: Sequence[Tag], since: datetime) -> Lookup:
        """See Adapter. The id column is read whole: not finding is proof."""
        if self.settings.key_only:
            return Lookup({}, proves_absence=False)
        view = self._read("find")
        refs = {tag: Ref(self.table.prefix + tag.text()) for tag in tags}
        found = {tag: self._record(view, view.located[ref]) for tag, ref in refs.items() if ref in view.located}
        return Lookup(found, proves_absence=True)

    def create(self, draft: Draft) -> Record:
        """See Adapter."""
        if self.settings.key_only:
            raise self._refused({"": "rows are identified by a key of the sheet's own, so none are created"})

        def act(view: View) -> int:
            if Ref(self.table.prefix + draft.tag.text()) in view.located:
                raise self._refused({"": "a row with this id exists already"})
            cells = self._cells(view, Row(0, []), {name: Change(None, raw) for name, raw in draft.fields.items()})
            return self.table.append({**cells, self._id_column(view): draft.tag.text()})

        number = self._write("create", act)
        return self._at_number(number)

    def groups(self, fields: Set[str]) -> Sequence[frozenset[str]]:
        """See Adapter: a row is written in one go."""
        return [frozenset(fields)] if fields else []

    def update(self, ref: Ref, record_type: str, changes: Mapping[str, Change]) -> Record:
        """See Adapter. Cells that show the value already are left as they are."""

        def act(view: View) -> int:
            at = self._must(view, ref)
            self.table.put(at.row, self._cells(view, at.row, changes))
            return at.row.number

        archived = self._must(self._read("update"), ref).archived
        number = self._write("update", act)
        record = self._at_number(number, archived=archived)
        if record.ref != ref:
            self._aliases[ref] = record.ref
        return record

    def archive(self, ref: Ref) -> None:
        """See Adapter: the row moves to the archive, whole."""

        def act(view: View) -> None:
            at = self._must(view, ref)
            if not at.archived:
                self.table.archive(at.row)

        self._write("archive", act)

    def restore(self, ref: Ref) -> Record:
        """See Adapter."""

        def act(view: View) -> int:
            at = self._must(view, ref)
            return self.table.restore(at.row) if at.archived else at.row.number

        return self._at_number(self._write("restore", act))

    def mark(self, ref: Ref, tag: Tag) -> Ref:
        """See Adapter. A row that has an id keeps it, whoever gave it."""

        def act(view: View) -> Ref:
            at = self._must(view, ref)
            if at.id:
                return at.ref
            new = Ref(self.table.prefix + tag.text())
            if new in view.located:
                raise self._refused({"": f"row {view.located[new].row.number} has this id already"})
            self.table.put(at.row, {self._id_column(view): tag.text()})
            return new

        if self.settings.key_only:
            return ref
        new = self._write("mark", act)
        if new != ref:
            self._aliases[ref] = new
        return new

    def normal(self, field: str, raw: Raw) -> Raw:
        """See Adapter."""
        column = (self._view or self._read("schema")).columns.get(field)
        if column is None:
            return raw
        kind, how, prefix = column.spec.type, column.how, self.table.prefix
        if kind in wire.SETS and isinstance(raw, list):
            parts: list[Raw] = []
            parts += sorted({str(v).strip() for v in raw} - {""})
            return parts or None
        try:
            cell = wire.write(kind, how, raw, native=self.table.native, prefix=prefix)
            return wire.read(kind, how, self.table.shown(cell), prefix)
        except wire.CannotError:
            return raw

    # reading

    def _read(self, verb: str) -> View:
        """Return the sheet as it is now: one exchange."""

        def load() -> View:
            with self.table.locked():
                return self._load()

        return self.transport.exchange(f"{verb} {self.table.title}", load, read=True)

    def _load(self) -> View:
        grid = self.table.load()
        if self._view is None or self._view.grid.stamp != grid.stamp:
            self._view = self._understood(grid)
        return self._view

    def _understood(self, grid: Grid) -> View:
        table, settings = self.table, self.settings
        found = columns(table.title, grid, settings, native=table.native, max_length=table.max_length)
        id_at = grid.header.index(settings.id_column) if settings.id_column in grid.header else None
        if settings.key_only and id_at is not None:
            by_key, notes = locate_by_key(table.title, grid, id_at, settings.id_column, table.prefix)
            return View(grid, found, id_at, by_key, tuple(notes))
        located = locate(grid, id_at, table.prefix)
        if any(at.id == "" for at in located.values()) and _copies(grid, id_at):
            located = locate(grid, id_at, table.prefix, table.before())
        return View(grid, found, id_at, located, ())

    def _record(self, view: View, at: Located, wanted: Set[str] | None = None) -> Record:
        fields: dict[str, Raw] = {}
        unreadable: dict[str, str] = {}
        for name, column in view.columns.items():
            if wanted is not None and name not in wanted:
                continue
            try:
                fields[name] = self._value(column, at.row)
            except wire.CannotError as error:
                unreadable[name] = str(error)
        return Record(
            ref=at.ref,
            type=ROW,
            fields=fields,
            version=Version(fingerprint(at.row, None)),
            tag=None if self.settings.key_only else Tag.parse(at.id),
            label=at.id if self.settings.key_only else f"{self.table.title} row {at.row.number}",
            archived=at.archived,
            unreadable=unreadable,
        )

    def _value(self, column: Column, row: Row) -> Raw:
        kind, prefix = column.spec.type, self.table.prefix
        cells = [row.at(at) for at in column.positions]
        if len(cells) > 1 and column.how.take == "last":
            cells = [next((cell for cell in reversed(cells) if wire.text(cell).strip()), None)]
        if len(cells) > 1:
            return wire.members(kind, column.how, cells, prefix)
        return wire.read(kind, column.how, cells[0], prefix)

    def _at(self, view: View, ref: Ref) -> Located | None:
        while ref not in view.located and ref in self._aliases:
            ref = self._aliases[ref]
        return view.located.get(ref)

    def _must(self, view: View, ref: Ref) -> Located:
        at = self._at(view, ref)
        if at is None:
            raise NotFoundError(f"{self.table.title} has no row {ref}", system=self.table.system, ref=ref)
        return at

    def _at_number(self, number: int, *, archived: bool = False) -> Record:
        view = self._view
        assert view is not None
        at = next(a for a in view.located.values() if a.row.number == number and a.archived == archived)
        return self._record(view, at)

    def _gone(self, ref: Ref) -> Gone:
        if not ref.startswith(self.table.prefix):
            return Gone(ref, GoneKind.HIDDEN, "it belongs to another sheet")
        if ref.removeprefix(self.table.prefix).startswith(NEW):
            return Gone(ref, GoneKind.HIDDEN, "a row without an id, which has changed or gone since")
        return Gone(ref, GoneKind.DELETED, "no row has this id")

    # writing

    def _write(self, verb: str, act: Callable[[View], T]) -> T:
        """Load, edit and save under the lock: one exchange, durable when it returns."""
        if self.settings.read_only:
            raise self._refused({"": "it is `read_only`: another tool's export, which we do not write"})
        done = False

        def send() -> T:
            nonlocal done
            with self.table.locked():
                try:
                    self.table.available()
                    result = act(self._load())
                    self.table.save()
                    self._load()
                    done = True
                    return result
                finally:
                    if not done:
                        self.table.forget()

        return self.transport.exchange(f"{verb} {self.table.title}", send, read=False)

    def _id_column(self, view: View) -> int:
        return view.id_at if view.id_at is not None else self.table.add_column(self.settings.id_column)

    def _cells(self, view: View, row: Row, changes: Mapping[str, Change]) -> dict[int, Cell]:
        """Return the cells that must change. Raises RejectedError naming every field that cannot be shown."""
        cells: dict[int, Cell] = {}
        bad: dict[str, str] = {}
        for name, change in changes.items():
            column = view.columns.get(name)
            try:
                if column is None:
                    raise wire.CannotError("the sheet has no such column")
                cells |= self._changed(column, row, change)
            except wire.CannotError as error:
                bad[name] = str(error)
        if bad:
            raise self._refused(bad)
        return cells

    def _changed(self, column: Column, row: Row, change: Change) -> dict[int, Cell]:
        kind, how = column.spec.type, column.how
        shown = [row.at(at) for at in column.positions]
        for cell in shown:
            if isinstance(cell, Odd):
                raise wire.CannotError(cell.reason)
        if not column.spec.writable:
            raise wire.CannotError("the column is not written")
        now = self._wanted(column, row, change)
        if self._shows(column, row, now):
            return {}
        allowed = set() if column.spec.open_options else {o.id for o in column.spec.options}
        strangers = [v for v in (now if isinstance(now, list) else [now]) if allowed and v and v not in allowed]
        if strangers:
            raise wire.CannotError(f"not among the column's options: {', '.join(map(str, strangers))}")
        if len(shown) > 1:
            fresh = wire.spread(now, shown, column.spec.name)
        else:
            native, prefix = self.table.native, self.table.prefix
            fresh = [wire.write(kind, how, now, native=native, was=shown[0], prefix=prefix)]
        for cell in fresh:
            if reason := self.table.refuses(cell):
                raise wire.CannotError(reason)
        return {at: new for at, new, old in zip(column.positions, fresh, shown, strict=True) if new != old}

    def _shows(self, column: Column, row: Row, now: Raw) -> bool:
        try:
            return self._value(column, row) == now
        except wire.CannotError:
            return False

    def _wanted(self, column: Column, row: Row, change: Change) -> Raw:
        """Return the value to show: sets are written by adding and removing."""
        if column.spec.type not in wire.SETS:
            return change.now
        try:
            shown = self._value(column, row)
        except wire.CannotError:
            shown = None
        have = shown if isinstance(shown, list) else []
        was = change.was if isinstance(change.was, list) else []
        now = change.now if isinstance(change.now, list) else []
        kept = [v for v in have if v not in was or v in now]
        parts: list[Raw] = []
        parts += sorted({*map(str, kept), *(str(v) for v in now if v not in was or v in have)})
        return parts or None

    def _refused(self, fields: Mapping[str, str]) -> RejectedError:
        what = "; ".join(f"{name}: {why}" if name else why for name, why in fields.items())
        return RejectedError(f"{self.table.title}: {what}", fields=fields, system=self.table.system)


def fingerprint_of(stamp: str, touched: str, settings: GridSettings) -> str:
    """Return a cursor: equal as long as nobody wrote the file, and what we read of it is the same."""
    return fingerprint(Row(0, [stamp, touched, settings.model_dump_json()]), None)


def _copies(grid: Grid, id_at: int | None) -> bool:
    ids = [mine for row in grid.rows if id_at is not None and (mine := wire.text(row.at(id_at)).strip())]
    return len(ids) != len(set(ids))
