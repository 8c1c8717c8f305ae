"""Which item is an unlinked record? Our tag says it, else a key field, else the mapping's match rule.

Pure. A tag of this product names its item, whoever issued it and whether or not we hold that item (our state may have
been lost). Match rules speak only where *complete* listings of all the sides concerned are at hand; more than one
candidate is a question for a person, never a guess.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncer.engine.state import Question
from syncer.mapping.rules import KindRule, Names, Rules, Value
from syncer.record import Record, Ref, canonical_json


@dataclass(frozen=True, slots=True)
class Loose:
    """A record that is no item yet."""

    side: str
    record: Record
    rule: KindRule

    @property
    def key(self) -> tuple[str, Ref]:
        """Return where it is."""
        return self.side, self.record.ref


@dataclass(frozen=True, slots=True)
class Candidate:
    """An existing item that a loose record may be: the sides it lives on already, and its values."""

    item: str
    kind: str
    sides: frozenset[str]
    fields: Mapping[str, Value]


@dataclass(slots=True)
class Matched:
    """The result: each loose record's item; which items are new; who waits, and why; questions."""

    items: dict[tuple[str, Ref], str] = field(default_factory=dict)
    why: dict[tuple[str, Ref], str] = field(default_factory=dict)
    new: dict[str, str] = field(default_factory=dict)
    """New item → its kind."""
    copies: set[tuple[str, Ref]] = field(default_factory=set)
    """Records that carry another record's tag: they need one of their own."""
    waiting: dict[tuple[str, Ref], str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    sides: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Item → sides on which a record was found to be it: there, no second one is."""

    def be(self, one: Loose, item: str, why: str) -> None:
        """Know that a record is this item."""
        self.items[one.key] = item
        self.why[one.key] = why
        self.sides[item].add(one.side)

    def wait(self, group: Iterable[Loose], why: str) -> None:
        """Have these records wait."""
        self.waiting |= {one.key: why for one in group}


def birth_id(lineage: str, side: str, ref: Ref) -> str:
    """Return the id an item born from this record gets: the same however often it is asked."""
    raw = hashlib.blake2b(f"{lineage}\0{side}\0{ref}".encode(), digest_size=8).digest()
    return base64.b32encode(raw).decode().rstrip("=").lower()


def match(
    loose: Sequence[Loose],
    candidates: Sequence[Candidate],
    rules: Rules,
    names: Names,
    *,
    lineage: str,
    tagged: Mapping[str, frozenset[str]],
    complete: Collection[str],
    listed_before: Collection[str],
    split: Collection[tuple[str, str]] = (),
    now: datetime | None = None,
) -> Matched:
    """Match every loose record.

    `tagged`: items we know → sides on which a *living* record holds them already. `complete`: sides whose listing
    in this run was complete. `listed_before`: sides that were listed completely at some time. `split`: (item, side)
    that a person took apart. `now`: the time by which a side's `settle` is measured.
    """
    found = Matched()
    ordered = sorted(loose, key=lambda x: (x.side, x.record.ref))
    claimed = _claims(ordered, found, rules, names, tagged, listed_before)
    rest = [one for one in ordered if one.key not in found.items and not _by_tag(one, found, rules, tagged)]
    ready = [one for one in rest if _ready(one, found, rules, names, now)]
    wanted = {one.key for one in ready if _may_be_born(one, names)}
    for key, group in sorted(_groups(ready, [*candidates, *claimed], rules, names).items()):
        _by_rule(key, group, found, rules, lineage, complete, listed_before, split, wanted)
    return found


def marked(record: Record, item: str, product: str) -> bool:
    """Say whether a record needs no tag: it has this item's, or another product's, which is never touched."""
    return record.tag is not None and (record.tag.item == item or record.tag.product != product)


def _claims(
    ordered: Sequence[Loose],
    found: Matched,
    rules: Rules,
    names: Names,
    tagged: Mapping[str, frozenset[str]],
    listed_before: Collection[str],
) -> list[Candidate]:
    """Give records with a tag of an item we do not hold that item back; return those items."""
    named: dict[str, list[Loose]] = defaultdict(list)
    for one in ordered:
        tag = one.record.tag
        if tag is not None and tag.product == rules.product and tag.item not in tagged:
            named[tag.item].append(one)
    claimed = []
    for item, group in named.items():
        kind, sides = group[0].rule.kind, frozenset(one.side for one in group)
        unlisted = [s for s, side in rules.sides.items() if kind in side.kinds and s not in {*sides, *listed_before}]
        if len(sides) < len(group) or any(one.rule.kind != kind for one in group):
            _ask_twins(item, group, found)
        elif unlisted:
            # a record that lives there, unseen, would get a twin
            found.wait(group, f"waits for a full listing of {unlisted[0]}")
        else:
            found.new[item] = kind
            for one in group:
                found.be(one, item, "our tag")
            telling = {n: value_of(o, n, names) for o in reversed(group) for n in (o.rule.key, *o.rule.match)}
            claimed.append(Candidate(item, kind, sides, telling))
    return claimed


def _ask_twins(item: str, group: Sequence[Loose], found: Matched) -> None:
    who = "; ".join(f"{one.record.label or one.record.ref} ({one.side})" for one in group)
    text = f"which of these is the item their one tag names? {who}. Remove the others there, or their tag ({item})"
    found.wait(group, f"one tag on several records: {who}")
    found.questions.append(Question("", group[0].side, text, about="match"))


def _by_tag(one: Loose, found: Matched, rules: Rules, tagged: Mapping[str, frozenset[str]]) -> bool:
    tag = one.record.tag
    if tag is None or tag.product != rules.product or tag.item not in tagged:
        return False
    if one.side in tagged[tag.item] or one.side in found.sides[tag.item]:
        found.copies.add(one.key)
        return False
    found.be(one, tag.item, "our tag")
    return True


def _ready(one: Loose, found: Matched, rules: Rules, names: Names, now: datetime | None) -> bool:
    missing = [n for n in one.rule.required if n in one.rule.fields and value_of(one, n, names) is None]
    quiet, edited = timedelta(seconds=rules.sides[one.side].settle), one.record.edited_at
    if missing:
        found.wait([one], f"waits for {', '.join(missing)}")
    elif quiet and now is not None and edited is not None and now - edited < quiet:
        found.wait([one], "was edited a moment ago: waits until it is left alone")
    return one.key not in found.waiting


def value_of(one: Loose, name: str, names: Names) -> Value:
    """Return what a record shows of an item field; None also where that cannot be read."""
    rule = one.rule.fields.get(name)
    if rule is None:
        return None
    reading = rule.read(one.record.fields.get(rule.record_field), names)
    return None if reading.unreadable else reading.value


def sought(loose: Sequence[Loose], names: Names) -> set[tuple[str, str]]:
    """Return what existing items these records may be are known by: kind and key."""
    return {(one.rule.kind, _key(one.rule, _telling(one, names), one)) for one in loose}


def may_be(kind: str, fields: Mapping[str, Value], wanted: Collection[tuple[str, str]], rules: Rules) -> bool:
    """Say whether an item is known by what is sought."""
    return any((kind, _key(rule, fields, None)) in wanted for rule in _rules_of(kind, rules))


def _telling(one: Loose, names: Names) -> dict[str, Value]:
    return {n: value_of(one, n, names) for n in (one.rule.key, *one.rule.match)}


_Group = tuple[list[Loose], list[Candidate]]


def _groups(
    ready: Sequence[Loose], candidates: Sequence[Candidate], rules: Rules, names: Names
) -> dict[tuple[str, str], _Group]:
    alike: dict[tuple[str, str], list[Loose]] = defaultdict(list)
    known: dict[tuple[str, str], dict[str, Candidate]] = defaultdict(dict)
    for one in ready:
        alike[one.rule.kind, _key(one.rule, _telling(one, names), one)].append(one)
    for candidate in candidates:
        for rule in _rules_of(candidate.kind, rules):
            known[candidate.kind, _key(rule, candidate.fields, None)][candidate.item] = candidate
    return {key: (group, list(known[key].values())) for key, group in alike.items()}


def _rules_of(kind: str, rules: Rules) -> list[KindRule]:
    return [s.kinds[kind] for s in rules.sides.values() if kind in s.kinds]


def _key(rule: KindRule, values: Mapping[str, Value], one: Loose | None) -> str:
    """Return what identifies an item under a rule; a record without it is alone with itself."""
    names = (rule.key,) if values.get(rule.key) is not None else rule.match
    parts = [_folded(values.get(name)) for name in names]
    if not names or any(part is None for part in parts):
        return f"alone:{one.side}:{one.record.ref}" if one else "nobody"
    return canonical_json([list(names), parts])


def _folded(value: Value) -> Value:
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def _by_rule(
    key: tuple[str, str],
    group: _Group,
    found: Matched,
    rules: Rules,
    lineage: str,
    complete: Collection[str],
    listed_before: Collection[str],
    split: Collection[tuple[str, str]],
    wanted: Collection[tuple[str, Ref]],
) -> None:
    loose, candidates = group
    by_side: dict[str, list[Loose]] = defaultdict(list)
    for one in loose:
        by_side[one.side].append(one)

    def lives(item: Candidate, side: str) -> bool:
        return side in item.sides or side in found.sides[item.item]

    open_items = [c for c in candidates if any(not lives(c, s) and (c.item, s) not in split for s in by_side)]
    if len(by_side) == 1 and not open_items:
        others = [name for name, side in rules.sides.items() if key[0] in side.kinds]
        for one in loose:
            if one.key in wanted:
                _birth(one, found, lineage, [o for o in others if o != one.side and o not in listed_before])
        return
    doubtful = [s for s in {*by_side, *(x for c in open_items for x in c.sides)} if s not in complete]
    if doubtful:
        found.wait(loose, f"may be matched: waits for a full listing of {min(doubtful)}")
        return
    taken = any(lives(c, side) for c in open_items for side in by_side)
    if len(open_items) > 1 or any(len(v) > 1 for v in by_side.values()) or taken:
        _ask(key, loose, open_items, found)
        return
    if not open_items and not any(one.key in wanted for one in loose):
        return
    item = open_items[0].item if open_items else birth_id(lineage, loose[0].side, loose[0].record.ref)
    same = " and ".join(json.loads(key[1])[0])
    for one in loose:
        found.be(one, item, f"same {same}")
    if not open_items:
        found.new[item] = key[0]


def _may_be_born(one: Loose, names: Names) -> bool:
    """Say whether a record may make a new item, and not only join one."""
    if not one.rule.births or one.record.outside:
        return False
    return all(c.holds({c.field: value_of(one, c.field, names)}) for c in one.rule.record_where)


def _birth(one: Loose, found: Matched, lineage: str, unlisted: Sequence[str]) -> None:
    if unlisted:
        found.wait([one], f"waits for a full listing of {unlisted[0]}")
        return
    item = birth_id(lineage, one.side, one.record.ref)
    found.be(one, item, "new")
    found.new[item] = one.rule.kind


def _ask(key: tuple[str, str], loose: Sequence[Loose], items: Sequence[Candidate], found: Matched) -> None:
    first = loose[0]
    names = [f"{one.record.label} ({one.side})" for one in loose]
    names += [f"{c.fields.get('title')} ({', '.join(sorted(c.sides))})" for c in items]
    text = f"which of these are one {key[0]}? " + "; ".join(names)
    found.wait(loose, f"ambiguous: {text}")
    found.questions.append(Question("", first.side, text, about="match"))
