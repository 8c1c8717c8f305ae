"""A pytest session that, once its tests are green, forks a child for each mutant and runs in it the tests that reach
the mutant's function until one fails."""

from __future__ import annotations

import importlib
import inspect
import os
import resource
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.prove.mutants import Mutant, codes, function

WAIT = 900
"""Seconds by the clock, and
"""
WORK = 60
"""seconds of computing beyond twice what the tests take, after which a mutant counts as killed: it hangs."""
MEMORY = 4 << 30
"""Bytes beyond which it eats all there is."""

Told = Callable[[Mutant, str, str], None]


def plant(mutant: Mutant) -> None:
    """Give the function of the running module the mutant's code."""
    module, planted = importlib.import_module(mutant.module), []
    for code in codes(mutant.code):
        there = function(module, code.co_qualname)
        if there is not None and there.__code__ != code:
            there.__code__ = code
            planted.append(code.co_qualname)
    assert planted == [mutant.function], f"{mutant.name}: planted {planted}; was the file edited meanwhile?"


class Bench:
    """The session's plugin. Tells (mutant, "killed" or "survived", the test it met last) as each is known."""

    def __init__(self, mutants: Sequence[Mutant], last: Collection[str], jobs: int, told: Told) -> None:
        self.mutants, self.last, self.jobs, self.told = mutants, last, jobs, told
        self.files = {inspect.getfile(importlib.import_module(m)): m for m in {m.module for m in mutants}}
        self.seconds: dict[pytest.Item, float] = {}
        self.reached: dict[tuple[str, str], list[pytest.Item]] = {}
        self.kills: Counter[tuple[str, str]] = Counter()

    def pytest_sessionstart(self) -> None:
        """Have Hypothesis do the same each time, without limits of time, and without looking for smaller examples."""
        from hypothesis import HealthCheck, Phase, settings  # pytest wants to be the first to import it

        settings.register_profile(
            *("mutants", settings(derandomize=True, database=None, deadline=None)),
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run all the tests as they are, then the mutants."""
        if session.testsfailed:
            raise session.Interrupted("the tests cannot be collected")
        for item in session.items:
            self._measure(item)
        print(
            f"{len(session.items)} tests, {sum(self.seconds.values()):.0f} s; {len(self.mutants)} mutants", flush=True
        )
        at_work: dict[int, tuple[Mutant, int]] = {}
        for mutant in self.mutants:
            if len(at_work) >= self.jobs:
                self._wait(at_work)
            self._fork(mutant, at_work)
        while at_work:
            self._wait(at_work)
        return True

    def _measure(self, item: pytest.Item) -> None:
        began, name = time.process_time(), _file(item)
        if name in self.last:
            seen = {(m.module, m.function) for m in self.mutants}  # following it through everything takes long
            failed = _fails(item)
        else:
            with _following(self.files) as calls:
                failed = _fails(item)
            seen = {(self.files[file], qualname) for file, qualname in calls}
        if failed:
            print(f"left out, for it is red without a mutant: {item.nodeid}", flush=True)
            return
        self.seconds[item] = time.process_time() - began
        for place in seen:
            self.reached.setdefault(place, []).append(item)

    def tests(self, mutant: Mutant) -> list[pytest.Item]:
        """Return the tests that reach a mutant's function: who killed others in it first, then the quickest."""
        kills, seconds, last = self.kills, self.seconds, self.last
        reached = self.reached.get((mutant.module, mutant.function), [])
        return sorted(reached, key=lambda i: (_file(i) in last, -kills[mutant.function, i.nodeid], seconds[i]))

    def _fork(self, mutant: Mutant, at_work: dict[int, tuple[Mutant, int]]) -> None:
        tests = self.tests(mutant)
        read, write = os.pipe()
        child = os.fork()
        if child:
            os.close(write)
            at_work[child] = (mutant, read)
            return
        outcome = 2
        try:
            most = int(2 * sum(self.seconds[t] for t in tests)) + WORK
            _limits(most)
            plant(mutant)
            killer = next((t.nodeid for t in tests if _fails(t)), "")
            os.write(write, (killer or (tests[-1].nodeid if tests else "")).encode())
            outcome = 1 if killer else 0
        finally:
            os._exit(outcome)

    def _wait(self, at_work: dict[int, tuple[Mutant, int]]) -> None:
        child, status = os.wait()
        mutant, read = at_work.pop(child)
        with os.fdopen(read, encoding="utf-8") as pipe:
            killer = pipe.read()
        if os.WIFSIGNALED(status):
            self.told(mutant, "killed", "hangs")
            return
        # Anything but a plain yes or no is a fault of the bench: counting it as a kill would flatter us.
        assert os.WEXITSTATUS(status) in (0, 1), mutant.name
        fate = "killed" if os.WEXITSTATUS(status) else "survived"
        self.kills[mutant.function, killer] += fate == "killed"
        self.told(mutant, fate, killer)


def run(bench: Bench, tests: Sequence[str]) -> int:
    """Run a bench over tests, the same way each time; return pytest's exit code."""
    plain = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "tmp_path_retention_policy=none"]
    return int(pytest.main([*plain, "--hypothesis-seed=1", *tests], plugins=[bench]))


def _file(item: pytest.Item) -> str:
    return item.nodeid.split("::")[0]


def _fails(item: pytest.Item) -> bool:
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def _limits(seconds: int) -> None:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    signal.alarm(WAIT)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@contextmanager
def _following(files: Mapping[str, str]) -> Iterator[set[tuple[str, str]]]:
    """Note (file, function) of every call into some files."""
    calls: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if code.co_filename in files:
            calls.add((code.co_filename, code.co_qualname))

    threading.settrace(note)
    sys.settrace(note)
    try:
        yield calls
    finally:
        sys.settrace(None)
        threading.settrace(None)
