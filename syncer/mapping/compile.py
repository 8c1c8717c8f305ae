"""Hold a mapping against a live schema: names become ids, and every name that fits nothing becomes a complaint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from syncer.errors import ConfigError
from syncer.mapping.config import CollectionConfig, Config
from syncer.mapping.convert import Choice, Elements, Plain, Rule, Text
from syncer.mapping.load import nearest
from syncer.mapping.rules import Condition, Direction, KindRule, Rules, SideRules
from syncer.mapping.spec import FieldSpecBlock, KindSpec
from syncer.model.kinds import fields_of
from syncer.record import FieldSpec, FieldType, RecordType, Schema
from syncer.registry import codecs

T = FieldType
ELEMENTS = (T.SET, T.PERSON, T.PEOPLE, T.REFERENCE, T.REFERENCES)
WORDS = (T.LINE, T.URL, T.NUMBER, T.CHOICE)

HOMES: Mapping[FieldType, tuple[FieldType, ...]] = {
    T.LINE: (T.LINE, T.URL, T.NUMBER, T.CHOICE, T.DATE, T.INSTANT),
    T.URL: (T.URL, T.LINE),
    T.DOCUMENT: (T.DOCUMENT, T.LINE),
    T.CHOICE: (T.CHOICE, T.LINE),
    T.NUMBER: (T.NUMBER, T.LINE),
    T.MONEY: (T.MONEY, T.LINE),
    T.DATE: (T.DATE, T.PERIOD, T.INSTANT, T.LINE),
    T.INSTANT: (T.INSTANT, T.PERIOD, T.LINE),
    T.PERIOD: (T.PERIOD, T.DATE, T.INSTANT),
    T.FLAG: (T.FLAG, T.LINE),
    T.SET: (T.SET, T.LINE),
    T.SEQUENCE: (T.SEQUENCE, T.LINE),
    T.PERSON: (T.PERSON, T.PEOPLE, T.LINE),
    T.PEOPLE: (T.PEOPLE, T.PERSON, T.LINE),
    T.REFERENCE: (T.REFERENCE, T.REFERENCES),
    T.REFERENCES: (T.REFERENCES, T.REFERENCE),
    T.TABLE: (T.TABLE,),
}
"""Item type → the record types it can live in."""


def compile_side(config: Config, side: str, schema: Schema) -> tuple[SideRules, list[ConfigError]]:
    """Return a side's rules, and everything about its mapping that does not fit the schema."""
    collection = config.collections[side]
    compiler = _Compiler(collection, schema)
    kinds = {}
    for kind, block in collection.mapping.kinds.items():
        rule = compiler.kind(kind, block)
        if rule is not None:
            kinds[kind] = rule
    rules = SideRules(side, collection.connection, kinds, collection.removal, collection.restricted)
    return rules, compiler.problems


def compile_rules(config: Config, sides: Mapping[str, SideRules]) -> Rules:
    """Return everything the engine is told."""
    return Rules(
        config.product, sides, config.policies, config.guards, config.fingerprint, config.full_every
    )


