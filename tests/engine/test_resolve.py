"""A person settles what is held: what is chosen becomes the item's, and is no licence to overwrite what came since."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.engine.names import Directory
from syncer.engine.resolve import Choice, Held, resolve
from syncer.errors import UserError
from syncer.mapping.rules import Value
from syncer.store.rows import ConflictRow
from tests.engine.worlds import Product, SideSpec, note, title


@pytest.fixture
def torn(tmp_path: Path) -> Product:
    """Three sides; the titles of two disagree."""
    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), note(s))) for s in "abc"})
    product.tables["a"].add({"title": "O"})
    product.settle()
    for side, word in (("a", "A"), ("b", "B")):
        product.tables[side].edit(product.only(side), {"title": word})
    product.sync()
    return product


def the_conflict(product: Product) -> ConflictRow:
    (row,) = product.store.conflicts()
    return row


def choose(product: Product, choice: Choice) -> Value:
    with product.store.lease("p", 90) as lease:
        return resolve(
            product.store, lease, "p", product.rules, Directory(), the_conflict(product), choice, product.now()
        )


def shows(product: Product) -> list[object]:
    return [value for side in "abc" for value in product.shows(side)]


@pytest.mark.parametrize(
    ("choice", "lands"), [(Choice("b"), "B"), (Choice("c"), "O"), (Choice("the item"), "O"), (Choice(value="N"), "N")]
)
def test_what_a_person_chooses_reaches_every_side(torn: Product, choice: Choice, lands: str) -> None:
    assert choose(torn, choice) == lands
    torn.settle()

    assert (shows(torn), torn.store.conflicts()) == ([lands] * 3, [])


def test_an_edit_made_after_the_choice_and_before_it_arrived_is_a_conflict(torn: Product) -> None:
    choose(torn, Choice("b"))
    torn.tables["a"].edit(torn.only("a"), {"title": "A2"})
    torn.sync()

    assert torn.shows("a") == ["A2"]
    assert the_conflict(torn).field == "title"


def test_the_reason_is_kept_and_so_is_why_it_was_a_conflict(torn: Product) -> None:
    before = the_conflict(torn)
    choose(torn, Choice("b", because="b is what we tell customers"))
    (row,) = [c for c in torn.store.conflicts(state=None) if c.id == before.id]
    (told,) = torn.store.journal(action="settle")

    assert (row.how, row.reason) == ("a person took b: b is what we tell customers", before.reason)
    assert (told.rule, told.why) == ("a person took b", "b is what we tell customers")


def test_a_choice_that_does_not_fit_changes_nothing(torn: Product) -> None:
    held = Held.of(torn.store, torn.rules, Directory(), the_conflict(torn))
    for choice, said in ((Choice("z"), "has no word"), (Choice(value=7), "expected text")):
        with pytest.raises(UserError, match=said):
            choose(torn, choice)

    assert (held.word("a"), held.word("b"), held.word("c")) == ("A", "B", "O")
    assert (the_conflict(torn).id, torn.store.journal(action="settle")) == (held.row.id, [])
