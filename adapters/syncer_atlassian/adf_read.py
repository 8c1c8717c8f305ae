"""Atlassian Document Format → our document, in normal form at once. Pure.

What we do not model, what stands where the schema has no place for it, and what has values that the schema does not
take is kept whole, as an opaque node: so everything we read is something that ADF can say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from syncer.errors import DocumentError
from syncer.richtext.degrade import Grammar
from syncer.richtext.nodes import Node
from syncer.richtext.normal import normal
from syncer.richtext.shapes import MAX_DEPTH
from syncer_atlassian.adf_grammar import FORMAT, SYSTEM
from syncer_atlassian.adf_inline import read_inline
from syncer_atlassian.adf_tables import column_widths, span
from syncer_atlassian.adf_things import (
    MACRO_ATTRS,
    Raw,
    attrs_of,
    beyond,
    kind_of,
    macro_attrs,
    media_attrs,
    number,
    opaque,
)

Made = Node | None


class Reader:
    """Reads bodies of one product. `origin`, if `tracing`: the raw nodes each node was read from, by identity."""

    def __init__(self, grammar: Grammar, *, tracing: bool = False) -> None:
        self.grammar, self.tracing = grammar, tracing
        self.origin: dict[int, list[Any]] = {}
        self._alive: list[Node] = []

    def document(self, raw: Any) -> Node:
        """Read a whole body. Raises DocumentError."""
        if raw is None:
            return Node("doc")
        if not isinstance(raw, dict) or raw.get("type") != "doc" or not isinstance(raw.get("content", []), list):
            raise DocumentError("not an Atlassian document: expected an object of type doc with a content list")
        _refuse_depth(raw)
        return self._keep(Node("doc", self.blocks(raw, "doc")), raw)

    def blocks(self, raw: Raw, place: str) -> tuple[Node, ...]:
        """Read all blocks of a raw node."""
        return tuple([self.block(child, place) for child in _content(raw)])

    def block(self, raw: Any, place: str) -> Node:
        """Read one block as it stands at a place; always one node."""
        make = _MAKERS.get(kind_of(raw))
        node = make(self, raw, place) if make else None
        if node is None or not self._sayable(node, place):
            node = opaque(raw, self.grammar)
        return self._keep(node, raw)

    def line(self, raw: Raw) -> tuple[Node, ...]:
        """Read the inlines of a raw node, texts that look the same joined."""
        out: list[Node] = []
        last: Node | None = None
        for child in _content(raw):
            node = read_inline(child, self.grammar)
            if node.type != "text":
                out.append(self._keep(node, child))
                last = None
            elif last is not None and last.marks == node.marks:
                joined = normal(Node("text", (), {}, last.text + node.text, last.marks, {**node.extra, **last.extra}))
                former = self.origin[id(last)] if self.tracing else ()
                out[-1] = last = self._keep(joined, *former, child)
            elif node.text:
                last = self._keep(node, child)
                out.append(last)
        return tuple(out)

    def _keep(self, node: Node, *raws: Any) -> Node:
        if self.tracing:
            self._alive.append(node)
            self.origin[id(node)] = list(raws)
        return node

    def _filler(self) -> tuple[Node, ...]:
        """Return what stands where the schema wants something and there is nothing."""
        return (self._keep(Node("paragraph")),)

    def _sayable(self, node: Node, place: str) -> bool:
        kept = self.grammar.places[place].get(node.type)
        if kept is None or not node.attrs.keys() <= kept or (node.type in _OF_PARTS and not node.content):
            return False
        return self.grammar.fit(node, place) is node

    def _paragraph(self, raw: Raw, place: str) -> Made:
        if raw.keys() <= {"type", "content"}:
            return Node("paragraph", self.line(raw))
        look, extra = self._look(raw, place, "paragraph")
        return Node("paragraph", self.line(raw), look, extra=extra)

    def _heading(self, raw: Raw, place: str) -> Made:
        level = attrs_of(raw).get("level")
        look, extra = self._look(raw, place, "heading", "level")
        known = level if number(level) and level in range(1, 7) else 1
        return Node("heading", self.line(raw), {"level": int(known), **look}, extra=extra)

    def _look(self, raw: Raw, place: str, type: str, *known: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Read the alignment or indentation, which ADF has as marks; others stay in `extra`."""
        said = self.grammar.places[place].get(type, frozenset())
        look: dict[str, Any] = {}
        rest: list[Any] = []
        found = raw.get("marks")
        for mark in found if isinstance(found, list) else ():
            attrs = attrs_of(mark) if isinstance(mark, dict) else {}
            if not look and "align" in said and mark == _align(attrs.get("align")):
                look = {"align": attrs["align"]}
            elif (
                not look and "indent" in said and attrs.get("level") in range(1, 7) and mark == _indent(attrs["level"])
            ):
                look = {"indent": int(attrs["level"])}
            else:
                rest.append(mark)
        if not look:
            return {}, beyond(raw, *known)
        bare = {k: v for k, v in raw.items() if k != "marks"}
        return look, beyond({**bare, "marks": rest} if rest else bare, *known)

    def _list(self, raw: Raw, place: str) -> Made:
        items = _content(raw)
        if any(kind_of(item) != "listItem" for item in items):
            return None
        ordered, order = raw["type"] == "orderedList", attrs_of(raw).get("order")
        attrs: dict[str, Any] = {"ordered": True} if ordered else {}
        good = ordered and isinstance(order, int) and not isinstance(order, bool) and order >= 0
        if good and order != 1:
            attrs["start"] = order
        below = self._place(self._place(place, "list"), "item")
        made = [self._keep(Node("item", self.blocks(i, below) or self._filler(), extra=beyond(i)), i) for i in items]
        return Node("list", tuple(made), attrs, extra=beyond(raw, "order") if good else beyond(raw))

    def _tasks(self, raw: Raw, place: str) -> Made:
        """Read a task list; a list nested in it follows its item in ADF and belongs to it with us."""
        if "done" not in self.grammar.places.get(self._place(place, "list"), {}).get("item", ()):
            return None
        items: list[Node] = []
        for child in _content(raw):
            kind = kind_of(child)
            if kind == "taskItem" and attrs_of(child).get("state") in ("TODO", "DONE"):
                line = self._keep(Node("paragraph", self.line(child)), child)
                done = {"done": attrs_of(child)["state"] == "DONE"}
                items.append(self._keep(Node("item", (line,), done, extra=beyond(child, "state")), child))
            elif kind == "taskList" and items and (nested := self._tasks(child, place)) is not None:
                self._keep(nested, child)
                last = items.pop()
                item = Node("item", (*last.content, nested), last.attrs, extra=last.extra)
                items.append(self._keep(item, *(self.origin[id(last)] if self.tracing else ()), child))
            else:
                return None
        return Node("list", tuple(items), extra=beyond(raw)) if items else None

    def _decisions(self, raw: Raw, _: str) -> Made:
        items: list[Node] = []
        for child in _content(raw):
            state = attrs_of(child).get("state", "")
            if kind_of(child) != "decisionItem" or not isinstance(state, str) or state.lower().upper() != state.upper():
                return None
            said = {"state": state.lower()} if state else {}
            items.append(self._keep(Node("decision", self.line(child), said, extra=beyond(child, "state")), child))
        return Node("decisions", tuple(items), extra=beyond(raw))

    def _code(self, raw: Raw, _: str) -> Made:
        texts = [c.get("text") for c in _content(raw) if kind_of(c) == "text" and not c.get("marks")]
        if len(texts) != len(_content(raw)) or not all(isinstance(t, str) for t in texts):
            return None
        language = attrs_of(raw).get("language")
        good = isinstance(language, str) and language
        inner = (Node("text", (), {}, "".join(texts)),) if any(texts) else ()
        return normal(
            Node("code", inner, {"language": language} if good else {}, extra=beyond(raw, *["language"] * bool(good)))
        )

    def _quote(self, raw: Raw, place: str) -> Made:
        return self._holder("quote", raw, place, {})

    def _rule(self, raw: Raw, _: str) -> Made:
        return Node("rule", extra=beyond(raw))

    def _panel(self, raw: Raw, place: str) -> Made:
        said = _strings(raw, {"panelType": "kind", "panelIcon": "icon", "panelColor": "color"})
        return (
            self._holder("panel", raw, place, said, "panelType", "panelIcon", "panelColor") if "kind" in said else None
        )

    def _expand(self, raw: Raw, place: str) -> Made:
        inner = self._place(place, "expand")
        if (raw["type"] == "nestedExpand") != (inner == "nested expand"):
            return None
        return self._holder("expand", raw, place, _strings(raw, {"title": "title"}), "title")

    def _holder(self, type: str, raw: Raw, place: str, attrs: Mapping[str, Any], *known: str) -> Node:
        if type not in self.grammar.places[place]:
            return Node(type)
        content = self.blocks(raw, self._place(place, type)) or self._filler()
        return Node(type, content, attrs, extra=beyond(raw, *known))

    def _media_single(self, raw: Raw, _: str) -> Made:
        held = _content(raw)
        kinds = [kind_of(c) for c in held]
        found = media_attrs(attrs_of(held[0])) if kinds in (["media"], ["media", "caption"]) else None
        if found is None:
            return None
        said, known = found
        layout = attrs_of(raw).get("layout", "center")
        extra = beyond(raw, "layout")
        parts = {".media": beyond(held[0], *known), ".caption": beyond(held[1]) if len(held) > 1 else {}}
        for name, part in parts.items():
            for carried in part.values():
                extra.setdefault(FORMAT, {})[name] = carried
        caption = self.line(held[1]) if len(held) > 1 else ()
        return Node("media", caption, said if layout == "center" else {**said, "layout": layout}, extra=extra)

    def _media_group(self, raw: Raw, _: str) -> Made:
        out: list[Node] = []
        for child in _content(raw):
            found = media_attrs(attrs_of(child)) if kind_of(child) == "media" else None
            node = Node("media", (), found[0], extra=beyond(child, *found[1])) if found else None
            if node is None or self.grammar.fit(node, "media_group") is not node:
                return None
            out.append(self._keep(node, child))
        return Node("media_group", tuple(out), extra=beyond(raw))

    def _table(self, raw: Raw, place: str) -> Made:
        rows = _content(raw)
        cells = [_content(row) for row in rows if kind_of(row) == "tableRow"]
        if len(cells) != len(rows) or any(kind_of(c) not in _CELLS for row in cells for c in row):
            return None
        if "table" not in self.grammar.places[place]:
            return None
        widths = column_widths(cells)
        made = []
        for row, held in zip(rows, cells, strict=True):
            content = tuple([self._cell(cell, widths is not None) for cell in held])
            made.append(self._keep(Node("row", content, extra=beyond(row)), row))
        numbered = attrs_of(raw).get("isNumberColumnEnabled")
        attrs: dict[str, Any] = {"widths": widths} if widths else {}
        known = ("isNumberColumnEnabled",) if isinstance(numbered, bool) else ()
        return Node(
            "table", tuple(made), attrs | ({"numbered": True} if numbered is True else {}), extra=beyond(raw, *known)
        )

    def _cell(self, raw: Raw, sized: bool) -> Node:
        found = attrs_of(raw)
        spans = {k: found[k] for k in ("colspan", "rowspan") if span(found.get(k))}
        attrs: dict[str, Any] = {"header": True} if raw["type"] == "tableHeader" else {}
        attrs |= {k: int(v) for k, v in spans.items() if v != 1}
        if isinstance(found.get("background"), str):
            attrs |= {"background": found["background"]} if found["background"] else {}
        known = (*spans, *(["background"] if isinstance(found.get("background"), str) else ()), *["colwidth"] * sized)
        content = self.blocks(raw, "cell") or self._filler()
        return self._keep(Node("cell", content, attrs, extra=beyond(raw, *known)), raw)

    def _columns(self, raw: Raw, place: str) -> Made:
        if "columns" not in self.grammar.places[place]:
            return None
        out: list[Node] = []
        for child in _content(raw):
            width = attrs_of(child).get("width")
            if kind_of(child) != "layoutColumn" or not number(width) or not 0 <= width <= 100:
                return None
            content = self.blocks(child, "column") or self._filler()
            out.append(self._keep(Node("column", content, {"width": width}, extra=beyond(child, "width")), child))
        return Node("columns", tuple(out), extra=beyond(raw))

    def _card(self, raw: Raw, _: str) -> Made:
        url, kind = attrs_of(raw).get("url"), "embed" if raw["type"] == "embedCard" else "card"
        if not isinstance(url, str) or not self.grammar.link(url):
            return None
        return Node("embed", (), {"url": url, "kind": kind}, extra=beyond(raw, "url"))

    def _macro(self, raw: Raw, place: str) -> Made:
        said, text = macro_attrs(raw), attrs_of(raw).get("text", "")
        if said is None or not isinstance(text, str) or "macro" not in self.grammar.places[place]:
            return None
        bodies: tuple[Node, ...] = ()
        if raw["type"] == "bodiedExtension":
            bodies = (self._keep(Node("body", self.blocks(raw, "body") or self._filler()), raw),)
        elif raw.get("content"):
            return None
        return Node("macro", bodies, said, text, extra=beyond(raw, *MACRO_ATTRS))

    def _synced(self, raw: Raw, place: str) -> Made:
        key = attrs_of(raw).get("resourceId")
        if not isinstance(key, str) or "synced" not in self.grammar.places[place]:
            return None
        attrs: dict[str, Any] = {"ref": {"kind": "synced", "system": SYSTEM, "key": key}}
        if raw["type"] == "bodiedSyncBlock":
            return self._holder("synced", raw, place, {**attrs, "origin": True}, "resourceId")
        return Node("synced", (), attrs, extra=beyond(raw, "resourceId"))

    def _place(self, place: str, type: str) -> str:
        return self.grammar.inside.get((place, type), type)


