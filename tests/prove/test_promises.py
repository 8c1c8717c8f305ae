"""The page of promises: it names what exists, was made from a run of all of it, and tells a broken promise."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.prove.promises import PROMISES, Outcome, page, violations
from tests.prove.record import TRIED, Writer, examples

ROOT = Path(__file__).resolve().parents[2]
NAMED = {name for promise in PROMISES for name in promise.tests}


def functions() -> dict[str, ast.FunctionDef]:
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("*.py"))
    return {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_what_the_promises_stand_on_exists_and_its_checks_are_counted() -> None:
    there = functions()

    assert there.keys() >= NAMED
    for check in (name for promise in PROMISES for name in promise.checks):
        assert [ast.unparse(d) for d in there[check].decorator_list] == ["counted"], check


def test_the_page_was_made_from_a_run_of_every_test_it_names() -> None:
    text = (ROOT / "docs/promises.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `test_")]

    assert {row.split("`")[1] for row in rows} == NAMED
    assert [promise.words for promise in PROMISES if f"| {promise.words} |" not in text] == []
    assert "not run" not in text


@pytest.mark.parametrize(
    ("said", "broken"),
    [
        ("AssertionError: it never doubles: b holds ['x', 'x']", ["It never doubles"]),
        ("KeyError: 'x'", [p.words for p in PROMISES if "test_the_promises_hold_over_any_history" in p.tests]),
    ],
)
def test_a_failure_counts_against_the_promise_it_names_and_else_against_all_it_may_be(
    said: str, broken: list[str]
) -> None:
    failed = {"test_the_promises_hold_over_any_history": Outcome("f.py", failures=[said])}

    assert [promise.words for promise in PROMISES if violations(promise, failed)] == broken
    assert "| It never doubles | `it_never_doubles`, 0 times |" in page(failed, [])


def test_what_tests_count_in_any_process_is_added_up(tmp_path: Path) -> None:
    def report(name: str, when: str, **more: Any) -> Any:
        return SimpleNamespace(**{"nodeid": f"tests/t.py::{name}", "when": when, "failed": False, "skipped": False,
                                  "user_properties": [], **more})  # fmt: skip

    writer = Writer(tmp_path / "promises.md")
    name = "test_killed_at_any_point_a_rerun_ends_as_if_uninterrupted"
    for which, points in (("[one]", 7), ("[two]", 5)):
        writer.pytest_runtest_logreport(report(name + which, "call"))
        tried = [(TRIED, dict(Counter({"points of death": points, "it_settles": 2})))]
        writer.pytest_runtest_logreport(report(name + which, "teardown", user_properties=tried))
    writer.pytest_sessionfinish()

    text = (tmp_path / "promises.md").read_text("utf-8")
    assert f"| `{name}` | `tests/t.py` | 12 points of death | 0 |" in text
    assert "`it_settles`, 4 times" in text


def test_what_hypothesis_tells_of_a_test_is_counted() -> None:
    told = (
        "    - 0 passing, 1 failing, and 3 invalid test cases\n    - 40 passing, 0 failing, and 12 invalid test cases"
    )

    assert examples(told) == 41
    assert examples("") == 0
