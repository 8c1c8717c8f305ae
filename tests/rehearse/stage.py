"""A rehearsal over in-memory sides, and what is always asked of one: that nobody's side or state was written."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from syncer.adapter import Adapter
from syncer.rehearse.play import Play, last_seen
from syncer.rehearse.results import Rehearsal
from syncer.rehearse.twin import Twin
from syncer.testing.memory import READS, MemoryAdapter, MemoryTable
from tests.engine.quickstore import QuickStore
from tests.engine.worlds import Product


def rehearse(
    product: Product,
    *,
    allow: Collection[str] = (),
    adapter: Callable[[MemoryTable], Adapter] = MemoryAdapter,
    closed: Collection[str] = (),
) -> Rehearsal:
    """Rehearse, as the library does, and make sure that nothing was written."""
    assert isinstance(product.store, QuickStore)
    before = product.store.tables.copy()
    store = QuickStore(product.path, "shop", product.now, product.store.lineage)
    store.tables = before.copy()
    called = {side: len(table.calls) for side, table in product.tables.items()}
    twins = {s: Twin(s, adapter(t), product.now, last_seen(store, s)) for s, t in product.tables.items()}
    mine, product.store = product.store, store
    try:
        play = Play(replace(product.engine(), adapters=twins, closed=closed), twins)
        play.read()
        with store.lease("rehearsal", 90) as lease:
            return play.whole(lease, "rehearsal", allow)
    finally:
        product.store = mine
        verbs = {verb for side, table in product.tables.items() for verb, _ in table.calls[called[side] :]}
        assert verbs <= READS
        assert product.store.tables == before


def signs(played: Rehearsal) -> list[str]:
    """Return what was done, in short."""
    return sorted(f"{a.verb.sign}{a.side} {a.label}" for a in played.done.report.done if a.verb != "link")


def holds(played: Rehearsal) -> bool:
    """Say whether the second and the third result are as they must be."""
    return played.settles and played.undone.ok
