"""How conflicts look on a terminal: in a list, in groups, and one whole, documents block beside block. No decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from syncer.cli.console import Console, safe
from syncer.cli.render import Names, moment, shown
from syncer.engine.merge import ITEM
from syncer.richtext.nodes import Document, Node
from syncer.richtext.show import render as document_text
from syncer.store.rows import ConflictSide
from syncer.story.columns import Cells, Row, columns
from syncer.story.waiting import ANSWERS, Group, Waiting, groups

MANY = 12
"""Conflicts that are listed one by one where nobody asked for the list."""
NARROW = 40
"""Columns of a terminal that one version of a document needs, to stand beside another."""
NEAR = 1
"""Blocks that are alike and still shown, around those that differ."""


def listed(console: Console, members: Sequence[Waiting], names: Names) -> None:
    """Print conflicts, one block each."""
    if not members:
        console.print("No open conflicts.")
    for one in members:
        _head(console, one)
        row = one.row
        if row.field:
            console.print(f"     was: {shown(row.base, names)}")
        for side, said in row.sides.items() if row.field else ():
            console.print(f"     {side}: {shown(said['value'], names)}{_by(said, names)}")
        _answers(console, one)


def _head(console: Console, one: Waiting) -> None:
    row = one.row
    of = " ".join(word for word in (safe(one.title), row.field) if word)
    ended = "" if row.state == "open" else f" [{row.state}: {row.how}]"
    console.print(f"{row.id}  {of}  ({one.words()}){ended}", style="bold")


def _answers(console: Console, one: Waiting) -> None:
    for answer in one.answers:
        does = ANSWERS.get((one.row.kind, answer), "")
        console.print(f"     --take {answer}{f': {does}' if does else ''}")


def _by(said: ConflictSide, names: Names) -> str:
    """Return who said it, and when, where that is told."""
    by = f"  by {safe(names.get(said['by'], said['by']))}" if said["by"] else ""
    at = said["at"]
    return by + (f"  at {moment(datetime.fromisoformat(at))}" if at else "")


def grouped(console: Console, members: Sequence[Waiting], names: Names) -> None:
    """Print conflicts by field and sides, the largest group first, one example of each."""
    console.print(f"{len(members)} conflicts and questions wait; `syncer conflicts list` shows each of them")
    for group in groups(members):
        _group(console, group, names)


def _group(console: Console, group: Group, names: Names) -> None:
    first, count = group.members[0], len(group.members)
    what = group.field or f"questions about records ({group.question})"
    console.print(f"{count:4}  {what}: {' / '.join(group.sides)}", style="bold")
    said = " · ".join(f"{side}: {shown(said['value'], names)}" for side, said in first.row.sides.items())
    console.print(f"      such as {first.row.id}  {safe(first.title)}  {said}")
    test = f"field={group.field}" if group.field else f"question={group.question}"
    take = group.sides[0] if group.field and group.sides else first.answers[0] if first.answers else "SIDE"
    console.print(f"      `syncer conflicts resolve --where {test} --take {take}` settles them alike", style="dim")


def whole(console: Console, one: Waiting, names: Names, words: Mapping[str, Any]) -> None:
    """Print one conflict with everything that is known of it; `words` are what taking each side's would give."""
    row = one.row
    texts = {side: _document(words.get(side, said["value"])) for side, said in row.sides.items()}
    if not row.field or not any(texts.values()):
        listed(console, [one], names)
        for side, said in row.sides.items() if row.field else ():
            _long(console, side, said["value"], names)
        return
    _head(console, one)
    for side, said in row.sides.items():
        console.print(f"     {side}{_by(said, names)}")
    versions = {side: text or Node("doc") for side, text in texts.items()}
    if ITEM not in versions and len(versions) == 1:
        versions = {"before": _document(row.base) or Node("doc"), **versions}
    _beside(console, columns(_document(row.base), versions), list(versions))


def _long(console: Console, side: str, value: object, names: Names) -> None:
    """Print entries and elements a line each, where one line does not hold them."""
    if isinstance(value, list) and len(shown(value, names)) >= 60:
        console.print(f"     {side}:")
        for entry in value:
            console.print(f"       {shown([entry], names)}")


def _document(value: object) -> Document | None:
    return Node.from_json(value) if isinstance(value, dict) and value.get("type") == "doc" else None


def _beside(console: Console, rows: Sequence[Row], sides: Sequence[str]) -> None:
    """Print versions side by side, or, where the terminal is narrow, one below the other."""
    width = (console.width - 2 * len(sides)) // len(sides)
    if width >= NARROW:
        table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold", show_edge=False)
        for side in sides:
            table.add_column(side, width=width, overflow="fold")
        for row in _near(rows):
            if isinstance(row, int):
                table.add_row(*[_alike(row)] * len(sides))
            else:
                table.add_row(*[_cell(row, row.cells[side], width - 2) for side in sides])
            table.add_row(*[""] * len(sides))
        console.print(table)
        return
    for side in sides:
        console.print(f"── {side}", style="bold")
        for row in _near(rows):
            cell = _alike(row) if isinstance(row, int) else _cell(row, row.cells[side], console.width - 2)
            console.print(cell)


def _near(rows: Sequence[Row]) -> Iterator[Row | int]:
    """Yield what differs and what is next to it; of the rest, how many blocks are alike."""
    close = {at + step for at, row in enumerate(rows) if row.differs for step in range(-NEAR, NEAR + 1)}
    skipped = 0
    for at, row in enumerate(rows):
        if at in close:
            if skipped:
                yield skipped
            skipped = 0
            yield row
        else:
            skipped += 1
    if skipped:
        yield skipped


def _alike(count: int) -> Text:
    return Text(f"  … {count} {'block is' if count == 1 else 'blocks are'} alike", style="dim")


def _cell(row: Row, cells: Cells, width: int) -> Text:
    """Return a block of one version; one that differs is marked at its left."""
    text = document_text(Node("doc", cells), width) if cells else ("(not here)" if row.differs else "")
    mark = "▌ " if row.differs else "  "
    return Text("\n".join(mark + line for line in text.split("\n")), style="yellow" if row.differs else "default")


def chosen_lines(console: Console, members: Sequence[Waiting], values: Mapping[int, str]) -> None:
    """Print what a choice would settle, one line each."""
    for one in members[:MANY]:
        console.print(f"  {one.row.id}  {safe(one.title)} {one.row.field} → {values.get(one.row.id, '')}".rstrip())
    if len(members) > MANY:
        console.print(f"  … and {len(members) - MANY} more")
