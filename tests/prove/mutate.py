"""Plants mutants one at a time, and writes docs/mutation.md.

python -m tests.prove.mutate [MODULE ...] [--again all|survivors] [--quick] [--jobs 2] [--page]

What became of each is kept in `.mutants/`, a file per module; by default only mutants that no file tells of are tried,
`--again survivors` tries those that lived too (after a test was written), `--again all` every one. `--quick` leaves the
state machine out. `--page` writes the page of all that is known. All of it takes two processors an hour or so.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path

from tests.prove.bench import Bench, run
from tests.prove.mutants import Mutant, mutants
from tests.prove.mutation_page import Row, page

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".mutants"
MODULES = (
    *("syncer.engine.merge", "syncer.engine.decide", "syncer.engine.match"),
    *("syncer.engine.actions", "syncer.engine.plan", "syncer.engine.state", "syncer.engine.guard"),
    *("syncer.engine.watch", "syncer.engine.derive"),
    *("syncer.model.types", "syncer.model.scalars", "syncer.model.sequence", "syncer.model.table"),
)
SLOW = ("machine", "planted_bugs", "crashes")
MACHINE = "tests/engine/test_machine.py"
HISTORIES = "150"


def tests(*, quick: bool) -> list[str]:
    """Return the tests that hunt: all fast ones of model and engine, and the state machine."""
    fast = [p for p in sorted((ROOT / "tests/engine").glob("test_*.py")) if p.stem.removeprefix("test_") not in SLOW]
    named = [str(p.relative_to(ROOT)) for p in fast]
    machine = [] if quick else [f"{MACHINE}::test_the_promises_hold_over_any_history"]
    return ["tests/model", *named, *machine]


def known(module: str, every: list[Mutant]) -> dict[str, Row]:
    """Return what became of a module's mutants, by name, as far as it holds for the code as it is."""
    kept, sources = KEPT / f"{module}.jsonl", {m.name: m.source for m in every}
    rows: list[Row] = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    return {row["name"]: row for row in rows if sources.get(row["name"]) == row["source"]}


def to_try(every: list[Mutant], fates: dict[str, Row], again: str) -> list[Mutant]:
    """Return the mutants whose fate is asked for."""
    tried = {"": set(fates), "survivors": {n for n, r in fates.items() if r["fate"] == "killed"}, "all": set()}
    return [m for m in every if m.name not in tried[again]]


def told(mutant: Mutant, fate: str, by: str) -> None:
    """Keep what became of a mutant, and the test that killed it or, where it lives, the last that did not."""
    row = Row(name=mutant.name, module=mutant.module, line=mutant.line, source=mutant.source, fate=fate, by=by)
    with (KEPT / f"{mutant.module}.jsonl").open("a") as out:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
    if fate == "survived":
        print(f"lives: line {mutant.line}: {mutant.name}", flush=True)


def main() -> None:
    """Try mutants, and write the page where it is asked for."""
    said = argparse.ArgumentParser()
    said.add_argument("modules", nargs="*", default=MODULES)
    said.add_argument("--again", choices=("survivors", "all"), default="")
    said.add_argument("--quick", action="store_true")
    said.add_argument("--jobs", type=int, default=2)
    said.add_argument("--page", action="store_true")
    chosen = said.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # so that sets, too, are walked the same way each time
        os.execve(sys.executable, sys.orig_argv, {**os.environ, "PYTHONHASHSEED": "0"})
    os.chdir(ROOT)
    KEPT.mkdir(exist_ok=True)
    os.environ.setdefault("SYNCER_EXAMPLES", HISTORIES)
    every = {module: mutants(module) for module in chosen.modules}
    wanted = [m for module in every for m in to_try(every[module], known(module, every[module]), chosen.again)]
    if wanted:
        code = run(Bench(wanted, {MACHINE}, chosen.jobs, told), tests(quick=chosen.quick))
        if code:
            sys.exit(code)
    fates = {module: known(module, found) for module, found in every.items()}
    for module, rows in fates.items():
        print(module, len(every[module]), dict(Counter(row["fate"] for row in rows.values())))
    if chosen.page:
        (ROOT / "docs/mutation.md").write_text(page({m: (len(every[m]), list(fates[m].values())) for m in every}))


if __name__ == "__main__":
    main()
