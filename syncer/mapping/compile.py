"""Hold a mapping against a live schema: names become ids, and every name that fits nothing becomes a complaint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Collection as Names
from dataclasses import replace
from typing import Any

from syncer.errors import ConfigError
from syncer.mapping.config import Collection, Config
from syncer.mapping.convert import Choice, Elements, Plain, Rule, Text
from syncer.mapping.drift import Former
from syncer.mapping.entries import Entries
from syncer.mapping.load import GapError, nearest
from syncer.mapping.lodgers import Amount, Tick, Words
from syncer.mapping.rules import Condition, Direction, FieldPolicy, KindRule, Rules, SideRules
from syncer.mapping.spec import FieldMap, KindSpec, Negation, PolicySpec, Scalar, Test
from syncer.mapping.verify import choices_of, definition
from syncer.model import types
from syncer.record import FieldSpec, FieldType, RecordType, Schema
from syncer.registry import codecs

T = FieldType
MAPPABLE = (T.FLAG, T.NUMBER, T.LINE)
MAPPED_HOMES = (T.CHOICE, T.LINE)
ELEMENTS = (T.SET, T.PERSON, T.PEOPLE, T.REFERENCE, T.REFERENCES)
WORDS = (T.LINE, T.URL, T.NUMBER, T.CHOICE)

HOMES: Mapping[FieldType, tuple[FieldType, ...]] = {
    T.LINE: (T.LINE, T.URL, T.NUMBER, T.CHOICE, T.DATE, T.INSTANT, T.DOCUMENT),
    T.URL: (T.URL, T.LINE),
    T.DOCUMENT: (T.DOCUMENT, T.LINE),
    T.CHOICE: (T.CHOICE, T.LINE),
    T.NUMBER: (T.NUMBER, T.LINE),
    T.MONEY: (T.MONEY, T.NUMBER, T.LINE),
    T.DATE: (T.DATE, T.PERIOD, T.INSTANT, T.LINE),
    T.INSTANT: (T.INSTANT, T.PERIOD, T.LINE),
    T.PERIOD: (T.PERIOD, T.DATE, T.INSTANT),
    T.FLAG: (T.FLAG, T.LINE, T.SET),
    T.SET: (T.SET, T.LINE),
    T.SEQUENCE: (T.SEQUENCE, T.LINE, T.DOCUMENT),
    T.PERSON: (T.PERSON, T.PEOPLE, T.LINE),
    T.PEOPLE: (T.PEOPLE, T.PERSON, T.LINE),
    T.REFERENCE: (T.REFERENCE, T.REFERENCES),
    T.REFERENCES: (T.REFERENCES, T.REFERENCE),
    T.TABLE: (T.TABLE,),
}
"""Item type → the record types it can live in."""


def compile_side(
    config: Config, side: str, schema: Schema, former: Former | None = None
) -> tuple[SideRules, list[ConfigError]]:
    """Return a side's rules, and everything about its mapping that does not fit the schema.

    `former` tells what was renamed since the mapping fitted last: that is reported, and nothing is guessed.
    """
    collection = config.collections[side]
    compiler = _Compiler(collection, schema, config.statuses, former)
    kinds = {}
    for kind, block in collection.mapping.kinds.items():
        rule = compiler.kind(kind, block)
        if rule is not None:
            kinds[kind] = rule
    rules = SideRules(side, collection.connection, kinds, collection.removal, collection.restricted, collection.settle)
    return rules, compiler.problems


def compile_rules(config: Config, sides: Mapping[str, SideRules]) -> Rules:
    """Return everything the engine is told."""
    policies = {key: _policy(said) for key, said in config.policies.items()}
    return Rules(config.product, sides, policies, config.guards, config.fingerprint, config.full_every, config.statuses)


def _policy(said: PolicySpec) -> FieldPolicy:
    if said.owner is not None:
        return FieldPolicy("owner", (said.owner,))
    return FieldPolicy("prefer", said.prefer) if said.prefer else FieldPolicy(said.how or "hold")


class _Compiler:
    def __init__(
        self, collection: Collection, schema: Schema, statuses: Names[str], former: Former | None = None
    ) -> None:
        self.collection, self.schema, self.statuses, self.former = collection, schema, statuses, former
        self.problems: list[ConfigError] = []
        self.also: dict[str, tuple[str, ...]] = {}

    def kind(self, kind: str, block: KindSpec) -> KindRule | None:
        """Compile one kind; None where even its record type is unknown."""
        record_type = self._type(kind, block)
        if record_type is None:
            return None
        rules: dict[str, Any] = {}
        for name, given in block.fields.items():
            rule = self._field(kind, name, given, record_type, _paired(block, name, given))
            if rule is not None:
                rules[name] = rule
        return KindRule(
            kind,
            record_type.id,
            rules,
            match=tuple(n for n in block.match if n in rules),
            key=block.key,
            required=tuple(n for n in block.required if n in rules),
            creates=block.creates,
            births=block.births is not False,
            record_where=() if isinstance(block.births, bool) else _conditions(block.births),
            item_where=_conditions(block.where),
            archive_value=self._archive(kind, block, record_type),
            kind_where=self._when(kind, block, record_type),
            also=self.also.get(kind, ()),
        )

    def _type(self, kind: str, block: KindSpec) -> RecordType | None:
        types = self.schema.types
        if not block.record and len(types) == 1:
            return next(iter(types.values()))
        found = []
        for wanted in block.record or (kind,):
            one = types.get(wanted) or _named(types.values(), wanted)
            if one is None:
                names = [t.name for t in types.values()]
                message = f"unknown record type {wanted!r} of {self.collection.name}"
                renamed = self.former.record_type(wanted, self.schema) if self.former else None
                where: list[str | int] = ["kinds", kind, "record"]
                self._moved(where, wanted, renamed.name) if renamed else self._complain(where, message, wanted, names)
                return None
            found.append(one)
        self.also[kind] = tuple(one.id for one in found[1:])
        return _merged(found)

    def _spec(self, where: list[str | int], name: str, record_type: RecordType) -> FieldSpec | None:
        found = record_type.fields.get(name)
        if found is None:
            named = [f for f in record_type.fields.values() if name.casefold() in _words(f)]
            if len(named) > 1:
                ids = ", ".join(f.id for f in named)
                self._say(where, f"{len(named)} fields are called {name!r}", f"write the id instead: {ids}")
                return None
            found = named[0] if named else None
        if found is None and self.former and (now := self.former.field(name, record_type)):
            self._moved(where, name, now.name, self.former.touched(now.id))
        elif found is None:
            names = [f.name for f in record_type.fields.values()]
            self._complain(where, f"unknown field {name!r} of {self.collection.name}", name, names)
        return found

    def _field(self, kind: str, name: str, block: FieldMap, record_type: RecordType, pair: bool) -> Rule | None:
        where: list[str | int] = ["kinds", kind, "fields", name]
        if block.optional and not _has(record_type, block.field):
            return None
        spec = self._spec([*where, "field"], block.field, record_type)
        if spec is None:
            return None
        known = definition(kind, name, block)
        item_type = known.type if known else spec.type
        if block.values and item_type in MAPPABLE and spec.type in MAPPED_HOMES:
            return self._choice(kind, name, block, self._common(kind, name, block, spec, item_type))
        if spec.type not in HOMES[item_type]:
            self._say(where, f"{name} is a {item_type}; {block.field!r} is a {spec.type} and cannot hold it", "")
            return None
        common = self._common(kind, name, block, spec, item_type)
        if item_type is T.CHOICE:
            return self._choice(kind, name, block, common)
        if item_type in ELEMENTS:
            options = self._elements(block, spec, where)
            single = spec.type in (T.PERSON, T.REFERENCE) or (spec.type is T.LINE and item_type is T.PERSON)
            return Elements(**common, connection=self.collection.connection, single=single, options=options)
        if item_type is T.DOCUMENT or spec.type is T.DOCUMENT:
            format = block.format or spec.format or "plain"
            made = {T.DOCUMENT: Text, T.SEQUENCE: Entries, T.LINE: Words}[item_type]
            return made(**common, codec=_codec(format), format=format)
        if item_type is T.FLAG and spec.type is T.SET:
            return self._tick(block, common, where)
        if item_type is T.MONEY and spec.type is T.NUMBER:
            if block.currency is None:
                self._say(where, f"{block.field!r} is a plain number, and {name} is money", "add `currency: EUR`")
            return Amount(**common, currency=block.currency or "")
        return Plain(**common, part=block.part or "", pair=pair)

    def _tick(self, block: FieldMap, common: dict[str, Any], where: list[str | int]) -> Rule | None:
        """Return the rule of a yes that is one of a set's options: the one `values` names, or the only one."""
        spec: FieldSpec = common["spec"]
        named = [_text(o) for value, options in block.values.items() if _value(T.FLAG, value) for o in options]
        if not named and len(spec.options) == 1:
            named = [spec.options[0].name]
        if len(named) != 1:
            names = ", ".join(o.name for o in spec.options)
            self._say(where, f"which option of {spec.name!r} says yes?", f"add `values: {{true: …}}`, one of: {names}")
            return None
        option = self._option(spec, named[0], [*where, "values"])
        return None if option is None else Tick(**common, option=option)

    def _common(self, kind: str, name: str, block: FieldMap, spec: FieldSpec, item_type: FieldType) -> dict[str, Any]:
        known = definition(kind, name, block)
        direction = block.direction
        if known is not None and known.derived:
            direction = Direction.OUT if spec.writable and direction is not Direction.COMPARE else Direction.COMPARE
        elif direction is Direction.BOTH and (not spec.writable or (known is not None and known.readonly)):
            direction = Direction.IN
        return {"field": name, "type": item_type, "spec": spec, "direction": direction, "default": block.default}

    def _elements(self, block: FieldMap, spec: FieldSpec, where: list[str | int]) -> dict[str, str]:
        """Return option id → element: by the map, else by the option's own name."""
        options = {o.id: o.name for o in spec.options}
        for value, shown in block.values.items():
            for option in shown:
                found = self._option(spec, _text(option), [*where, "values", value])
                if found is not None:
                    options[found] = value
        return options

    def _archive(self, kind: str, block: KindSpec, record_type: RecordType) -> tuple[str, Any] | None:
        for name, value in block.archive.items():
            where: list[str | int] = ["kinds", kind, "archive", name]
            spec = self._spec(where, name, record_type)
            raw = self._option(spec, _text(value), where) if spec is not None and spec.options else value
            if spec is not None and raw is not None:
                return spec.id, raw
        return None

    def _choice(self, kind: str, name: str, block: FieldMap, common: dict[str, Any]) -> Rule:
        spec: FieldSpec = common["spec"]
        where: list[str | int] = ["kinds", kind, "fields", name]
        values: dict[Any, tuple[str, ...]] = {}
        if not block.values:
            known = definition(kind, name, block)
            choices = choices_of(known, self.statuses) if known else ()
            for choice in choices:
                found = next((o.id for o in spec.options if _slug(o.name) == _slug(choice)), None)
                if found is not None:
                    values[choice] = (found,)
            return Choice(**common, domain=tuple(values), values=values, mapped=bool(choices and spec.options))
        for value, options in block.values.items():
            ids = [self._option(spec, _text(o), [*where, "values", value]) for o in options]
            values[_value(common["type"], value)] = tuple(i for i in ids if i is not None)
        reads = {}
        for option, value in block.read.items():
            found = self._option(spec, option, [*where, "read", option])
            if found is not None:
                reads[found] = _value(common["type"], value)
        mapped = {i for ids in values.values() for i in ids}
        for offered in spec.options:
            if offered.id not in mapped:
                message = f"the option {offered.name!r} of {spec.name!r} has no counterpart here"
                position = self.collection.source.at([*where, "values"])
                self.problems.append(GapError(message, position=position, hint="add it to one of the values"))
        values = {value: ids for value, ids in values.items() if ids}
        return Choice(**common, domain=tuple(values), values=values, reads=reads, mapped=True)

    def _option(self, spec: FieldSpec, name: str, where: list[str | int]) -> str | None:
        for option in spec.options:
            if name in (option.id, option.name) or name.casefold() == option.name.casefold():
                return option.id
        if not spec.options or spec.open_options:
            return name
        if self.former and (now := self.former.option(name, spec)):
            self._moved(where, name, now, self.former.touched(spec.id))
        else:
            self._complain(where, f"unknown option {name!r} of {spec.name!r}", name, [o.name for o in spec.options])
        return None

    def _when(self, kind: str, block: KindSpec, record_type: RecordType) -> tuple[str, tuple[Any, ...]] | None:
        for name, wanted in block.when.items():
            where: list[str | int] = ["kinds", kind, "when", name]
            spec = self._spec(where, name, record_type)
            if spec is not None:
                ids = [self._option(spec, _text(o), where) if spec.options else o for o in wanted]
                return spec.id, tuple(i for i in ids if i is not None)
        return None

    def _moved(self, where: list[Any], name: str, now: str, touched: int = 0) -> None:
        """Say that a name was changed in the tool, and how much that concerns."""
        concerns = f"; {touched} linked records have a value there" if touched else ""
        message = f"{name!r} of {self.collection.name} is now called {now!r}{concerns}"
        self._say(where, message, f'write "{now}" here')

    def _complain(self, where: list[Any], message: str, name: str, known: Iterable[str]) -> None:
        names = list(known)
        self._say(where, message, nearest(name, names))

    def _say(self, where: list[Any], message: str, hint: str) -> None:
        self.problems.append(ConfigError(message, position=self.collection.source.at(where), hint=hint))


