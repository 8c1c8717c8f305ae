"""Notion's data sources as collections: the contract's methods. No HTTP and no JSON shapes here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel

from syncer.adapter import NO_MEMORY, Can, Memory, Traits
from syncer.errors import AdapterError, NotFoundError, RejectedError, UnknownOutcomeError
from syncer.record import (
    Account,
    Batch,
    Change,
    CollectionInfo,
    Cursor,
    Draft,
    FieldType,
    Gone,
    GoneKind,
    Health,
    Lookup,
    Raw,
    Record,
    Ref,
    Schema,
    Tag,
)
from syncer.transport import Transport
from syncer_notion import body, listing, wire, writing
from syncer_notion.client import NotionClient
from syncer_notion.rows import GRAIN, Rows
from syncer_notion.schema import BODY, normal_id
from syncer_notion.settings import CollectionSettings, ConnectionSettings

JSON = dict[str, Any]

FIND_LAG = 60.0
"""Seconds after which a query knows a new page. Notion names no figure; a few seconds are reported."""
TAGS_IN_ONE_FILTER = 50


class NotionAdapter:
    """One data source. See `syncer.adapter.Adapter`."""

    def __init__(self, client: NotionClient, settings: CollectionSettings, memory: Memory = NO_MEMORY) -> None:
        self._client, self.settings = client, settings
        self.source = normal_id(settings.data_source)
        self._rows = Rows(client, self.source, settings.tag_property, memory)

    @property
    def traits(self) -> Traits:
        """What a data source can do; without the tag's property no create can be found again."""
        tagged = self._rows.tag_id() is not None
        can = Can.ALL & ~(Can.TELLS_OVERWRITTEN | Can.TELLS_HISTORY)
        can = can if tagged else can & ~(Can.TAG | Can.TAG_IN_CREATE)
        return Traits(
            can,
            find_lag=FIND_LAG if tagged else None,
            clock_grain=GRAIN,
            account=self._rows.me(),
            gap="one read to one write of the same property (Notion has no lock and no history); texts block by block",
        )

    def schema(self) -> Schema:
        """Return the live schema. Raises NotFoundError."""
        self._rows.refresh()
        return self._rows.schema()

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        """Yield rows: all of them in windows by creation time, or those edited since."""
        start = listing.parse(since)
        yield from listing.listed(self._client, self.source, self.settings.filter, start, self._listed)

    def _listed(self, pages: Sequence[JSON]) -> tuple[Record, ...]:
        return tuple(self._rows.record(page, None, with_body=False) for page in pages)

    def get(self, refs: Sequence[Ref], fields: Set[str] | None = None) -> Mapping[Ref, Record | Gone]:
        """Read pages by id, in the trash or moved as well; the body only where it is asked for."""
        found: dict[Ref, Record | Gone] = {ref: self._get(ref, fields) for ref in refs}
        read = [each for each in found.values() if isinstance(each, Record)]
        sifted = listing.sifted(self._client, self.source, self.settings.filter, read)
        return {**found, **{record.ref: record for record in sifted}}

    def _get(self, ref: Ref, fields: Set[str] | None) -> Record | Gone:
        try:
            page = self._client.page(ref)
            if page.get("in_trash"):
                return Gone(ref, GoneKind.TRASHED)
            parent = page.get("parent") or {}
            if normal_id(parent.get("data_source_id") or "") != self.source:
                return Gone(ref, GoneKind.MOVED, str(parent.get(parent.get("type", ""), "")))
            return self._rows.record(page, fields, with_body=fields is None or BODY in fields)
        except NotFoundError as error:
            # Deleted for good and no longer shared look the same (facts: versions and auth).
            return Gone(ref, GoneKind.HIDDEN, error.message)

    def find(self, tags: Sequence[Tag], since: datetime) -> Lookup:
        """Find pages by the tag in their property; what was made before the index's lag is found for certain."""
        tag_id = self._rows.tag_id()
        if tag_id is None:
            return Lookup({}, proves_absence=False)
        found: dict[Tag, Record] = {}
        key = self._rows.known().by_id[tag_id].wire_id
        for start in range(0, len(tags), TAGS_IN_ONE_FILTER):
            part = tags[start : start + TAGS_IN_ONE_FILTER]
            wanted = [{"property": key, "rich_text": {"equals": tag.text()}} for tag in part]
            for answer in self._client.query(self.source, {"filter": {"or": wanted}}):
                for record in self._listed(answer["results"]):
                    if record.tag is not None and record.tag in part:
                        found[record.tag] = record
        return Lookup(found, proves_absence=True)

    def create(self, draft: Draft) -> Record:
        """Create a row with its tag, and its text where that fits into one request."""
        given = draft.fields.get(BODY)
        blocks: list[Any] = given if isinstance(given, list) else []
        blocks = blocks if body.fits_in_create(blocks) else []

        def written() -> JSON:
            tag_id = self._rows.tag_id()
            if tag_id is None:
                return self._written(draft.fields)
            prop = self._rows.known().by_id[tag_id]
            return {**self._written(draft.fields), prop.wire_id: writing.write(prop, draft.tag.text())}

        def send(properties: JSON) -> JSON:
            try:
                return self._client.create_page(self.source, properties, body.for_create(blocks))
            except (RejectedError, NotFoundError) as error:
                raise self._blame(error, draft.fields) from error

        page = self._sent(written, send)
        try:
            return self._rows.record(page, None, with_body=bool(blocks))
        except AdapterError as error:
            # It is there; only reading it back failed. The caller must not create it again.
            raise UnknownOutcomeError(error.message, committed=normal_id(page["id"]), system="notion") from error

    def groups(self, fields: Set[str]) -> Sequence[frozenset[str]]:
        """All properties go in one request; the body takes requests of its own."""
        parts = (frozenset(fields - {BODY}), frozenset(fields & {BODY}))
        return [part for part in parts if part]

    def update(self, ref: Ref, record_type: str, changes: Mapping[str, Change]) -> Record:
        """Write properties in one request, or a body by its changed blocks."""
        if BODY in changes:
            change = changes[BODY]
            body.write(self._client, ref, _blocks(change.was), _blocks(change.now))
            return self._rows.record(self._client.page(ref), None, with_body=True)
        wanted, files = self._merged(ref, changes)

        def send(properties: JSON) -> JSON:
            try:
                return self._client.update_page(ref, {"properties": properties})
            except (RejectedError, NotFoundError) as error:
                raise self._blame(error, wanted) from error

        page = self._sent(lambda: self._written(wanted, files), send)
        return self._rows.record(page, None, with_body=False)

    def archive(self, ref: Ref) -> None:
        """Put a page into the trash."""
        self._client.update_page(ref, {"in_trash": True})

    def restore(self, ref: Ref) -> Record:
        """Take a page out of the trash. Raises NotFoundError where it is no more."""
        return self._rows.record(self._client.update_page(ref, {"in_trash": False}), None, with_body=False)

    def mark(self, ref: Ref, tag: Tag) -> Ref:
        """Write our tag into its property."""
        tag_id = self._rows.tag_id()
        if tag_id is None:
            raise RejectedError(self._no_tag(), system="notion", ref=ref)
        prop = self._rows.known().by_id[tag_id]
        self._client.update_page(ref, {"properties": {prop.wire_id: writing.write(prop, tag.text())}})
        return ref

    def normal(self, field: str, raw: Raw) -> Raw:
        """Return what Notion will show of a property's value; of a body, what it holds without the new blocks' ids."""
        if field == BODY:
            return raw or None
        prop = self._rows.known().by_id.get(field)
        return writing.normal(prop, raw) if prop else raw

    def notes(self) -> tuple[Sequence[str], Sequence[str]]:
        """Return what a check should say of this collection: notes, and what is not permitted."""
        try:
            self.schema()
        except NotFoundError:
            return [], [f"read data source {self.source}: share it with the connection (Connections in its menu)"]
        return ([] if self._rows.tag_id() else [self._no_tag()]), []

    # within

    def _sent(self, written: Callable[[], JSON], send: Callable[[JSON], JSON]) -> JSON:
        """Send properties; where one is refused, look whether the schema has moved on and write them anew.

        Nothing was written by a request that was refused, so the second one doubles nothing.
        """
        ready: JSON | None = None
        try:
            ready = written()
            return send(ready)
        except RejectedError:
            if self._rows.live:
                raise
            self._rows.refresh()
            if (anew := written()) == ready:
                raise
            return send(anew)

    def _no_tag(self) -> str:
        return (
            f"data source {self.source} has no text property {self.settings.tag_property!r}: add one, or name another"
            " as `tag_property`; without it an interrupted create cannot be found again"
        )

    def _written(self, fields: Mapping[str, Raw], files: Mapping[str, Sequence[JSON]] | None = None) -> JSON:
        known = self._rows.known()
        out = {}
        for id, raw in fields.items():
            if id == BODY:
                continue
            prop = known.by_id.get(id)
            if prop is None:
                why = "the data source has no such property any more"
                raise RejectedError(f"{id}: {why}", fields={id: why}, system="notion")
            out[prop.wire_id] = writing.write(prop, raw, (files or {}).get(id, ()))
        return out

    def _blame(self, error: AdapterError, fields: Mapping[str, Raw]) -> AdapterError:
        """Return the refusal with its fields; a page that is not found may be one that a relation names."""
        if isinstance(error, NotFoundError):
            lost = {id: error.message for id, raw in fields.items() if any(each in error.message for each in _set(raw))}
            return RejectedError(error.message, fields=lost, system="notion", hint=error.hint) if lost else error
        blamed = writing.blamed(error.message, self._rows.known(), fields)
        return RejectedError(error.message, fields=blamed, system="notion", hint=error.hint)

    def _merged(self, ref: Ref, changes: Mapping[str, Change]) -> tuple[dict[str, Raw], dict[str, Sequence[JSON]]]:
        """Return what to write, and the files that are there.

        A list replaces the whole in Notion, so it is read anew and added to and taken from.
        """
        wanted = {id: change.now for id, change in changes.items()}
        lists = {FieldType.SET, FieldType.PEOPLE, FieldType.REFERENCES}
        known = self._rows.known()
        sets = {id for id in changes if id in known.by_id and known.by_id[id].spec.type in lists}
        files = {id for id in changes if id in known.by_id and known.by_id[id].type == "files"}
        if not sets | files:
            return wanted, {}
        page = self._client.page(ref)
        held = self._rows.record(page, sets | files, with_body=False)
        for id in sets | files:
            if id not in held.fields:
                why = held.unreadable.get(id, "it could not be read in full")
                raise RejectedError(f"{id}: {why}", fields={id: why}, system="notion", ref=ref)
        for id in sets:
            was, now = _set(changes[id].was), _set(writing.normal(known.by_id[id], changes[id].now))
            wanted[id] = wire.by_name((_set(held.fields[id]) - (was - now)) | (now - was)) or None
        for id in files:
            wanted[id] = _merged_rows(held.fields[id], changes[id])
        return wanted, {id: wire.value_of(page, known.by_id[id])["files"] for id in files}


