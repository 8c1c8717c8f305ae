"""What a field's value becomes when several sides show it. Pure: no clock, no network, no store.

For each side, `base` is what it showed when we last agreed with it and the item's value that stood for.

    the side shows …                              it is
    what fits its base's value, or its base       standing
    something else, and has a base                changed: its word counts
    something, and has no base                    fresh: first contact
    nothing, and has no base                      empty: it will be filled
    what the mapping cannot read                  unreadable: never a reason to write, clear or remove

    those who changed …                           the item
    none                                          stays
    all fit one value                             takes it: agreement is never a conflict
    do not fit one value                          conflict
    fit one value, but the item has moved on
      past what *each* of them had last agreed to conflict: the item is a party

All sides are looked at together, never folded, so that the result cannot depend on their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from syncer.mapping.rules import Direction, FieldPolicy, FieldRule, Names, Reading, Value
from syncer.model import types
from syncer.record import FieldType, Raw
from syncer.richtext.nodes import Node
from syncer.richtext.pull import pull

ITEM = "the item"
"""Names the item itself among the parties of a conflict."""

EDIT_LIKE = frozenset({FieldType.DOCUMENT, FieldType.SEQUENCE})


@dataclass(frozen=True, slots=True)
class Base:
    """What a side showed when we last agreed, raw, and the item's value that it stood for."""

    raw: Raw
    value: Value


@dataclass(frozen=True, slots=True)
class Shown:
    """One side of a field: what it shows now, and its base."""

    side: str
    rule: FieldRule
    raw: Raw
    base: Base | None
    edited_at: datetime | None = None
    """When the *field* was edited (UTC), where the side lets that be known."""
    grain: float = 0.0
    """Seconds to which the side's clock is rounded."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Changes that disagree: the ancestor, and each party's value (sides by name, `ITEM` for the item)."""

    ancestor: Value
    values: Mapping[str, Value]
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one field.

    `bases`: new bases of the sides whose word was heard. `taken`: the sides it was taken from. `clash` with
    `settled_by` empty is held. `put_back`: values against a side's direction, by side. `notes`: what could not be
    read, by side.
    """

    value: Value
    taken: tuple[str, ...] = ()
    bases: Mapping[str, Base] = field(default_factory=dict)
    clash: Clash | None = None
    settled_by: str = ""
    put_back: Mapping[str, Value] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    blocked: bool = False

    @property
    def held(self) -> bool:
        """Say whether the field waits for a person."""
        return self.clash is not None and not self.settled_by


@dataclass(frozen=True, slots=True)
class _Voice:
    """A side that states something."""

    shown: Shown
    reading: Reading

    @property
    def side(self) -> str:
        return self.shown.side

    @property
    def fresh(self) -> bool:
        return self.shown.base is None


def merge_field(kind: FieldType, item: Value, sides: Sequence[Shown], policy: FieldPolicy, names: Names) -> Outcome:
    """Merge one field of one item over all its sides."""
    heard, standing, bases, put_back, notes = _sort(sides, names)
    if any(s.base and s.raw != s.base.raw and s.side in notes for s in sides) and heard:
        clash = Clash(item, {v.side: v.reading.value for v in heard}, "a side shows a value that cannot be read")
        return Outcome(item, clash=clash, put_back=put_back, notes=notes)
    if not heard:
        agreed = {s.side: Base(s.raw, item) for s in standing if s.rule.fits(s.raw, item, names)}
        return Outcome(item, bases={**bases, **agreed}, put_back=put_back, notes=notes)
    if kind in types.SET_LIKE:
        found = _merge_sets(kind, item, heard, names)
    elif kind in EDIT_LIKE:
        found = _merge_edits(kind, item, heard, names)
    else:
        found = _merge_scalar(item, heard, standing, names)
    if found.clash is not None:
        found = _settle(kind, item, found.clash, heard, standing, policy, names)
    if not found.held:
        agreed = {s.side: Base(s.raw, found.value) for s in standing if s.rule.fits(s.raw, found.value, names)}
        bases = {**bases, **agreed, **found.bases}
    return Outcome(found.value, found.taken, bases, found.clash, found.settled_by, put_back, notes)


def changed(shown: Shown, names: Names) -> bool:
    """Say whether a side with a base shows an edit: not its base, and nothing that reads or fits as its base."""
    base = shown.base
    if base is None or shown.raw == base.raw:
        return False
    reading = shown.rule.read(shown.raw, names)
    if reading.unreadable or shown.rule.fits(shown.raw, base.value, names):
        return False
    before = shown.rule.read(base.raw, names)
    return bool(before.unreadable) or not types.equal(shown.rule.type, before.value, reading.value)


def _sort(
    sides: Sequence[Shown], names: Names
) -> tuple[list[_Voice], list[Shown], dict[str, Base], dict[str, Value], dict[str, str]]:
    heard: list[_Voice] = []
    standing: list[Shown] = []
    bases: dict[str, Base] = {}
    put_back: dict[str, Value] = {}
    notes: dict[str, str] = {}
    for shown in sorted(sides, key=lambda s: s.side):
        direction = shown.rule.direction
        reading = shown.rule.read(shown.raw, names)
        if direction is Direction.COMPARE:
            continue
        if reading.unreadable:
            notes[shown.side] = reading.unreadable
            continue
        if direction is Direction.OUT and changed(shown, names):
            put_back[shown.side] = reading.value
            bases[shown.side] = Base(shown.raw, reading.value)
        elif direction is not Direction.OUT and _speaks(shown, reading, names):
            heard.append(_Voice(shown, reading))
        else:
            standing.append(shown)
    strong = [v for v in heard if not (v.fresh and v.reading.weak)] or heard
    standing += [v.shown for v in heard if v not in strong]
    return strong, standing, bases, put_back, notes


def _speaks(shown: Shown, reading: Reading, names: Names) -> bool:
    return changed(shown, names) if shown.base is not None else reading.value is not None


def _merge_scalar(item: Value, heard: Sequence[_Voice], standing: Sequence[Shown], names: Names) -> Outcome:
    value, found = _common(item, heard, standing, names)
    ancestor = _ancestor(item, heard)
    values = {v.side: v.reading.value for v in heard}
    if not found:
        parties = {**values, ITEM: item} if _item_moved(item, heard, names) else values
        return Outcome(item, clash=Clash(ancestor, parties, "the sides disagree"))
    if value != item and _item_is_party(item, heard, names):
        return Outcome(
            item, clash=Clash(ancestor, {**values, ITEM: item}, "the item had moved on before this side saw it")
        )
    return Outcome(
        value,
        taken=tuple(v.side for v in heard),
        bases={v.side: Base(v.shown.raw, value) for v in heard},
    )


def _common(item: Value, heard: Sequence[_Voice], standing: Sequence[Shown], names: Names) -> tuple[Value, bool]:
    """Find the one value that fits all who speak: the item's, else one that leaves the others standing, else one
    stated exactly, else the mapping's preferred."""
    stated = [v.reading.value for v in heard]
    pool = {repr(c): c for c in [item, *stated, *(d for v in heard for d in v.shown.rule.domain)]}
    fitting = [c for c in pool.values() if all(v.shown.rule.fits(v.shown.raw, c, names) for v in heard)]
    if not fitting:
        return None, False
    if item in fitting and (item is not None or all(not v.fresh for v in heard)):
        return item, True
    fitting = [c for c in fitting if c is not None] or fitting
    exact = [v.reading.value for v in heard if v.reading.exact]

    def rank(candidate: Value) -> tuple[bool, bool, bool, str]:
        leaves = all(s.rule.fits(s.raw, candidate, names) for s in standing)
        return (not leaves, candidate not in exact, candidate not in stated, repr(candidate))

    return min(fitting, key=rank), True


