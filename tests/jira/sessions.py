"""What the cassettes hold: short sessions of the adapter, the same when recording and when replaying."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import vcr
from syncer_jira.adapter import CollectionSettings, ConnectionSettings, JiraAdapter, JiraSystem

from syncer.adapter import Secret
from syncer.record import Change, Draft, Ref, Tag
from syncer.transport import Transport

HOST = "http://jira.sandbox.invalid"
PLANTED = "planted-secret-5f0c"
"""The token the cassettes are recorded with: it must not be in them."""

FOLDER = Path(__file__).resolve().parents[2] / "cassettes" / "jira"
HEADER = "# origin: sandbox\n"
TAG = Tag("shop", "item-1", "line-1")
STORY = "10001"


def tape(url: str, mode: str) -> Any:
    """Return a recorder that knows the server by one fixed name and leaves out who calls."""

    def request(found: Any) -> Any:
        found.uri = found.uri.replace(url, HOST)
        found.headers = {k: v for k, v in found.headers.items() if k.lower() != "authorization"}
        return found

    def response(found: dict[str, Any]) -> dict[str, Any]:
        body = found["body"]["string"]
        found["body"]["string"] = body.replace(url.encode(), HOST.encode())
        length = str(len(found["body"]["string"]))
        found["headers"] = {k: [length] if k == "Content-Length" else v for k, v in found["headers"].items()}
        return found

    return vcr.VCR(
        record_mode=mode,
        match_on=["method", "uri", "body"],
        before_record_request=request,
        before_record_response=response,
    )


def open_adapter(url: str) -> JiraAdapter:
    settings = ConnectionSettings(url=url, user="robot@example.com", token=Secret(env="T"), site=HOST)
    transport = Transport(name="jira", write=True, timeout=5, sleep=lambda seconds: None)
    transport.bucket.close = lambda seconds: None  # type: ignore[method-assign]
    connection = JiraSystem.connect(settings, {"token": PLANTED}, transport)
    return connection.open(CollectionSettings(project="SHOP"))


def read(adapter: JiraAdapter) -> Any:
    records = [r for batch in adapter.list() for r in batch.records]
    return [r.fields["summary"] for r in records], adapter.get([Ref("10002"), Ref("9")])


def create(adapter: JiraAdapter) -> Any:
    return adapter.create(Draft(STORY, {"summary": "Naïve café", "labels": ["a"]}, TAG))


def update(adapter: JiraAdapter) -> Any:
    adapter.update(Ref("10002"), STORY, {"status": Change("10000", "10001")})
    return adapter.update(
        Ref("10002"), STORY, {"summary": Change("Pay by card", "Pay"), "labels": Change(["pay"], ["x"])}
    )


def limited(adapter: JiraAdapter) -> Any:
    return adapter.get([Ref("10001")])


def refused(adapter: JiraAdapter) -> Any:
    return adapter.create(Draft(STORY, {"summary": "two\nlines", "labels": ["two words"]}, TAG))


SESSIONS: Mapping[str, Callable[[JiraAdapter], Any]] = {
    "read": read,
    "create": create,
    "update": update,
    "limited": limited,
    "refused": refused,
}
