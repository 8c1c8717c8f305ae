"""Writes documents as Markdown that reads back as what it was: no character of a text ever turns into markup. Pure.

Emphasis is written with signs where they read back, else with the tags that mean the same (strong, em, del, code).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from syncer.formats.markdown_inline import FORMAT, read_inlines
from syncer.formats.markdown_tables import fit, write_table
from syncer.richtext.degrade import NONE, Grammar
from syncer.richtext.nodes import MARK_ORDER, Mark, Node
from syncer.richtext.normal import marks as mark_set
from syncer.richtext.normal import runs

_HELD = {
    "paragraph": NONE, "heading": frozenset({"level"}), "list": frozenset({"ordered", "start"}),
    "code": frozenset({"language"}), "quote": NONE, "rule": NONE, "table": NONE,
}  # fmt: skip
GRAMMAR = Grammar(
    FORMAT,
    {
        **dict.fromkeys(("doc", "item", "quote"), _HELD),
        "list": {"item": frozenset({"done"})},
        "table": {"row": NONE},
        "row": {"cell": frozenset({"header"})},
        "cell": {"paragraph": NONE},
    },
    {"text": NONE, "break": NONE},
    {**dict.fromkeys(("bold", "italic", "strike", "underline", "code"), NONE), "link": frozenset({"href", "title"})},
    marked={"text": frozenset({"*"}), "opaque": frozenset({"*"})},
    filled=frozenset({"cell"}),
    fit=fit,
)
"""What Markdown can say."""
_SIGNS = {"bold": "**", "italic": "_", "strike": "~~"}
_TAGS = {"bold": "strong", "italic": "em", "strike": "del", "underline": "u", "code": "code"}
_SPECIAL = re.compile(r"[\\`*\[\]<~]|(?<![^\W_])_|_(?![^\W_])|&(?=[#A-Za-z])")
_EDGE = re.compile(r"\A[ \t]+|[ \t]+\Z")
_LOOSE = re.compile(r"^[ \t]|[ \t]$", re.MULTILINE)
"""A blank at the end of a line, which Markdown drops."""
_LINE_START = re.compile(r"(#{1,6}(?=[ \t]|\Z)|>|[-+](?=[ \t\-]|\Z)|=+\Z|\||:(?=-))|(\d{1,9})([.)])(?=[ \t]|\Z)")
_RULE = re.compile(r"([-*])(?: *\1){2,} *\Z")
_ORDERED_MAX = 999_999_999


def write_blocks(blocks: Sequence[Node]) -> str:
    """Write blocks, with an empty line between them."""
    return "\n\n".join(text for _, text in _written(blocks))


def _written(blocks: Sequence[Node]) -> list[tuple[Node, str]]:
    out: list[tuple[Node, str]] = []
    twin = 0
    for block in blocks:
        # Two lists of one kind, side by side, stay two only under different markers.
        beside = bool(out) and block.type == "list" and out[-1][0].type == "list" and _kind(out[-1][0]) == _kind(block)
        twin = 1 - twin if beside else 0
        text = write_block(block, twin)
        if text is not None:
            out.append((block, text))
    return out


def _kind(node: Node) -> bool:
    return bool(node.attrs.get("ordered"))


def write_block(node: Node, twin: int = 0) -> str | None:
    """Write one block; None for what Markdown cannot show."""
    if node.type == "paragraph":
        return write_inlines(node.content) or None
    if node.type == "heading":
        return f"{'#' * _level(node)} {_heading_text(node)}".rstrip(" ")
    if node.type == "code":
        return _code(node)
    if node.type == "rule":
        return "___"
    if node.type == "quote":
        return "\n".join(f"> {line}" if line else ">" for line in write_blocks(node.content).split("\n"))
    if node.type == "list":
        return _list(node, twin) if node.content else None
    if node.type == "table":
        return write_table(node, lambda nodes: write_inlines(nodes, one_line=True))
    if node.type == "opaque":
        return str(node.attrs["raw"])
    return write_inlines(node.content) or None


def _level(node: Node) -> int:
    level = node.attrs.get("level", 1)
    return min(6, max(1, level)) if isinstance(level, int) else 1


def _heading_text(node: Node) -> str:
    text = write_inlines(node.content, one_line=True)
    return re.sub(r"#(?=#*\Z)", r"\\#", text) if text.endswith("#") else text


def _code(node: Node) -> str:
    text = node.plain().replace("\r", "\n")
    longest = max((len(m) for m in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    language = re.sub(r"([\\&])", r"\\\1", " ".join(str(node.attrs.get("language", "")).split()))
    if "`" in language:
        longest = max((len(m) for m in re.findall("~{3,}", text)), default=2)
        fence = "~" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}" if text else f"{fence}{language}\n{fence}"


def _list(node: Node, twin: int) -> str:
    ordered, start = _kind(node), node.attrs.get("start", 1)
    first = start if isinstance(start, int) and 0 <= start <= _ORDERED_MAX - len(node.content) else 1
    out: list[str] = []
    for k, item in enumerate(node.content):
        marker = f"{first + k}{'.)'[twin]} " if ordered else f"{'-*'[twin]} "
        out.append(_item(item, marker))
    loose = any(_loose(item) for item in node.content)
    return ("\n\n" if loose else "\n").join(out)


def _loose(item: Node) -> bool:
    return len(item.content) > 1 and any(b.type != "list" for b in item.content[1:])


def _item(item: Node, marker: str) -> str:
    tick = "" if "done" not in item.attrs else "[x]" if item.attrs["done"] else "[ ]"
    text = ""
    before: Node | None = None
    for block, written in _written(item.content):
        if before is not None:
            text += "\n" if before.type == "paragraph" and _hugs(block, written) else "\n\n"
        elif tick:
            text = f"{tick} " if block.type == "paragraph" else f"{tick}\n\n"
        text += written
        before = block
    if before is None:
        text = tick
    if _RULE.match(marker + text.split("\n")[0]):
        text = "\n" + text  # markers of empty entries in a row would be a rule
    lines = text.split("\n")
    pad = " " * len(marker)
    return "\n".join(
        [marker + lines[0] if lines[0] else marker.rstrip(" "), *(pad + line if line else "" for line in lines[1:])]
    )


def _hugs(block: Node, written: str) -> bool:
    """Say whether a list may follow a paragraph without an empty line (CommonMark: what may interrupt it)."""
    if block.type != "list" or (block.attrs.get("ordered") and block.attrs.get("start", 1) != 1):
        return False
    return len(written.split("\n")[0].split(" ", 1)) > 1


def write_inlines(nodes: Sequence[Node], *, one_line: bool = False) -> str:
    """Write inlines; with signs for emphasis if that reads back as what it was, else with tags."""
    wanted = runs(_prepared(n) for n in nodes)
    for style in (_Style(one_line, edges=False), _Style(one_line), _Style(one_line, tags=True)):
        text = _line_starts(_run(wanted, style))
        if style.tags or ((style.edges or not _LOOSE.search(text)) and _reads(text) == wanted):
            return text
    return ""


@dataclass(frozen=True, slots=True)
class _Style:
    """How inlines are written: `tags` for emphasis instead of signs; `edges`: blanks at a run's ends as entities."""

    one_line: bool
    edges: bool = True
    tags: bool = False