def _item_moved(item: Value, heard: Sequence[_Voice], names: Names) -> bool:
    """Say whether the item moved past what some speaker last agreed to, to something it does not show."""
    unlike = [v.shown.base for v in heard if not v.shown.rule.fits(v.shown.raw, item, names)]
    return any((base.value if base is not None else None) != item for base in unlike)


def _item_is_party(item: Value, heard: Sequence[_Voice], names: Names) -> bool:
    """Say whether nobody who speaks had been shown the item as it is now."""
    if any(v.shown.base is not None and v.shown.base.value == item for v in heard):
        return False
    return _item_moved(item, heard, names)


def _ancestor(item: Value, heard: Sequence[_Voice]) -> Value:
    bases = [v.shown.base.value for v in heard if v.shown.base is not None]
    return bases[0] if bases and all(b == bases[0] for b in bases) else item


def _merge_sets(kind: FieldType, item: Value, heard: Sequence[_Voice], names: Names) -> Outcome:
    added: set[str] = set()
    removed: set[str] = set()
    bases: dict[str, Base] = {}
    for voice in heard:
        shown, now = voice.shown, _elements(voice.reading.value)
        was: set[str] = set()
        stood: set[str] = set()
        if shown.base is not None:
            was = _elements(shown.rule.read(shown.base.raw, names).value)
            stood = _elements(shown.base.value)
        added |= now - was
        removed |= was - now
        bases[shown.side] = Base(shown.raw, types.normal(kind, sorted((stood | (now - was)) - (was - now))))
    # One side's addition outlives another's removal of the same element: the remover had not seen it.
    merged = types.normal(kind, sorted((_elements(item) | added) - (removed - added)))
    return Outcome(merged, taken=tuple(v.side for v in heard), bases=bases)


def _elements(value: Value) -> set[str]:
    return set(value or ())


