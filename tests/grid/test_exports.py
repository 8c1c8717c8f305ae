"""Another tool's export: recognised by its header, read as what it is, and never written."""

from __future__ import annotations

from pathlib import Path

import pytest
from syncer_csv.adapter import CsvConnectionSettings, CsvSettings, CsvSystem
from syncer_csv.exports import time_format

from syncer.adapter import Can
from syncer.errors import RejectedError, UserError
from syncer.record import Change, FieldType, Ref
from syncer.transport import Transport

HEADER = "Summary,Issue key,Issue id,Issue Type,Status,Due date,Labels,Labels,Sprint,Sprint,Parent,Mood\n"
EXPORT = HEADER + (
    "Pay,S-1,10,Epic,To Do,,,,,,,fine\n"
    "Card,S-2,11,Story,Done,18/Sep/25 12:00 AM,web,b2b,Sprint 1,Sprint 2,10,\n"
    "Cash,S-3,12,Story,Done,,web,,Sprint 1,,10,\n"
)


def opened(path: Path, text: str = EXPORT):
    path.write_text(text, encoding="utf-8")
    made = CsvSystem.connect(CsvConnectionSettings(path=path), {}, Transport(write=True))
    (info,) = made.collections()
    return made.open(CsvSettings.model_validate(dict(info.settings))), info


def test_an_export_is_recognised_and_its_values_are_what_they_mean(tmp_path):
    adapter, info = opened(tmp_path / "Jira.csv")
    (batch,) = adapter.list()
    card = batch.records[1]

    assert info.records == 3
    assert (card.ref, card.fields["Due date"], card.fields["Parent"]) == ("11", "2025-09-18", "10")
    assert (card.fields["Labels"], card.fields["Sprint"]) == (["b2b", "web"], "Sprint 2")
    assert batch.records[2].fields["Sprint"] == "Sprint 1"
    assert not card.unreadable


@pytest.mark.parametrize(
    ("cells", "format"),
    [
        (["22/Sep/25 9:26 AM", "07/Dec/22 3:44 PM"], "%d/%b/%y %I:%M %p"),
        (["2025-09-22 09:26"], "%Y-%m-%d %H:%M"),
        (["22/09/2025 09:26", "07/12/2022 15:44"], "%d/%m/%Y %H:%M"),
        (["09/22/2025 09:26"], "%m/%d/%Y %H:%M"),
        (["07/12/2022 15:44"], ""),  # the seventh of December, or the twelfth of July
        (["vor einer Stunde"], ""),
        ([], "%d/%b/%y %I:%M %p"),
    ],
)
def test_how_an_export_writes_its_times_is_read_from_it_or_left_alone(cells, format):
    assert time_format(cells) == format


def test_an_export_of_a_site_with_other_times_is_read_by_them(tmp_path):
    adapter, _ = opened(tmp_path / "Jira.csv", EXPORT.replace("18/Sep/25 12:00 AM", "18.09.2025 00:00"))
    unclear, _ = opened(tmp_path / "x.csv", EXPORT.replace("18/Sep/25 12:00 AM", "08/09/2025 00:00"))
    (batch,), (raw,) = adapter.list(), unclear.list()

    assert batch.records[1].fields["Due date"] == "2025-09-18"
    assert raw.records[1].fields["Due date"] == "08/09/2025 00:00"


def test_a_table_that_is_no_export_is_taken_as_it_is(tmp_path):
    _, info = opened(tmp_path / "any.csv", "Title,Owner\nA,b\n")
    assert info.settings == {}


def test_an_export_is_never_written(tmp_path):
    adapter, _ = opened(tmp_path / "Jira.csv")
    before = (tmp_path / "Jira.csv").read_bytes()

    assert adapter.traits.can == Can.FEED
    assert not any(spec.writable for spec in adapter.schema().types["row"].fields.values())
    for write in (
        lambda: adapter.update(Ref("11"), "row", {"Summary": Change("Card", "Cards")}),
        lambda: adapter.archive(Ref("11")),
    ):
        with pytest.raises(RejectedError, match="read_only"):
            write()
    assert (tmp_path / "Jira.csv").read_bytes() == before


def test_the_words_of_a_text_column_are_in_its_schema_where_they_are_few(tmp_path):
    many = "".join(f"S{n},T{n},{'long ' * 20}\n" for n in range(30))
    adapter, _ = opened(tmp_path / "any.csv", "Status,Title,Notes\n" + many)
    fields = adapter.schema().types["row"].fields
    short, _ = opened(tmp_path / "few.csv", "Status\nOpen\nDone\nOpen\n")
    status = short.schema().types["row"].fields["Status"]

    assert fields["Title"].options == fields["Notes"].options == ()
    assert [o.name for o in status.options] == ["Open", "Done"]
    assert status.open_options and status.type is FieldType.LINE


def test_a_new_word_may_be_written_where_words_are_only_what_was_seen(tmp_path):
    adapter, _ = opened(tmp_path / "few.csv", "Title,Status\nA,Open\n")
    (batch,) = adapter.list()
    adapter.update(batch.records[0].ref, "row", {"Status": Change("Open", "Parked")})

    assert (tmp_path / "few.csv").read_text("utf-8") == "Title,Status\nA,Parked\n"


def test_two_columns_of_one_name_are_one_value_only_where_that_is_said(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Title,Sprint,Sprint\nA,1,2\n", encoding="utf-8")
    made = CsvSystem.connect(CsvConnectionSettings(path=path), {}, Transport())
    choice = {"Sprint": {"type": "choice"}}
    with pytest.raises(UserError, match="together cannot be a choice"):
        made.open(CsvSettings(repeated="join", columns=choice)).schema()
    last = made.open(CsvSettings(repeated="join", columns={"Sprint": {"type": "choice", "take": "last"}}))

    assert last.schema().types["row"].fields["Sprint"].writable is False
