"""The ADF codec keeps its laws on constructed killers, real documents and generated ones."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from syncer_atlassian.adf import AdfCodec, ConfluenceAdfCodec

from syncer.errors import DocumentError
from syncer.richtext.diff import key
from syncer.richtext.nodes import Document, Mark, Node, doc
from syncer.richtext.normal import normal
from syncer.richtext.shapes import MAX_DEPTH, check
from syncer.testing.documents import documents
from tests.atlassian.schema import valid
from tests.examples import examples

CODEC = AdfCodec()
CONFLUENCE = ConfluenceAdfCodec()
CODECS = [CODEC, CONFLUENCE]


def paragraph(text: str, **attrs: Any) -> dict[str, Any]:
    out: dict[str, Any] = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {**out, "attrs": attrs} if attrs else out


def body(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "type": "doc", "content": list(blocks)}


def laws(raw: Any, codec: AdfCodec) -> int:
    """Assert the codec's laws on one body; return in how many places a word was edited."""
    before = json.dumps(raw)
    document = codec.decode(raw)
    edited = Document("doc", (*document.content, Node("paragraph", (Node("text", (), {}, "added"),))))
    patched = codec.patch(raw, document, edited)

    check(document)
    assert document == normal(document) == codec.shown(document)
    assert json.dumps(codec.patch(raw, document, document)) == before
    assert codec.decode(patched) == edited
    assert json.dumps({**patched, "content": patched["content"][:-1]}) == json.dumps(
        {**raw, "content": raw.get("content", [])}
    )
    assert codec.decode(codec.encode(document)) == document
    words = 0
    edits = list(word_edits(document))
    for now in edits[:: max(1, len(edits) // 6)]:
        if key(codec.shown(now)) == key(now):
            changed = list(differences(raw, codec.patch(raw, document, now)))
            assert [path[-1] for path in changed] == ["text"], changed
            words += 1
    assert json.dumps(raw) == before
    return words


def word_edits(node: Node) -> Iterator[Node]:
    """Yield the document with one text edited, once for each text."""
    if node.type == "text":
        yield replace(node, text=node.text + "~")
    for k, child in enumerate(node.content):
        for edited in word_edits(child):
            yield replace(node, content=(*node.content[:k], edited, *node.content[k + 1 :]))


def differences(a: Any, b: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths at which two JSON values differ, the order of keys counted."""
    if isinstance(a, dict) and isinstance(b, dict) and list(a) == list(b):
        for name in a:
            yield from differences(a[name], b[name], (*path, name))
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for k, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from differences(x, y, (*path, k))
    elif a != b or type(a) is not type(b):
        yield path


@pytest.mark.parametrize("number", range(1, 8))
def test_killer_documents_keep_the_laws(bank: Path, number: int) -> None:
    (path,) = (bank / "killers").glob(f"k0{number}_*.adf.json")

    for codec in CODECS:
        assert laws(json.loads(path.read_text("utf-8")), codec) > 0


@pytest.mark.parametrize("codec", CODECS, ids=lambda c: c.name)
def test_real_documents_keep_the_laws(bank: Path, codec: AdfCodec) -> None:
    count = words = 0
    for path in sorted((bank / "adf").rglob("*.json")):
        raw = json.loads(path.read_text("utf-8"))
        if isinstance(raw, dict) and raw.get("type") == "doc":
            words += laws(raw, codec)
            count += 1
    print(f"{count} real ADF documents, {words} words edited")

    assert count >= 100
    assert words >= 150


def test_an_unedited_block_keeps_what_we_do_not_know() -> None:
    raw = body(paragraph("one", localId="a1"), paragraph("two", localId="a2"), {"type": "mystery", "attrs": {"x": 1}})
    was = CODEC.decode(raw)
    now = doc(was.content[0], Node("paragraph", (Node("text", (), {}, "2"),)), was.content[2])

    patched = CODEC.patch(raw, was, now)

    assert (
        body(paragraph("one", localId="a1"), {**paragraph("2"), "attrs": {"localId": "a2"}}, raw["content"][2])
        == patched
    )


def test_an_edit_of_one_list_item_leaves_its_neighbours() -> None:
    items = [{"type": "listItem", "attrs": {"localId": n}, "content": [paragraph(n)]} for n in "abc"]
    raw = body({"type": "bulletList", "content": items})
    was = CODEC.decode(raw)
    item = Node("item", (Node("paragraph", (Node("text", (), {}, "B"),)),))
    now = doc(Node("list", (was.content[0].content[0], item, was.content[0].content[2])))

    patched: Any = CODEC.patch(raw, was, now)

    expected = copy.deepcopy(items)
    expected[1]["content"] = [paragraph("B")]
    assert expected == patched["content"][0]["content"]


def test_a_task_keeps_its_tick_and_its_nested_tasks() -> None:
    task = {
        "type": "taskItem",
        "attrs": {"localId": "1", "state": "DONE"},
        "content": [{"type": "text", "text": "ship"}],
    }
    inner = {
        "type": "taskList",
        "attrs": {"localId": "3"},
        "content": [{**task, "attrs": {"localId": "2", "state": "TODO"}}],
    }
    raw = body({"type": "taskList", "attrs": {"localId": "0"}, "content": [task, inner]})

    document = CODEC.decode(raw)

    assert [n.attrs["done"] for n in document.walk() if "done" in n.attrs] == [True, False]
    assert raw == CODEC.encode(document)


def test_bold_code_loses_bold_because_adf_cannot_say_it() -> None:
    both = doc(Node("paragraph", (Node("text", (), {}, "x", (Mark("bold"), Mark("code"))),)))

    assert CODEC.encode(both)["content"][0]["content"][0]["marks"] == [{"type": "code"}]  # type: ignore[index,call-overload]


def test_a_script_link_is_written_as_text() -> None:
    link = Mark("link", {"href": " java\tscript:alert(1)"})

    assert "marks" not in json.dumps(CODEC.encode(doc(Node("paragraph", (Node("text", (), {}, "x", (link,)),)))))


def test_another_formats_opaque_block_is_shown_as_its_text() -> None:
    foreign = Node("opaque", (), {"format": "other", "kind": "callout", "raw": {}, "text": "careful"})

    assert body(paragraph("careful")) == CODEC.encode(doc(foreign))


@pytest.mark.parametrize(
    "raw", ["text", 3, {"type": "paragraph"}, {"type": "doc", "content": [3]}, {"type": "doc", "content": {}}]
)
def test_what_is_no_document_is_refused(raw: Any) -> None:
    with pytest.raises(DocumentError):
        CODEC.decode(raw)


def test_a_panel_a_table_and_a_mention_are_read_as_what_they_are() -> None:
    mention = {"type": "mention", "attrs": {"id": "5b1", "text": "@Bob", "userType": "DEFAULT"}}
    cells = [
        {"type": "tableHeader", "attrs": {"colwidth": [90]}, "content": [{"type": "paragraph", "content": [mention]}]}
    ]
    raw = body(
        {"type": "panel", "attrs": {"panelType": "warning"}, "content": [paragraph("careful")]},
        {"type": "table", "attrs": {"layout": "wide"}, "content": [{"type": "tableRow", "content": cells}]},
    )
    document = CODEC.decode(raw)
    panel, table = document.content

    assert (panel.type, panel.attrs, panel.plain()) == ("panel", {"kind": "warning"}, "careful")
    assert (table.type, table.attrs, table.plain()) == ("table", {"widths": [90]}, "@Bob")
    assert CODEC.encode(document) == raw


def test_one_attribute_of_a_block_is_edited_and_the_others_stay_as_they_were() -> None:
    attrs = {"panelType": "info", "localId": "p1", "future": {"x": 1}}
    raw = body({"attrs": attrs, "type": "panel", "content": [paragraph("a", localId="1")]})
    was = CODEC.decode(raw)
    now = doc(replace(was.content[0], attrs={"kind": "error"}, extra={}))

    assert json.dumps(CODEC.patch(raw, was, now)) == json.dumps(raw).replace('"info"', '"error"')


def test_widths_of_columns_are_edited_cell_by_cell_and_each_keeps_the_rest() -> None:
    def cell(text: str, width: int) -> dict[str, Any]:
        return {"type": "tableCell", "attrs": {"localId": text, "colwidth": [width]}, "content": [paragraph(text)]}

    def table(left: int, right: int) -> dict[str, Any]:
        return {"type": "table", "content": [{"type": "tableRow", "content": [cell("a", left), cell("b", right)]}]}

    raw = body(table(100, 200))
    was = CODEC.decode(raw)
    now = doc(replace(was.content[0], attrs={"widths": [150, 200]}))

    assert was.content[0].attrs == {"widths": [100, 200]}
    assert json.dumps(CODEC.patch(raw, was, now)) == json.dumps(body(table(150, 200)))


def test_a_mark_and_an_attribute_that_we_do_not_know_survive() -> None:
    glow = {
        "type": "text",
        "text": "x",
        "marks": [{"type": "glow", "attrs": {"size": 2}}, {"type": "strong", "by": "me"}],
    }
    raw = body({"type": "paragraph", "content": [glow], "marks": [{"type": "breakout", "attrs": {"mode": "wide"}}]})

    document = CODEC.decode(raw)

    assert [m.type for m in document.content[0].content[0].marks] == ["bold", "adf:glow"]
    encoded: Any = CODEC.encode(document)
    assert encoded["content"][0]["marks"] == raw["content"][0]["marks"]
    assert sorted(encoded["content"][0]["content"][0]["marks"], key=str) == sorted(glow["marks"], key=str)


def test_jira_shows_a_layout_of_confluence_as_what_it_holds() -> None:
    columns = [{"type": "layoutColumn", "attrs": {"width": 50}, "content": [paragraph(t)]} for t in ("left", "right")]
    document = CONFLUENCE.decode(body({"type": "layoutSection", "content": columns}))

    assert CODEC.encode(document) == body(paragraph("left"), paragraph("right"))
    assert [str(loss) for loss in CODEC.losses(document)] == ["columns × 1: one below the other (block 1)"]


def test_a_body_nested_too_deep_is_refused_without_a_crash() -> None:
    block = paragraph("deep")
    for _ in range(10_000):
        block = {"type": "bulletList", "content": [{"type": "listItem", "content": [block]}]}

    with pytest.raises(DocumentError, match=str(MAX_DEPTH)):
        CODEC.decode(body(block))


def test_the_deepest_body_allowed_is_read_patched_and_written() -> None:
    block = paragraph("deep")
    for _ in range((MAX_DEPTH - 3) // 2):
        block = {"type": "bulletList", "content": [{"type": "listItem", "content": [block]}]}
    document = CODEC.decode(body(block))

    assert CODEC.encode(document) == body(block)
    assert CODEC.patch(body(block), document, doc(*document.content, Node("rule"))) == body(block, {"type": "rule"})


@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=documents(), second=documents(), codec=st.sampled_from(CODECS))
def test_generated_documents_keep_the_laws(first: Document, second: Document, codec: AdfCodec) -> None:
    raw = codec.encode(first)
    was = codec.decode(raw)

    assert codec.shown(first) == was == normal(was)
    check(was)
    assert codec.shown(was) == was
    assert codec.patch(raw, was, was) == raw
    assert codec.decode(codec.patch(raw, was, second)) == codec.shown(second)


def test_the_judge_agrees_with_what_was_judged_before(bank: Path) -> None:
    schema = json.loads((bank / "schemas" / "adf-full.json").read_text("utf-8"))
    judged = 0
    for line in (bank / "adf" / "_verdicts.jsonl").read_text("utf-8").splitlines():
        verdict = json.loads(line)
        path = bank / verdict["file"].removeprefix("open/")
        if path.exists() and "full" in verdict:
            assert valid(json.loads(path.read_text("utf-8")), schema, schema) == verdict["full"], path.name
            judged += 1

    assert judged >= 50


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents(), codec=st.sampled_from(CODECS))
def test_what_we_write_is_valid_adf(bank: Path, document: Document, codec: AdfCodec) -> None:
    schema = json.loads((bank / "schemas" / "adf-full.json").read_text("utf-8"))

    assert valid(codec.encode(document), schema, schema)


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=documents(), codec=st.sampled_from(CODECS))
def test_every_loss_is_named_and_nothing_else_is(document: Document, codec: AdfCodec) -> None:
    named = {loss.what.split()[0] for loss in codec.losses(document)}
    types = Counter(n.type for n in document.walk())
    left = Counter(n.type for n in codec.shown(document).walk())

    for type in (
        "table",
        "panel",
        "expand",
        "tabs",
        "macro",
        "mention",
        "date",
        "status",
        "equation",
        "synced",
        "html",
    ):
        assert left[type] >= types[type] or type in named
    assert not codec.losses(codec.shown(document))
