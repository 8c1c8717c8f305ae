"""Reads the blocks of Markdown, and which lines each came from. Pure.

The dialect is CommonMark with tables, tasks, strikethrough and footnote references. Raw HTML, link definitions and
footnotes are kept as opaque blocks with their lines; a soft line break is read as a space.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from syncer.formats.markdown_inline import FORMAT, Links, label_of, read_inlines, unescape
from syncer.formats.markdown_tables import begins, read_table
from syncer.richtext.nodes import Node

_BLANK = re.compile(r"[ \t]*\Z")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*\Z", re.DOTALL)
_RULE = re.compile(r" {0,3}([-_*])(?:[ \t]*\1){2,}[ \t]*\Z")
_FENCE = re.compile(r"( {0,3})(`{3,}(?=[^`]*\Z)|~{3,})(.*)\Z", re.DOTALL)
_QUOTE = re.compile(r" {0,3}>[ ]?")
_MARKER = re.compile(r"( {0,3})([-+*]|(\d{1,9})[.)])(?:( {1,4})(?! )|( )|\Z)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\Z")
_DEFINITION = re.compile(
    r" {0,3}\[((?:[^\[\]\\]|\\.)+)\]:[ \t]*(?:<([^<>]*)>|(\S+))"
    r"(?:[ \t]+(?:\"([^\"]*)\"|'([^']*)'|\(([^()]*)\)))?[ \t]*\Z"
)
_NOTE = re.compile(r" {0,3}\[\^[^\]\s]+\]:")
_TASK = re.compile(r"\[([ xX])\](?:[ \t]+|\Z)")
_BLOCK_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|"
    "fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|"
    "menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|"
    "track|ul"
)
_HTML: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(r" {0,3}<(?:script|pre|style|textarea)(?:[\s>]|\Z)", re.I),
     re.compile(r"</(?:script|pre|style|textarea)>", re.I)),
    (re.compile(r" {0,3}<!--"), re.compile(r"-->")),
    (re.compile(r" {0,3}<\?"), re.compile(r"\?>")),
    (re.compile(r" {0,3}<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(r" {0,3}<![A-Za-z]"), re.compile(r">")),
    (re.compile(rf" {{0,3}}</?(?:{_BLOCK_TAGS})(?:[\s>]|/>|\Z)", re.I), _BLANK),
)  # fmt: skip

Lines = Sequence[str]


@dataclass(frozen=True, slots=True)
class Block:
    """A block and the lines it came from."""

    node: Node
    start: int
    end: int


def read_blocks(lines: Lines, links: Links) -> list[Block]:
    """Read blocks from lines without line ends."""
    out: list[Block] = []
    at = 0
    while at < len(lines):
        if _BLANK.match(lines[at]):
            at += 1
            continue
        node, end = _block(lines, at, links)
        out.append(Block(node, at, end))
        at = end
    return out


def read_links(lines: Lines) -> dict[str, tuple[str, str]]:
    """Return the link definitions of a text: label → address and title; the first one counts."""
    found: dict[str, tuple[str, str]] = {}
    for line in lines:
        m = _DEFINITION.match(line)
        if m and not _NOTE.match(line):
            title = next((g for g in m.groups()[3:] if g), "")
            found.setdefault(label_of(m.group(1)), (unescape(m.group(2) or m.group(3) or ""), unescape(title)))
    return found


def _block(lines: Lines, at: int, links: Links) -> tuple[Node, int]:
    for reader in (_indented, _fenced, _heading, _rule, _quote, _list, _html, _table, _definition):
        found = reader(lines, at, links)
        if found is not None:
            return found
    return _paragraph(lines, at, links)


def _indented(lines: Lines, at: int, _: Links) -> tuple[Node, int] | None:
    if not _widened(lines[at]).startswith("    "):
        return None
    end = at
    for k in range(at, len(lines)):
        if _widened(lines[k]).startswith("    "):
            end = k + 1
        elif not _BLANK.match(lines[k]):
            break
    return _code("\n".join(_widened(line)[4:] for line in lines[at:end]), ""), end


def _fenced(lines: Lines, at: int, _: Links) -> tuple[Node, int] | None:
    opening = _FENCE.match(lines[at])
    if opening is None:
        return None
    indent, fence, info = len(opening.group(1)), opening.group(2), opening.group(3)
    closing = re.compile(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*\Z")
    end = at + 1
    while end < len(lines) and not closing.match(lines[end]):
        end += 1
    body = [re.sub(rf"\A {{0,{indent}}}", "", line) for line in lines[at + 1 : end]]
    return _code("\n".join(body), unescape(info.strip(" \t"))), min(end + 1, len(lines))


def _code(text: str, language: str) -> Node:
    attrs = {"language": language} if language else {}
    return Node("code", (Node("text", text=text),) if text else (), attrs)


def _heading(lines: Lines, at: int, links: Links) -> tuple[Node, int] | None:
    found = _HEADING.match(lines[at])
    if found is None:
        return None
    text = (found.group(2) or "").strip(" \t")
    return Node("heading", read_inlines(text, links), {"level": len(found.group(1))}), at + 1


def _rule(lines: Lines, at: int, _: Links) -> tuple[Node, int] | None:
    return (Node("rule"), at + 1) if _RULE.match(lines[at]) else None


def _quote(lines: Lines, at: int, links: Links) -> tuple[Node, int] | None:
    if not _QUOTE.match(lines[at]):
        return None
    inner: list[str] = []
    end = at
    while end < len(lines):
        sign = _QUOTE.match(lines[end])
        if sign:
            inner.append(lines[end][sign.end() :])
        elif not (inner and _goes_on(inner, lines[end])):
            break
        else:
            inner.append(lines[end])
        end += 1
    return Node("quote", tuple(b.node for b in read_blocks(inner, links))), end


def _goes_on(inner: Lines, line: str) -> bool:
    """Say whether a line without its sign still belongs to the paragraph that ends `inner`."""
    last = inner[-1]
    if _BLANK.match(line) or _BLANK.match(last) or _interrupts(line) or _UNDERLINE.match(line):
        return False
    # The open paragraph may lie deeper: look behind the signs.
    while sign := _QUOTE.match(last) or _MARKER.match(last):
        last = last[sign.end() :]
    if _BLANK.match(last) or any(_FENCE.match(x.lstrip(" ")) for x in inner):
        return False
    return not (_HEADING.match(last) or _RULE.match(last) or _widened(last).startswith("    "))


def _list(lines: Lines, at: int, links: Links) -> tuple[Node, int] | None:
    first = _MARKER.match(lines[at])
    if first is None:
        return None
    kind = first.group(2)[-1]
    items: list[Node] = []
    end = at
    while at < len(lines):
        marker = _MARKER.match(lines[at])
        if marker is None or marker.group(2)[-1] != kind or _RULE.match(lines[at]):
            break
        inner, end = _item_lines(lines, at, marker)
        items.append(_item(inner, links))
        at = end
        while at < len(lines) and _BLANK.match(lines[at]):
            at += 1
    attrs: dict[str, Any] = {}
    if first.group(3) is not None:
        attrs = {"ordered": True, "start": int(first.group(3))}
    return Node("list", tuple(items), attrs), end


def _item_lines(lines: Lines, at: int, marker: re.Match[str]) -> tuple[list[str], int]:
    """Return an item's lines without its marker and indentation, and where it ends."""
    blanks = len(marker.group(4) or marker.group(5) or " ")
    width = marker.end(2) + blanks
    inner = [lines[at][marker.end() :]]
    empty = _BLANK.match(inner[0]) is not None
    if empty:
        width = marker.end(2) + 1
    end = k = at + 1
    while k < len(lines):
        line = _widened(lines[k])
        if _BLANK.match(line):
            if empty and k == at + 1:
                break
            inner.append(line[width:])
            if line[width:]:
                end = k + 1
        elif line.startswith(" " * width):
            inner.append(line[width:])
            end = k + 1
        elif k == end and _goes_on(inner, line) and not _MARKER.match(line):
            inner.append(line.lstrip(" \t"))
            end = k + 1
        else:
            break
        k += 1
    return inner[: end - at], end