def _merge_edits(kind: FieldType, item: Value, heard: Sequence[_Voice], names: Names) -> Outcome:
    """Merge what travels as an edit: each side's is first carried onto the item as it stood at that side's base."""
    wholes = {v.side: _whole(kind, item, v, names) for v in heard}
    found = _edited_together(kind, item, heard, wholes, names)
    if found.clash is None or _item_is_party(item, heard, names):
        return found
    for voice in sorted(heard, key=lambda v: v.fresh):
        one = wholes[voice.side]
        if all(v.shown.rule.fits(v.shown.raw, one, names) for v in heard):
            # However they came to it, those who speak now show one text: that is agreement.
            agreed = {v.side: Base(v.shown.raw, one) for v in heard}
            return Outcome(one, taken=tuple(agreed), bases=agreed)
    return found


def _whole(kind: FieldType, item: Value, voice: _Voice, names: Names) -> Value:
    """Return the item as it would be by a side's word alone; None where the place of its edit is ambiguous."""
    if voice.shown.base is not None:
        return carried(kind, voice.shown, voice.reading.value, names)
    fits = item is not None and voice.shown.rule.fits(voice.shown.raw, item, names)
    return item if fits else voice.reading.value


def _edited_together(
    kind: FieldType, item: Value, heard: Sequence[_Voice], wholes: Mapping[str, Value], names: Names
) -> Outcome:
    edits: dict[str, Value] = {}
    stated = {v.side: v.reading.value for v in heard}
    for voice in heard:
        shown, whole = voice.shown, wholes[voice.side]
        if shown.base is None and item is not None and not shown.rule.fits(shown.raw, item, names):
            return Outcome(item, clash=Clash(None, {**stated, ITEM: item}, "first contact: the texts differ"))
        if whole is None and voice.reading.value is not None:
            return Outcome(item, clash=Clash(item, stated, "the place of the edit is ambiguous"))
        ancestor = shown.base.value if shown.base is not None else item
        rebased = types.merge3(kind, ancestor, {ITEM: item, shown.side: whole})
        if rebased.conflict:
            return Outcome(item, clash=Clash(ancestor, {**stated, ITEM: item}, "the same words were changed twice"))
        edits[shown.side] = rebased.value
    merged = types.merge3(kind, item, edits)
    if merged.conflict:
        return Outcome(item, clash=Clash(item, stated, "the same words were changed twice"))
    bases = {v.side: Base(v.shown.raw, wholes[v.side]) for v in heard}
    return Outcome(merged.value, taken=tuple(edits), bases=bases)


def carried(kind: FieldType, shown: Shown, now: Value, names: Names) -> Value:
    """Carry a side's edit onto the item as it stood at that side's base."""
    assert shown.base is not None
    was = shown.rule.read(shown.base.raw, names).value
    stood = shown.base.value
    if types.equal(kind, was, stood) or was is None or stood is None or now is None:
        return now
    if kind is FieldType.DOCUMENT:
        pulled = pull(Node.from_json(stood), Node.from_json(was), Node.from_json(now), _showing(shown.rule))
        return None if pulled is None else types.normal(kind, pulled.to_json())
    moved = types.merge3(kind, was, {ITEM: stood, shown.side: now})
    return None if moved.conflict else moved.value


def _showing(rule: FieldRule) -> Callable[[Node], Node]:
    return lambda document: Node.from_json(rule.shown(document.to_json()))


def _settle(
    kind: FieldType,
    item: Value,
    clash: Clash,
    heard: Sequence[_Voice],
    standing: Sequence[Shown],
    policy: FieldPolicy,
    names: Names,
) -> Outcome:
    """Let the policy choose a side's edit; the values that lose stay with the conflict."""
    voices = {v.side: v for v in heard}
    prefer, how = policy.prefer, "prefer"
    if policy.how == "newest":
        prefer, how = _newest(clash, heard), "newest"
    says_item = {s.side for s in standing if s.base is not None and s.rule.fits(s.raw, item, names)}
    for side in prefer:
        if side in says_item and ITEM in clash.values:
            # The item moved on by this side's own earlier word, and that is the word preferred.
            losers = {v.side: Base(v.shown.raw, v.reading.value) for v in heard}
            return Outcome(item, bases=losers, clash=clash, settled_by=f"policy: {how} {side}")
        if side not in voices:
            continue
        voice = voices[side]
        edit = _whole(kind, item, voice, names)
        value = edit if edit is not None else voice.reading.value
        bases = {v.side: Base(v.shown.raw, v.reading.value) for v in heard}
        bases[side] = Base(voice.shown.raw, value)
        return Outcome(value, taken=(side,), bases=bases, clash=clash, settled_by=f"policy: {how} {side}")
    return Outcome(item, clash=clash)


def _newest(clash: Clash, heard: Sequence[_Voice]) -> tuple[str, ...]:
    """Return the side that spoke last, or nobody: where a time is not known, or two are closer than the clocks tell
    apart, and where the item itself is a party, whose word has no time."""
    times = [(v.shown.edited_at, v.shown.grain, v.side) for v in heard]
    known = sorted((at, grain, side) for at, grain, side in times if at is not None)
    if len(known) < len(times) or len(known) < 2 or ITEM in clash.values:
        return ()
    (before, rough, _), (last, coarse, side) = known[-2:]
    return (side,) if (last - before).total_seconds() > max(rough, coarse) else ()
