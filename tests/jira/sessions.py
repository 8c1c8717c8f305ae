"""What Jira's cassettes hold: short sessions of the adapter, the same when recording and when replaying."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from syncer_jira.adapter import CollectionSettings, ConnectionSettings, JiraAdapter, JiraSystem
from syncer_jira.sandbox.server import JiraSandbox

from syncer.adapter import Secret
from syncer.record import Change, Draft, Gone, Record, Ref, Tag
from syncer.testing.cassettes import Deck, Session
from syncer.testing.server import Clock, Fault
from syncer.transport import Bucket, Transport
from tests.jira.conftest import SEED

PLANTED = "planted-secret-5f0c"
USER = "robot@example.com"
SITE = "http://jira.sandbox.invalid"
TAG = Tag("shop", "item-1", "line-1")
STORY = "10001"


def open_adapter(url: str) -> JiraAdapter:
    settings = ConnectionSettings(url=url, user=USER, token=Secret(env="T"), site=SITE)
    bucket = Bucket(0, 1, clock=lambda: 0.0, sleep=lambda seconds: None)
    bucket.close = lambda seconds: None  # type: ignore[method-assign]
    transport = Transport(name="jira", write=True, bucket=bucket, timeout=5, sleep=lambda seconds: None)
    connection = JiraSystem.connect(settings, {"token": PLANTED}, transport)
    return connection.open(CollectionSettings(project="SHOP"))


@contextmanager
def serve(name: str) -> Iterator[str]:
    """Its clock stands still, so that one recording differs from the next in little."""
    clock = Clock(start=datetime(2026, 11, 25, 12, 0, tzinfo=UTC), scale=0.0)
    users = [{"accountId": "acc-robot", "name": "Syncer", "email": USER, "token": PLANTED}]
    users.append({"accountId": "acc-ann", "name": "Ann", "email": "ann@example.com", "token": "-"})
    with JiraSandbox({**SEED, "users": users}, clock=clock) as sandbox:
        if name == "limited":
            headers = {"Retry-After": "3", "RateLimit-Reason": "jira-burst-based"}
            sandbox.faults.append(Fault("POST", "bulkfetch", kind=429, headers=headers))
        yield sandbox.url


def read(adapter: JiraAdapter) -> Any:
    records = [r for batch in adapter.list() for r in batch.records]
    return [r.fields["summary"] for r in records], adapter.get([Ref("10002"), Ref("9")])


def is_read(result: Any) -> None:
    summaries, found = result

    assert summaries == ["Checkout", "Pay by card", "Wrong total"]
    assert isinstance(found["9"], Gone)
    assert found["10002"].url == f"{SITE}/browse/SHOP-2"


def create(adapter: JiraAdapter) -> Any:
    return adapter.create(Draft(STORY, {"summary": "Naïve café", "labels": ["a"]}, TAG))


def is_created(made: Record) -> None:
    assert (made.fields["summary"], made.tag) == ("Naïve café", TAG)


def update(adapter: JiraAdapter) -> Any:
    adapter.update(Ref("10002"), STORY, {"status": Change("10000", "10001")})
    changes = {"summary": Change("Pay by card", "Pay"), "labels": Change(["pay"], ["x"])}
    return adapter.update(Ref("10002"), STORY, changes)


def is_updated(after: Record) -> None:
    assert (after.fields["summary"], after.fields["labels"], after.fields["status"]) == ("Pay", ["x"], "10001")


def limited(adapter: JiraAdapter) -> Any:
    return adapter.get([Ref("10001")])


def was_waited_out(found: Any) -> None:
    (record,) = found.values()

    assert record.fields["summary"] == "Checkout"


def refused(adapter: JiraAdapter) -> Any:
    return adapter.create(Draft(STORY, {"summary": "two\nlines", "labels": ["two words"]}, TAG))


def are_named(fields: set[str]) -> None:
    assert fields == {"summary", "labels"}


def other(adapter: JiraAdapter) -> Any:
    return adapter.create(Draft(STORY, {"summary": "Another"}, TAG))


DECK = Deck(
    folder=Path(__file__).resolve().parents[2] / "cassettes" / "jira",
    planted=PLANTED,
    user=USER,
    open=open_adapter,
    serve=serve,
    other=other,
    sessions={
        "read": Session(read, is_read),
        "create": Session(create, is_created),
        "update": Session(update, is_updated),
        "limited": Session(limited, was_waited_out),
        "refused": Session(refused, are_named),
    },
)

if __name__ == "__main__":
    DECK.record_all()
