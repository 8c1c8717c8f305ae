"""What is particular to workbooks: types from cells, formulas, styles, tables, and parts that must not be lost."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from syncer_xlsx.adapter import XlsxSystem
from syncer_xlsx.package import losses

from syncer.errors import RejectedError, UserError
from syncer.record import Change, Draft, FieldType, Tag
from syncer.transport import Transport

TAG = Tag("acme", "1", "line")


@pytest.fixture
def plan(make):
    """A workbook as a product manager has it."""
    place = make("xlsx")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Roadmap"
    sheet.append(["Feature", "Reach", "Effort", "Score", "Due", "Started", "Live", "Status", "Mixed", "Empty"])
    for n in range(2, 6):
        due = dt.date(2026, n, 1)
        sheet.append([f"F{n}", n * 100, 1.5, f"=B{n}/C{n}", due, dt.datetime(2026, 1, n, 8, 30), n > 3, "Now", n, None])
    sheet["I3"].value = "n/a"
    sheet["A2"].font = Font(bold=True)
    sheet["A5"].font = Font(italic=True)
    rule = DataValidation(type="list", formula1='"Now,Next,Later"')
    rule.add("H2:H100")
    sheet.add_data_validation(rule)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = "A1:J5"
    book.create_sheet("Notes").append(["keep me"])
    book.save(place.path)
    return place


def records(place, **settings):
    (batch,) = place.open(**settings).list()
    return {r.fields["Feature"]: r for r in batch.records}


def sheet_of(place, name="Roadmap"):
    return openpyxl.load_workbook(place.path, rich_text=True)[name]


def test_types_are_inferred_where_a_whole_column_agrees(plan):
    specs = plan.open().schema().types["row"].fields

    assert {
        "Feature": FieldType.LINE,
        "Reach": FieldType.NUMBER,
        "Effort": FieldType.NUMBER,
        "Score": FieldType.LINE,
        "Due": FieldType.DATE,
        "Started": FieldType.INSTANT,
        "Live": FieldType.FLAG,
        "Status": FieldType.CHOICE,
        "Mixed": FieldType.LINE,
        "Empty": FieldType.LINE,
    } == {name: spec.type for name, spec in specs.items()}
    assert ["Now", "Next", "Later"] == [o.id for o in specs["Status"].options]


def test_values_have_the_shape_of_their_type(plan):
    fields = records(plan)["F3"].fields

    assert (300, 1.5, "2026-03-01", "2026-01-03T08:30:00Z", False) == tuple(
        fields[f] for f in ("Reach", "Effort", "Due", "Started", "Live")
    )
    assert ("n/a", "2") == (fields["Mixed"], records(plan)["F2"].fields["Mixed"])


def test_a_declared_type_outweighs_what_the_cells_say(plan):
    row = records(plan, columns={"Mixed": {"type": "number"}})

    assert row["F2"].fields["Mixed"] == 2
    assert "Mixed" not in row["F3"].fields
    assert "not a number: n/a" in row["F3"].unreadable["Mixed"]


def test_options_come_from_a_range_of_another_sheet(plan):
    book = openpyxl.load_workbook(plan.path)
    lists = book.create_sheet("My lists")
    for word in ("Red", "Green"):
        lists.append([word])
    rule = DataValidation(type="list", formula1="'My lists'!$A$1:$A$5")
    rule.add("J2:J9")
    book["Roadmap"].add_data_validation(rule)
    book.save(plan.path)

    assert ["Red", "Green"] == [o.name for o in plan.open().schema().types["row"].fields["Empty"].options]


def test_a_value_outside_the_list_is_refused(plan):
    with pytest.raises(RejectedError, match="not among the column's options: Never"):
        plan.open().update(records(plan)["F2"].ref, "row", {"Status": Change("Now", "Never")})


def test_a_formula_is_neither_read_nor_written_and_stays_as_it_is(plan):
    row = records(plan)["F2"]
    with pytest.raises(RejectedError, match="the cell holds a formula"):
        plan.open().update(row.ref, "row", {"Score": Change(None, "3")})
    plan.open().update(row.ref, "row", {"Reach": Change(200, 250)})

    assert "Score" not in row.fields
    assert "a formula: =B2/C2" in row.unreadable["Score"]
    assert sheet_of(plan)["D2"].value == "=B2/C2"
    assert not plan.open().schema().types["row"].fields["Score"].writable


def test_a_write_keeps_styles_widths_filters_and_other_sheets(plan):
    changes = {"Feature": Change("F2", "Renamed"), "Due": Change(None, "2027-01-02")}
    plan.open().update(records(plan)["F2"].ref, "row", changes)
    sheet = sheet_of(plan)

    assert sheet["A2"].font.bold
    assert sheet["E2"].value == dt.datetime(2027, 1, 2)
    assert sheet["E2"].is_date
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:J5")
    assert sheet_of(plan, "Notes")["A1"].value == "keep me"


def test_a_number_written_over_a_date_reads_back_as_a_number(plan):
    adapter = plan.open(columns={"Due": {"type": "number"}})
    record = adapter.update(records(plan)["F2"].ref, "row", {"Due": Change(None, 5)})

    assert records(plan, columns={"Due": {"type": "number"}})["F2"].fields["Due"] == record.fields["Due"] == 5


def test_a_new_row_looks_like_the_one_above_and_the_filter_takes_it_in(plan):
    plan.open().create(Draft("row", {"Feature": "New", "Due": "2026-09-09", "Reach": 5}, TAG))
    sheet = sheet_of(plan)

    assert sheet["A6"].font.italic
    assert sheet["E6"].value == dt.datetime(2026, 9, 9)
    assert sheet.auto_filter.ref == "A1:J6"


def test_a_table_grows_with_its_rows_and_stays_sound(make):
    place = make("xlsx")
    book = openpyxl.load_workbook(place.path)
    book["Roadmap"].add_table(Table(displayName="T", ref="A1:C4"))
    book.save(place.path)
    place.open().create(Draft("row", {"Title": "New"}, TAG))
    sheet = openpyxl.load_workbook(place.path)["Roadmap"]

    assert sheet.tables["T"].ref == "A1:C5"
    assert sheet["E1"].value == "Syncer ID"
    assert sheet["D1"].value is None


def test_archiving_leaves_the_formulas_of_other_rows_right(plan):
    adapter = plan.open()
    ref = adapter.mark(records(plan)["F3"].ref, TAG)
    adapter.archive(ref)
    sheet = sheet_of(plan)

    assert {f"F{n}": f"=B{n}/C{n}" for n in (2, 4, 5)} == {
        row[0].value: row[3].value for row in sheet.iter_rows(min_row=2) if row[0].value
    }
    assert sheet["A3"].value is None
    assert [r[0].value for r in sheet_of(plan, "Archive").iter_rows()] == ["Archived from", "Roadmap"]
    back = plan.open().restore(ref)
    assert back.fields["Reach"] == 300
    assert sheet_of(plan)["D6"].value == "=B6/C6"
    assert records(plan)["F3"].tag == TAG


def test_archiving_closes_the_gap_where_nothing_points_at_rows(make):
    place = make("xlsx")
    adapter = place.open()
    (batch,) = adapter.list()
    adapter.archive(batch.records[0].ref)

    assert ["Title", "Import", "Export"] == [row[0] for row in place.rows()]


def test_two_sheets_share_one_archive(make):
    place = make("xlsx")
    book = openpyxl.load_workbook(place.path)
    book.create_sheet("Risks").append(["Risk", "Title"])
    book["Risks"].append(["fire", "burns"])
    book.save(place.path)
    for name, column, value in (("Roadmap", "Title", "Search"), ("Risks", "Risk", "fire")):
        adapter = place.open(sheet=name)
        (batch,) = adapter.list()
        record = next(r for r in batch.records if r.fields[column] == value)
        ref = adapter.mark(record.ref, TAG)
        adapter.archive(ref)

        assert place.open(sheet=name).get([ref])[ref].fields == record.fields
    assert place.open(sheet="Risks").restore(ref).fields == {"Risk": "fire", "Title": "burns"}


def test_somebody_elses_archive_sheet_is_not_written(make):
    place = make("xlsx")
    book = openpyxl.load_workbook(place.path)
    book.create_sheet("Archive").append(["Old stuff"])
    book.save(place.path)
    adapter = place.open()
    (batch,) = adapter.list()
    with pytest.raises(UserError, match="not an archive of ours"):
        adapter.archive(batch.records[0].ref)


def test_rich_text_reads_as_text_and_survives_edits_elsewhere(make):
    place = make("xlsx")
    book = openpyxl.load_workbook(place.path)
    book["Roadmap"]["C2"].value = CellRichText("plain ", TextBlock(InlineFont(b=True), "bold"))
    book.save(place.path)
    adapter = place.open()
    (batch,) = adapter.list()
    adapter.update(batch.records[0].ref, "row", {"Title": Change("Search", "Find")})

    assert batch.records[0].fields["Notes"] == "plain bold"
    assert isinstance(sheet_of(place)["C2"].value, CellRichText)


def add_part(path, name, content=b"<x/>"):
    with zipfile.ZipFile(path, "a") as package:
        package.writestr(name, content)


@pytest.mark.parametrize(
    "part", ["xl/slicers/slicer1.xml", "xl/threadedComments/threadedComment1.xml", "customXml/item1.xml"]
)
def test_a_workbook_whose_parts_would_be_lost_is_read_but_not_written(plan, part):
    add_part(plan.path, part)
    before = plan.path.read_bytes()
    adapter = plan.open()
    ref = records(plan)["F2"].ref
    with pytest.raises(UserError, match=f"would drop {part}") as caught:
        adapter.update(ref, "row", {"Feature": Change("F2", "x")})

    assert "lossy: true" in caught.value.hint
    assert plan.path.read_bytes() == before
    done = plan.open(connection={"lossy": True}).update(ref, "row", {"Feature": Change("F2", "x")})
    assert done.fields["Feature"] == "x"


def test_extensions_inside_a_sheet_are_found(plan, tmp_path):
    changed = tmp_path / "changed.xlsx"
    with zipfile.ZipFile(plan.path) as old, zipfile.ZipFile(changed, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</worksheet>", b'<extLst><ext uri="{x}"/></extLst></worksheet>')
            new.writestr(part, content)

    assert losses(changed.read_bytes(), macros=False) == ("xl/worksheets/sheet1.xml (extLst)",)
    assert losses(plan.path.read_bytes(), macros=False) == ()


def test_check_says_what_is_there_and_what_would_be_lost(plan):
    add_part(plan.path, "xl/slicers/slicer1.xml")
    made = XlsxSystem.connect(XlsxSystem.ConnectionSettings(path=plan.path), {}, Transport())

    assert "Roadmap, Notes" in made.check().detail
    assert "slicer1" in made.check().notes[0]
    assert ["Roadmap", "Notes"] == [info.name for info in made.collections()]
    assert made.people() == ()


def test_a_number_of_more_than_15_digits_is_refused(plan):
    with pytest.raises(RejectedError, match="15 digits"):
        plan.open().update(records(plan)["F2"].ref, "row", {"Reach": Change(200, 12345678901234567)})


def test_a_day_before_the_calendar_is_refused(plan):
    with pytest.raises(RejectedError, match="calendar starts"):
        plan.open().update(records(plan)["F2"].ref, "row", {"Due": Change(None, "1850-01-01")})


def test_reading_warns_of_nothing(plan):
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        assert len(records(plan)) == 4


def test_a_merged_area_reads_once_and_is_not_written_in_part(make):
    place = make("xlsx")
    book = openpyxl.load_workbook(place.path)
    book["Roadmap"].merge_cells("B2:C2")
    book.save(place.path)
    adapter = place.open()
    (batch,) = adapter.list()
    with pytest.raises(RejectedError, match="merged"):
        adapter.update(batch.records[0].ref, "row", {"Notes": Change(None, "x")})

    assert batch.records[0].fields["Owner"] == "Ann"
