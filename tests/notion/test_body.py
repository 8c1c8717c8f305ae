"""Page bodies: as few calls as the API allows, and the same end wherever they stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from syncer_notion import body
from syncer_notion.codec import NotionCodec
from syncer_notion.sandbox.seed import PERSON_TOKEN

from syncer.errors import StaleError, UnknownOutcomeError
from syncer.record import Change, Raw, Record
from syncer.richtext.nodes import Document, Node, doc
from syncer.testing.server import Fault

CODEC = NotionCodec()


def p(text: str) -> Node:
    return Node("paragraph", (Node("text", text=text),)) if text else Node("paragraph")


def bullets(*items: Node) -> Node:
    return Node("list", items)


def item(*content: Node) -> Node:
    return Node("item", content)


def rewrite(desk: Any, record: Record, now: Document) -> Record:
    raw = record.fields["body"]
    after: Record = desk.adapter.update(
        record.ref, record.type, {"body": Change(raw, CODEC.patch(raw, CODEC.decode(raw), now))}
    )
    assert CODEC.decode(after.fields["body"]) == CODEC.shown(now)
    return after


def ids(raw: Raw) -> list[Any]:
    return [block["id"] for block in raw or ()]  # type: ignore[union-attr, index, call-overload]


def writes(desk: Any) -> list[tuple[str, str]]:
    return [call for call in desk.calls() if call[0] != "GET"]


def test_a_small_body_travels_with_the_create(desk: Any) -> None:
    text = doc(p("one"), bullets(item(p("two"), bullets(item(p("three"))))), Node("rule"))
    made = desk.create(Body=CODEC.encode(text))

    assert CODEC.decode(made.fields["body"]) == text
    assert writes(desk) == [("POST", "/pages")]


@pytest.mark.parametrize(
    "text",
    [
        doc(*(p(f"line {n}") for n in range(250))),
        doc(bullets(item(p("1"), bullets(item(p("2"), bullets(item(p("3"), bullets(item(p("4")))))))))),
        doc(bullets(item(p("head"), *(p(f"line {n}") for n in range(130))))),
    ],
    ids=["many", "deep", "wide"],
)
def test_a_large_body_is_left_out_of_the_create_and_written_after(desk: Any, text: Document) -> None:
    made = desk.create(Body=CODEC.encode(text))
    after = desk.adapter.update(made.ref, made.type, {"body": Change(None, CODEC.encode(text))})

    assert "body" not in made.fields
    assert CODEC.decode(after.fields["body"]) == text


def test_hundreds_of_blocks_take_one_call_a_hundred(desk: Any) -> None:
    made = desk.create()
    desk.calls()
    rewrite(desk, desk.read(made.ref), doc(*(p(f"line {n}") for n in range(250))))

    assert writes(desk) == [("PATCH", "/blocks/{id}/children")] * 3


def test_one_changed_word_is_one_call_and_every_id_stays(desk: Any) -> None:
    made = desk.create(Body=CODEC.encode(doc(p("one"), p("two words"), p("three"))))
    desk.calls()
    after = rewrite(desk, made, doc(p("one"), p("two other words"), p("three")))

    assert ids(after.fields["body"]) == ids(made.fields["body"])
    assert writes(desk) == [("PATCH", "/blocks/{id}")]


def test_a_paragraph_between_two_is_one_call(desk: Any) -> None:
    made = desk.create(Body=CODEC.encode(doc(p("one"), p("three"))))
    desk.calls()
    after = rewrite(desk, made, doc(p("one"), p("two"), p("three")))

    assert [ids(after.fields["body"])[n] for n in (0, 2)] == ids(made.fields["body"])
    assert writes(desk) == [("PATCH", "/blocks/{id}/children")]


def test_a_paragraph_at_the_very_start_is_put_there(desk: Any) -> None:
    made = desk.create(Body=CODEC.encode(doc(p("two"), p("three"))))
    rewrite(desk, made, doc(p("one"), p("two"), p("three")))


def test_a_removed_paragraph_is_one_call(desk: Any) -> None:
    made = desk.create(Body=CODEC.encode(doc(p("one"), p("two"), p("three"))))
    desk.calls()
    rewrite(desk, made, doc(p("one"), p("three")))

    assert writes(desk) == [("DELETE", "/blocks/{id}")]


def test_a_ticked_task_deep_in_a_list_is_one_call(desk: Any) -> None:
    def text(done: bool) -> Document:
        inner = Node("list", (Node("item", (p("task"),), {"done": done}),))
        return doc(bullets(item(p("outer"), inner)))

    made = desk.create(Body=CODEC.encode(text(False)))
    desk.calls()
    rewrite(desk, made, text(True))

    assert writes(desk) == [("PATCH", "/blocks/{id}")]


def test_writing_what_is_there_is_no_call(desk: Any) -> None:
    made = desk.create(Body=CODEC.encode(doc(p("one"), bullets(item(p("two"))))))
    desk.calls()
    rewrite(desk, made, doc(p("one"), bullets(item(p("two")))))

    assert writes(desk) == []


def test_a_body_can_be_emptied_and_filled_again(desk: Any) -> None:
    made = desk.create(Body=CODEC.encode(doc(p("one"))))
    empty = rewrite(desk, made, doc())

    assert empty.fields["body"] is None
    assert CODEC.decode(rewrite(desk, empty, doc(p("two"))).fields["body"]) == doc(p("two"))


OLD = doc(p("stays"), p("goes"), *(p(f"old {n}") for n in range(4)), bullets(item(p("a"), p("b"))), p("end"))
NEW = doc(
    p("first"), p("stays"), *(p(f"line {n}") for n in range(230)),
    bullets(item(p("a"), bullets(item(p("deep"), bullets(item(p("deeper"), bullets(item(p("deepest"))))))))), p("End!"),
)  # fmt: skip


@pytest.mark.parametrize("stop", range(12))
def test_stopped_after_any_call_the_next_plan_ends_the_same(desk: Any, stop: int) -> None:
    made = desk.create(Body=CODEC.encode(OLD))
    wanted = CODEC.patch(made.fields["body"], OLD, NEW)
    desk.sandbox.faults.append(Fault("PATCH|DELETE", "/v1/blocks", effect="after", kind=500, skip=stop))
    try:
        desk.adapter.update(made.ref, made.type, {"body": Change(made.fields["body"], wanted)})
        stopped = False
    except UnknownOutcomeError:
        stopped = True
    halfway = desk.read(made.ref)

    assert stopped or CODEC.decode(halfway.fields["body"]) == NEW
    assert "stays" in CODEC.decode(halfway.fields["body"]).plain()
    rewrite(desk, halfway, NEW)


def test_no_text_is_taken_out_before_the_new_text_is_in(desk: Any) -> None:
    made = desk.create(Body=CODEC.encode(doc(p("old one"), Node("rule"))))
    desk.calls()
    rewrite(desk, made, doc(bullets(item(p("old one"))), Node("rule")))

    assert writes(desk) == [("PATCH", "/blocks/{id}/children"), ("DELETE", "/blocks/{id}")]


def test_a_child_page_is_never_deleted(desk: Any) -> None:
    made = desk.create(Body=CODEC.encode(doc(p("p1"))))
    child = desk.sandbox.edit({"block": {"child_page": {"title": "Notes"}}, "page": made.ref})["id"]
    raw = desk.read(made.ref).fields["body"]
    now = CODEC.patch(raw, CODEC.decode(raw), doc(p("p2")))
    desk.adapter.update(made.ref, made.type, {"body": Change(raw, now)})
    # Even a body that leaves it out altogether does not remove it.
    again = desk.read(made.ref).fields["body"]
    desk.adapter.update(made.ref, made.type, {"body": Change(again, None)})

    assert child in ids(desk.read(made.ref).fields["body"])
    assert not desk.sandbox.state.blocks[child]["in_trash"]


def test_a_reorder_around_a_child_page_recreates_the_fewest(desk: Any, bank: Any) -> None:
    assert (bank / "killers" / "k15_notion_reorder_with_child_page.case.json").exists()
    made = desk.create(Body=CODEC.encode(doc(p("p1"))))
    child = desk.sandbox.edit({"block": {"child_page": {"title": "Notes"}}, "page": made.ref})["id"]
    raw = desk.read(made.ref).fields["body"]
    desk.adapter.update(made.ref, made.type, {"body": Change(raw, [*raw, *CODEC.encode(doc(p("p2")))])})
    synced = desk.sandbox.edit({"block": {"synced_block": {"synced_from": None}}, "page": made.ref})["id"]
    raw = desk.read(made.ref).fields["body"]
    desk.adapter.update(made.ref, made.type, {"body": Change(raw, [*raw, *CODEC.encode(doc(p("p3")))])})
    raw = desk.read(made.ref).fields["body"]
    p3 = ids(raw)[-1]
    now = CODEC.patch(raw, CODEC.decode(raw), doc(p("p3"), p("p2"), p("p1")))
    after = desk.adapter.update(made.ref, made.type, {"body": Change(raw, now)})
    texts = [n.plain() for n in CODEC.decode(after.fields["body"]).content if n.type == "paragraph"]

    assert texts == ["p3", "p2", "p1"]
    assert {child, synced, p3} <= set(ids(after.fields["body"]))
    assert not desk.sandbox.state.blocks[child]["in_trash"]


def test_a_signature_that_changes_is_no_edit(desk: Any, bank: Any) -> None:
    assert (bank / "killers" / "k16_signed_url_only_change.case.json").exists()
    made = desk.create()
    image = {"type": "file", "file": {"url": "https://files.example/a.png?X=1", "expiry_time": "t"}, "caption": []}
    desk.sandbox.edit({"block": {"image": image}, "page": made.ref})
    shown = list(desk.connection._client.children(made.ref))
    first = desk.read(made.ref).fields["body"]
    desk.sandbox.clock.advance(90)
    second = desk.read(made.ref).fields["body"]

    assert "X-Amz-Signature" in shown[0]["image"]["file"]["url"]
    assert first == second


def test_a_page_that_changed_meanwhile_is_stale(desk: Any, again: Callable[..., Any]) -> None:
    made = desk.create(Body=CODEC.encode(doc(p("one"), p("two"))))
    again(desk.sandbox, token=PERSON_TOKEN).connection._client.delete_block(ids(made.fields["body"])[0])
    with pytest.raises(StaleError):
        rewrite(desk, made, doc(p("one"), p("between"), p("two")))


def test_a_table_larger_than_one_request_is_written_whole(desk: Any) -> None:
    cell = [{"type": "text", "text": {"content": "x"}}]
    rows = [{"type": "table_row", "table_row": {"cells": [cell]}} for _ in range(150)]
    table = {"type": "table", "table": {"table_width": 1}, "children": rows}
    made = desk.create()
    after = desk.adapter.update(made.ref, made.type, {"body": Change(None, [table])})

    assert not body.fits_in_create([table])
    assert len(after.fields["body"][0]["children"]) == 150


def test_groups_keep_the_body_apart(desk: Any) -> None:
    assert desk.adapter.groups({"body", "title", "x"}) == [frozenset({"title", "x"}), frozenset({"body"})]
    assert desk.adapter.groups({"title"}) == [frozenset({"title"})]
