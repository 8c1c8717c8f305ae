"""Values that spreadsheets are known to spoil, through both formats and back."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from syncer_csv.adapter import CsvSystem
from syncer_grid import wire
from syncer_grid.settings import ColumnSettings
from syncer_xlsx.adapter import XlsxSystem
from syncer_xlsx.cells import escape, refusal, unescape

from syncer.errors import RejectedError
from syncer.record import Change, Draft, FieldType, Tag
from syncer.transport import Transport
from tests.examples import examples

HOSTILE = [
    "007", "1e5", "=1+1", "@SUM(A1)", "+49 30", "-1", "2024-10-04", "1/2", "TRUE", "#N/A", "👩‍🚀 é́", " spaces ",
    "tab\there", "two\nlines", "win\r\nlines", "old\rmac", "_x000D_", "_x0041_x0042_", '"quoted", "twice"', ";", "'",
    "\ufeffbom", "null", "NaN", "12345678901234567890",
]  # fmt: skip
TAG = Tag("acme", "1", "line")


def connect(kind: str, folder: Path):
    path = folder / f"f.{kind}"
    transport = Transport(name="f", write=True, sleep=lambda _: None)
    if kind == "csv":
        if not path.exists():
            path.write_text("Title,Notes\n", encoding="utf-8")
        return CsvSystem.connect(CsvSystem.ConnectionSettings(path=path), {}, transport).open(
            CsvSystem.CollectionSettings()
        )
    if not path.exists():
        book = openpyxl.Workbook()
        book.active.title = "S"
        book.active.append(["Title", "Notes"])
        book.save(path)
    return XlsxSystem.connect(XlsxSystem.ConnectionSettings(path=path), {}, transport).open(
        XlsxSystem.CollectionSettings(sheet="S")
    )


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_comes_back_unchanged(kind, value, tmp_path):
    made = connect(kind, tmp_path).create(Draft("row", {"Title": value}, TAG))

    assert value == connect(kind, tmp_path).get([made.ref])[made.ref].fields["Title"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@settings(max_examples=examples(60), deadline=None)
@given(first=st.text(max_size=40), second=st.text(max_size=40))
@example(first="=1+1", second="'=1+1")
@example(first="\ud800", second="x")
@example(first="\x00", second="\uffff")
@example(first='"', second='""')
@example(first="\r", second="\n")
def test_any_text_is_kept_or_refused_with_a_reason(kind, first, second):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        adapter = connect(kind, folder)
        try:
            made = adapter.create(Draft("row", {"Title": first, "Notes": "n"}, TAG))
            changed = adapter.update(made.ref, "row", {"Title": Change(first or None, second)})
        except RejectedError as error:
            assert error.fields["Title"]
            return
        again = connect(kind, folder).get([made.ref])[made.ref]

        assert (second or None, "n") == (again.fields["Title"], again.fields["Notes"])
        assert changed == again
        assert adapter.normal("Title", second) == (second or None)


@given(st.text(alphabet="_x0045DFdf\r", max_size=30))
def test_escapes_of_a_workbook_are_undone_exactly(text):
    assert unescape(escape(text)) == text


def test_a_workbook_refuses_40000_characters_and_csv_keeps_them(tmp_path):
    long = "x" * 40_000
    with pytest.raises(RejectedError, match="40,000 characters"):
        connect("xlsx", tmp_path).create(Draft("row", {"Title": long}, TAG))
    made = connect("csv", tmp_path).create(Draft("row", {"Title": long}, TAG))

    assert long == connect("csv", tmp_path).get([made.ref])[made.ref].fields["Title"]


def test_characters_outside_the_basic_plane_count_twice(tmp_path):
    with pytest.raises(RejectedError):
        connect("xlsx", tmp_path).create(Draft("row", {"Title": "😀" * 16_384}, TAG))
    made = connect("xlsx", tmp_path).create(Draft("row", {"Title": "😀" * 16_383}, TAG))

    assert len(str(made.fields["Title"])) == 16_383


def test_no_cell_ever_becomes_a_formula(tmp_path):
    connect("xlsx", tmp_path).create(Draft("row", {"Title": "=HYPERLINK(1)", "Notes": "#REF!"}, TAG))
    row = openpyxl.load_workbook(tmp_path / "f.xlsx")["S"][2]

    assert ["s", "s"] == [row[0].data_type, row[1].data_type]


def test_control_characters_are_refused_by_name(tmp_path):
    with pytest.raises(RejectedError, match=r"U\+0007"):
        connect("xlsx", tmp_path).create(Draft("row", {"Title": "bell \x07"}, TAG))


def test_csv_refuses_what_its_encoding_lacks(tmp_path):
    (tmp_path / "f.csv").write_bytes("Title\nCafé\n".encode("cp1252"))
    made = CsvSystem.ConnectionSettings(path=tmp_path / "f.csv", encoding="cp1252")
    adapter = CsvSystem.connect(made, {}, Transport(write=True)).open(CsvSystem.CollectionSettings())
    (record,) = next(iter(adapter.list())).records

    assert record.fields["Title"] == "Café"
    with pytest.raises(RejectedError, match="cp1252"):
        adapter.update(record.ref, "row", {"Title": Change("Café", "日本")})


# types

TYPES = {
    "number": st.one_of(st.integers(-(10**15) + 1, 10**15 - 1), st.floats(-9.99e307, 9.99e307)),
    "date": st.dates(min_value=datetime(1901, 1, 1).date()).map(lambda d: d.isoformat()),
    "instant": st.datetimes(datetime(1901, 1, 2), datetime(9999, 12, 30)).map(
        lambda d: d.replace(microsecond=0).isoformat() + "Z"
    ),
    "flag": st.booleans(),
    "set": st.lists(st.text("abcé =-1", min_size=1).map(str.strip).filter(bool), min_size=1, unique=True).map(sorted),
    "people": st.lists(st.sampled_from(["Ann", "Bob", "Zoë"]), min_size=1, unique=True).map(sorted),
    "money": st.decimals(-(10**9), 10**9, places=2).map(lambda d: {"amount": wire._plain(d), "currency": "EUR"}),
    "sequence": st.lists(
        st.fixed_dictionaries(
            {"text": st.text("ab1 [x]=-", min_size=1).map(lambda t: "s" + "".join(t.split())), "done": st.booleans()}
        ),
        min_size=1,
    ),
    "period": st.tuples(st.dates(), st.one_of(st.none(), st.dates())).map(
        lambda p: {"start": p[0].isoformat(), "end": p[1].isoformat() if p[1] else None}
    ),
}


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("kind", TYPES)
@given(data=st.data())
def test_a_written_value_reads_back_as_itself(kind, native, data):
    raw = data.draw(TYPES[kind])
    how = ColumnSettings(type=kind)
    cell = wire.write(FieldType(kind), how, raw, native=native)

    assert raw == wire.read(FieldType(kind), how, cell)


@settings(max_examples=examples(25), deadline=None)
@given(number=TYPES["number"], day=TYPES["date"], moment=TYPES["instant"], flag=st.booleans())
def test_typed_cells_of_a_workbook_come_back_in_their_normal_form(number, day, moment, flag):
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "f.xlsx"
        book = openpyxl.Workbook()
        book.active.append(["N", "D", "I", "F"])
        book.save(path)
        columns = {"N": {"type": "number"}, "D": {"type": "date"}, "I": {"type": "instant"}, "F": {"type": "flag"}}
        opened = [
            XlsxSystem.connect(XlsxSystem.ConnectionSettings(path=path), {}, Transport(write=True)).open(
                XlsxSystem.CollectionSettings(sheet="Sheet", columns=columns)
            )
            for _ in range(2)
        ]
        wanted = {"N": number, "D": day, "I": moment, "F": flag}
        made = opened[0].create(Draft("row", wanted, TAG))
        again = opened[1].get([made.ref])[made.ref]

        assert {f: opened[0].normal(f, v) for f, v in wanted.items()} == again.fields
        assert made == again


@pytest.mark.parametrize(
    ("kind", "cell", "why"),
    [
        ("number", "n/a", "not a number"),
        ("number", "1,5", "not a number"),
        ("number", "1e999", "not a number"),
        ("date", "soon", "not a date"),
        ("date", "31/12/2026", "not a date"),
        ("instant", "later", "not a time"),
        ("flag", "perhaps", "neither TRUE nor FALSE"),
        ("money", "a lot", "not an amount"),
        ("period", "Q3", "not a period"),
    ],
)
def test_what_is_not_of_the_type_is_unreadable_not_absent(kind, cell, why):
    with pytest.raises(wire.CannotError, match=why):
        wire.read(FieldType(kind), ColumnSettings(type=kind), cell)


def test_numbers_and_dates_keep_the_format_they_are_written_in():
    comma = ColumnSettings(type="number", decimal=",")
    day = ColumnSettings(type="date", format="%d/%b/%y")
    clock = ColumnSettings(type="instant", format="%d/%b/%y %I:%M %p", zone="Europe/Amsterdam")

    assert wire.read(FieldType.NUMBER, comma, "3,5") == 3.5
    assert wire.write(FieldType.NUMBER, comma, 4.25, native=False) == "4,25"
    assert wire.read(FieldType.DATE, day, "21/Dec/22") == "2022-12-21"
    assert wire.write(FieldType.DATE, day, "2022-12-21", native=False) == "21/Dec/22"
    assert wire.read(FieldType.INSTANT, clock, "21/Dec/22 3:31 PM") == "2022-12-21T14:31:00Z"
    assert wire.write(FieldType.INSTANT, clock, "2022-12-21T14:31:00Z", native=False) == "21/Dec/22 03:31 PM"


def test_a_set_is_written_by_adding_and_removing(place):
    rows = place.rows()
    rows[1][2] = "beta, alpha, mine"
    place.rewrite(rows)
    adapter = place.open(columns={"Notes": {"type": "set"}})
    ref = next(iter(adapter.list())).records[0].ref
    record = adapter.update(ref, "row", {"Notes": Change(["alpha", "beta"], ["beta", "new"])})

    assert record.fields["Notes"] == ["beta", "mine", "new"]
    assert place.rows()[1][2] == "beta, mine, new"


def test_an_element_that_holds_the_separator_is_refused(place):
    adapter = place.open(columns={"Notes": {"type": "set"}})
    ref = next(iter(adapter.list())).records[0].ref
    with pytest.raises(RejectedError, match="separator"):
        adapter.update(ref, "row", {"Notes": Change(None, ["a, b"])})


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (FieldType.PERIOD, {"start": "2026-01-01T10:00:00Z", "end": None}),
        (FieldType.PERIOD, {"start": "2026-01-01", "end": "soon"}),
        (FieldType.MONEY, {"amount": "much", "currency": "EUR"}),
        (FieldType.MONEY, {"currency": "EUR"}),
    ],
)
@pytest.mark.parametrize("native", [True, False])
def test_what_could_not_be_read_back_is_not_written(kind, raw, native):
    with pytest.raises(wire.CannotError):
        wire.write(kind, ColumnSettings(), raw, native=native)


def test_a_number_that_a_workbook_would_make_infinite_is_refused():
    assert refusal(1.7976931348623157e308, epoch_1904=False)
    assert refusal(-1.7976931348623157e308, epoch_1904=False)
    assert not refusal(9.98e307, epoch_1904=False)
