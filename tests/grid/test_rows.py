"""What rows have of their own, over both formats: ids, provisional refs, keys. The rest is in `tests/contract`."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from syncer.adapter import Can
from syncer.errors import NotFoundError, RejectedError
from syncer.record import Batch, Change, Draft, Gone, GoneKind, Ref, Tag

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def tag(item: str) -> Tag:
    return Tag("acme", item, "line")


def listed(adapter, since=None) -> Batch:
    (batch,) = adapter.list(since)
    return batch


def by_title(adapter) -> dict:
    return {r.fields["Title"]: r for r in listed(adapter).records}


def test_saving_a_file_unchanged_is_no_change(place, tmp_path):
    before = listed(place.open())
    assert listed(place.open(), before.cursor).records == ()
    shutil.copy(place.path, tmp_path / "copy")
    (tmp_path / "copy").replace(place.path)
    after = listed(place.open(), before.cursor)

    # it is looked through: what we wrote last may have been put back
    assert (after.records, after.complete) == (before.records, True)


def test_a_changed_file_is_listed_whole(place):
    cursor = listed(place.open()).cursor
    rows = place.rows()
    rows[1][0] = "Search 2"
    place.rewrite(rows)

    batch = listed(place.open(), cursor)

    assert batch.complete
    assert len(batch.records) == 3
    assert batch.cursor != cursor


def test_other_settings_make_the_cursor_unusable(place):
    cursor = listed(place.open()).cursor

    assert listed(place.open(columns={"Owner": {"type": "person"}}), cursor).complete


def test_a_tag_is_never_on_two_rows(place):
    adapter = place.open()
    adapter.create(Draft("row", {"Title": "New"}, tag("1")))
    with pytest.raises(RejectedError):
        adapter.create(Draft("row", {"Title": "Again"}, tag("1")))
    with pytest.raises(RejectedError):
        adapter.mark(by_title(adapter)["Search"].ref, tag("1"))

    assert len(place.rows()) == 5


def test_a_row_with_an_id_of_its_own_keeps_it(place):
    rows = [[*row, extra] for row, extra in zip(place.rows(), ["Key", "K-1", None, None], strict=True)]
    place.rewrite(rows)
    adapter = place.open(id_column="Key")
    ref = by_title(adapter)["Search"].ref

    assert adapter.mark(ref, tag("1")) == ref
    assert place.rows()[1][3] == "K-1"


def test_a_provisional_ref_goes_on_working_after_our_own_write(place):
    adapter = place.open()
    old = by_title(adapter)["Search"].ref
    new = adapter.update(old, "row", {"Title": Change("Search", "Find")}).ref
    adapter.update(old, "row", {"Owner": Change("Ann", "Bea")})
    lasting = adapter.mark(old, tag("1"))

    assert new != old
    assert ["Find", "Bea"] == place.rows()[1][:2]
    assert place.open().get([lasting])[lasting].fields["Title"] == "Find"


def test_writing_what_is_shown_already_does_not_touch_the_file(place):
    adapter = place.open()
    ref = by_title(adapter)["Search"].ref
    before = place.path.read_bytes()
    adapter.update(ref, "row", {"Title": Change("x", "Search")})

    assert place.path.read_bytes() == before


def test_an_archived_row_found_by_its_tag_says_so(place):
    adapter = place.open()
    ref = adapter.mark(by_title(adapter)["Search"].ref, tag("1"))
    adapter.archive(ref)
    adapter.archive(ref)

    assert place.open().find([tag("1")], LONG_AGO).records[tag("1")].archived


def test_a_restored_row_is_there_once(place):
    adapter = place.open()
    ref = adapter.mark(by_title(adapter)["Search"].ref, tag("1"))
    adapter.archive(ref)
    place.open().restore(ref)

    assert ["Export", "Import", "Search"] == sorted(row[0] for row in place.rows()[1:])


def test_reading_leaves_nothing_beside_the_file(place):
    adapter = place.open(write=False)
    adapter.get([record.ref for record in listed(adapter).records])

    assert [place.path.name] == [p.name for p in place.path.parent.iterdir()]


def test_a_row_that_is_no_more_is_deleted_for_certain(place):
    adapter = place.open()
    ref = adapter.mark(by_title(adapter)["Search"].ref, tag("1"))
    place.rewrite([row for row in place.rows() if row[0] != "Search"])

    answer = place.open().get([ref])[ref]

    assert answer == Gone(ref, GoneKind.DELETED, answer.detail)


def test_a_row_without_an_id_that_changed_is_not_said_to_be_deleted(place):
    ref = by_title(place.open())["Search"].ref
    rows = place.rows()
    rows[1][0] = "Find"
    place.rewrite(rows)
    adapter = place.open()

    assert adapter.get([ref])[ref].kind is GoneKind.HIDDEN
    with pytest.raises(NotFoundError):
        adapter.mark(ref, tag("1"))


def test_every_refused_field_is_named_and_none_of_the_group_is_written(place):
    adapter = place.open(columns={"Owner": {"type": "choice", "options": ["Ann", "Bob"]}})
    ref = by_title(adapter)["Search"].ref
    before = place.path.read_bytes()
    with pytest.raises(RejectedError) as caught:
        adapter.update(ref, "row", {"Title": Change("", "ok"), "Owner": Change("", "Eve"), "Nope": Change("", "x")})

    assert {"Owner", "Nope"} == set(caught.value.fields)
    assert place.path.read_bytes() == before


def test_a_key_of_the_sheets_own_is_never_written(place):
    adapter = place.open(id_column="Title", key_only=True)
    record = adapter.get([r.ref for r in listed(adapter).records])
    adapter.update(next(iter(record)), "row", {"Owner": Change("Ann", "Zed")})

    assert Can.CREATE not in adapter.traits.can
    assert ["Search", "Zed", "first"] == place.rows()[1]
    assert place.rows()[0] == ["Title", "Owner", "Notes"]
    with pytest.raises(RejectedError):
        adapter.create(Draft("row", {"Title": "x"}, tag("1")))
    with pytest.raises(RejectedError):
        adapter.update(next(iter(record)), "row", {"Title": Change("Search", "x")})


def test_two_sheets_of_one_workbook_never_share_a_ref(make):
    place = make("xlsx")
    import openpyxl

    book = openpyxl.load_workbook(place.path)
    book.copy_worksheet(book["Roadmap"]).title = "Risks"
    book.save(place.path)
    one, two = place.open(), place.open(sheet="Risks")

    refs = {r.ref for r in listed(one).records}, {r.ref for r in listed(two).records}

    assert not refs[0] & refs[1]
    assert one.get(list(refs[1]))[Ref(min(refs[1]))].kind is GoneKind.HIDDEN
