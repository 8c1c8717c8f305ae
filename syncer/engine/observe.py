"""Read every side: what changed, what is missing, and what a missing record turns out to be.

The only facts that leave this room are records and confirmed answers. A listing that broke off proves nothing, and
a listed record that is not newer than what we hold is asked for directly: an index may lag behind our own write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta

from syncer.adapter import Adapter
from syncer.errors import AdapterError, RetryableError, UnknownOutcomeError
from syncer.record import Cursor, Gone, Record, Ref, digest
from syncer.store.rows import IndexEntry
from syncer.store.store import Store

CHUNK = 100
"""Refs asked for in one `get`."""
COSTLY_CHUNK = 20
"""The same where each is a request of its own or more, and somebody may be watching."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much (0: not known)."""


@dataclass(slots=True)
class Observed:
    """What one side showed in this run."""

    side: str
    records: dict[Ref, Record] = field(default_factory=dict)
    """News only: records that are unknown, or differ from what was seen."""
    doubtful: set[Ref] = field(default_factory=set)
    """News that the listing may have from an index older than our last look."""
    gone: dict[Ref, Gone] = field(default_factory=dict)
    listed: int = 0
    older: int = 0
    """Records that, asked for directly, are older than when we last looked."""
    sweep: bool = False
    renewed: bool = False
    complete: bool = False
    emptied: bool = False
    """Nothing that was linked is listed any more: nobody was asked for it."""
    emptied_knowingly: bool = False
    """The same, and a person said that it is right."""
    cursor: Cursor | None = None
    error: AdapterError | None = None
    paused: bool = False
    """Nobody was asked: the side stands at what was seen."""
    notes: list[str] = field(default_factory=list)

    @property
    def heard(self) -> bool:
        """Say whether the side answered: else nothing is planned for it, and its items are decided on again."""
        return self.error is None and not self.paused


@dataclass(frozen=True, slots=True)
class Look:
    """What to ask of one side."""

    side: str
    adapter: Adapter
    store: Store
    """Asked for what is known of the records that a listing shows, and of no others."""
    cursor: Cursor | None
    sweep: bool
    costly: frozenset[str]
    guards_empty: bool = True
    renew: bool = False
    """The configuration changed: every record is looked at again, whether or not it did."""
    unread: frozenset[Ref] = frozenset()
    """Records of which a costly field was never read."""

    def known(self, refs: Iterable[Ref]) -> Mapping[Ref, IndexEntry]:
        """Return what is known of those of these records that are linked."""
        return self.store.index(self.side, list(refs))


def observe_all(looks: Iterable[Look], progress: Progress | None = None) -> dict[str, Observed]:
    """Observe every side at once, a thread each. The result does not depend on who answers first."""
    todo = list(looks)
    if len(todo) < 2:
        return {look.side: observe(look, progress) for look in todo}
    with ThreadPoolExecutor(max_workers=min(8, len(todo)), thread_name_prefix="observe") as pool:
        return dict(zip((t.side for t in todo), pool.map(lambda t: observe(t, progress), todo), strict=True))


def observe(look: Look, progress: Progress | None = None) -> Observed:
    """Observe one side. An unreachable system gives an `error` and no facts; other errors are raised."""
    seen = Observed(look.side, sweep=look.sweep, renewed=look.renew)
    try:
        listed = _list(look, seen, progress)
        _confirm(look, seen, listed)
        _costly(look, seen, progress)
    except (RetryableError, UnknownOutcomeError) as error:
        return Observed(look.side, sweep=look.sweep, error=error)
    return seen


def _list(look: Look, seen: Observed, progress: Progress | None) -> set[Ref]:
    listed: set[Ref] = set()
    expected = look.store.count_living(look.side) if look.sweep and progress is not None else 0
    for batch in look.adapter.list(None if look.sweep else look.cursor):
        entries = look.known(record.ref for record in batch.records)
        for record in batch.records:
            listed.add(record.ref)
            known = entries.get(record.ref)
            news = known is None or known.digest != digest(record, look.costly)
            if news or look.renew:
                seen.records[record.ref] = record
            if news and _doubtful(known, record):
                seen.doubtful.add(record.ref)
        seen.complete = batch.complete
        seen.cursor = batch.cursor
        seen.notes += batch.notes
        if progress is not None:
            progress(f"reading {look.side}", len(listed), max(len(listed), expected) if look.sweep else 0)
    seen.listed = len(listed)
    return listed


def _confirm(look: Look, seen: Observed, listed: set[Ref]) -> None:
    """Ask directly for what a listing cannot prove."""
    ask = seen.doubtful | (look.store.hot(look.side).keys() - seen.records.keys())
    if seen.complete:
        missing = {ref for ref in look.store.living(look.side) if ref not in listed}
        living = look.store.count_living(look.side)
        empty = living > 1 and len(missing) == living
        seen.emptied, seen.emptied_knowingly = empty and look.guards_empty, empty and not look.guards_empty
        if not seen.emptied:
            ask |= missing
    entries = look.known(ask)
    for ref, answer in _get(look.adapter, ask):
        known = entries.get(ref)
        if isinstance(answer, Gone):
            seen.records.pop(ref, None)
            if known is not None and known.state == "live":
                seen.gone[ref] = answer
        else:
            seen.records[ref] = answer
            seen.older += _older(known, answer, look.adapter.traits.clock_grain)


def _older(known: IndexEntry | None, record: Record, grain: float) -> bool:
    if known is None or known.edited_at is None or record.edited_at is None:
        return False
    return known.edited_at - record.edited_at > timedelta(seconds=grain)


def _doubtful(known: IndexEntry | None, record: Record) -> bool:
    if known is None:
        return False
    if known.state != "live" and not record.archived:
        return True
    return known.edited_at is not None and record.edited_at is not None and record.edited_at <= known.edited_at


def _costly(look: Look, seen: Observed, progress: Progress | None) -> None:
    """Read the fields that listings do not carry, of the records whose version says that they may have changed."""
    if not look.costly:
        return
    wanted = []
    entries = look.known(seen.records)
    for ref, record in seen.records.items():
        known = entries.get(ref)
        same = known is not None and (known.version or "") == (record.version or "") and not known.hot
        if (not same or ref in look.unread) and not look.costly & record.fields.keys():
            wanted.append(ref)
    for count, (ref, answer) in enumerate(_get(look.adapter, wanted, COSTLY_CHUNK), 1):
        if isinstance(answer, Record):
            seen.records[ref] = replace(answer, outside=seen.records[ref].outside)
        else:
            seen.records.pop(ref)
        if progress is not None:
            progress(f"reading the texts of {look.side}", count, len(wanted))


def _get(adapter: Adapter, refs: Iterable[Ref], chunk: int = CHUNK) -> Iterable[tuple[Ref, Record | Gone]]:
    ordered = sorted(refs)
    for start in range(0, len(ordered), chunk):
        yield from adapter.get(ordered[start : start + chunk]).items()
