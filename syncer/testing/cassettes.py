"""Cassettes: five short sessions of an adapter, recorded once and replayed without a network, and the tests of them.

An author gives a `Deck`, and subclasses `CassetteContract` with a fixture `deck`. `deck.record_all()` records anew.
A cassette says in its first line where it comes from; who called is never in it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import pytest
import vcr
from vcr.errors import CannotOverwriteExistingCassetteException

from syncer.adapter import Adapter
from syncer.errors import RejectedError

SESSIONS = ("read", "create", "update", "limited", "refused")
"""What every adapter's cassettes show: reading, creating, updating, a 429 that is waited out, an error body."""

Act = Callable[[Any], Any]


@dataclass(frozen=True)
class Session:
    """What the adapter is asked to do, and what must come of it; of a refusal, the fields that were refused."""

    act: Act
    check: Callable[[Any], None]


@dataclass(frozen=True)
class Deck:
    """The cassettes of one adapter.

    `open` opens a collection at an address with the secret `planted`; `serve` runs a stand-in that takes this secret,
    and answers the session "limited" with a 429 first. `other` does what no cassette has: another create. `user` is
    who the secret goes with, where both are sent as one word.
    """

    folder: Path
    planted: str
    open: Callable[[str], Adapter]
    sessions: Mapping[str, Session]
    other: Act
    serve: Callable[[str], AbstractContextManager[str]]
    user: str = ""
    origin: Literal["recorded", "documented", "sandbox"] = "sandbox"

    @property
    def host(self) -> str:
        """Return the address that the server has in cassettes."""
        return f"http://{self.folder.name}.sandbox.invalid"

    @property
    def header(self) -> str:
        """Return a cassette's first line."""
        return f"# origin: {self.origin}\n"

    def path(self, name: str) -> Path:
        """Return where a session's cassette is."""
        return self.folder / f"{name}.{self.origin}.yaml"

    def forms(self) -> list[str]:
        """Return every form in which the secret could be in a file."""
        pair = f"{self.user}:{self.planted}"
        return [self.planted, quote(self.planted, safe=""), base64.b64encode(pair.encode()).decode()]

    @contextmanager
    def play(self, name: str) -> Iterator[tuple[Adapter, Any]]:
        """Replay a session's cassette: give the adapter and the cassette."""
        with _tape(self.host, self.host, "none").use_cassette(str(self.path(name))) as cassette:
            yield self.open(self.host), cassette

    def record(self, name: str, path: Path) -> None:
        """Record a session on a fresh stand-in."""
        path.unlink(missing_ok=True)
        with self.serve(name) as url, _tape(url, self.host, "all").use_cassette(str(path)):
            try:
                self.sessions[name].act(self.open(url))
            except RejectedError:
                if name != "refused":
                    raise
        path.write_text(self.header + path.read_text("utf-8"), "utf-8")

    def record_all(self) -> None:
        """Record every session again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in self.sessions:
            self.record(name, self.path(name))


class CassetteContract:
    """What holds of every adapter's cassettes. A subclass gives the fixture `deck`."""

    @pytest.fixture
    def deck(self) -> Deck:
        """Give the cassettes."""
        raise NotImplementedError("a subclass of CassetteContract gives a fixture `deck`")

    @pytest.mark.parametrize("name", SESSIONS)
    def test_a_session_is_read_as_it_was_recorded(self, deck: Deck, name: str) -> None:
        """Replay it to its end, matched on method, address and body."""
        session = deck.sessions[name]
        with deck.play(name) as (adapter, cassette):
            if name == "refused":
                with pytest.raises(RejectedError) as refusal:
                    session.act(adapter)
                session.check(set(refusal.value.fields))
            else:
                session.check(session.act(adapter))

            assert cassette.all_played

    def test_a_refusal_for_haste_was_waited_out(self, deck: Deck) -> None:
        """Find the one 429, and an answer after it."""
        with deck.play("limited") as (adapter, cassette):
            deck.sessions["limited"].act(adapter)
            codes = [response["status"]["code"] for response in cassette.responses]

        assert codes.count(429) == 1
        assert codes[-1] == 200

    def test_another_body_is_not_answered(self, deck: Deck) -> None:
        """Ask for what was not recorded."""
        with deck.play("create") as (adapter, _), pytest.raises(CannotOverwriteExistingCassetteException):
            deck.other(adapter)

    @pytest.mark.parametrize("name", SESSIONS)
    def test_a_cassette_says_where_it_comes_from_and_holds_no_secret(self, deck: Deck, name: str) -> None:
        """Look at the file itself."""
        text = deck.path(name).read_text("utf-8")

        assert text.startswith(deck.header)
        _holds_no_secret(deck, text)

    def test_recording_leaves_the_planted_secret_out(self, deck: Deck, tmp_path: Path) -> None:
        """Record a session now: the stand-in let us in, so that the secret was sent."""
        path = tmp_path / "create.yaml"
        deck.record("create", path)

        assert "- request:" in path.read_text("utf-8")
        _holds_no_secret(deck, path.read_text("utf-8"))


def _holds_no_secret(deck: Deck, text: str) -> None:
    assert [] == [form for form in deck.forms() if form in text]
    assert "authorization" not in text.lower()
    assert "127.0.0.1" not in text


def _tape(url: str, host: str, mode: str) -> Any:
    """Return a recorder that knows the server by one fixed name and leaves out who calls."""

    def request(found: Any) -> Any:
        found.uri = found.uri.replace(url, host)
        found.headers = {k: v for k, v in found.headers.items() if k.lower() not in ("authorization", "host")}
        return found

    def response(found: dict[str, Any]) -> dict[str, Any]:
        body = found["body"]["string"]
        text = body.replace(url.encode(), host.encode())
        if text == body:
            return found
        length = [str(len(text))]
        headers = {k: length if k.lower() == "content-length" else v for k, v in found["headers"].items()}
        return {**found, "headers": headers, "body": {**found["body"], "string": text}}

    return vcr.VCR(
        record_mode=mode,
        match_on=["method", "uri", "body"],
        before_record_request=request,
        before_record_response=response,
    )