class _Compiler:
    def __init__(self, collection: CollectionConfig, schema: Schema) -> None:
        self.collection, self.schema = collection, schema
        self.problems: list[ConfigError] = []

    def kind(self, kind: str, block: KindSpec) -> KindRule | None:
        """Compile one kind; None where even its record type is unknown."""
        record_type = self._type(kind, block)
        if record_type is None:
            return None
        rules: dict[str, Any] = {}
        for name, written in block.fields.items():
            given = FieldSpecBlock(field=written) if isinstance(written, str) else written
            rule = self._field(kind, name, given, record_type, isinstance(written, str))
            if rule is not None:
                rules[name] = rule
        return KindRule(
            kind,
            record_type.id,
            rules,
            match=tuple(block.match),
            key=block.key,
            creates=block.creates,
            births=block.births,
            item_where=tuple(Condition(n, tuple(_many(v))) for n, v in block.where.items()),
            kind_where=self._when(kind, block, record_type),
        )

    def _type(self, kind: str, block: KindSpec) -> RecordType | None:
        types = self.schema.types
        if block.record is None and len(types) == 1:
            return next(iter(types.values()))
        wanted = block.record or kind
        found = types.get(wanted) or _named(types.values(), wanted)
        if found is None:
            names = [t.name for t in types.values()]
            self._complain(
                ["kinds", kind, "record"], f"unknown record type {wanted!r} of {self.collection.name}", wanted, names
            )
        return found

    def _spec(self, kind: str, where: list[str | int], name: str, record_type: RecordType) -> FieldSpec | None:
        found = record_type.fields.get(name)
        if found is None:
            named = [f for f in record_type.fields.values() if name.casefold() in _words(f)]
            if len(named) > 1:
                ids = ", ".join(f.id for f in named)
                self._say(where, f"{len(named)} fields are called {name!r}", f"write the id instead: {ids}")
                return None
            found = named[0] if named else None
        if found is None:
            names = [f.name for f in record_type.fields.values()]
            self._complain(where, f"unknown field {name!r} of {self.collection.name}", name, names)
        return found

    def _field(
        self, kind: str, name: str, block: FieldSpecBlock, record_type: RecordType, short: bool
    ) -> Rule | None:
        where: list[str | int] = ["kinds", kind, "fields", name]
        spec = self._spec(kind, where if short else [*where, "field"], block.field, record_type)
        if spec is None:
            return None
        known = fields_of(kind).get(name)
        item_type = known.type if known else spec.type
        if spec.type not in HOMES[item_type]:
            self._say(where, f"{name} is a {item_type}; {block.field!r} is a {spec.type} and cannot hold it", "")
            return None
        direction = Direction(block.direction)
        if not spec.writable and direction is Direction.BOTH:
            direction = Direction.IN
        if known is not None and known.derived:
            direction = Direction.OUT if spec.writable else Direction.COMPARE
        common: dict[str, Any] = {
            "field": name, "type": item_type, "spec": spec, "direction": direction, "default": block.default,
        }  # fmt: skip
        if item_type is T.CHOICE:
            return self._choice(kind, name, block, common)
        if item_type in ELEMENTS:
            options = {o.id: o.name for o in spec.options}
            single = spec.type in (T.PERSON, T.REFERENCE) or (spec.type is T.LINE and item_type is T.PERSON)
            return Elements(**common, connection=self.collection.connection, single=single, options=options)
        if item_type is T.DOCUMENT:
            return Text(**common, codec=_codec(spec.format or "plain"))
        return Plain(**common, part=block.part)

    def _choice(self, kind: str, name: str, block: FieldSpecBlock, common: dict[str, Any]) -> Rule:
        spec: FieldSpec = common["spec"]
        where: list[str | int] = ["kinds", kind, "fields", name]
        values: dict[str, tuple[str, ...]] = {}
        if block.values is None:
            choices = fields_of(kind)[name].choices if name in fields_of(kind) else ()
            for choice in choices:
                found = next((o.id for o in spec.options if o.name.casefold() == choice.casefold()), None)
                if found is not None:
                    values[choice] = (found,)
            return Choice(**common, domain=tuple(values), values=values)
        for value, options in block.values.items():
            ids = [self._option(spec, o, [*where, "values", value]) for o in _many(options)]
            values[value] = tuple(i for i in ids if i is not None)
        reads = {}
        for option, value in block.read.items():
            found = self._option(spec, option, [*where, "read", option])
            if value not in values:
                self._complain([*where, "read", option], f"{value!r} is not among these values", value, list(values))
            elif found is not None:
                reads[found] = value
        mapped = {i for ids in values.values() for i in ids}
        for option in spec.options:
            if option.id not in mapped:
                self._say(
                    [*where, "values"],
                    f"the option {option.name!r} of {spec.name!r} has no counterpart here",
                    "add it to one of the values",
                )
        values = {value: ids for value, ids in values.items() if ids}
        return Choice(**common, domain=tuple(values), values=values, reads=reads, mapped=True)

    def _option(self, spec: FieldSpec, name: str, where: list[str | int]) -> str | None:
        for option in spec.options:
            if name in (option.id, option.name) or name.casefold() == option.name.casefold():
                return option.id
        if not spec.options or spec.open_options:
            return name
        self._complain(where, f"unknown option {name!r} of {spec.name!r}", name, [o.name for o in spec.options])
        return None

    def _when(self, kind: str, block: KindSpec, record_type: RecordType) -> tuple[str, tuple[Any, ...]] | None:
        for name, wanted in block.when.items():
            where: list[str | int] = ["kinds", kind, "when", name]
            spec = self._spec(kind, where, name, record_type)
            if spec is not None:
                ids = [self._option(spec, o, where) if spec.options else o for o in _many(wanted)]
                return spec.id, tuple(i for i in ids if i is not None)
        return None

    def _complain(self, where: list[Any], message: str, name: str, known: Iterable[str]) -> None:
        names = list(known)
        self._say(where, message, nearest(name, names) or f"it has: {', '.join(sorted(names)[:12])}")

    def _say(self, where: list[Any], message: str, hint: str) -> None:
        self.problems.append(ConfigError(message, position=self.collection.source.at(where), hint=hint))


def _codec(name: str) -> Callable[[], Any]:
    return lambda: codecs()[name]


def _named(types: Iterable[RecordType], name: str) -> RecordType | None:
    return next((t for t in types if t.name.casefold() == name.casefold()), None)


def _words(spec: FieldSpec) -> set[str]:
    return {spec.name.casefold(), *(alias.casefold() for alias in spec.aliases)}


def _many(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
