"""The demo's modules, and its stage with the command line in this process: a start-up costs more than a command."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from syncer.cli import conflicts, extra, history  # noqa: F401  (they register their commands)
from syncer.cli.main import app, guarded

HERE = Path(__file__).parents[2] / "docs" / "demo"
MODULES = ("product", "seed", "stage", "demo")


@pytest.fixture(scope="module")
def demo() -> Iterator[ModuleType]:
    """The script of `make demo`; its modules are not left behind."""
    sys.path.insert(0, str(HERE))
    try:
        yield importlib.import_module("demo")
    finally:
        sys.path.remove(str(HERE))
        for name in MODULES:
            sys.modules.pop(name, None)


@pytest.fixture
def stage(demo: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Iterator[Any]:
    """The demo's stage; what its commands print is part of what was captured."""
    folder = tmp_path / "play"

    def run(self: Any, words: Sequence[str]) -> tuple[int, str]:
        monkeypatch.chdir(folder)
        before = capsys.readouterr().out
        code = guarded(lambda: app(list(words), prog_name="syncer", standalone_mode=False))
        said = capsys.readouterr()
        print(before, end="")
        return code, said.out + said.err

    for name, value in sys.modules["stage"].SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "118")
    monkeypatch.setattr(demo.Stage, "run", run)
    made = demo.Stage(folder)
    yield made
    made.jira.stop()
    made.notion.stop()
