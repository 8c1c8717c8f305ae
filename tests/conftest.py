"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("syncer", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("syncer")
"""How long an example takes says more about the machine than about us."""


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
