"""Writes a first mapping from a live schema: likely kinds, fields and options, for a person to read. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from string import capwords
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from syncer.adapter import Can
from syncer.mapping.compile import HOMES
from syncer.mapping.vocabulary import ALSO, CATEGORY_STATUS, KIND_NAMES, NUMBERS, OPTION_WORDS, RANGES, SORTS, WRAPPED
from syncer.model.fields import FieldDef
from syncer.model.kinds import KINDS, STATUSES, fields_of
from syncer.record import FieldSpec, FieldType, Option, RecordType, Schema


@dataclass(frozen=True, slots=True)
class Proposal:
    """A first mapping of a side: its text, the fields it maps by kind, and what a person must still decide."""

    text: str
    kinds: Mapping[str, tuple[str, ...]]
    open: tuple[str, ...] = ()


def propose(side: str, schema: Schema, kinds: Sequence[str] = (), can: Can = Can.ALL) -> Proposal:
    """Return a mapping file for a side; `kinds` is what a person said its records are, where they said so.

    `can` is what the side can do at all: where it cannot create, the mapping says so.
    """
    blocks: dict[str, Any] = {}
    left: list[str] = []
    open_: list[str] = []
    hints = [kind for kind in [kind_for(RecordType(side, side, {}))] if kind]
    for record_type in schema.types.values():
        alone = len(schema.types) == 1
        sorts = _sorts(record_type) if alone and not kinds else None
        named = _by_sort(*sorts) if sorts else {}
        if not named:
            kind = kinds[0] if alone and kinds else kind_for(record_type, (*kinds, *hints), taken=blocks)
            named = {kind: {} if len(schema.types) == 1 else {"record": record_type.name}} if kind else {}
        told = sorts[0].name if sorts and named else ""
        found = {kind: _fields(kind, record_type, besides=told) for kind in named}
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
        if sorts and named:
            told_of = {option for block in named.values() for option in _list(block["when"][told])}
            open_ += [f"{told}: {o.name} is no kind we know" for o in sorts[0].options if o.name not in told_of]
    text = _head(side, left, open_) + _yaml({"format": 1, "kinds": _shared(blocks)})
    return Proposal(text, {kind: tuple(block["fields"]) for kind, block in blocks.items()}, tuple(open_))


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


def _sorts(record_type: RecordType) -> tuple[FieldSpec, dict[str, list[str]]] | None:
    """Return the field that says which kind a record is, and kind → its options; None where no field does."""
    for word in SORTS:
        for spec in record_type.fields.values():
            if _folded(spec.name) != word or not spec.options:
                continue
            found: dict[str, list[str]] = {}
            for option in spec.options:
                kind = next((k for k in KINDS if _folded(option.name) in _called(k)), "")
                if kind:
                    found.setdefault(kind, []).append(option.name)
            if found:
                return spec, {kind: found[kind] for kind in KINDS if kind in found}
    return None


def _by_sort(spec: FieldSpec, kinds: Mapping[str, list[str]]) -> dict[str, dict[str, Any]]:
    return {kind: {"when": _flow({spec.name: names[0] if len(names) == 1 else names})} for kind, names in kinds.items()}


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
    name = _folded(record_type.name)
    free = [kind for kind in KINDS if kind not in set(taken)]
    for kind in free:
        if name in _called(kind):
            return kind
    first = _folded(next((spec.name for spec in record_type.fields.values()), ""))
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
            likeness = 0.0 if spec.name == besides else _likeness(kind, definition, spec)
            if likeness and not _speechless(definition, spec):
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
    counted = [spec.name for spec in record_type.fields.values()]
    fields = {n: _entry(fields_of(kind)[n], chosen[n], counted) for n in fields_of(kind) if n in chosen}
    fields |= _range(record_type, counted, chosen, used)
    unused = [s.name for s in record_type.fields.values() if s.id not in used and s.writable and s.name != besides]
    open_ = [
        f"{kind}: {spec.name} must have a value in a new record; map it, or give it a default"
        for spec in record_type.fields.values()
        if spec.required and spec.writable and spec.id not in used and spec.name != besides
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
        plain = spec.type is FieldType.LINE and spec.writable and spec.id not in used and spec.name != besides
        if plain and _folded(spec.name) not in NUMBERS:
            return spec
    return None


def _range(
    record_type: RecordType, names: Sequence[str], chosen: Mapping[str, FieldSpec], used: set[str]
) -> dict[str, Any]:
    """Return a start and a due date in one range of dates, where the side has one and neither has a field yet."""
    if "start" in chosen or "due" in chosen:
        return {}
    for spec in record_type.fields.values():
        if spec.type is FieldType.PERIOD and spec.id not in used and _folded(spec.name) in RANGES:
            used.add(spec.id)
            field = _name(spec, names)
            return {"start": _flow({"field": field, "part": "start"}), "due": _flow({"field": field, "part": "end"})}
    return {}


def _speechless(definition: FieldDef, spec: FieldSpec) -> bool:
    """Say whether a field of fixed choices would meet a field none of whose options means any of them."""
    wanted = _wanted(definition)
    if definition.type is not FieldType.CHOICE or not wanted:
        return False
    return not any(_value_of(option, wanted) for option in spec.options)


def _wanted(definition: FieldDef) -> tuple[str, ...]:
    return tuple(STATUSES) if definition.name == "status" else definition.choices


def _likeness(kind: str, definition: FieldDef, spec: FieldSpec) -> float:
    """Return how likely a record field is a kind's field, from 0 to 1."""
    if spec.type not in HOMES[definition.type]:
        return 0.0
    words = {_folded(definition.name), *ALSO.get(definition.name, ())}
    if definition.name == "title":
        words.add(kind)
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
    entry: dict[str, Any] = {"field": _name(spec, names)}
    if definition.derived:
        entry["direction"] = "out" if spec.writable else "compare"
    if definition.type is FieldType.CHOICE and (wanted := _wanted(definition)):
        # a text column shows only the words that happen to be in it now: the usual ones will come
        usual = spec.type is FieldType.LINE and spec.open_options
        entry.update(_values(wanted, spec.options, usual=usual))
    return entry if len(entry) > 1 else entry["field"]


