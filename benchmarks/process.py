"""Run a child process and learn what it took: time of the processor, and the most memory it ever held."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ran:
    """What a child said and took: processor seconds, its own and the kernel's; maximum resident set in bytes."""

    out: str
    cpu: float
    memory: int
    code: int

    @property
    def said(self) -> Any:
        return json.loads(self.out)


def path_of() -> dict[str, str]:
    """Return the environment in which a child finds the benchmarks and the adapters."""
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'adapters'}"}


def run(
    words: Sequence[str], *, folder: Path, env: Mapping[str, str] | None = None, expect: Sequence[int] = (0,)
) -> Ran:
    """Run `python WORDS` in a folder. Raises RuntimeError where it leaves with an exit code not expected."""
    child = subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env={**path_of(), **(env or {})},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    out = child.stdout.read()
    # wait4 speaks of this one child; RUSAGE_CHILDREN would give the largest of all of them.
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    if child.returncode not in expect:
        raise RuntimeError(f"{' '.join(words)} left with {child.returncode}: {out[-2000:]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Ran(out, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit, child.returncode)
