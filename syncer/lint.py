"""What a product manager would call inconsistent, found in what is remembered. Pure: asks no system, writes nothing.

A rule is a function from the product to findings; `RULES` draws them all, each with what a mapping must carry for it
to know anything. A rule that nothing is known for is listed as such: silence would look like consistency.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from syncer.mapping.config import Config
from syncer.mapping.rules import Value
from syncer.mapping.settings import SEVERITIES
from syncer.model.item import Category
from syncer.model.kinds import KINDS, fields_of
from syncer.record import FieldType
from syncer.store.rows import ItemRow, ItemState, LinkRow
from syncer.store.store import Store

OPEN = frozenset({Category.IDEA, Category.TODO, Category.DOING})
ROADMAP = ("feature", "initiative")
WHOLES = ("goal", "initiative", "feature", "epic", "story")
PARTS = ("epic", "story", "subtask")
"""Kinds that hang in the air without something above them; a task or a bug may well stand alone."""
WORK = ("epic", "story", "task", "subtask", "bug")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d+\Z")
"""A label that can be told from a word in a text: an issue key."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says of one item: what is wrong, and what to do next."""

    item: ItemRow
    text: str
    next: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where people find an item."""

    side: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One inconsistency."""

    rule: str
    severity: str
    item: str
    kind: str
    title: str
    text: str
    next: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Lint:
    """What was found, the worst first, and the rules that could not be asked."""

    findings: tuple[Finding, ...]
    unknown: Mapping[str, str]
    """Rule → why it knows nothing."""
    items: int = field(default=0, compare=False)
    """Living items that were looked at."""

    @property
    def exit_code(self) -> int:
        """Return 4 where a warning or an error waits for a person, else 0."""
        return 4 if any(f.severity != "note" for f in self.findings) else 0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"items": self.items, "findings": [asdict(f) for f in self.findings], "unknown": dict(self.unknown)}


@dataclass
class Looked:
    """The product as remembered: living items, removed ones, and how to reach one from another."""

    statuses: Mapping[str, Category]
    live: Mapping[str, ItemRow]
    removed: Mapping[str, ItemRow]
    links: Callable[[Collection[str]], Mapping[str, Mapping[str, LinkRow]]] = field(repr=False)

    def of(self, *kinds: str) -> Iterator[ItemRow]:
        """Yield the living items of these kinds."""
        return (row for row in self.live.values() if row.kind in kinds)

    def category(self, row: ItemRow) -> Category | None:
        """Return where in its life an item is; None where its status is not known."""
        return self.statuses.get(row.fields.get("status") or "")

    def is_open(self, row: ItemRow) -> bool:
        """Say whether work on an item is not over."""
        return self.category(row) in OPEN

    @cached_property
    def below(self) -> Mapping[str, list[ItemRow]]:
        """Return what is directly part of each item."""
        found: dict[str, list[ItemRow]] = {}
        for row in self.live.values():
            for above in {row.fields.get("parent") or "", row.fields.get("feature") or ""} - {""}:
                found.setdefault(above, []).append(row)
        return found

    @cached_property
    def named(self) -> Mapping[tuple[str, str], ItemRow]:
        """Return living sprints and releases by kind and the names that work items call them by."""
        found = {}
        for row in self.of("sprint", "release"):
            for name in (row.fields.get("title"), row.fields.get("version")):
                if name:
                    found[row.kind, str(name).casefold()] = row
        return found

    def sprint(self, row: ItemRow) -> ItemRow | None:
        """Return the sprint an item is in, where we hold it."""
        return self.named.get(("sprint", str(row.fields.get("sprint") or "").casefold()))

    def releases(self, row: ItemRow) -> list[ItemRow]:
        """Return the releases an item ships in, those that we hold."""
        names = [self.named.get(("release", str(n).casefold())) for n in row.fields.get("releases") or ()]
        by_id = self.live.get(row.fields.get("release") or "")
        return [release for release in (*names, by_id) if release is not None]


def title(row: ItemRow) -> str:
    """Return what people call an item."""
    return str(row.fields.get("title") or row.id)


