"""What is left of items that only tags tell of: records that no listing shows, and records that are archived.

A state that was lost, or is older than the records, meets tags of items it does not hold. Before anything is concluded
from what a listing leaves out, each side is asked for those tags. What is archived there becomes a tombstone again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from syncer.adapter import EVER, Adapter, Can
from syncer.engine.match import Loose
from syncer.engine.observe import Observed
from syncer.errors import RetryableError, UnknownOutcomeError
from syncer.mapping.rules import Rules
from syncer.record import Record, Ref
from syncer.store.store import Store

Remains = Mapping[tuple[str, str], Loose]
"""(item, side) → the archived record there, which is linked to nothing."""
Linked = Mapping[str, Collection[Ref]]
"""Side → the records that are linked to an item."""


def complete_from_tags(
    observed: Mapping[str, Observed], adapters: Mapping[str, Adapter], rules: Rules, store: Store, linked: Linked
) -> dict[str, Observed]:
    """Return what was observed, and besides every record with a tag of an item that we do not hold.

    A listing leaves out what is archived, and what the collection's filter does not let in: without asking, such a
    record would be made a second time. A side that does not answer counts as not reached.
    """
    found = dict(observed)
    unheld = list(_tagged(observed, rules, linked))
    held = store.items({_item(one) for one in unheld}) if unheld else {}
    wanted = {one.record.tag: one.rule.kind for one in unheld if one.record.tag and _item(one) not in held}
    for side, seen in observed.items() if wanted else ():
        here = {record.tag.item for record in seen.records.values() if record.tag is not None}
        missing = [t for t, kind in wanted.items() if kind in rules.sides[side].kinds and t.item not in here]
        if not missing or not seen.heard or not adapters[side].traits.can & (Can.TAG | Can.TAG_IN_CREATE):
            continue
        try:
            refs = [record.ref for record in adapters[side].find(missing, EVER).records.values()]
            # read by ref, a record also says whether it meets the collection's filter
            answers = adapters[side].get(sorted(refs)) if refs else {}
        except (RetryableError, UnknownOutcomeError) as error:
            found[side] = Observed(side, sweep=seen.sweep, error=error)
        else:
            more = {ref: answer for ref, answer in answers.items() if isinstance(answer, Record)}
            found[side] = replace(seen, records={**more, **seen.records})
    return found


def remains_of(observed: Mapping[str, Observed], rules: Rules, store: Store, linked: Linked) -> Remains:
    """Return the unlinked records that show no more than that an item of ours was archived there.

    A value that stands for archived says so only where the item lives nowhere: else it is a field that differs.
    """
    away: dict[tuple[str, str], Loose] = {}
    living = set()
    for one in sorted(_tagged(observed, rules, linked), key=lambda x: (x.side, x.record.ref)):
        if one.rule.away(one.record):
            away.setdefault((_item(one), one.side), one)
        else:
            living.add(_item(one))
    living |= store.items({item for item, _ in away}).keys() if away else set()
    links = store.links({item for item, _ in away}) if away else {}
    return {
        (item, side): one
        for (item, side), one in away.items()
        if side not in links.get(item, {}) and (one.record.archived or item not in living)
    }


def _tagged(observed: Mapping[str, Observed], rules: Rules, linked: Linked) -> Iterator[Loose]:
    """Yield the records that our tag is on, and no link."""
    for side, seen in observed.items():
        for ref, record in seen.records.items():
            tag, rule = record.tag, rules.sides[side].rule_for(record)
            if tag is None or tag.product != rules.product or rule is None or ref in linked.get(side, ()):
                continue
            if not rules.sides[side].conceals(record):
                yield Loose(side, record, rule)


def _item(one: Loose) -> str:
    assert one.record.tag is not None
    return one.record.tag.item
