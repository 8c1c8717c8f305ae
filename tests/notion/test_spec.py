"""What the adapter sends and what the sandbox answers is what Notion's own API description says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from syncer_notion.codec import NotionCodec

from syncer.errors import RejectedError
from syncer.record import Change
from syncer.richtext.nodes import Mark, Node, doc
from syncer.testing.server import Request, Response

CODEC = NotionCodec()


def operation(spec: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """Return the operation of a path; literal paths win over templates."""
    for template in sorted(spec["paths"], key=lambda p: p.count("{")):
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path) and method.lower() in spec["paths"][template]:
            found: dict[str, Any] = spec["paths"][template][method.lower()]
            return found
    raise AssertionError(f"the adapter calls {method} {path}, which Notion does not describe")


def leaves(error: Any) -> list[Any]:
    """Return what is wrong deepest down: an `anyOf` says only that no branch fits."""
    inner = [leaf for each in error.context or () for leaf in leaves(each)] or [error]
    deepest = max(len(each.absolute_path) for each in inner)
    return [each for each in inner if len(each.absolute_path) == deepest][:8]


def valid(spec: dict[str, Any], holder: Any, value: Any) -> None:
    schema = holder["content"]["application/json"]["schema"]
    checker = jsonschema.Draft202012Validator({**schema, "components": spec["components"]})
    problems = [f"{e.json_path}: {e.message[:200]}" for error in checker.iter_errors(value) for e in leaves(error)]
    assert not problems, problems


def opened(node: Any) -> Any:
    """Return the description for answers: it closes the parts of an `allOf` against each other, so nothing is valid."""
    if isinstance(node, list):
        return [opened(each) for each in node]
    if not isinstance(node, dict):
        return node
    out = {"anyOf" if key == "oneOf" else key: opened(value) for key, value in node.items()}
    if out.get("additionalProperties") is False:
        del out["additionalProperties"]
    return out


def session(desk: Any) -> None:
    """Call every endpoint that the adapter uses, with every type of value and block."""
    desk.connection.check()
    desk.connection.people()
    desk.connection.collections()
    text = doc(
        *(Node("heading", (Node("text", text=f"h{n}"),), {"level": n}) for n in range(1, 5)),
        Node("paragraph", (Node("text", text="bold", marks=(Mark("bold"), Mark("link", {"href": "https://x.y"}))),)),
        Node("list", (Node("item", (Node("paragraph", (Node("text", text="task"),)),), {"done": True}),)),
        Node("list", (Node("item", (Node("paragraph", (Node("text", text="one"),)),)),), {"ordered": True}),
        Node("list", (Node("item", (Node("paragraph", (Node("text", text="dot"),)),)),)),
        Node("code", (Node("text", text="x = 1"),), {"language": "python"}),
        Node("quote", (Node("paragraph", (Node("text", text="said"),)),)),
        Node("rule"),
    )
    made = desk.create(
        Body=CODEC.encode(text), Notes="n", Reach=1.5, Priority="High", Labels=["api"], Live=True,
        When={"start": "2026-01-01", "end": "2026-01-05"}, Owners=[desk.account("ada@example.com")],
        Files=[{"name": "a", "url": "https://x.y/a"}], Link="https://x.y", Mail="a@b.c", Phone="1", Goals=desk.goals(30),
    )  # fmt: skip
    said = Node("quote", (Node("paragraph", (Node("text", text="said so"),)),))
    changed = CODEC.patch(
        made.fields["body"],
        text,
        doc(*text.content[1:4], Node("paragraph", (Node("text", text="new"),)), *text.content[4:-2], said),
    )
    desk.adapter.update(made.ref, made.type, {"body": Change(made.fields["body"], changed)})
    desk.update(made, Notes="m", Labels=["api", "new"], Status=None, When=None)
    desk.adapter.mark(made.ref, desk.tag(2))
    desk.settle()
    cursor = list(desk.adapter.list())[-1].cursor
    list(desk.adapter.list(cursor))
    wanted = {
        "or": [{"property": "Reach", "number": {"greater_than": 1}}, {"property": "Live", "checkbox": {"equals": True}}]
    }
    filtered = desk.connection.open(desk.adapter.settings.model_copy(update={"filter": wanted}))
    list(filtered.list())
    list(filtered.list(cursor))
    filtered.get([made.ref])
    desk.adapter.find([desk.tag(2)], desk.sandbox.clock.now())
    with pytest.raises(RejectedError):
        desk.update(made, Link="x" * 3000)
    desk.adapter.archive(made.ref)
    desk.adapter.get([made.ref])
    desk.adapter.restore(made.ref)


def test_requests_and_answers_are_valid_by_the_description(bank: Path, desk: Any) -> None:
    spec = json.loads((bank / "specs" / "notion-2026-03-11.openapi.json").read_text("utf-8"))
    answers = opened(spec)
    seen: list[tuple[Request, Response]] = []
    answer = desk.sandbox.answer

    def watched(request: Request) -> Response:
        response: Response = answer(request)
        seen.append((request, response))
        return response

    # The description has values of these types, but no configuration of such a property.
    features = desk.sandbox.state.sources[desk.adapter.source]["properties"]
    del features[desk.ids["Place"]], features[desk.ids["Checked"]]
    desk.sandbox.answer = watched
    session(desk)
    used = set()
    for request, response in seen:
        found = operation(spec, request.method, request.path)
        used.add((request.method, found["operationId"] if "operationId" in found else request.path))
        valid(
            answers,
            operation(answers, request.method, request.path)["responses"][str(response.status)],
            json.loads(json.dumps(response.body)),
        )
        if request.body and response.status < 400:
            valid(spec, found["requestBody"], request.json())
    print(f"{len(seen)} exchanges of {len(used)} operations")

    assert len(used) >= 13
