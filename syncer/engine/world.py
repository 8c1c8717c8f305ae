"""Put together what was observed and what is remembered: one view per item that needs a decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from syncer.engine.match import Candidate, Loose, Matched, marked, match, may_be, sought, value_of
from syncer.engine.names import REFERS, Directory
from syncer.engine.observe import Observed
from syncer.engine.remains import Remains, remains_of
from syncer.engine.state import UNDONE, ItemView, SideView
from syncer.mapping.rules import Names, Rules, SideRules
from syncer.record import Raw, Record, Ref, digest
from syncer.store.rows import ConflictState, JournalState, LinkRow, LinkState
from syncer.store.store import Store

NAMED = 10
"""Restricted records that a note names; the others are counted."""


@dataclass(slots=True)
class World:
    """Everything one round of deciding looks at."""

    views: dict[str, ItemView]
    names: Directory
    matched: Matched
    observed: Mapping[str, Observed]
    loose: list[Loose] = field(default_factory=list)
    remains: Remains = field(default_factory=dict)
    """Archived records that our tag says are an item of ours, and no link."""
    concealed: list[Loose] = field(default_factory=list)
    """Restricted records that our tag says are an item of ours, and no link."""
    ignored: set[tuple[str, Ref]] = field(default_factory=set)
    """Strays of earlier runs that are no longer candidates."""
    notes: list[str] = field(default_factory=list)


def build(store: Store, rules: Rules, observed: Mapping[str, Observed], names: Directory, now: datetime) -> World:
    """Build the world of this round."""
    world = World({}, names, Matched(), observed)
    links = {side: store.link_by_ref(side, [*seen.records, *seen.gone]) for side, seen in observed.items()}
    affected = {link.item for found in links.values() for link in found.values()} | set(store.dirty())
    world.remains = remains_of(observed, rules, store, links)
    world.loose = _loose(store, rules, observed, links, world)
    world.matched = _match(store, rules, world, names, now)
    affected |= {*world.matched.items.values(), *(item for item, _ in world.remains)}
    _views(store, rules, world, affected)
    for side, seen in observed.items():
        for ref, record in seen.records.items():
            link = links[side].get(ref)
            if link is not None:
                _see(world, rules.sides[side], link.item, record)
        for ref, gone in seen.gone.items():
            link = links[side].get(ref)
            if link is not None and link.item in world.views and side in world.views[link.item].sides:
                world.views[link.item].sides[side].gone = gone
    _join(world, rules, names)
    _bury(world, names)
    _conceal(world, rules)
    _prepare(world, rules, names)
    return world


def extend(world: World, store: Store, rules: Rules, ids: Collection[str]) -> list[ItemView]:
    """Add items that stand still, and that a decision about others concerns; return their views."""
    _views(store, rules, world, ids)
    return [world.views[item] for item in sorted(ids) if item in world.views]


def _loose(
    store: Store,
    rules: Rules,
    observed: Mapping[str, Observed],
    links: Mapping[str, Mapping[Ref, LinkRow]],
    world: World,
) -> list[Loose]:
    found: dict[tuple[str, Ref], Record] = {}
    for stray in store.strays():
        seen = observed.get(stray.side)
        if seen is not None and (stray.ref in seen.gone or _no_longer_listed(seen, stray.ref)):
            world.ignored.add((stray.side, stray.ref))
        else:
            found[stray.side, stray.ref] = stray.record
    for side, seen in observed.items():
        for ref, record in seen.records.items():
            if ref not in links[side]:
                found[side, ref] = record
    loose = []
    buried = {(side, one.record.ref) for (_, side), one in world.remains.items()}
    for (side, ref), record in found.items():
        rule = rules.sides[side].rule_for(record) if side in rules.sides else None
        # outside the collection's filter: not ours, unless we made it
        stranger = record.outside and (record.tag is None or record.tag.product != rules.product)
        if rule is None or record.archived or stranger or (side, ref) in buried:
            world.ignored.add((side, ref))
        elif rules.sides[side].conceals(record):
            world.ignored.add((side, ref))
            if record.tag is not None and record.tag.product == rules.product:
                world.concealed.append(Loose(side, record, rule))
        else:
            loose.append(Loose(side, record, rule))
    return loose


def _no_longer_listed(seen: Observed, ref: Ref) -> bool:
    """Say whether a record that is no item yet is missing from a complete listing: it is listed anew each time."""
    return seen.complete and not seen.emptied and ref not in seen.records


def _match(store: Store, rules: Rules, world: World, names: Directory, now: datetime) -> Matched:
    if not world.loose:
        return Matched()
    unsettled = {
        row.side
        for state in (JournalState.OPEN, JournalState.UNKNOWN)
        for row in store.journal(state=state, action="create")
    }
    # Without a tag, a new record may be what an unsettled create of ours made: born now, it would be a twin.
    doubtful = [one for one in world.loose if one.record.tag is None and one.side in unsettled]
    wanted = sought(world.loose, names)
    items = store.items({one.record.tag.item for one in world.loose if one.record.tag is not None})
    items |= {row.id: row for row in store.each_item() if may_be(row.kind, row.fields, wanted, rules)}
    links = store.links(items)
    tagged: dict[str, frozenset[str]] = {}
    candidates, split = [], set()
    for item, row in items.items():
        of_item = links.get(item, {})
        there = (LinkState.LIVE, LinkState.RESTRICTED)
        living = frozenset(side for side, link in of_item.items() if link.state in there)
        tagged[item] = frozenset(side for side in living if _still_there(world, side, of_item[side].ref))
        split |= {(item, side) for side, link in of_item.items() if link.state == LinkState.UNDONE}
        if row.state == "live":
            candidates.append(Candidate(item, row.kind, frozenset(of_item), row.fields))
    cursors = {side: row for side, row in store.cursors().items() if row.swept_at is not None}
    complete = {side for side, seen in world.observed.items() if seen.complete}
    matched = match(
        [one for one in world.loose if one not in doubtful],
        candidates,
        rules,
        names,
        lineage=store.lineage,
        tagged=tagged,
        complete=complete,
        listed_before=complete | set(cursors),
        split=split,
        now=now,
    )
    for one in doubtful:
        matched.waiting[one.side, one.record.ref] = "may be ours: waits until an earlier create is settled"
    return matched


def _still_there(world: World, side: str, ref: Ref) -> bool:
    seen = world.observed.get(side)
    return seen is None or ref not in seen.gone


def _views(store: Store, rules: Rules, world: World, affected: Iterable[str]) -> None:
    ids = sorted(affected)
    rows = store.items(ids)
    links = store.links(ids)
    answers: dict[str, dict[tuple[str, str], str]] = {}
    holds: dict[str, set[str]] = {}
    dead = {item: one.rule.kind for (item, _), one in world.remains.items()}
    refused: dict[tuple[str, str], dict[str, str]] = {}
    for refusal in store.refusals(ids):
        refused.setdefault((refusal.item, refusal.side), {})[refusal.field] = refusal.digest
    for conflict in store.conflicts():
        if conflict.kind == UNDONE:
            holds.setdefault(conflict.item, set()).add(conflict.field)
    for question in store.conflicts(ConflictState.SETTLED, field=""):
        for side in question.sides:
            answers.setdefault(question.item, {})[side, question.kind] = question.how
    for item in ids:
        row = rows.get(item)
        kind = row.kind if row else world.matched.new.get(item) or dead.get(item)
        if kind is None:
            continue
        state = row.state if row else "live" if item in world.matched.new else "removed"
        view = ItemView(item, kind, state, dict(row.fields) if row else {}, {}, new=row is None)
        view.answers = answers.get(item, {})
        view.holds = frozenset(holds.get(item, ()))
        for side, link in links.get(item, {}).items():
            rule = rules.sides[side].kinds.get(kind) if side in rules.sides else None
            if rule is not None:
                view.sides[side] = SideView(side, rule, link, refused=refused.get((item, side), {}))
        world.views[item] = view


def _see(world: World, rules: SideRules, item: str, record: Record) -> None:
    view = world.views.get(item)
    if view is None or rules.side not in view.sides:
        return
    shown = view.sides[rules.side]
    shown.record = record
    if shown.link is not None and shown.link.state == LinkState.RESTRICTED and not rules.conceals(record):
        # more people may see it again: it takes part as what it was when it was set aside
        shown.link = replace(shown.link, state=LinkState.LIVE)


def _join(world: World, rules: Rules, names: Directory) -> None:
    """Give each matched record its link, and tell the directory."""
    for one in world.loose:
        key = (one.side, one.record.ref)
        item = world.matched.items.get(key)
        if item is None:
            continue
        view = world.views[item]
        tagged = marked(one.record, item, rules.product)
        link = LinkRow(item, one.side, one.record.ref, one.record.type, label=one.record.label, tagged=tagged)
        view.sides[one.side] = SideView(one.side, one.rule, link, one.record)
        view.why = view.why or world.matched.why.get(key, "")
        names.link(rules.sides[one.side].connection, one.side, one.record.ref, item, one.record.type)


def _bury(world: World, names: Names) -> None:
    """Give each archived record that only its tag tells of a tombstone in its item."""
    for (item, side), one in world.remains.items():
        view = world.views[item]
        if side in view.sides:
            continue
        link = LinkRow(item, side, one.record.ref, one.record.type, LinkState.ARCHIVED, label=one.record.label)
        view.sides[side] = SideView(side, one.rule, replace(link, tagged=True), one.record)
        view.why = view.why or "our tag"
        titled = value_of(one, "title", names)
        if view.state == "removed" and view.new and titled is not None:
            view.fields = {"title": titled, **view.fields}


def _conceal(world: World, rules: Rules) -> None:
    """Tell what is restricted, by its address; one that our tag is on keeps its place, or it would get a twin."""
    for one in world.concealed:
        view = world.views.get(one.record.tag.item) if one.record.tag else None
        if view is not None and one.side not in view.sides:
            link = LinkRow(view.id, one.side, one.record.ref, one.record.type, LinkState.RESTRICTED, tagged=True)
            view.sides[one.side] = SideView(one.side, one.rule, link, one.record)
    for side, seen in sorted(world.observed.items()):
        refs = sorted(ref for ref, record in seen.records.items() if rules.sides[side].conceals(record))
        if refs:
            more = f" and {len(refs) - NAMED} more" if len(refs) > NAMED else ""
            is_are = "is" if len(refs) == 1 else "are"
            world.notes.append(f"{', '.join(refs[:NAMED])}{more} on {side} {is_are} restricted: not carried")


def _prepare(world: World, rules: Rules, names: Directory) -> None:
    """Ask at once which items are referred to, and where they live."""
    refs: dict[str, set[str]] = {}
    items: set[str] = set()
    for view in world.views.values():
        for side in view.sides.values():
            of_side = refs.setdefault(rules.sides[side.side].connection, set())
            for name, rule in side.rule.fields.items():
                if rule.type in REFERS:
                    of_side.update(_words(side.raw(rule.record_field)[1]))
                    items.update(_words(view.fields.get(name)))
    for connection in refs:
        names.prepare(connection, refs[connection], ())
        items.update(item for ref in refs[connection] if (item := names.item_of(connection, ref)))
    for connection in refs:
        names.prepare(connection, (), items)


def _words(value: Raw) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def seen_link(link: LinkRow, record: Record, costly: frozenset[str], run: str, product: str) -> LinkRow:
    """Return the link after seeing this record: what was seen, and the digest that makes the next look cheap."""
    return replace(
        link,
        record_type=record.type,
        version=record.version,
        digest=digest(record, costly),
        label=record.label or link.label,
        url=record.url or link.url,
        seen={**link.seen, **record.fields},
        tagged=link.tagged or marked(record, link.item, product),
        hot=not record.settled,
        edited_at=record.edited_at,
        edited_by=record.edited_by,
        seen_run=run,
    )
