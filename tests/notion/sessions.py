"""What the cassettes hold: short sessions of the adapter, the same when recording and when replaying."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import vcr
from syncer_notion.adapter import NotionAdapter, NotionSystem
from syncer_notion.codec import NotionCodec

from syncer.record import Change, Draft, Ref, Tag
from syncer.richtext.nodes import Node, doc
from syncer.transport import Bucket, Transport

HOST = "http://notion.sandbox.invalid"
PLANTED = "ntn_planted_secret_5f0c"
"""The token the cassettes are recorded with: it must not be in them."""

FOLDER = Path(__file__).resolve().parents[2] / "cassettes" / "notion"
HEADER = "# origin: sandbox\n"
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


def tape(url: str, mode: str) -> Any:
    """Return a recorder that knows the server by one fixed name and leaves out who calls."""

    def request(found: Any) -> Any:
        found.uri = found.uri.replace(url, HOST)
        found.headers = {k: v for k, v in found.headers.items() if k.lower() not in {"authorization", "host"}}
        return found

    return vcr.VCR(record_mode=mode, match_on=["method", "uri", "body"], before_record_request=request)


def open_adapter(url: str) -> NotionAdapter:
    bucket = Bucket(0, 1, clock=lambda: 0.0, sleep=lambda seconds: None)
    bucket.close = lambda seconds: None  # type: ignore[method-assign]
    transport = Transport(name="notion", write=True, bucket=bucket, timeout=5, sleep=lambda seconds: None)
    settings = NotionSystem.ConnectionSettings.model_validate({"token": {"env": "T"}, "url": url})
    connection = NotionSystem.connect(settings, {"token": PLANTED}, transport)
    return connection.open(NotionSystem.CollectionSettings.model_validate({"data_source": SOURCE}))


def named(adapter: NotionAdapter) -> dict[str, str]:
    return {spec.name: id for id, spec in adapter.schema().types[SOURCE].fields.items()}


def read(adapter: NotionAdapter) -> Any:
    titles = [record.label for batch in adapter.list() for record in batch.records]
    return sorted(titles), adapter.get([PAGE, Ref("33333333-3333-4333-8333-333333333333")])


def create(adapter: NotionAdapter) -> Any:
    body = CODEC.encode(doc(paragraph("Why"), Node("rule")))
    fields = {"title": "Größe 🙂", named(adapter)["Priority"]: "Urgent", "body": body}
    return adapter.create(Draft(SOURCE, fields, TAG))


def update(adapter: NotionAdapter) -> Any:
    ids = named(adapter)
    adapter.update(PAGE, SOURCE, {ids["Reach"]: Change(3, 4), ids["Priority"]: Change("High", None)})
    before = adapter.get([PAGE])[PAGE].fields["body"]  # type: ignore[union-attr]
    wanted = doc(paragraph("First words"), paragraph("Words between"), paragraph("The last words"))
    after = CODEC.patch(before, CODEC.decode(before), wanted)
    return adapter.update(PAGE, SOURCE, {"body": Change(before, after)})


def limited(adapter: NotionAdapter) -> Any:
    return adapter.get([PAGE], {"title"})


def refused(adapter: NotionAdapter) -> Any:
    return adapter.update(PAGE, SOURCE, {"title": Change("Search", "x"), named(adapter)["Reach"]: Change(3, "four")})


SESSIONS: Mapping[str, Callable[[NotionAdapter], Any]] = {
    "read": read,
    "create": create,
    "update": update,
    "limited": limited,
    "refused": refused,
}