def _name(spec: FieldSpec, names: Sequence[str]) -> str:
    """Return a field's name, or its id where several have that name."""
    return spec.name if names.count(spec.name) == 1 else spec.id


def _values(wanted: Sequence[str], options: Sequence[Option], *, usual: bool = False) -> dict[str, Any]:
    """Return a value map in which every option has a place, and where options are shared, what they read as."""
    values: dict[str, list[str]] = {}
    for option in options:
        value = _value_of(option, wanted)
        if value:
            values.setdefault(value, []).append(option.name)
    for value in wanted if usual else ():
        values.setdefault(value, [capwords(word) for word in OPTION_WORDS.get(value, (value,))[:3]])
    shown: dict[str, Any] = {v: values[v] if len(values[v]) > 1 else values[v][0] for v in wanted if v in values}
    # A status that this side has no option for shows as the nearest one, and that still reads as its own.
    reads: dict[str, str] = {}
    for value, stand_in in (("idea", "planned"), ("ready", "planned"), ("review", "doing"), ("planned", "idea")):
        if value in wanted and value not in values and stand_in in values:
            shown[value] = values[stand_in][0]
            reads[values[stand_in][0]] = stand_in
    shown = {value: shown[value] for value in wanted if value in shown}
    return {"values": _flow(shown), **({"read": _flow(reads)} if reads else {})}


def _flow(data: Mapping[str, Any]) -> CommentedMap:
    """Return a map that is written in one line."""
    line = CommentedMap(data)
    line.fa.set_flow_style()
    return line


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
    folded = " ".join(re.sub(r"[_/]+", " ", name).split()).casefold()
    own = WRAPPED.fullmatch(folded)
    return own[1] if own else folded


def _yaml(data: Any) -> str:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 140
    out = StringIO()
    yaml.dump(data, out)
    return out.getvalue()
