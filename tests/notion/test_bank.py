"""Pages and blocks recorded from the real Notion, of several API versions: none is a surprise."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from syncer_notion import blocks, schema, wire, writing
from syncer_notion.codec import NotionCodec

from syncer.richtext.nodes import Node, doc

FLOOR_PAGES = 1103
FLOOR_VALUES = 3043
FLOOR_BLOCKS = 657
GZIP = b"\x1f\x8b"

CODEC = NotionCodec()


@cache
def bodies(folder: Path) -> list[Any]:
    """Return every JSON value recorded under a folder, requests and answers alike."""
    return list(_bodies(folder))


def _bodies(folder: Path) -> Iterator[Any]:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".json":
            yield json.loads(path.read_text("utf-8"))
        elif path.suffix == ".jsonl":
            yield from (json.loads(line) for line in path.read_text("utf-8").split("\n") if line)
        elif path.suffix in {".yaml", ".yml"}:
            yield from strings(yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def strings(node: Any) -> Iterator[Any]:
    """Yield the JSON that stands in the strings of a cassette."""
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, bytes) and node[:2] == GZIP:
        yield from strings(gzip.decompress(node))
    elif isinstance(node, str | bytes) and node[:1] in ("{", "[", b"{", b"["):
        try:
            yield json.loads(node)
        except ValueError:
            return


def objects(node: Any, kind: str) -> Iterator[dict[str, Any]]:
    """Yield all whole objects of a kind inside a JSON value."""
    if isinstance(node, dict):
        if node.get("object") == kind and "last_edited_time" in node:
            yield node
        for value in node.values():
            yield from objects(value, kind)
    elif isinstance(node, list):
        for value in node:
            yield from objects(value, kind)


def schema_of(page: dict[str, Any]) -> schema.Properties:
    """Return the schema that a page's own values imply; the recordings seldom hold both."""
    properties = {}
    for name, value in page["properties"].items():
        kind = value["type"]
        held = value.get(kind)
        config: dict[str, Any] = {}
        if kind in {"select", "multi_select", "status"}:
            config = {"options": [each for each in (held if isinstance(held, list) else [held]) if each], "groups": []}
        properties[name] = {"id": value["id"], "type": kind, kind: config}
    return schema.read({"id": page["id"], "title": [], "properties": properties})


def pages(bank: Path) -> list[dict[str, Any]]:
    return [page for body in bodies(bank / "notion") for page in objects(body, "page")]


def told(kind: str, value: Any) -> Any:
    """Return what Notion's JSON of a property says, of an answer or a request: read here, not by what is tested."""
    if kind in {"title", "rich_text"}:
        return "".join(run.get("plain_text", run.get("text", {}).get("content")) for run in value)
    if kind in {"multi_select", "people", "relation"}:
        return {each["id"].replace("-", "") for each in value}
    if kind == "files":
        return [(each["name"], each[each["type"]]["url"].split("?X-Amz")[0]) for each in value]
    if kind == "date" and value:
        return [moment(value.get(end), value.get("time_zone")) for end in ("start", "end")]
    if kind == "place" and value:
        return {key: each for key, each in value.items() if each is not None}
    if kind == "verification":
        return value["state"] if value else "unverified"
    return value["id"] if isinstance(value, dict) else value or None


def moment(text: str | None, zone: str | None) -> Any:
    if text is None or len(text) == 10:
        return text
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone or "UTC"))


def test_every_recorded_page_decodes_and_its_writable_values_re_encode_unchanged(bank: Path) -> None:
    count, values, kinds = 0, 0, set()
    for page in pages(bank):
        known = schema_of(page)
        reading = wire.read(page, known)
        record = wire.record(page, known, reading, None)
        count += 1
        assert record.ref and record.version
        for id, raw in reading.fields.items():
            prop = known.by_id[id]
            if not prop.spec.writable:
                continue
            original = wire.value_of(page, prop)[prop.type]
            written = writing.write(prop, raw, original if prop.type == "files" else ())[prop.type]
            assert told(prop.type, written) == told(prop.type, original), (prop.spec.name, original)
            assert writing.normal(prop, raw) == (raw if raw is not None else prop.spec.absent_shows)
            values += 1
            kinds.add(prop.type)
    print(f"{count} recorded pages, {values} values of {len(kinds)} types: {', '.join(sorted(kinds))}")

    assert count >= FLOOR_PAGES
    assert values >= FLOOR_VALUES


def test_a_recorded_page_says_nothing_unreadable_of_a_writable_type(bank: Path) -> None:
    for page in pages(bank):
        known = schema_of(page)
        for id, why in wire.read(page, known).unreadable.items():
            assert not known.by_id[id].spec.writable, f"{known.by_id[id].type}: {why}"


def test_every_recorded_block_decodes_and_is_kept_as_it_was(bank: Path) -> None:
    count, kinds = 0, set()
    for body in bodies(bank / "notion"):
        found = [block for block in objects(body, "block") if block.get("type") in block]
        # Until 2022-02-22 a block's text was under `text`: no answer to our version looks like that.
        found = [block for block in found if "text" not in block[block["type"]]]
        if not found:
            continue
        raw: Any = [blocks.kept(block, []) for block in found]
        document = CODEC.decode(raw)
        count += len(found)
        kinds |= {block["type"] for block in found}
        extended = doc(*document.content, Node("paragraph", (Node("text", text="and one more line"),)))
        assert CODEC.patch(raw, document, document) == raw
        assert CODEC.patch(raw, document, extended)[: len(raw)] == raw  # type: ignore[index]
        assert CODEC.decode(CODEC.encode(document)) == CODEC.shown(document) == document
    print(f"{count} recorded blocks of {len(kinds)} types: {', '.join(sorted(kinds))}")

    assert count >= FLOOR_BLOCKS
