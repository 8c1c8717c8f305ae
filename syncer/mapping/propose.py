"""Writes a first mapping from a live schema: likely kinds, fields and options, for a person to read. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from syncer.adapter import Can
from syncer.mapping.compile import HOMES
from syncer.mapping.propose_choices import folded, in_one_line, speechless, value_map, wanted_of
from syncer.mapping.vocabulary import ALSO, KIND_NAMES, NUMBERS, RANGES, SORTS
from syncer.model.fields import FieldDef
from syncer.model.kinds import KINDS, fields_of
from syncer.record import FieldSpec, FieldType, RecordType, Schema


@dataclass(frozen=True, slots=True)
class Proposal:
    """A first mapping of a side: its text, the fields it maps by kind, and what a person must still decide."""

    text: str
    kinds: Mapping[str, tuple[str, ...]]
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said a side's records are: all of them `kinds`, or those of a type (its name → a kind)."""

    kinds: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """Return what records of a type of that name were said to be, or ""."""
        return next((kind for said, kind in self.types.items() if folded(said) == folded(name)), "")


def propose(side: str, schema: Schema, said: Said | None = None, can: Can = Can.ALL) -> Proposal:
    """Return a mapping file for a side; what a person `said` its records are goes before what names tell.

    `can` is what the side can do at all: where it cannot create, the mapping says so.
    """
    said = said or Said()
    blocks: dict[str, Any] = {}
    left: list[str] = []
    open_: list[str] = []
    # those a person named come first: of two types that may be one kind, theirs is
    for record_type in sorted(schema.types.values(), key=lambda t: not said.of(t.name)):
        named, told = _kinds_of(side, record_type, schema, said, blocks)
        found = {kind: _fields(kind, record_type, besides=told.id if told else "") for kind in named}
        if not any("title" in fields for fields, _, _ in found.values()):
            left.append(record_type.name)
            continue
        for kind, (fields, _, gaps) in found.items():
            blocks[kind] = {**named[kind], **({} if Can.CREATE in can else {"creates": False}), "fields": fields}
            open_ += [gap for gap in gaps if gap not in open_]
        unused = [set(names) for _, names, _ in found.values()]
        left += [
            name if len(schema.types) == 1 else f"{record_type.name}: {name}"
            for name in next(iter(found.values()))[1]
            if all(name in names for names in unused)
        ]
        if told:
            known = {option for block in named.values() for sorts in block["when"].values() for option in _list(sorts)}
            open_ += [f"{told.name}: {o.name} is no kind we know" for o in told.options if o.name not in known]
    text = _head(side, left, open_) + _yaml({"format": 1, "kinds": _shared(blocks)})
    return Proposal(text, {kind: tuple(block["fields"]) for kind, block in blocks.items()}, tuple(open_))


def types_of(schema: Schema) -> list[str]:
    """Return what a side calls its types of records: its record types, or what a field sorts its only one into."""
    names = [record_type.name for record_type in schema.types.values()]
    if len(names) == 1:
        (record_type,) = schema.types.values()
        names += [o.name for spec in record_type.fields.values() if folded(spec.name) in SORTS for o in spec.options]
    return names


def _kinds_of(
    side: str, record_type: RecordType, schema: Schema, said: Said, taken: Mapping[str, Any]
) -> tuple[dict[str, dict[str, Any]], FieldSpec | None]:
    """Return kind → how the mapping tells its records, and the field that tells them where the type does not."""
    alone = len(schema.types) == 1
    sorts = _sorts(record_type, said) if alone and not said.kinds else None
    if sorts:
        return _by_sort(_name(sorts[0], record_type), sorts[1]), sorts[0]
    by_side = [kind for kind in [kind_for(RecordType(side, side, {}))] if kind]
    kind = said.of(record_type.name) or (said.kinds[0] if alone and said.kinds else "")
    kind = kind or kind_for(record_type, (*said.kinds, *by_side), taken=taken)
    if not kind or kind in taken:
        return {}, None
    return {kind: {} if alone else {"record": record_type.name}}, None


