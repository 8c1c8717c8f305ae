"""A system that cannot hold our tag: a create that may have landed, and been edited since, is never repeated unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.adapter import Can
from syncer.engine.resolve import Choice, answer
from syncer.record import Ref
from syncer.testing.memory import Fault, Habits
from tests.engine.worlds import Product, SideSpec, note, title

BARE = Habits(can=Can.ALL & ~Can.TAG_IN_CREATE & ~Can.TAG & ~Can.TELLS_EDITOR)


def lost_and_edited(path: Path) -> tuple[Product, Ref]:
    """A create on b whose answer was lost, and a person who renames the new record before we look."""
    specs = {"a": SideSpec((title("a"), note("a"))), "b": SideSpec((title("b"), note("b")), BARE)}
    product = Product(path / "s.db", specs)
    product.tables["a"].add({"title": "old"})
    product.settle()
    product.tables["a"].add({"title": "T", "note": "N"})
    product.tables["b"].faults.append(Fault("create", "unknown", "after"))
    product.sync()
    made = next(ref for ref, fields in product.tables["b"].live().items() if fields["title"] == "T")
    product.tick(5)
    product.tables["b"].edit(made, {"title": "renamed by a person"})
    product.reopen()
    for _ in range(3):
        product.sync(full=True)
        product.tick(200)
    return product, made


def reply(product: Product, words: str) -> None:
    (row,) = [c for c in product.store.conflicts() if c.kind == "twin"]
    (choices,) = [said["value"] for said in row.sides.values()]
    chosen = next(c for c in choices if words in c)
    with product.store.lease("person", 90) as lease:
        answer(product.store, lease, "person", row, Choice(chosen), product.now())


def test_it_is_asked_about_and_nothing_is_created_until_then(tmp_path: Path) -> None:
    product, _ = lost_and_edited(tmp_path)

    assert sorted(map(str, product.shows("b"))) == ["old", "renamed by a person"]
    (row,) = product.store.conflicts()
    assert "may have created 'T' on b" in row.reason and "renamed by a person" in row.reason


def test_where_it_is_ours_it_is_linked_and_the_persons_words_are_kept(tmp_path: Path) -> None:
    product, _ = lost_and_edited(tmp_path)
    reply(product, "renamed by a person")
    for _ in range(3):
        product.sync(full=True)

    assert sorted(map(str, product.shows("b"))) in (["T", "old"], ["old", "renamed by a person"])
    said = [str(c.sides) for c in product.store.conflicts(state=None) if c.field]
    assert any(
        "renamed by a person" in s for s in [*said, *map(str, product.shows("a")), *map(str, product.shows("b"))]
    )
    assert len(product.shows("a")) == 2


def test_where_it_is_not_ours_the_create_is_made_and_the_other_is_born(tmp_path: Path) -> None:
    product, _ = lost_and_edited(tmp_path)
    reply(product, "none of these")
    product.tick(200)
    product.settle()

    wanted = ["T", "old", "renamed by a person"]
    assert sorted(map(str, product.shows("b"))) == wanted
    assert sorted(map(str, product.shows("a"))) == wanted


@pytest.mark.parametrize("edited", [False, True])
def test_a_create_that_never_landed_is_made_without_a_question(tmp_path: Path, edited: bool) -> None:
    specs = {"a": SideSpec((title("a"),)), "b": SideSpec((title("b"),), BARE)}
    product = Product(tmp_path / "s.db", specs)
    product.tables["a"].add({"title": "old"})
    product.settle()
    ref = product.tables["a"].add({"title": "T"})
    product.tables["b"].faults.append(Fault("create", "unknown", "before"))
    product.sync()
    if edited:
        product.tables["a"].edit(ref, {"title": "T2"})
    product.reopen()
    product.tick(200)
    product.settle()

    assert sorted(map(str, product.shows("b"))) == ["T2" if edited else "T", "old"]
    assert product.store.conflicts() == []
