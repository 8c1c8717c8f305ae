"""What the cassettes' own tests are worth: a recorder that keeps the secret is caught, and a file that has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import vcr

from syncer.testing import cassettes
from syncer.testing.cassettes import CassetteContract, Deck
from tests.jira.sessions import DECK as JIRA
from tests.notion.sessions import DECK as NOTION

DECKS = pytest.mark.parametrize("deck", [JIRA, NOTION], ids=["basic", "bearer"])


@DECKS
def test_a_recorder_that_keeps_the_secret_is_caught(
    deck: Deck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plain(url: str, host: str, mode: str) -> Any:
        return vcr.VCR(record_mode=mode, match_on=["method", "uri", "body"])

    monkeypatch.setattr(cassettes, "_tape", plain)

    with pytest.raises(AssertionError):
        CassetteContract().test_recording_leaves_the_planted_secret_out(deck, tmp_path)


@DECKS
def test_a_cassette_that_does_not_say_where_it_comes_from_is_caught(deck: Deck, tmp_path: Path) -> None:
    copy = copied(deck, tmp_path, lambda text: text.removeprefix(deck.header))

    with pytest.raises(AssertionError):
        CassetteContract().test_a_cassette_says_where_it_comes_from_and_holds_no_secret(copy, "read")


@DECKS
def test_a_cassette_with_the_secret_in_another_form_is_caught(deck: Deck, tmp_path: Path) -> None:
    copy = copied(deck, tmp_path, lambda text: f"{text}# {deck.forms()[-1]}\n")

    with pytest.raises(AssertionError):
        CassetteContract().test_a_cassette_says_where_it_comes_from_and_holds_no_secret(copy, "read")


def copied(deck: Deck, folder: Path, change: Callable[[str], str]) -> Deck:
    """Return a deck with one cassette, changed."""
    copy = replace(deck, folder=folder / deck.folder.name)
    copy.folder.mkdir()
    copy.path("read").write_text(change(deck.path("read").read_text("utf-8")), "utf-8")
    return copy
