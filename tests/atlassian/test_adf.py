"""The ADF codec keeps its laws on constructed killers, real documents and generated ones."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from syncer_atlassian.adf import AdfCodec

from syncer.errors import DocumentError
from syncer.richtext.nodes import Mark, Node, doc
from tests.examples import examples

CODEC = AdfCodec()


def paragraph(text: str, **attrs: Any) -> dict[str, Any]:
    out: dict[str, Any] = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {**out, "attrs": attrs} if attrs else out


def body(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "type": "doc", "content": list(blocks)}


def laws(raw: Any) -> None:
    before = json.dumps(raw)
    document = CODEC.decode(raw)
    edited = doc(*document.content, Node("paragraph", (Node("text", (), {}, "added"),)))
    patched = CODEC.patch(raw, document, edited)

    assert json.dumps(CODEC.patch(raw, document, document)) == before
    assert CODEC.decode(patched) == CODEC.shown(edited)
    assert json.dumps(patched["content"][: len(raw["content"])]) == json.dumps(raw["content"])
    assert CODEC.decode(CODEC.encode(document)) == CODEC.shown(document)
    assert CODEC.shown(CODEC.shown(document)) == CODEC.shown(document)
    assert json.dumps(raw) == before


@pytest.mark.parametrize("number", range(1, 8))
def test_killer_documents_keep_the_laws(bank: Path, number: int) -> None:
    (path,) = (bank / "killers").glob(f"k0{number}_*.adf.json")

    laws(json.loads(path.read_text("utf-8")))


def test_real_documents_decode_and_come_back_untouched(bank: Path) -> None:
    count = 0
    for path in sorted((bank / "adf").rglob("*.json")):
        raw = json.loads(path.read_text("utf-8"))
        if isinstance(raw, dict) and raw.get("type") == "doc":
            try:
                document = CODEC.decode(raw)
            except DocumentError:
                continue
            assert CODEC.patch(raw, document, document) == raw
            assert CODEC.decode(CODEC.encode(document)) == CODEC.shown(document)
            count += 1
    print(f"{count} real ADF documents")

    assert count >= 40


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


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=8)
MARKS = st.lists(st.sampled_from(["bold", "italic", "code", "strike", "underline"]), max_size=3, unique=True)
INLINE = st.one_of(
    st.builds(lambda t, m: Node("text", (), {}, t, tuple(Mark(x) for x in m)), TEXT, MARKS), st.just(Node("break"))
)
LINE = st.lists(INLINE, max_size=3).map(tuple)
LEAF = st.one_of(
    LINE.map(lambda c: Node("paragraph", c)),
    st.builds(lambda c, n: Node("heading", c, {"level": n}), LINE, st.integers(1, 6)),
    TEXT.map(lambda t: Node("code", (Node("text", (), {}, t),), {"language": "py"})),
    st.just(Node("rule")),
)


def _lists(blocks: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    attrs = st.sampled_from([{}, {"done": True}, {"done": False}])
    item = st.builds(lambda c, a: Node("item", tuple(c), a), st.lists(blocks, max_size=3), attrs)
    lists = st.builds(
        lambda c, o: Node("list", tuple(c), {"ordered": o}), st.lists(item, min_size=1, max_size=3), st.booleans()
    )
    return st.one_of(lists, st.lists(blocks, max_size=3).map(lambda c: Node("quote", tuple(c))))


BLOCK = st.recursive(LEAF, _lists, max_leaves=8)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(BLOCK, max_size=4), st.lists(BLOCK, max_size=4))
def test_generated_documents_keep_the_laws(one: list[Node], two: list[Node]) -> None:
    first, second = doc(*one), doc(*two)
    raw = CODEC.encode(first)
    was = CODEC.decode(raw)

    assert CODEC.shown(first) == was
    assert CODEC.shown(was) == was
    assert CODEC.patch(raw, was, was) == raw
    assert CODEC.decode(CODEC.patch(raw, was, second)) == CODEC.shown(second)


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(BLOCK, max_size=4))
def test_what_we_write_is_valid_adf(bank: Path, blocks: list[Node]) -> None:
    schema = json.loads((bank / "schemas" / "adf-full.json").read_text("utf-8"))

    jsonschema.Draft4Validator(schema).validate(CODEC.encode(doc(*blocks)))
