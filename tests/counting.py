"""What a test tried, counted while it runs: the table of docs/promises.md is made from nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

COUNTED: Counter[str] = Counter()
"""What was tried since the running test began: "histories", "kills" …, and each check under its own name."""


def count(what: str, times: int = 1) -> None:
    """Count something that a test tried."""
    COUNTED[what] += times


def counted(check: Callable[P, T]) -> Callable[P, T]:
    """Count how often a check is asked, under its own name."""

    @wraps(check)
    def asked(*args: P.args, **more: P.kwargs) -> T:
        COUNTED[check.__name__] += 1
        return check(*args, **more)

    return asked
