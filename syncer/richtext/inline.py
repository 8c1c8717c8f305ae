"""Merges the words and marks inside one block: all versions at once against one ancestor. Pure.

two edits in different words          both
one edit twice                        once
insertions at one place               both, in the order of their content, unless they would grow together
overlapping edits, text put into
  words another version removed       conflict: the ancestor's words stay
a mark added or removed               goes with the characters; added beats removed
text put inside a newly marked range  takes the mark, and loses one that was taken off there
two values of one mark (two links)    conflict
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncer.richtext.nodes import Node
from syncer.richtext.weave import Hunk, Pairs, hunks, match
from syncer.richtext.words import Ink, Marks, Word

Inlines = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class _Version:
    words: Sequence[Word]
    kept: dict[int, int]
    hunks: tuple[Hunk, ...]

    def piece(self, hunk: Hunk) -> Sequence[Word]:
        return self.words[hunk.first : hunk.last]


@dataclass(frozen=True, slots=True)
class _Piece:
    """One distinct edit of the ancestor's words, and the first version that made it."""

    hunk: Hunk
    version: _Version
    order: str

    @property
    def replaces(self) -> bool:
        return self.hunk.end > self.hunk.start


def merge_inlines(base: Inlines, versions: Sequence[Inlines]) -> tuple[Inlines, bool]:
    """Return the merged inlines, and whether the versions disagree somewhere."""
    ink = Ink()
    was = ink.words(base)
    found = [_version(was, ink.words(v)) for v in versions]
    pieces = _distinct(found)
    refused = _refused(pieces)
    pieces = [p for k, p in enumerate(pieces) if k not in refused]
    gone = {i for p in pieces for i in range(p.hunk.start, p.hunk.end)}
    out: list[Word] = []
    clash = bool(refused)
    for i in range(len(was) + 1):
        for piece in pieces:
            if piece.hunk.start == i:
                out += _inserted(was, piece, found, ink)
        if i < len(was) and i not in gone:
            word, bad = _kept(i, was, found, ink)
            clash |= bad
            out.append(word)
    return ink.inlines(out), clash


def _version(was: Sequence[Word], now: Sequence[Word]) -> _Version:
    pairs = _joined(was, match([w.key for w in was], [w.key for w in now]), len(now))
    return _Version(now, dict(pairs), tuple(hunks(pairs, len(was), len(now))))


def _joined(was: Sequence[Word], pairs: Pairs, m: int) -> Pairs:
    """Leave out pairs of blanks that stand alone between two replacements: rewritten words are one edit."""
    out: Pairs = []
    for k, (i, j) in enumerate(pairs):
        before = out[-1] if out else (-1, -1)
        after = pairs[k + 1] if k + 1 < len(pairs) else (len(was), m)
        alone = before[0] < i - 1 and before[1] < j - 1 and after[0] > i + 1 and after[1] > j + 1
        if not (alone and was[i].blank):
            out.append((i, j))
    return out


def _distinct(versions: Sequence[_Version]) -> list[_Piece]:
    """Return each distinct edit once: pure insertions before replacements, then by content."""
    seen: dict[tuple[int, int, str], _Piece] = {}
    for version in versions:
        for hunk in version.hunks:
            order = repr([(w.key, w.marks) for w in version.piece(hunk)])
            seen.setdefault((hunk.start, hunk.end, order), _Piece(hunk, version, order))
    return sorted(seen.values(), key=lambda p: (p.hunk.start, p.replaces, p.hunk.end, p.order))


def _refused(pieces: Sequence[_Piece]) -> set[int]:
    """Return the edits that disagree with another one."""
    refused: set[int] = set()
    for a, one in enumerate(pieces):
        for b in range(a + 1, len(pieces)):
            other = pieces[b]
            if other.hunk.start > one.hunk.end:
                break
            if _disagree(one, other):
                refused |= {a, b}
    return refused


def _disagree(one: _Piece, other: _Piece) -> bool:
    """Say whether two different edits, the first one starting first, cannot both be had."""
    a, b = one.hunk, other.hunk
    if one.version is other.version:
        return False
    if one.replaces and b.start < a.end:
        removals = a.first == a.last and b.first == b.last
        return not removals and (other.replaces or b.start > a.start)
    left, right = one.version.piece(a), other.version.piece(b)
    if [w.key for w in left] == [w.key for w in right] and a.start == b.start:
        return True  # the same words under other marks
    if a.end != b.start or not left or not right:
        return False
    return _letter(left[-1], -1) and _letter(right[0], 0)


def _letter(word: Word, at: int) -> bool:
    return word.node is None and word.text[at].isalnum()


def _kept(i: int, was: Sequence[Word], versions: Sequence[_Version], ink: Ink) -> tuple[Word, bool]:
    """Return an ancestor's word with the marks all versions give its characters."""
    word = was[i]
    nows = [v.words[v.kept[i]] for v in versions if i in v.kept]
    changed = [w for w in nows if w.marks != word.marks]
    # A node's carried attributes are outside equality: the first version that has any gives them.
    if not changed:
        return word, False
    clash = False
    marks: list[Marks] = []
    for k, old in enumerate(word.marks):
        new, bad = _marks(old, [w.marks[k] for w in changed], ink)
        marks.append(new)
        clash |= bad
    return Word(word.text, tuple(marks), word.node, word.key), clash


def _marks(old: Marks, nows: Sequence[Marks], ink: Ink) -> tuple[Marks, bool]:
    added = {m for now in nows for m in now if m not in old}
    removed = {m for now in nows for m in old if m not in now}
    types = [ink.type_of(m) for m in added]
    if len(set(types)) < len(types):
        return old, True
    return tuple(sorted((set(old) - removed) | added, key=repr)), False


def _inserted(was: Sequence[Word], piece: _Piece, versions: Sequence[_Version], ink: Ink) -> list[Word]:
    """Return an edit's new words, under the marks that other versions gave to, or took from, the place."""
    hunk = piece.hunk
    if piece.replaces:
        span = [(i, k) for i in range(hunk.start, hunk.end) for k in range(len(was[i].marks))]
    elif 0 < hunk.start < len(was):
        span = [(hunk.start - 1, -1), (hunk.start, 0)]
    else:
        span = []
    added: set[object] = set()
    removed: set[object] = set()
    for version in versions:
        if version is piece.version or not span or not all(i in version.kept for i, _ in span):
            continue
        pairs = [(was[i].marks[k], version.words[version.kept[i]].marks[k]) for i, k in span]
        added |= set.intersection(*({m for m in now if m not in old} for old, now in pairs))
        removed |= set.intersection(*({m for m in old if m not in now} for old, now in pairs))
    words = list(piece.version.piece(hunk))
    if not added and not removed:
        return words
    return [Word(w.text, tuple(_under(m, added, removed, ink) for m in w.marks), w.node, w.key) for w in words]


def _under(marks: Marks, added: set[object], removed: set[object], ink: Ink) -> Marks:
    kept = [m for m in marks if m not in removed]
    types = {ink.type_of(m) for m in kept}
    return tuple(sorted({*kept, *(m for m in added if ink.type_of(m) not in types)}, key=repr))
