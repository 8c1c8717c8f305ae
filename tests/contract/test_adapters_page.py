"""The adapter of docs/adapters.md, put together from the page, held to the contract."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from syncer.testing.contract import AdapterContract, Bench
from tests.docs.pages import ROOT, blocks

PAGE = "docs/adapters.md"
BLOCKS = list(blocks(PAGE, (ROOT / PAGE).read_text("utf-8")))


def built() -> Any:
    """Return the page's adapter as the module it tells people to write."""
    module = ModuleType("syncer_lines")
    sys.modules[module.__name__] = module
    code = [block for block in BLOCKS if block.run == "python"]
    for number, block in enumerate(code):
        ahead = "" if number == 0 else "from __future__ import annotations\n"
        exec(compile(ahead + "\n" * (block.line - ahead.count("\n")) + block.text, PAGE, "exec"), module.__dict__)
    return module


LINES = built()


class TestLines(AdapterContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        made: Bench = LINES.LinesBench(tmp_path)
        return made


def test_the_page_shows_the_class_that_runs_here() -> None:
    assert issubclass(LINES.TestLines, AdapterContract)
    assert {"python", "toml"} == {block.run for block in BLOCKS}


def test_the_entry_point_on_the_page_names_the_system() -> None:
    (block,) = (block for block in BLOCKS if block.run == "toml")
    ((name, target),) = tomllib.loads(block.text)["project"]["entry-points"]["syncer.adapters"].items()
    module, _, attribute = target.partition(":")

    assert (name, module) == (LINES.LinesSystem.name, LINES.__name__)
    assert getattr(LINES, attribute) is LINES.LinesSystem


def test_the_page_is_short_enough_to_be_read() -> None:
    assert sum(block.text.count("\n") for block in BLOCKS) < 350
