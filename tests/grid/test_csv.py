"""What is particular to CSV: how a file is written is kept, and only edited cells differ."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syncer_csv.adapter import CsvConnectionSettings, CsvSettings, CsvSystem
from syncer_csv.dialect import parse, quoted

from syncer.errors import RejectedError, UserError
from syncer.record import Change, Draft, FieldType, Tag
from syncer.transport import Transport

TAG = Tag("acme", "1", "line")


def connect(path, connection=None, **settings):
    made = CsvSystem.connect(CsvConnectionSettings(path=path, **(connection or {})), {}, Transport(write=True))
    return made.open(CsvSettings(**settings))


def first(adapter):
    (batch,) = adapter.list()
    return batch.records[0]


@given(
    st.lists(st.lists(st.text('ab ,;"\n=é', max_size=6), min_size=2, max_size=4), min_size=1, max_size=5),
    st.sampled_from([",", ";"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_it_reads_what_the_csv_module_writes_and_writes_it_back_byte_for_byte(rows, delimiter, quoting, end):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)
    data = out.getvalue().encode()
    sheet = parse(data, delimiter=delimiter)

    assert rows == [line.cells() for line in sheet.lines]
    assert sheet.to_bytes() == data


@given(st.text(max_size=30), st.sampled_from(",;\t|"))
def test_the_csv_module_reads_what_we_quote(value, delimiter):
    text = delimiter.join([quoted(value, delimiter), "x"]) + "\n"

    assert [[value, "x"]] == list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"T,N\n1,2\n3,4\n", b"T,N\n1,x\n3,4\n"),
        (b"T,N\r\n1,2\r\n3,4", b"T,N\r\n1,x\r\n3,4"),
        (b"\xef\xbb\xbfT;N\r\n1;2\r\n", b"\xef\xbb\xbfT;N\r\n1;x\r\n"),
        (b'"T","N"\n"1","2"\n"a ""b""","4"\n', b'"T","N"\n"1","x"\n"a ""b""","4"\n'),
        (b"T\tN\n1\t2\n", b"T\tN\n1\tx\n"),
        (b"T,N\n1,2\n\n3,4\n\n", b"T,N\n1,x\n\n3,4\n\n"),
        (b'T,N\n1,2\n3,un"quoted\n', b'T,N\n1,x\n3,un"quoted\n'),
        ("T,N\n1,2\n".encode("utf-16"), "T,N\n1,x\n".encode("utf-16")),
    ],
)
def test_only_the_edited_cell_differs(before, after, tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(before)
    adapter = connect(path)
    adapter.update(first(adapter).ref, "row", {"N": Change("2", "x")})

    assert path.read_bytes() == after


def test_a_new_row_is_written_as_the_others_are(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b'\xef\xbb\xbf"T";"Syncer ID"\r\n"1";"k"')
    connect(path).create(Draft("row", {"T": "a;b"}, TAG))

    assert path.read_bytes() == b'\xef\xbb\xbf"T";"Syncer ID"\r\n"1";"k"\r\n"a;b";"acme.line.1"'


def test_other_rows_stay_as_they_are_when_the_id_column_is_added(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b"T,N\n1,2\n3\n")
    adapter = connect(path)
    adapter.mark(first(adapter).ref, TAG)

    assert path.read_bytes() == b"T,N,Syncer ID\n1,2,acme.line.1\n3\n"


def test_archived_rows_go_to_a_file_beside(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b"T,N\n1,2\n3,4\n")
    adapter = connect(path)
    ref = adapter.mark(first(adapter).ref, TAG)
    adapter.archive(ref)

    assert path.read_bytes() == b"T,N,Syncer ID\n3,4\n"
    assert (tmp_path / "f.archive.csv").read_bytes() == b"T,N,Syncer ID\n1,2,acme.line.1\n"
    connect(path).restore(ref)
    assert path.read_bytes() == b"T,N,Syncer ID\n3,4\n1,2,acme.line.1\n"


def test_killed_between_archive_and_sheet_the_row_counts_as_live(tmp_path, monkeypatch):
    path = tmp_path / "f.csv"
    path.write_bytes(b"T,Syncer ID\n1,acme.line.1\n3,\n")
    before = path.read_bytes()
    adapter = connect(path)
    ref = first(adapter).ref
    adapter.archive(ref)
    path.write_bytes(before)

    assert not connect(path).get([ref])[ref].archived
    connect(path).archive(ref)
    assert (tmp_path / "f.archive.csv").read_bytes().count(b"acme.line.1") == 1


def test_the_wrong_encoding_says_which_to_try(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes("T\nCafé\n".encode("cp1252"))
    with pytest.raises(UserError, match="not utf-8 text") as caught:
        first(connect(path))

    assert "cp1252" in caught.value.hint


def test_quotes_that_never_end_are_named_with_their_line(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b'T,N\n1,"2\n3,4\n')
    with pytest.raises(UserError, match="2:1: a quoted cell never ends"):
        first(connect(path))


def test_repeated_columns_can_be_one_set(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b"Issue key,Labels,Sprint,Labels,Labels\nA-1,web,S1,api,\n")
    adapter = connect(path, id_column="Issue key", key_only=True, repeated="join")
    record = first(adapter)

    assert adapter.schema().spec("row", "Labels").type is FieldType.SET
    assert record.fields["Labels"] == ["api", "web"]
    changed = adapter.update(record.ref, "row", {"Labels": Change(["api", "web"], ["api", "new", "two"])})
    assert changed.fields["Labels"] == ["api", "new", "two"]
    assert path.read_bytes() == b"Issue key,Labels,Sprint,Labels,Labels\nA-1,new,S1,api,two\n"
    with pytest.raises(RejectedError, match='3 columns called "Labels"'):
        adapter.update(record.ref, "row", {"Labels": Change([], ["a", "b", "c", "d"])})


def test_a_field_of_any_size_is_read(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("T,N\n" + '"' + "x" * 300_000 + '",2\n', encoding="utf-8")

    assert len(first(connect(path)).fields["T"]) == 300_000


def test_everything_is_text_unless_declared(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b"T,N\n007,1.50\n")

    assert first(connect(path)).fields == {"T": "007", "N": "1.50"}
    assert first(connect(path, columns={"N": {"type": "number"}})).fields["N"] == 1.5
