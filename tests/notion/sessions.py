"""What Notion's cassettes hold: short sessions of the adapter, the same when recording and when replaying."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from syncer_notion.adapter import NotionAdapter, NotionSystem
from syncer_notion.codec import NotionCodec
from syncer_notion.sandbox.server import NotionSandbox

from syncer.record import Change, Draft, Gone, GoneKind, Record, Ref, Tag
from syncer.richtext.nodes import Node, doc
from syncer.testing.cassettes import Deck, Session
from syncer.testing.server import Clock, Fault
from syncer.transport import Bucket, Transport

PLANTED = "ntn_planted_secret_5f0c"
SOURCE = "11111111-1111-4111-8111-111111111111"
PAGE = Ref("22222222-2222-4222-8222-222222222222")
TAG = Tag("shop", "item-1", "line-1")
CODEC = NotionCodec()

SEED: dict[str, Any] = {
    "users": [
        {"name": "Syncer", "type": "bot", "token": PLANTED},
        {"name": "Ada Lovelace", "email": "ada@example.com", "token": "-"},
    ],
    "data_sources": [
        {
            "id": SOURCE,
            "name": "Features",
            "properties": {
                "Name": "title",
                "Syncer ID": "rich_text",
                "Reach": "number",
                "Priority": {"select": {"options": ["High", "Low"]}},
            },
            "pages": [
                {
                    "id": PAGE,
                    "properties": {"Name": "Search", "Reach": 3, "Priority": "High"},
                    "children": ["First words", "Last words"],
                    "by": "ada@example.com",
                },
                {"properties": {"Name": "Naïve café"}},
            ],
        }
    ],
}


def paragraph(text: str) -> Node:
    return Node("paragraph", (Node("text", text=text),))


def open_adapter(url: str) -> NotionAdapter:
    bucket = Bucket(0, 1, clock=lambda: 0.0, sleep=lambda seconds: None)
    bucket.close = lambda seconds: None  # type: ignore[method-assign]
    transport = Transport(name="notion", write=True, bucket=bucket, timeout=5, sleep=lambda seconds: None)
    settings = NotionSystem.ConnectionSettings.model_validate({"token": {"env": "T"}, "url": url})
    connection = NotionSystem.connect(settings, {"token": PLANTED}, transport)
    return connection.open(NotionSystem.CollectionSettings.model_validate({"data_source": SOURCE}))


@contextmanager
def serve(name: str) -> Iterator[str]:
    """Its clock stands still, so that one recording differs from the next in nothing."""
    clock = Clock(start=datetime(2026, 11, 25, 12, 0, tzinfo=UTC), scale=0.0)
    with NotionSandbox(SEED, clock=clock) as sandbox:
        if name == "limited":
            sandbox.faults.append(Fault("GET", "/v1/pages", kind=429, headers={"Retry-After": "3"}))
        yield sandbox.url


def named(adapter: NotionAdapter) -> dict[str, str]:
    return {spec.name: id for id, spec in adapter.schema().types[SOURCE].fields.items()}


def read(adapter: NotionAdapter) -> Any:
    titles = [record.label for batch in adapter.list() for record in batch.records]
    return sorted(titles), adapter.get([PAGE, Ref("33333333-3333-4333-8333-333333333333")])


def is_read(result: Any) -> None:
    titles, found = result
    hidden = next(answer for ref, answer in found.items() if ref != PAGE)

    assert titles == ["Naïve café", "Search"]
    assert isinstance(hidden, Gone) and hidden.kind is GoneKind.HIDDEN
    assert CODEC.decode(found[PAGE].fields["body"]) == doc(*map(paragraph, ("First words", "Last words")))


def create(adapter: NotionAdapter) -> Any:
    body = CODEC.encode(doc(paragraph("Why"), Node("rule")))
    fields = {"title": "Größe 🙂", named(adapter)["Priority"]: "Urgent", "body": body}
    return adapter.create(Draft(SOURCE, fields, TAG))


def is_created(made: Record) -> None:
    assert (made.label, made.tag) == ("Größe 🙂", TAG)
    assert made.edited_by != ""
    assert CODEC.decode(made.fields["body"]).content[1].type == "rule"


def update(adapter: NotionAdapter) -> Any:
    ids = named(adapter)
    adapter.update(PAGE, SOURCE, {ids["Reach"]: Change(3, 4), ids["Priority"]: Change("High", None)})
    before = adapter.get([PAGE])[PAGE].fields["body"]  # type: ignore[union-attr]
    wanted = doc(paragraph("First words"), paragraph("Words between"), paragraph("The last words"))
    after = CODEC.patch(before, CODEC.decode(before), wanted)
    return adapter.update(PAGE, SOURCE, {"body": Change(before, after)}), ids["Reach"]


def is_updated(result: Any) -> None:
    after, reach = result

    words = [node.plain() for node in CODEC.decode(after.fields["body"]).content]
    assert words == ["First words", "Words between", "The last words"]
    assert after.fields[reach] == 4


def limited(adapter: NotionAdapter) -> Any:
    return adapter.get([PAGE], {"title"})


def was_waited_out(found: Any) -> None:
    (record,) = found.values()

    assert record.label == "Search"


def refused(adapter: NotionAdapter) -> Any:
    return adapter.update(PAGE, SOURCE, {"title": Change("Search", "x"), named(adapter)["Reach"]: Change(3, "four")})


def are_named(fields: set[str]) -> None:
    assert len(fields) == 1 and fields != {"title"}


def other(adapter: NotionAdapter) -> Any:
    return adapter.create(Draft(SOURCE, {"title": "Another"}, TAG))


DECK = Deck(
    folder=Path(__file__).resolve().parents[2] / "cassettes" / "notion",
    planted=PLANTED,
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
