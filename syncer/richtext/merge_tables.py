"""Three-way merge of tables, all versions at once: by column, by row, then by cell. Pure.

    columns     paired by what they hold, then by their heads, then by likeness
    rows        paired over the columns that both have
    a row removed by some, edited by others               stays, and is a region
    a column removed by some, edited by others            the whole table is a region
    new rows or columns at one place                      all of them, in the order of their content, equal ones once
    where a new row meets another's new column            an empty cell
    a cell                                                its blocks are merged as any others

A position covered by a span belongs to the cell that spans it. Where the spans of several versions cannot be had
together, or the result would be no rectangle, the whole table is a region and stays as the ancestor had it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from syncer.richtext.diff import align, key, likely
from syncer.richtext.nodes import Node
from syncer.richtext.tables import rectangular, spots, width
from syncer.richtext.weave import Hunk, Pairs, hunks, match

Slot = tuple[int, int]
"""A row or column of the result: (-1, i) the ancestor's, (v, j) a new one of version v."""
Owner = tuple[int, int, int]
"""A cell of the result, by its first place: (-1, row, column) the ancestor's, (v, row, column) a new one of v."""
MergeCells = Callable[[Node, Mapping[int, Node]], Node]
_SPANS = ("colspan", "rowspan")


@dataclass(slots=True)
class Table:
    """A table as a grid: for each position the place of the cell that covers it."""

    node: Node
    owner: list[list[Slot]]
    cell: dict[Slot, Node]
    columns: list[Node]
    """Each column as one node, its cells as content."""

    @classmethod
    def of(cls, node: Node) -> Table:
        """Lay a rectangular table out."""
        owner = [[(0, 0)] * width(node.content) for _ in node.content]
        cell: dict[Slot, Node] = {}
        for row, at in zip(node.content, spots(node.content), strict=True):
            for held, spot in zip(row.content, at, strict=True):
                cell[spot.row, spot.column] = _bare(held)
                for r in range(spot.row, spot.row + spot.rows):
                    owner[r][spot.column : spot.column + spot.columns] = [(spot.row, spot.column)] * spot.columns
        columns = [
            Node("column", tuple([cell[owner[r][c]] for r in range(len(owner))])) for c in range(width(node.content))
        ]
        return cls(node, owner, cell, columns)

    def at(self, row: int, column: int) -> Node:
        """Return the cell that covers a position."""
        return self.cell[self.owner[row][column]]

    def row(self, r: int, columns: Sequence[int]) -> Node:
        """Return a row, over some columns."""
        return Node("row", tuple([self.at(r, c) for c in columns]))


@dataclass(slots=True)
class _Version:
    table: Table
    columns: dict[int, int]
    rows: dict[int, int]
    """The ancestor's column, row → this version's."""


@dataclass(frozen=True, slots=True)
class MergedTable:
    """A merged table, and the ancestor's rows that some removed and others edited. None: the whole is a region."""

    node: Node | None
    held: tuple[int, ...] = ()
    rows: Mapping[int, Mapping[int, Node | None]] | None = None
    """For each held row: what each version made of it."""


def merge_table(base: Node, nodes: Mapping[int, Node], merge_cells: MergeCells) -> MergedTable:
    """Merge versions of a table. The attributes of the table itself are the caller's."""
    if not all(rectangular(n.content) for n in (base, *nodes.values())):
        return MergedTable(None)
    was = Table.of(base)
    versions = {v: _version(was, Table.of(n)) for v, n in nodes.items()}
    columns, held_columns = _axis(
        len(was.columns), {v: x.columns for v, x in versions.items()}, _Columns(was, versions)
    )
    rows, held_rows = _axis(len(was.owner), {v: x.rows for v, x in versions.items()}, _Rows(was, versions))
    if held_columns or not rows or not columns:
        return MergedTable(None)
    grid = _grid(was, versions, rows, columns)
    made = _cells(was, versions, grid, merge_cells) if grid is not None else None
    if made is None:
        return MergedTable(None)
    whole = Node("table", _rows(grid or [], made), _sized(was, versions, columns), extra=base.extra)
    if not rectangular(whole.content):
        return MergedTable(None)
    asked = {
        r: {v: x.table.node.content[x.rows[r]] if r in x.rows else None for v, x in versions.items()} for r in held_rows
    }
    return MergedTable(whole, tuple(held_rows), asked)


def _bare(cell: Node) -> Node:
    """Return a cell without its spans, which the grid tells."""
    return Node("cell", cell.content, {k: v for k, v in cell.attrs.items() if k not in _SPANS}, extra=cell.extra)


