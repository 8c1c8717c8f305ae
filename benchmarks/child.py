"""What the measured child processes do: `python -m benchmarks.child VERB FOLDER`. Prints JSON."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks import sheets


def write(folder: Path, items: str) -> dict[str, Any]:
    sheets.write(folder, int(items))
    return {}


def edit(folder: Path, count: str) -> dict[str, Any]:
    sheets.edit(folder, int(count))
    return {}


def plan(folder: Path, full: str = "") -> dict[str, Any]:
    """Plan once, and tell what reading took and what deciding, in seconds of the processor."""
    import syncer
    from syncer.engine.run import Engine

    spent = [0.0]
    decide = Engine._decide

    def timed(*words: Any, **more: Any) -> Any:
        began = time.process_time()
        try:
            return decide(*words, **more)
        finally:
            spent[0] += time.process_time() - began

    with patch.object(Engine, "_decide", timed), syncer.open(folder / "syncer.yaml") as product:
        began = time.process_time()
        made = product.plan(full=bool(full))
        whole = time.process_time() - began
    return {"read": whole - spent[0], "decide": spent[0], "actions": len(made.actions), "items": len(made.decisions)}


def sync(folder: Path) -> dict[str, Any]:
    import syncer

    with syncer.open(folder / "syncer.yaml") as product:
        began = time.process_time()
        done = product.sync()
        return {"seconds": time.process_time() - began, "done": len(done.report.done), "exit": done.exit_code}


def least_rows(folder: Path, *names: str) -> dict[str, Any]:
    """The least that a plan must do: parse these files with plain Python and hash each row once."""
    began = time.process_time()
    held = {}
    for name in names:
        with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            for cells in csv.reader(file):
                text = json.dumps(cells, ensure_ascii=False)
                held[name, cells[0]] = (cells, hashlib.blake2b(text.encode(), digest_size=16).digest())
    return {"seconds": time.process_time() - began, "rows": len(held)}


def least_bytes(folder: Path) -> dict[str, Any]:
    """The least that an idle plan must do: hash the files as they are."""
    began = time.process_time()
    found = [hashlib.sha256((folder / f"{name}.csv").read_bytes()).digest() for name in sheets.SIDES]
    return {"seconds": time.process_time() - began, "rows": len(found)}


VERBS: dict[str, Callable[..., dict[str, Any]]] = {
    "write": write,
    "edit": edit,
    "plan": plan,
    "sync": sync,
    "least-rows": least_rows,
    "least-bytes": least_bytes,
}

if __name__ == "__main__":
    print(json.dumps(VERBS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])))
