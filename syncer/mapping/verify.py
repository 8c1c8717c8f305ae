"""Holds a mapping against the canonical product: kinds, fields, values. Needs no live system. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from syncer.mapping.load import Source, nearest
from syncer.mapping.rules import Direction
from syncer.mapping.spec import FieldMap, KindSpec, MappingSpec, Negation, PolicySpec, Test
from syncer.model.fields import FieldDef
from syncer.model.kinds import KINDS, fields_of
from syncer.record import FieldType

CUSTOM = "custom."
DATED = (FieldType.DATE, FieldType.PERIOD, FieldType.INSTANT)


def verify_mapping(spec: MappingSpec, source: Source, statuses: Collection[str]) -> None:
    """Note every name in a mapping that the product does not know."""
    for kind, rule in spec.kinds.items():
        where = ("kinds", kind)
        if kind not in KINDS:
            source.problem(where, f'unknown kind "{kind}"', nearest(kind, KINDS), key=True)
            continue
        for name, entry in rule.fields.items():
            _field(kind, name, entry, source, statuses)
        _conditions(kind, rule, source, statuses)
        _mentioned(rule, source, where)


def definition(kind: str, name: str, entry: FieldMap | None = None) -> FieldDef | None:
    """Return what a kind's field is; a custom field is what its mapping says. None where it is unknown."""
    if name.startswith(CUSTOM):
        declared = entry.type if entry is not None else None
        return FieldDef(name, declared, name.removeprefix(CUSTOM)) if declared else None
    return fields_of(kind).get(name)


def choices_of(field: FieldDef, statuses: Collection[str]) -> tuple[str, ...]:
    """Return the only values a field can have; empty where it is free."""
    return tuple(statuses) if field.name == "status" else field.choices


def _field(kind: str, name: str, entry: FieldMap, source: Source, statuses: Collection[str]) -> None:
    where = ("kinds", kind, "fields", name)
    field = definition(kind, name, entry)
    if field is None and name.startswith(CUSTOM):
        source.problem(where, f'"{name}" does not say what it holds', "add `type: line` (or number, choice, date …)")
        return
    if field is None:
        hint = nearest(name, fields_of(kind))
        hint += " A field of your own is called `custom.<name>`." if not hint.startswith("Did") else ""
        source.problem(where, f'unknown field "{name}" of {kind}', hint, key=True)
        return
    if entry.type is not None and entry.type is not field.type:
        source.problem((*where, "type"), f"{name} is a {field.type}", "only custom fields have a type of their own")
    if field.derived and entry.direction in (Direction.IN, Direction.BOTH) and _given(entry, "direction"):
        source.problem((*where, "direction"), f"{name} is computed by us", "use `direction: out` or `compare`")
    if field.readonly and entry.direction is Direction.OUT:
        source.problem((*where, "direction"), f"{name} is only ever read", "use `direction: in` or `compare`")
    if entry.part is not None and field.type not in DATED:
        source.problem((*where, "part"), f"{name} is a {field.type}: it has no part", "`part` is for dates")
    _values(where, entry, choices_of(field, statuses), source)


def _values(where: tuple[str, ...], entry: FieldMap, choices: Collection[str], source: Source) -> None:
    for value in entry.values:
        if choices and value not in choices:
            source.problem((*where, "values", value), f'unknown value "{value}"', nearest(value, choices), key=True)
    listed = {str(option) for options in entry.values.values() for option in options}
    for option, value in entry.read.items():
        if option not in listed:
            hint = nearest(option, listed)
            source.problem((*where, "read", option), f'"{option}" stands in no line of `values`', hint, key=True)
        elif value not in entry.values or option not in map(str, entry.values[value]):
            hint = nearest(value, [v for v, options in entry.values.items() if option in map(str, options)])
            source.problem((*where, "read", option), f'`values` does not show "{value}" as "{option}"', hint)


def _conditions(kind: str, rule: KindSpec, source: Source, statuses: Collection[str]) -> None:
    groups: list[tuple[str, Mapping[str, Test]]] = [("where", rule.where)]
    if not isinstance(rule.births, bool):
        groups.append(("births", rule.births))
    for group, tests in groups:
        for name, test in tests.items():
            where = ("kinds", kind, group, name)
            field = definition(kind, name, rule.fields.get(name))
            if field is None:
                source.problem(where, f'unknown field "{name}" of {kind}', nearest(name, fields_of(kind)), key=True)
                continue
            choices = choices_of(field, statuses)
            for value in _tested(test):
                if choices and value is not None and value not in choices:
                    source.problem(where, f'unknown value "{value}" of {name}', nearest(str(value), choices))


def _tested(test: Test) -> tuple[object, ...]:
    if isinstance(test, Negation):
        return test.values
    return test if isinstance(test, tuple) else (test,)


def _mentioned(rule: KindSpec, source: Source, where: tuple[str, ...]) -> None:
    named: list[tuple[str, Iterable[str]]] = [("match", rule.match), ("required", rule.required), ("key", (rule.key,))]
    for part, names in named:
        if part not in rule.model_fields_set:
            continue
        for name in names:
            if name and name not in rule.fields:
                source.problem((*where, part), f'`{part}` names "{name}", which is not mapped here',
                               nearest(name, rule.fields))  # fmt: skip


def verify_policy(policy: PolicySpec | None, where: tuple[str, ...], source: Source, sides: Collection[str]) -> None:
    """Note sides that a policy names and that do not exist, and policies that say several things or nothing."""
    if policy is None:
        return
    said = [policy.how is not None, policy.owner is not None, bool(policy.prefer)]
    if sum(said) != 1:
        source.problem(where, "a policy says one thing", "hold, newest, `owner: side` or `prefer: [side, …]`")
    for side in (*policy.prefer, *([policy.owner] if policy.owner else [])):
        if side not in sides:
            source.problem(where, f'unknown collection "{side}"', nearest(side, sides))


def _given(entry: FieldMap, name: str) -> bool:
    return name in entry.model_fields_set
