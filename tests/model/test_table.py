"""Key results that several people change at once."""

from __future__ import annotations

from typing import Any

import pytest

from syncer.model.table import merge_table

Row = dict[str, Any]
K1: Row = {"name": "k1", "target": 10, "now": 1}
K2: Row = {"name": "k2", "target": 20, "now": 2}
K3: Row = {"name": "k3", "target": 30, "now": 3}
WAS = [K1, K2, K3]


def merged(was: list[Row], *sides: list[Row]) -> tuple[list[Row] | None, bool]:
    """Merge sides of those names in that order, and in the other; say the same of both."""
    forwards, backwards = (
        merge_table(was, {f"s{i}": rows for i, rows in enumerate(order)}) for order in (sides, sides[::-1])
    )
    assert forwards == backwards
    return forwards


def test_cells_of_one_row_changed_by_two_people_are_both_kept() -> None:
    assert merged(WAS, [{**K1, "target": 11}, K2, K3], [{**K1, "now": 9}, K2, K3]) == (
        [{"name": "k1", "target": 11, "now": 9}, K2, K3],
        False,
    )


def test_a_cell_set_to_two_values_conflicts_and_the_rows_other_cells_still_merge() -> None:
    assert merged(WAS, [{**K1, "target": 11, "now": 9}, K2, K3], [{**K1, "target": 12}, K2, K3]) == (
        [{"name": "k1", "target": 10, "now": 9}, K2, K3],
        True,
    )
    assert merged(WAS, [{**K1, "target": 11}, K2, K3], [{**K1, "target": 11, "now": 9}, K2, K3]) == (
        [{"name": "k1", "target": 11, "now": 9}, K2, K3],
        False,
    )


def test_cells_are_taken_away_and_added() -> None:
    without = {"name": "k1", "now": 1}

    assert merged(WAS, [without, K2, K3], [{**K1, "unit": "%", "by": "ann"}, K2, K3]) == (
        [{"name": "k1", "now": 1, "by": "ann", "unit": "%"}, K2, K3],
        False,
    )


def test_columns_stand_in_the_ancestors_order_and_new_ones_by_their_name() -> None:
    rows, _ = merged(WAS, [{"z": 1, **K1}, K2, K3], [{**K1, "b": 1, "a": 2, "z": 1}, K2, K3])

    assert rows and list(rows[0]) == ["name", "target", "now", "a", "b", "z"]


def test_rows_are_added_and_removed_by_different_people() -> None:
    new, other = {"name": "k0", "target": 1}, {"name": "k9", "target": 9}

    assert merged(WAS, [new, K1, K2, K3, other], [K1, K3]) == ([K1, K3, new, other], False)
    assert merged(WAS, [K1, K2, K3, other], [K1, K2, K3, other]) == ([K1, K2, K3, other], False)


def test_one_new_row_with_two_values_in_a_cell_conflicts_and_the_cell_stays_open() -> None:
    assert merged([K1], [K1, {**K2, "now": 5}], [K1, {**K2, "now": 6}]) == ([K1, {"name": "k2", "target": 20}], True)


def test_a_row_removed_by_all_who_touched_it_is_gone() -> None:
    assert merged(WAS, [K1, K3], [K1, K3], WAS) == ([K1, K3], False)
    assert merged([K1, K2], [K1], [K2]) == (None, False)


def test_a_row_removed_and_changed_conflicts_and_stays_as_it_was() -> None:
    assert merged(WAS, [K1, K3], [K1, {**K2, "now": 9}, K3]) == (WAS, True)


def test_rows_put_in_another_order_stay_so_while_others_edit_add_and_remove() -> None:
    new = {"name": "k9"}

    assert merged(WAS, [K3, K1, K2], [K1, {**K2, "now": 9}, K3, new]) == ([K3, K1, {**K2, "now": 9}, new], False)
    assert merged(WAS, [K3, K1, K2], [K1, K3]) == ([K3, K1], False)
    assert merged(WAS, [K3, K2, K1], [K3, K2, K1], [{**K1, "now": 9}, K2, K3]) == ([K3, K2, {**K1, "now": 9}], False)


def test_a_row_removed_by_who_moved_the_others_conflicts_with_its_edit_and_stays_after_them() -> None:
    assert merged(WAS, [K3, K1], [K1, {**K2, "now": 9}, K3]) == ([K3, K1, K2], True)


def test_two_orders_of_the_rows_conflict_and_the_table_stays_as_it_was() -> None:
    assert merged(WAS, [K3, K2, K1], [K2, K1, {**K3, "now": 9}]) == (WAS, True)


def test_without_names_rows_are_told_apart_by_the_ancestors_first_column() -> None:
    was = [{"measure": "a", "v": 1}, {"measure": "b", "v": 1}]
    mine = [{"v": 2, "measure": "a"}, {"v": 2, "measure": "b"}]
    yours = [*was, {"measure": "c", "v": 1}]

    assert merged(was, mine, yours) == ([*({"measure": m, "v": 2} for m in "ab"), {"measure": "c", "v": 1}], False)


@pytest.mark.parametrize(
    "unclear",
    [
        [{"name": "k1", "id": 1}, {"name": "k1", "id": 2}],
        [{"name": "k1", "id": 1}, {"id": 2}],
    ],
)
@pytest.mark.parametrize("where", [0, 1, 2])
def test_a_table_whose_rows_cannot_be_told_apart_somewhere_merges_as_one_value(unclear: list[Row], where: int) -> None:
    tables = [[{"name": "k1", "id": 1}, {"name": "k2", "id": n}] for n in (2, 3, 4)]
    tables[where] = unclear

    assert merged(tables[0], *tables[1:]) == (tables[0], True)


def test_where_names_are_shared_the_first_column_tells_the_rows_apart() -> None:
    was = [{"id": 1, "name": "k"}, {"id": 2, "name": "k"}]

    assert merged(was, [{"id": 1, "name": "l"}, was[1]], [was[0], {"id": 2, "name": "m"}]) == (
        [{"id": 1, "name": "l"}, {"id": 2, "name": "m"}],
        False,
    )
