"""Aligns the blocks a page has with the blocks it should have, so that the least is rewritten. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from syncer.record import canonical_json
from syncer_notion import blocks

JSON = dict[str, Any]
Meaning = Callable[[Mapping[str, Any]], Any]

WORTH = 400
"""Pairs of changed blocks up to which their texts are compared; beyond, the first of equal type is taken."""


def aligned(old: Sequence[Any], new: Sequence[JSON], meaning: Meaning) -> list[JSON]:
    """Return `new`, taking over from `old` the blocks that mean the same, and the ids of those that were edited."""
    a = [canonical_json(meaning(block)) for block in old]
    b = [canonical_json(meaning(block)) for block in new]
    out: list[JSON] = []
    at_old = at_new = 0
    for i, j in [*common(a, b), (len(a), len(b))]:
        out += _gap(old[at_old:i], new[at_new:j], meaning)
        if i < len(a):
            out.append(old[i])
        at_old, at_new = i + 1, j + 1
    return out


def common(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Return a longest common subsequence as pairs of places; of several, one that keeps what comes first in `b`."""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    middle = _longest(a[start : len(a) - end], b[start : len(b) - end])
    head = [(n, n) for n in range(start)]
    tail = [(len(a) - n, len(b) - n) for n in range(end, 0, -1)]
    return head + [(i + start, j + start) for i, j in middle] + tail


def _longest(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        row, below = best[i], best[i + 1]
        for j in range(len(b) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if a[i] == b[j] else max(below[j], row[j + 1])
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _gap(old: Sequence[JSON], new: Sequence[JSON], meaning: Meaning) -> list[JSON]:
    out: list[JSON] = []
    at_old = at_new = 0
    for i, j in [*_pairs(old, new), (len(old), len(new))]:
        # Left out of the new text, but not ours to delete: it stays where it was.
        out += [block for block in old[at_old:i] if blocks.pinned(block)]
        out += new[at_new:j]
        if i < len(old):
            out.append(_edited(old[i], new[j], meaning))
        at_old, at_new = i + 1, j + 1
    return out


def _pairs(old: Sequence[JSON], new: Sequence[JSON]) -> list[tuple[int, int]]:
    """Pair blocks of one type in order, most alike first where that is cheap to say."""
    close = len(old) * len(new) <= WORTH
    gain = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    worth = [[_likeness(o, n, close) for n in new] for o in old]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = gain[i + 1][j + 1] + worth[i][j] if worth[i][j] else 0.0
            gain[i][j] = max(paired, gain[i + 1][j], gain[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if worth[i][j] and gain[i][j] == gain[i + 1][j + 1] + worth[i][j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif gain[i + 1][j] >= gain[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _likeness(old: JSON, new: JSON, close: bool) -> float:
    if old["type"] != new["type"] or old["type"] not in blocks.EDITABLE:
        return 0.0
    if old["type"] == "table" and old["table"].get("table_width") != new["table"].get("table_width"):
        return 0.0  # fixed when the table is made
    if not close:
        return 1.0
    return 0.1 + SequenceMatcher(None, blocks.text_of(old), blocks.text_of(new), autojunk=False).quick_ratio()


def _edited(old: JSON, new: JSON, meaning: Meaning) -> JSON:
    """Return the new text in the old block: its id, colour and whatever else it had."""
    kind = old["type"]
    out: JSON = {**old, kind: {**old[kind], **new[kind]}}
    below = aligned(old.get("children", ()), new.get("children", ()), meaning)
    out.pop("children", None)
    return {**out, "children": below} if below else out
