"""The state is lost, and some records are archived: none comes back by itself, and none is made a second time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.engine.resolve import Choice, answer
from syncer.errors import UnreachableError
from syncer.mapping.rules import Rules
from syncer.record import Ref
from syncer.testing.memory import Fault, Habits
from tests.engine.worlds import Product, SideSpec, note, title
from tests.rescue.test_lost_state import at, in_step, linked, lose, rebuild


def put_away(product: Product, side: str, name: str) -> Ref:
    """Let a record be archived as only we do it: out of sight, but not in the vendor's trash."""
    ref = at(product, side, name)
    product.tables[side].rows[ref].archived = True
    product.tables[side].edit(ref, {})
    return ref


def counts(product: Product) -> list[int]:
    return [len(table.live()) for table in product.tables.values()]


def say(product: Product, word: str) -> None:
    """Answer the one open question."""
    (row,) = product.store.conflicts()
    with product.store.lease("a person", 90) as lease:
        answer(product.store, lease, "a person", row, Choice(word, None, ""), product.now())


def test_what_was_removed_everywhere_stays_removed() -> None:
    product = in_step(Habits(), Habits(), Habits())
    product.tables["a"].trash(at(product, "a", "one"))
    product.settle()
    ids = {item for item, _ in linked(product)}
    assert counts(product) == [3, 3, 3]
    before = product.writes()
    lose(product)
    told = rebuild(product)

    assert (told.by_tag, told.archived) == (3, 1)
    assert ids == {item for item, _ in linked(product)}
    assert {"live": 3, "removed": 1} == _states(product)
    for _ in range(2):
        product.settle()
        assert counts(product) == [3, 3, 3]
    assert before == product.writes()


def test_a_tombstone_that_a_person_restores_comes_back_everywhere() -> None:
    product = in_step(Habits(), Habits(), Habits())
    gone = {side: at(product, side, "one") for side in "abc"}
    product.tables["a"].trash(gone["a"])
    product.settle()
    lose(product)
    rebuild(product)
    product.settle()
    product.tables["b"].untrash(gone["b"])
    for _ in range(3):
        product.sync(full=True)

    assert "one" in product.shows("b")
    assert [frozenset("abc")] * 4 == [frozenset(of) for of in product.store.links().values()]
    assert [q.kind for q in product.store.conflicts()] == ["archived"]
    say(product, "restore")
    product.settle()
    assert counts(product) == [4, 4, 4]
    assert not product.tables["c"].rows[gone["c"]].archived


@pytest.mark.parametrize(("word", "after"), [("removed", [3, 3]), ("restore", [4, 4]), ("unlink", [3, 4])])
def test_what_is_archived_on_one_side_and_lives_on_another_is_asked_about(word: str, after: list[int]) -> None:
    product = in_step()
    ref = put_away(product, "a", "one")
    lose(product)
    before = product.writes()
    told = rebuild(product)

    assert [q.text for q in told.plan.questions] == ["one is archived on a, and lives on b: was it removed?"]
    assert product.plan().actions == ()
    for _ in range(2):
        product.settle()
        assert counts(product) == [3, 4]
        assert len(product.store.conflicts()) == 1
    assert before == product.writes()

    say(product, word)
    product.settle()
    assert after == counts(product)
    assert [ref] == [r.ref for r in product.tables["a"].rows.values() if r.fields["title"] == "one"]
    assert product.store.conflicts() == []
    product.settle()
    assert after == counts(product)


def test_other_fields_of_an_item_with_an_archived_record_go_on_syncing() -> None:
    product = in_step(Habits(), Habits(), Habits())
    put_away(product, "a", "one")
    lose(product)
    rebuild(product)
    product.settle()
    product.tables["b"].edit(at(product, "b", "one"), {"note": "still at work"})
    product.settle()

    assert product.shows("c", "note").count("still at work") == 1
    assert counts(product) == [3, 4, 4]


def test_what_left_the_filter_is_found_by_its_tag_and_not_made_again() -> None:
    product = in_step()
    ref = at(product, "a", "one")
    product.tables["a"].rows[ref].inside = False
    known = linked(product)
    lose(product)
    told = rebuild(product)

    assert (told.by_tag, told.anew) == (4, {})
    assert known == linked(product)
    product.settle()
    assert [4, 4] == counts(product)


