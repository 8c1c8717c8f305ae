"""What a command costs before it does anything."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.process import run
from benchmarks.table import Table, megabytes, ratio, seconds

WORDS = """\
Processor time of the fastest of five runs, and the maximum resident set. The least is Python itself with the standard \
library's JSON and SQLite."""
TIMES = 5
MAIN = "from syncer.cli.main import main; main()"


def measure() -> list[Table]:
    """Return the table of start-up times."""
    table = Table("Starting", WORDS, ("command", "time", "memory", "ratio"))
    with TemporaryDirectory() as name:
        folder = Path(name)
        run(["-m", "benchmarks.child", "write", name, "10"], folder=folder)
        least = _fastest(folder, ["-c", "import json, sqlite3"])
        table.add("least", seconds(least[0]), megabytes(least[1]), "1.0×")
        for words in (["--version"], ["status"]):
            cpu, memory = _fastest(folder, ["-c", MAIN, *words])
            table.add(f"`syncer {words[0]}`", seconds(cpu), megabytes(memory), ratio(cpu, least[0]))
    return [table]


def _fastest(folder: Path, words: list[str]) -> tuple[float, int]:
    runs = [run(words, folder=folder) for _ in range(TIMES)]
    return min(r.cpu for r in runs), max(r.memory for r in runs)