def propose_owners(sides: Mapping[str, Mapping[str, Collection[str]]]) -> dict[str, str]:
    """Return `kind.*` or `kind.field` → the side proposed as its owner, for what several sides carry.

    `sides`: side → kind → its fields there. The side that carries most fields of a kind owns the kind, the first
    among equals; a field that it lacks and two others carry is owned by the next of them.
    """
    owners: dict[str, str] = {}
    for kind in dict.fromkeys(kind for kinds in sides.values() for kind in kinds):
        having = [side for side, kinds in sides.items() if kind in kinds]
        order = sorted(having, key=lambda side: -len(sides[side][kind]))
        if len(order) < 2:
            continue
        owners[f"{kind}.*"] = order[0]
        for name in dict.fromkeys(name for side in order[1:] for name in sides[side][kind]):
            carrying = [side for side in order if name in sides[side][kind]]
            if order[0] not in carrying and len(carrying) > 1:
                owners[f"{kind}.{name}"] = carrying[0]
    return owners


def _head(side: str, left: Sequence[str], open_: Sequence[str]) -> str:
    """Return the comment that a proposed mapping opens with."""
    lines = [
        f"# How {side} shows the product: our field on the left, the side's on the right. Proposed from its live",
        "# fields by `syncer init`: read it before the first plan, then edit it as you like. docs/mapping.md has the",
        "# language by example, docs/model.md every kind and field; `syncer check` holds this file against the side.",
    ]
    if open_:
        lines += ["#", "# Yours to decide:", *(f"#   {_one_line(what)}" for what in open_)]
    if left:
        lines += ["#", "# Not mapped:", *(f"#   {_one_line(name)}" for name in left)]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _sorts(record_type: RecordType, said: Said) -> tuple[FieldSpec, dict[str, list[str]]] | None:
    """Return the field that says which kind a record is, and kind → its options; None where no field does."""
    for word in SORTS:
        for spec in record_type.fields.values():
            if folded(spec.name) != word or not spec.options:
                continue
            found: dict[str, list[str]] = {}
            for option in spec.options:
                kind = said.of(option.name)
                kind = kind or next((k for k in KINDS if folded(option.name) in _called(k)), "")
                if kind:
                    found.setdefault(kind, []).append(option.name)
            if found:
                return spec, {kind: found[kind] for kind in KINDS if kind in found}
    return None


