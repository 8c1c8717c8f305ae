"""What stands for a node that a format cannot say: simpler nodes that a person can read. Pure.

Every stand-in is made of simpler types than what it stands for, down to paragraphs of text, so that trying again ends.
Words are kept; what is added is a bracket, a bar or a bold line. How a thing is shown is named in a few words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from syncer.richtext.nodes import Mark, Node

Nodes = tuple[Node, ...]
StandIn = tuple[str, Nodes]

BOLD = (Mark("bold"),)
_BAR = " | "


def instead(node: Node) -> StandIn:
    """Return how a block is shown where it cannot be, and the blocks that stand for it."""
    known = _BLOCKS.get(node.type)
    return known(node) if known else ("as what it holds", node.content)


def in_line(node: Node) -> StandIn:
    """Return how an inline is shown where it cannot be, and the inlines that stand for it."""
    how, text, *marks = _LINES[node.type](node)
    return how, (Node("text", (), {}, text, (*node.marks, *marks)),) if text else ()


def spelled_out(node: Node, lost: Collection[str]) -> tuple[Nodes, Node, str]:
    """Return the blocks before, the node, and how: attributes that a person would miss are written out as words."""
    said = {name: node.attrs[name] for name in lost if name in _VISIBLE.get(node.type, ()) and name in node.attrs}
    if "done" in said:
        return (), _prefixed(node, "[x] " if said["done"] else "[ ] "), "as brackets"
    if "state" in said:
        return (), _prefixed(node, f"[{said['state']}] ") if said["state"] else node, "in brackets"
    if "label" in said:
        return (), _prefixed(node, f"[^{said['label']}]: "), "in brackets"
    title = " ".join(str(said[name]) for name in ("icon", "title") if said.get(name))
    if not title:
        return (), node, "left out"
    if node.type == "code":
        return (_bold(title),), node, "as a line before it"
    return (), replace(node, content=(_bold(title), *node.content)), "as its first line"


_VISIBLE = {
    "item": ("done",), "decision": ("state",), "code": ("title",), "panel": ("icon", "title"), "expand": ("title",),
    "tab": ("title",), "footnote": ("label",),
}  # fmt: skip


def _text(text: str, marks: tuple[Mark, ...] = ()) -> Node:
    return Node("text", (), {}, text, marks)


def _line(text: str, marks: tuple[Mark, ...] = ()) -> Node:
    return Node("paragraph", (_text(text, marks),) if text else ())


def _bold(text: str) -> Node:
    return _line(text, BOLD)


def _prefixed(node: Node, text: str) -> Node:
    """Put words before the first line of a node."""
    if node.type == "decision":
        return replace(node, content=(_text(text), *node.content))
    if node.content and node.content[0].type == "paragraph":
        first = replace(node.content[0], content=(_text(text), *node.content[0].content))
        return replace(node, content=(first, *node.content[1:]))
    return replace(node, content=(_line(text.rstrip(" ")), *node.content))


def _heading(node: Node) -> StandIn:
    bold = tuple([replace(n, marks=(*n.marks, *BOLD)) if n.type == "text" else n for n in node.content])
    return "as a bold line", (Node("paragraph", bold),)


def _list(node: Node) -> StandIn:
    out: list[Node] = []
    start = int(node.attrs.get("start", 1))
    for k, item in enumerate(node.content):
        tick = "" if "done" not in item.attrs else "[x] " if item.attrs["done"] else "[ ] "
        sign = f"{start + k}. " if node.attrs.get("ordered") else "- "
        out += _prefixed(item, sign + tick).content
    return "as lines", tuple(out)


def _decisions(node: Node) -> StandIn:
    items = [_prefixed(d, f"[{d.attrs['state']}] ") if d.attrs.get("state") else d for d in node.content]
    return "as a list", _listed([(Node("paragraph", d.content),) for d in items])


def _listed(entries: Sequence[Nodes]) -> Nodes:
    items = tuple([Node("item", blocks) for blocks in entries])
    return (Node("list", items),) if items else ()


def _code(node: Node) -> StandIn:
    lines: list[Node] = []
    for k, text in enumerate(node.plain().split("\n")):
        lines += [Node("break")] * (k > 0) + ([_text(text, (Mark("code"),))] if text else [])
    return "as lines", (Node("paragraph", tuple(lines)),)


def _table(node: Node) -> StandIn:
    """One line a row where every cell is one line; else a list of rows, with the cells' blocks in it."""
    cells = [cell for row in node.content for cell in row.content]
    if all(_one_line(cell) for cell in cells):
        return "as lines, a bar between cells", tuple([_row_line(row) for row in node.content])
    return "as a list of rows", _listed([_listed([c.content for c in row.content]) for row in node.content])


def _one_line(cell: Node) -> bool:
    if len(cell.content) > 1 or any(b.type != "paragraph" for b in cell.content):
        return False
    return not any(n.type == "break" or "\n" in n.text for b in cell.content for n in b.content)


