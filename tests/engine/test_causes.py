"""Why a plan does what it does, under which ids, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncer.engine.names import Directory
from syncer.engine.plan import Plan, Verb
from syncer.engine.state import Decision, ItemView, SideView
from syncer.mapping.rules import Direction, FieldPolicy
from syncer.record import GoneKind, Ref
from syncer.store.rows import LinkState
from tests.engine.views import (
    OLD,
    STORY,
    agreed_otherwise,
    decided,
    edited_on_a,
    item,
    kind,
    planned,
    rules,
    side,
    told,
)
from tests.engine.worlds import note, parent, title

TRASHED, DELETED = GoneKind.TRASHED, GoneKind.DELETED
ARCHIVED, GONE = LinkState.ARCHIVED, LinkState.GONE


def test_an_update_says_whose_word_it_is() -> None:
    (action,), _ = planned(edited_on_a())
    assert action.writes["title"].why == "from a"

    old = {**OLD, "note": "m"}  # a and the item agree; b alone lags behind
    view = item(old, side("a", STORY, old), side("b", STORY, OLD))
    (action,), _ = planned(decided(view))
    assert (action.writes["note"].why, action.cause) == ("to be in step", "unfinished")


def test_an_update_says_which_policy_settled_it() -> None:
    sides = [side(s, STORY, {**OLD, "title": s.upper()}, OLD) for s in "ab"]
    by = rules({"a": STORY, "b": STORY}, FieldPolicy("prefer", ("b",)))
    (action,), _ = planned(decided(item(OLD, *sides), by), by=by)
    assert (told([action]), action.writes["title"].why, action.cause) == (["~ a title=B"], "policy: prefer b", "edit")


def test_an_update_of_what_is_computed_says_so() -> None:
    """The score is on b alone, which computes nothing: the product does."""
    decision = decided(item({"title": "T", "note": "3"}, side("b", STORY, {"title": "T", "note": "3"})))
    decision.fields["note"] = "4"
    (action,), _ = planned(decision)
    assert (action.writes["note"].why, action.cause) == ("computed", "edit")


def test_what_nobody_was_asked_about_is_unfinished_work() -> None:
    decision = Decision(item(OLD, side("b", STORY, {**OLD, "note": "m"}, {**OLD, "note": ("m", "k")})), dict(OLD))
    (action,), _ = planned(decision)
    assert (action.writes["note"].why, action.cause) == ("unfinished", "unfinished")


def cause(view: ItemView, *, renewed: bool = False) -> str:
    actions, _ = planned(decided(view), renewed=renewed)
    (found,) = {a.cause for a in actions if a.verb is Verb.UPDATE}
    return found


@pytest.mark.parametrize("renewed", [False, True])
def test_an_edit_is_the_cause_whatever_else_is_written_with_it(renewed: bool) -> None:
    now = {**OLD, "note": "m"}
    view = item(now, side("a", STORY, {"title": "X", "note": "m"}, now), side("b", STORY, OLD))
    assert told(planned(decided(view))[0]) == ["~ b note=m title=X"]
    assert cause(view, renewed=renewed) == "edit"
    put_back = kind(title("b"), note("b", Direction.OUT))
    assert cause(item(OLD, side("a", STORY, OLD), side("b", put_back, {**OLD, "note": "X"}, OLD)), renewed=renewed) == (
        "edit"
    )


def test_a_first_look_at_a_field_is_no_edit() -> None:
    """The mapping has grown by the note: a's first word about it goes to b."""
    short = {"title": "T"}
    view = item(short, side("a", STORY, OLD, short), side("b", STORY, {"title": "T", "note": None}, short))
    assert (cause(view), cause(view, renewed=True)) == ("first contact", "configuration")
    met = item(short, side("a", STORY, OLD, {}), side("b", STORY, {"title": "T", "note": None}, {}))
    assert (cause(met), cause(met, renewed=True)) == ("first contact", "first contact")


def test_a_field_filled_where_one_who_filled_it_had_been_asked_before_is_an_edit() -> None:
    known = side("a", STORY, {"title": "T", "note": "n"}, {"title": "T", "note": None})
    fresh = side("c", STORY, {"title": "T", "note": "n"}, {"title": "T"})
    view = item({"title": "T"}, known, side("b", STORY, {"title": "T", "note": None}), fresh)
    assert cause(view) == "edit"


def test_a_side_that_stood_still_is_rewritten_by_a_configuration_only() -> None:
    """b agreed to this very value, by other rules: nobody edited anything."""
    recoded = side("b", STORY, {**OLD, "title": "t"}, {**OLD, "title": ("t", "T")})
    recoded = agreed_otherwise(recoded, "title", rule="an older mapping")
    view = item(OLD, side("a", STORY, OLD), recoded)
    decision = Decision(view, dict(OLD))
    for renewed in (False, True):
        (action,), _ = planned(decision, renewed=renewed)
        assert action.cause == "configuration"


def test_a_write_that_was_owed_is_not_the_doing_of_a_new_configuration() -> None:
    old = {**OLD, "note": "m"}
    view = item(old, side("a", STORY, old), side("b", STORY, OLD))
    assert (cause(view), cause(view, renewed=True)) == ("unfinished", "unfinished")


def test_owed_and_recoded_together_are_the_doing_of_a_new_configuration_only() -> None:
    recoded = side("b", STORY, {"title": "t", "note": "n"}, {"title": ("t", "T"), "note": "n"})
    recoded = agreed_otherwise(recoded, "title", rule="an older mapping")
    decision = Decision(item({"title": "T", "note": "m"}, recoded), {"title": "T", "note": "m"})
    assert [planned(decision, renewed=r)[0][0].cause for r in (False, True)] == ["unfinished", "configuration"]


