"""Aligns two sequences by equality: what a merge of sequences, blocks and words stands on. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_EXACT = 200_000
"""Cells of the exact table; beyond it (two long texts without one unique word in common) a heuristic must do."""

Pairs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Hunk:
    """`was[start:end]` became `now[first:last]`."""

    start: int
    end: int
    first: int
    last: int


def match(was: Sequence[Hashable], now: Sequence[Hashable]) -> Pairs:
    """Pair equal elements, in order on both sides: common ends first, then unique ones, then the longest rest."""
    out: Pairs = []
    _match(was, now, 0, len(was), 0, len(now), out)
    return out


def hunks(pairs: Sequence[tuple[int, int]], n: int, m: int) -> list[Hunk]:
    """Return what lies between the pairs: the smallest edits from `was` (length n) to `now` (length m)."""
    out: list[Hunk] = []
    i = j = 0
    for a, b in [*pairs, (n, m)]:
        if a > i or b > j:
            out.append(Hunk(i, a, j, b))
        i, j = a + 1, b + 1
    return out


def _match(was: Sequence[Hashable], now: Sequence[Hashable], i: int, n: int, j: int, m: int, out: Pairs) -> None:
    while i < n and j < m and was[i] == now[j]:
        out.append((i, j))
        i, j = i + 1, j + 1
    tail = 0
    while i < n and j < m and was[n - 1] == now[m - 1]:
        n, m, tail = n - 1, m - 1, tail + 1
    if i < n and j < m:
        anchors = _unique(was, now, i, n, j, m)
        if anchors:
            for a, b in anchors:
                _match(was, now, i, a, j, b, out)
                out.append((a, b))
                i, j = a + 1, b + 1
            _match(was, now, i, n, j, m, out)
        else:
            _rest(was, now, i, n, j, m, out)
    out += [(n + k, m + k) for k in range(tail)]


def _unique(was: Sequence[Hashable], now: Sequence[Hashable], i: int, n: int, j: int, m: int) -> Pairs:
    """Return the longest ordered run of pairs of elements that occur once on each side."""
    here, there = Counter(was[i:n]), Counter(now[j:m])
    place = {now[k]: k for k in range(j, m) if there[now[k]] == 1}
    found = [(k, place[was[k]]) for k in range(i, n) if here[was[k]] == 1 and was[k] in place]
    ends: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for index, (_, b) in enumerate(found):
        spot = bisect_left(ends, b)
        before.append(at[spot - 1] if spot else -1)
        ends[spot : spot + 1] = [b]
        at[spot : spot + 1] = [index]
    chain: Pairs = []
    index = at[-1] if at else -1
    while index >= 0:
        chain.append(found[index])
        index = before[index]
    return chain[::-1]


def _rest(was: Sequence[Hashable], now: Sequence[Hashable], i: int, n: int, j: int, m: int, out: Pairs) -> None:
    """Pair what has no unique element: by the longest common subsequence, where that is affordable."""
    if not set(was[i:n]) & set(now[j:m]):
        return
    if (n - i) * (m - j) > _EXACT:
        matcher = SequenceMatcher(None, was[i:n], now[j:m], autojunk=False)
        out += [(i + b.a + k, j + b.b + k) for b in matcher.get_matching_blocks() for k in range(b.size)]
        return
    width = m - j
    rows = [[0] * (width + 1)]
    for a in range(n - 1, i - 1, -1):
        below, row, element = rows[-1], [0] * (width + 1), was[a]
        for b in range(width - 1, -1, -1):
            row[b] = below[b + 1] + 1 if element == now[j + b] else max(below[b], row[b + 1])
        rows.append(row)
    rows.reverse()
    a = b = 0
    while a < n - i and b < width:
        if was[i + a] == now[j + b]:
            out.append((i + a, j + b))
            a, b = a + 1, b + 1
        elif rows[a + 1][b] >= rows[a][b + 1]:
            a += 1
        else:
            b += 1