def _codec(name: str) -> Callable[[], Any]:
    return lambda: codecs()[name]


def _named(types: Iterable[RecordType], name: str) -> RecordType | None:
    return next((t for t in types if t.name.casefold() == name.casefold()), None)


def _has(record_type: RecordType, name: str) -> bool:
    return name in record_type.fields or any(name.casefold() in _words(f) for f in record_type.fields.values())


def _merged(found: Sequence[RecordType]) -> RecordType:
    """Return the first of several record types, its fields knowing every option that the same field has in another."""
    fields = dict(found[0].fields)
    for other in found[1:]:
        for name, spec in other.fields.items():
            mine = fields.get(name)
            more = tuple(o for o in spec.options if mine and o.id not in {m.id for m in mine.options})
            if mine and more:
                fields[name] = replace(mine, options=(*mine.options, *more))
    return replace(found[0], fields=fields)


def _words(spec: FieldSpec) -> set[str]:
    return {spec.name.casefold(), *(alias.casefold() for alias in spec.aliases)}


def _text(option: Scalar) -> str:
    """Return an option as the mapping's author sees it: `true` is a word here."""
    return str(option).lower() if isinstance(option, bool) else str(option)


def _slug(name: str) -> str:
    return re.sub(r"[^\w]+", "", name.casefold()).replace("_", "")


def _value(kind: FieldType, key: str) -> Any:
    """Return the canonical value that a key of `values` stands for."""
    if kind is T.FLAG:
        return key.lower() in ("true", "yes")
    return types.normal(kind, float(key)) if kind is T.NUMBER else key


def _paired(block: KindSpec, name: str, given: FieldMap) -> bool:
    """Say whether another field is mapped to the other end of the same range."""
    return given.part is not None and any(
        other != name and entry.field == given.field and entry.part not in (None, given.part)
        for other, entry in block.fields.items()
    )


def _conditions(tests: Mapping[str, Test]) -> tuple[Condition, ...]:
    found = []
    for name, test in tests.items():
        negate = isinstance(test, Negation)
        values = test.values if isinstance(test, Negation) else test if isinstance(test, tuple) else (test,)
        found.append(Condition(name, tuple(v for v in values if v is not None), negate))
    return tuple(found)
