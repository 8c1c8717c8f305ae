"""One data source's rows: its schema kept at hand, and pages turned into records with whatever they leave out."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from datetime import timedelta
from typing import Any

from syncer.errors import NotFoundError
from syncer.record import Account, Raw, Record
from syncer_notion import body, schema, wire
from syncer_notion.client import NotionClient
from syncer_notion.schema import BODY, Properties

JSON = dict[str, Any]

GRAIN = 60.0
"""`last_edited_time` is rounded down to the minute (facts: change detection)."""


class Rows:
    """Reads rows of one data source."""

    def __init__(self, client: NotionClient, source: str, tag_property: str) -> None:
        self.source = source
        self._client, self._tag_property = client, tag_property
        self._account: Account | None = None
        self._properties: Properties | None = None
        self._reachable: dict[str, bool] = {}

    def refresh(self) -> Properties:
        """Read the schema anew. Raises NotFoundError."""
        self._properties = schema.read(self._client.data_source(self.source))
        return self._properties

    def me(self) -> str:
        """Return the id of the account that the token belongs to."""
        if self._account is None:
            me = self._client.me()
            self._account = Account(me["id"], me.get("name") or "")
        return self._account.id

    def known(self) -> Properties:
        """Return the schema as last read."""
        return self._properties or self.refresh()

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
        if self._grown(known, reading):
            known = self.refresh()
        for id in reading.partial:
            if fields is None or id in fields:
                reading.fields[id] = self._whole(page["id"], id)
        for id, prop in known.by_id.items():
            # A relation into what is not shared reads as empty (Notion property values, 2026).
            if prop.target and id in reading.fields and reading.fields[id] is None and not self._shared(prop.target):
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

    def _grown(self, known: Properties, reading: wire.Reading) -> bool:
        """Say whether the page shows an option that the schema did not have when it was read."""
        for id, raw in reading.fields.items():
            spec = known.by_id[id].spec
            if spec.options or spec.open_options:
                shown = raw if isinstance(raw, list) else [raw] if raw is not None else []
                if not {str(each) for each in shown} <= {option.id for option in spec.options}:
                    return True
        return False
