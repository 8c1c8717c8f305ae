"""Forgets a person: what is remembered of the past calls them by a pseudonym, what could be written is taken out.

the journal, ended conflicts, runs, who edited           the pseudonym
what records still show, and the item and bases of it    stays, and is listed: it is the tools' to change
an item's value, or a base, that no record shows         the person is taken out: absent, never another name
records that are gone or archived                        the same
an intent under way, an open conflict                    stays until it is settled; who said it is replaced
names among other words, in titles and documents         stay, and are counted
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, Text, and_, delete, select, type_coerce, update

from syncer.store.lease import Lease
from syncer.store.pseudonym import Words
from syncer.store.rows import ConflictState, JournalState, LinkState, Value
from syncer.store.schema import conflict, item, journal, link, memo, refusal, run, stray
from syncer.store.store import Store

THERE = (LinkState.LIVE, LinkState.RESTRICTED, LinkState.HIDDEN)
"""States of a link whose record may still show what was seen."""
UNFINISHED = (JournalState.OPEN, JournalState.UNKNOWN)
PEOPLE, PAUSED = "people:", "paused"
RENEWED = ("schema:", "fitted:")
"""Memos that may name people: accounts, who paused something, and schemas, whose options may be names."""


@dataclass(frozen=True, slots=True)
class Living:
    """A record that still shows the person, and in which field: of its item, else its own."""

    side: str
    ref: str
    label: str
    url: str
    field: str


@dataclass
class Traces:
    """Where a person is: how many rows of each table are changed, what is left to the tools, and mentions in texts."""

    rows: Counter[str] = field(default_factory=Counter)
    living: list[Living] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    """What holds the person until it is settled, in words."""
    mentions: int = 0

    @property
    def none(self) -> bool:
        """Say whether the person is nowhere."""
        return not (self.rows or self.living or self.waiting or self.mentions)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row that may name the person, as the schema's types read it, and what it is changed to."""

    table: Table
    values: Mapping[str, Value]

    def key(self) -> ColumnElement[bool]:
        return and_(*(column == self.values[column.name] for column in self.table.primary_key))


_Change = tuple[_Row, dict[str, Value] | None]
"""A row and its new values; None: it goes."""


def traces(store: Store, words: Words) -> Traces:
    """Return where a person is in the store. Nothing is changed."""
    found = Traces()
    with store.looking() as connection:
        for row, _ in _changes(connection, words, "", found):
            found.rows[row.table.name] += 1
    return found


def forget(store: Store, lease: Lease, words: Words, name: str) -> Traces:
    """Call a person `name` wherever the store remembers the past; return what was done, and what is left.

    Raises BusyError if the lease is no longer ours. The file still holds the old words until `Store.compact`.
    """
    found = Traces()
    with store.rewriting(lease) as connection:
        for row, new in list(_changes(connection, words, name, found)):
            found.rows[row.table.name] += 1
            statement = delete(row.table) if new is None else update(row.table).values(**new)
            connection.execute(statement.where(row.key()))
    return found


def _changes(connection: Connection, words: Words, name: str, found: Traces) -> Iterator[_Change]:
    """Yield every row that changes; note in `found` what does not."""
    yield from _things(connection, words, name, found)
    past: list[tuple[Table, Callable[[_Row], dict[str, Value]]]] = [
        (run, lambda row: {n: words.reworded(row.values[n], name) for n in ("circumstances", "error")}),
        (refusal, lambda row: {"reason": words.reworded(row.values["reason"], name)}),
        (journal, lambda row: _deed(row, words, name, found)),
        (conflict, lambda row: _dispute(row, words, name, found)),
        (stray, lambda row: _stray(row, words, name, found)),
    ]
    for table, change in past:
        for row in _rows(connection, table, words):
            yield from _changed(row, change(row))
    yield from _memos(connection, words, name, found)


def _rows(connection: Connection, table: Table, words: Words) -> Iterator[_Row]:
    """Yield the rows in whose text the person may be."""
    texts = [type_coerce(column, Text).label(f"{column.name}_text") for column in table.columns]
    for row in connection.execute(select(table, *texts)):
        plain = row._mapping
        if any(words.maybe(plain[f"{column.name}_text"]) for column in table.columns if _worded(column.type)):
            yield _Row(table, {column.name: plain[column.name] for column in table.columns})


def _worded(kind: Any) -> bool:
    return isinstance(getattr(kind, "impl", kind), Text)


def _changed(row: _Row, new: Mapping[str, Value]) -> Iterator[_Change]:
    moved = {column: value for column, value in new.items() if value != row.values[column]}
    if moved:
        yield row, moved


def _deed(row: _Row, words: Words, name: str, found: Traces) -> dict[str, Value]:
    old = row.values
    found.mentions += words.mentions(old["fields"])
    if old["state"] in UNFINISHED:
        if words.names(old["fields"]):
            found.waiting.append(f"an unfinished {old['action']} on {old['side']} (run {old['run']})")
        return {}
    return {
        "fields": words.renamed(old["fields"], name),
        **{column: words.reworded(old[column], name) for column in ("why", "error", "rule")},
    }


