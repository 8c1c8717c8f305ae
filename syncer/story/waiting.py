"""What waits for a person, in words and in groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncer.engine.merge import ITEM
from syncer.engine.state import UNDONE
from syncer.errors import UserError
from syncer.mapping.load import nearest
from syncer.store.rows import ConflictRow, ItemRow

ANSWERS: Mapping[tuple[str, str], str] = {
    ("hidden", "removed"): "it was removed there: treat it as a removal",
    ("hidden", "keep"): "it is only hidden from us: leave that side alone",
    ("kind", "keep"): "leave that side alone",
    ("kind", "unlink"): "it is no longer this item: let them go apart",
    ("removal", "removed"): "remove it everywhere",
    ("removal", "recreate"): "bring it back there",
    ("removal", "unlink"): "leave it removed there, keep it elsewhere",
    ("archived", "removed"): "it was removed: remove it everywhere",
    ("archived", "restore"): "it lives: bring it back there",
    ("archived", "unlink"): "leave it archived there, keep it elsewhere",
}
"""(what is asked, an answer) → what that answer does."""

WHERE = ("field", "kind", "side", "question")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open conflict or question, with what people need to decide it."""

    row: ConflictRow
    kind: str
    title: str

    @property
    def sides(self) -> tuple[str, ...]:
        """Return the sides that have a word in it."""
        return tuple(sorted(side for side in self.row.sides if side != ITEM))

    @property
    def answers(self) -> tuple[str, ...]:
        """Return what a question may be answered with."""
        if self.row.field:
            return ()
        return tuple(dict.fromkeys(c for said in self.row.sides.values() for c in said["value"] or ()))

    def words(self) -> str:
        """Say in one sentence what is the matter."""
        row, sides = self.row, " and ".join(self.sides)
        if not row.field or row.kind == UNDONE:
            return row.reason or row.how
        if row.kind == "direction":
            return f"{row.field} was edited on {sides}, where it is not edited: {row.how}"
        if row.reason == "undone":
            return "undone: what a run carried is not carried again"
        if len(self.sides) > 1 and row.reason == "the sides disagree":
            return f"{sides} say different things"
        return row.reason

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        row = self.row
        return {
            "id": row.id,
            "item": row.item,
            "title": self.title,
            "kind": self.kind,
            "field": row.field,
            "what": row.kind,
            "state": row.state.value,
            "base": row.base,
            "sides": row.sides,
            "why": self.words(),
            "answers": list(self.answers),
            "opened": row.opened_run,
            "how": row.how,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Conflicts about one field between the same sides, or one sort of question."""

    field: str
    question: str
    sides: tuple[str, ...]
    members: tuple[Waiting, ...]


def waiting(rows: Iterable[ConflictRow], items: Mapping[str, ItemRow]) -> list[Waiting]:
    """Return conflicts with the kind and title of their items."""
    found = []
    for row in rows:
        item = items.get(row.item)
        title = str(item.fields.get("title") or item.id) if item else ""
        found.append(Waiting(row, item.kind if item else "", title))
    return found


def groups(members: Iterable[Waiting]) -> list[Group]:
    """Return the groups, the largest first."""
    found: dict[tuple[str, str, tuple[str, ...]], list[Waiting]] = {}
    for one in members:
        question = "" if one.row.field else one.row.kind
        found.setdefault((one.row.field, question, one.sides), []).append(one)
    made = [Group(field, question, sides, tuple(some)) for (field, question, sides), some in found.items()]
    return sorted(made, key=lambda g: (-len(g.members), g.field, g.question, g.sides))


def chosen(members: Iterable[Waiting], where: Sequence[str]) -> list[Waiting]:
    """Return those that meet every condition `name=value`. Raises UserError for one that cannot be read."""
    tests = [_condition(text) for text in where]
    return [one for one in members if all(value in _has(one, name) for name, value in tests)]


def _condition(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not value:
        raise UserError(f"{text!r} is no condition", hint="write `field=status`, `kind=feature` or `side=backlog`")
    if name.strip() not in WHERE:
        raise UserError(f"conflicts have no {name.strip()!r}", hint=nearest(name.strip(), WHERE))
    return name.strip(), value.strip()


def _has(one: Waiting, name: str) -> tuple[str, ...]:
    if name == "side":
        return one.sides
    if name == "question":
        return (one.row.kind,) if not one.row.field else ()
    return (one.row.field,) if name == "field" else (one.kind,)
