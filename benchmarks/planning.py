"""Time and memory of plans over three sides, beside plain Python that reads and hashes the same news once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import sheets
from benchmarks.process import Ran, run
from benchmarks.table import Table, megabytes, ratio, seconds

WORDS = """\
Features on each of three sides, all in step, seven fields with a text each; people change titles on one side. Every \
row is one child process. `reading` is up to the last record read, and what the store knows of each; `deciding` is \
everything after it, up to the plan. These are seconds of the processor, so that a busy machine does not count; \
`whole` is the clock's, with Python's start and imports. Memory is the maximum resident set. Calls are counted by the \
tables. The least is plain Python that fetches the same news and hashes each once, holding all of it; of CSV files \
that stood still, hashing the files."""
COLUMNS = (
    *("sides", "items", "plan", "items decided", "actions", "reading", "deciding", "whole", "memory", "calls"),
    *("least time", "least memory", "ratio"),
)
SAYING, SILENT, FILES = "tables that say what changed", "tables that list everything", "CSV files"


@dataclass
class Figures:
    """The table of plans, and what is put beside others'."""

    table: Table = field(default_factory=lambda: Table("Plans", WORDS, COLUMNS))
    stores: Table = field(
        default_factory=lambda: Table("The store", "Its file after the first sync.", ("items", "size", "an item"))
    )
    ours: dict[tuple[int, str], Ran] = field(default_factory=dict)
    """(items, "first" | "idle" | "changed" | "synced") → a run over tables that say what changed."""


def measure(sizes: list[int], keep: Path | None = None) -> Figures:
    """Measure plans of so many items: over tables of each size, over CSV files of the first.

    `keep`: a folder for the products; one that an earlier run left there is not made, and synced the first time, again.
    """
    found = Figures()
    with TemporaryDirectory() as name:
        for items in sizes:
            folder = (keep or Path(name)).absolute() / f"tables-{items}"
            if not folder.exists():
                folder.mkdir(parents=True)
                found.ours[items, "first"] = _made(folder, items, found)
            _tables(folder, items, found)
    with TemporaryDirectory() as name:
        _files(Path(name), sizes[0], found.table)
    return found


def _made(folder: Path, items: int, found: Figures) -> Ran:
    _child(folder, "write", "tables", str(items))
    whole = _child(folder, "least-news", "0", "0", "0")
    return _planned(found.table, folder, (SAYING, items, "first contact: nothing is known, synced"), whole, "sync")


def _tables(folder: Path, items: int, found: Figures) -> None:
    few = max(1, items // 100)
    size = sum(file.stat().st_size for file in (folder / ".syncer").iterdir())
    found.stores.add(items, megabytes(size), f"{size / items / 1000:.1f} kB")
    last = _child(folder, "last").said["last"]
    whole, nothing = _child(folder, "least-news", "0", "0", "0"), _child(folder, "least-news", *last)
    idle = _planned(found.table, folder, (SAYING, items, "idle"), nothing, "plan")
    _child(folder, "silence", "1")
    _planned(found.table, folder, (SILENT, items, "idle"), whole, "plan")
    _child(folder, "edit", "tables", str(few))
    _planned(found.table, folder, (SILENT, items, f"{few} changed"), whole, "plan")
    _child(folder, "silence", "0")
    news = _child(folder, "least-news", *last)
    changed = _planned(found.table, folder, (SAYING, items, f"{few} changed"), news, "plan")
    synced = _planned(found.table, folder, (SAYING, items, f"{few} changed, synced"), news, "sync")
    found.ours |= {(items, "idle"): idle, (items, "changed"): changed, (items, "synced"): synced}


def _files(folder: Path, items: int, table: Table) -> None:
    few = max(1, items // 100)
    _child(folder, "write", "sheets", str(items))
    rows, held = _child(folder, "least-rows", *sheets.SIDES), _child(folder, "least-bytes")
    _child(folder, "sync")
    _add(table, (FILES, items, "idle"), _child(folder, "plan"), held)
    _add(table, (FILES, items, "idle, `--full`: every file is listed"), _child(folder, "plan", "full"), rows)
    _child(folder, "edit", "sheets", str(few))
    changed = _child(folder, "least-rows", sheets.SIDES[0])
    _add(table, (FILES, items, f"{few} changed"), _child(folder, "plan"), changed)


def _child(folder: Path, *words: str) -> Ran:
    verb, *rest = words
    return run(["-m", "benchmarks.child", verb, str(folder), *rest], folder=folder, path=folder)


def _planned(table: Table, folder: Path, what: tuple[str, int, str], least: Ran, verb: str) -> Ran:
    _child(folder, "calls")
    ran = _child(folder, verb)
    _add(table, what, ran, least, str(_child(folder, "calls").said["calls"]))
    return ran


def _add(table: Table, what: tuple[str, int, str], ran: Ran, least: Ran, calls: str = "–") -> None:
    said, floor = ran.said, least.said["seconds"]
    table.add(
        *what,
        said["items"],
        said["actions"],
        seconds(said["read"]),
        seconds(said["decide"]),
        seconds(ran.wall),
        megabytes(ran.memory),
        calls,
        f"{floor:.3f} s",
        megabytes(least.memory),
        ratio(said["read"] + said["decide"], floor),
    )