def test_what_is_nowhere_to_be_found_is_planned_anew_and_told() -> None:
    product = in_step()
    product.tables["a"].trash(at(product, "a", "two"))
    lose(product)
    told = rebuild(product)

    assert told.anew == {"a": ["two"]}
    assert [("create", "a", "two")] == [(x.verb.value, x.side, x.label) for x in product.plan().actions]


def test_a_side_that_cannot_be_searched_for_tags_stops_a_rebuild() -> None:
    product = in_step()
    product.tables["a"].rows[at(product, "a", "one")].inside = False
    lose(product)
    product.tables["a"].faults.append(Fault("find"))

    with pytest.raises(UnreachableError):
        rebuild(product)
    assert (product.store.generation, product.store.items()) == (0, {})


def test_a_restored_state_that_is_older_than_an_archiving_does_not_bring_it_back() -> None:
    product = in_step()
    backup = product.store.tables.copy()
    product.tables["a"].add({"title": "later"})
    product.settle()
    product.tables["b"].trash(at(product, "b", "later"))
    product.settle()
    assert [4, 4] == counts(product)
    product.store.tables = backup
    product.settle()

    assert [4, 4] == counts(product)
    assert {"live": 4, "removed": 1} == _states(product)


def test_a_living_record_of_a_removed_item_that_nobody_knew_of_is_not_archived() -> None:
    product = in_step()
    ref = at(product, "a", "one")
    put_away(product, "b", "one")
    tag, product.tables["a"].rows[ref].tag = product.tables["a"].rows[ref].tag, None
    product.tables["a"].rows[ref].inside = False
    lose(product)
    rebuild(product)
    assert {"live": 3, "removed": 1} == _states(product)
    product.tables["a"].rows[ref].tag = tag
    product.tables["a"].rows[ref].inside = True
    product.tables["a"].edit(ref, {"note": "seen again"})
    for _ in range(3):
        product.sync(full=True)

    assert "one" in product.shows("a")
    assert ["archived"] == [row.kind for row in product.store.conflicts()]


def _states(product: Product) -> dict[str, int]:
    rows = [row.state.value for row in product.store.items().values()]
    return {state: rows.count(state) for state in sorted(set(rows))}


class ByValue(Product):
    """A product whose side a archives by a value, as a workflow does."""

    @property
    def rules(self) -> Rules:
        rules = super().rules
        side = rules.sides["a"]
        kinds = {name: replace(kind, archive_value=("note", "away")) for name, kind in side.kinds.items()}
        return replace(rules, sides={**rules.sides, "a": replace(side, kinds=kinds)})


@pytest.fixture
def by_value() -> ByValue:
    fields = (title("a"), note("a"))
    product = ByValue(path=None, specs={side: SideSpec(fields) for side in "ab"})  # type: ignore[arg-type]
    for name in ("one", "two"):
        product.tables["a"].add({"title": name})
    product.settle()
    return product


def test_what_was_archived_by_a_value_stays_removed_where_it_lives_nowhere(by_value: ByValue) -> None:
    by_value.tables["b"].trash(at(by_value, "b", "one"))
    by_value.settle()
    assert sorted(map(str, by_value.shows("a", "note"))) == ["None", "away"]
    lose(by_value)
    told = rebuild(by_value)
    by_value.settle()

    assert (told.by_tag, told.archived) == (1, 1)
    assert by_value.shows("b") == ["two"]
    assert sorted(map(str, by_value.shows("a", "note"))) == ["None", "away"]


def test_a_value_that_stands_for_archived_is_a_field_where_the_item_lives_elsewhere(by_value: ByValue) -> None:
    by_value.tables["a"].edit(at(by_value, "a", "one"), {"note": "away"})
    lose(by_value)
    told = rebuild(by_value)

    assert (told.by_tag, told.archived, told.plan.questions) == (2, 0, ())
    by_value.settle()
    assert sorted(by_value.shows("b")) == ["one", "two"]
