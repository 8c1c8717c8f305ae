"""An item's story, field by field, from the journal: which side, which run, which rule, before and after."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from syncer.errors import UserError
from syncer.mapping.rules import Value
from syncer.store.rows import JournalRow, RunRow, RunState
from syncer.store.store import Store
from syncer.store.trim import begins
from syncer.story.reach import NO_LONGER_KEPT

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Told:
    """One field of one deed: what it was and became; `side` "" is the item itself.

    `taken` are the sides it came from, `rule` is what settled it, `by` the account that edited last on such a side.
    """

    field: str
    before: Value
    after: Value
    taken: tuple[str, ...] = ()
    rule: str = ""
    by: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deed:
    """One row of the journal, and the run it belongs to (None where that is not known any more)."""

    row: JournalRow
    run: RunRow | None = None
    fields: tuple[Told, ...] = field(default=())


def since_when(text: str, now: datetime) -> datetime:
    """Read `7d`, `24h`, a date or a moment; a date is its first moment in UTC. Raises UserError."""
    if match := re.fullmatch(r"(\d{1,5})([mhdw])", text.strip()):
        return now - timedelta(**{UNITS[match[2]]: int(match[1])})
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        hint = "a date such as 2026-11-01, a moment such as 2026-11-01T08:30Z, or an age: 90m, 24h, 7d, 4w"
        raise UserError(f"{text!r} is no time", hint=hint) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def story(store: Store, item: str | None, run: str | None, since: datetime | None) -> list[Deed]:
    """Return what was decided and written, oldest first: of an item, of a run, since a time, or all."""
    rows = store.journal(item=item, run=run, since=since)
    runs = store.runs_by_id({row.run for row in rows})
    return [Deed(row, runs.get(row.run), tuple(_told(row))) for row in rows]


def _told(row: JournalRow) -> Iterator[Told]:
    for name, change in row.fields.items():
        # a side's raw value may be a bare id: what it stands for is told, where that was noted
        values: Mapping[str, Value] = change.get("values") or {name: change.get("after")}
        was = change.get("was", {})
        for told, after in values.items():
            before = was.get(told, change.get("before"))
            taken, rule = tuple(change.get("taken", ())), change.get("rule", "")
            yield Told(told, before, after, taken, rule, change.get("by", {}))


def export(store: Store, deeds: Iterable[Deed], since: datetime | None, *, whole: bool) -> list[dict[str, Any]]:
    """Return the story for an audit: every row with the circumstances of its run.

    With `whole`, a run that left no row is told, too, where it failed, was stopped, let a guard pass or had a reason;
    and a row `trimmed` says where the journal begins, where not all of it is kept.
    """
    rows = [_exported(deed) for deed in deeds]
    if not whole:
        return rows
    heard = {row["run"] for row in rows}
    start = begins(store)
    if start is not None and (since is None or since < start):
        rows.append(
            {**_silent(RunRow("", "", start, start, RunState.DONE)), "action": "trimmed", "why": NO_LONGER_KEPT}
        )
    rest = [_silent(run) for run in store.runs_since(since).values() if run.id not in heard and _notable(run)]
    return sorted([*rows, *rest], key=lambda row: str(row["at"]))


def _notable(run: RunRow) -> bool:
    return run.state != RunState.DONE or any(run.circumstances.get(name) for name in ("allowed", "reason"))


def _exported(deed: Deed) -> dict[str, Any]:
    row = deed.row
    return {
        "run": row.run,
        "at": _iso(row.at),
        "finished_at": _iso(row.finished_at),
        "item": row.item,
        "side": row.side,
        "ref": row.ref,
        "action": row.action,
        "state": row.state.value,
        "fields": row.fields,
        "rule": row.rule,
        "why": row.why,
        "error": row.error,
        **_circumstances(deed.run),
    }


def _silent(run: RunRow) -> dict[str, Any]:
    return {
        "run": run.id,
        "at": _iso(run.started_at),
        "finished_at": _iso(run.finished_at),
        "item": "",
        "side": "",
        "ref": None,
        "action": "run",
        "state": run.state.value,
        "fields": {},
        "rule": "",
        "why": "",
        "error": run.error,
        **_circumstances(run),
    }


def _circumstances(run: RunRow | None) -> dict[str, Any]:
    told = run.circumstances if run else {}
    names = ("actor", "host", "version", "config", "mapping", "trigger", "reason")
    return {
        "command": run.command if run else "",
        **{name: told.get(name, "") for name in names},
        "allowed": told.get("allowed", []),
        "passed": told.get("passed", []),
    }


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at else None
