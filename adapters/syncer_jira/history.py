"""What a write of ours replaced, read from the issue's changelog: a person's words of after our last read.

The changelog of an issue comes with the read before a write and with the answer to it: what the second has and the
first had not is the gap. Where our entry is the newest of a field in it, and another stands below, that one is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from syncer_atlassian.adf import AdfCodec
from syncer_atlassian.adf_things import readable

from syncer.formats.plain import PlainCodec
from syncer.record import Change, Editor, Raw, Ref
from syncer_jira.fields import Field, Shape
from syncer_jira.wire import SETS, UnreadableError, current_sprint, moment, read_value

Entry = Mapping[str, Any]
Item = Mapping[str, Any]

EXPAND = "changelog"
PARENTS = frozenset({"Parent", "IssueParentAssociation"})
"""A parent's item has no `fieldId` (recorded from Jira Cloud)."""


class Histories:
    """The changelogs of issues as last read. Answers to a person's edit that no read has shown."""

    def __init__(self) -> None:
        self._known: dict[Ref, tuple[Entry, ...]] = {}

    def note(self, issue: Mapping[str, Any]) -> None:
        """Remember the changelog that came with an issue, if one did."""
        if EXPAND in issue:
            self._known[Ref(str(issue["id"]))] = tuple(issue[EXPAND].get("histories") or ())

    def gap(self, issue: Mapping[str, Any]) -> list[Entry]:
        """Return the entries that came since the issue was last read, newest first. None where that is not known.

        An answer may show more of the past than the one before: what is older than all of that was not written since.
        """
        known = self._known.get(Ref(str(issue["id"])))
        if known is None or EXPAND not in issue:
            return []
        ids = {str(e["id"]) for e in known}
        since = max((_at(e) for e in known), default=datetime.min.replace(tzinfo=UTC))
        entries = [e for e in issue[EXPAND].get("histories") or () if str(e["id"]) not in ids and _at(e) >= since]
        return sorted(entries, key=lambda e: (_at(e), int(e["id"])), reverse=True)


def editors(fields: Mapping[str, Field], issue: Mapping[str, Any]) -> dict[str, Editor]:
    """Return who last edited each of these fields, as far back as the issue's changelog came with it."""
    told: dict[str, Editor] = {}
    for entry in sorted((issue.get(EXPAND) or {}).get("histories") or (), key=lambda e: (_at(e), int(e["id"]))):
        by = str((entry.get("author") or {}).get("accountId", ""))
        told |= {key: Editor(by, _at(entry)) for key in fields for item in entry["items"] if _names(item, key)}
    return told


def overwritten(
    fields: Mapping[str, Field], changes: Mapping[str, Change], gap: Sequence[Entry], me: Callable[[], str]
) -> dict[str, Raw]:
    """Return what people had written into these fields, and we replaced. Asks who we are only on a suspicion.

    A set is changed by adding and removing, and a document of the same words is taken for the same: both lose nothing.
    """
    lost: dict[str, Raw] = {}
    for key, change in changes.items():
        field = fields.get(key)
        if field is None or field.shape in SETS:
            continue
        told = [(entry, item) for entry in gap for item in entry["items"] if _names(item, key)]
        if len(told) < 2 or (told[0][0].get("author") or {}).get("accountId") != me():
            continue
        try:
            value = _before(field, told[0][1])
        except UnreadableError:
            continue  # shown in a way we cannot read: nothing can be said, and nothing made up
        if not any(_same(field, value, other) for other in (change.was, change.now)):
            lost[key] = value
    return lost


def _at(entry: Entry) -> datetime:
    return moment(entry.get("created")) or datetime.min.replace(tzinfo=UTC)


def _names(item: Item, key: str) -> bool:
    if key == "parent":
        return item.get("fieldId", "") == key or item["field"] in PARENTS
    return bool(item.get("fieldId", item["field"]) == key)


def _before(field: Field, item: Item) -> Raw:
    """Return what a field held before a change. Raises UnreadableError."""
    id, text = item.get("from"), item.get("fromString")
    if not id and not text:
        return None
    match field.shape:
        case Shape.TEXT:
            return str(text)
        case Shape.ADF:
            return AdfCodec().encode(PlainCodec().decode(str(text)))
        case Shape.NUMBER:
            try:
                return read_value(field, float(str(text)))
            except ValueError:
                raise UnreadableError("expected a number") from None
        case Shape.DATE | Shape.INSTANT if id:
            return read_value(field, id)
        case Shape.SPRINT if id:
            states = {o.id: o.category for o in field.spec.options}
            return current_sprint([(sprint, states.get(sprint, "future")) for sprint in re.findall(r"\d+", str(id))])
        case Shape.OPTION | Shape.USER | Shape.PARENT if id:
            return str(id)
    raise UnreadableError("not shown by the changelog")


def _same(field: Field, one: Raw, other: Raw) -> bool:
    if field.shape is Shape.ADF:
        return _words(one) == _words(other)
    if field.shape is Shape.INSTANT and one and other:
        # the changelog has no seconds
        return str(one)[:16] == str(other)[:16]
    if isinstance(one, str) and isinstance(other, str):
        return one.strip() == other.strip()
    return one == other


def _words(document: Raw) -> list[str]:
    """Return the words of a document; the signs by which the changelog shows headings, links and code are none."""
    text = re.sub(r"(?m)^h[1-6]\. |\{\w+(?::[^}]*)?\}", "", readable(document))
    return re.findall(r"\w+", re.sub(r"\[([^|\]]+)\|[^\]]*\]", r"\1", text).replace("_", " "))
