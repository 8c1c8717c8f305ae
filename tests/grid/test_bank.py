"""Spreadsheets that other people made load as records."""

from __future__ import annotations

import shutil

from syncer_csv.adapter import CsvConnectionSettings, CsvSettings, CsvSystem

from syncer.record import Change
from syncer.transport import Transport


def open_jira(path):
    made = CsvSystem.connect(CsvConnectionSettings(path=path), {}, Transport(write=True))
    return made.open(CsvSettings(id_column="Issue key", key_only=True, repeated="join"))


def test_exports_by_jira_cloud_load_by_their_issue_keys(bank, capsys):
    count = 0
    for path in sorted((bank / "spreadsheets" / "jira-csv").glob("*.csv")):
        (batch,) = open_jira(path).list()
        count += len(batch.records)
        assert all(r.ref == r.fields["Issue key"] and r.fields["Summary"] for r in batch.records)
        assert not any(r.unreadable for r in batch.records)
    with capsys.disabled():
        print(f" [{count} rows of Jira Cloud exports]", end="")

    assert count >= 48


def test_every_other_sheet_loads(bank):
    count = 0
    for path in sorted((bank / "spreadsheets" / "backlogs").rglob("*.csv")):
        made = CsvSystem.connect(CsvConnectionSettings(path=path), {}, Transport())
        (batch,) = made.open(CsvSettings()).list()
        count += len(batch.records)
        assert batch.complete

    assert count >= 14


def test_editing_an_export_changes_one_cell(bank, tmp_path):
    for source in sorted((bank / "spreadsheets" / "jira-csv").glob("*.csv")):
        path = tmp_path / source.name
        shutil.copyfile(source, path)
        adapter = open_jira(path)
        (batch,) = adapter.list()
        record = batch.records[1]
        adapter.update(record.ref, "row", {"Summary": Change(record.fields["Summary"], 'Zażółć, "gęślą"')})
        old, new = source.read_bytes(), path.read_bytes()
        written = '"Zażółć, ""gęślą"""'.encode()

        at = new.index(written)
        assert old[:at] == new[:at]
        assert old.endswith(new[at + len(written) :])
