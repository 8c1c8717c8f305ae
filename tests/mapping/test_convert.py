"""The laws of every converter: what is written reads back, what fits is left alone, unreadable is never absent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.formats.markdown import MarkdownCodec
from syncer.formats.plain import PlainCodec
from syncer.mapping.convert import Choice, Elements, Plain, Rule, Text
from syncer.mapping.entries import Entries
from syncer.mapping.lodgers import Amount, Tick, Words
from syncer.mapping.rules import CannotSay
from syncer.model import types
from syncer.record import FieldSpec, FieldType, Option, Ref

T = FieldType
WORDS = st.sampled_from(["alpha", "beta", "gamma", "Zürich 東京"])
DATES = st.dates().map(lambda d: d.isoformat())
PEOPLE = ("ana@x.test", "bo@x.test", "cy@x.test")
ITEMS = ("i1", "i2", "i3")


@dataclass
class Book:
    """Who is who: account u-ana is ana@x.test, ref R1 is item i1."""

    people: dict[str, str] = field(default_factory=lambda: {f"u-{p}": p for p in PEOPLE})
    items: dict[str, str] = field(default_factory=lambda: {f"R-{i}": i for i in ITEMS})

    def person_of(self, connection: str, account: str) -> str | None:
        return self.people.get(account)

    def account_of(self, connection: str, person: str) -> str | None:
        return next((a for a, p in self.people.items() if p == person), None)

    def item_of(self, connection: str, ref: str) -> str | None:
        return self.items.get(ref)

    def ref_of(self, connection: str, item: str, targets: tuple[str, ...]) -> Ref | None:
        return next((Ref(r) for r, i in self.items.items() if i == item), None)


NAMES = Book()


def _spec(kind: FieldType, **more: Any) -> FieldSpec:
    return FieldSpec("f", "F", kind, **more)


def _plain(kind: FieldType, home: FieldType, part: str = "") -> Rule:
    return Plain("x", kind, _spec(home), part=part)


def _elements(kind: FieldType, home: FieldType, *, single: bool = False) -> Rule:
    return Elements("x", kind, _spec(home), connection="c", single=single)


OPTIONS = (Option("1", "To Do"), Option("2", "In Progress"), Option("3", "Done"), Option("4", "Closed"))
STATUS = Choice(
    "status",
    T.CHOICE,
    _spec(T.CHOICE, options=OPTIONS, absent_shows="1"),
    domain=("idea", "planned", "doing", "done"),
    values={"idea": ("1",), "planned": ("1",), "doing": ("2",), "done": ("3", "4")},
    reads={"1": "planned"},
    mapped=True,
)
NUMBERS = st.one_of(st.integers(-(10**9), 10**9), st.integers(-9999, 9999).map(lambda n: n / 4))
PERIODS = st.builds(lambda a, b: {"start": min(a, b), "end": max(a, b)}, DATES, DATES)
ENTRIES = st.lists(st.fixed_dictionaries({"text": WORDS, "done": st.booleans()}), min_size=1, max_size=3)
MONEY = st.builds(
    lambda n, c: {"amount": str(n), "currency": c}, st.integers(0, 10**9), st.sampled_from(["EUR", "JPY"])
)
LISTS = st.lists(WORDS.filter(str.isascii), min_size=1, max_size=3)
DOCS = WORDS.map(lambda w: PlainCodec().decode(f"{w}\n\nmore").to_json())

CASES: dict[str, tuple[Rule, st.SearchStrategy[Any]]] = {
    "a line in a line": (_plain(T.LINE, T.LINE), WORDS),
    "a url in a line": (_plain(T.URL, T.LINE), st.just("https://trailhead.example/a?b=1")),
    "a number in a number": (_plain(T.NUMBER, T.NUMBER), NUMBERS),
    "a number in a line": (_plain(T.NUMBER, T.LINE), NUMBERS),
    "money in money": (_plain(T.MONEY, T.MONEY), MONEY),
    "money in a line": (_plain(T.MONEY, T.LINE), MONEY),
    "a date in a date": (_plain(T.DATE, T.DATE), DATES),
    "a date in a line": (_plain(T.DATE, T.LINE), DATES),
    "a date in an instant": (_plain(T.DATE, T.INSTANT), DATES),
    "a date as a period's start": (_plain(T.DATE, T.PERIOD, "start"), DATES),
    "a period in a period": (_plain(T.PERIOD, T.PERIOD), PERIODS),
    "a flag in a flag": (_plain(T.FLAG, T.FLAG), st.booleans()),
    "a flag in a line": (_plain(T.FLAG, T.LINE), st.booleans()),
    "a sequence in a sequence": (_plain(T.SEQUENCE, T.SEQUENCE), ENTRIES),
    "a sequence in a line": (_plain(T.SEQUENCE, T.LINE), ENTRIES),
    "a table in a table": (_plain(T.TABLE, T.TABLE), st.just([{"name": "Activation", "target": 40}])),
    "a choice by its map": (STATUS, st.sampled_from(STATUS.domain)),
    "a choice by name": (Choice("x", T.CHOICE, _spec(T.CHOICE, options=OPTIONS)), st.sampled_from(["Done", "To Do"])),
    "a choice in a line": (Choice("x", T.CHOICE, _spec(T.LINE)), WORDS),
    "a set in a set": (_elements(T.SET, T.SET), LISTS),
    "a set in a line": (_elements(T.SET, T.LINE), LISTS),
    "a person in a person": (_elements(T.PERSON, T.PERSON, single=True), st.sampled_from(PEOPLE)),
    "a person among people": (_elements(T.PERSON, T.PEOPLE), st.sampled_from(PEOPLE)),
    "people in people": (_elements(T.PEOPLE, T.PEOPLE), st.lists(st.sampled_from(PEOPLE), min_size=1)),
    "people in a person": (_elements(T.PEOPLE, T.PERSON, single=True), st.lists(st.sampled_from(PEOPLE), min_size=1)),
    "a reference in a reference": (_elements(T.REFERENCE, T.REFERENCE, single=True), st.sampled_from(ITEMS)),
    "references": (_elements(T.REFERENCES, T.REFERENCES), st.lists(st.sampled_from(ITEMS), min_size=1)),
    "a document in plain text": (Text("x", T.DOCUMENT, _spec(T.DOCUMENT), codec=PlainCodec), DOCS),
    "a sequence in plain text": (Entries("x", T.SEQUENCE, _spec(T.DOCUMENT), codec=PlainCodec), ENTRIES),
    "a line in rich text": (Words("x", T.LINE, _spec(T.DOCUMENT), codec=MarkdownCodec), WORDS),
    "a flag among options": (Tick("x", T.FLAG, _spec(T.SET), option="1"), st.booleans()),
    "money in a number": (
        Amount("x", T.MONEY, _spec(T.NUMBER), currency="EUR"),
        MONEY.map(lambda money: {**money, "currency": "EUR"}),
    ),
    "a sequence in rich text": (Entries("x", T.SEQUENCE, _spec(T.DOCUMENT), codec=MarkdownCodec), ENTRIES),
}


@pytest.mark.parametrize("case", CASES)
@given(data=st.data())
def test_what_is_written_fits_and_reads_back(case: str, data: st.DataObject) -> None:
    rule, values = CASES[case]
    value, before = (types.normal(rule.type, data.draw(values)) for _ in range(2))
    shown = data.draw(st.sampled_from([None, rule.write(before, None, NAMES)]))
    raw = rule.write(value, shown, NAMES)
    assert not isinstance(raw, CannotSay)
    assert rule.fits(raw, value, NAMES)
    reading = rule.read(raw, NAMES)
    assert not reading.unreadable
    # Reading what we wrote changes nothing: neither the side nor, where the side says all, the value.
    assert rule.write(reading.value, raw, NAMES) == raw
    assert rule.write(value, raw, NAMES) == raw
    if reading.exact:
        assert types.equal(rule.type, reading.value, value)


@pytest.mark.parametrize("case", CASES)
def test_clearing_shows_absent_and_absent_fits_it(case: str) -> None:
    rule, _ = CASES[case]
    assert rule.fits(None, None, NAMES)
    raw = rule.write(None, None, NAMES)
    assert rule.fits(raw, None, NAMES)


@pytest.mark.parametrize(
    ("case", "raw"),
    [
        ("a number in a line", "about ten"),
        ("a date in a line", "next week"),
        ("a flag in a line", "perhaps"),
        ("a choice by its map", "99"),
        ("a person in a person", "u-stranger"),
        ("a person among people", ["u-stranger"]),
        ("people in people", ["u-stranger"]),
        ("a reference in a reference", "R-elsewhere"),
        ("a sequence in rich text", "# Accepted when\n\n- it is fast\n"),
        ("a sequence in rich text", "- it is fast\n    - on a phone\n"),
    ],
)
def test_what_cannot_be_read_is_not_absent(case: str, raw: Any) -> None:
    rule, _ = CASES[case]
    reading = rule.read(raw, NAMES)
    assert reading.unreadable
    assert not rule.fits(raw, None, NAMES)


def test_done_and_closed_are_both_done_and_stay_as_they_are() -> None:
    assert STATUS.read("3", NAMES).value == STATUS.read("4", NAMES).value == "done"
    assert STATUS.write("done", "4", NAMES) == "4"
    assert STATUS.write("done", "2", NAMES) == "3"


def test_an_idea_that_shows_as_to_do_is_not_turned_into_planned() -> None:
    reading = STATUS.read("1", NAMES)
    assert (reading.value, reading.exact, reading.weak) == ("planned", False, True)
    assert STATUS.fits("1", "idea", NAMES)
    assert STATUS.write("idea", "1", NAMES) == "1"


def test_another_preferred_option_rewrites_nothing() -> None:
    turned = Choice("status", T.CHOICE, STATUS.spec, values={**STATUS.values, "done": ("4", "3")}, mapped=True)
    assert turned.write("done", "3", NAMES) == "3"


def test_a_status_nobody_mapped_cannot_be_said() -> None:
    assert isinstance(STATUS.write("dropped", "1", NAMES), CannotSay)


def test_an_entry_that_nobody_changed_keeps_its_marks_and_its_bullet() -> None:
    rule = CASES["a sequence in rich text"][0]
    shown = "- it is **fast**\n- it is small\n"
    assert rule.read(shown, NAMES).value == [{"text": t, "done": False} for t in ("it is fast", "it is small")]
    kept = MarkdownCodec().decode(rule.write([{"text": "it is fast", "done": False}], shown, NAMES)).to_json()
    assert kept == MarkdownCodec().decode("- it is **fast**\n").to_json()
    ticked = MarkdownCodec().decode(rule.write([{"text": "it is fast", "done": True}], shown, NAMES)).to_json()
    assert ticked == MarkdownCodec().decode("- [x] it is **fast**\n").to_json()


def test_a_text_that_is_more_than_a_list_is_never_written_over() -> None:
    rule = CASES["a sequence in rich text"][0]
    assert isinstance(rule.write([{"text": "new", "done": False}], "# Why\n\n- old\n", NAMES), CannotSay)


def test_set_elements_we_cannot_name_stay_on_the_side() -> None:
    rule = CASES["people in people"][0]
    raw = rule.write(["bo@x.test"], ["u-ana@x.test", "u-stranger"], NAMES)
    assert raw == ["u-bo@x.test", "u-stranger"]


def test_a_date_keeps_the_end_of_the_period_it_starts() -> None:
    rule = CASES["a date as a period's start"][0]
    shown = {"start": "2026-01-05", "end": "2026-03-01"}
    assert rule.write("2026-02-01", shown, NAMES) == {"start": "2026-02-01", "end": "2026-03-01"}


def test_one_of_several_people_shown_on_a_side_is_kept_while_they_belong() -> None:
    rule = CASES["people in a person"][0]
    assert rule.write(["ana@x.test", "bo@x.test"], "u-bo@x.test", NAMES) == "u-bo@x.test"
    assert rule.write(["ana@x.test"], "u-bo@x.test", NAMES) == "u-ana@x.test"


def test_an_owner_among_several_people_is_in_step_with_any_of_them() -> None:
    rule = CASES["a person among people"][0]
    both = ["u-ana@x.test", "u-bo@x.test"]
    assert not rule.read(both, NAMES).exact
    assert rule.write("bo@x.test", both, NAMES) == both


def test_an_edit_of_a_plain_text_leaves_the_rest_as_it_was() -> None:
    rule = CASES["a document in plain text"][0]
    shown = "one\n\n\n two  \n"
    assert rule.write(rule.read(shown, NAMES).value, shown, NAMES) == shown


def test_a_rule_has_another_fingerprint_when_its_map_changes_and_the_same_when_an_option_is_added() -> None:
    more = Choice(
        "status", T.CHOICE, _spec(T.CHOICE, options=(*OPTIONS, Option("5", "Won't do"))), values=STATUS.values,
        reads=STATUS.reads, mapped=True,
    )  # fmt: skip
    assert more.fingerprint() == STATUS.fingerprint()
    other = Choice("status", T.CHOICE, STATUS.spec, values={"done": ("3",)}, mapped=True)
    assert other.fingerprint() != STATUS.fingerprint()


def test_a_tick_leaves_the_other_options_alone() -> None:
    rule = Tick("blocked", T.FLAG, _spec(T.SET), option="10019")

    assert rule.write(True, ["9", "7"], NAMES) == ["10019", "7", "9"]
    assert rule.write(False, ["10019", "7"], NAMES) == ["7"]
    assert rule.write(None, ["10019"], NAMES) is None


def test_a_text_of_several_blocks_is_no_line_and_is_never_overwritten() -> None:
    rule = Words("want", T.LINE, _spec(T.DOCUMENT), codec=MarkdownCodec)
    raw = "one\n\ntwo\n"

    assert rule.read(raw, NAMES).unreadable
    assert isinstance(rule.write("other", raw, NAMES), CannotSay)


def test_money_of_another_currency_or_finer_than_a_number_is_not_said() -> None:
    rule = Amount("budget", T.MONEY, _spec(T.NUMBER), currency="EUR")

    assert rule.read(1250.5, NAMES).value == {"amount": "1250.5", "currency": "EUR"}
    for value in ({"amount": "1", "currency": "USD"}, {"amount": "12345678901234567.89", "currency": "EUR"}):
        assert isinstance(rule.write(value, None, NAMES), CannotSay)
