"""The state is lost: that is noticed, and a new one takes everything back from the tags; nothing doubles, nothing is
written that nobody reviewed."""

from __future__ import annotations

import pytest

from syncer.adapter import Can
from syncer.engine.plan import Verb
from syncer.engine.rebuild import Rebuilt
from syncer.errors import LostError, RetryableError
from syncer.record import Ref, Tag
from syncer.testing.memory import Fault, Habits
from tests.engine.quickstore import QuickStore
from tests.engine.worlds import Product, SideSpec, labels, note, parent, status, title

TITLES = ("top", "one", "two", "three")


def in_step(*habits: Habits) -> Product:
    """Sides in step, a parent among their items, titles alike: only tags can tell some of them apart."""
    given = dict(zip("abc", habits or (Habits(), Habits()), strict=False))
    specs = {s: SideSpec((title(s), note(s), labels(s), status(s), parent(s)), h) for s, h in given.items()}
    product = Product(path=None, specs=specs)  # type: ignore[arg-type]  # a store in memory has no path
    top = product.tables["a"].add({"title": "top"})
    for name in TITLES[1:]:
        product.tables["a"].add({"title": name, "note": f"about {name}", "labels": ["x"], "parent": top})
    product.settle()
    return product


def lose(product: Product, lineage: str = "after") -> None:
    """Let the state be gone, and time pass."""
    product.store = QuickStore(product.path, "shop", product.now, lineage)
    product.tick(3600)


def rebuild(product: Product) -> Rebuilt:
    with product.store.lease("rebuild", 90) as lease:
        return product.engine().rebuild(lease, "rebuild")


def linked(product: Product) -> set[tuple[str, frozenset[tuple[str, Ref]]]]:
    return {(i, frozenset((s, r.ref) for s, r in of.items())) for i, of in product.store.links().items()}


def at(product: Product, side: str, name: str) -> Ref:
    (ref,) = (ref for ref, fields in product.tables[side].live().items() if fields["title"] == name)
    return ref


def tags(product: Product) -> list[tuple[str, Ref, Tag | None]]:
    return [(side, row.ref, row.tag) for side, table in product.tables.items() for row in table.rows.values()]


def test_a_state_that_is_gone_is_noticed_and_nothing_is_written() -> None:
    product = in_step()
    lose(product)
    before, marks = product.writes(), tags(product)

    with pytest.raises(LostError, match=r"the state of shop was lost: .*4 on a, 4 on b") as caught:
        product.sync(full=True)
    with pytest.raises(LostError):
        product.plan()
    assert (caught.value.exit_code, "`syncer rebuild`" in caught.value.hint) == (2, True)
    assert (before, marks) == (product.writes(), tags(product))


def test_a_rebuild_gives_every_item_back_under_its_id_and_there_is_nothing_to_do() -> None:
    product = in_step(Habits(), Habits(), Habits())
    known, marks, before = linked(product), tags(product), product.writes()
    lose(product)
    told = rebuild(product)

    assert (told.by_tag, told.matched, told.alone, told.lineage) == (4, 0, 0, "quick")
    assert known == linked(product)
    assert product.plan().actions == ()
    assert (before, marks) == (product.writes(), tags(product))
    assert {name: row.fields["title"] for name, row in product.store.items().items()}.keys() == {i for i, _ in known}


def test_after_a_rebuild_edits_travel_as_ever() -> None:
    product = in_step()
    lose(product)
    rebuild(product)
    product.tables["b"].edit(at(product, "b", "one"), {"note": "new"})
    product.tables["a"].add({"title": "born after"})
    product.settle()

    assert "new" in product.shows("a", "note")
    assert product.shows("b").count("born after") == 1
    assert [5, 5] == [len(t.live()) for t in product.tables.values()]


def test_what_people_did_meanwhile_is_planned_and_not_done() -> None:
    product = in_step()
    lose(product)
    product.tables["a"].edit(at(product, "a", "one"), {"note": "changed while nobody looked"})
    product.tables["a"].edit(at(product, "a", "two"), {"title": "renamed"})
    product.tables["b"].edit(at(product, "b", "two"), {"labels": ["x", "y"]})
    product.tables["b"].add({"title": "new"})
    product.tables["b"].edit(at(product, "b", "three"), {"note": None})
    before = product.writes()
    told = rebuild(product)
    plan = product.plan()

    assert before == product.writes()
    assert (told.by_tag, told.alone) == (4, 1)
    held = {(d.title, name) for d, name in told.plan.held}
    assert ("one", "note") in held
    assert {name for _, name in held} == {"note", "title"}
    assert ("create", "a") in {(a.verb.value, a.side) for a in plan.actions}
    assert {"labels", "note"} <= {name for a in plan.actions for name in a.writes}
    product.sync(full=True)
    assert product.shows("a", "labels").count(["x", "y"]) == 1
    assert "about three" in product.shows("b", "note")


