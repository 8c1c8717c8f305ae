"""Merge of sequences of entries (acceptance criteria): all sides at once against one ancestor. Pure.

Entries are matched by their text; a reworded entry stays the same entry where its place and most of its letters do.

    two ticks                           merge entry by entry
    a tick and a rewording              both are kept
    two rewordings of one entry         conflict, if they differ
    a removal and a tick or rewording   conflict
    insertions and removals that touch
      or adjoin, with other content     conflict
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from syncer.richtext.weave import hunks, match

Entry = dict[str, Any]
_ALIKE = 0.5
"""The part of two texts' letters that must agree for one to be the other, reworded."""


class _Change(NamedTuple):
    """The ancestor's entries from `start` to `end` became others."""

    start: int
    end: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class _Edit:
    """One side's edit: entries still there (ancestor index → entry now), and structural changes."""

    kept: Mapping[int, Entry]
    changes: tuple[_Change, ...]


def merge_sequence(base: Sequence[Entry], sides: Mapping[str, Sequence[Entry]]) -> tuple[list[Entry], bool]:
    """Return the merged entries, and whether changes disagree: there the ancestor's entries stay."""
    edits = [_edit(base, now) for now in sides.values()]
    merged = [_entry(i, was, edits) for i, was in enumerate(base)]
    held = {i for i, entry in enumerate(merged) if entry is None}
    entries: list[Entry | None] = [entry or base[i] for i, entry in enumerate(merged)]
    inserts: dict[int, tuple[Entry, ...]] = {}
    conflict = bool(held)
    for changes in _clusters(edits):
        start, end, new = changes[0]
        if any(change != changes[0] for change in changes):
            conflict = True
        elif not held & set(range(start, end)):
            inserts[start] = new
            entries[start:end] = [None] * (end - start)
    out: list[Entry] = []
    for i, entry in enumerate([*entries, None]):
        out += inserts.get(i, ())
        if entry is not None:
            out.append(entry)
    return out, conflict


def _edit(base: Sequence[Entry], now: Sequence[Entry]) -> _Edit:
    pairs = match([e["text"] for e in base], [e["text"] for e in now])
    kept = {i: now[j] for i, j in pairs}
    changes: list[_Change] = []
    for h in hunks(pairs, len(base), len(now)):
        was, new = base[h.start : h.end], now[h.first : h.last]
        if len(was) == len(new) and all(_alike(was[k]["text"], new[k]["text"]) for k in range(len(was))):
            kept |= dict(enumerate(new, h.start))
        else:
            changes.append(_Change(h.start, h.end, tuple(new)))
    return _Edit(kept, tuple(changes))


def _alike(a: str, b: str) -> bool:
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= _ALIKE


def _entry(i: int, was: Entry, edits: Sequence[_Edit]) -> Entry | None:
    """Merge one entry; None where it was reworded in two ways, or removed here and edited there."""
    now = [e.kept[i] for e in edits if i in e.kept]
    texts = {n["text"] for n in now} - {was["text"]}
    ticks = {n["done"] for n in now} - {was["done"]}
    if len(texts) > 1 or (len(now) < len(edits) and (texts or ticks)):
        return None
    return {"text": next(iter(texts), was["text"]), "done": next(iter(ticks), was["done"])}


def _clusters(edits: Sequence[_Edit]) -> list[list[_Change]]:
    """Group structural changes that overlap, touch or adjoin."""
    out: list[list[_Change]] = []
    for change in sorted((c for e in edits for c in e.changes), key=lambda c: c.start):
        if not out or change.start > max(c.end for c in out[-1]):
            out.append([])
        out[-1].append(change)
    return out
