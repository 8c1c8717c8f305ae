"""Time and memory of a plan over three sides, beside plain Python reading the same data once."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import sheets
from benchmarks.process import Ran, run
from benchmarks.table import Table, megabytes, ratio, seconds

WORDS = """\
{items} features on each of three CSV files, all in step, eight columns with a text each. Every figure is of one child \
process, in seconds of the processor (so that a busy machine does not count) and its maximum resident set. `reading` \
is looking at the files and at what the store knows of each row, `deciding` matching, merging and planning. The \
least is plain Python that parses the same files and hashes each row once, holding all of them; for an idle plan it \
is hashing the files."""


def measure(items: int) -> list[Table]:
    """Return the table of plans."""
    table = Table(
        "Plans",
        WORDS.format(items=items),
        ("plan", "items decided", "actions", "reading", "deciding", "memory", "least time", "least memory", "ratio"),
    )
    edited = max(1, items // 100)
    with TemporaryDirectory() as name:
        folder = Path(name)
        _child(folder, "write", str(items))
        rows, held = _child(folder, "least-rows", *sheets.SIDES), _child(folder, "least-bytes")
        _add(table, "first contact: nothing is known", _child(folder, "plan"), rows)
        _child(folder, "sync")
        _add(table, "idle", _child(folder, "plan"), held)
        _add(table, "idle, `--full`: every file is listed", _child(folder, "plan", "full"), rows)
        _child(folder, "edit", str(edited))
        changed = _child(folder, "least-rows", sheets.SIDES[0])
        _add(table, f"{edited} rows of one file changed", _child(folder, "plan"), changed)
    return [table]


def _child(folder: Path, *words: str) -> Ran:
    verb, *rest = words
    return run(["-m", "benchmarks.child", verb, str(folder), *rest], folder=folder)


def _add(table: Table, name: str, plan: Ran, least: Ran) -> None:
    said, floor = plan.said, least.said["seconds"]
    whole = said["read"] + said["decide"]
    table.add(
        name,
        said["items"],
        said["actions"],
        seconds(said["read"]),
        seconds(said["decide"]),
        megabytes(plan.memory),
        f"{floor:.3f} s",
        megabytes(least.memory),
        ratio(whole, floor),
    )
