"""What is paused, since when, by whom and why. Remembered until somebody resumes it; nothing is asked of any system."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from syncer.errors import StoreError, UserError
from syncer.mapping.load import nearest
from syncer.store.rows import JournalRow, JournalState, RunRow, RunState
from syncer.store.store import Store
from syncer.store.work import Work

MEMO = "paused"
WHOLE = ""
"""Stands for the whole product among the names of collections."""


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause: of a collection, or of the whole product (`collection` "")."""

    collection: str
    since: str
    by: str
    because: str = ""

    def __str__(self) -> str:
        what = self.collection or "the product"
        return f"{what} is paused since {self.since} by {self.by}" + (f": {self.because}" if self.because else "")


def pauses(store: Store) -> dict[str, Pause]:
    """Return every pause by its collection; the whole product's under ""."""
    return {name: Pause(name, **told) for name, told in (store.memo(MEMO) or {}).items()}


def asleep(store: Store, collections: Collection[str]) -> frozenset[str]:
    """Return the collections that are neither read nor written."""
    known = pauses(store)
    return frozenset(collections if WHOLE in known else known.keys() & set(collections))


def pause(store: Store, collections: Collection[str], name: str, run: RunRow) -> Pause:
    """Pause a collection, or with "" the product; `run` tells who does it and why. Raises UserError.

    What is paused already keeps its day.
    """
    if name and name not in collections:
        raise UserError(f"no collection is called {name!r}", hint=nearest(name, collections))
    known = pauses(store)
    by, because = str(run.circumstances.get("actor", "")), str(run.circumstances.get("reason", ""))
    made = known.setdefault(name, Pause(name, run.started_at.isoformat(timespec="seconds"), by, because))
    _keep(store, known, run, [name])
    return made


def resume(store: Store, name: str, run: RunRow) -> list[Pause]:
    """End a collection's pause, or with "" every pause; return what ended. Raises UserError where none is."""
    known = pauses(store)
    if name and name not in known:
        hint = "the whole product is paused: `syncer resume`" if WHOLE in known else "`syncer status` lists what is"
        raise UserError(f"{name} is not paused", hint=hint)
    ended = [known[name]] if name else list(known.values())
    if ended:
        _keep(store, {n: p for n, p in known.items() if p not in ended}, run, [p.collection for p in ended])
    return ended


def pauses_in(path: Path, product: str) -> dict[str, Pause] | None:
    """Return what a state file says is paused, None where it cannot say: gone, torn, or begun anew."""
    if not path.exists():
        return None
    try:
        with Store.open(path, product) as store:
            known = pauses(store)
            return known if known or store.generation else None
    except StoreError:
        return None


def keep(store: Store, known: Mapping[str, Pause], run: RunRow) -> None:
    """Go on with the pauses of a former state."""
    with store.note() as work:
        _put(work, known)
        for one in known.values():
            _tell(work, run, "pause", one.collection, str(one))


def _keep(store: Store, known: Mapping[str, Pause], run: RunRow, named: Collection[str]) -> None:
    """Remember what is paused from now on, who said so, and why."""
    with store.note() as work:
        _put(work, known)
        work.finish_run(replace(run, state=RunState.DONE, counts={f"{run.command}d": len(named)}))
        for name in named:
            _tell(work, run, run.command, name, str(run.circumstances.get("reason", "")))


def _put(work: Work, known: Mapping[str, Pause]) -> None:
    kept = {name: {k: v for k, v in asdict(p).items() if k != "collection"} for name, p in known.items()}
    work.put_memo(MEMO, kept or None)


def _tell(work: Work, run: RunRow, action: str, name: str, why: str) -> None:
    now = run.started_at
    work.journal(JournalRow(run.id, action, side=name, state=JournalState.DONE, why=why, at=now, finished_at=now))
