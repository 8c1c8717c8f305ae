"""Writes documents that ADF can say: whole, or over the body they were read from, which keeps what stayed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncer.richtext.degrade import Grammar
from syncer.richtext.diff import align, key
from syncer.richtext.nodes import Document, Node
from syncer.richtext.weave import hunks, match
from syncer_atlassian.adf_heads import file_of, looks, raw_head
from syncer_atlassian.adf_inline import write_inline
from syncer_atlassian.adf_tables import cell_widths
from syncer_atlassian.adf_things import put_together

JSON = dict[str, Any]
Origin = Mapping[int, Sequence[Any]]
_LINES = frozenset({"paragraph", "heading", "decision"})


class Writer:
    """Writes nodes. `origin`: the raw nodes that each node of the former document was read from, by its identity."""

    def __init__(self, grammar: Grammar, origin: Origin | None = None) -> None:
        self.grammar, self.origin = grammar, origin or {}
        self._widths: dict[int, list[Any]] = {}
        """Of each cell, by its identity: the widths of the columns it covers."""
        self._alive: list[Node] = []

    def document(self, document: Document) -> JSON:
        """Write a whole body."""
        return {"version": 1, "type": "doc", "content": self.all((), document.content, "doc")}

    def over(self, raw: JSON, was: Document, now: Document) -> JSON:
        """Write a document over the body that `was` was read from."""
        return {**raw, "content": self.all(was.content, now.content, "doc")}

    def all(self, olds: Sequence[Node], news: Sequence[Node], place: str) -> list[Any]:
        """Write siblings; those that are former ones, edited or not, over these."""
        if not olds:
            return [raw for new in news for raw in self.node(None, new, place)]
        out: list[Any] = []
        for i, j in align(olds, news):
            if j is not None:
                out += self.node(None if i is None else olds[i], news[j], place)
        return out

    def node(self, old: Node | None, new: Node, place: str) -> Sequence[Any]:
        """Write one node: as several raw ones where a task has tasks of its own."""
        if old is not None and key(old) == key(new) and self._sized(old) == self._sized(new):
            return self.origin[id(old)]
        if old is not None and (old.type != new.type or "opaque" in (old.type, new.type)):
            old = None
        if new.type == "opaque":
            return (dict(new.attrs["raw"]),)
        if old is not None and ("done" in old.attrs) != ("done" in new.attrs):
            old = None
        if old is not None and old.extra:
            made = Node(new.type, new.content, new.attrs, new.text, new.marks, {**old.extra, **new.extra})
            self._alive.append(made)
            if id(new) in self._widths:
                self._widths[id(made)] = self._widths[id(new)]
            new = made
        if new.type == "item" and "done" in new.attrs:
            return self._task(old, new, place)
        former = self.origin[id(old)][0] if old is not None else None
        if new.type == "media":
            return (self._media(former, old, new, place),)
        if new.type == "table":
            self._widths |= {**(cell_widths(old) if old is not None else {}), **cell_widths(new)}
        out = _over(former, None if old is None else self.head(old, place), self.head(new, place))
        content = self._content(old, new, place)
        if content is None:
            out.pop("content", None)
        else:
            out["content"] = content
        return (out,)

    def _sized(self, node: Node) -> list[Any]:
        """Return the widths that a cell, or each cell of a row, is written with: a table tells them by its cells."""
        if node.type == "cell":
            return self._widths.get(id(node), [])
        return [self._sized(cell) for cell in node.content] if node.type == "row" else []

    def head(self, node: Node, place: str) -> JSON:
        """Return a raw node without its content."""
        kind, attrs = raw_head(node, (place, "expand") in self.grammar.inside, self._widths.get(id(node)))
        out = put_together(kind, attrs, node, [])
        marks = [*looks(node), *out.get("marks", ())]
        return {**out, "marks": marks} if marks else out

    def _content(self, old: Node | None, new: Node, place: str) -> list[Any] | None:
        before = old.content if old is not None else ()
        if new.type in _LINES:
            return self._line(before, new.content)
        if new.type == "code":
            former = self.origin[id(old)][0].get("content") if old is not None else None
            return _respelled(former or (), new.plain())
        if new.type == "macro":
            if not new.content:
                return None
            return self.all(before[0].content if before else (), new.content[0].content, "body")
        if new.type in ("rule", "embed") or (new.type == "synced" and not new.content):
            return None
        return self.all(before, new.content, self.grammar.inside.get((place, new.type), new.type))

    def _line(self, olds: Sequence[Node], news: Sequence[Node]) -> list[Any]:
        """Write inlines: those that stay as they were read; a text in the place of another keeps what it carried."""
        pairs = match([key(n) for n in olds], [key(n) for n in news])
        former = {j: i for i, j in pairs}
        for h in hunks(pairs, len(olds), len(news)):
            if h.end - h.start == h.last - h.first:
                former |= {h.first + k: h.start + k for k in range(h.end - h.start)}
        out: list[Any] = []
        for j, new in enumerate(news):
            old = olds[former[j]] if j in former else None
            if old is not None and key(old) == key(new):
                out += self.origin[id(old)]
            elif old is not None and old.type == new.type == "text" and old.marks == new.marks:
                out += _respelled(self.origin[id(old)], new.text)
            else:
                out.append(write_inline(new))
        return out

    def _task(self, old: Node | None, item: Node, place: str) -> list[Any]:
        former = self.origin[id(old)][0] if old is not None else None
        out = _over(former, None if old is None else self.head(old, place), self.head(item, place))
        out["content"] = self._line(old.content[0].content if old is not None else (), item.content[0].content)
        nested = self.all(old.content[1:] if old is not None else (), item.content[1:], "item")
        return [out, *nested]

    def _media(self, former: JSON | None, old: Node | None, new: Node, place: str) -> JSON:
        if place == "media_group":
            return _over(former, None if old is None else file_of(old, ""), file_of(new, ""))
        single = {k: v for k, v in self.head(new, place).items() if k != "content"}
        held = former["content"] if former is not None else [None, None]
        was = None if old is None else {k: v for k, v in self.head(old, place).items() if k != "content"}
        out = _over(former, was, single)
        content: list[Any] = [_over(held[0], None if old is None else file_of(old, ".media"), file_of(new, ".media"))]
        if new.content or (len(held) > 1 and held[1] is not None):
            caption = held[1] if len(held) > 1 and held[1] is not None else {"type": "caption"}
            content.append({**caption, "content": self._line(old.content if old is not None else (), new.content)})
        return {**out, "content": content}


def _respelled(raws: Sequence[Any], text: str) -> list[Any]:
    """Write a text over the raw texts that it was read from: only the one that the edit lies in changes."""
    was = "".join([raw["text"] for raw in raws])
    if "\r" in was or not text:
        return [{"type": "text", "text": text}] if text else []
    start = _shared(was, text)
    tail = min(_shared(was[::-1], text[::-1]), min(len(was), len(text)) - start)
    at = 0
    for k, raw in enumerate(raws):
        end = at + len(raw["text"])
        if at <= start and len(was) - tail <= end:
            inside = text[at : len(text) - (len(was) - end)]
            return [*raws[:k], *([{**raw, "text": inside}] if inside else []), *raws[k + 1 :]]
        at = end
    return [{**raws[0], "text": text}] if raws else [{"type": "text", "text": text}]


def _shared(a: str, b: str) -> int:
    """Return how many letters two texts begin with in common."""
    return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _over(raw: JSON | None, before: JSON | None, after: JSON) -> JSON:
    """Make in a raw node, in the order it has, the changes that lie between two heads."""
    if raw is None or before is None:
        return after
    out: JSON = {}
    for name, value in raw.items():
        if name == "content" or (name not in before and name not in after):
            out[name] = value
        elif name in after:
            same = name in before and before[name] == after[name]
            deep = isinstance(value, dict) and isinstance(after[name], dict) and isinstance(before.get(name), dict)
            out[name] = value if same else _over(value, before[name], after[name]) if deep else after[name]
    return {**out, **{k: v for k, v in after.items() if k not in raw and (k not in before or before[k] != v)}}
