"""What people did and what they had been shown when they did it, and the promises judged over that.

The judge reads the sides themselves; it asks the engine for nothing but the conflicts it reports to people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from syncer.record import Ref
from tests.counting import counted
from tests.engine.worlds import COARSE, Product

WORDS = ("note", "title")
JUDGED = (*WORDS, "labels")
UNMAPPED = "Odd"
"""A status that one side offers and no mapping knows."""


def said(value: Any) -> str:
    """Return a word as it is judged: one system raises first letters, and means the same."""
    return str(value).lower()


@dataclass
class History:
    """Everything people did. `code` is a field they set once and never edit: by it the judge tells twins."""

    saw: dict[str, frozenset[str]] = field(default_factory=dict)
    """word → the words its author's side had shown, and those behind them."""
    before: dict[str, str] = field(default_factory=dict)
    """word → the word it was typed over."""
    wrote: list[str] = field(default_factory=list)
    gone_with: set[str] = field(default_factory=set)
    """Words that a record showed, or had shown, when a person removed it or typed the old word back."""
    born: set[str] = field(default_factory=set)
    removed_ever: set[str] = field(default_factory=set)
    edits: dict[tuple[str, str], dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    """(code, field) → side → what a person left there since the sides were last in step."""
    removed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """code → sides where a person removed it since then."""
    decided: set[tuple[str, str]] = field(default_factory=set)
    """(code, field) of conflicts that a person settled."""
    unquiet: set[str] = field(default_factory=set)
    """Codes that people made, or took back, since then."""
    undone: set[str] = field(default_factory=set)
    """Codes whose being here or there an undo put back: it is held so."""

    def births(self, side: str, code: str, title: str) -> None:
        """A person makes a record."""
        self.saw[title] = frozenset()
        self.wrote.append(title)
        self.born.add(code)
        self.unquiet.add(code)
        self.edits[code, "title"][side] = title

    def writes(self, side: str, code: str, name: str, shown: Any, word: str) -> None:
        """A person types a word over what a side shows."""
        seen = {said(shown)} if shown else set()
        closed = frozenset(seen).union(*(self.saw.get(s, frozenset()) for s in seen))
        if word in self.saw:
            # An old word again: the change is withdrawn by one who saw it. By its text alone the word does not tell.
            self.gone_with |= closed
        self.saw[word] = self.saw.get(word, frozenset()) | closed
        if shown:
            self.before[word] = said(shown)
        self.wrote.append(word)
        self.edits[code, name][side] = word

    def removes(self, side: str, code: str, fields: dict[str, Any]) -> None:
        """A person removes a record."""
        for name in WORDS:
            if fields.get(name):
                word = said(fields[name])
                self.gone_with |= {word} | self.saw.get(word, frozenset())
        self.removed[code].add(side)
        self.removed_ever.add(code)

    def takes_back(self, code: str) -> None:
        """A person restores a record."""
        self.unquiet.add(code)

    def settles(self, code: str, name: str, chosen: Any, others: list[str]) -> None:
        """A person who was shown every word of a conflict chooses one."""
        for word in others if isinstance(chosen, str) else ():
            if said(chosen) != word:
                seen = self.saw.get(said(chosen), frozenset()) | {word} | self.saw.get(word, frozenset())
                self.saw[said(chosen)] = seen
        self.decided.add((code, name))
        self.edits[code, name] |= {"a person": chosen, "another": chosen}

    def knows_less(self, code: str, name: str, why: str) -> None:
        """A field has a party beside those who typed: what its author's side had not shown, or what was undone."""
        self.edits[code, name][why] = None

    def in_step(self, held: set[tuple[str, str]]) -> None:
        """All was judged, and found in step but for these fields."""
        self.edits = defaultdict(dict, {key: value for key, value in self.edits.items() if key in held})
        self.removed.clear()
        self.unquiet.clear()


@dataclass
class Marks:
    """How the sides stood before a sync, and how long their logs were."""

    written: dict[str, int]
    calls: dict[str, int]
    rows: dict[str, dict[Ref, dict[str, Any]]]

    @staticmethod
    def of(product: Product) -> Marks:
        tables = product.tables.items()
        return Marks(
            {s: len(t.written) for s, t in tables},
            {s: len(t.calls) for s, t in tables},
            {s: {ref: dict(row.fields) for ref, row in t.rows.items()} for s, t in tables},
        )


@dataclass
class Judge:
    """The promises, one method each, under their own words."""

    product: Product
    history: History

    def shown(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return code → side → fields of what people see, where we may write."""
        found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        for name in self.open_sides():
            for fields in self.product.tables[name].live().values():
                found[str(fields["code"])][name] = fields
        return found

    def open_sides(self) -> list[str]:
        """Return the sides that may be written: what is promised of all sides is promised of these."""
        return [name for name in self.product.tables if name not in self.product.closed]

    def held(self) -> set[tuple[str, str]]:
        """Return (code, field) of the open conflicts; questions have no field."""
        rows = self.product.store.conflicts()
        items = self.product.store.items([row.item for row in rows])
        return {(str(items[r.item].fields.get("code")), r.field) for r in rows if r.item in items}

    # after every sync, however it ended

    @counted
    def it_never_doubles(self) -> None:
        for name, table in self.product.tables.items():
            codes = [str(fields["code"]) for fields in table.live().values()]
            assert len(codes) == len(set(codes)), f"it never doubles: {name} holds {codes}"

    @counted
    def who_edits_is_not_edited(self, marks: Marks) -> None:
        for name, table in self.product.tables.items():
            for ref, field_ in table.written[marks.written[name] :]:
                code = str(table.row(ref).fields["code"])
                editors = set(self.history.edits.get((code, field_), ()))
                back = code in self.history.unquiet or self.history.removed.get(code)
                assert editors != {name} or back, f"who edits is not edited: {name} {ref} {field_}"

    @counted
    def unknown_is_not_absent(self, marks: Marks) -> None:
        for name, table in self.product.tables.items():
            for verb, ref in table.calls[marks.calls[name] :]:
                if verb == "archive":
                    code = str(table.row(Ref(ref)).fields["code"])
                    assert code in self.history.removed_ever, f"unknown is not absent: {ref} was archived"
            for ref, fields in marks.rows[name].items():
                for word in WORDS:
                    cleared = fields.get(word) and not table.row(ref).fields.get(word)
                    assert not cleared, f"unknown is not absent: {word} of {ref} was cleared"
            for ref, field_ in table.written[marks.written[name] :]:
                code = str(table.row(ref).fields["code"])
                decided = (code, field_) in self.history.decided
                unread = field_ == "status" and not decided and marks.rows[name].get(ref, {}).get("status") == UNMAPPED
                assert not unread, f"unknown is not absent: a status that nobody can read was written over on {ref}"

    # with the sides standing still

    @counted
    def undo_undoes(self, before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> None:
        assert before == after, f"undo undoes: {before} became {after}"

    def conflict_words(self) -> Iterator[str]:
        for row in self.product.store.conflicts(state=None):
            for side in row.sides.values():
                if isinstance(side["value"], str):
                    yield said(side["value"])

    @counted
    def it_loses_nothing(self) -> None:
        visible = {said(fields[f]) for t in self.product.tables.values() for fields in t.live().values() for f in WORDS}
        kept = visible | set(self.conflict_words()) | self.history.gone_with
        kept = kept.union(*(self.history.saw.get(word, frozenset()) for word in kept))
        lost = [word for word in self.history.wrote if word not in kept]
        assert not lost, f"it loses nothing: {lost}"

    @counted
    def it_keeps_intent(self) -> None:
        held, shown, past = self.held(), self.shown(), self.history
        assert not [c for c in held if c[1] == ""], "no question is open when every record can be read"
        edited = {code for code, _ in past.edits}
        for code in past.removed.keys() - edited - past.unquiet - past.undone:
            assert code not in shown, f"a lone removal is law: {code} lives on {set(shown[code])}"
        for code in past.born - past.removed_ever - past.undone:
            assert code in shown, f"a birth is law: {code} is nowhere"
        living = {str(i.fields.get("code")) for i in self.product.store.items().values() if i.state == "live"}
        assert living - past.undone == shown.keys() - past.undone, (
            f"an item lives where people see it: {living}, {shown}"
        )
        for code, sides in shown.items():
            # a birth waits for its required fields, and an absence that was undone is held
            waits = (code, "title") in held or code in past.undone
            assert waits or set(sides) == set(self.open_sides()), f"a living item is everywhere: {code} {set(sides)}"
            for name in JUDGED:
                self._one_word_is_law(code, name, sides, (code, name) in held)
            if (code, "status") not in held:
                self._statuses_fit(code, sides)

    def _one_word_is_law(self, code: str, name: str, sides: dict[str, dict[str, Any]], held: bool) -> None:
        values = {said(fields.get(name)) for fields in sides.values()}
        words = self.history.edits.get((code, name), {})
        if held:
            assert len(words) != 1 or "undone" in words, f"one word is law: {code} {name} {words} is held"
            return
        assert len(values) == 1, f"all sides agree: {code} {name} {values}"
        spoken = words.keys() - {"undone"}
        if len(words) == len(spoken) == 1 and not self.history.removed.get(code, set()) & spoken:
            assert values == {said(v) for v in words.values()}, f"one word is law: {code} {name}: {values}, not {words}"

    def _statuses_fit(self, code: str, sides: dict[str, dict[str, Any]]) -> None:
        fine = {fields.get("status") for side, fields in sides.items() if side != "b"}
        if not fine:
            return
        assert len(fine) == 1, f"all sides agree: {code} status {fine}"
        (value,) = fine
        coarse = sides["b"].get("status") if "b" in sides else UNMAPPED
        allowed = ("To Do",) if value is None else COARSE[value]
        assert coarse == UNMAPPED or coarse in allowed, f"all sides fit: {code} status {value}, {coarse}"
