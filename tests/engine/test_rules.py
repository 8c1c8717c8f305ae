"""What a mapping can ask beyond fields: conditions on births, quiet, a value for archived, the newest word, and
derived fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from syncer.adapter import Can
from syncer.mapping.rules import Condition, Direction, FieldPolicy, KindRule, Rules
from syncer.record import FieldSpec, FieldType, Raw
from syncer.testing.memory import Habits
from syncer.testing.rules import Plain
from tests.engine.worlds import Product, SideSpec, note, parent, status, title

Change = Callable[[str, KindRule], KindRule]


@dataclass
class Shaped(Product):
    """A product whose kind rules are changed for a test, a side at a time, and whose records may be of any kind."""

    change: Change = field(default=lambda side, rule: rule)
    settle_for: float = 0.0

    @property
    def rules(self) -> Rules:
        plain = super().rules
        sides = {}
        for name, side in plain.sides.items():
            kinds = {k: self.change(name, r) for k, r in side.kinds.items()}
            sides[name] = replace(side, kinds={r.kind: r for r in kinds.values()}, settle=self.settle_for)
        return replace(plain, sides=sides)


def two(path: Path, change: Change = lambda side, rule: rule, **more: object) -> Shaped:
    specs = {s: SideSpec((title(s), note(s))) for s in "ab"}
    return Shaped(path / "s.db", specs, change=change, **more)  # type: ignore[arg-type]


def test_only_records_that_meet_the_condition_are_born(tmp_path: Path) -> None:
    def approved(side: str, rule: KindRule) -> KindRule:
        return replace(rule, record_where=(Condition("note", ("yes",)),)) if side == "a" else rule

    product = two(tmp_path, approved)
    ref = product.tables["a"].add({"title": "P"})
    product.tables["a"].add({"title": "Q", "note": "yes"})
    product.settle()
    assert product.shows("b") == ["Q"]

    product.tables["a"].edit(ref, {"note": "yes"})
    product.settle()
    assert sorted(map(str, product.shows("b"))) == ["P", "Q"]
    product.tables["a"].edit(ref, {"note": "no"})
    product.settle()
    assert sorted(map(str, product.shows("b", "note"))) == ["no", "yes"], "what was born stays"


def test_a_record_still_being_written_waits_until_it_is_left_alone(tmp_path: Path) -> None:
    product = two(tmp_path, settle_for=30.0)
    product.tables["a"].add({"title": "P"})
    product.sync()
    product.sync()
    assert product.shows("b") == []

    product.tick(60)
    product.settle()
    assert product.shows("b") == ["P"]


def test_a_system_whose_clock_is_ahead_does_not_keep_its_records_from_being_born(tmp_path: Path) -> None:
    product = two(tmp_path)
    product.tick(3600)
    product.tables["a"].add({"title": "P"})
    product.tick(-3600)
    product.settle()
    assert product.shows("b") == ["P"]


def archived_as_word(side: str, rule: KindRule) -> KindRule:
    return replace(rule, archive_value=("note", "Cancelled")) if side == "b" else rule


def test_archiving_by_a_value_writes_it_and_a_return_puts_back_what_stood_there(tmp_path: Path) -> None:
    product = two(tmp_path, archived_as_word)
    ref = product.tables["a"].add({"title": "P", "note": "doing"})
    product.settle()
    product.tables["a"].trash(ref)
    product.settle()
    assert (product.shows("b"), product.shows("b", "note")) == (["P"], ["Cancelled"])

    product.tables["a"].untrash(ref)
    product.settle()
    assert (product.shows("a", "note"), product.shows("b", "note")) == (["doing"], ["doing"])


def test_a_person_who_takes_the_archived_value_away_brings_the_item_back(tmp_path: Path) -> None:
    product = two(tmp_path, archived_as_word)
    ref = product.tables["a"].add({"title": "P", "note": "doing"})
    product.settle()
    product.tables["a"].trash(ref)
    product.settle()
    product.tables["b"].edit(product.only("b"), {"note": "again"})
    product.settle()

    assert (product.shows("a"), product.shows("a", "note")) == (["P"], ["again"])


def test_a_side_that_cannot_archive_but_has_a_word_for_it_uses_the_word(tmp_path: Path) -> None:
    specs = {
        "a": SideSpec((title("a"), note("a"))),
        "b": SideSpec((title("b"), note("b")), Habits(Can.ALL & ~Can.ARCHIVE)),
    }
    product = Shaped(tmp_path / "s.db", specs, change=archived_as_word)
    ref = product.tables["a"].add({"title": "P"})
    product.settle()
    product.tables["a"].trash(ref)
    product.settle()

    assert product.shows("b", "note") == ["Cancelled"]


def clashing(path: Path, apart: float, grain: float = 0.0, **edits: Raw) -> Shaped:
    specs = {s: SideSpec((title(s), note(s)), Habits(grain=grain)) for s in "ab"}
    product = Shaped(path / "s.db", specs, policies={("*", "*"): FieldPolicy("newest")})
    ref = product.tables["a"].add({"title": "O"})
    product.settle()
    product.tick(100)
    product.tables["a"].edit(ref, {"title": "A", **edits})
    product.tick(apart)
    product.tables["b"].edit(product.only("b"), {"title": "B"})
    product.sync()
    product.sync()
    return product


def test_the_newest_word_wins_where_the_clocks_tell_and_the_older_is_kept(tmp_path: Path) -> None:
    product = clashing(tmp_path, apart=5)

    assert (product.shows("a"), product.shows("b")) == (["B"], ["B"])
    (row,) = product.store.conflicts(state=None)
    assert (row.sides["a"]["value"], row.how) == ("A", "policy: newest b")


def test_two_words_closer_than_the_clocks_tell_are_held(tmp_path: Path) -> None:
    product = clashing(tmp_path, apart=5, grain=60)

    assert (product.shows("a"), product.shows("b")) == (["A"], ["B"])
    assert len(product.store.conflicts()) == 1


def test_a_record_time_that_may_be_another_fields_decides_nothing(tmp_path: Path) -> None:
    product = clashing(tmp_path, apart=5, note="also")

    assert (product.shows("a"), product.shows("b")) == (["A"], ["B"])


def number(name: str, direction: Direction = Direction.BOTH) -> Plain:
    return Plain(name, FieldSpec(name, name, FieldType.NUMBER), FieldType.NUMBER, direction)


def features(path: Path) -> Shaped:
    own = tuple(number(n) for n in ("reach", "impact", "confidence", "effort"))
    out = (number("score", Direction.OUT), number("progress", Direction.OUT))
    specs = {
        "a": SideSpec((title("a"), *own, status("a"), parent("a"))),
        "b": SideSpec((title("b"), *out, status("b"), parent("b"))),
    }
    return Shaped(path / "s.db", specs, change=lambda side, rule: replace(rule, kind="feature"))


def test_a_score_is_computed_and_follows_its_parts(tmp_path: Path) -> None:
    product = features(tmp_path)
    ref = product.tables["a"].add({"title": "F", "reach": 100, "impact": 2, "confidence": 50, "effort": 4})
    product.settle()
    assert product.shows("b", "score") == [25]

    product.tables["a"].edit(ref, {"effort": 5})
    product.settle()
    assert product.shows("b", "score") == [20]
    product.tables["a"].edit(ref, {"effort": None})
    product.settle()
    assert product.shows("b", "score") == [None]


def test_progress_counts_what_is_below_and_goes_up_every_level(tmp_path: Path) -> None:
    product = features(tmp_path)
    a = product.tables["a"]
    top = a.add({"title": "top"})
    middle = a.add({"title": "middle", "parent": top})
    parts = [a.add({"title": name, "parent": middle, "status": "planned"}) for name in "pq"]
    product.settle()
    a.edit(parts[0], {"status": "done"})
    product.settle()
    shown = dict(zip(product.shows("b"), product.shows("b", "progress"), strict=True))
    assert shown == {"top": 50, "middle": 50, "p": None, "q": None}

    a.edit(parts[1], {"parent": None})
    product.settle()
    shown = dict(zip(product.shows("b"), product.shows("b", "progress"), strict=True))
    assert (shown["top"], shown["middle"]) == (100, 100)


def test_a_derived_field_edited_by_a_person_is_recorded_and_put_back(tmp_path: Path) -> None:
    product = features(tmp_path)
    product.tables["a"].add({"title": "F", "reach": 100, "impact": 2, "confidence": 50, "effort": 4})
    product.settle()
    product.tables["b"].edit(product.only("b"), {"score": 99})
    product.settle()

    assert product.shows("b", "score") == [25]
    assert [r.sides["b"]["value"] for r in product.store.conflicts(state=None)] == [99]


def test_a_computed_field_that_was_undone_stays_as_it_was_until_a_person_says_so(tmp_path: Path) -> None:
    product = features(tmp_path)
    product.tables["a"].add({"title": "F", "reach": 100, "impact": 2, "confidence": 50, "effort": 4})
    product.tables["b"].add({"title": "F"})
    product.settle()
    assert product.shows("b", "score") == [25]
    product.undo(product.store.journal()[0].run)
    written = product.writes()
    for _ in range(2):
        product.sync(full=True)

    assert (product.shows("b", "score"), product.writes()) == ([None], written)
    held = [row for row in product.store.conflicts() if row.field == "score"]
    assert [(row.kind, row.sides["computed"]["value"]) for row in held] == [("undone", 25)]


def test_a_side_that_is_never_written_is_planned_for_and_kept_for_later(tmp_path: Path) -> None:
    product = two(tmp_path)
    product.tables["a"].add({"title": "P"})
    engine = product.engine()
    engine.closed = {"b"}
    with product.store.lease("r", 90) as lease:
        _, report = engine.sync(lease, "r")
    assert [(a.verb.value, a.side) for a in report.withheld if a.verb.value == "create"] == [("create", "b")]
    assert product.shows("b") == []

    product.settle()
    assert product.shows("b") == ["P"]


def test_every_ambiguous_match_is_one_question_however_often_it_is_met(tmp_path: Path) -> None:
    product = two(tmp_path)
    for name in ("P", "Q"):
        product.tables["a"].add({"title": name})
        product.tables["b"].add({"title": name})
        product.tables["b"].add({"title": name})
    for _ in range(3):
        product.sync(full=True)
    asked = product.store.conflicts()
    assert (len(asked), len({row.reason for row in asked})) == (2, 2)

    for title_ in ("P", "Q"):
        ref = next(r for r, f in product.tables["b"].live().items() if f["title"] == title_)
        product.tables["b"].edit(ref, {"title": f"{title_} other"})
    product.settle()
    assert product.store.conflicts() == []
    assert len(product.store.conflicts(state=None)) == 2


def test_a_removal_stands_where_the_edit_is_one_that_this_side_refused(tmp_path: Path) -> None:
    product = two(tmp_path)
    product.tables["a"].add({"title": "P", "note": "one"})
    product.settle()
    product.tables["b"].refuses["note"] = "no notes here"
    product.tables["a"].edit(product.only("a"), {"note": "two"})
    product.sync()
    assert product.shows("b", "note") == ["one"]

    product.tables["b"].trash(product.only("b"))
    product.settle()

    assert product.tables["a"].live() == product.tables["b"].live() == {}


def test_an_edit_made_after_a_refusal_beats_a_removal_as_any_other(tmp_path: Path) -> None:
    product = two(tmp_path)
    product.tables["a"].add({"title": "P", "note": "one"})
    product.settle()
    product.tables["b"].refuses["note"] = "no notes here"
    product.tables["a"].edit(product.only("a"), {"note": "two"})
    product.sync()
    product.tables["b"].trash(product.only("b"))
    product.tables["a"].edit(product.only("a"), {"note": "three"})
    product.settle()

    assert product.shows("a", "note") == ["three"] and product.shows("b") == ["P"]
