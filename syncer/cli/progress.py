"""Progress with a predicted end, on anything that takes longer than two seconds; nothing where nobody watches."""

from __future__ import annotations

import sys
import threading
import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

PATIENCE = 2.0
"""Seconds before anything is shown."""


class Bars:
    """The library's `Progress`, as bars on standard error. Silent under cron and in pipes."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent or not sys.stderr.isatty()
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._tasks: dict[str, object] = {}
        self._progress: Progress | None = None

    def __call__(self, what: str, count: int, total: int) -> None:
        """Show that `count` of `total` (0: not known) are done."""
        if self._silent or time.monotonic() - self._began < PATIENCE:
            return
        with self._lock:
            if self._progress is None:
                self._progress = Progress(
                    TextColumn("{task.description}"),
                    BarColumn(),
                    MofNCompleteColumn(),
                    TimeElapsedColumn(),
                    TimeRemainingColumn(),
                    console=Console(stderr=True),
                    transient=True,
                )
                self._progress.start()
            if what not in self._tasks:
                self._tasks[what] = self._progress.add_task(what, total=total or None)
            self._progress.update(self._tasks[what], completed=count, total=total or None)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()
