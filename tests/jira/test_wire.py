"""The wire reads every issue that real sites answered with, and writes back what it read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from syncer_jira.fields import HIDDEN, SYSTEM_SHAPES, Field, Shape, field_of
from syncer_jira.wire import read_issue, read_value, write_changes, write_value

from syncer.record import Change

NAMED = {Shape.OPTION, Shape.OPTIONS, Shape.USER, Shape.USERS, Shape.PARENT}


def values(path: Path) -> Iterator[Any]:
    """Yield what a recorded file holds. A line ends where JSON Lines says: texts hold other line separators."""
    text = path.read_text("utf-8")
    for part in text.split("\n") if path.suffix == ".jsonl" else [text]:
        if part.strip():
            yield json.loads(part)


def issues_in(value: Any) -> Iterator[dict[str, Any]]:
    """An issue has an id and a fields object with a summary or an issue type; an issue within an issue is one too."""
    if isinstance(value, dict):
        fields = value.get("fields")
        if "id" in value and isinstance(fields, dict) and fields.keys() & {"summary", "issuetype"}:
            yield value
        for child in value.values():
            yield from issues_in(child)
    elif isinstance(value, list):
        for child in value:
            yield from issues_in(child)


def catalogue(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the field catalogues recorded beside the issues."""
    found: dict[str, dict[str, Any]] = {}
    for path in folder.rglob("*field*.json"):
        for listed in values(path):
            if isinstance(listed, list):
                found |= {e["id"]: e for e in listed if isinstance(e, dict) and "id" in e}
    return found


def fields_of(issue: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, Field]:
    keys = [k for k in issue["fields"] if k not in HIDDEN]
    return {k: field_of(known.get(k, {"id": k}) if k not in SYSTEM_SHAPES else {"id": k}) for k in keys}


def written_back(field: Field, original: Any, written: Any) -> bool:
    """Say whether what we would write names what was there: ids for named things, the value itself for others."""
    if original in (None, "", []):
        return written in (None, [])
    if field.shape in NAMED:
        many = [original] if isinstance(original, dict) else original
        ours = [written] if isinstance(written, dict) else written
        key = "accountId" if field.shape in (Shape.USER, Shape.USERS) else "id"
        return sorted(str(o[key]) for o in many) == sorted(str(w[key]) for w in ours)
    if field.shape is Shape.STRINGS:
        return sorted(set(original)) == written
    if field.shape is Shape.SPRINT:
        open_ones = [s["id"] for s in original if s["state"] == "active"]
        return bool(written == (open_ones or [s["id"] for s in original])[-1])
    if field.shape is Shape.INSTANT:
        return datetime.fromisoformat(original) == datetime.fromisoformat(written)
    return bool(original == written)


def of_another_kind(field: Field, original: Any) -> bool:
    """Say whether a value is none that Jira Cloud v3 shows: a field we do not carry, wiki text, a person by name."""
    if field.shape is Shape.ADF:
        return isinstance(original, str)
    if field.shape in (Shape.USER, Shape.USERS):
        return "accountId" not in json.dumps(original)
    return field.shape is Shape.UNKNOWN or not isinstance(original, str)


def test_every_recorded_issue_is_read_and_written_back_unchanged(bank: Path) -> None:
    read = fields = unreadable = 0
    for folder in [*sorted((bank / "jira-rest").iterdir()), *sorted((bank / "jira-corpus").iterdir())]:
        known = catalogue(folder)
        for path in sorted(p for p in folder.rglob("*") if p.suffix in (".json", ".jsonl")):
            for issue in (found for value in values(path) for found in issues_in(value)):
                specs = fields_of(issue, known)
                record = read_issue(issue, specs)
                read, unreadable = read + 1, unreadable + len(record.unreadable)
                for key in record.unreadable:
                    assert of_another_kind(specs[key], issue["fields"][key]), (path.name, key, issue["fields"][key])
                for key, field in specs.items():
                    if key in record.unreadable or key not in record.fields or not field.spec.writable:
                        continue
                    raw = record.fields[key]
                    assert written_back(field, issue["fields"][key], write_value(field, raw)), (path.name, key)
                    fields += 1
                json.dumps(dict(record.fields))
    print(f"{read} issues, {fields} writable values written back, {unreadable} values unreadable")

    assert read >= FLOOR_ISSUES
    assert fields >= FLOOR_VALUES


FLOOR_ISSUES, FLOOR_VALUES = 4384, 25531


@pytest.mark.parametrize(
    ("key", "value", "raw"),
    [
        ("created", "2026-11-22T10:15:30.123+0100", "2026-11-22T09:15:30.123Z"),
        ("updated", "2026-11-22T10:15:30.000+0000", "2026-11-22T10:15:30Z"),
        ("labels", ["b", "a", "removed-elsewhere"], ["a", "b"]),
        ("fixVersions", [{"id": "9"}, {"id": "10"}], ["10", "9"]),
        ("description", {"version": 1, "type": "doc", "content": []}, None),
        ("summary", "", None),
    ],
)
def test_a_value_is_read_in_its_normal_form(key: str, value: Any, raw: Any) -> None:
    assert read_value(field_of({"id": key}), value) == raw


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("summary", 3),
        ("description", "h1. wiki"),
        ("assignee", {"name": "bob"}),
        ("labels", "a"),
        ("duedate", "soon"),
        ("priority", "High"),
        ("timetracking", {"spent": 1}),
    ],
)
def test_a_value_of_another_shape_is_unreadable_and_carried(key: str, value: Any) -> None:
    record = read_issue({"id": "1", "fields": {key: value}}, {key: field_of({"id": key})})

    assert record.fields == {key: value}
    assert list(record.unreadable) == [key]


def test_the_open_sprint_of_many_counts() -> None:
    entry = {"id": "c", "custom": True, "schema": {"custom": "com.pyxis.greenhopper.jira:gh-sprint"}}
    sprints = [{"id": 1, "state": "closed"}, {"id": 3, "state": "active"}, {"id": 2, "state": "closed"}]

    assert read_value(field_of(entry), sprints) == "3"
    assert read_value(field_of(entry), [sprints[0], sprints[2]]) == "2"


def test_sets_are_written_as_their_difference_and_a_parent_is_cleared_by_its_own_verb() -> None:
    fields = {k: field_of({"id": k}) for k in ("labels", "components", "parent", "duedate")}
    changes = {
        "labels": Change(["a", "b"], ["b", "c"]),
        "components": Change(None, ["7"]),
        "parent": Change("1", None),
        "duedate": Change("2026-01-01", None),
    }

    assert write_changes(fields, changes) == {
        "fields": {"duedate": None},
        "update": {
            "labels": [{"remove": "a"}, {"add": "c"}],
            "components": [{"add": {"id": "7"}}],
            "parent": [{"set": {"none": True}}],
        },
    }


def test_a_tag_that_names_another_issue_came_with_a_clone() -> None:
    value = {"product": "p", "item": "i", "lineage": "l"}

    assert read_issue({"id": "1", "properties": {"syncer": {**value, "issueId": "2"}}}, {}).tag is None
    assert read_issue({"id": "1", "properties": {"syncer": {**value, "issueId": "1"}}}, {}).tag is not None
    assert read_issue({"id": "1", "properties": {"syncer": value}}, {}).tag is not None
