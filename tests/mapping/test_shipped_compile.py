"""The mappings that we ship compile against a schema that has the fields they name, and complain where it has not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from syncer.mapping.compile import compile_side
from syncer.mapping.config import Config
from syncer.mapping.load import read_yaml, validate
from syncer.mapping.spec import MappingSpec
from syncer.mapping.verify import definition
from syncer.record import FieldSpec, FieldType, Option, RecordType, Schema

SHIPPED = sorted((Path(__file__).parents[2] / "mappings").glob("*.yaml"))


def _load(path: Path) -> MappingSpec:
    source = read_yaml(path)
    spec = validate(MappingSpec, source.data, source)
    assert spec is not None, [str(p) for p in source.problems]
    return spec


def _schema_for(spec: MappingSpec, *, without: str = "") -> Schema:
    """Return a schema that has exactly the fields and options that a mapping names."""
    types = {}
    for kind, block in spec.kinds.items():
        fields = {}
        for name, entry in block.fields.items():
            known = definition(kind, name, entry)
            assert known is not None
            options = tuple(Option(f"o-{o}", str(o)) for o in {o for many in entry.values.values() for o in many})
            if entry.field != without:
                fields[entry.field] = FieldSpec(f"f-{entry.field}", entry.field, known.type, options=options)
        for label, values in block.when.items():
            options = tuple(Option(f"o-{o}", str(o)) for o in values)
            fields[label] = FieldSpec(f"f-{label}", label, FieldType.CHOICE, options=options)
        for name in block.record or (kind,):
            types[name] = RecordType(f"t-{name}", name, {f.id: f for f in fields.values()})
    return Schema({t.id: t for t in types.values()})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_a_shipped_mapping_compiles_where_the_side_has_what_it_names(path: Path, load: Callable[..., Config]) -> None:
    spec = _load(path)
    config = load(mapping=path.read_text("utf-8"))
    rules, problems = compile_side(config, "backlog", _schema_for(spec))
    assert [str(p) for p in problems] == []
    assert {kind: set(rule.fields) for kind, rule in rules.kinds.items()} == {
        kind: set(block.fields) for kind, block in spec.kinds.items()
    }


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_a_field_that_the_side_does_not_have_is_named_with_its_place(path: Path, load: Callable[..., Config]) -> None:
    spec = _load(path)
    name = next(iter(spec.kinds.values())).fields["title"].field
    config = load(mapping=path.read_text("utf-8"))
    _, problems = compile_side(config, "backlog", _schema_for(spec, without=name))
    assert problems
    assert all(name in str(p) and p.position is not None and p.position.line > 1 for p in problems)
