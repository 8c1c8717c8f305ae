"""Writes `mappings/schema.json`: what editors need to complete and check `syncer.yaml` and mapping files. Pure.

Run `python -m syncer.mapping.jsonschema > mappings/schema.json` after a change of the language.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import models_json_schema

from syncer.mapping.settings import ProductSpec
from syncer.mapping.spec import MappingSpec
from syncer.mapping.verify import CUSTOM
from syncer.model.kinds import KINDS, fields_of


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of both files: one with `connections` is `syncer.yaml`.

    Settings of a system's own are left to the system: they are free here, and checked when the file is loaded.
    """
    _, made = models_json_schema([(ProductSpec, "validation"), (MappingSpec, "validation")])
    parts = made["$defs"]
    parts["MappingSpec"]["properties"]["kinds"] = {
        "type": "object",
        "description": "Item kind → how it lives in this collection.",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {kind: _kind(kind) for kind in KINDS},
    }
    fields = parts["KindSpec"]["properties"]["fields"]
    parts["Field"] = fields.pop("additionalProperties")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "syncer.yaml and mapping files",
        "if": {"required": ["connections"]},
        "then": {"$ref": "#/$defs/ProductSpec"},
        "else": {"$ref": "#/$defs/MappingSpec"},
        "$defs": parts,
    }


def _kind(kind: str) -> dict[str, Any]:
    """Return the schema of one kind's block: it knows the kind's fields by name."""
    field = {"$ref": "#/$defs/Field"}
    names = {name: {**field, "description": known.about} for name, known in fields_of(kind).items()}
    fields = {
        "properties": names,
        "patternProperties": {f"^{CUSTOM.replace('.', '[.]')}": field},
        "additionalProperties": False,
    }
    return {"$ref": "#/$defs/KindSpec", "properties": {"fields": fields}}


def text() -> str:
    """Return the text of `mappings/schema.json`."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(text(), end="")
