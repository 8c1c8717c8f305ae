"""A store that was lost: how that is noticed, and what a new one takes from the tags on the records.

A tag names its item whoever issued it, so a new store that goes on under the former lineage holds the same items
under the same ids, and no record needs another tag. There is no base: the first plan is a first contact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from syncer.engine.observe import Observed
from syncer.engine.plan import Plan, Verb
from syncer.engine.world import World
from syncer.errors import LostError, UnreachableError
from syncer.record import Tag
from syncer.store.lease import Lease
from syncer.store.rows import ItemState
from syncer.store.store import Store


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a new store took from the systems. `by_tag`, `matched`, `alone`: items. `plan`: what is still to be written.

    `archived`: items of which only archived records are left. `anew`: side → titles of what our tag says was in step
    once, and is nowhere to be found there: the plan makes it once more. `lineage` is the one that goes on, "" where no
    record had a tag of this product.
    """

    records: Mapping[str, int]
    by_tag: int
    matched: int
    alone: int
    archived: int
    anew: Mapping[str, Sequence[str]]
    waiting: Sequence[tuple[str, str]]
    lineage: str
    plan: Plan


def check_not_lost(store: Store, product: str, observed: Mapping[str, Observed]) -> None:
    """Raise LostError where a store that never decided anything meets records that a former one had tagged."""
    if store.generation:
        return
    marked = Counter(side for side, tag in _tagged(observed, product) if tag.lineage != store.lineage)
    if marked:
        where = ", ".join(f"{count} on {side}" for side, count in sorted(marked.items()))
        raise LostError(f"the state of {product} was lost: records carry tags it does not know of ({where})")


def all_listed(observed: dict[str, Observed]) -> dict[str, Observed]:
    """Return what was observed. Raises what kept a side from being listed whole."""
    for side, seen in observed.items():
        if seen.error is not None:
            raise seen.error
        if not seen.complete:
            raise UnreachableError(f"{side} was not listed to its end: nothing was linked", hint="run it again later")
    return observed


def adopt(store: Store, lease: Lease, product: str, observed: Mapping[str, Observed]) -> str:
    """Go on under the lineage that most records carry; return it, "" where there is none."""
    count = Counter(tag.lineage for _, tag in _tagged(observed, product))
    if not count:
        return ""
    lineage = min(count, key=lambda name: (-count[name], name))
    store.adopt(lease, lineage)
    return lineage


def told(observed: Mapping[str, Observed], world: World, plan: Plan, lineage: str) -> Rebuilt:
    """Return what was taken, counted."""
    matched = world.matched
    ways: dict[str, set[str]] = {}
    for key, item in matched.items.items():
        ways.setdefault(item, set()).add(matched.why[key])
    anew: dict[str, list[str]] = {}
    for action in plan.actions:
        if action.verb is Verb.CREATE and "our tag" in ways.get(action.item, ()):
            anew.setdefault(action.side, []).append(action.label)
    labels = {(one.side, one.record.ref): f"{one.record.label or one.record.ref} on {one.side}" for one in world.loose}
    return Rebuilt(
        {side: seen.listed for side, seen in observed.items()},
        by_tag=sum("our tag" in why for why in ways.values()),
        matched=sum("our tag" not in why and why != {"new"} for why in ways.values()),
        alone=sum(why == {"new"} for why in ways.values()),
        archived=sum(view.new and view.state == ItemState.REMOVED for view in world.views.values()),
        anew=anew,
        waiting=[(labels[key], why) for key, why in sorted(matched.waiting.items())],
        lineage=lineage,
        plan=plan,
    )


def _tagged(observed: Mapping[str, Observed], product: str) -> Iterator[tuple[str, Tag]]:
    for side, seen in observed.items():
        for record in seen.records.values():
            if record.tag is not None and record.tag.product == product:
                yield side, record.tag
