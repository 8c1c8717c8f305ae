"""Identity follows the row, through everything people do to rows."""

from __future__ import annotations

import random

import pytest

from syncer.errors import UserError
from syncer.record import Change, Tag


def refs(adapter) -> dict:
    (batch,) = adapter.list()
    return {r.fields["Title"]: r.ref for r in batch.records}


def marked(place) -> dict:
    adapter = place.open()
    for number, ref in enumerate(refs(adapter).values()):
        adapter.mark(ref, Tag("acme", str(number), "line"))
    return refs(place.open())


def test_the_id_column_is_added_last_by_the_first_write(place):
    marked(place)

    assert ["Title", "Owner", "Notes", "Syncer ID"] == place.rows()[0]
    assert ["acme.line.0", "acme.line.1", "acme.line.2"] == [row[3] for row in place.rows()[1:]]


def test_reading_adds_nothing_to_the_file(place):
    before = place.path.read_bytes()
    refs(place.open())

    assert place.path.read_bytes() == before


def test_sorted_rows_keep_their_identity(place):
    known = marked(place)
    head, *rows = place.rows()
    random.Random(1).shuffle(rows)
    place.rewrite([head, *rows])

    assert refs(place.open()) == known


def test_rows_without_an_id_keep_their_ref_when_sorted(place):
    known = refs(place.open())
    head, *rows = place.rows()
    place.rewrite([head, *reversed(rows)])

    assert refs(place.open()) == known


def test_an_inserted_row_is_new_and_disturbs_no_other(place):
    known = marked(place)
    rows = place.rows()
    rows.insert(2, ["Between", None, None, None])
    place.rewrite(rows)

    now = refs(place.open())

    assert known == {title: ref for title, ref in now.items() if title != "Between"}
    assert now["Between"] not in known.values()


def test_moved_columns_change_no_identity_and_no_value(place):
    known = marked(place)
    place.rewrite([[row[3], row[2], row[0], row[1]] for row in place.rows()])

    assert refs(place.open()) == known


def test_a_copied_row_is_a_new_row_and_the_original_keeps_its_id(place):
    known = marked(place)
    rows = place.rows()
    rows.append(["Search copy", *rows[1][1:]])
    place.rewrite(rows)

    now = refs(place.open())

    assert now["Search"] == known["Search"]
    assert now["Search copy"] not in known.values()


def test_a_copy_pasted_above_and_edited_is_told_from_the_original(place):
    known = marked(place)
    place.open().update(known["Import"], "row", {"Owner": Change("Bob", "Cy")})
    rows = place.rows()
    rows.insert(1, ["Search copy", "Someone", "else", rows[1][3]])
    place.rewrite(rows)

    now = refs(place.open())

    assert now["Search"] == known["Search"]
    assert now["Search copy"] not in known.values()


def test_marking_a_copy_gives_it_an_id_of_its_own(place):
    known = marked(place)
    rows = place.rows()
    rows.append(["Search copy", *rows[1][1:]])
    place.rewrite(rows)
    adapter = place.open()
    new = adapter.mark(refs(adapter)["Search copy"], Tag("acme", "9", "line"))

    assert refs(place.open()) == {**known, "Search copy": new}


def test_two_equal_rows_without_an_id_are_two_records(place):
    rows = place.rows()
    place.rewrite([*rows, rows[1]])
    (batch,) = place.open().list()

    assert len({r.ref for r in batch.records}) == 4


def test_blank_rows_are_no_records(place):
    rows = place.rows()
    place.rewrite([rows[0], [None] * 3, rows[1], ["  ", None, None], rows[2], rows[3]])

    assert ["Search", "Import", "Export"] == list(refs(place.open()))


def test_two_rows_of_one_key_are_an_error_that_names_both(place):
    rows = place.rows()
    rows[3][0] = "Search"
    place.rewrite(rows)
    with pytest.raises(UserError, match=r"rows 2 and 4 have the same \"Title\": Search"):
        list(place.open(id_column="Title", key_only=True).list())


def test_a_row_without_a_key_takes_no_part_and_is_named(place):
    rows = place.rows()
    rows[2][0] = None
    place.rewrite(rows)
    (batch,) = place.open(id_column="Title", key_only=True).list()

    assert len(batch.records) == 2
    assert "row 3" in batch.notes[0]