def span(row: ItemRow) -> tuple[str | None, str | None]:
    """Return the first and the last day of an item, each None where it is not said."""
    period = row.fields.get("timeframe") or row.fields.get("period") or {}
    first, last = row.fields.get("start") or period.get("start"), row.fields.get("due") or period.get("end")
    return (str(first)[:10] if first else None), (str(last)[:10] if last else None)


def without_acceptance(seen: Looked) -> Iterator[Said]:
    """Find stories that nobody could tell to be finished."""
    for row in seen.of("story"):
        if not row.fields.get("acceptance") and seen.category(row) not in (Category.IDEA, Category.DROPPED):
            yield Said(row, "it has no acceptance criteria", "write what must be true when it is done")


def done_with_open_parts(seen: Looked) -> Iterator[Said]:
    """Find what is called done while parts of it are open."""
    for row in seen.of(*WHOLES):
        parts = [part for part in seen.below.get(row.id, ()) if seen.is_open(part)]
        if parts and seen.category(row) is Category.DONE:
            some = ", ".join(title(part) for part in parts[:3]) + (", …" if len(parts) > 3 else "")
            said = f"it is done, and {len(parts)} of its parts {'is' if len(parts) == 1 else 'are'} not: {some}"
            yield Said(row, said, "finish, drop or move them; or open it again")


def starts_after_due(seen: Looked) -> Iterator[Said]:
    """Find what begins after it ends."""
    for row in seen.live.values():
        first, last = span(row)
        if first and last and first > last:
            yield Said(row, f"it starts on {first} and is due on {last}", "set one of the two right")


def due_after_release(seen: Looked) -> Iterator[Said]:
    """Find what is to be ready after the release it ships in."""
    for row in seen.of(*ROADMAP, *WORK):
        last = span(row)[1]
        for release in seen.releases(row):
            date = release.fields.get("date") or release.fields.get("due")
            if last and date and last > str(date)[:10]:
                said = f"it is due on {last}, after its release {title(release)} on {str(date)[:10]}"
                yield Said(row, said, "move it to a later release, or its date forward")


def outside_sprint(seen: Looked) -> Iterator[Said]:
    """Find dates outside the sprint they belong to."""
    for row in seen.of(*WORK):
        sprint = seen.sprint(row)
        begins, ends = span(sprint) if sprint else (None, None)
        for day in dict.fromkeys(d for d in span(row) if d):
            if sprint and ((begins and day < begins) or (ends and day > ends)):
                said = f"{day} lies outside its sprint {title(sprint)} ({begins or '…'} to {ends or '…'})"
                yield Said(row, said, "move the date or the sprint")


def without_goal(seen: Looked) -> Iterator[Said]:
    """Find features that serve nothing that is to be reached."""
    for row in seen.of("feature"):
        above = seen.live.get(row.fields.get("parent") or "")
        served = row.fields.get("goals") or (above and (above.kind == "goal" or above.fields.get("goals")))
        if not served and seen.category(row) is not Category.DROPPED:
            yield Said(row, "it serves no goal", "name the goal it serves, or ask why it is on the roadmap")


def open_in_closed_sprint(seen: Looked) -> Iterator[Said]:
    """Find open work in a sprint that is over."""
    for row in seen.of(*WORK):
        sprint = seen.sprint(row)
        if sprint and sprint.fields.get("state") == "closed" and seen.is_open(row):
            yield Said(row, f"it is open, and its sprint {title(sprint)} is closed", "move it to another sprint")


def orphan(seen: Looked) -> Iterator[Said]:
    """Find parts of nothing."""
    for row in seen.live.values():
        above = row.fields.get("parent") or ""
        if above in seen.removed:
            said = f"what it is part of is removed: {title(seen.removed[above])}"
            yield Said(row, said, "put it under something else, or remove it")
        elif row.kind in PARTS and not above and not row.fields.get("feature") and seen.is_open(row):
            yield Said(row, "it is part of nothing", "say what it belongs to")


