"""The codec's laws, and what it keeps of what we do not model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from syncer_atlassian.adf import AdfCodec
from syncer_notion import blocks, richtext
from syncer_notion.codec import FORMAT, NotionCodec

from syncer.errors import DocumentError
from syncer.record import Raw
from syncer.richtext.nodes import Document, Mark, Node, doc
from syncer.testing.documents import documents
from tests.examples import examples

CODEC = NotionCodec()


def numbered(raw: Any, start: int = 0) -> Any:
    """Give blocks the ids that a page would give them."""
    counter = iter(range(start, 10**6))

    def visit(block: dict[str, Any]) -> dict[str, Any]:
        out = {"id": str(next(counter)), **block}
        if "children" in block:
            out["children"] = [visit(child) for child in block["children"]]
        return out

    return [visit(block) for block in raw or ()] or None


def text(content: str, *marks: Mark) -> Node:
    return Node("text", text=content, marks=marks)


def p(*content: Node) -> Node:
    return Node("paragraph", content)


@settings(max_examples=examples(200), deadline=None)
@given(documents())
def test_what_is_written_reads_back_as_shown(document: Document) -> None:
    shown = CODEC.shown(document)

    assert CODEC.decode(CODEC.encode(document)) == shown
    assert CODEC.shown(shown) == shown


@settings(max_examples=examples(200), deadline=None)
@given(documents(), documents())
def test_a_patch_changes_what_changed_and_nothing_else(before: Document, after: Document) -> None:
    raw = numbered(CODEC.encode(before))
    was = CODEC.decode(raw)

    assert CODEC.patch(raw, was, was) == raw
    assert CODEC.decode(CODEC.patch(raw, was, after)) == CODEC.shown(after)


@settings(max_examples=examples(100), deadline=None)
@given(documents())
def test_no_request_breaks_a_limit(document: Document) -> None:
    for run in runs_of([blocks.request(block) for block in CODEC.encode(document) or ()]):  # type: ignore[arg-type, union-attr]
        assert len(run) <= 100
        assert all(richtext.units(item["text"]["content"]) <= 2000 for item in run if item["type"] == "text")


def runs_of(request: Any) -> Iterator[list[dict[str, Any]]]:
    if isinstance(request, list):
        for each in request:
            yield from runs_of(each)
    elif isinstance(request, dict):
        for key, value in request.items():
            if key == "rich_text":
                yield value
            else:
                yield from runs_of(value)


def test_a_paragraph_of_too_many_runs_becomes_several_and_loses_nothing(bank: Path) -> None:
    killer = bank / "killers" / "k14_notion_150_runs_and_12000_chars.adf.json"
    document = AdfCodec().decode(json.loads(killer.read_text("utf-8")))
    raw = CODEC.encode(document)
    assert isinstance(raw, list)
    requests = [blocks.request(block) for block in raw]  # type: ignore[arg-type]

    assert CODEC.decode(raw).plain() == document.plain()
    assert all(len(run) <= 100 for run in runs_of(requests))
    assert all(richtext.units(item["text"]["content"]) <= 2000 for run in runs_of(requests) for item in run)


def test_a_pair_of_surrogates_is_never_cut() -> None:
    pieces = list(richtext.pieces("a" + "🙂" * 1500))

    assert "".join(pieces) == "a" + "🙂" * 1500
    assert [richtext.units(piece) for piece in pieces] == [1999, 1002]


def test_marks_breaks_and_colours_travel() -> None:
    red = Mark("color", {"color": "red"})
    link = Mark("link", {"href": "https://x.y/a"})
    document = doc(
        p(text("a", Mark("bold"), red), Node("break"), text("b", link, Mark("italic")), text("c", Mark("code")))
    )

    assert CODEC.shown(document) == document


@pytest.mark.parametrize("href", ["javascript:alert(1)", "a b", "", "https://x.y/" + "a" * 2000])
def test_a_link_that_notion_refuses_is_shown_as_its_text(href: str) -> None:
    shown = CODEC.shown(doc(p(text("here", Mark("link", {"href": href})))))

    assert shown == doc(p(text("here")))


def test_deep_headings_are_shown_as_the_lowest() -> None:
    shown = CODEC.shown(doc(Node("heading", (text("x"),), {"level": 6})))

    assert shown == doc(Node("heading", (text("x"),), {"level": 4}))


@pytest.mark.parametrize(
    ("given", "shown"), [("py", "python"), ("Python", "python"), ("klingon", None), ("", None), ("c++", "c++")]
)
def test_languages_are_those_of_notion(given: str, shown: str | None) -> None:
    (code,) = CODEC.shown(doc(Node("code", (text("x"),), {"language": given}))).content

    assert code.attrs.get("language") == shown


BOOKMARK: dict[str, Any] = {
    "id": "c1", "type": "bookmark", "bookmark": {"url": "https://x.y", "caption": [{"type": "text", "text": {"content": "Mind"}}]},
}  # fmt: skip
CHILD: dict[str, Any] = {"id": "c3", "type": "child_page", "child_page": {"title": "Notes"}}


def test_what_we_do_not_model_is_carried_whole_and_readable() -> None:
    raw: Raw = [BOOKMARK, CHILD]
    document = CODEC.decode(raw)

    assert [n.attrs["text"] for n in document.content] == ["Mind", "Notes"]
    assert {n.attrs["format"] for n in document.content} == {FORMAT}
    assert CODEC.patch(raw, document, doc(*document.content, p(text("new"))))[:2] == raw  # type: ignore[index]
    assert CODEC.decode(CODEC.encode(document)) == document


def test_a_child_page_left_out_stays_where_it_was() -> None:
    raw = [*numbered(CODEC.encode(doc(p(text("a"))))), CHILD, *numbered(CODEC.encode(doc(p(text("b")))), 10)]
    after = CODEC.patch(raw, CODEC.decode(raw), doc(p(text("a")), p(text("b"))))

    assert after == raw


def test_a_strangers_block_is_shown_as_its_text() -> None:
    stranger = Node("opaque", (), {"format": "adf", "kind": "panel", "raw": {}, "text": "Careful\nhere"})

    assert CODEC.shown(doc(stranger)) == doc(p(text("Careful"), Node("break"), text("here")))


def test_an_edited_block_keeps_its_colour_and_id() -> None:
    run = {"type": "text", "text": {"content": "old words here"}}
    raw: Raw = [{"id": "x", "type": "paragraph", "paragraph": {"rich_text": [run], "color": "red_background"}}]
    after = CODEC.patch(raw, CODEC.decode(raw), doc(p(text("old words there"))))

    assert after[0]["id"] == "x"  # type: ignore[index, call-overload]
    assert after[0]["paragraph"]["color"] == "red_background"  # type: ignore[index, call-overload]


def test_a_mention_comes_back_as_the_person_it_is() -> None:
    user = {"object": "user", "id": "u1", "name": "Ada", "avatar_url": "https://x.y/1"}
    mention = {"type": "mention", "mention": {"type": "user", "user": user}, "plain_text": "@Ada", "href": None}
    block = {"id": "x", "type": "paragraph", "paragraph": {"rich_text": [mention], "color": "default"}}
    raw: Raw = [blocks.kept(block, [])]
    document = CODEC.decode(raw)

    assert document.plain() == "@Ada"
    assert [n.attrs["ref"]["key"] for n in document.walk() if n.type == "mention"] == ["u1"]
    assert CODEC.decode(CODEC.encode(document)) == document
    sent = blocks.request(raw[0])  # type: ignore[arg-type]
    assert sent["paragraph"]["rich_text"][0]["mention"] == {"type": "user", "user": {"id": "u1"}}


@pytest.mark.parametrize("raw", ["text", {"type": "doc"}, [1], [{"type": "paragraph"}], [{"paragraph": {}}], [None]])
def test_what_is_no_body_is_a_document_error(raw: Any) -> None:
    with pytest.raises(DocumentError):
        CODEC.decode(raw)


def run(content: str) -> dict[str, Any]:
    return {"type": "text", "text": {"content": content}}


def grid(*rows: tuple[str, ...], **flags: bool) -> dict[str, Any]:
    below = [
        {"type": "table_row", "table_row": {"cells": [[run(cell)] if cell else [] for cell in row]}} for row in rows
    ]
    payload = {"table_width": len(rows[0]), "has_column_header": True, "has_row_header": False, **flags}
    return {"type": "table", "table": payload, "children": below}


def test_a_table_a_callout_a_toggle_and_an_equation_are_read_as_what_they_are() -> None:
    look = {"icon": {"type": "emoji", "emoji": "⚠️"}, "color": "yellow_background"}
    raw: Any = numbered([
        grid(("Name", "State"), ("alpha", "open")),
        {"type": "callout", "callout": {"rich_text": [run("Mind")], **look}},
        {"type": "toggle", "toggle": {"rich_text": [run("More")]}, "children": [{"type": "divider", "divider": {}}]},
        {"type": "equation", "equation": {"expression": "a^2"}},
    ])  # fmt: skip
    document = CODEC.decode(raw)

    assert [n.type for n in document.content] == ["table", "panel", "expand", "equation"]
    assert [c.attrs for row in document.content[0].content for c in row.content] == [{"header": True}] * 2 + [{}] * 2
    assert (document.content[1].attrs, document.content[2].attrs) == ({"kind": "warning"}, {"title": "More"})
    assert CODEC.decode(CODEC.encode(document)) == document
    assert AdfCodec().shown(document).content[:3] == document.content[:3]


def test_one_edited_cell_is_one_edited_row() -> None:
    raw: Any = numbered([grid(("Name", "State"), ("alpha", "open"), ("beta", "open"))])
    was = CODEC.decode(raw)
    wanted: Any = CODEC.decode(numbered([grid(("Name", "State"), ("alpha", "done"), ("beta", "open"))]))
    after: Any = CODEC.patch(raw, was, wanted)

    assert [row["id"] for row in after[0]["children"]] == [row["id"] for row in raw[0]["children"]]
    assert [row == old for row, old in zip(after[0]["children"], raw[0]["children"], strict=True)] == [
        True,
        False,
        True,
    ]
    assert after[0]["id"] == raw[0]["id"]


def test_a_table_that_grew_a_column_is_made_anew() -> None:
    raw: Any = numbered([grid(("a", "b"), ("c", "d"))])
    wide = CODEC.decode([grid(("a", "b", "x"), ("c", "d", "y"))])
    after: Any = CODEC.patch(raw, CODEC.decode(raw), wide)

    assert "id" not in after[0]
    assert CODEC.decode(after) == wide


def test_a_cell_that_holds_a_list_is_shown_as_a_list_of_rows() -> None:
    held = Node("cell", (Node("list", (Node("item", (p(text("in")),)),)),))
    document = doc(Node("table", (Node("row", (Node("cell", (p(text("x")),)), held)),)))

    assert [n.type for n in CODEC.shown(document).content] == ["list"]
    assert "table" in {loss.what for loss in CODEC.losses(document)}


@pytest.mark.parametrize(
    ("given", "shown"), [("#d44c40", "red"), ("red", "red"), ("grey", "gray"), ("#00ff7f", "green")]
)
def test_a_colour_is_shown_as_the_nearest_that_notion_has(given: str, shown: str) -> None:
    (node,) = CODEC.shown(doc(p(text("x", Mark("color", {"color": given}))))).content[0].content

    assert node.marks == (Mark("color", {"color": shown}),)
