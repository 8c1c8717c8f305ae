"""The client reads what was recorded, without a network. Recorded again by `python -m tests.notion.sessions`."""

from __future__ import annotations

import pytest

from syncer.testing.cassettes import CassetteContract, Deck
from tests.notion.sessions import DECK


class TestNotionCassettes(CassetteContract):
    @pytest.fixture
    def deck(self) -> Deck:
        return DECK