def test_a_first_look_at_one_field_explains_a_write_of_two() -> None:
    """b lags behind in the title, and its note was never looked at."""
    now = {"title": "U", "note": "n"}
    view = item(now, side("a", STORY, now), side("b", STORY, {"title": "T", "note": None}, {"title": "T"}))
    assert told(planned(decided(view))[0]) == ["~ b note=n title=U"]
    assert (cause(view), cause(view, renewed=True)) == ("first contact", "configuration")


def test_equal_ids_are_the_same_deed_and_any_difference_is_another() -> None:
    (deed,), _ = planned(edited_on_a())
    (again,), _ = planned(edited_on_a())
    (other,), _ = planned(decided(item(OLD, side("a", STORY, {**OLD, "title": "Y"}, OLD), side("b", STORY, OLD))))
    assert deed.id == again.id != other.id
    assert len(deed.id) == 20
    (write,) = deed.writes.values()
    changed = [replace(deed, item="j"), replace(deed, side="c"), replace(deed, ref=Ref("b-2"))]
    changed += [replace(deed, writes={"title": replace(write, before="S")}), replace(deed, writes={"name": write})]
    assert len({deed.id, *(a.id for a in changed)}) == 6


def test_a_plan_is_narrowed_to_the_chosen_deeds_and_knows_its_held_fields() -> None:
    sides = [side(s, STORY, {"title": s, "note": "free" if s == "a" else "n"}, OLD) for s in "ab"]
    decision = decided(item(OLD, *sides, side("c", STORY, OLD)))
    actions, _ = planned(decision)
    plan = Plan(tuple(actions), {"i": decision})

    assert plan.held == [(decision, "title")]
    assert [a.side for a in plan.actions] == ["b", "c"]
    assert [a.side for a in plan.only([actions[1].id]).actions] == ["c"]


def several(*titles: str, kinds: str = "story", **more: Any) -> list[Decision]:
    return [
        decided(item({"title": t, **more}, side("a", STORY, {"title": t, "note": None}), id=f"{9 - n}", kind=kinds))
        for n, t in enumerate(titles)
    ]


def test_a_plan_reads_by_kind_and_title_whatever_the_items_are_called_inside() -> None:
    by = rules({"a": STORY, "b": STORY})
    stories = several("beta", "Alpha", "gamma")
    assert [a.label for a in planned(*stories, by=by)[0]] == ["Alpha", "beta", "gamma"]


def test_updates_too_are_in_the_order_of_titles() -> None:
    def moved(name: str, id: str) -> Decision:
        shows = {"title": name, "note": "X"}
        old = {**shows, "note": "n"}
        return decided(item(old, side("a", STORY, shows, old), side("b", STORY, old), id=id))

    assert [a.label for a in planned(moved("b", "1"), moved("A", "3"), moved("c", "2"))[0]] == ["A", "b", "c"]


def test_restores_come_first_then_creates_updates_links_and_archives() -> None:
    def of(id: str, *sides: SideView) -> Decision:
        return decided(item({**OLD, "title": id}, *sides, id=id))

    def here(id: str, name: str, **more: Any) -> SideView:
        return side(name, STORY, {**OLD, "title": id}, **more)

    removed = of("1", here("1", "a", gone=TRASHED), here("1", "b"))
    linked = of("2", here("2", "a", tagged=False), here("2", "b"))
    changed = of("3", side("a", STORY, {"title": "3", "note": "X"}, {"title": "3", "note": "n"}), here("3", "b"))
    new = of("4", here("4", "a"))
    back = of("5", here("5", "a"), side("b", STORY, None, OLD, state=ARCHIVED, seen=OLD))
    actions, _ = planned(removed, linked, changed, new, back)
    assert [a.verb.sign for a in actions] == ["^", "+", "~", "~", "=", "-"]


def family(parents: dict[str, str], *more_sides: str) -> list[str]:
    """The order in which items are made on b: each has a title, and a parent by title."""
    names = Directory()
    for title_ in parents:
        names.link("a", "a", Ref(f"a-{title_}"), title_, "row")
        for where in ("b", *more_sides):
            names.expect(where, title_, "row")
    kinds = {s: kind(title(s), parent(s)) for s in ("a", "b", *more_sides)}
    decisions = []
    for title_, above in parents.items():
        shows = {"title": title_, "parent": f"a-{above}" if above else None}
        values = {"title": title_, **({"parent": above} if above else {})}
        base = {"title": title_, "parent": (shows["parent"], above or None)}
        decisions.append(decided(item(values, side("a", kinds["a"], shows, base), id=title_), names=names))
    actions, _ = planned(*decisions, by=rules(kinds), names=names)
    return [f"{a.label}{a.side}" for a in actions]


def test_what_others_refer_to_is_made_before_them() -> None:
    assert family({"a": "b", "b": "c", "c": "", "d": "c"}) == ["cb", "bb", "ab", "db"]


def test_on_several_sides_too_each_record_is_made_once_and_what_it_refers_to_before_it() -> None:
    assert family({"a": "b", "b": ""}, "c") == ["bb", "bc", "ab", "ac"]


def test_items_that_refer_to_one_another_in_a_ring_are_each_made_once() -> None:
    assert sorted(family({"a": "b", "b": "c", "c": "a"})) == ["ab", "bb", "cb"]
