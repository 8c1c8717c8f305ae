"""One product in three tables that can say what changed: written, and edited as people would."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import feed, sheets
from syncer.record import Raw

CONFIG = """\
format: 1
product: bench
connections:
{connections}
collections:
{collections}
guards: {{max_writes: 1000000}}
"""


def write(folder: Path, items: int) -> None:
    """Write the configuration, the mapping and three tables that hold the same items, in step; install the system."""
    feed.install(folder)
    for side in sheets.SIDES:
        feed.fill(folder / f"{side}.db", [_fields(number, side) for number in range(items)])
    connections = "\n".join(f"  of-{s}: {{system: feed, path: {s}.db, access: write}}" for s in sheets.SIDES)
    collections = "\n".join(f"  {s}: {{connection: of-{s}, mapping: mapping.yaml}}" for s in sheets.SIDES)
    (folder / "mapping.yaml").write_text(sheets.MAPPING, encoding="utf-8")
    text = CONFIG.format(connections=connections, collections=collections)
    (folder / "syncer.yaml").write_text(text, encoding="utf-8")


def edit(folder: Path, count: int) -> None:
    """Let people change the titles of so many rows of the first table, spread over it."""
    database = feed.opened(folder / f"{sheets.SIDES[0]}.db")
    rows = database.execute("SELECT ref, fields FROM rows ORDER BY ref").fetchall()
    last = database.execute("SELECT max(serial) FROM rows").fetchone()[0]
    database.execute("BEGIN")
    for number in range(count):
        ref, text = rows[number * (len(rows) // count)]
        fields = json.loads(text)
        fields["Title"] += " (renamed)"
        changed = (json.dumps(fields, ensure_ascii=False), last + 1 + number, ref)
        database.execute("UPDATE rows SET fields = ?, serial = ? WHERE ref = ?", changed)
    database.execute("COMMIT")
    database.close()


def silence(folder: Path, silent: bool) -> None:
    """Let all three no longer say what changed, so that every look is at everything; or say it again."""
    for side in sheets.SIDES:
        feed.silence(folder / f"{side}.db", silent)


def last(folder: Path, side: str) -> int:
    """Return the serial of the last change of a table."""
    database = feed.opened(folder / f"{side}.db")
    (serial,) = database.execute("SELECT max(serial) FROM rows").fetchone()
    database.close()
    return int(serial)


def calls(folder: Path) -> int:
    """Return the calls of all three since this was last asked."""
    return sum(sum(feed.calls(folder / f"{side}.db").values()) for side in sheets.SIDES)


def _fields(number: int, side: str) -> tuple[str, dict[str, Raw]]:
    ref, title, text, status, reach, effort, labels, starts = sheets.row(number, side)
    return ref, {
        "Title": title,
        "Text": text,
        "Status": status,
        "Reach": int(reach),
        "Effort": int(effort),
        "Labels": [*labels.split(",")],
        "Starts": starts,
    }
