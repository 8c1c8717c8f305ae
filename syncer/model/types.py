"""What each field type knows: its normal form, equality, how it is shown, and its merge. Pure.

    type                                        merge, all changed values at once against one ancestor
    line, choice, number, money, date, instant,
    period, flag, person, reference, url        one changed value wins; different changed values conflict
    set, people, references                     per element: (ancestor ∪ added) − removed; never a conflict
    sequence                                    `syncer.model.sequence`
    table                                       `syncer.model.table`
    document                                    over blocks, then words: `syncer.richtext.merge`

A value that every side changed alike is agreement. The order of the sides never matters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncer.model import scalars
from syncer.model.sequence import merge_sequence
from syncer.model.table import merge_table
from syncer.record import FieldType, canonical_json
from syncer.richtext.merge import merge
from syncer.richtext.nodes import Node
from syncer.richtext.normal import normal as normal_node
from syncer.richtext.normal import trimmed

Value = Any

SET_LIKE = frozenset({FieldType.SET, FieldType.PEOPLE, FieldType.REFERENCES})
ABSENT = "—"
_SIZED = (str, list, tuple, dict, set, frozenset)
_SCALAR = (str, int, float)


@dataclass(frozen=True, slots=True)
class Merge:
    """The merged value. With `conflict`, `value` has what could be merged and the ancestor's word for the rest."""

    value: Value
    conflict: bool = False


def normal(kind: FieldType, value: Value) -> Value:
    """Return a value's normal form; absent, null and empty are None. Raises ValueError for a wrong shape."""
    if value is None or (not value and isinstance(value, _SIZED)):
        return None
    return _NORMAL[kind](value)


def equal(kind: FieldType, a: Value, b: Value) -> bool:
    """Say whether two values are one. Raises ValueError for a wrong shape."""
    if kind is FieldType.DOCUMENT and canonical_json(a) == canonical_json(b):
        return True
    left, right = normal(kind, a), normal(kind, b)
    if left is None or right is None or isinstance(left, _SCALAR):
        return bool(left == right)
    if kind is FieldType.DOCUMENT:
        left, right = (trimmed(Node.from_json(v)).to_json() for v in (left, right))
    return canonical_json(_unextra(left)) == canonical_json(_unextra(right))


def show(kind: FieldType, value: Value) -> str:
    """Return a value as one line of text for people."""
    if value is None:
        return ABSENT
    if kind is FieldType.DOCUMENT:
        return " ".join(" ".join(block.plain() for block in Node.from_json(value).content).split())
    if kind is FieldType.SEQUENCE:
        return "; ".join(f"[{'x' if e['done'] else ' '}] {e['text']}" for e in value)
    if kind is FieldType.TABLE:
        return "; ".join(", ".join(f"{k}: {v}" for k, v in row.items()) for row in value)
    if kind is FieldType.PERIOD:
        return f"{value['start'] or '…'} → {value['end'] or '…'}"
    if kind is FieldType.MONEY:
        return f"{value['amount']} {value['currency']}".strip()
    if kind in SET_LIKE:
        return ", ".join(value)
    if kind is FieldType.FLAG:
        return "yes" if value else "no"
    return str(value)


def merge3(kind: FieldType, ancestor: Value, changes: Mapping[str, Value]) -> Merge:
    """Merge all sides' values at once against one ancestor. A value equal to the ancestor is no change."""
    base = normal(kind, ancestor)
    moved: dict[str, Value] = {}
    for side in sorted(changes):
        value = normal(kind, changes[side])
        if not equal(kind, value, base):
            moved[side] = value
    if not moved:
        return Merge(base)
    values = list(moved.values())
    first = min(values, key=canonical_json)
    if all(equal(kind, first, v) for v in values):
        return Merge(first)
    if kind in SET_LIKE:
        return Merge(_merge_sets(base or [], values))
    if base is None or None in values:
        return Merge(base, True)
    if kind is FieldType.SEQUENCE:
        return Merge(*merge_sequence(base, moved))
    if kind is FieldType.TABLE:
        return Merge(*merge_table(base, moved))
    if kind is FieldType.DOCUMENT:
        merged = merge(Node.from_json(base), {side: Node.from_json(v) for side, v in moved.items()})
        return Merge(_document(merged.document), bool(merged.regions))
    return Merge(base, True)


def _merge_sets(base: Sequence[str], values: Sequence[Sequence[str] | None]) -> Value:
    named = {e for v in values for e in v or ()}
    removed = {e for v in values for e in base if e not in (v or ())}
    return sorted((named | set(base)) - removed) or None


def _document(value: Value) -> Value:
    if isinstance(value, Node):
        value = value.to_json()
    if not isinstance(value, dict) or value.get("type") != "doc":
        raise ValueError("a document is an object of type doc")
    try:
        document = normal_node(Node.from_json(value))
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"this is no document: {problem}") from problem
    return document.to_json() if trimmed(document).content else None


def _unextra(value: Value) -> Value:
    """Leave out what equality of documents leaves out: attributes we only carry."""
    if isinstance(value, dict):
        return {k: _unextra(v) for k, v in value.items() if k != "extra"} if "type" in value else value
    if isinstance(value, list):
        return [_unextra(v) for v in value]
    return value


_NORMAL: Mapping[FieldType, Callable[[Any], Value]] = {
    FieldType.LINE: scalars.text,
    FieldType.CHOICE: scalars.text,
    FieldType.PERSON: scalars.text,
    FieldType.REFERENCE: scalars.text,
    FieldType.URL: scalars.text,
    FieldType.NUMBER: scalars.number,
    FieldType.MONEY: scalars.money,
    FieldType.DATE: scalars.date_text,
    FieldType.INSTANT: scalars.instant,
    FieldType.PERIOD: scalars.period,
    FieldType.FLAG: scalars.flag,
    FieldType.SET: scalars.strings,
    FieldType.PEOPLE: scalars.strings,
    FieldType.REFERENCES: scalars.strings,
    FieldType.SEQUENCE: scalars.sequence,
    FieldType.TABLE: scalars.table,
    FieldType.DOCUMENT: _document,
}
