"""Writes a first mapping from a live schema: likely kinds, fields and options, for a person to read. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from syncer.mapping.compile import HOMES
from syncer.model.fields import FieldDef
from syncer.model.kinds import KINDS, STATUSES, fields_of
from syncer.record import FieldSpec, FieldType, Option, RecordType, Schema

ALSO: Mapping[str, tuple[str, ...]] = {
    "title": ("summary", "name", "title", "headline", "subject"),
    "body": ("description", "details", "content", "page content", "notes"),
    "status": ("status", "state", "stage", "workflow"),
    "owner": ("assignee", "owner", "responsible", "dri", "lead", "person"),
    "reporter": ("reporter", "requested by"),
    "team": ("team", "squad"),
    "labels": ("labels", "tags", "label"),
    "start": ("start date", "start", "begins"),
    "due": ("due date", "due", "deadline", "target date", "end date"),
    "parent": ("parent", "epic link", "part of"),
    "points": ("story points", "story point estimate", "points", "estimate"),
    "releases": ("fix versions", "fix version", "fixversions", "release", "releases"),
    "affects": ("affects versions", "affects version"),
    "score": ("rice", "rice score", "score"),
    "moscow": ("moscow", "moscow priority"),
    "timeframe": ("timeframe", "dates", "timeline", "quarter"),
    "horizon": ("horizon", "now next later"),
    "acceptance": ("acceptance criteria", "acceptance"),
    "blocked_reason": ("blocked because", "blocked reason", "blocker"),
    "goals": ("goals", "goal", "objectives", "okr"),
    "key_results": ("key results", "krs"),
}
"""Item field → what teams call it; a field's own name always counts."""

KIND_NAMES: Mapping[str, tuple[str, ...]] = {
    "feature": ("feature", "features", "roadmap", "roadmap item"),
    "goal": ("goal", "goals", "objective", "okr", "okrs"),
    "story": ("story", "user story", "stories", "backlog"),
    "subtask": ("subtask", "sub task", "sub-task"),
    "risk": ("risk", "risks", "raid"),
}

OPTION_WORDS: Mapping[str, tuple[str, ...]] = {
    "idea": ("idea", "backlog", "new", "open", "proposed", "not started"),
    "planned": ("planned", "to do", "todo", "selected for development", "next"),
    "ready": ("ready", "ready for development"),
    "doing": ("doing", "in progress", "in development", "started", "building"),
    "review": ("review", "in review", "testing", "qa"),
    "done": ("done", "closed", "resolved", "shipped", "released", "complete", "completed", "live"),
    "dropped": ("dropped", "won't do", "wont do", "cancelled", "canceled", "rejected", "archived"),
    "must": ("must", "must have"),
    "should": ("should", "should have"),
    "could": ("could", "could have", "nice to have"),
    "wont": ("wont", "won't", "won't have"),
    "must-be": ("must-be", "must be", "basic", "expected"),
    "performance": ("performance", "one-dimensional"),
    "attractive": ("attractive", "delighter", "excitement"),
}

CATEGORY_STATUS: Mapping[str, str] = {
    "new": "planned",
    "to do": "planned",
    "to_do": "planned",
    "indeterminate": "doing",
    "in progress": "doing",
    "in_progress": "doing",
    "done": "done",
    "complete": "done",
}
"""A vendor's status category → the status it most likely is."""


def propose(side: str, schema: Schema, kinds: Sequence[str] = ()) -> str:
    """Return the text of a mapping file for a side; `kinds` are tried where a record type's name does not tell."""
    found: dict[str, Any] = {}
    left: list[str] = []
    for record_type in schema.types.values():
        kind = kind_for(record_type, kinds, taken=found)
        if not kind:
            left.append(record_type.name)
            continue
        fields, unused = _fields(kind, record_type)
        if "title" not in fields:
            left.append(record_type.name)
            continue
        block: dict[str, Any] = {} if len(schema.types) == 1 else {"record": record_type.name}
        found[kind] = {**block, "fields": fields}
        left += [f"{record_type.name}: {name}" for name in unused]
    notes = [f"# How {side} shows the product. Proposed from its fields: read it before the first plan."]
    if left:
        notes += ["# Not mapped:", *(f"#   {' '.join(name.split())}" for name in left)]
    return "\n".join(notes) + "\n" + _yaml({"format": 1, "kinds": found})