def mentions_removed(seen: Looked) -> Iterator[Said]:
    """Find references to removed items, and texts that link to them or name their keys."""
    links = seen.links(seen.removed.keys()) if seen.removed else {}
    words: dict[str, str] = {}
    for item, of in links.items():
        for link in of.values():
            words |= {word: item for word in (link.url, link.label) if word == link.url or _KEY.match(word)}
    words.pop("", None)
    for row in seen.live.values():
        gone = dict.fromkeys(i for i in _references(row) if i in seen.removed)
        text = "\n".join(_texts(row)) if words else ""
        gone |= {item: None for word, item in words.items() if re.search(rf"(?<!\w){re.escape(word)}(?![\w-])", text)}
        for item in gone:
            yield Said(row, f"it mentions {title(seen.removed[item])}, which is removed", "take the mention out")


def _references(row: ItemRow) -> Iterator[str]:
    for name, known in fields_of(row.kind).items():
        if known.type is FieldType.REFERENCES:
            yield from row.fields.get(name) or ()
        elif known.type is FieldType.REFERENCE and name != "parent" and row.fields.get(name):
            yield row.fields[name]


def _texts(row: ItemRow) -> Iterator[str]:
    for name, known in fields_of(row.kind).items():
        if known.type is FieldType.DOCUMENT and row.fields.get(name):
            yield from _strings(row.fields[name])


def _strings(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, and the (kind, field) of which a mapping must carry one for it to know anything."""

    find: Callable[[Looked], Iterator[Said]]
    needs: tuple[tuple[str, str], ...] = ()


RULES: Mapping[str, Rule] = {
    "story_without_acceptance": Rule(without_acceptance, (("story", "acceptance"),)),
    "done_with_open_parts": Rule(done_with_open_parts, (*((k, "parent") for k in KINDS), ("epic", "feature"))),
    "starts_after_due": Rule(starts_after_due),
    "due_after_release": Rule(due_after_release, (("release", "date"), ("release", "due"))),
    "outside_sprint": Rule(outside_sprint, (("sprint", "period"), ("sprint", "start"), ("sprint", "due"))),
    "feature_without_goal": Rule(without_goal, (("feature", "goals"), ("feature", "parent"))),
    "open_in_closed_sprint": Rule(open_in_closed_sprint, (("sprint", "state"),)),
    "orphan": Rule(orphan, tuple((k, "parent") for k in KINDS)),
    "mentions_removed": Rule(mentions_removed),
}


def lint(config: Config, store: Store) -> Lint:
    """Ask every rule that the configuration leaves on."""
    severity = config.lint.model_dump()
    rows = store.items()
    live = {i: row for i, row in rows.items() if row.state == ItemState.LIVE and row.kind in KINDS}
    removed = {i: row for i, row in rows.items() if row.state != ItemState.LIVE}
    seen = Looked(config.statuses, live, removed, store.links)
    carried = {(k, f) for c in config.collections.values() for k, m in c.mapping.kinds.items() for f in m.fields}
    said: list[tuple[str, Said]] = []
    unknown = {}
    for name, rule in RULES.items():
        if severity[name] == "off":
            continue
        if rule.needs and not carried & set(rule.needs):
            unknown[name] = f"no mapping carries {_words(rule.needs)}"
        else:
            said += [(name, one) for one in rule.find(seen)]
    places = _places(store, {one.item.id for _, one in said})
    found = [
        Finding(name, severity[name], s.item.id, s.item.kind, title(s.item), s.text, s.next, places.get(s.item.id, ()))
        for name, s in said
    ]
    worst_first = sorted(found, key=lambda f: (-SEVERITIES.index(f.severity), f.rule, f.kind, f.title))
    return Lint(tuple(worst_first), unknown, len(live))


def _words(needs: Collection[tuple[str, str]]) -> str:
    fields = list(dict.fromkeys(name for _, name in needs))
    kinds = {kind for kind, _ in needs}
    return f"{' or '.join(fields)} of {kinds.pop() if len(kinds) == 1 else 'any kind'}"


def _places(store: Store, items: Collection[str]) -> dict[str, tuple[Place, ...]]:
    links = store.links(items) if items else {}
    return {i: tuple(Place(side, k.label, k.url) for side, k in sorted(of.items())) for i, of in links.items()}