_MAKERS: Mapping[str, Callable[[Reader, Raw, str], Made]] = {
    "paragraph": Reader._paragraph, "heading": Reader._heading, "bulletList": Reader._list, "orderedList": Reader._list,
    "taskList": Reader._tasks, "decisionList": Reader._decisions, "codeBlock": Reader._code,
    "blockquote": Reader._quote,
    "rule": Reader._rule, "panel": Reader._panel, "expand": Reader._expand, "nestedExpand": Reader._expand,
    "mediaSingle": Reader._media_single, "mediaGroup": Reader._media_group, "table": Reader._table,
    "layoutSection": Reader._columns, "blockCard": Reader._card, "embedCard": Reader._card, "extension": Reader._macro,
    "bodiedExtension": Reader._macro, "syncBlock": Reader._synced, "bodiedSyncBlock": Reader._synced,
}  # fmt: skip
_OF_PARTS = {"list", "decisions", "table", "media_group", "columns"}
_CELLS = {"tableCell", "tableHeader"}


def _align(value: Any) -> Any:
    return {"type": "alignment", "attrs": {"align": value}} if value in ("center", "end") else None


def _indent(value: Any) -> Any:
    return {"type": "indentation", "attrs": {"level": value}}


def _strings(raw: Raw, names: Mapping[str, str]) -> dict[str, Any]:
    found = attrs_of(raw)
    return {
        ours: found[theirs] for theirs, ours in names.items() if isinstance(found.get(theirs), str) and found[theirs]
    }


def _content(raw: Raw) -> list[Any]:
    found = raw.get("content")
    if found is not None and not isinstance(found, list):
        raise DocumentError(f"the content of a {raw['type']} is not a list")
    return found or []


def _refuse_depth(raw: Any) -> None:
    waiting: list[tuple[Any, int]] = [(raw, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise DocumentError(f"nodes are nested deeper than {MAX_DEPTH}")
        held = node.get("content") if isinstance(node, dict) else None
        if isinstance(held, list):
            waiting += [(child, depth + 1) for child in held]
