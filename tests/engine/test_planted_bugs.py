"""Nine bugs, planted one at a time in the running engine: the state machine must catch each of them."""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from syncer.errors import SyncerError
from tests.engine.machine import Machine
from tests.prove.mutants import codes, function

AT_MOST = 300
"""Examples within which a bug must be caught."""

BUGS = {
    "a lone change is lost": (
        "merge",
        [("    if not heard:\n", "    if not heard or (len(heard) == 1 and not heard[0].fresh):\n")],
    ),
    "every deletion is resurrected": (
        "decide",
        [("    if editors:\n", "    if side.link:\n"), ("edited on {editors[0]} while", "edited on {editors} while")],
    ),
    "a dead item lives on": (
        "decide",
        [('    decision.state = "removed"\n', '    decision.state = "live"\n')],
    ),
    "delete beats edit": ("decide", [("    if editors:\n", "    if not side.link:\n")]),
    "a conflict is overwritten by the item on all sides": (
        "actions",
        [("    return outcome is None or not outcome.held\n", "    return outcome is None or bool(outcome)\n")],
    ),
    "the first side wins conflicts silently": (
        "merge",
        [
            (
                "_common(item, heard, standing, names)\n    ancestor",
                "_common(item, heard[:1], standing, names)\n    ancestor",
            )
        ],
    ),
    "a create is retried after a time-out": (
        "creating",
        [("                found = self._look_for(action, tag, error)\n", "                continue\n")],
    ),
    "the base is saved before the write": (
        "merge",
        [("for s in standing if s.rule.fits(s.raw, found.value, names)}", "for s in standing}")],
    ),
    "absence is taken from a partial page": (
        "observe",
        [
            ("    if seen.complete:\n", "    if look.sweep:\n"),
            (
                "            ask |= missing\n",
                '            seen.gone |= {ref: Gone(ref, "deleted") for ref in missing}\n',
            ),
        ],
    ),
}


def plant(module: ModuleType, changes: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the functions that a changed source would have to the functions that are there, wherever they are held."""
    source = inspect.getsource(module)
    wrong = source
    for before, after in changes:
        assert wrong.count(before) == 1, f"the place of this bug moved: {before!r} in {module.__name__}"
        wrong = wrong.replace(before, after)
    right = {c.co_qualname: c for c in codes(compile(source, str(module.__file__), "exec"))}
    planted = 0
    for code in codes(compile(wrong, str(module.__file__), "exec")):
        there = function(module, code.co_qualname)
        if there is not None and code != right[code.co_qualname]:
            monkeypatch.setattr(there, "__code__", code)
            planted += 1
    assert planted == 1, f"{planted} functions differ"


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("bug", BUGS)
def test_the_machine_catches(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, changes = BUGS[bug]
    plant(importlib.import_module(f"syncer.engine.{name}"), changes, monkeypatch)
    found = settings(
        max_examples=AT_MOST,
        stateful_step_count=14,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )

    with pytest.raises((AssertionError, SyncerError)):
        run_state_machine_as_test(Machine, settings=found)
