"""Carries an edit of words to a block that a side shows as another kind of block: a list shown as lines. Pure.

The words the side shows are matched with the words of the block's leaves. An edit that stays within the words of one
leaf is made there; one that touches a bullet, a line end or anything else the side made up is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from syncer.richtext.diff import INLINE_HOLDERS, key
from syncer.richtext.nodes import Node
from syncer.richtext.normal import normal
from syncer.richtext.weave import Hunk, hunks, match
from syncer.richtext.words import Ink, Marks, Word

Blocks = tuple[Node, ...]
Show = Callable[[Blocks], Blocks]
_END = Word("", ((),), Node("end"), "\0end")


def pull_leaves(node: Node, was: Blocks, now: Blocks, show: Show | None) -> Node | None:
    """Make an edit of shown words in the leaves they come from; None where an edit is not inside one leaf."""
    ink = Ink()
    leaves = list(_leaves((node,)))
    mine, before, after = _words(leaves, ink), _words(_leaves(was), ink), _words(_leaves(now), ink)
    home = dict(match([w.key for w in before], [w.key for w in mine]))
    kept = match([w.key for w in before], [w.key for w in after])
    out: list[list[Word]] = [[w] for w in mine]
    for i, j in kept:
        if before[i].marks != after[j].marks and before[i] is not _END:
            if i not in home:
                return None
            out[home[i]] = [_remarked(mine[home[i]], before[i], after[j])]
    ahead: dict[int, list[Word]] = {}
    for hunk in hunks(kept, len(before), len(after)):
        new = after[hunk.first : hunk.last]
        # A new line in what the side made of a list could be a new entry: only the side's own rendering can tell.
        if _END in new or (show is None and any(_newline(w) for w in new)):
            return None
        if not _place(hunk, new, before, mine, home, out, ahead):
            return None
    words = [w for k in range(len(mine)) for w in (*ahead.get(k, ()), *out[k])]
    return _rebuilt(node, iter(_contents(leaves, words, ink)))


def pull_lines(node: Node, was: Blocks, now: Blocks, show: Show | None) -> Node | None:
    """Add and remove entries of a list that the side shows as one line each; None where that is not how it shows."""
    if show is None or node.type != "list" or len(was) != 1 or len(now) != 1:
        return None
    entries = list(node.content)
    lines, target = _lines(was[0]), _lines(now[0])
    if len(lines) != len(entries):
        return None
    pairs = match([_letters(x) for x in lines], [_letters(x) for x in target])
    out: list[Node] = []
    i = j = 0
    for a, b in [*pairs, (len(lines), len(target))]:
        changed = min(a - i, b - j)
        for k in range(changed):
            pulled = pull_leaves(entries[i + k], (_paragraph(lines[i + k]),), (_paragraph(target[j + k]),), show)
            if pulled is None:
                return None
            out.append(pulled)
        for line in target[j + changed : b]:
            entry = _entry_like(node, entries, line, len(out), show)
            if entry is None:
                return None
            out.append(entry)
        if a < len(entries):
            out.append(entries[a])
        i, j = a + 1, b + 1
    return normal(replace(node, content=tuple(out)))


def _entry_like(node: Node, entries: Sequence[Node], line: Blocks, at: int, show: Show) -> Node | None:
    """Return the new entry that the side would show as this line at this place of the list."""
    text = "".join(n.text for n in line)
    for shape in ({**entries[-1].attrs}, *({"done": d} for d in (True, False) if "done" in entries[-1].attrs)):
        for cut in [k + 1 for k, letter in enumerate(text) if letter == " "][:4]:
            entry = Node("item", (Node("paragraph", _after(line, cut)),), shape)
            blanks = tuple(Node("item", (Node("paragraph", (Node("text", text="x"),)),)) for _ in range(at))
            seen = show((normal(replace(node, content=(*blanks, entry))),))
            if len(seen) == 1 and _lines(seen[0])[-1:] == [line]:
                return entry
    return None


def _after(line: Blocks, cut: int) -> Blocks:
    out: list[Node] = []
    for node in line:
        out.append(replace(node, text=node.text[cut:]))
        cut = max(0, cut - len(node.text))
    return tuple(n for n in out if n.text or n.type != "text")


def _paragraph(line: Blocks) -> Node:
    return Node("paragraph", line)


def _lines(block: Node) -> list[Blocks]:
    lines: list[list[Node]] = [[]]
    for node in block.content:
        if node.type == "break":
            lines.append([])
        else:
            lines[-1].append(node)
    return [tuple(x) for x in lines]


def _letters(line: Blocks) -> tuple[object, ...]:
    return tuple(key(n) for n in line)


def _leaves(blocks: Sequence[Node]) -> Iterator[Node]:
    for block in blocks:
        if block.type in INLINE_HOLDERS:
            yield block
        else:
            yield from _leaves(block.content)


def _words(leaves: Sequence[Node] | Iterator[Node], ink: Ink) -> list[Word]:
    out: list[Word] = []
    for leaf in leaves:
        out += [_same_line_end(w) for w in ink.words(leaf.content)]
        out.append(_END)
    return out


def _same_line_end(word: Word) -> Word:
    """A line end in code and a hard break are the same to the eye."""
    return replace(word, key="\n") if word.node is not None and word.node.type == "break" else word


def _newline(word: Word) -> bool:
    return word.key == "\n"


def _place(
    hunk: Hunk,
    new: Sequence[Word],
    before: Sequence[Word],
    mine: Sequence[Word],
    home: dict[int, int],
    out: list[list[Word]],
    ahead: dict[int, list[Word]],
) -> bool:
    """Make one edit at home; False where its place is not certain."""
    spots = [home.get(i) for i in range(hunk.start, hunk.end)]
    if spots:
        known = [s for s in spots if s is not None]
        whole = len(known) == len(spots) and known == list(range(known[0], known[0] + len(known)))
        if not whole or any(mine[s] is _END for s in known):
            return False
        hidden = set.intersection(
            *(set(m) - set(w) for i, s in zip(range(hunk.start, hunk.end), known, strict=True)
              for m, w in zip(mine[s].marks, before[i].marks, strict=True))
        )  # fmt: skip
        for s in known:
            out[s] = []
        ahead.setdefault(known[0], []).extend(_hidden(w, hidden) for w in new)
        return True
    left, right = home.get(hunk.start - 1), home.get(hunk.start)
    if left is not None and mine[left] is not _END and not _newline(mine[left]):
        ahead.setdefault(left + 1, []).extend(new)
        return True
    if right is not None:
        ahead.setdefault(right, []).extend(new)
        return True
    return False


def _hidden(word: Word, marks: set[object]) -> Word:
    return replace(word, marks=tuple(tuple(dict.fromkeys((*m, *marks))) for m in word.marks))


def _remarked(mine: Word, before: Word, after: Word) -> Word:
    out: list[Marks] = []
    for own, old, new in zip(mine.marks, before.marks, after.marks, strict=True):
        out.append(tuple([m for m in own if m not in old or m in new] + [m for m in new if m not in old]))
    return replace(mine, marks=tuple(out))


def _contents(leaves: Sequence[Node], words: Sequence[Word], ink: Ink) -> list[Blocks]:
    """Split the words at the ends of leaves, and write each leaf's content."""
    out: list[Blocks] = []
    current: list[Word] = []
    for word in words:
        if word is not _END:
            current.append(word)
            continue
        code = leaves[len(out)].type == "code"
        out.append(ink.inlines(_code_word(w) for w in current) if code else ink.inlines(current))
        current = []
    return out


def _code_word(word: Word) -> Word:
    return Word("\n", ((),), None, "\n") if _newline(word) else word


def _rebuilt(node: Node, contents: Iterator[Blocks]) -> Node:
    if node.type in INLINE_HOLDERS:
        return replace(node, content=next(contents))
    return replace(node, content=tuple(_rebuilt(child, contents) for child in node.content))
