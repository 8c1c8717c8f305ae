"""Lists a data source past the cap of a query, and says honestly whether that was everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from syncer.record import Batch, Cursor, Record
from syncer_notion.client import NotionClient
from syncer_notion.schema import normal_id

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
        # Without the filter: an edit that leads out of it is an edit.
        capped = False
        held: list[JSON] | None = None
        begun: datetime | None = None
        window = {"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": _text(since)}}
        sift = _Sieve(client, source, filter, window)
        for answer in client.query(source, _query(None, window, "last_edited_time")):
            begun = begun or client.now()
            capped = capped or _incomplete(answer)
            if held is not None:
                yield Batch(sift(read(held)))
            held = answer["results"]
        if not capped and begun is not None:
            yield Batch(sift(read(held or [])), cursor=_cursor(begun))
            return
        if held:
            yield Batch(sift(read(held)))
        # Rows move in an order by edit time, so no window gets round the cap: everything is listed instead.
    yield from _everything(client, source, filter, read)


def sifted(client: NotionClient, source: str, filter: JSON | None, records: Sequence[Record]) -> list[Record]:
    """Mark the records that do not meet a filter, as the index knows them; a request for each minute of creation.

    A page cannot be asked for by id and filter at once, but the minute in which it was made never changes.
    """
    made = {record.created_at for record in records if record.created_at is not None} if filter else set()
    met: set[str] = set()
    for moment in sorted(made):
        ends = ("on_or_after", "on_or_before")
        minute = {"and": [{"timestamp": "created_time", "created_time": {end: _text(moment)}} for end in ends]}
        met |= _Sieve(client, source, filter, minute).met()
    return [record if not filter or record.ref in met else replace(record, outside=True) for record in records]


class _Sieve:
    """Marks records that do not meet a filter: Notion is asked, once, and not at all where there are none."""

    def __init__(self, client: NotionClient, source: str, filter: JSON | None, window: JSON) -> None:
        self._client, self._source, self._filter, self._window = client, source, filter, window
        self._met: set[str] | None = None

    def __call__(self, records: tuple[Record, ...]) -> tuple[Record, ...]:
        if not self._filter or not records:
            return records
        return tuple(record if record.ref in self.met() else replace(record, outside=True) for record in records)

    def met(self) -> set[str]:
        """Return the pages of the window that meet the filter."""
        if self._met is None:
            answers = self._client.query(self._source, _query(self._filter, self._window, "created_time"))
            self._met = {normal_id(page["id"]) for answer in answers for page in answer["results"]}
        return self._met


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
    both = _both(filter, window) if filter and window else filter or window
    body: JSON = {"sorts": [{"timestamp": sort, "direction": "ascending"}]}
    return {**body, "filter": both} if both else body


def _both(filter: JSON, window: JSON) -> JSON:
    """Join a filter and a window: filters nest two levels deep at most, so a window goes into each of an `or`."""
    if "or" in filter:
        parts = [each for part in filter["or"] for each in part.get("or", [part])]
        return {"or": [_both(part, window) for part in parts]}
    return {"and": [*filter.get("and", [filter]), *window.get("and", [window])]}


def _incomplete(answer: JSON) -> bool:
    return (answer.get("request_status") or {}).get("type") == "incomplete"


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _cursor(begun: datetime) -> Cursor:
    return Cursor(_text(begun - OVERLAP))
