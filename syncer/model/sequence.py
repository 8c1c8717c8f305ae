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
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from syncer.record import canonical_json
from syncer.richtext.weave import hunks, match

Entry = dict[str, Any]
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class _Edit:
    """One side's edit: entries still there (ancestor index → entry now), and structural changes."""

    kept: Mapping[int, Entry]
    changes: tuple[tuple[int, int, tuple[str, ...], tuple[Entry, ...]], ...] = field(default=())


def merge_sequence(
    base: Sequence[Entry], sides: Mapping[str, Sequence[Entry]]
) -> tuple[list[Entry] | None, bool, tuple[Mapping[str, Any], ...]]:
    """Return the merged entries, whether changes disagree, and where."""
    edits = {side: _edit(base, now) for side, now in sides.items()}
    regions: list[Mapping[str, Any]] = []
    entries = [_entry(i, base, edits, regions) for i in range(len(base))]
    held = {i for i in range(len(base)) if any(r["at"] == i for r in regions)}
    inserts: dict[int, tuple[Entry, ...]] = {}
    for start, end, changes in _clusters(edits):
        contents = {canonical_json(c[:2] + c[3:]) for found in changes.values() for c in found}
        if len(contents) > 1 and len(changes) > 1:
            regions.append(_region(base, edits, start, end))
            continue
        if held & set(range(start, end)):
            continue
        for change in next(iter(changes.values())):
            inserts[change[0]] = change[3]
            for i in range(change[0], change[1]):
                entries[i] = None
    out: list[Entry] = []
    for i in range(len(base) + 1):
        out += inserts.get(i, ())
        entry = entries[i] if i < len(base) else None
        if entry is not None:
            out.append(entry)
    return out or None, bool(regions), tuple(regions)


def _edit(base: Sequence[Entry], now: Sequence[Entry]) -> _Edit:
    pairs = match([e["text"] for e in base], [e["text"] for e in now])
    kept = {i: now[j] for i, j in pairs}
    changes: list[tuple[int, int, tuple[str, ...], tuple[Entry, ...]]] = []
    for h in hunks(pairs, len(base), len(now)):
        if h.end - h.start == h.last - h.first and all(
            _alike(base[h.start + k]["text"], now[h.first + k]["text"]) for k in range(h.end - h.start)
        ):
            kept |= {h.start + k: now[h.first + k] for k in range(h.end - h.start)}
        else:
            gone = tuple(e["text"] for e in base[h.start : h.end])
            changes.append((h.start, h.end, gone, tuple(now[h.first : h.last])))
    return _Edit(kept, tuple(changes))


def _alike(a: str, b: str) -> bool:
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _entry(i: int, base: Sequence[Entry], edits: Mapping[str, _Edit], regions: list[Mapping[str, Any]]) -> Entry | None:
    """Merge one entry; a removal is decided with the structural changes unless someone edited the entry."""
    was = base[i]
    texts = {e.kept[i]["text"] for e in edits.values() if i in e.kept} - {was["text"]}
    ticks = {e.kept[i]["done"] for e in edits.values() if i in e.kept} - {was["done"]}
    removed = any(i not in e.kept for e in edits.values())
    if len(texts) > 1 or (removed and (texts or ticks)):
        regions.append(_region(base, edits, i, i + 1))
        return was
    return {"text": next(iter(texts), was["text"]), "done": next(iter(ticks), was["done"])}


def _clusters(
    edits: Mapping[str, _Edit],
) -> list[tuple[int, int, dict[str, list[tuple[int, int, tuple[str, ...], tuple[Entry, ...]]]]]]:
    """Group structural changes that overlap, touch or adjoin."""
    flat = sorted(((c, side) for side, e in edits.items() for c in e.changes), key=lambda f: (f[0][0], f[0][1], f[1]))
    out: list[tuple[int, int, dict[str, list[tuple[int, int, tuple[str, ...], tuple[Entry, ...]]]]]] = []
    for change, side in flat:
        if out and change[0] <= out[-1][1]:
            start, end, members = out.pop()
            members.setdefault(side, []).append(change)
            out.append((start, max(end, change[1]), members))
        else:
            out.append((change[0], change[1], {side: [change]}))
    return out


def _region(base: Sequence[Entry], edits: Mapping[str, _Edit], start: int, end: int) -> Mapping[str, Any]:
    sides: dict[str, list[Entry]] = {}
    for side, edit in edits.items():
        shown: list[Entry] = []
        for i in range(start, end + 1):
            for change in edit.changes:
                if change[0] == i:
                    shown += change[3]
            if i < end and i in edit.kept:
                shown.append(edit.kept[i])
        sides[side] = shown
    return {"at": start, "base": list(base[start:end]), "sides": sides}
