"""Two values of every field, so that each can be changed from one to the other. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncer.record import FieldSpec, FieldType, Raw
from syncer.registry import codecs
from syncer.richtext.nodes import Document, Mark, Node, doc

BY_TYPE: Mapping[FieldType, Sequence[Raw]] = {
    FieldType.LINE: ["Größe 🙂", "other words"],
    FieldType.CHOICE: ["Alpha", "Beta"],
    FieldType.NUMBER: [3, 4.5],
    FieldType.MONEY: [{"amount": "12.50", "currency": "EUR"}, {"amount": "7", "currency": "EUR"}],
    FieldType.DATE: ["2026-02-28", "2028-02-29"],
    FieldType.INSTANT: ["2026-03-01T10:00:00Z", "2026-07-01T23:30:00Z"],
    FieldType.PERIOD: [{"start": "2026-01-01", "end": "2026-03-31"}, {"start": "2026-04-01", "end": None}],
    FieldType.FLAG: [True, False],
    FieldType.SET: [["alpha", "beta"], ["beta", "gamma"]],
    FieldType.SEQUENCE: [
        [{"text": "one", "done": False}, {"text": "two", "done": True}],
        [{"text": "one", "done": True}],
    ],
    FieldType.URL: ["https://example.com/a?b=c", "https://example.com/d"],
    FieldType.TABLE: [[{"measure": "use", "target": 3}], [{"measure": "use", "target": 4}]],
}
ODD: Mapping[FieldType, Raw] = {
    FieldType.CHOICE: "no such option",
    FieldType.NUMBER: "many",
    FieldType.MONEY: {"amount": "much", "currency": "EUR"},
    FieldType.DATE: "soon",
    FieldType.INSTANT: "now",
    FieldType.PERIOD: {"start": "now", "end": "soon"},
    FieldType.SET: ["two words, and a comma"],
    FieldType.PERSON: "nobody we know",
    FieldType.PEOPLE: ["nobody we know"],
    FieldType.REFERENCE: "nothing we know",
    FieldType.REFERENCES: ["nothing we know"],
    FieldType.URL: "no address",
    FieldType.LINE: "x" * 70_000,
}
"""What a field may not be able to hold."""

SET_LIKE = frozenset({FieldType.SET, FieldType.PEOPLE, FieldType.REFERENCES})


def of(spec: FieldSpec) -> Sequence[Raw]:
    """Return two values or more that a field can hold; none where its type and options suggest none."""
    if spec.type is FieldType.DOCUMENT:
        return [codecs()[spec.format].encode(document) for document in documents()]
    if not spec.options:
        return BY_TYPE.get(spec.type, [])
    ids = [option.id for option in spec.options if option.id != spec.absent_shows]
    if spec.type not in SET_LIKE:
        return [*ids[:2]]
    one, two = sorted(ids[:2]), sorted(ids[-2:])
    return [list[Raw](one), list[Raw](two) if two != one else list[Raw](one[:1])]


def documents() -> Sequence[Document]:
    """Return two documents that share a block."""
    bold = Node("text", text="bold", marks=(Mark("bold"),))
    first = Node("paragraph", (Node("text", text="First words, "), bold))
    return [doc(first, _paragraph("Second")), doc(first, _paragraph("Between"), _paragraph("Second, changed"))]


def _paragraph(text: str) -> Node:
    return Node("paragraph", (Node("text", text=text),))
