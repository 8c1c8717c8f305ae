"""What goes wrong at Notion: nothing is written twice, nothing is taken for an empty answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from syncer.errors import (
    AdapterError,
    AuthError,
    NotFoundError,
    RejectedError,
    RetryableError,
    StaleError,
    UnknownOutcomeError,
    UnreachableError,
)
from syncer.record import Record, Ref
from syncer.testing.server import Fault

SOMEWHERE = Ref("00000000-0000-4000-8000-000000000001")


def test_one_attempt_is_one_request(desk: Any) -> None:
    desk.sandbox.faults.append(Fault("GET", "/v1/pages", kind=500, times=2))
    made = desk.create()
    desk.calls()
    before = desk.transport.exchanges
    desk.adapter.get([made.ref], {desk.ids["Reach"]})

    assert len(desk.calls()) == desk.transport.exchanges - before == 3


@pytest.mark.parametrize("kind", [429, 529])
def test_a_limited_write_is_repeated_after_the_wait(desk: Any, kind: int) -> None:
    desk.sandbox.faults.append(Fault("POST", "/v1/pages", kind=kind, headers={"Retry-After": "7"}))
    began = desk.sandbox.clock.now()
    made = desk.create()

    assert desk.read(made.ref).label == "Search"
    assert (desk.sandbox.clock.now() - began).total_seconds() >= 7
    assert len(desk.sandbox.state.pages) == 1


def test_the_rate_limit_of_the_sandbox_is_waited_out(make_desk: Callable[..., Any]) -> None:
    desk = make_desk({"rate": 20, "window": 0.4})
    desk.transport.bucket._sleep = lambda seconds: (
        __import__("time").sleep(min(seconds, 0.1)) or desk.sandbox.clock.advance(seconds)
    )
    for n in range(30):
        desk.create(n=n)

    assert len(desk.sandbox.state.pages) == 30
    assert 429 in {line.status for line in desk.sandbox.log}


def test_a_blocked_connection_is_not_asked_again(desk: Any) -> None:
    body = {
        "object": "error", "status": 429, "code": "rate_limited", "message": "blocked",
        "additional_data": {"rate_limit_reason": "public_api_request_blocked"},
    }  # fmt: skip
    desk.sandbox.faults.append(Fault("GET", "/v1/pages", kind=429, body=body, times=9))
    with pytest.raises(AdapterError) as error:
        desk.adapter.get([SOMEWHERE])

    assert not isinstance(error.value, RetryableError)
    assert len(desk.calls()) == 1


def test_a_create_that_landed_behind_a_503_is_named_and_found(desk: Any) -> None:
    desk.sandbox.faults.append(Fault("POST", "/v1/pages", effect="after", kind=503))
    with pytest.raises(UnknownOutcomeError) as outcome:
        desk.create()
    desk.settle()
    (page,) = desk.sandbox.state.pages
    found = desk.adapter.find([desk.tag()], desk.sandbox.clock.now())

    assert outcome.value.committed == page
    assert [record.ref for record in found.records.values()] == [page]
    assert [call for call in desk.calls() if call == ("POST", "/pages")] == [("POST", "/pages")]


@pytest.mark.parametrize("kind", [500, 502, 504, "reset"])
def test_a_write_without_an_answer_is_never_repeated(desk: Any, kind: Any) -> None:
    desk.sandbox.faults.append(Fault("POST", "/v1/pages", effect="after", kind=kind))
    with pytest.raises(UnknownOutcomeError):
        desk.create()

    assert len(desk.sandbox.state.pages) == 1


def test_a_create_whose_reading_back_fails_is_not_called_failed(desk: Any) -> None:
    desk.sandbox.faults.append(Fault("GET", "/v1/blocks", kind=500, times=99))
    paragraph = {"type": "paragraph", "paragraph": {"rich_text": [{"type": "text", "text": {"content": "x"}}]}}
    with pytest.raises(UnknownOutcomeError) as outcome:
        desk.create(Body=[paragraph])

    assert [outcome.value.committed] == list(desk.sandbox.state.pages)


def test_a_read_without_an_answer_is_repeated_then_unreachable(desk: Any) -> None:
    made = desk.create()
    desk.sandbox.faults.append(Fault("GET", "/v1/pages", kind=503, times=2))

    assert isinstance(desk.adapter.get([made.ref])[made.ref], Record)
    desk.sandbox.faults.append(Fault("GET", "/v1/pages", kind=503, times=99))
    with pytest.raises(UnreachableError):
        desk.adapter.get([made.ref])


def test_a_refused_connection_is_unreachable(desk: Any) -> None:
    desk.sandbox.stop()
    desk.connection.close()
    desk.connection._client._client.client = httpx.Client(transport=desk.connection._client._gate)
    with pytest.raises(UnreachableError):
        desk.create()


def test_a_slow_answer_leaves_the_outcome_unknown(make_desk: Callable[..., Any]) -> None:
    desk = make_desk()
    desk.connection._client._client.client.timeout = httpx.Timeout(0.2)
    desk.sandbox.faults.append(Fault("POST", "/v1/pages", effect="after", kind="hang", seconds=0.6))
    with pytest.raises(UnknownOutcomeError):
        desk.create()

    assert len(desk.sandbox.state.pages) == 1


def test_a_wrong_token_stops_at_once(desk: Any, again: Callable[..., Any]) -> None:
    with pytest.raises(AuthError) as error:
        again(desk.sandbox, token="ntn_planted_wrong_token")

    assert "ntn_planted_wrong_token" not in str(error.value)
    assert [line.status for line in desk.sandbox.log] == [401]


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        (403, "GET", AuthError), (403, "PATCH", RejectedError), (404, "PATCH", NotFoundError),
        (409, "PATCH", StaleError), (400, "PATCH", RejectedError),
    ],
)  # fmt: skip
def test_each_status_has_its_error(desk: Any, status: int, method: str, expected: type[Exception]) -> None:
    made = desk.create()
    desk.sandbox.faults.append(Fault(method, f"/v1/pages/{made.ref}", kind=status, times=9))
    with pytest.raises(expected):
        if method == "GET":
            desk.adapter.get([made.ref])
        else:
            desk.update(made, Reach=1)

    assert desk.sandbox.faults[0].times == 8


def test_an_answer_that_is_no_json_is_no_answer(desk: Any) -> None:
    desk.sandbox.faults.append(Fault("POST", "/v1/pages", effect="after", kind=200, body=None))
    desk.sandbox.failed = lambda status, request: b"<html>proxy</html>"
    with pytest.raises(UnknownOutcomeError):
        desk.create()


def test_an_unshared_data_source_is_not_an_empty_one(desk: Any) -> None:
    desk.create()
    desk.sandbox.edit({"share": desk.adapter.source, "on": False})
    with pytest.raises(NotFoundError):
        list(desk.adapter.list())
