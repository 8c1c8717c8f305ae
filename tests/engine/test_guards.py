"""What stops a plan: at which number, with what it saw, and by which flag it passes."""

from __future__ import annotations

from typing import Any

from syncer.engine.guard import check_guards
from syncer.engine.plan import Action, Verb, Write
from syncer.mapping.rules import Guards
from syncer.record import Ref


def deeds(count: int, verb: Verb = Verb.UPDATE, cause: str = "edit", *fields: str) -> list[Action]:
    writes = {name: Write("x", "y", {name: "y"}, "") for name in fields or ("title",)}
    return [Action(verb, f"i{n}", "story", "b", Ref(f"b-{n}"), "row", "T", writes, cause) for n in range(count)]


def seen(actions: list[Action], guards: Guards | None = None, **more: Any) -> list[tuple[str, str]]:
    options: dict[str, Any] = {"linked": {"a": 100, "b": 10}, "emptied": (), "removed": {}, **more}
    return check_guards(actions, guards or Guards(), **options)


def test_a_quiet_plan_trips_no_guard() -> None:
    assert seen(deeds(20)) == []


def test_a_side_that_is_suddenly_empty_is_named_with_all_it_had() -> None:
    assert seen([], emptied=["b", "a"]) == [
        ("a is suddenly empty: all 100 of its records are missing", "--allow empty"),
        ("b is suddenly empty: all 10 of its records are missing", "--allow empty"),
    ]


def test_removals_are_guarded_by_number_and_by_share() -> None:
    few = Guards(max_removals=5, max_removal_share=0.2)
    assert seen([], few, removed={"a": 5}) == []
    assert seen([], few, removed={"a": 6}) == [
        ("6 of 100 records were removed on a (allowed: 5, or 20%)", "--allow removals")
    ]
    assert seen([], few, removed={"b": 3})[0][0].startswith("3 of 10 records")
    assert seen([], few, removed={"b": 2}, linked={"b": 2}) == [], "two are few, whatever their share"
    assert seen([], Guards(max_removals=5, max_removal_share=0.3), removed={"b": 3}) == []


def test_records_that_went_back_are_a_restored_backup() -> None:
    back = Guards(max_went_back=2)
    assert seen([], back, went_back={"a": 2}) == []
    assert seen([], back, went_back={"b": 3, "a": 4}) == [
        ("4 records of a went back to an older state (allowed: 2): was a backup restored there?", "--allow older"),
        ("3 records of b went back to an older state (allowed: 2): was a backup restored there?", "--allow older"),
    ]


def test_writes_are_counted_and_tags_are_none() -> None:
    few = Guards(max_writes=3)
    assert seen([*deeds(3), *deeds(9, Verb.LINK)], few) == []
    assert seen([*deeds(3), *deeds(1, Verb.CREATE)], few) == [("4 writes, more than max_writes: 3", "--allow writes")]


def test_writes_that_only_a_configuration_causes_are_counted_by_field() -> None:
    few = Guards(max_config_writes=3)
    assert seen([*deeds(3, Verb.UPDATE, "configuration"), *deeds(9)], few) == []
    many = [*deeds(2, Verb.UPDATE, "configuration", "note", "title"), *deeds(2, Verb.UPDATE, "configuration", "note")]
    many += [*deeds(1, Verb.UPDATE, "configuration", "x1", "x2", "x3", "note", "title")]
    assert seen(many, few) == [
        (
            "5 writes are caused by a changed configuration alone: note (5), title (3), x1 (1)",
            "--allow configuration",
        )
    ]
