"""A sequence (acceptance criteria) that lives in a rich text: the text is a list, and an entry is one of its items.

Pure, and never raises on a raw value. A text that is more than a list is unreadable: nothing of it is ever lost.
"""

from __future__ import annotations

from dataclasses import dataclass

from syncer.errors import DocumentError
from syncer.mapping import text
from syncer.mapping.convert import Text
from syncer.mapping.rules import CannotSay, Names, Reading, Value
from syncer.model import types
from syncer.record import FieldType, Raw
from syncer.richtext.nodes import Document, Node, doc


@dataclass(frozen=True)
class Entries(Text):
    """A sequence through the codec of the side's format. Items and paragraphs are entries; a ticked task is done."""

    def read(self, raw: Raw, names: Names) -> Reading:
        """See FieldRule."""
        if raw in (None, "", []):
            return Reading(None)
        try:
            return Reading(self._entries(self._codec.decode(raw)))
        except (DocumentError, ValueError) as error:
            return Reading(unreadable=str(error))

    def fits(self, raw: Raw, value: Value, names: Names) -> bool:
        """See FieldRule."""
        reading = self.read(raw, names)
        if reading.unreadable:
            return False
        return types.equal(self.type, reading.value, value) or reading.value == self.shown(value)

    def write(self, value: Value, shown: Raw, names: Names) -> Raw | CannotSay:
        """See FieldRule."""
        if self.fits(shown, value, names):
            return shown
        if (why := self.read(shown, names).unreadable) or value is None:
            return CannotSay(why) if why else None
        if shown in (None, "", []):
            return self._codec.encode(_document(value, doc()))
        was = self._codec.decode(shown)
        return self._codec.patch(shown, was, _document(value, was))

    def shown(self, value: Value) -> Value:
        """See FieldRule: a format without tasks shows no ticks."""
        return None if value is None else self._entries(self._codec.shown(_document(value, doc())))

    def _entries(self, document: Document) -> Value:
        return self.normal([entry for block in document.content for entry in _entries_of(block)])


def _entries_of(block: Node) -> list[dict[str, object]]:
    if block.type == "paragraph":
        found = text.parse(FieldType.SEQUENCE, FieldType.LINE, block.plain(), "")
        return list(found)
    if block.type != "list":
        raise ValueError(f"it holds a {block.type}: more than a list")
    return [_entry(item) for item in block.content if item.plain().strip()]


def _entry(item: Node) -> dict[str, object]:
    if len(item.content) != 1 or item.content[0].type != "paragraph":
        raise ValueError("an entry of its list holds more than a line")
    return {"text": " ".join(item.plain().split()), "done": bool(item.attrs.get("done"))}


def _document(entries: Value, was: Document) -> Document:
    """Return the list that says these entries; an entry that stands in `was` keeps its node, marks and all."""
    lists = [block for block in was.content if block.type == "list"]
    old = [item for block in lists for item in block.content]
    tasks = not old or any("done" in item.attrs for item in old) or any(entry["done"] for entry in entries)
    attrs = lists[0].attrs if lists and not tasks else {}
    return doc(Node("list", tuple(_item(entry, old, tasks=tasks) for entry in entries), attrs))


def _item(entry: dict[str, object], old: list[Node], *, tasks: bool) -> Node:
    said = Node("paragraph", (Node("text", text=str(entry["text"])),))
    kept = next((n for n in old if n.content and _entry(n)["text"] == entry["text"]), None)
    content = kept.content if kept is not None else (said,)
    return Node("item", content, {"done": entry["done"]} if tasks else {})