def _row_line(row: Node) -> Node:
    out: list[Node] = []
    for k, cell in enumerate(row.content):
        out += [_text(_BAR)] * (k > 0)
        out += [n for block in cell.content for n in block.content]
    return Node("paragraph", tuple(out))


def _panel(node: Node) -> StandIn:
    title = " ".join(str(node.attrs[n]) for n in ("icon", "title") if node.attrs.get(n))
    said = title or ("" if node.attrs.get("kind") == "custom" else str(node.attrs.get("kind", "")).capitalize())
    return "as a quote", (Node("quote", (*([_bold(said)] if said else []), *node.content)),)


def _expand(node: Node) -> StandIn:
    title = str(node.attrs.get("title", ""))
    return "as its title and what it holds", (*([_bold(title)] if title else []), *node.content)


def _tabs(node: Node) -> StandIn:
    return "one below the other", tuple([b for tab in node.content for b in _expand(tab)[1]])


def _columns(node: Node) -> StandIn:
    return "one below the other", tuple([b for column in node.content for b in column.content])


def _media(node: Node) -> StandIn:
    _, line = in_line(replace(node, content=(), attrs={**node.attrs, "inline": True}))
    caption = (Node("paragraph", node.content),) if node.content else ()
    return "as its name", (*([Node("paragraph", line)] if line else []), *caption)


def _synced(node: Node) -> StandIn:
    if node.content:
        return "as what it holds", node.content
    return "in brackets", (_line(f"[shown elsewhere: {node.plain() or node.attrs['ref']['key']}]"),)


def _footnote(node: Node) -> StandIn:
    return "in brackets", _prefixed(node, f"[^{node.attrs['label']}]: ").content


def _macro(node: Node) -> StandIn:
    held: list[Node] = []
    for body in node.content:
        held += [Node("code", body.content)] if body.attrs.get("plain") else body.content
    return "as its name and what it holds", (_line(_macro_name(node)), *held)


def _macro_name(node: Node) -> str:
    params: Any = node.attrs.get("params")
    simple = (
        [f"{k}={v}" for k, v in params.items() if isinstance(v, (str, int, float))] if isinstance(params, dict) else []
    )
    return f"[{node.text or ' '.join([str(node.attrs['name']), *simple])}]"


def _opaque(node: Node) -> StandIn:
    lines: list[Node] = []
    for k, text in enumerate(str(node.attrs.get("text", "")).split("\n")):
        lines += [Node("break")] * (k > 0) + ([_text(text)] if text else [])
    return "as its words", (Node("paragraph", tuple(lines)),) if any(n.text for n in lines) else ()


_BLOCKS: dict[str, Callable[[Node], StandIn]] = {
    "heading": _heading,
    "list": _list,
    "decisions": _decisions,
    "code": _code,
    "rule": lambda _: ("as dashes", (_line("———"),)),
    "table": _table,
    "panel": _panel,
    "expand": _expand,
    "media": _media,
    "media_group": lambda n: ("one after the other", n.content),
    "columns": _columns,
    "tabs": _tabs,
    "equation": lambda n: ("as code", (Node("code", (_text(n.text),) if n.text else (), {"language": "latex"}),)),
    "embed": lambda n: ("as a link", (_line(n.plain(), (Mark("link", {"href": n.plain()}),)),)),
    "toc": lambda _: ("in brackets", (_line("[table of contents]"),)),
    "synced": _synced,
    "footnote": _footnote,
    "html": lambda n: ("as code", (Node("code", (_text(n.text),) if n.text else (), {"language": "html"}),)),
    "macro": _macro,
    "opaque": _opaque,
}


def _called(node: Node) -> tuple[Any, ...]:
    """A picture or file: its name, as a link where it has an address."""
    ref = node.attrs["ref"]
    name = str(node.attrs.get("alt") or node.extra.get("shown") or ref["key"])
    return (
        ("as a link", name, Mark("link", {"href": ref["key"]}))
        if ref["kind"] == "url"
        else ("as its name", f"[{name}]")
    )


_LINES: dict[str, Callable[[Node], tuple[Any, ...]]] = {
    "text": lambda n: ("as text", n.text),
    "break": lambda _: ("as a blank", " "),
    "soft": lambda _: ("as a blank", " "),
    "mention": lambda n: ("as a name", n.plain()),
    "emoji": lambda n: ("as text", n.text or f":{n.attrs['name'].strip(':')}:"),
    "date": lambda n: ("as text", n.plain()),
    "status": lambda n: ("in brackets", f"[{n.text}]"),
    "card": lambda n: ("as a link", n.plain(), Mark("link", {"href": n.plain()})),
    "placeholder": lambda n: ("as text", n.text),
    "anchor": lambda _: ("left out", ""),
    "footnote_ref": lambda n: ("in brackets", n.plain()),
    "equation": lambda n: ("as code", n.text, Mark("code")),
    "html": lambda n: ("as text", n.text),
    "media": _called,
    "macro": lambda n: ("in brackets", _macro_name(n)),
    "opaque": lambda n: ("as its words", n.plain()),
}