def _by_sort(name: str, kinds: Mapping[str, list[str]]) -> dict[str, dict[str, Any]]:
    return {
        kind: {"when": in_one_line({name: names[0] if len(names) == 1 else names})} for kind, names in kinds.items()
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _called(kind: str) -> tuple[str, ...]:
    return (kind, f"{kind}s", *KIND_NAMES.get(kind, ()))


def _shared(blocks: Mapping[str, Any]) -> dict[str, Any]:
    """Let kinds with the same fields share them, as a person would write it."""
    seen: list[CommentedMap] = []
    out: dict[str, Any] = {}
    for kind, block in blocks.items():
        fields = CommentedMap(block["fields"])
        same = next((other for other in seen if list(other.items()) == list(fields.items())), None)
        if same is not None:
            same.yaml_set_anchor(f"fields{seen.index(same) + 1}", always_dump=True)
        else:
            seen.append(fields)
        out[kind] = {**block, "fields": same if same is not None else fields}
    return out


def kind_for(record_type: RecordType, hints: Sequence[str] = (), taken: Iterable[str] = ()) -> str:
    """Return the kind that a record type most likely is, or ""."""
    name = folded(record_type.name)
    free = [kind for kind in KINDS if kind not in set(taken)]
    for kind in free:
        if name in _called(kind):
            return kind
    first = folded(next((spec.name for spec in record_type.fields.values()), ""))
    for kind in free:
        if first in _called(kind):  # a table whose first column is called "Feature" lists features
            return kind
    # In "Product Roadmap" the last word says what the thing is, the first only whose.
    ends = {kind: max(_ends(name, _called(kind))) for kind in free}
    best = max(ends, key=lambda kind: ends[kind], default="")
    return best if best and ends[best] else next((kind for kind in hints if kind in free), "")


def _ends(name: str, words: Iterable[str]) -> list[int]:
    """Return where each word ends in a name; 0 where it is not a word of it."""
    found = [re.search(rf"\b{re.escape(word)}\b", name) for word in words]
    return [match.end() if match else 0 for match in found]


def _fields(kind: str, record_type: RecordType, besides: str = "") -> tuple[dict[str, Any], list[str], list[str]]:
    """Return the proposed fields, best likeness first come, the names of writable fields left over, and open ends."""
    pairs: list[tuple[float, str, str]] = []
    for name, definition in fields_of(kind).items():
        if definition.readonly:
            continue
        for spec in record_type.fields.values():
            likeness = 0.0 if spec.id == besides else _likeness(kind, definition, spec)
            if likeness and not speechless(definition, spec):
                pairs.append((-likeness, name, spec.id))
    chosen: dict[str, FieldSpec] = {}
    used: set[str] = set()
    for _, name, spec_id in sorted(pairs):
        if name not in chosen and spec_id not in used:
            chosen[name] = record_type.fields[spec_id]
            used.add(spec_id)
    if "title" not in chosen and (first := _first_line(record_type, used, besides)) is not None:
        chosen["title"] = first
        used.add(first.id)
    fields = {n: _entry(fields_of(kind)[n], chosen[n], record_type) for n in fields_of(kind) if n in chosen}
    fields |= _range(record_type, chosen, used)
    unused = [s.name for s in record_type.fields.values() if s.id not in used and s.writable and s.id != besides]
    open_ = [
        f"{kind}: {spec.name} must have a value in a new record; map it, or give it a default"
        for spec in record_type.fields.values()
        if spec.required and spec.writable and spec.id not in used and spec.id != besides
    ]
    for name, spec in chosen.items():
        entry = fields[name]
        if isinstance(entry, dict) and "values" in entry:
            told = {option for options in entry["values"].values() for option in _list(options)}
            open_ += [f"{spec.name}: {o.name} has no counterpart" for o in spec.options if o.name not in told]
    return fields, unused, open_


def _first_line(record_type: RecordType, used: set[str], besides: str) -> FieldSpec | None:
    """Return the first plain text of a record that is no number or key: what people put first is a thing's name."""
    for spec in record_type.fields.values():
        plain = spec.type is FieldType.LINE and spec.writable and spec.id not in used and spec.id != besides
        if plain and folded(spec.name) not in NUMBERS:
            return spec
    return None


def _range(record_type: RecordType, chosen: Mapping[str, FieldSpec], used: set[str]) -> dict[str, Any]:
    """Return a start and a due date in one range of dates, where the side has one and neither has a field yet."""
    if "start" in chosen or "due" in chosen:
        return {}
    for spec in record_type.fields.values():
        if spec.type is FieldType.PERIOD and spec.id not in used and folded(spec.name) in RANGES:
            used.add(spec.id)
            name = _name(spec, record_type)
            return {
                "start": in_one_line({"field": name, "part": "start"}),
                "due": in_one_line({"field": name, "part": "end"}),
            }
    return {}


def _likeness(kind: str, definition: FieldDef, spec: FieldSpec) -> float:
    """Return how likely a record field is a kind's field, from 0 to 1."""
    if spec.type not in HOMES[definition.type]:
        return 0.0
    words = {folded(definition.name), *ALSO.get(definition.name, ())}
    if definition.name == "title":
        words.add(kind)
    names = {folded(spec.name), folded(spec.id), *map(folded, spec.aliases)}
    same_type = 0.05 if spec.type is definition.type else 0.0
    if words & names:
        rank = min(ALSO[definition.name].index(n) for n in names & set(ALSO[definition.name])) if (
            names & set(ALSO.get(definition.name, ()))
        ) else 0  # fmt: skip
        return 0.95 - 0.01 * rank + same_type
    best = max(difflib.SequenceMatcher(None, w, n).ratio() for w in words for n in names)
    return best * 0.9 + same_type if best >= 0.88 else 0.0


def _entry(definition: FieldDef, spec: FieldSpec, record_type: RecordType) -> Any:
    entry: dict[str, Any] = {"field": _name(spec, record_type)}
    if definition.derived:
        entry["direction"] = "out" if spec.writable else "compare"
    if definition.type is FieldType.CHOICE and (wanted := wanted_of(definition)):
        # a text column shows only the words that happen to be in it now: the usual ones will come
        usual = spec.type is FieldType.LINE and spec.open_options
        entry.update(value_map(wanted, spec.options, usual=usual))
    if len(entry) == 1:
        return entry["field"]
    return entry if "values" in entry else in_one_line(entry)


def _name(spec: FieldSpec, record_type: RecordType) -> str:
    """Return what a mapping calls a field: its name, or its id where that name could mean another one."""
    word = spec.name.casefold()
    bearers = [f for f in record_type.fields.values() if word in {f.name.casefold(), *map(str.casefold, f.aliases)}]
    return spec.name if len(bearers) == 1 and record_type.fields.get(spec.name, spec) is spec else spec.id


def _yaml(data: Any) -> str:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 10_000  # a word of two words must not be broken
    out = StringIO()
    yaml.dump(data, out)
    return out.getvalue()
