"""Acceptance criteria that several people change at once."""

from __future__ import annotations

from typing import Any

import pytest

from syncer.model.sequence import merge_sequence

BY_MAIL, BY_EMAIL, BY_CARD = "log in by mail", "log in by e-mail", "log in by card"
OTHER = "Q3 figures"


def entries(*said: str) -> list[dict[str, Any]]:
    """Return criteria; an x before a text ticks it."""
    return [{"text": text.removeprefix("x:"), "done": text.startswith("x:")} for text in said]


def merged(was: list[str], *sides: list[str]) -> tuple[list[str], bool]:
    """Merge sides of those names in that order, and in the other; say the same of both."""
    forwards, backwards = (
        merge_sequence(entries(*was), {f"s{i}": entries(*said) for i, said in enumerate(order)})
        for order in (sides, sides[::-1])
    )
    assert forwards == backwards
    return [("x:" if e["done"] else "") + e["text"] for e in forwards[0]], forwards[1]


def test_edits_far_apart_all_arrive() -> None:
    was = ["a", "b", "c", "d", "e", "f", "g"]

    assert merged(was, ["a", "c", "d", "e", "f", "g"], ["a", "b", "c", "d", "e", "f", "new", "g"]) == (
        ["a", "c", "d", "e", "f", "new", "g"],
        False,
    )
    assert merged(was, ["first", *was], [*was, "last"], ["a", "b", "c", "x:d", "e", "f", "g"]) == (
        ["first", "a", "b", "c", "x:d", "e", "f", "g", "last"],
        False,
    )
    assert merged(was, ["c", "d", "e", "f", "g"], ["a", "b", "c", "d", "other", "new", "g"]) == (
        ["c", "d", "other", "new", "g"],
        False,
    )


def test_a_removal_travels_while_others_add_tick_and_reword_elsewhere() -> None:
    was = ["a", "b", BY_MAIL, "d"]

    assert merged(was, ["b", BY_MAIL, "d"], ["a", "b", BY_EMAIL, "x:d"]) == (["b", BY_EMAIL, "x:d"], False)
    assert merged(was, ["a", "b", BY_MAIL], ["x:a", "b", BY_MAIL, "d"]) == (["x:a", "b", BY_MAIL], False)


def test_an_entry_is_the_same_reworded_wherever_it_stands_and_though_others_were_added_before_it() -> None:
    was = ["a", "b", BY_MAIL, "pay by bank transfer", "e"]
    mine = ["new", "a", "b", BY_EMAIL, "pay by bank-transfer", "e"]
    yours = ["a", "b", f"x:{BY_MAIL}", "x:pay by bank transfer", "x:e"]

    assert merged(was, mine, yours) == (["new", "a", "b", f"x:{BY_EMAIL}", "x:pay by bank-transfer", "x:e"], False)


def test_half_of_its_letters_make_an_entry_the_same_and_less_does_not() -> None:
    assert merged(["ab", "z"], ["ac", "z"], ["x:ab", "z"]) == (["x:ac", "z"], False)
    assert merged(["abc", "z"], ["axy", "z"], ["x:abc", "z"]) == (["abc", "z"], True)


def test_a_long_entry_is_told_by_all_its_letters_however_often_they_come() -> None:
    long = "the cart keeps what was put in it " * 8

    assert merged([long, "z"], [long[3:], "z"], [f"x:{long}", "z"]) == ([f"x:{long[3:]}", "z"], False)


def test_where_one_of_two_entries_is_replaced_by_another_neither_is_taken_for_a_rewording() -> None:
    assert merged([BY_MAIL, "b", "z"], [BY_EMAIL, OTHER, "z"], [BY_MAIL, "x:b", "z"]) == ([BY_MAIL, "b", "z"], True)


def test_two_rewordings_of_one_entry_conflict_and_the_rest_still_merges() -> None:
    assert merged([BY_MAIL, "b", "c"], [BY_EMAIL, "b", "c"], [BY_CARD, "b", "x:c"]) == ([BY_MAIL, "b", "x:c"], True)
    assert merged([BY_MAIL, "b"], [BY_EMAIL, "b"], [BY_EMAIL, "x:b"]) == ([BY_EMAIL, "x:b"], False)


@pytest.mark.parametrize("edited", [BY_EMAIL, f"x:{BY_MAIL}"])
def test_a_removal_and_an_edit_of_one_entry_conflict_and_the_entry_stays_as_it_was(edited: str) -> None:
    was = ["a", "b", BY_MAIL, "d"]

    assert merged(was, ["x:a", "b", "d"], ["a", "b", edited, "d"]) == (["x:a", "b", BY_MAIL, "d"], True)
    # … and with it what was removed or put beside it in the same edit.
    assert merged(was, ["a", "d"], ["a", "b", edited, "d"]) == (was, True)


@pytest.mark.parametrize(
    ("mine", "yours"),
    [
        (["a", "p", "b", "c", "d"], ["a", "q", "b", "c", "d"]),
        (["b", "c", "d"], ["a", "c", "d"]),
        (["a", "c", "d"], ["a", "p", "b", "c", "d"]),
        (["a", "c", "d"], ["a", "b", "p", "c", "d"]),
        (["a", "d"], ["a", "b", "p", "c", "d"]),
        (["p", "a", "b", "c", "d"], ["b", "c", "d"]),
    ],
)
def test_changes_that_touch_conflict_and_nothing_of_them_is_taken(mine: list[str], yours: list[str]) -> None:
    assert merged(["a", "b", "c", "d"], mine, yours) == (["a", "b", "c", "d"], True)


def test_changes_with_one_entry_between_them_do_not_touch() -> None:
    assert merged(["a", "b", "c"], ["b", "c"], ["a", "b"]) == (["b"], False)
    assert merged(["a", "b"], ["p", "a", "b"], ["a", "q", "b"]) == (["p", "a", "q", "b"], False)


def test_what_touches_the_end_of_a_wide_removal_disagrees_with_it_whatever_else_lies_inside() -> None:
    was = ["a", "b", "c", "d", "e", "f"]

    assert merged(was, ["e", "f"], ["a", "p", "b", "c", "d", "e", "f"], ["a", "b", "c", "d", "q", "e", "f"]) == (
        was,
        True,
    )
    assert merged(was, ["a", "f"], ["a", "b", "p", "c", "d", "e", "f"], ["a", "b", "c", "d", "e"]) == (was, True)


def test_a_conflict_in_one_place_does_not_keep_edits_elsewhere_from_arriving() -> None:
    was = ["a", "b", "c", "d", "e"]

    assert merged(was, ["p", "a", "b", "c", "d"], ["q", "a", "b", "c", "d", "e"]) == (["a", "b", "c", "d"], True)
    assert merged(was, ["a", "b", "c", "d", "p"], ["b", "c", "d", "q"]) == (["b", "c", "d", "e"], True)


def test_the_same_removal_and_the_same_addition_on_two_sides_count_once() -> None:
    was = ["a", "b", "c", "d"]

    assert merged(was, ["p", "q", "b", "c", "d"], ["p", "q", "b", "c", "d"], ["a", "b", "c", "x:d"]) == (
        ["p", "q", "b", "c", "x:d"],
        False,
    )
