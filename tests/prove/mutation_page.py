"""Writes what became of the mutants as a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

EXPLAINED = Path(__file__).with_name("survivors.json")
"""Mutant's name → why it lives, as somebody found by looking. "equivalent: …" where nobody could tell it apart."""

HEAD = """\
# Mutants

A mutant is one small mistake in the code that decides: a comparison turned round, an `and` made an `or`, a part
of a condition left out, a constant moved, a statement dropped, `any` made `all`, an answer replaced by `None`. Each is
planted alone; it is killed where a fast test of the model or the engine, or else the state machine with 150 histories,
fails.
The tests run with one seed, so that the answer is the same each time. What was found of a mutant holds for as long as
its function stays as it is. What acts and keeps (apply, run, ledger, undo, the store) is not mutated: there the killed
and restarted runs speak. Written by `python -m tests.prove.mutate --page`.
"""


class Row(TypedDict):
    """What became of one mutant, and the test it met last."""

    name: str
    module: str
    line: int
    source: str
    fate: str
    by: str


def page(tried: Mapping[str, tuple[int, Sequence[Row]]]) -> str:
    """Return docs/mutation.md, of how many mutants each module has and what became of those that were tried."""
    known: dict[str, str] = json.loads(EXPLAINED.read_text()) if EXPLAINED.exists() else {}
    every = sum(count for count, _ in tried.values())
    rows = [row for _, found in tried.values() for row in found]
    living = [row for row in rows if row["fate"] == "survived"]
    alike = [row for row in living if known.get(row["name"], "").startswith("equivalent")]
    killed, able = len(rows) - len(living), len(rows) - len(alike)
    lines = [
        *HEAD.splitlines(),
        "",
        f"Tried: {len(rows)} of {every}. Killed: {killed}, which is **{killed / max(1, len(rows)):.1%}** of all. "
        f"{len(alike)} of the {len(living)} that live",
        f"do the same as the right code, for the reason given below; of the others {killed / max(1, able):.1%} were killed.",
        "",
        "| module | mutants | tried | killed | live | of these alike |",
        "|---|---|---|---|---|---|",
    ]
    for module, (count, found) in sorted(tried.items()):
        lives = sum(row["fate"] == "survived" for row in found)
        same = sum(row["module"] == module for row in alike)
        lines.append(f"| `{module}` | {count} | {len(found)} | {len(found) - lives} | {lives} | {same} |")
    lines += ["", "## Those that live", ""]
    for row in sorted(living, key=lambda r: (r["module"], r["line"], r["name"])):
        unasked = "" if "test_machine" in row["by"] else " (the state machine was not asked)"
        lines.append(f"* `{row['name']}`: {known.get(row['name'], 'not looked into yet')}{unasked}")
    return "\n".join(lines) + "\n"
