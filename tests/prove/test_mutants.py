"""Mutants are what they say, and so is the page that tells of them."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.prove.bench import plant
from tests.prove.mutants import mutants
from tests.prove.mutation_page import Row, page

SHOP = """\
def price(count: int, member: bool) -> int:
    total = 3 * count
    if count >= 10 and member:
        total -= 5
    return total


def idle(count: int) -> int:
    return count + 1
"""


def module(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> str:
    (folder / f"{name}.py").write_text(SHOP)
    monkeypatch.syspath_prepend(folder)
    return name


def test_a_mutant_is_one_small_mistake_in_one_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {f"{m.before} → {m.after}" for m in mutants(module(tmp_path, monkeypatch, "mutant_shop"))}

    assert found == {
        *("3 * count → 3 + count", "3 → 4", "count >= 10 → count > 10", "10 → 11", "5 → 6", "total -= 5 → pass"),
        *("count >= 10 and member → not (count >= 10 and member)", "count >= 10 and member → count >= 10 or member"),
        *("count >= 10 and member → True and member", "count >= 10 and member → True and count >= 10"),
        *("return total → return None", "count + 1 → count - 1", "1 → 2", "return count + 1 → return None"),
    }


def test_a_planted_mutant_is_what_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module(tmp_path, monkeypatch, "mutant_till")
    shop = importlib.import_module(name)
    plant(next(m for m in mutants(name) if m.after == "count > 10"))

    assert (shop.price(10, True), shop.price(11, True), shop.idle(1)) == (30, 28, 2)


def test_the_page_counts_what_was_killed_and_says_why_the_rest_lives() -> None:
    rows = [
        Row(name=name, module="syncer.model.types", line=1, source="", fate=fate, by="tests/engine/test_machine.py::t")
        for name, fate in (("a → b", "killed"), ("b → c", "killed"), ("c → d", "survived"))
    ]
    written = page({"syncer.model.types": (4, rows)})

    assert "Tried: 3 of 4. Killed: 2, which is **66.7%** of all." in written
    assert "| `syncer.model.types` | 4 | 3 | 2 | 1 | 0 |" in written
    assert "* `c → d`: not looked into yet\n" in written
