"""How far back the journal reaches: what is older than `keep` is trimmed, and whoever asks for it is told so."""

from __future__ import annotations

from datetime import UTC, datetime

from syncer.errors import UserError
from syncer.store.store import Store
from syncer.store.trim import begins

NO_LONGER_KEPT = "what was before is no longer kept"


def day(at: datetime) -> str:
    """Return the moment at which a story begins, as people read it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def known_run(store: Store, run: str) -> None:
    """Raise UserError where there is no such run, saying whether it was trimmed and how far back undo reaches."""
    if store.run(run) is not None:
        return
    since = begins(store)
    # a run's id begins with when it began
    if since is None or not run[:8].isdigit() or run >= f"{since.astimezone(UTC):%Y%m%d-%H%M%S}":
        raise UserError(f"no run is called {run!r}", hint="`syncer status` lists the last ones")
    first = next(iter(store.runs_since(since).values()), None)
    reach = f"log and undo reach back to run {first.id}" if first else "no run since then is known"
    raise UserError(f"run {run} is older than is kept: the journal was trimmed up to {day(since)}", hint=reach)
