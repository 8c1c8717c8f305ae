"""The mappings we ship and the schema that editors use are true."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from syncer.mapping import jsonschema as ours
from syncer.mapping.load import read_yaml, validate
from syncer.mapping.spec import MappingSpec
from syncer.mapping.verify import verify_mapping
from syncer.model.item import STATUSES

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "mappings").glob("*.yaml"))


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


def test_the_schema_refuses_what_the_language_refuses():
    good = {"format": 1, "kinds": {"story": {"fields": {"title": "Summary"}}}}
    schema = json.loads(ours.text())
    jsonschema.validate(good, schema)

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "kinds": {"story": {"fields": {"titel": "Summary"}}}}, schema)