def _version(was: Table, now: Table) -> _Version:
    columns = dict(_paired_columns(was.columns, now.columns))
    old, new = list(columns.keys()), list(columns.values())
    before = [was.row(r, old) for r in range(len(was.owner))]
    after = [now.row(r, new) for r in range(len(now.owner))]
    rows = {i: j for i, j in align(before, after) if i is not None and j is not None}
    return _Version(now, columns, rows)


def _paired_columns(was: Sequence[Node], now: Sequence[Node]) -> Pairs:
    pairs = match([key(c) for c in was], [key(c) for c in now])
    pairs += [p for h in hunks(pairs, len(was), len(now)) for p in _by_head(was, now, h)]
    pairs.sort()
    for h in hunks(pairs, len(was), len(now)):
        if h.end - h.start == h.last - h.first:
            pairs += [(h.start + k, h.first + k) for k in range(h.end - h.start)]
        elif h.end > h.start and h.last > h.first:
            pairs += likely(was, now, h, lambda _: "")
    return sorted(pairs)


def _by_head(was: Sequence[Node], now: Sequence[Node], h: Hunk) -> Pairs:
    old = [key(c.content[0]) if c.content[0].plain() else ("old", k) for k, c in enumerate(was[h.start : h.end])]
    new = [key(c.content[0]) if c.content[0].plain() else ("new", k) for k, c in enumerate(now[h.first : h.last])]
    return [(h.start + i, h.first + j) for i, j in match(old, new)]


@dataclass(slots=True)
class _Columns:
    was: Table
    versions: Mapping[int, _Version]

    def edited(self, v: int, i: int) -> bool:
        x = self.versions[v]
        column = x.columns[i]
        kept = {s: r for r, s in x.rows.items()}
        return any(
            key(x.table.at(s, column)) != key(self.was.at(kept[s], i)) if s in kept else _says(x.table.at(s, column))
            for s in range(len(x.table.owner))
        )

    def content(self, v: int, j: int) -> Hashable:
        x = self.versions[v]
        return tuple([key(x.table.at(s, j)) for s in x.rows.values()])


@dataclass(slots=True)
class _Rows:
    was: Table
    versions: Mapping[int, _Version]

    def edited(self, v: int, i: int) -> bool:
        x = self.versions[v]
        row = x.rows[i]
        kept = {d: c for c, d in x.columns.items()}
        return any(
            key(x.table.at(row, d)) != key(self.was.at(i, kept[d])) if d in kept else _says(x.table.at(row, d))
            for d in range(len(x.table.columns))
        )

    def content(self, v: int, j: int) -> Hashable:
        x = self.versions[v]
        return tuple([key(x.table.at(j, d)) for d in x.columns.values()])


def _says(cell: Node) -> bool:
    """Say whether there is anything in a cell."""
    return any(n.type not in ("cell", "paragraph") for n in cell.walk())


def _axis(count: int, kept: Mapping[int, Mapping[int, int]], lines: _Columns | _Rows) -> tuple[list[Slot], list[int]]:
    """Merge the rows or the columns; return them, and those held because some removed and others edited them."""
    out: list[Slot] = []
    held: list[int] = []
    total = {v: len(x.table.owner if isinstance(lines, _Rows) else x.table.columns) for v, x in lines.versions.items()}
    for i in range(count + 1):
        out += _new(i, kept, total, lines)
        if i == count:
            break
        gone = [v for v, pairs in kept.items() if i not in pairs]
        if gone and any(i in pairs and lines.edited(v, i) for v, pairs in kept.items()):
            held.append(i)
        if not gone or (held and held[-1] == i):
            out.append((-1, i))
    return out, held


def _new(
    i: int, kept: Mapping[int, Mapping[int, int]], total: Mapping[int, int], lines: _Columns | _Rows
) -> list[Slot]:
    """Return the new lines before the ancestor's line `i`, in the order of their content, equal ones once."""
    found: dict[Hashable, list[Slot]] = {}
    for v, pairs in kept.items():
        # New lines in the place of removed ones stand before the first of these.
        if i > 0 and i - 1 not in pairs:
            continue
        first = pairs[i - 1] + 1 if i > 0 else 0
        last = min((j for k, j in pairs.items() if k >= i), default=total[v])
        if last > first:
            run = [(v, j) for j in range(first, last)]
            found.setdefault(tuple([lines.content(v, j) for _, j in run]), run)
    out: list[Slot] = []
    have: Counter[Hashable] = Counter()
    for contents, run in sorted(found.items(), key=lambda pair: repr(pair[0])):
        mine: Counter[Hashable] = Counter()
        assert isinstance(contents, tuple)
        for content, slot in zip(contents, run, strict=True):
            mine[content] += 1
            if mine[content] > have[content]:
                out.append(slot)
        have |= mine
    return out


