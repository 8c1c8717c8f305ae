"""Why a field is what it is: since when, by which run, from whom, and what it was before."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from syncer.engine.merge import ITEM
from syncer.errors import UserError
from syncer.mapping.load import nearest
from syncer.mapping.rules import Value
from syncer.model.kinds import KINDS, fields_of
from syncer.store.rows import ConflictRow, ItemRow
from syncer.store.store import Store
from syncer.store.trim import begins
from syncer.story.tell import Deed, Told, story


@dataclass(frozen=True, slots=True)
class Why:
    """Why a field has its value. `source` says in words where it came from; `held` is an open conflict about it.

    `run` "" means that nobody ever gave it a value.
    """

    item: str
    title: str
    field: str
    value: Value
    source: str = ""
    since: datetime | None = None
    run: str = ""
    actor: str = ""
    reason: str = ""
    authors: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Side → the account that edited last there, before the value was taken."""
    before: Value = None
    held: ConflictRow | None = None
    begins: datetime | None = None
    """Where the story begins, of a value that was given before that."""
    rest: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """What else is known of the run: host, version, configuration, trigger."""

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        held = None
        if self.held is not None:
            sides = {side: said["value"] for side, said in self.held.sides.items()}
            held = {"conflict": self.held.id, "why": self.held.reason, "base": self.held.base, "sides": sides}
        return {
            "item": self.item,
            "title": self.title,
            "field": self.field,
            "value": self.value,
            "before": self.before,
            "since": self.since,
            "run": self.run,
            "source": self.source,
            "actor": self.actor,
            "reason": self.reason,
            "authors": dict(self.authors),
            "held": held,
            "begins": self.begins,
            **{name: self.rest.get(name, "") for name in ("host", "version", "config", "mapping", "trigger")},
        }


def why(store: Store, item: ItemRow, name: str) -> Why:
    """Tell why an item's field is what it is. Raises UserError for a field that its kind does not have."""
    value = item.fields.get(name)
    title = str(item.fields.get("title") or item.id)
    held = next((c for c in store.conflicts(item=item.id) if c.field == name), None)
    deeds = [(deed, told) for deed in story(store, item.id, None, None) for told in deed.fields if not deed.row.side]
    ours = [(deed, told) for deed, told in deeds if told.field == name]
    if not ours and held is None:
        _known(item, name, {told.field for _, told in deeds})
    if not ours:
        return Why(item.id, title, name, value, held=held, begins=begins(store))
    deed, told = ours[-1]
    run = deed.run
    known = run.circumstances if run else {}
    return Why(
        item=item.id,
        title=title,
        field=name,
        value=value,
        source=_source(item, deed, told),
        since=deed.row.at,
        run=deed.row.run,
        actor=str(known.get("actor", "")),
        reason=deed.row.why if deed.row.action == "settle" else str(known.get("reason", "")),
        authors=told.by,
        before=told.before,
        held=held,
        rest=known,
    )


def _known(item: ItemRow, name: str, told: set[str]) -> None:
    names = {*told, *item.fields, *(fields_of(item.kind) if item.kind in KINDS else ())}
    if name not in names:
        raise UserError(f"a {item.kind} has no field {name!r}", hint=nearest(name, names))


def _source(item: ItemRow, deed: Deed, told: Told) -> str:
    """Return in words where a value came from."""
    if deed.row.action == "settle":
        return deed.row.rule
    if deed.row.action == "undo":
        return deed.row.why
    sides = " and ".join(ITEM if side == ITEM else side for side in told.taken)
    if told.rule:
        return f"from {sides}, by {told.rule}" if sides else f"by {told.rule}"
    if sides:
        return f"from {sides}"
    known = fields_of(item.kind).get(told.field) if item.kind in KINDS else None
    return "computed" if known is not None and known.derived else "from a side that was not noted"
