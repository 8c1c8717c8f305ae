"""One data source's rows: its schema kept at hand, and pages turned into records with whatever they leave out."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from datetime import timedelta
from typing import Any

from syncer.adapter import Memory
from syncer.errors import NotFoundError
from syncer.record import Raw, Record, Schema
from syncer_notion import body, schema, wire
from syncer_notion.client import NotionClient
from syncer_notion.schema import BODY, Properties

JSON = dict[str, Any]

GRAIN = 60.0
"""`last_edited_time` is rounded down to the minute (facts: change detection)."""


class Rows:
    """Reads rows of one data source."""

    def __init__(self, client: NotionClient, source: str, tag_property: str, memory: Memory) -> None:
        self.source = source
        self._client, self._tag_property, self._memory = client, tag_property, memory
        self._account = ""
        self._source: JSON = {}
        self._properties: Properties | None = None
        self.live = False
        """Whether the schema was read in this very process."""
        self._reachable: dict[str, bool] = {}
        self._strange: set[tuple[str, str]] = set()

    def refresh(self) -> Properties:
        """Read the schema anew. Raises NotFoundError."""
        self._source = schema.kept(self._client.data_source(self.source))
        self._properties, self.live = schema.read(self._source), True
        self._keep()
        return self._properties

    def schema(self) -> Schema:
        """Return the schema as last read; the tag's property is ours and not shown."""
        kind = self.known().record_type()
        fields = {id: spec for id, spec in kind.fields.items() if id != self.tag_id()}
        return Schema({self.source: replace(kind, fields=fields)})

    def me(self) -> str:
        """Return the id of the account that the token belongs to."""
        if not self._account:
            self.known()
        if not self._account:
            self._account = str(self._client.me()["id"])
            self._keep()
        return self._account

    def known(self) -> Properties:
        """Return the properties as last read, in this run or in one before."""
        if self._properties is None and (kept := self._memory.recall()) is not None:
            self._account, self._source = kept.value["account"], kept.value["source"]
            self._properties = schema.read(self._source)
        return self._properties or self.refresh()

    def _keep(self) -> None:
        self._memory.keep({"account": self._account, "source": self._source}, self.schema())

    def tag_id(self) -> str | None:
        """Return the field id of the tag's property, or None where there is no such text property."""
        known, wanted = self.known(), self._tag_property
        id = known.names.get(wanted, wanted)
        prop = known.by_id.get(id)
        return id if prop is not None and prop.type == "rich_text" else None

    def record(self, page: JSON, fields: Set[str] | None, *, with_body: bool) -> Record:
        """Return the record of a page object, with what the page shows only in part; the body if asked for."""
        known = self.known()
        reading = wire.read(page, known)
        strange = wire.strange(page, known, reading) - self._strange
        if strange:
            known = self.refresh()
            reading = wire.read(page, known)
            # what the live schema does not know either is not asked for again
            self._strange |= strange
        for id in reading.partial:
            if fields is None or id in fields:
                reading.fields[id] = self._whole(page["id"], id)
        for id, prop in known.by_id.items():
            # A relation into what is not shared reads as empty (Notion property values, 2026).
            if prop.target and id in reading.fields and reading.fields[id] is None:
                if fields is not None and id not in fields:
                    del reading.fields[id]
                elif not self._shared(prop.target):
                    del reading.fields[id]
                    reading.unreadable[id] = "the related data source is not shared with the connection"
        record = wire.record(page, known, reading, self.tag_id())
        settled = self._settled(record)
        if not with_body:
            return replace(record, settled=settled)
        text: Raw = body.read(self._client, record.ref) or None
        return replace(record, settled=settled, fields={**record.fields, BODY: text})

    def _settled(self, record: Record) -> bool:
        """Say whether no later edit can hide behind the same minute."""
        if record.edited_at is None or record.edited_by == self.me():
            return True
        return record.edited_at + timedelta(seconds=GRAIN) <= self._client.now()

    def _whole(self, page: str, id: str) -> Raw:
        prop = self.known().by_id[id]
        held = [item[prop.type] for item in self._client.property(page, prop.wire_id)]
        return wire.read_value(prop.type, {"type": prop.type, prop.type: held})

    def _shared(self, target: str) -> bool:
        if target == self.source:
            return True
        if target not in self._reachable:
            try:
                self._client.data_source(target)
                self._reachable[target] = True
            except NotFoundError:
                self._reachable[target] = False
        return self._reachable[target]
