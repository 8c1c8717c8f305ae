"""The client reads what was recorded, matched on method, address and body, without a network."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

from syncer.errors import RejectedError
from syncer.record import Draft, Gone


def _sessions() -> ModuleType:
    spec = importlib.util.spec_from_file_location("jira_sessions", Path(__file__).with_name("sessions.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["jira_sessions"] = module
    spec.loader.exec_module(module)
    return module


S = _sessions()


@pytest.fixture
def play(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    path = S.FOLDER / f"{request.param}.sandbox.yaml"
    with S.tape(S.HOST, "none").use_cassette(str(path)) as cassette:
        yield S.open_adapter(S.HOST), cassette


@pytest.mark.parametrize("play", ["read"], indirect=True)
def test_a_recorded_listing_is_read(play: Any) -> None:
    adapter, cassette = play
    summaries, found = S.read(adapter)

    assert summaries == ["Checkout", "Pay by card", "Wrong total"]
    assert isinstance(found["9"], Gone)
    assert found["10002"].url == f"{S.HOST}/browse/SHOP-2"
    assert cassette.all_played


@pytest.mark.parametrize("play", ["create"], indirect=True)
def test_a_recorded_create_is_read(play: Any) -> None:
    adapter, cassette = play
    made = S.create(adapter)

    assert (made.fields["summary"], made.tag) == ("Naïve café", S.TAG)
    assert cassette.all_played


@pytest.mark.parametrize("play", ["update"], indirect=True)
def test_a_recorded_update_is_read(play: Any) -> None:
    adapter, cassette = play
    after = S.update(adapter)

    assert (after.fields["summary"], after.fields["labels"], after.fields["status"]) == ("Pay", ["x"], "10001")
    assert cassette.all_played


@pytest.mark.parametrize("play", ["limited"], indirect=True)
def test_a_recorded_refusal_for_haste_is_waited_out(play: Any) -> None:
    adapter, cassette = play
    (record,) = S.limited(adapter).values()

    assert record.fields["summary"] == "Checkout"
    assert [r["status"]["code"] for r in cassette.responses].count(429) == 1
    assert cassette.all_played


@pytest.mark.parametrize("play", ["refused"], indirect=True)
def test_a_recorded_error_body_names_its_fields(play: Any) -> None:
    adapter, _ = play
    with pytest.raises(RejectedError) as refusal:
        S.refused(adapter)

    assert set(refusal.value.fields) == {"summary", "labels"}


@pytest.mark.parametrize("play", ["create"], indirect=True)
def test_another_body_is_not_answered(play: Any) -> None:
    adapter, _ = play
    adapter.schema()

    with pytest.raises(CannotOverwriteExistingCassetteException):
        adapter.create(Draft(S.STORY, {"summary": "Another"}, S.TAG))


@pytest.mark.parametrize("name", list(S.SESSIONS))
def test_a_cassette_says_where_it_comes_from_and_holds_no_secret(name: str) -> None:
    text = (S.FOLDER / f"{name}.sandbox.yaml").read_text("utf-8")

    assert text.startswith(S.HEADER)
    assert S.PLANTED not in text
    assert "authorization" not in text.lower()
    assert "127.0.0.1" not in text
