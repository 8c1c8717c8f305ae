"""Derived fields: computed from the merged items, after the merge and before the plan. Pure.

A score comes from an item's own fields. The progress of a goal comes from what serves it directly; of anything else,
from the items below it that have nothing below themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncer.engine.merge import Clash, Outcome
from syncer.engine.state import UNDONE, Decision
from syncer.mapping.rules import Rules, Value
from syncer.model.item import Category
from syncer.model.kinds import KINDS, derive, fields_of
from syncer.store.rows import ItemRow

COMPUTED = "computed"
"""Stands among the sides of a conflict for what is computed."""


@dataclass(frozen=True, slots=True)
class Node:
    """An item as far as progress asks: what it is part of, and how far it has come."""

    kind: str
    status: Value
    above: tuple[str, ...]

    @classmethod
    def of(cls, kind: str, fields: Mapping[str, Value]) -> Node:
        """Return an item's node."""
        above = [fields.get("parent"), *(fields.get("goals") or ())]
        return cls(kind, fields.get("status"), tuple(a for a in above if a))


@dataclass(slots=True)
class Tree:
    """Every living item by id, and what is below each."""

    nodes: dict[str, Node]
    below: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item, node in self.nodes.items():
            for above in node.above:
                self.below.setdefault(above, []).append(item)

    def above(self, item: str) -> set[str]:
        """Return everything that an item is part of, at any height."""
        found: set[str] = set()
        todo = [item]
        while todo:
            node = self.nodes.get(todo.pop())
            more = [a for a in node.above if a not in found] if node else []
            todo += more
            found.update(more)
        return found

    def parts(self, item: str) -> list[str]:
        """Return the items whose state makes up an item's progress."""
        if self.nodes[item].kind == "goal":
            return self.below.get(item, [])
        return self.leaves(item)

    def leaves(self, item: str, seen: frozenset[str] = frozenset()) -> list[str]:
        """Return the items at the bottom below an item."""
        found: list[str] = []
        for part in self.below.get(item, ()):
            if part not in seen:
                found += self.leaves(part, seen | {item}) or [part]
        return found


def shown_derived(rules: Rules) -> Mapping[str, frozenset[str]]:
    """Return, by kind, the derived fields that some side shows."""
    found: dict[str, set[str]] = {}
    for side in rules.sides.values():
        for kind, rule in side.kinds.items():
            known = fields_of(kind) if kind in KINDS else {}
            found.setdefault(kind, set()).update(n for n in rule.fields if n in known and known[n].derived)
    return {kind: frozenset(names) for kind, names in found.items() if names}


def touched(before: Tree, after: Tree, moved: Collection[str], wanted: Mapping[str, frozenset[str]]) -> set[str]:
    """Return the items whose progress these moves may have changed, and which some side shows."""
    found = {above for tree in (before, after) for item in moved for above in tree.above(item)}
    return {i for i in found if i in after.nodes and "progress" in wanted.get(after.nodes[i].kind, ())}


def derive_fields(decision: Decision, wanted: Collection[str], tree: Tree | None, rules: Rules) -> None:
    """Put the derived fields of one decided item in place; what cannot be computed is absent."""
    parts: list[Category] = []
    if tree is not None and decision.item in tree.nodes:
        statuses = [tree.nodes[part].status for part in tree.parts(decision.item)]
        parts = [Category(rules.statuses.get(s, Category.IDEA)) for s in statuses]
    computed: Mapping[str, Any] = derive(decision.view.kind, decision.fields, parts)
    for name in wanted:
        if name in decision.view.holds and computed.get(name) != decision.view.fields.get(name):
            _hold(decision, name, computed.get(name))
        else:
            decision.put(name, computed.get(name))


def _hold(decision: Decision, name: str, value: Value) -> None:
    """Leave a field as an undo left it: what is computed is written again when a person says so, or comes to that."""
    item = decision.view.fields.get(name)
    decision.outcomes[name] = Outcome(item, clash=Clash(item, {COMPUTED: value}, UNDONE))
    decision.put(name, item)


def trees(rows: Iterable[ItemRow], decisions: Mapping[str, Decision]) -> tuple[Tree, Tree, set[str]]:
    """Return the living items before and after these decisions, and which of them moved."""
    before = {row.id: Node.of(row.kind, row.fields) for row in rows if row.state == "live"}
    after, moved = dict(before), set()
    for item, decision in decisions.items():
        after.pop(item, None)
        if decision.state == "live":
            after[item] = Node.of(decision.view.kind, decision.fields)
        if after.get(item) != before.get(item):
            moved.add(item)
    return Tree(before), Tree(after), moved
