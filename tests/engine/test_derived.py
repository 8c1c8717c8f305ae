"""What is computed of merged items: scores of an item's own fields, progress of what serves it or lies below it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from syncer.engine.derive import Node, Tree, derive_fields, shown_derived, touched, trees
from syncer.engine.state import Decision
from syncer.mapping.rules import Direction
from syncer.model.item import Category
from syncer.record import FieldSpec, FieldType
from syncer.store.rows import ItemRow, ItemState
from syncer.testing.rules import Plain
from tests.engine.views import STORY, decided, item, kind, rules, side
from tests.engine.worlds import title


def number(name: str) -> Plain:
    return Plain(name, FieldSpec(name, name, FieldType.NUMBER), FieldType.NUMBER, Direction.OUT)


SHOWS = kind(title("b"), number("progress"), number("score"), name="feature")
SHOWN = rules({"b": SHOWS})


def tree(**items: Any) -> Tree:
    """Return a tree: item → (kind, status, what it is part of…)."""
    return Tree({name: Node(found[0], found[1], tuple(found[2:])) for name, found in items.items()})


def of(kind: str, **fields: Any) -> Decision:
    shown = kind_rule(kind)
    return decided(item({"title": "T", **fields}, side("b", shown, {"title": "T"}), kind=kind))


def kind_rule(name: str) -> Any:
    return replace(STORY, kind=name)


def progress(of_item: Decision, of_tree: Tree | None) -> int | None:
    derive_fields(of_item, {"progress"}, of_tree, SHOWN)
    found: int | None = of_item.fields.get("progress")
    return found


# below


def test_the_progress_of_a_feature_is_that_of_what_has_nothing_below_itself() -> None:
    found = tree(i=("feature", None), e=("epic", "planned", "i"), s=("story", "done", "e"), t=("story", "doing", "e"))
    assert sorted(found.parts("i")) == ["s", "t"]
    assert progress(of("feature"), found) == 50
    assert found.parts("s") == []


def test_the_progress_of_a_goal_is_that_of_what_serves_it_directly() -> None:
    found = tree(i=("goal", None), f=("feature", "done", "i"), s=("story", "doing", "f"))
    assert found.parts("i") == ["f"]
    assert tree(i=("goal", None)).parts("i") == []
    assert progress(of("goal"), found) == 100


def test_items_that_are_part_of_one_another_end_somewhere() -> None:
    ring = tree(x=("epic", None, "y"), y=("epic", None, "x"), z=("story", None, "y"))
    assert ring.leaves("x") == ["z"]
    assert tree(x=("epic", None, "x")).leaves("x") == ["x"]
    assert ring.above("z") == {"x", "y"}


def test_what_is_above_an_item_is_found_at_any_height_and_on_every_way() -> None:
    found = tree(s=("story", None, "e", "g"), e=("epic", None, "f"), f=("feature", None, "h"), g=("goal", None))
    assert found.above("s") == {"e", "f", "g", "h"}
    assert (found.above("f"), found.above("g"), found.above("nobody")) == ({"h"}, set(), set())


def test_an_item_is_part_of_its_parent_and_of_the_goals_it_serves() -> None:
    node = Node.of("story", {"parent": "p", "goals": ["g", "h"], "status": "done"})
    assert (node.above, node.status, node.kind) == (("p", "g", "h"), "done", "story")
    assert Node.of("story", {"goals": None}).above == ()
    assert Node.of("story", {"parent": None, "goals": ["g"]}).above == ("g",)


# what is shown, and what a move touches


def test_only_derived_fields_that_a_side_shows_are_computed() -> None:
    other = kind(title("c"), number("reach"), number("score"), name="feature")
    by = rules({"b": kind(title("b"), number("progress"), name="feature"), "c": other, "d": STORY})
    assert shown_derived(by) == {"feature": {"progress", "score"}}
    assert shown_derived(rules({"b": replace(SHOWS, kind="of another model")})) == {}


def test_a_move_touches_what_is_above_before_and_after_where_progress_is_shown() -> None:
    before = tree(s=("story", None, "f"), f=("feature", None, "g"), g=("goal", None), h=("feature", None))
    after = tree(s=("story", None, "h"), f=("feature", None, "g"), g=("goal", None), h=("feature", None))
    wanted = {"feature": frozenset({"progress"}), "goal": frozenset({"score"})}
    assert touched(before, after, {"s"}, wanted) == {"f", "h"}
    assert touched(before, after, set(), wanted) == set()
    gone = tree(s=("story", None, "h"), h=("feature", None))
    assert touched(before, gone, {"s"}, wanted) == {"h"}, "what no longer lives is not looked at"


def test_what_moved_is_what_is_another_than_before() -> None:
    rows = [ItemRow(i, "story", {"title": i, "parent": "p"}) for i in ("moved", "renamed", "ended", "still")]
    rows.append(ItemRow("dead", "story", {"title": "dead"}, ItemState.REMOVED))

    def now(id: str, state: str = "live", **fields: Any) -> Decision:
        decision = decided(item({"title": id, "parent": "p", **fields}, id=id))
        decision.state = state
        return decision

    decisions = {d.item: d for d in (now("moved", parent="q"), now("renamed", title="N"), now("ended", "removed"))}
    decisions["new"] = now("new")
    decisions["dead"] = now("dead", "removed")
    before, after, moved = trees(rows, decisions)
    assert moved == {"moved", "ended", "new"}
    assert before.nodes.keys() == {"moved", "renamed", "ended", "still"}
    assert after.nodes.keys() == {"moved", "renamed", "new", "still"}
    assert (before.nodes["moved"].above, after.nodes["moved"].above) == (("p",), ("q",))


# in place


def test_a_score_is_put_in_place_and_taken_away_where_it_cannot_be_computed() -> None:
    whole = of("feature", reach=100, impact=2, confidence=50, effort=4)
    derive_fields(whole, {"score"}, None, SHOWN)
    assert whole.fields["score"] == 25
    lacking = of("feature", reach=100, score=25)
    derive_fields(lacking, {"score", "progress"}, None, SHOWN)
    assert lacking.fields == {"title": "T", "reach": 100}


def test_progress_is_unknown_where_nothing_is_below_and_where_nobody_looked() -> None:
    assert progress(of("feature"), None) is None
    assert progress(of("feature"), tree(i=("feature", None))) is None
    assert progress(of("feature"), tree(other=("feature", "done"))) is None


def test_a_status_nobody_knows_counts_as_an_idea() -> None:
    below = {"s": ("story", "done", "i"), "t": ("story", "a word of somebody's own", "i"), "u": ("story", None, "i")}
    assert progress(of("feature"), tree(i=("feature", None), **below)) == 33
    own = replace(SHOWN, statuses={"a word of somebody's own": Category.DONE, "done": Category.DONE})
    decision = of("feature")
    derive_fields(decision, {"progress"}, tree(i=("feature", None), **below), own)
    assert decision.fields["progress"] == 67


def test_a_computed_field_that_was_undone_is_held_until_it_comes_to_that_again() -> None:
    def undone(effort: int) -> Decision:
        fields = {"title": "T", "reach": 100, "impact": 2, "confidence": 50, "effort": effort, "score": 25}
        decision = decided(item(fields, side("b", STORY, {"title": "T"}), kind="feature", holds=frozenset({"score"})))
        decision.fields["score"] = 30  # all sides came to show that
        derive_fields(decision, {"score"}, None, SHOWN)
        return decision

    held = undone(5)
    clash = held.outcomes["score"].clash
    assert clash is not None and (clash.values, clash.ancestor, clash.why) == ({"computed": 20}, 25, "undone")
    assert (held.fields["score"], held.outcomes["score"].held) == (25, True)
    assert ("score" in undone(4).outcomes, undone(4).fields["score"]) == (False, 25)
