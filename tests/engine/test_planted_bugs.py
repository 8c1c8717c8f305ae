"""Nine bugs, planted one at a time in a copy of the engine: the state machine must catch each of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BUGS = {
    "a lone change is lost": ("merge.py", "    if not heard:\n", "    if len(heard) < 2:\n"),
    "every deletion is resurrected": ("decide.py", "    if editors:\n", "    if side.link:\n"),
    "a dead item lives on": ("decide.py", '        decision.state = "removed"\n', '        decision.state = "live"\n'),
    "delete beats edit": ("decide.py", "    if editors:\n", "    if not side.link:\n"),
    "a conflict is overwritten by the item on all sides": (
        "plan.py",
        "outcome is not None and (outcome.held or view.side in outcome.notes)",
        "outcome is not None and (view.side in outcome.notes)",
    ),
    "the first side wins conflicts silently": (
        "merge.py",
        "    if not found:\n        parties",
        "    if not found and not heard:\n        parties",
    ),
    "a create is retried after a time-out": (
        "apply.py",
        "                found = self._look_for(action, tag, error)\n",
        "                continue\n",
    ),
    "the base is saved before the write": (
        "merge.py",
        "for s in standing if s.rule.fits(s.raw, found.value, names)}",
        "for s in standing}",
    ),
    "absence is taken from a partial page": ("observe.py", "    if seen.complete:\n", "    if look.sweep:\n"),
}


@pytest.mark.skipif("SYNCER_PLANT" not in os.environ, reason="planting nine bugs takes minutes: make prove does it")
@pytest.mark.parametrize("bug", BUGS)
def test_the_machine_catches(bug: str, tmp_path: Path) -> None:
    name, right, wrong = BUGS[bug]
    for part in ("syncer", "tests/engine"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    engine = tmp_path / "syncer" / "engine" / name
    source = engine.read_text(encoding="utf-8")
    assert source.count(right) == 1, f"the place of this bug moved: {right!r} in {name}"
    engine.write_text(source.replace(right, wrong), encoding="utf-8")
    # Its own settings, so that the copy is imported and not this checkout.
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = --import-mode=importlib\n")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/engine/test_machine.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "SYNCER_EXAMPLES": "400", "SYNCER_QUICK": "1"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert done.returncode == 1, f"not caught: {bug}\n{done.stdout[-3000:]}"
    assert "AssertionError" in done.stdout or "Error" in done.stdout