def _dispute(row: _Row, words: Words, name: str, found: Traces) -> dict[str, Value]:
    old = row.values
    said = {side: {**word, "by": words.renamed(word.get("by", ""), name)} for side, word in old["sides"].items()}
    if old["state"] == ConflictState.OPEN:
        # its values are what the sides say now
        if any(words.names([word.get("value"), word.get("raw")]) for word in old["sides"].values()):
            found.waiting.append(f"open conflict {old['id']}")
        return {"sides": said}
    texts = {column: words.reworded(old[column], name) for column in ("how", "reason")}
    return {"base": words.renamed(old["base"], name), "sides": words.renamed(said, name), **texts}


def _stray(row: _Row, words: Words, name: str, found: Traces) -> dict[str, Value]:
    record = row.values["record"]
    found.mentions += words.mentions(record["fields"])
    for name_of, raw in record["fields"].items():
        if words.names(raw):
            found.living.append(Living(row.values["side"], row.values["ref"], record["label"], record["url"], name_of))
    return {"record": {**record, "edited_by": words.renamed(record["edited_by"], name)}}


def _memos(connection: Connection, words: Words, name: str, found: Traces) -> Iterator[_Change]:
    for row in list(_rows(connection, memo, words)):
        key, value = row.values["key"], row.values["value"]
        if key == PAUSED:
            yield from _changed(row, {"value": words.reworded(value, name)})
        elif key.startswith(RENEWED) and words.names(value):
            yield row, None
        elif key.startswith(PEOPLE) and not found.living:
            # while a record shows the person, their account is needed to read it
            left = [account for account in value["answer"] if not any(words.named(text) for text in account[:3])]
            yield from _changed(row, {"value": {**value, "answer": left}})


def _things(connection: Connection, words: Words, name: str, found: Traces) -> Iterator[_Change]:
    """Yield the items and links that change; note what living records show."""
    links: dict[str, list[_Row]] = {}
    for row in _rows(connection, link, words):
        links.setdefault(row.values["item"], []).append(row)
    items = {row.values["id"]: row for row in _rows(connection, item, words)}
    for id in sorted({*links, *items}):
        shown = _shown(links.get(id, []), words, found)
        if id in items:
            yield from _changed(items[id], _thing(items[id], words, name, shown, found))
        for row in links.get(id, []):
            yield from _changed(row, _link(row, words, name, shown))


def _thing(row: _Row, words: Words, name: str, shown: Callable[[str], bool], found: Traces) -> dict[str, Value]:
    fields = row.values["fields"]
    found.mentions += words.mentions(fields)
    kept = {n: value if shown(n) else words.without(value) for n, value in fields.items()}
    new = {n: value for n, value in kept.items() if value is not None}
    title = row.values["title"] if "title" in new or "title" not in fields else ""
    return {"fields": new, "title": title, "removed": words.reworded(row.values["removed"], name)}


def _link(row: _Row, words: Words, name: str, shown: Callable[[str], bool]) -> dict[str, Value]:
    told = row.values
    there, base, seen = told["state"] in THERE, told["base"], told["seen"]
    base = {n: entry if there and shown(n) else _unsaid(entry, words) for n, entry in base.items()}
    if not there:
        left = {n: words.without(raw) for n, raw in seen.items()}
        seen = {n: raw for n, raw in left.items() if raw is not None or seen[n] is None}
    label = told["label"] if there else words.without(told["label"]) or ""
    by = words.renamed(told["edited_by"], name)
    return {"base": {n: entry for n, entry in base.items() if entry}, "seen": seen, "label": label, "edited_by": by}


def _shown(rows: Sequence[_Row], words: Words, found: Traces) -> Callable[[str], bool]:
    """Note what living records show; return whether one of them still shows the person in a field of the item.

    A record that shows them where no base says what it stands for may mean any field that it has no base of.
    """
    fields: set[str] = set()
    loose: list[Mapping[str, Value]] = []
    for row in rows:
        told = row.values
        here = {raw for raw, value in told["seen"].items() if words.names(value) and told["state"] in THERE}
        for raw in sorted(here):
            stands = [n for n, entry in told["base"].items() if entry["rf"] == raw]
            fields |= set(stands)
            if not stands:
                loose.append(told["base"])
            found.living.append(Living(told["side"], told["ref"], told["label"], told["url"], ", ".join(stands) or raw))
    return lambda name: name in fields or any(name not in base for base in loose)


def _unsaid(entry: dict[str, Value], words: Words) -> dict[str, Value]:
    """Return a base without the person; an empty one where the person was all it told."""
    raw, value = words.without(entry["raw"]), words.without(entry["value"])
    if (raw is None and entry["raw"] is not None) or (value is None and entry["value"] is not None):
        return {}
    return {**entry, "raw": raw, "value": value}
