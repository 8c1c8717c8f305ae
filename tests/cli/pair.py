"""A product of two tables that are quick to sync, for tests of what is remembered and decided."""

from __future__ import annotations

import csv
from pathlib import Path

CONFIG = """\
# Our product.
format: 1
product: p

connections:
  one: {system: csv, access: write, path: roadmap.csv}
  two: {system: csv, access: write, path: board.csv}   # the team's

collections:
  roadmap: {connection: one, mapping: table.yaml}
  board: {connection: two, mapping: table.yaml}

people:
  ann@example.com: {name: Ann Kowalska}
  bo@example.com: {name: Bo Berg}

# What settles conflicts.
policies:
  default: hold   # a person decides
  fields:
    # the team's word
    story.parent: {owner: board}

guards:
  max_config_writes: 0
"""
MAPPING = """\
format: 1
kinds:
  story:
    fields:
      title: Title
      status: Status
      due: Due
      points: Points
      owner: Owner
      labels: Labels
      body: {field: Notes, format: markdown}
"""
COLUMNS = ("Title", "Status", "Due", "Points", "Owner", "Labels", "Notes")


def begin(home: Path, titles: tuple[str, ...], notes: str = "", columns: tuple[str, ...] = ()) -> None:
    """Write the configuration and a roadmap with these things; the board is empty. `columns`: more that it has."""
    (home / "syncer.yaml").write_text(CONFIG, "utf-8")
    (home / "table.yaml").write_text(MAPPING, "utf-8")
    _write(home / "roadmap.csv", [dict.fromkeys(COLUMNS, "") | {"Title": t, "Notes": notes} for t in titles])
    _write(home / "board.csv", [], columns)


def rows(home: Path, side: str) -> dict[str, dict[str, str]]:
    """Return what a table shows, by title."""
    with (home / f"{side}.csv").open(encoding="utf-8", newline="") as file:
        return {row["Title"]: row for row in csv.DictReader(file)}


def edit(home: Path, side: str, title: str, **values: str) -> None:
    """Do what a person does in a table; values by column."""
    now = rows(home, side)
    now[title].update(values)
    _write(home / f"{side}.csv", list(now.values()))


def remove(home: Path, side: str, *titles: str) -> None:
    """Do what a person does who deletes rows."""
    now = rows(home, side)
    _write(home / f"{side}.csv", [row for title, row in now.items() if title not in titles], tuple(now[titles[0]]))


def _write(path: Path, lines: list[dict[str, str]], columns: tuple[str, ...] = ()) -> None:
    names = [*COLUMNS, *sorted({*columns, *(name for line in lines for name in line)} - {*COLUMNS})]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(lines)
