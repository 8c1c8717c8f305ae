"""One product in three CSV files: written, and edited as people would."""

from __future__ import annotations

import csv
from pathlib import Path

SIDES = ("plan", "team", "sales")
HEAD = ("Key", "Title", "Text", "Status", "Reach", "Effort", "Labels", "Starts")
STATES = ("Planned", "In progress", "Done")
LABELS = ("mobile", "map", "offline", "billing", "club")
SENTENCE = "As a hiker I want to find my way back, so that the day is safe"

CONFIG = """\
format: 1
product: bench
connections:
{connections}
collections:
{collections}
guards: {{max_writes: 1000000}}
"""
MAPPING = """\
format: 1
kinds:
  feature:
    fields:
      title: Title
      body: {field: Text, format: plain}
      status: {field: Status, values: {planned: Planned, doing: In progress, done: Done}}
      reach: Reach
      effort: Effort
      labels: Labels
      start: Starts
"""


def row(number: int, side: str) -> list[str]:
    return [
        f"{side}-{number}",
        f"Feature {number}: {SENTENCE[: 20 + number % 40]}",
        f"{SENTENCE} ({number}). {SENTENCE}.",
        STATES[number % 3],
        str(100 + number % 900),
        str(1 + number % 13),
        ",".join(sorted({LABELS[number % 5], LABELS[number % 3]})),
        f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
    ]


def write(folder: Path, items: int) -> None:
    """Write the configuration, the mapping and three files that hold the same items, in step."""
    for side in SIDES:
        save(folder / f"{side}.csv", [list(HEAD), *(row(n, side) for n in range(items))])
    columns = "{Reach: {type: number}, Effort: {type: number}, Labels: {type: set}, Starts: {type: date}}"
    connections = "\n".join(f"  file-{s}: {{system: csv, path: {s}.csv, access: write}}" for s in SIDES)
    collections = "\n".join(
        f"  {s}: {{connection: file-{s}, mapping: mapping.yaml, id_column: Key, key_only: true, columns: {columns}}}"
        for s in SIDES
    )
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    text = CONFIG.format(connections=connections, collections=collections)
    (folder / "syncer.yaml").write_text(text, encoding="utf-8")


def edit(folder: Path, count: int) -> None:
    """Let people change the titles of so many rows of the first file, spread over it."""
    path = folder / f"{SIDES[0]}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    step = (len(rows) - 1) // count
    for number in range(count):
        rows[1 + number * step][1] += " (renamed)"
    save(path, rows)


def save(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
