"""Aligns the blocks of two documents: equal ones first, then edited ones by likeness. Pure; never guesses a move.

Blocks whose content occurs once on each side are paired first; twins (empty paragraphs, two times "TBD") are paired by
their neighbours. Between equal blocks, one block that replaces one of its family is that block, edited; of several,
those that share enough words, in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from difflib import SequenceMatcher

from syncer.record import canonical_json
from syncer.richtext.nodes import Node
from syncer.richtext.weave import Hunk, hunks, match

INLINE_HOLDERS = frozenset({"paragraph", "heading", "code", "decision", "media"})
"""Blocks that hold a line of text, and no blocks."""
_NAMED = {
    "opaque": ("format", "kind"), "macro": ("name", "family"), "media": ("ref",), "embed": ("url",), "synced": ("ref",),
    "footnote": ("label",),
}  # fmt: skip
"""Types of which two nodes are the same thing only if these attributes are equal."""
_NEVER_ALONE = frozenset({"item", "row", "cell", "column", "tab", "body"})
"""Parts: one that stands where one stood is that one."""
ALIKE = 0.4
_SHORT = 60
_MANY = 4000

Rows = list[tuple[int | None, int | None]]


def align(was: Sequence[Node], now: Sequence[Node]) -> Rows:
    """Pair the blocks of two documents, in order: (i, j) the same block, (i, None) removed, (None, j) new."""
    left, right = [key(n) for n in was], [key(n) for n in now]
    pairs = match(left, right)
    edges = hunks(pairs, len(was), len(now))
    rows: Rows = []
    i = j = 0
    for hunk in [*edges, Hunk(len(was), len(was), len(now), len(now))]:
        rows += [(i + k, j + k) for k in range(hunk.start - i)]
        rows += _inside(was, now, hunk)
        i, j = hunk.end, hunk.last
    return rows


def key(node: Node) -> Hashable:
    """Return what two nodes must share to be equal: all but `extra`."""
    return (
        node.type,
        node.text,
        canonical_json(dict(node.attrs)) if node.attrs else "",
        tuple([m.key() for m in node.marks]) if node.marks else (),
        tuple([key(child) for child in node.content]) if node.content else (),
    )


def family(node: Node) -> str:
    """Return what a node can become by an edit and still be itself: a paragraph a heading, a list a list."""
    if node.type in ("paragraph", "heading"):
        return "text"
    if node.type in _NAMED:
        return " ".join([node.type, *(str(node.attrs.get(name, "")) for name in _NAMED[node.type])])
    return node.type


def alike(a: Node, b: Node) -> float:
    """Return how much two nodes have in common, 0 to 1."""
    return _alike(words_of(a), words_of(b))


def words_of(node: Node) -> tuple[str, Counter[str]]:
    """Return what likeness is judged by: the readable text, and how often it has each word."""
    text = " ".join(n.text or n.plain() for n in node.walk() if not n.content)
    return text, Counter(text.split())


def _alike(a: tuple[str, Counter[str]], b: tuple[str, Counter[str]]) -> float:
    if a[0] == b[0]:
        return 1.0
    total = a[1].total() + b[1].total()
    shared = 2 * (a[1] & b[1]).total() / total if total else 0.0
    if shared < ALIKE and len(a[0]) <= _SHORT and len(b[0]) <= _SHORT:
        matcher = SequenceMatcher(None, a[0], b[0], autojunk=False)
        # Letters in common mean less than words in common: only close spellings count.
        return max(shared, matcher.ratio() - 0.2) if matcher.quick_ratio() - 0.2 > shared else shared
    return shared


def _inside(was: Sequence[Node], now: Sequence[Node], hunk: Hunk) -> Rows:
    """Pair edited blocks of one hunk."""
    n, m = hunk.end - hunk.start, hunk.last - hunk.first
    if n == 1 and m == 1 and _replaces(was[hunk.start], now[hunk.first]):
        return [(hunk.start, hunk.first)]
    chosen = likely(was, now, hunk, family) if n and m else []
    rows: Rows = []
    i, j = hunk.start, hunk.first
    for a, b in [*chosen, (hunk.end, hunk.last)]:
        rows += [(k, None) for k in range(i, a)] + [(None, k) for k in range(j, b)]
        i, j = a + 1, b + 1
        if a < hunk.end:
            rows.append((a, b))
    return rows


def _replaces(a: Node, b: Node) -> bool:
    return family(a) == family(b) and (a.type in INLINE_HOLDERS or a.type in _NEVER_ALONE or alike(a, b) >= ALIKE)


def likely(was: Sequence[Node], now: Sequence[Node], hunk: Hunk, kin: Callable[[Node], str]) -> list[tuple[int, int]]:
    """Return the pairs, in order, with the greatest sum of likeness; by position where that costs too much."""
    n, m = hunk.end - hunk.start, hunk.last - hunk.first
    if n * m > _MANY:
        # So much was rewritten at once that only the order is left to go by.
        spots = [(hunk.start + k, hunk.first + k) for k in range(min(n, m))] if n == m else []
        return [(a, b) for a, b in spots if kin(was[a]) == kin(now[b])]
    left = [(kin(b), words_of(b)) for b in was[hunk.start : hunk.end]]
    right = [(kin(b), words_of(b)) for b in now[hunk.first : hunk.last]]
    score = [[_alike(a[1], b[1]) if a[0] == b[0] else 0.0 for b in right] for a in left]
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            with_pair = score[i][j] + best[i + 1][j + 1] if score[i][j] >= ALIKE else 0.0
            best[i][j] = max(with_pair, best[i + 1][j], best[i][j + 1])
    out: list[tuple[int, int]] = []
    i = j = 0
    while i < n and j < m:
        if score[i][j] >= ALIKE and best[i][j] == score[i][j] + best[i + 1][j + 1]:
            out.append((hunk.start + i, hunk.first + j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return out
