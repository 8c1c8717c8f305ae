"""What the adapter sends and what the sandbox answers is what Atlassian's own specification says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from syncer_jira.adapter import CollectionSettings, JiraConnection
from syncer_jira.sandbox.server import JiraSandbox

from syncer.errors import RejectedError
from syncer.record import Change, Cursor, Draft, Ref, Tag
from syncer.testing.server import Request, Response


def draft4(node: Any) -> Any:
    """Turn OpenAPI's `nullable` into a type, and leave out what only OpenAPI knows."""
    if isinstance(node, list):
        return [draft4(child) for child in node]
    if not isinstance(node, dict):
        return node
    out = {k: draft4(v) for k, v in node.items() if k not in ("example", "format", "discriminator", "xml")}
    if out.pop("nullable", False) is True and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
    return out


def operation(spec: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """Return the operation of a path; literal paths win over templates."""
    for template in sorted(spec["paths"], key=lambda p: p.count("{")):
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path) and method.lower() in spec["paths"][template]:
            found: dict[str, Any] = spec["paths"][template][method.lower()]
            return found
    return None


def body_schema(part: dict[str, Any] | None) -> Any:
    return (((part or {}).get("content") or {}).get("application/json") or {}).get("schema")


def test_requests_and_answers_are_valid_by_the_specification(
    bank: Path, connect: Callable[..., JiraConnection], sandbox: JiraSandbox
) -> None:
    connection = connect()
    adapter = connection.open(CollectionSettings(project="SHOP", jql="status != Done", archive_status="Done"))
    spec = draft4(json.loads((bank / "specs" / "jira-v3.json").read_text("utf-8")))
    for part in ("from", "fromString", "to", "toString"):
        # every recorded changelog has null here, whatever the specification says
        spec["components"]["schemas"]["ChangeDetails"]["properties"][part]["type"] = ["string", "null"]
    seen: list[tuple[Request, Response]] = []
    answer = sandbox.answer

    def watched(request: Request) -> Response:
        response = answer(request)
        seen.append((request, response))
        return response

    sandbox.answer = watched  # type: ignore[method-assign]
    connection.check(), connection.people(), connection.collections()
    list(adapter.list())
    list(adapter.list(Cursor("0")))
    made = adapter.create(Draft("10001", {"summary": "x", "labels": ["a"]}, Tag("p", "i", "l")))
    adapter.update(made.ref, "10001", {"summary": Change("x", "y"), "labels": Change(["a"], ["b"])})
    adapter.update(made.ref, "10001", {"status": Change("10000", "10001")})
    adapter.mark(made.ref, Tag("p", "i", "l"))
    adapter.get([made.ref, Ref("1")])
    adapter.find([Tag("p", "i", "l")], datetime.now(UTC))
    adapter.archive(made.ref)
    adapter.restore(made.ref)
    with pytest.raises(RejectedError):
        adapter.update(made.ref, "10001", {"labels": Change(None, ["two words"])})

    checked = 0
    used: set[str] = set()
    for request, response in seen:
        if not request.path.startswith("/rest/api/3"):
            continue
        found = operation(spec, request.method, request.path)
        assert found is not None, f"{request.method} {request.path} is not in the specification"
        used.add(found["operationId"])
        for value, schema in (
            (request.json() if request.body else None, body_schema(found.get("requestBody"))),
            (response.body, body_schema(found["responses"].get(str(response.status)))),
        ):
            if value is not None and schema is not None:
                whole = {**schema, "components": spec["components"]}
                errors = list(jsonschema.Draft4Validator(whole).iter_errors(value))
                assert not errors, f"{request.method} {request.path}: {errors[0].json_path} {errors[0].message[:300]}"
                checked += 1

    assert {"matchIssues", "searchAndReconsileIssuesUsingJqlPost", "bulkFetchIssues", "getChangeLogs"} <= used
    assert len(used) >= 20
    assert checked >= 40
