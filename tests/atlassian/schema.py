"""Judges JSON by a JSON schema of draft 4, as far as the schema of ADF goes; unlike the general judge, in milliseconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

KNOWN = {
    "type", "enum", "required", "properties", "additionalProperties", "items", "anyOf", "allOf", "$ref", "minItems",
    "maxItems", "minLength", "minimum", "maximum", "pattern", "$schema", "definitions", "description",
}  # fmt: skip
TYPES: Mapping[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "number": (int, float), "integer": int,
}  # fmt: skip


def valid(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    """Say whether a value is what a schema asks for."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        return valid(value, root["definitions"][schema["$ref"].rpartition("/")[2]], root)
    if "enum" in schema and value not in schema["enum"]:
        return False
    if not _of_type(value, schema.get("type")):
        return False
    if "allOf" in schema and not all(valid(value, s, root) for s in schema["allOf"]):
        return False
    if "anyOf" in schema and not any(valid(value, s, root) for s in schema["anyOf"]):
        return False
    if isinstance(value, dict):
        return _object(value, schema, root)
    if isinstance(value, list):
        return _array(value, schema, root)
    if isinstance(value, str):
        return len(value) >= schema.get("minLength", 0) and bool(re.search(schema.get("pattern", ""), value))
    if isinstance(value, (int, float)):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


def _of_type(value: Any, type: str | None) -> bool:
    if type is None:
        return True
    return isinstance(value, TYPES[type]) and (type == "boolean" or not isinstance(value, bool))


def _object(value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    known = schema.get("properties", {})
    if not set(schema.get("required", ())) <= value.keys():
        return False
    if schema.get("additionalProperties") is False and not value.keys() <= known.keys():
        return False
    return all(valid(value[name], known[name], root) for name in sorted(value.keys() & known.keys(), reverse=True))


def _array(value: list[Any], schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return False
    items = schema.get("items")
    if isinstance(items, list):
        return all(valid(v, s, root) for v, s in zip(value, items, strict=False))
    return items is None or all(valid(v, items, root) for v in value)
