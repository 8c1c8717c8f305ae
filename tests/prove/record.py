"""A pytest plugin that writes docs/promises.md: `pytest -p tests.prove.record --promises docs/promises.md`.

It listens to what the tests count, in whichever process they run, and to how they end.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.counting import COUNTED
from tests.prove.promises import Outcome, page

TRIED = "tried"
EXAMPLES = re.compile(r"(\d+) passing(?: examples?)?, (\d+)\s+failing")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promises", type=Path, help="write what the tests tried of each promise to this page")


def pytest_configure(config: pytest.Config) -> None:
    where = config.getoption("promises")
    if where is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Writer(where))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    COUNTED.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "teardown":
        tried = COUNTED + Counter({"examples": examples(getattr(item, "hypothesis_statistics", ""))})
        report.user_properties.append((TRIED, dict(tried)))
    return report


def examples(statistics: str) -> int:
    """Return how many examples Hypothesis tried, of what it tells of a test."""
    return sum(int(n) for found in EXAMPLES.findall(statistics) for n in found)


class Writer:
    """Gathers what the tests tell, and writes the page at the end."""

    def __init__(self, where: Path) -> None:
        self.where, self.began = where, time.monotonic()
        self.outcomes: dict[str, Outcome] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file, _, name = report.nodeid.partition("::")
        one = self.outcomes.setdefault(name.partition("[")[0], Outcome(file))
        if report.failed:
            one.failures.append(str(report.longrepr))
        if report.skipped:
            one.skipped += 1
        if report.when == "call" and not report.skipped:
            one.runs += 1
        for key, tried in report.user_properties:
            if key == TRIED and report.when == "teardown":
                one.tried.update(tried)

    def pytest_sessionfinish(self) -> None:
        self.where.write_text(page(self.outcomes, self.heading()), "utf-8")

    def heading(self) -> list[str]:
        minutes = (time.monotonic() - self.began) / 60
        asked = [f"`{name}={os.environ[name]}`" for name in sorted(os.environ) if name.startswith("SYNCER_")]
        runs: Any = sum(one.runs for one in self.outcomes.values())
        failed = sum(bool(one.failures) for one in self.outcomes.values())
        return [
            f"The last run: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {minutes:.0f} minutes, {runs:,} tests, of which "
            f"{failed} failed; with {', '.join(asked) or 'the small numbers of `make test`'}.",
        ]