def _grid(
    was: Table, versions: Mapping[int, _Version], rows: Sequence[Slot], columns: Sequence[Slot]
) -> list[list[Owner]] | None:
    """Say for each position of the result which cell covers it; None where versions disagree about a span."""
    back = {v: ({j: i for i, j in x.rows.items()}, {j: i for i, j in x.columns.items()}) for v, x in versions.items()}

    def named(v: int, place: Slot) -> Owner:
        """Return a version's cell as the ancestor's, where both begin at one position."""
        r, c = back[v][0].get(place[0]), back[v][1].get(place[1])
        return (-1, r, c) if r is not None and c is not None and was.owner[r][c] == (r, c) else (v, *place)

    out: list[list[Owner]] = []
    begun: set[Owner] = set()
    """Cells of the ancestor met so far: each must begin where it began."""
    for r, (row_from, row) in enumerate(rows):
        line: list[Owner] = []
        for c, (column_from, column) in enumerate(columns):
            seen: dict[int, Owner] = {}
            for v, x in versions.items():
                mine = x.rows.get(row) if row_from == -1 else row if row_from == v else None
                yours = x.columns.get(column) if column_from == -1 else column if column_from == v else None
                if mine is not None and yours is not None:
                    seen[v] = named(v, x.table.owner[mine][yours])
            ours: Owner | None = None
            if row_from == column_from == -1:
                ours = (-1, *was.owner[row][column])
            others = {o for o in seen.values() if o != ours}
            if len(others) > 1:
                return None
            owner = next(iter(others)) if others else ours or (-2, r, c)
            if owner[0] == -1 and owner not in begun and (row_from, column_from, owner) != (-1, -1, (-1, row, column)):
                return None
            begun.add(owner)
            line.append(owner)
        out.append(line)
    return out


def _cells(
    was: Table, versions: Mapping[int, _Version], grid: Sequence[Sequence[Owner]], merge_cells: MergeCells
) -> dict[Owner, Node] | None:
    """Merge the cells of the result; None where an edited cell found no place in it."""
    placed = {owner for line in grid for owner in line}
    back: dict[Slot, dict[int, Node]] = {place: {} for place in was.cell}
    for v, x in versions.items():
        for i, j in x.rows.items():
            for c, d in x.columns.items():
                if was.owner[i][c] == (i, c) and x.table.owner[j][d] == (j, d):
                    back[i, c][v] = x.table.cell[j, d]
    out: dict[Owner, Node] = {}
    for place, base in was.cell.items():
        owner = (-1, *place)
        if owner in placed:
            out[owner] = merge_cells(base, back[place])
        elif all(place[0] in x.rows and place[1] in x.columns for x in versions.values()) and any(
            key(n) != key(base) for n in back[place].values()
        ):
            return None
    for v, row, column in placed:
        if v >= 0:
            out[v, row, column] = versions[v].table.cell[row, column]
    for line in grid:
        head = all(out[o].attrs.get("header") for o in line if o[0] != -2)
        out |= {o: Node("cell", (Node("paragraph"),), {"header": True} if head else {}) for o in line if o[0] == -2}
    return out


def _rows(grid: Sequence[Sequence[Owner]], made: Mapping[Owner, Node]) -> tuple[Node, ...]:
    """Build rows, each cell at its first position, with the spans that it has there."""
    out: list[Node] = []
    seen: set[Owner] = set()
    for r, line in enumerate(grid):
        cells: list[Node] = []
        for c, owner in enumerate(line):
            if owner in seen:
                continue
            seen.add(owner)
            wide = sum(1 for o in line if o == owner)
            high = sum(1 for below in grid[r:] if below[c] == owner)
            cell = made[owner]
            attrs = {**cell.attrs, **({"colspan": wide} if wide > 1 else {}), **({"rowspan": high} if high > 1 else {})}
            cells.append(Node("cell", cell.content, attrs, extra=cell.extra))
        out.append(Node("row", tuple(cells)))
    return tuple(out)


def _sized(was: Table, versions: Mapping[int, _Version], columns: Sequence[Slot]) -> dict[str, list[float]]:
    """Merge the widths, one a column; none where a column's is not known."""
    sizes: list[float] = []
    for v, column in columns:
        said = was.node.attrs.get("widths") if v == -1 else versions[v].table.node.attrs.get("widths")
        if not said or column >= len(said):
            return {}
        size = said[column]
        if v == -1:
            others = {
                w[x.columns[column]]
                for x in versions.values()
                if (w := x.table.node.attrs.get("widths")) and column in x.columns and x.columns[column] < len(w)
            } - {size}
            size = min(others) if len(others) == 1 else size
        sizes.append(size)
    return {"widths": sizes}
