"""What is paused, since when, by whom and why. Remembered until somebody resumes it; nothing is asked of any system."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from syncer.errors import UserError
from syncer.mapping.load import nearest
from syncer.store.store import Store

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


def pause(store: Store, collections: Collection[str], name: str, by: str, because: str, now: datetime) -> Pause:
    """Pause a collection, or with "" the product. What is paused already keeps its day. Raises UserError."""
    if name and name not in collections:
        raise UserError(f"no collection is called {name!r}", hint=nearest(name, collections))
    known = pauses(store)
    made = known.setdefault(name, Pause(name, now.isoformat(timespec="seconds"), by, because))
    _keep(store, known)
    return made


def resume(store: Store, name: str) -> list[Pause]:
    """End a collection's pause, or with "" every pause; return what ended. Raises UserError where none is."""
    known = pauses(store)
    if name and name not in known:
        hint = "the whole product is paused: `syncer resume`" if WHOLE in known else "`syncer status` lists what is"
        raise UserError(f"{name} is not paused", hint=hint)
    ended = [known[name]] if name else list(known.values())
    _keep(store, {n: p for n, p in known.items() if p not in ended})
    return ended


def _keep(store: Store, known: dict[str, Pause]) -> None:
    kept = {name: {k: v for k, v in asdict(p).items() if k != "collection"} for name, p in known.items()}
    store.put_memo(MEMO, kept or None)
