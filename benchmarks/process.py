"""Run a child process and learn what it took: time, time of the processor, and the most memory it ever held."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ran:
    """What a child said and took: seconds by the clock and of the processor, its maximum resident set in bytes."""

    out: str
    wall: float
    cpu: float
    memory: int

    @property
    def said(self) -> Any:
        return json.loads(self.out)


def path_of(*more: Path) -> dict[str, str]:
    """Return the environment in which a child finds the benchmarks and the adapters, and what more folders hold."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "adapters", *more)))}


def run(words: Sequence[str], *, folder: Path, env: Mapping[str, str] | None = None, path: Path | None = None) -> Ran:
    """Run `python WORDS` in a folder. Raises RuntimeError where it fails."""
    found = path_of(*([path] if path else []))
    return execute([sys.executable, *words], folder=folder, env={**found, **(env or {})})


def execute(words: Sequence[str], *, folder: Path, env: Mapping[str, str]) -> Ran:
    """Run a command in a folder. Raises RuntimeError where it fails."""
    began = time.perf_counter()
    child = subprocess.Popen(words, cwd=folder, env=env, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    out = child.stdout.read()
    # wait4 speaks of this one child; RUSAGE_CHILDREN would give the largest of all of them.
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    child.stdout.close()
    if child.returncode:
        raise RuntimeError(f"{' '.join(words)} left with {child.returncode}: {out[-2000:]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Ran(out, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)
