"""The client reads what was recorded, without a network. Recorded again by `python -m tests.jira.sessions`."""

from __future__ import annotations

import pytest

from syncer.testing.cassettes import CassetteContract, Deck
from tests.jira.sessions import DECK


class TestJiraCassettes(CassetteContract):
    @pytest.fixture
    def deck(self) -> Deck:
        return DECK
