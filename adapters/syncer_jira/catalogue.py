"""Reads a project's live schema: issue types, their screens, statuses, priorities, versions, components, sprints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncer.errors import AuthError, NotFoundError, RejectedError
from syncer.record import RecordType, Schema
from syncer_jira.client import AGILE, JiraClient
from syncer_jira.fields import ALWAYS, HIDDEN, Field, Shape, field_of, options_of, shape_of, with_spec


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a project offers: fields by issue type, and all of them together for reading."""

    schema: Schema
    types: Mapping[str, Mapping[str, Field]]
    every: Mapping[str, Field]

    def statuses(self) -> dict[str, str]:
        """Return the names of the project's statuses by id."""
        return {o.id: o.name for f in self.types.values() if "status" in f for o in f["status"].spec.options}


def shapes(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """Return as JSON what a catalogue knows beyond its schema: each field's shape, by issue type."""
    return {kind: {f: field.shape.value for f, field in fields.items()} for kind, fields in catalogue.types.items()}


def restored(kept: Mapping[str, Mapping[str, str]], schema: Schema) -> Catalogue:
    """Put a catalogue together again from its schema and `shapes`."""
    types = {
        kind: {f: Field(spec, Shape(kept[kind][f])) for f, spec in record_type.fields.items()}
        for kind, record_type in schema.types.items()
    }
    return Catalogue(schema, types, _every(types))


def read_catalogue(client: JiraClient, project: str, only: Sequence[str]) -> Catalogue:
    """Read the live schema of a project. Raises NotFoundError where it does not exist."""
    listed = {str(t["id"]): t for t in client.paged(f"issue/createmeta/{project}/issuetypes", "issueTypes")}
    entries = {str(e["id"]): e for e in client.get("field") if e["id"] not in HIDDEN and _ours(e, project)}
    statuses = {str(t["id"]): t["statuses"] for t in client.get(f"project/{project}/statuses")}
    shared = _shared(client, project, entries)
    types: dict[str, dict[str, Field]] = {}
    names: dict[str, str] = {}
    for key, issue_type in listed.items():
        if only and issue_type["name"] not in only and key not in only:
            continue
        screen = client.paged(f"issue/createmeta/{project}/issuetypes/{key}", "fields")
        metas = {str(m.get("fieldId") or m.get("key")): m for m in screen}
        fields = {f: _field(e, metas.get(f), shared.get(f)) for f, e in entries.items() if _has(e, metas)}
        if "status" in fields:
            fields["status"] = with_spec(fields["status"], options=options_of(statuses.get(key, ())))
        if "parent" in fields:
            fields["parent"] = _parent(fields["parent"], issue_type, listed)
        types[key], names[key] = fields, str(issue_type["name"])
    kinds = {k: RecordType(k, names[k], {f: x.spec for f, x in fields.items()}) for k, fields in types.items()}
    return Catalogue(Schema(kinds), types, _every(types))


def _every(types: Mapping[str, Mapping[str, Field]]) -> dict[str, Field]:
    return {f: field for fields in types.values() for f, field in fields.items()}


def _ours(entry: Mapping[str, Any], project: str) -> bool:
    scope = entry.get("scope") or {}
    owner = scope.get("project") or {}
    return not owner or project in (owner.get("id"), owner.get("key"))


def _has(entry: Mapping[str, Any], metas: Mapping[str, Any]) -> bool:
    """A field takes part that is on the screen, on every issue, or custom and of a shape we know."""
    known = shape_of(entry) is not Shape.UNKNOWN
    return entry["id"] in metas or entry["id"] in ALWAYS or (bool(entry.get("custom")) and known)


def _field(entry: Mapping[str, Any], meta: Mapping[str, Any] | None, shared: Mapping[str, Any] | None) -> Field:
    return with_spec(field_of(entry, meta), **(shared or {}))


def _parent(field: Field, issue_type: Mapping[str, Any], listed: Mapping[str, Mapping[str, Any]]) -> Field:
    level = int(issue_type.get("hierarchyLevel", 0))
    above = tuple(k for k, t in listed.items() if int(t.get("hierarchyLevel", 0)) == level + 1)
    is_subtask = level < 0
    return with_spec(field, targets=above, required=is_subtask, clearable=not is_subtask, writable=bool(above))


def _shared(client: JiraClient, project: str, entries: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Read what every issue type of the project offers alike."""
    detail = client.get(f"project/{project}")
    priorities = client.paged("priority/search", "values", {"projectId": detail["id"]})
    default = next((str(p["id"]) for p in priorities if p.get("isDefault")), None)
    versions = options_of(client.get(f"project/{project}/versions"))
    found: dict[str, dict[str, Any]] = {
        "priority": {"options": options_of(priorities), "absent_shows": default},
        "fixVersions": {"options": versions},
        "versions": {"options": versions},
        "components": {"options": options_of(client.get(f"project/{project}/components"))},
    }
    sprints = [f for f, e in entries.items() if shape_of(e) is Shape.SPRINT]
    if sprints:
        options = options_of(_sprints(client, project))
        found |= {f: {"options": options} for f in sprints}
    return found


def _sprints(client: JiraClient, project: str) -> list[Any]:
    """Boards may be hidden from us, and a Kanban board has no sprints (Jira Software REST 1.0: 400)."""
    found: dict[int, Any] = {}
    try:
        boards = client.paged("board", "values", {"projectKeyOrId": project}, base=AGILE)
    except (AuthError, NotFoundError, RejectedError):
        return []
    for board in boards:
        if board.get("type") == "kanban":
            continue
        try:
            for sprint in client.paged(f"board/{board['id']}/sprint", "values", base=AGILE):
                found[sprint["id"]] = sprint
        except (AuthError, NotFoundError, RejectedError):
            continue
    return list(found.values())
