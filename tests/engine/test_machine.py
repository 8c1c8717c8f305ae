"""The promises of the design hold whatever people do, systems suffer and processes die of."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from syncer.store.store import Store
from tests.engine.machine import Machine
from tests.engine.quickstore import TwinStore
from tests.engine.wide import Wide
from tests.engine.worlds import Product, SideSpec

SMALL = 120
EXAMPLES = int(os.environ.get("SYNCER_EXAMPLES", SMALL))
STEPS = int(os.environ.get("SYNCER_STEPS", "14"))


def chosen(examples: int, phases: Sequence[Phase] | None = None) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        phases=settings().phases if phases is None else phases,
        derandomize=EXAMPLES == SMALL,  # the same histories for everybody; `make prove` looks at others
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )


@pytest.mark.usefixtures("one_thread")
def test_the_promises_hold_over_any_history() -> None:
    run_state_machine_as_test(Machine, settings=chosen(EXAMPLES))


@pytest.mark.usefixtures("one_thread")
def test_the_promises_hold_over_four_and_five_sides_of_other_abilities() -> None:
    run_state_machine_as_test(Wide, settings=chosen(max(20, EXAMPLES // 4)))


def test_the_promises_hold_on_the_real_store_with_sides_read_at_once(tmp_path: Path) -> None:
    """Each answer of the real store is held against that of the quick one, which the other histories run on."""
    Store.open(tmp_path / "empty.db", "shop").close()
    asked = []

    class OnFile(Machine):
        def make_product(self, specs: dict[str, SideSpec]) -> Product:
            folder = Path(tempfile.mkdtemp(dir=tmp_path))
            shutil.copy(tmp_path / "empty.db", folder / "s.db")
            return Product(folder / "s.db", specs, make_store=TwinStore)

        def teardown(self) -> None:
            super().teardown()
            if hasattr(self, "judge"):
                asked.append(self.product.store.asked)

    run_state_machine_as_test(OnFile, settings=chosen(max(10, EXAMPLES // 25), [Phase.generate]))

    assert sum(asked) > 2000