def _reads(text: str) -> tuple[Node, ...]:
    found = read_inlines(text, {})
    return runs(Node(n.type, n.content, n.attrs, n.text, mark_set(n.marks)) for n in found)


def _prepared(node: Node) -> Node:
    """Return an inline without what is only carried."""
    if node.type == "break":
        return Node("break")
    if node.type == "opaque":
        return Node("opaque", (), node.attrs, "", mark_set(node.marks))
    return Node("text", text=node.text, marks=mark_set([Mark(m.type, m.attrs) for m in node.marks]))


def _run(nodes: Sequence[Node], style: _Style) -> str:
    """Write runs of nodes that share the marks written so far."""
    out = ""
    for mark, group in groupby(nodes, key=_next):
        held = list(group)
        if mark is None:
            out += "".join(_atom(n, k, held, style) for k, n in enumerate(held))
            continue
        inner = _run([_without(n, mark) for n in held], style)
        piece = _marked(mark, inner, held, style.tags)
        if out.endswith("!") and piece.startswith("["):
            out = out[:-1] + "\\!"
        out += piece
    return out


def _next(node: Node) -> Mark | None:
    known = [m for m in node.marks if m.type in MARK_ORDER]
    return known[0] if known else None


def _without(node: Node, mark: Mark) -> Node:
    return Node(node.type, node.content, node.attrs, node.text, tuple(m for m in node.marks if m != mark))


def _marked(mark: Mark, inner: str, held: Sequence[Node], tags: bool) -> str:
    if mark.type == "link":
        return f"[{inner}]({_target(mark.attrs)})"
    if mark.type == "code" and not tags and all(n.type == "text" and "\n" not in n.text for n in held):
        return _span("".join(n.text for n in held))
    sign = _SIGNS.get(mark.type)
    if sign and not tags:
        return f"{sign}{inner}{sign}"
    tag = _TAGS[mark.type]
    return f"<{tag}>{inner}</{tag}>"


def _span(text: str) -> str:
    longest = max((len(m) for m in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text[:1] in "` " or text[-1:] in "` " else ""
    return f"{fence}{pad if text.strip(' ') else ''}{text}{pad if text.strip(' ') else ''}{fence}"


def _target(attrs: Any) -> str:
    href = re.sub(r"([\\<>&])", r"\\\1", str(attrs["href"])).replace("\n", "&#10;")
    if not href or re.search(r"[\s()<>\x00-\x1f]", href):
        href = f"<{href}>"
    title = str(attrs.get("title") or "")
    quoted = re.sub(r"([\\\"&])", r"\\\1", title).replace("\n", "&#10;")
    return f'{href} "{quoted}"' if title else href


def _atom(node: Node, k: int, held: Sequence[Node], style: _Style) -> str:
    if node.type == "opaque":
        return str(node.attrs["raw"])
    if node.type == "break":
        inside = 0 < k < len(held) - 1 and held[k - 1].type == "text" and held[k + 1].type == "text"
        return "\\\n" if inside and not style.one_line and not style.tags else "<br>"
    text = _SPECIAL.sub(lambda m: "\\" + m.group(), node.text)
    if style.edges and _at_edge(node, k, held):
        text = _EDGE.sub(lambda m: "".join(f"&#{ord(c)};" for c in m.group()), text)
    return text.replace("\n", "&#10;").replace("\r", "&#13;")


def _at_edge(node: Node, k: int, held: Sequence[Node]) -> bool:
    """Say whether blanks at a run's ends may lie at the ends of a line, where Markdown drops them."""
    return k in (0, len(held) - 1) or "break" in (held[k - 1].type, held[k + 1].type)


def _line_starts(text: str) -> str:
    return "\n".join(
        _LINE_START.sub(_escaped, line, count=1) if _LINE_START.match(line) else line for line in text.split("\n")
    )


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found.group(1)}" if found.group(1) else f"{found.group(2)}\\{found.group(3)}"
