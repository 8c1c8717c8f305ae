"""What the tests of the engine share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from syncer.engine import observe, run


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at one side after the other: starting three threads costs as much as all the rest of a small sync."""

    def in_turn(looks: Iterable[observe.Look], progress: Any = None) -> dict[str, observe.Observed]:
        return {look.side: observe.observe(look, progress) for look in looks}

    monkeypatch.setattr(run, "observe_all", in_turn)