def _item(lines: list[str], links: Links) -> Node:
    task = _TASK.match(lines[0])
    if task is None:
        return Node("item", tuple(b.node for b in read_blocks(lines, links)))
    rest = [lines[0][task.end() :], *lines[1:]]
    return Node("item", tuple(b.node for b in read_blocks(rest, links)), {"done": task.group(1) != " "})


def _html(lines: Lines, at: int, _: Links) -> tuple[Node, int] | None:
    for opening, closing in _HTML:
        if not opening.match(lines[at]):
            continue
        end = at
        while end < len(lines):
            if closing is _BLANK and _BLANK.match(lines[end]):
                break
            end += 1
            if closing is not _BLANK and closing.search(lines[end - 1]):
                break
        return _opaque("html", lines[at:end]), end
    return None


def _table(lines: Lines, at: int, links: Links) -> tuple[Node, int] | None:
    if not begins(lines, at):
        return None
    end = at + 2
    while end < len(lines) and not _BLANK.match(lines[end]) and not _interrupts(lines[end]):
        end += 1
    return read_table(lines[at:end], lambda text: read_inlines(text, links)) or _opaque("table", lines[at:end]), end


def _definition(lines: Lines, at: int, _: Links) -> tuple[Node, int] | None:
    if _NOTE.match(lines[at]):
        end = at + 1
        while end < len(lines) and lines[end].startswith("    "):
            end += 1
        return _opaque("footnote", lines[at:end]), end
    return (_opaque("definition", lines[at : at + 1]), at + 1) if _DEFINITION.match(lines[at]) else None


def _opaque(kind: str, lines: Lines) -> Node:
    raw = "\n".join(lines)
    text = "" if kind == "definition" else re.sub(r"<[^<>]*>", "", raw) if kind == "html" else raw
    return Node("opaque", (), {"format": FORMAT, "kind": kind, "raw": raw, "text": text.strip("\n")})


def _paragraph(lines: Lines, at: int, links: Links) -> tuple[Node, int]:
    end = at + 1
    while end < len(lines) and not _BLANK.match(lines[end]):
        under = _UNDERLINE.match(lines[end])
        if under:
            level = 1 if under.group(1)[0] == "=" else 2
            return Node("heading", _inlines(lines[at:end], links), {"level": level}), end + 1
        if _interrupts(lines[end]):
            break
        end += 1
    return Node("paragraph", _inlines(lines[at:end], links)), end


def _inlines(lines: Lines, links: Links) -> tuple[Node, ...]:
    return read_inlines("\n".join(line.lstrip(" \t") for line in lines).rstrip(" \t"), links)


def _interrupts(line: str) -> bool:
    """Say whether a line ends the paragraph before it."""
    checks: tuple[Callable[[str], object], ...] = (_HEADING.match, _RULE.match, _FENCE.match, _QUOTE.match)
    if any(check(line) for check in checks) or any(opening.match(line) for opening, _ in _HTML):
        return True
    marker = _MARKER.match(line)
    return bool(marker and not _BLANK.match(line[marker.end() :]) and marker.group(3) in (None, "1"))


def _widened(line: str) -> str:
    """Return a line with the tabs of its indentation as spaces, to stops of four."""
    if "\t" not in line:
        return line
    body = line.lstrip(" \t")
    return line[: len(line) - len(body)].expandtabs(4) + body
