"""What the measured child processes do: `python -m benchmarks.child VERB FOLDER`. Prints JSON."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks import feed, sheets, tables

PRODUCTS = {"sheets": sheets, "tables": tables}


def write(folder: Path, what: str, items: str) -> dict[str, Any]:
    PRODUCTS[what].write(folder, int(items))
    return {}


def edit(folder: Path, what: str, count: str) -> dict[str, Any]:
    PRODUCTS[what].edit(folder, int(count))
    return {}


def silence(folder: Path, silent: str) -> dict[str, Any]:
    """Let the tables no longer say what changed (1), or say it again (0)."""
    tables.silence(folder, silent == "1")
    return {}


def calls(folder: Path) -> dict[str, Any]:
    """Return the calls since this was last asked, as the tables counted them."""
    return {"calls": tables.calls(folder)}


def last(folder: Path) -> dict[str, Any]:
    """Return the serial of the last change of each table."""
    return {"last": [str(tables.last(folder, side)) for side in sheets.SIDES]}


@contextmanager
def observed() -> Iterator[dict[str, float]]:
    """Tell what was spent up to the last record read, and after it, in seconds of the processor."""
    from syncer.engine import run

    spent: dict[str, float] = {}
    observe, began = run.observe_all, time.process_time()

    def timed(*words: Any) -> Any:
        found = observe(*words)
        spent["read"] = time.process_time() - began
        return found

    with patch.object(run, "observe_all", timed):
        yield spent
    spent["decide"] = time.process_time() - began - spent["read"]


def plan(folder: Path, full: str = "") -> dict[str, Any]:
    """Plan once."""
    import syncer

    with syncer.open(folder / "syncer.yaml") as product, observed() as spent:
        made = product.plan(full=bool(full))
    return {**spent, "actions": len(made.actions), "items": len(made.decisions)}


def sync(folder: Path) -> dict[str, Any]:
    """Sync once."""
    import syncer

    with syncer.open(folder / "syncer.yaml") as product, observed() as spent:
        done = product.sync()
    counted = {"actions": len(done.report.done), "items": len(done.plan.decisions)}
    return {**spent, **counted, "exit": done.exit_code}


def least_rows(folder: Path, *names: str) -> dict[str, Any]:
    """The least that a plan of files must do: parse them with plain Python and hash each row once."""
    began = time.process_time()
    held = {}
    for name in names:
        with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            for cells in csv.reader(file):
                text = json.dumps(cells, ensure_ascii=False)
                held[name, cells[0]] = (cells, hashlib.blake2b(text.encode(), digest_size=16).digest())
    return {"seconds": time.process_time() - began, "rows": len(held)}


def least_bytes(folder: Path) -> dict[str, Any]:
    """The least that an idle plan of files must do: hash them as they are."""
    began = time.process_time()
    found = [hashlib.sha256((folder / f"{name}.csv").read_bytes()).digest() for name in sheets.SIDES]
    return {"seconds": time.process_time() - began, "rows": len(found)}


def least_news(folder: Path, *since: str) -> dict[str, Any]:
    """The least that a plan of tables must do: fetch what changed since (a serial each), and hash each row once."""
    began = time.process_time()
    held = {}
    for name, serial in zip(sheets.SIDES, since, strict=True):
        database = feed.opened(folder / f"{name}.db")
        for ref, text in database.execute("SELECT ref, fields FROM rows WHERE serial > ?", (int(serial),)):
            held[name, ref] = (json.loads(text), hashlib.blake2b(text.encode(), digest_size=16).digest())
        database.close()
    return {"seconds": time.process_time() - began, "rows": len(held)}


VERBS: dict[str, Callable[..., dict[str, Any]]] = {
    "write": write,
    "edit": edit,
    "silence": silence,
    "calls": calls,
    "last": last,
    "plan": plan,
    "sync": sync,
    "least-rows": least_rows,
    "least-bytes": least_bytes,
    "least-news": least_news,
}

if __name__ == "__main__":
    print(json.dumps(VERBS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])))
