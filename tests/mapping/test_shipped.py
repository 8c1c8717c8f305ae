"""The mappings we ship, the page that explains the language, and the schema that editors use are true."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from syncer.mapping import jsonschema as ours
from syncer.mapping.load import parse_yaml, read_yaml, validate
from syncer.mapping.spec import MappingSpec
from syncer.mapping.verify import verify_mapping
from syncer.model.item import STATUSES

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "mappings").glob("*.yaml"))
BLOCKS = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_schema_is_the_one_the_language_gives():
    assert (ROOT / "mappings" / "schema.json").read_text(encoding="utf-8") == ours.text()


def test_there_are_five_shipped_mappings():
    assert {p.stem for p in SHIPPED} >= {"jira-backlog", "jira-csv", "notion-features", "notion-goals", "roadmap-xlsx"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_a_shipped_mapping_has_no_mistake(path):
    source = read_yaml(path)
    spec = validate(MappingSpec, source.data, source)
    assert spec is not None, source.problems

    verify_mapping(spec, source, STATUSES)
    jsonschema.validate(source.data, json.loads(ours.text()))

    assert source.problems == []


@pytest.mark.parametrize("block", [b for b in BLOCKS if "kinds:" in b])
def test_a_mapping_in_the_docs_has_no_mistake(block):
    source = parse_yaml(block if block.startswith("format") else "format: 1\n" + block, "docs/mapping.md")
    spec = validate(MappingSpec, source.data, source)
    assert spec is not None, source.problems

    verify_mapping(spec, source, STATUSES)

    assert source.problems == []


def test_the_schema_refuses_what_the_language_refuses():
    good = {"format": 1, "kinds": {"story": {"fields": {"title": "Summary"}}}}
    schema = json.loads(ours.text())
    jsonschema.validate(good, schema)

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "kinds": {"story": {"fields": {"titel": "Summary"}}}}, schema)


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
        name = block.record or kind
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
