"""What a person writes between our last read and our write is not lost where the system keeps a history."""

from __future__ import annotations

import os
from collections.abc import Set
from pathlib import Path

from syncer.adapter import Can
from syncer.record import Ref
from syncer.testing.memory import Habits
from tests.counting import count
from tests.engine.worlds import Product, SideSpec, labels, note, title

TIMES = int(os.environ.get("SYNCER_GAPS", "60"))


def two(path: Path, habits: Habits | None = None) -> Product:
    fields = {s: (title(s), note(s), labels(s)) for s in "ab"}
    return Product(path / "s.db", {"a": SideSpec(fields["a"]), "b": SideSpec(fields["b"], habits or Habits())})


def test_an_edit_in_the_gap_is_given_back_and_is_a_conflict(tmp_path: Path) -> None:
    product = two(tmp_path)
    ref = product.tables["a"].add({"title": "O"})
    product.settle()
    table = product.tables["b"]
    product.tables["a"].edit(ref, {"title": "X"})
    table.between = lambda ref, fields: table.edit(ref, {"title": "theirs"})
    _, report = product.sync()

    assert [name for _, name in report.given_back] == ["title"]
    assert product.shows("b") == ["theirs"]
    product.sync()
    (row,) = product.store.conflicts()
    assert (row.field, {s: v["value"] for s, v in row.sides.items()}["b"]) == ("title", "theirs")
    assert product.shows("b") == ["theirs"]


def test_an_edit_of_the_same_words_in_the_gap_is_agreement(tmp_path: Path) -> None:
    product = two(tmp_path)
    ref = product.tables["a"].add({"title": "O"})
    product.settle()
    table = product.tables["b"]
    product.tables["a"].edit(ref, {"title": "X"})
    table.between = lambda ref, fields: table.edit(ref, {"title": "X"})
    _, report = product.sync()

    assert report.given_back == []
    product.settle()
    assert product.store.conflicts() == []


def test_of_a_thousand_edits_in_the_gap_none_is_lost(tmp_path: Path) -> None:
    product = two(tmp_path)
    ref = product.tables["a"].add({"title": "O", "note": "n"})
    product.settle()
    table, met = product.tables["b"], 0
    for number in range(TIMES):
        word, met_before = f"theirs {number}", met

        def person(ref: Ref, fields: Set[str], word: str = word) -> None:
            nonlocal met
            met += 1
            table.edit(ref, {"note": word})

        product.tables["a"].edit(ref, {"note": f"ours {number}"})
        table.between = person
        product.sync()
        product.sync()
        assert met == met_before + 1
        assert product.shows("b", "note") == [word]
        (row,) = product.store.conflicts()
        assert row.sides["b"]["value"] == word
        table.edit(product.only("b"), {"note": f"ours {number}"})
        product.settle()
        assert product.store.conflicts() == []
    count("edits in the gap", met)


def test_without_a_history_the_gap_is_told_by_the_traits(tmp_path: Path) -> None:
    product = two(tmp_path, Habits(can=Can.ALL & ~Can.TELLS_OVERWRITTEN))
    ref = product.tables["a"].add({"title": "O"})
    product.settle()
    table = product.tables["b"]
    product.tables["a"].edit(ref, {"title": "X"})
    table.between = lambda ref, fields: table.edit(ref, {"title": "theirs"})
    _, report = product.sync()

    assert (report.given_back, product.shows("b")) == ([], ["X"])
