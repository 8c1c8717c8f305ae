"""A record as JSON and back, for records that are kept whole."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from syncer.record import Record, Ref, Tag, Version
from syncer.store.types import UnreadableError

_PLAIN = tuple(
    f.name
    for f in fields(Record)
    if f.name not in {"ref", "version", "fields", "unreadable", "overwritten", "tag", "edited_at", "created_at"}
)


def to_json(record: Record) -> dict[str, Any]:
    """Return the record as JSON."""
    return {
        **{name: getattr(record, name) for name in _PLAIN},
        "ref": record.ref,
        "version": record.version,
        "fields": dict(record.fields),
        "unreadable": dict(record.unreadable),
        "tag": [record.tag.product, record.tag.item, record.tag.lineage] if record.tag else None,
        "edited_at": record.edited_at.isoformat() if record.edited_at else None,
        "created_at": record.created_at.isoformat() if record.created_at else None,
    }


def from_json(data: dict[str, Any]) -> Record:
    """Return the record that `to_json` gave. Raises UnreadableError where it is another."""
    try:
        return Record(
            **{name: data[name] for name in _PLAIN if name in data},
            ref=Ref(data["ref"]),
            version=None if data["version"] is None else Version(data["version"]),
            fields=data["fields"],
            unreadable=data["unreadable"],
            tag=Tag(*data["tag"]) if data["tag"] else None,
            edited_at=_instant(data["edited_at"]),
            created_at=_instant(data["created_at"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError("a record is none") from error


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
