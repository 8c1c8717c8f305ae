"""References: how a document names a person, a file, a page or a comment that lives outside of it. Pure.

Two references are one where they name one thing: the resolved key counts (`ours`), else the system and its key. What
the thing was called when it was read, or a signed address, is never part of it: that stands in the node's `extra`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from syncer.richtext.nodes import SHOWN, Mark, Node

KINDS = ("person", "media", "page", "item", "comment", "url", "synced")


@dataclass(frozen=True, slots=True)
class Reference:
    """A thing outside the document: its kind, the system that knows it, its key there, what it is called."""

    kind: str
    system: str
    key: str
    shown: str = ""

    def attr(self) -> dict[str, str]:
        """Return the reference as the attribute `ref`: without what it is called."""
        return {"kind": self.kind, "system": self.system, "key": self.key}


Resolver = Callable[[Reference], Reference | None]
"""Returns the same thing as another system (or we) knows it; None where that is not known."""


def reference(node: Node | Mark) -> Reference | None:
    """Return what a node or mark refers to; None where it refers to nothing."""
    ref = node.attrs.get("ref")
    if not isinstance(ref, Mapping):
        return None
    shown = str(node.extra.get(SHOWN, ""))
    return Reference(str(ref.get("kind", "")), str(ref.get("system", "")), str(ref.get("key", "")), shown)


def shown_as(text: str) -> Mapping[str, Any]:
    """Return the `extra` of a node whose reference is called `text`."""
    return {SHOWN: text} if text else {}


def resolved(node: Node, resolver: Resolver) -> Node:
    """Return a node, and all below it, with every reference that the resolver knows replaced. Others stay as read."""
    content = tuple([resolved(child, resolver) for child in node.content])
    marks = tuple([Mark(m.type, _attrs(m, resolver)[0], m.extra) for m in node.marks])
    attrs, shown = _attrs(node, resolver)
    extra = {**node.extra, SHOWN: shown} if shown else node.extra
    return Node(node.type, content, attrs, node.text, marks, extra)


def _attrs(node: Node | Mark, resolver: Resolver) -> tuple[Mapping[str, Any], str]:
    found = reference(node)
    other = resolver(found) if found else None
    return ({**node.attrs, "ref": other.attr()}, other.shown) if other else (node.attrs, "")
