"""Writes what became of the mutants as a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

EXPLAINED = Path(__file__).with_name("survivors.json")
"""Mutant's name → why it lives, as somebody found by looking."""


def page(tried: Sequence[Mapping[str, str]], every: int, seed: int) -> str:
    """Return docs/mutation.md."""
    counted = [row for row in tried if row["fate"] != "nowhere"]
    fates = Counter((row["module"], row["fate"]) for row in counted)
    killed = sum(n for (_, fate), n in fates.items() if fate == "killed")
    lines = [
        "# Mutants",
        "",
        "A mutant is one small mistake in the code that decides: a comparison turned round, an `and` made an `or`, a part",
        "of a condition left out, a constant moved, a statement dropped, an answer replaced by `None`. Each is planted",
        "alone; it is killed where a fast test, or the state machine with 150 histories, fails.",
        "",
        f"This page is written by `python -m tests.prove.mutate`: a random sample (seed {seed}) of {len(counted)} of {every}",
        f"mutants, of which {killed} were killed: {killed / max(1, len(counted)):.1%}.",
        "",
        "| module | tried | killed |",
        "|---|---|---|",
    ]
    for module in sorted({row["module"] for row in counted}):
        dead, lives = fates[module, "killed"], fates[module, "survived"]
        lines.append(f"| `{module}` | {dead + lives} | {dead} |")
    known = json.loads(EXPLAINED.read_text()) if EXPLAINED.exists() else {}
    lines += ["", "## Those that live", ""]
    for row in sorted((r for r in counted if r["fate"] == "survived"), key=lambda r: r["name"]):
        lines.append(f"* `{row['name']}`: {known.get(row['name'], 'not looked into yet')}")
    return "\n".join(lines) + "\n"