def propose_owners(sides: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return `kind.*` → the side proposed as its owner: where a kind lives on several, the first that has it."""
    owners: dict[str, str] = {}
    counts: dict[str, int] = {}
    for side, kinds in sides.items():
        for kind in kinds:
            owners.setdefault(f"{kind}.*", side)
            counts[f"{kind}.*"] = counts.get(f"{kind}.*", 0) + 1
    return {name: side for name, side in owners.items() if counts[name] > 1}


def kind_for(record_type: RecordType, hints: Sequence[str] = (), taken: Iterable[str] = ()) -> str:
    """Return the kind that a record type most likely is, or ""."""
    name = _folded(record_type.name)
    free = [kind for kind in KINDS if kind not in set(taken)]
    for kind in free:
        if name in (kind, f"{kind}s", *KIND_NAMES.get(kind, ())):
            return kind
    # In "Product Roadmap" the last word says what the thing is, the first only whose.
    ends = {kind: max(_ends(name, (kind, f"{kind}s", *KIND_NAMES.get(kind, ())))) for kind in free}
    best = max(ends, key=lambda kind: ends[kind], default="")
    return best if best and ends[best] else next((kind for kind in hints if kind in free), "")


def _ends(name: str, words: Iterable[str]) -> list[int]:
    """Return where each word ends in a name; 0 where it is not a word of it."""
    found = [re.search(rf"\b{re.escape(word)}\b", name) for word in words]
    return [match.end() if match else 0 for match in found]


def _fields(kind: str, record_type: RecordType) -> tuple[dict[str, Any], list[str]]:
    """Return the proposed fields, best likeness first come, and the names of writable fields left over."""
    pairs: list[tuple[float, str, str]] = []
    for name, definition in fields_of(kind).items():
        if definition.readonly:
            continue
        for spec in record_type.fields.values():
            likeness = _likeness(definition, spec)
            if likeness:
                pairs.append((-likeness, name, spec.id))
    chosen: dict[str, FieldSpec] = {}
    used: set[str] = set()
    for _, name, spec_id in sorted(pairs):
        if name not in chosen and spec_id not in used:
            chosen[name] = record_type.fields[spec_id]
            used.add(spec_id)
    counted = [spec.name for spec in record_type.fields.values()]
    order = [name for name in fields_of(kind) if name in chosen]
    fields = {name: _entry(fields_of(kind)[name], chosen[name], counted) for name in order}
    unused = [s.name for s in record_type.fields.values() if s.id not in used and s.writable]
    return fields, unused


def _likeness(definition: FieldDef, spec: FieldSpec) -> float:
    """Return how likely a record field is an item field, from 0 to 1."""
    if spec.type not in HOMES[definition.type]:
        return 0.0
    words = {_folded(definition.name), *ALSO.get(definition.name, ())}
    names = {_folded(spec.name), _folded(spec.id), *map(_folded, spec.aliases)}
    same_type = 0.05 if spec.type is definition.type else 0.0
    if words & names:
        rank = min(ALSO[definition.name].index(n) for n in names & set(ALSO[definition.name])) if (
            names & set(ALSO.get(definition.name, ()))
        ) else 0  # fmt: skip
        return 0.95 - 0.01 * rank + same_type
    best = max(difflib.SequenceMatcher(None, w, n).ratio() for w in words for n in names)
    return best * 0.9 + same_type if best >= 0.88 else 0.0


def _entry(definition: FieldDef, spec: FieldSpec, names: Sequence[str]) -> Any:
    entry: dict[str, Any] = {"field": spec.name if names.count(spec.name) == 1 else spec.id}
    if definition.derived:
        entry["direction"] = "out" if spec.writable else "compare"
    wanted = tuple(STATUSES) if definition.name == "status" else definition.choices
    if definition.type is FieldType.CHOICE and wanted and spec.options:
        entry.update(_values(wanted, spec.options))
    return entry if len(entry) > 1 else entry["field"]


def _values(wanted: Sequence[str], options: Sequence[Option]) -> dict[str, Any]:
    """Return a value map in which every option has a place, and where options are shared, what they read as."""
    values: dict[str, list[str]] = {}
    for option in options:
        value = _value_of(option, wanted)
        if value:
            values.setdefault(value, []).append(option.name)
    shown: dict[str, Any] = {v: values[v] if len(values[v]) > 1 else values[v][0] for v in wanted if v in values}
    # A status that this side has no option for shows as the nearest one, and that still reads as its own.
    reads: dict[str, str] = {}
    for value, stand_in in (("idea", "planned"), ("ready", "planned"), ("review", "doing"), ("planned", "idea")):
        if value in wanted and value not in values and stand_in in values:
            shown[value] = values[stand_in][0]
            reads[values[stand_in][0]] = stand_in
    return {"values": shown, **({"read": reads} if reads else {})} if shown else {}


def _value_of(option: Option, wanted: Sequence[str]) -> str:
    name = _folded(option.name)
    for value in wanted:
        if name == _folded(value) or name in OPTION_WORDS.get(value, ()):
            return value
    if option.category:
        value = CATEGORY_STATUS.get(option.category.casefold(), "")
        return value if value in wanted else ""
    close = difflib.get_close_matches(name, [_folded(v) for v in wanted], n=1, cutoff=0.75)
    return next((v for v in wanted if close and _folded(v) == close[0]), "")


def _folded(name: str) -> str:
    return " ".join(re.sub(r"[_/]+", " ", name).split()).casefold()


def _yaml(data: Any) -> str:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 110
    out = StringIO()
    yaml.dump(data, out)
    return out.getvalue()
