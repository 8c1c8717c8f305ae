"""Lists a data source past the cap of a query, and says honestly whether that was everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from syncer.record import Batch, Cursor, Record
from syncer_notion.client import NotionClient

JSON = dict[str, Any]
Read = Callable[[Sequence[JSON]], tuple[Record, ...]]

OVERLAP = timedelta(minutes=2)
"""Notion's clock is a minute wide, and its index a little late (facts: change detection)."""


def parse(cursor: Cursor | None) -> datetime | None:
    """Return a cursor's time; None for none, or for one that is not ours."""
    try:
        return datetime.fromisoformat(cursor).astimezone(UTC) if cursor else None
    except ValueError:
        return None


def listed(
    client: NotionClient, source: str, filter: JSON | None, since: datetime | None, read: Read
) -> Iterator[Batch]:
    """Yield batches. A capped answer is never taken for the end (facts: the 10 000-row cap)."""
    if since is not None:
        capped = False
        held: list[JSON] | None = None
        begun: datetime | None = None
        window = {"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": _text(since)}}
        for answer in client.query(source, _query(filter, window, "last_edited_time")):
            begun = begun or client.now()
            capped = capped or _incomplete(answer)
            if held is not None:
                yield Batch(read(held))
            held = answer["results"]
        if not capped and begun is not None:
            yield Batch(read(held or []), cursor=_cursor(begun))
            return
        if held:
            yield Batch(read(held))
        # Rows move in an order by edit time, so no window gets round the cap: everything is listed instead.
    yield from _everything(client, source, filter, read)


def _everything(client: NotionClient, source: str, filter: JSON | None, read: Read) -> Iterator[Batch]:
    seen: set[str] = set()
    begun: datetime | None = None
    start: str | None = None
    while True:
        window = {"timestamp": "created_time", "created_time": {"on_or_after": start}} if start else None
        capped, latest = False, start
        for answer in client.query(source, _query(filter, window, "created_time")):
            begun = begun or client.now()
            capped = capped or _incomplete(answer)
            fresh = [page for page in answer["results"] if page["object"] == "page" and page["id"] not in seen]
            seen.update(page["id"] for page in fresh)
            latest = answer["results"][-1]["created_time"] if answer["results"] else latest
            if fresh:
                yield Batch(read(fresh))
        if not capped:
            yield Batch((), complete=True, cursor=_cursor(begun or client.now()))
            return
        if latest == start:
            yield Batch(
                (), notes=(f"more rows were created in the minute {start} than one query shows: not all are read",)
            )
            return
        start = latest


def _query(filter: JSON | None, window: JSON | None, sort: str) -> JSON:
    parts = [part for part in (filter, window) if part]
    body: JSON = {"sorts": [{"timestamp": sort, "direction": "ascending"}]}
    if parts:
        body["filter"] = parts[0] if len(parts) == 1 else {"and": _flat(parts)}
    return body


def _flat(parts: Sequence[JSON]) -> list[JSON]:
    """Join conditions in one `and`: filters nest two levels deep at most."""
    return [each for part in parts for each in (part["and"] if set(part) == {"and"} else [part])]


def _incomplete(answer: JSON) -> bool:
    return (answer.get("request_status") or {}).get("type") == "incomplete"


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _cursor(begun: datetime) -> Cursor:
    return Cursor(_text(begun - OVERLAP))
