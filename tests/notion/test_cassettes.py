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
from syncer.record import Draft, Gone, GoneKind


def _sessions() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notion_sessions", Path(__file__).with_name("sessions.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["notion_sessions"] = module
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
    titles, found = S.read(adapter)
    hidden = next(answer for ref, answer in found.items() if ref != S.PAGE)

    assert titles == ["Naïve café", "Search"]
    assert isinstance(hidden, Gone) and hidden.kind is GoneKind.HIDDEN
    assert S.CODEC.decode(found[S.PAGE].fields["body"]) == S.doc(*map(S.paragraph, ("First words", "Last words")))
    assert cassette.all_played


@pytest.mark.parametrize("play", ["create"], indirect=True)
def test_a_recorded_create_is_read(play: Any) -> None:
    adapter, cassette = play
    made = S.create(adapter)

    assert (made.label, made.tag, made.edited_by) == ("Größe 🙂", S.TAG, adapter.traits.account)
    assert S.CODEC.decode(made.fields["body"]).content[1].type == "rule"
    assert cassette.all_played


@pytest.mark.parametrize("play", ["update"], indirect=True)
def test_a_recorded_update_is_read(play: Any) -> None:
    adapter, cassette = play
    after = S.update(adapter)
    words = [node.plain() for node in S.CODEC.decode(after.fields["body"]).content]

    assert words == ["First words", "Words between", "The last words"]
    assert after.fields[adapter._rows.known().names["Reach"]] == 4
    assert cassette.all_played


@pytest.mark.parametrize("play", ["limited"], indirect=True)
def test_a_recorded_refusal_for_haste_is_waited_out(play: Any) -> None:
    adapter, cassette = play
    (record,) = S.limited(adapter).values()

    assert record.label == "Search"
    assert [r["status"]["code"] for r in cassette.responses].count(429) == 1
    assert cassette.all_played


@pytest.mark.parametrize("play", ["refused"], indirect=True)
def test_a_recorded_error_body_names_its_field(play: Any) -> None:
    adapter, _ = play
    with pytest.raises(RejectedError) as refusal:
        S.refused(adapter)

    assert set(refusal.value.fields) == {adapter._rows.known().names["Reach"]}


@pytest.mark.parametrize("play", ["create"], indirect=True)
def test_another_body_is_not_answered(play: Any) -> None:
    adapter, _ = play
    adapter.schema()

    with pytest.raises(CannotOverwriteExistingCassetteException):
        adapter.create(Draft(S.SOURCE, {"title": "Another"}, S.TAG))


@pytest.mark.parametrize("name", list(S.SESSIONS))
def test_a_cassette_says_where_it_comes_from_and_holds_no_secret(name: str) -> None:
    text = (S.FOLDER / f"{name}.sandbox.yaml").read_text("utf-8")

    assert text.startswith(S.HEADER)
    assert S.PLANTED not in text
    assert "authorization" not in text.lower()
    assert "127.0.0.1" not in text
