"""Every block in our pages is run. Its fence says how; a fence that says nothing known is an error."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from syncer import api
from syncer.cli.main import app, guarded
from syncer.mapping.config import load_config
from syncer.mapping.load import parse_yaml, plain, validate
from syncer.mapping.settings import GuardsSpec, LintSpec
from syncer.mapping.spec import MappingSpec, Spec
from syncer.mapping.verify import verify_mapping
from syncer.model.item import STATUSES
from tests.docs.commands import command_line
from tests.docs.pages import ROOT, Block, blocks, pages, prose

ELSEWHERE = {
    ("README.md", "Your first hour"): "tests/cli",
    ("docs/adapters.md", ""): "tests/contract",
}
"""A page's section ("" = all of it) whose blocks have tests of their own, and where those are."""


def told_elsewhere(block: Block) -> bool:
    """Say whether a block is run by tests of its own."""
    return any(block.page == page and section in ("", block.section) for page, section in ELSEWHERE)


ALL = [block for page, text in pages().items() for block in blocks(page, text) if not told_elsewhere(block)]

DEFAULTS: dict[str, type[Spec]] = {"guards": GuardsSpec, "lint": LintSpec}
"""Sections of a configuration that a page shows alone, whole, with the values they have when left out."""

EXAMPLE = next(block for block in ALL if block.page == "README.md" and block.run == "python")
"""The library's first example."""


def run_yaml(block: Block, folder: Path) -> None:
    """Load a configuration or a mapping; what a page leaves out is filled in."""
    source = parse_yaml(block.text, str(block))
    data: dict[str, Any] = {"format": 1, **plain(source.data)}
    if "kinds" in data:
        source = source if "format" in source.data else parse_yaml("format: 1\n" + block.text, str(block))
        spec = validate(MappingSpec, source.data, source)
        assert spec is not None, source.problems
        verify_mapping(spec, source, STATUSES)
        assert source.problems == []
        return
    if data.keys() <= {"format", *DEFAULTS}:
        for name, section in DEFAULTS.items():
            assert plain(source.data)[name] == section().model_dump(), f"{name}: not the defaults, which are said to be"
        return
    assert "connections" in data, "neither a configuration nor a mapping"
    for entry in data.setdefault("collections", {}).values():
        path = folder / entry.setdefault("mapping", "mappings/any.yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text("format: 1\nkinds: {task: {fields: {title: Title}}}\n", encoding="utf-8")
        if (ROOT / entry["mapping"]).exists():
            shutil.copy(ROOT / entry["mapping"], path)
    with (folder / "syncer.yaml").open("w", encoding="utf-8") as file:
        YAML().dump({"product": "example", **data}, file)
    assert load_config(folder / "syncer.yaml").connections.keys() == data["connections"].keys()


def run_python(block: Block, folder: Path) -> None:
    """Run a program where a product is."""
    exec(compile(block.text, str(block), "exec"), {"__name__": "__main__"})


def run_console(block: Block, folder: Path) -> None:
    """Run the lines after `$ ` in turn, where a product is; each must succeed, or say `# exits N`."""
    command_line()
    for line in re.findall(r"^\$ (.*)$", block.text, re.MULTILINE):
        command, _, expected = line.partition("# exits ")
        name, *words = shlex.split(command, comments=True)
        assert name == "syncer", f"{block}: only our own command is run: {line}"
        assert guarded(lambda words=words: app(words, standalone_mode=False)) == int(expected or 0), line


def run_sh(block: Block, folder: Path) -> None:
    """Look whether each line could be run: make knows the target, Python the module."""
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:2] == ["python", "-m"]:
            assert importlib.util.find_spec(words[2]), line
            continue
        assert words[0] == "make", line
        done = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def run_json(block: Block, folder: Path) -> None:
    """Read it."""
    json.loads(block.text)


def run_text(block: Block, folder: Path) -> None:
    """A picture: there is nothing to run."""


RUN: dict[str, Callable[[Block, Path], None]] = {
    "yaml": run_yaml,
    "python": run_python,
    "console": run_console,
    "sh": run_sh,
    "json": run_json,
    "text": run_text,
}


@pytest.mark.parametrize("block", [b for b in ALL if b.run in {"yaml", "sh", "json", "text"}], ids=str)
def test_a_block_is_true(block, tmp_path):
    RUN[block.run](block, tmp_path)


@pytest.mark.parametrize("block", [b for b in ALL if b.run in {"python", "console"} and b is not EXAMPLE], ids=str)
def test_a_block_runs_where_a_product_is(block, product):
    RUN[block.run](block, product)


def test_every_fence_says_how_its_block_is_run():
    assert [str(block) for block in ALL if block.run not in RUN] == []
    assert len(ALL) > 10


def test_code_stands_in_fences_only():
    indented = [f"{page}: {line}" for page, text in pages().items() for line in loose(text)]

    assert indented == []


def loose(text: str) -> list[str]:
    """Return the lines that are code by their indentation alone: no fence says how to run them."""
    found, in_list, blank = [], False, True
    for line in prose(text).splitlines():
        if line.startswith("    ") and blank and not in_list:
            found.append(line)
        if line and not line.startswith(" "):
            in_list = re.match(r"([-*]|\d+\.) ", line) is not None
        blank = not line.strip()
    return found


@pytest.mark.parametrize(("page", "section"), ELSEWHERE)
def test_a_section_with_tests_of_its_own_has_them(page, section):
    inside = [block for block in blocks(page, pages()[page]) if section in ("", block.section)]
    tests = [path.read_text(encoding="utf-8") for path in (ROOT / ELSEWHERE[page, section]).glob("test_*.py")]

    assert len(inside) > 3
    assert any(Path(page).name in text for text in tests)


def test_the_first_example_of_the_library_is_the_same_on_the_first_page():
    example = re.search(r"\n\n((?:    .*\n|\n)+)", api.__doc__ or "")
    assert example is not None
    code = re.sub(r"^    ", "", example[1].strip("\n"), flags=re.MULTILINE) + "\n"

    assert code.count("\n") <= 12
    assert EXAMPLE.text == code


def test_the_example_does_what_it_prints(product, capsys):
    run_python(EXAMPLE, product)

    lines = capsys.readouterr().out.splitlines()
    assert "True" == lines[0]
    assert {"+ features 雪崩情報"} <= set(lines)
    assert lines[-1].endswith("done, 0 held")
