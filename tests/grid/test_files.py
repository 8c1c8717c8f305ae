"""Files are replaced whole or not at all, and bad ones are refused with the next step."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import openpyxl
import pytest
from syncer_grid import files

from syncer.errors import RetryableError, StaleError, UserError
from syncer.record import Change, Draft, Tag

KILLED = """
import os, sys
from pathlib import Path
from syncer_grid import files
path, moment = Path(sys.argv[1]), sys.argv[2]
_, stamp = files.read(path, cap=10**6)
def die(*a, **k): os._exit(9)
setattr(files, moment, die)
files.replace(path, b"new", stamp, backup=True, system="t")
"""


def first(adapter):
    (batch,) = adapter.list()
    return batch.records[0]


def edit(adapter, value="changed"):
    return adapter.update(first(adapter).ref, "row", {"Notes": Change(None, value)})


@pytest.mark.parametrize(("moment", "left"), [("_expect", b"old"), ("_keep", b"old"), ("_sync_folder", b"new")])
def test_killed_at_any_point_the_file_is_the_old_or_the_new_one(moment, left, tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"old")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), moment], env=env, check=False)

    assert done.returncode == 9
    assert path.read_bytes() == left


def test_what_a_killed_writer_left_is_tidied_by_the_next(place):
    stray = place.path.with_name(f".{place.path.name}.abc123.tmp")
    stray.write_bytes(b"half")
    edit(place.open())

    assert not stray.exists()


def test_the_previous_content_is_kept_once_and_named(place):
    before = place.path.read_bytes()
    adapter = place.open()
    edit(adapter)
    edit(adapter, "changed again")

    assert files.backup_of(place.path).read_bytes() == before
    assert files.backup_of(place.path).name.startswith("road map.bak.")


def test_the_files_mode_is_kept(place):
    place.path.chmod(0o640)
    edit(place.open())

    assert place.path.stat().st_mode & 0o777 == 0o640


def test_a_link_to_the_file_stays_a_link(place, tmp_path):
    real = tmp_path / "elsewhere" / place.path.name
    real.parent.mkdir()
    place.path.replace(real)
    place.path.symlink_to(real)
    edit(place.open())

    assert place.path.is_symlink()
    assert first(place.open()).fields["Notes"] == "changed"


def test_a_stale_write_is_refused(place, monkeypatch):
    adapter = place.open()
    edit(adapter)
    write_beside = files._write_beside

    def somebody_saves(path, data):
        made = write_beside(path, data)
        rows = place.rows()
        rows[2][1] = "their edit"
        place.rewrite(rows)
        return made

    monkeypatch.setattr(files, "_write_beside", somebody_saves)
    with pytest.raises(StaleError):
        edit(adapter, "ours")
    monkeypatch.undo()

    assert place.rows()[2][1] == "their edit"
    assert edit(adapter, "ours").fields["Notes"] == "ours"
    assert place.rows()[2][1] == "their edit"


def test_a_save_between_our_read_and_our_write_is_kept(place):
    adapter = place.open()
    ref = first(adapter).ref
    rows = place.rows()
    rows[2][1] = "their edit"
    place.rewrite(rows)
    adapter.update(ref, "row", {"Notes": Change("first", "ours")})

    assert (place.rows()[1][2], place.rows()[2][1]) == ("ours", "their edit")


def test_a_failed_write_leaves_no_trace_in_memory(place, monkeypatch):
    adapter = place.open()
    ref = first(adapter).ref

    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write_beside", full)
    with pytest.raises(UserError, match="No space left"):
        adapter.update(ref, "row", {"Notes": Change("first", "ours")})
    monkeypatch.undo()

    assert adapter.get([ref])[ref].fields["Notes"] == "first"


@pytest.mark.parametrize(("marker", "program"), [("~${}", "Excel"), (".~lock.{}#", "LibreOffice")])
def test_an_open_file_is_not_written(place, marker, program):
    beside = place.path.parent / marker.format(place.path.name)
    beside.write_text("x")
    before = place.path.read_bytes()
    for act in (lambda: list(place.open().list()), lambda: place.open().create(Draft("row", {}, Tag("a", "b", "c")))):
        with pytest.raises(UserError, match=f"is open in {program}") as caught:
            act()
        assert beside.name in caught.value.hint
        assert caught.value.exit_code == 2

    assert place.path.read_bytes() == before
    assert len(list(place.open(write=False).list())) == 1


def test_our_own_processes_wait_for_one_another(place, monkeypatch):
    monkeypatch.setattr(files, "PATIENCE", 0.1)
    with files.lock(place.path, "t"), pytest.raises(RetryableError, match="another syncer"):
        edit(place.open())


def test_many_threads_lose_no_write(place):
    adapter = place.open()
    drafts = [Draft("row", {"Title": f"t{n}"}, Tag("a", str(n), "l")) for n in range(6)]
    made = [threading.Thread(target=adapter.create, args=(draft,)) for draft in drafts]
    for thread in made:
        thread.start()
    for thread in made:
        thread.join()

    assert {f"t{n}" for n in range(6)} <= {row[0] for row in place.rows()}


def test_a_missing_file_is_named_with_the_nearest_one(place):
    wrong = type(place)(place.kind, place.path.with_name(f"roadmap.{place.kind}"))
    with pytest.raises(UserError, match="no such file") as caught:
        list(wrong.open().list())

    assert f"did you mean road map.{place.kind}?" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 torn", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"])
def test_what_is_not_a_workbook_says_so(make, content):
    place = make("xlsx")
    place.path.write_bytes(content)
    with pytest.raises(UserError, match=r"not a workbook|an old \.xls"):
        list(place.open().list())


def test_a_zip_of_something_else_is_no_workbook(make):
    import zipfile

    place = make("xlsx")
    with zipfile.ZipFile(place.path, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    with pytest.raises(UserError, match="not a workbook"):
        list(place.open().list())


def test_a_zip_bomb_is_refused_before_it_unpacks(make, monkeypatch):
    from syncer_xlsx import package

    place = make("xlsx")
    monkeypatch.setattr(package, "CAP", 100_000)
    place.rewrite([["Title"], *(["x" * 100] for _ in range(5000))])
    with pytest.raises(UserError, match="unpacks to"):
        list(place.open().list())


def test_a_sheet_of_another_name_is_suggested(make):
    with pytest.raises(UserError, match='no sheet is called "Roadmpa"') as caught:
        list(make("xlsx").open(sheet="Roadmpa").list())

    assert 'did you mean "Roadmap"?' in caught.value.hint


def test_two_columns_of_one_name_are_both_named(place):
    place.rewrite([["Title", "Status", "x", "Status"], ["a", "b", "c", "d"]])
    with pytest.raises(UserError, match='columns B and D are both called "Status"'):
        list(place.open().list())


def test_an_unknown_declared_column_is_suggested(place):
    with pytest.raises(UserError, match='no column is called "Ownr"') as caught:
        list(place.open(columns={"Ownr": {}}).list())

    assert 'did you mean "Owner"?' in caught.value.hint


def test_a_sheet_without_a_header_says_where_to_look(place):
    place.rewrite([[None, None], ["a", "b"]])
    with pytest.raises(UserError, match="row 1 has no column names"):
        list(place.open().list())


def test_a_header_further_down_leaves_what_is_above_alone(place):
    place.rewrite([["Our plan", None, None], *place.rows()])
    adapter = place.open(header_row=2)
    edit(adapter)

    assert place.rows()[0][0] == "Our plan"
    assert place.rows()[2][2] == "changed"


def test_a_folder_is_not_a_file(place):
    wrong = type(place)(place.kind, place.path.parent)
    with pytest.raises(UserError, match="cannot be read"):
        list(wrong.open().list())


def test_no_machine_path_is_needed_to_find_a_relative_file(place, monkeypatch):
    monkeypatch.chdir(place.path.parent)
    near = type(place)(place.kind, Path(place.path.name))

    assert first(near.open()).fields["Title"] == "Search"
    edit(near.open())
    assert openpyxl.load_workbook(place.path) if place.kind == "xlsx" else place.path.exists()
