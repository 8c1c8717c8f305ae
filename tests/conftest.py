"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples for everybody, however slow the machine; `make prove`, which sets the scale, looks at others.
settings.register_profile(
    "same",
    derandomize="SYNCER_SCALE" not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same")


def shared_folder() -> Path | None:
    """Return the folder of material that lies beside the project, where it is present."""
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "bank").is_dir():
            return parent / "shared"
    return None


@pytest.fixture
def bank() -> Path:
    """The bank of official specs and recorded payloads; the test skips, saying so, where it is absent."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("the bank of recorded payloads is not beside this checkout")
    return folder / "bank"
