"""Tables merge by column, row and cell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.richtext.diff import key
from syncer.richtext.merge import merge
from syncer.richtext.nodes import Document, Node, doc
from syncer.richtext.shapes import check
from syncer.richtext.tables import rectangular
from tests.examples import examples

Grid = list[list[str]]
GRID = [
    ["Name", "Owner", "State"],
    ["alpha one", "Ann", "open"],
    ["beta two", "Bob", "done"],
    ["gamma three", "Cid", ""],
]


def cell(text: str, **attrs: object) -> Node:
    words = (Node("text", text=text),) if text else ()
    return Node("cell", (Node("paragraph", words),), attrs)


def table(grid: Sequence[Sequence[str | Node]], **attrs: object) -> Document:
    rows = [
        Node("row", tuple([c if isinstance(c, Node) else cell(c, **({"header": True} if r == 0 else {})) for c in row]))
        for r, row in enumerate(grid)
    ]
    return doc(Node("table", tuple(rows), attrs))


def texts(document: Document) -> Grid:
    return [[c.plain() for c in row.content] for row in document.content[0].content]


def with_column(grid: Grid, at: int, *column: str) -> Grid:
    return [[*row[:at], column[r % len(column)], *row[at:]] for r, row in enumerate(grid)]


def with_cell(grid: Grid, r: int, c: int, text: str) -> Grid:
    return [[text if (r, c) == (i, k) else x for k, x in enumerate(row)] for i, row in enumerate(grid)]


def test_a_column_to_the_left_a_row_below_and_a_cell_are_all_kept() -> None:
    sides = {
        "jira": table(with_column(GRID, 0, "Id", "1", "2", "3")),
        "notion": table([*GRID, ["delta four", "Dan", "open"]]),
        "page": table(with_cell(GRID, 2, 1, "Bob B.")),
    }
    merged = merge(table(GRID), sides)

    assert merged.regions == ()
    assert texts(merged.document) == [
        ["Id", "Name", "Owner", "State"],
        ["1", "alpha one", "Ann", "open"],
        ["2", "beta two", "Bob B.", "done"],
        ["3", "gamma three", "Cid", ""],
        ["", "delta four", "Dan", "open"],
    ]


def test_twin_rows_are_told_apart_by_their_neighbours() -> None:
    grid = [["k", "v"], ["N/A", ""], ["a", "1"], ["N/A", ""], ["b", "2"]]
    merged = merge(
        table(grid), {"x": table(with_column(grid, 0, "#", "1")), "y": table([*grid[:3], ["N/A", "known"], grid[4]])}
    )

    assert merged.regions == ()
    assert texts(merged.document) == with_column([*grid[:3], ["N/A", "known"], grid[4]], 0, "#", "1")


def test_one_cell_written_in_two_ways_is_a_region_of_that_cell() -> None:
    merged = merge(
        table(GRID), {"x": table(with_cell(GRID, 1, 2, "closed")), "y": table(with_cell(GRID, 1, 2, "waiting"))}
    )

    assert texts(merged.document) == GRID
    assert [b.plain() for r in merged.regions for b in r.base] == ["open"]


def test_a_row_removed_by_one_and_edited_by_another_is_a_region() -> None:
    merged = merge(table(GRID), {"x": table([*GRID[:2], GRID[3]]), "y": table(with_cell(GRID, 2, 2, "reopened"))})

    assert len(texts(merged.document)) == 4
    assert merged.regions[0].base[0].plain() == "beta twoBobdone"
    assert merged.regions[0].sides["x"] == ()


def test_a_removed_column_takes_its_cells_and_nothing_else() -> None:
    fewer = [[row[0], row[2]] for row in GRID]
    merged = merge(table(GRID), {"x": table(fewer), "y": table([*GRID, ["delta", "", "new"]])})

    assert merged.regions == ()
    assert texts(merged.document) == [*fewer, ["delta", "new"]]


def test_words_put_into_a_column_that_another_removes_are_a_region() -> None:
    fewer = [[row[0], row[2]] for row in GRID]
    merged = merge(table(GRID), {"x": table(fewer), "y": table([*GRID, ["delta", "Dan", "new"]])})

    assert texts(merged.document) == GRID
    assert merged.regions[0].sides["y"][0].content[-1].plain() == "deltaDannew"


def test_a_span_grows_with_a_row_that_another_put_under_it() -> None:
    grid = [[cell("group", colspan=2), "x"], ["a", "b", "c"]]
    merged = merge(table(grid), {"x": table([*grid, ["d", "e", "f"]]), "y": table([grid[0], ["a", "b", "changed"]])})

    assert merged.regions == ()
    assert texts(merged.document) == [["group", "x"], ["a", "b", "changed"], ["d", "e", "f"]]
    assert merged.document.content[0].content[0].content[0].attrs == {"colspan": 2}


def test_two_spans_over_one_cell_are_a_region_and_the_table_stays() -> None:
    grid = [["a", "b", "c"], ["d", "e", "f"]]
    one = [[cell("a b", colspan=2, header=True), "c"], grid[1]]
    other = [["a", cell("b c", colspan=2, header=True)], grid[1]]
    merged = merge(table(grid), {"x": table(one), "y": table(other)})

    assert texts(merged.document) == grid
    assert len(merged.regions) == 1


def test_widths_follow_their_columns() -> None:
    merged = merge(
        table(GRID, widths=[10, 20, 30]),
        {
            "x": table(with_column(GRID, 1, "new"), widths=[10, 15, 20, 30]),
            "y": table(with_cell(GRID, 1, 1, "Eve"), widths=[10, 20, 99]),
        },
    )

    assert merged.document.content[0].attrs["widths"] == [10, 15, 20, 99]


def test_panels_expands_and_columns_merge_inside() -> None:
    def nested(first: str, second: str) -> Document:
        line = [Node("paragraph", (Node("text", text=t),)) for t in (first, second)]
        panel = Node("panel", (line[0],), {"kind": "info"})
        return doc(Node("columns", (Node("column", (panel,)), Node("column", (Node("expand", (line[1],)),)))))

    merged = merge(nested("one two", "three"), {"a": nested("one 2", "three"), "b": nested("one two", "three 3")})

    assert merged.document == nested("one 2", "three 3")
    assert merged.regions == ()


words = st.sampled_from(["", "N/A", "red", "green", "blue one", "deep sea", "x"])


@st.composite
def stories(draw: st.DrawFn) -> tuple[Grid, list[Grid]]:
    """A grid, and what three sides made of it: rows and columns put in and taken out, cells rewritten."""
    wide = draw(st.integers(1, 3))
    base = draw(st.lists(st.lists(words, min_size=wide, max_size=wide), min_size=1, max_size=4))
    sides = []
    for _ in range(3):
        grid = [list(row) for row in base]
        for _ in range(draw(st.integers(0, 2))):
            deed = draw(st.sampled_from(["row", "column", "no row", "no column", "cell", "cell"]))
            r, c = draw(st.integers(0, len(grid) - 1)), draw(st.integers(0, len(grid[0]) - 1))
            if deed == "row":
                grid.insert(r + 1, [draw(words) for _ in grid[0]])
            elif deed == "column":
                grid = with_column(grid, c, *[draw(words) for _ in grid])
            elif deed == "no row" and len(grid) > 1:
                del grid[r]
            elif deed == "no column" and len(grid[0]) > 1:
                grid = [[x for k, x in enumerate(row) if k != c] for row in grid]
            elif deed == "cell":
                grid[r][c] = draw(words)
        sides.append(grid)
    return base, sides


@settings(max_examples=examples(150), deadline=None)
@given(story=stories())
def test_tables_keep_the_laws_of_merging(story: tuple[Grid, list[Grid]]) -> None:
    base, grids = table(story[0]), [table(g) for g in story[1]]
    sides = dict(zip("abc", grids, strict=True))
    merged = merge(base, sides)

    check(merged.document)
    assert rectangular(merged.document.content[0].content)
    assert merge(base, {"a": grids[0], "b": base}).document == grids[0]
    assert merge(base, {"a": grids[0], "b": grids[0]}).document == grids[0]
    for order in permutations(grids):
        other = merge(base, dict(zip("xyz", order, strict=True)))
        assert key(other.document) == key(merged.document)
        assert len(other.regions) == len(merged.regions)
    had = {w for row in story[0] for w in row}
    here = {w for row in texts(merged.document) for w in row}
    if not merged.regions:
        assert {w for grid in story[1] for row in grid for w in row} - had <= here