def test_what_was_moved_out_of_sight_of_titles_is_still_one_item() -> None:
    product = in_step()
    lose(product)
    for name in TITLES:
        product.tables["a"].edit(at(product, "a", name), {"title": f"{name}, elsewhere"})
    told = rebuild(product)

    assert (told.by_tag, told.matched, told.alone) == (4, 0, 0)
    assert {frozenset("ab")} == {frozenset(of) for of in product.store.links().values()}


def test_two_records_with_one_tag_are_a_question_until_one_of_them_is_gone() -> None:
    product = in_step()
    twin = product.tables["a"].copy(at(product, "a", "one"))
    lose(product)
    told = rebuild(product)

    assert (told.by_tag, len(told.waiting)) == (3, 3)
    assert ["which of these is the item their one tag names?"] == [q.text[:47] for q in told.plan.questions]
    for _ in range(2):
        product.sync(full=True)
        assert [5, 4] == [len(t.live()) for t in product.tables.values()]
        assert len(product.store.conflicts()) == 1
    product.tables["a"].trash(twin)
    product.settle()
    assert [frozenset("ab")] * 4 == [frozenset(of) for of in product.store.links().values()]
    assert [4, 4] == [len(t.live()) for t in product.tables.values()]
    assert product.store.conflicts() == []


def test_another_products_tag_is_no_tag_of_ours_and_is_never_touched() -> None:
    product = in_step()
    theirs = Tag("bank", "i1", "quick")
    ref = product.tables["a"].add({"title": "shared with the bank", "note": "kept"})
    product.tables["a"].rows[ref].tag = theirs
    product.settle()
    lose(product)
    rebuild(product)
    product.settle()

    assert theirs == product.tables["a"].rows[ref].tag
    assert product.shows("b").count("shared with the bank") == 1
    assert not [a for a in product.plan(full=True).actions if a.verb is Verb.LINK]


def test_a_new_product_beside_anothers_tags_is_not_called_lost() -> None:
    product = Product(path=None, specs={s: SideSpec((title(s),)) for s in "ab"})  # type: ignore[arg-type]
    ref = product.tables["a"].add({"title": "theirs"})
    product.tables["a"].rows[ref].tag = Tag("bank", "i1", "old")
    product.settle()

    assert product.shows("b") == ["theirs"]


def test_tags_of_several_lineages_are_all_believed_and_the_most_frequent_goes_on() -> None:
    product = in_step()
    lose(product)
    for side in "ab":
        row = product.tables[side].rows[at(product, side, "one")]
        assert row.tag is not None
        row.tag = Tag("shop", row.tag.item, "older")
        product.tables[side].edit(row.ref, {"title": f"one of {side}"})
    marks = tags(product)
    told = rebuild(product)

    assert (told.by_tag, told.lineage, product.store.lineage) == (4, "quick", "quick")
    product.sync(full=True)
    assert marks == tags(product)


def test_a_side_without_tags_is_matched_by_its_rule_to_what_the_tags_gave_back() -> None:
    product = in_step(Habits(), Habits(), Habits(can=Can.ALL & ~(Can.TAG | Can.TAG_IN_CREATE)))
    known = linked(product)
    lose(product)
    told = rebuild(product)

    assert (told.by_tag, told.alone) == (4, 0)
    assert known == linked(product)
    assert product.plan().actions == ()


def test_a_side_that_cannot_be_listed_stops_a_rebuild_before_it_links_anything() -> None:
    product = in_step()
    lose(product)
    product.tables["b"].faults.append(Fault("list"))

    with pytest.raises(RetryableError):
        rebuild(product)
    assert (product.store.generation, product.store.items()) == (0, {})


def test_a_state_that_is_older_than_the_records_takes_them_back_by_their_tags() -> None:
    product = in_step()
    backup = product.store.tables.copy()
    for name in ("later", "later still"):
        product.tables["a"].add({"title": name})
    product.settle()
    known = linked(product)
    product.tables["b"].edit(at(product, "b", "later"), {"title": "renamed"})
    product.store.tables = backup
    product.settle()

    assert known == linked(product)
    assert [6, 6] == [len(t.live()) for t in product.tables.values()]


def test_killed_between_the_lineage_and_the_links_a_rebuild_is_done_again() -> None:
    product = in_step()
    known = linked(product)
    lose(product)
    with product.store.lease("killed", 90) as lease:
        product.store.adopt(lease, "quick")
    told = rebuild(product)

    assert (known, told.by_tag) == (linked(product), 4)
    assert product.plan().actions == ()
