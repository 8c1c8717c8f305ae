"""Plants mutants one at a time in a forked process that runs the fast tests, and writes docs/mutation.md.

python -m tests.prove.mutate [--sample 200] [--seed 1]
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import signal
import sys
from pathlib import Path

import pytest

from tests.prove.mutants import Mutant, codes, function, mutants
from tests.prove.mutation_page import page

ROOT = Path(__file__).resolve().parents[2]
MODULES = (
    *("syncer.engine.merge", "syncer.engine.decide", "syncer.engine.plan", "syncer.engine.match"),
    *("syncer.model.types", "syncer.model.scalars", "syncer.model.sequence", "syncer.model.table"),
)
FAST = ("rules", "named_cases", "undo", "unseen", "configuration", "watch", "gap", "documents", "interrupted")
TESTS = ["tests/model", *(f"tests/engine/test_{name}.py" for name in FAST)]
MACHINE = "tests/engine/test_machine.py::test_the_promises_hold_over_any_history"
LIMIT = 180
"""Seconds after which a mutant that still runs counts as killed: it hangs."""


def plant(mutant: Mutant) -> bool:
    """Give the functions of the running module the mutant's code; say whether there was one to give it to."""
    module, planted = importlib.import_module(mutant.module), False
    for code in codes(mutant.code):
        there = function(module, code.co_qualname)
        if there is not None and there.__code__ != code:
            there.__code__, planted = code, True
    return planted


def fate(mutant: Mutant) -> str:
    """Return "killed", "survived", or "nowhere" where the mistake is in no function that can be replaced."""
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os._exit(_inside(mutant))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    return {0: "survived", 9: "nowhere"}.get(os.WEXITSTATUS(status), "killed")


def _inside(mutant: Mutant) -> int:
    if not plant(mutant):
        return 9
    for tests in (TESTS, [MACHINE]):
        if pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]) != 0:
            return 1
    return 0


def main() -> None:
    """Try a sample of the mutants, and write the page."""
    said = argparse.ArgumentParser()
    said.add_argument("--sample", type=int, default=200)
    said.add_argument("--seed", type=int, default=1)
    said.add_argument("--tried", type=Path, default=ROOT / ".mutants.jsonl")
    chosen = said.parse_args()
    os.chdir(ROOT)
    os.environ.setdefault("SYNCER_EXAMPLES", "150")
    # The machine too is loaded here, once: a file that is edited meanwhile must not kill a mutant.
    if pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *TESTS, MACHINE]) != 0:
        sys.exit("the tests must be green before a mutant means anything")
    every = [m for module in MODULES for m in mutants(module)]
    sample = random.Random(chosen.seed).sample(every, min(chosen.sample, len(every)))
    chosen.tried.write_text("")
    for mutant in sample:
        row = {"name": mutant.name, "module": mutant.module, "fate": fate(mutant)}
        with chosen.tried.open("a") as out:
            out.write(json.dumps(row) + "\n")
    tried = [json.loads(line) for line in chosen.tried.read_text().splitlines()]
    (ROOT / "docs/mutation.md").write_text(page(tried, len(every), chosen.seed))


if __name__ == "__main__":
    main()