def _merged_rows(held: Raw, change: Change) -> Raw:
    """Add and take away rows, in the order of what is wanted; what another added meanwhile comes last."""
    there, was, now = (raw if isinstance(raw, list) else [] for raw in (held, change.was, change.now))
    stays = [row for row in now if row in there or row not in was]
    return stays + [row for row in there if row not in was and row not in now]


def _set(raw: Raw) -> set[str]:
    return {str(each) for each in raw} if isinstance(raw, list) else set()


def _blocks(raw: Raw) -> Sequence[Any]:
    return raw if isinstance(raw, list) else []


class NotionConnection:
    """One token. See `syncer.adapter.Connection`."""

    def __init__(self, client: NotionClient) -> None:
        self._client = client
        self._open: list[NotionAdapter] = []

    def check(self) -> Health:
        """Log in, and look at the data sources that were opened. Raises AuthError, UnreachableError."""
        me = self._client.me()
        notes: list[str] = []
        missing: list[str] = []
        for adapter in self._open:
            said, refused = adapter.notes()
            notes += said
            missing += refused
        workspace = (me.get("bot") or {}).get("workspace_name") or ""
        detail = f"Notion, workspace {workspace}" if workspace else "Notion"
        return Health(me.get("name") or me["id"], detail, tuple(notes), tuple(missing))

    def people(self) -> Sequence[Account]:
        """Return the users; guests are not listed, e-mail needs the capability."""
        return [
            Account(user["id"], user.get("name") or "", (user.get("person") or {}).get("email") or "")
            for user in self._client.users()
        ]

    def collections(self) -> Sequence[CollectionInfo]:
        """Return the data sources that the search knows."""
        out = []
        for source in self._client.data_sources():
            name = "".join(run["plain_text"] for run in source.get("title", ())) or source["id"]
            out.append(CollectionInfo(name, {"data_source": normal_id(source["id"])}))
        return out

    def open(self, settings: Any, memory: Memory = NO_MEMORY) -> NotionAdapter:
        """Open one data source."""
        adapter = NotionAdapter(self._client, settings, memory)
        self._open.append(adapter)
        return adapter

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class NotionSystem:
    """See `syncer.adapter.System`."""

    name: ClassVar[str] = "notion"
    title: ClassVar[str] = "Notion"
    ConnectionSettings: ClassVar[type[BaseModel]] = ConnectionSettings
    CollectionSettings: ClassVar[type[BaseModel]] = CollectionSettings

    @staticmethod
    def connect(settings: Any, secrets: Mapping[str, str], transport: Transport) -> NotionConnection:
        """Make a connection; no request is sent yet."""
        return NotionConnection(NotionClient(secrets["token"], transport, settings.url))
