"""Every field that Jira's catalogue can give us is written, read back and cleared, and Jira holds what we say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from syncer_jira.adapter import CollectionSettings, ConnectionSettings, JiraAdapter, JiraSystem
from syncer_jira.fields import CUSTOM_SHAPES, READ_ONLY, SYSTEM_SHAPES
from syncer_jira.sandbox.server import JiraSandbox

from syncer.adapter import Secret
from syncer.errors import RejectedError
from syncer.record import Change, Draft, Raw, Record, Ref, Tag
from syncer.transport import Transport

STORY, BUG, EPIC = "10001", "10003", "10000"
OPTIONS = [{"id": "1", "value": "One"}, {"id": "2", "value": "Two"}, {"id": "3", "value": "Three"}]
IDS = {custom: f"customfield_{n}" for n, custom in enumerate(CUSTOM_SHAPES, 10100)}
CHOICES = ("select", "radiobuttons", "multiselect", "multicheckboxes")
ZOE = "acc-zoe"


def field(custom: str) -> dict[str, Any]:
    word = custom.rpartition(":")[2]
    name = "Sprint" if word == "gh-sprint" else "Flagged" if word == "multicheckboxes" else word
    return {"id": IDS[custom], "name": name, "custom": custom, **({"options": OPTIONS} if word in CHOICES else {})}


def person(account: str, **more: Any) -> dict[str, Any]:
    return {"accountId": account, "name": account, "email": f"{account}@example.com", **more}


SEED = {
    "users": [
        {**person("acc-robot"), "token": "robot-token", "email": "robot@example.com"},
        person("acc-ann", zone="Asia/Tokyo"),
        person(ZOE),
        person("acc-gone", active=False),
    ],
    "fields": [field(custom) for custom in CUSTOM_SHAPES],
    "projects": [
        {
            "key": "SHOP",
            "versions": [{"id": "20", "name": "1.0"}, {"id": "21", "name": "2.0"}],
            "components": [{"id": "30", "name": "web"}, {"id": "31", "name": "app"}],
            "sprints": [{"id": 7, "name": "Seven", "state": "active"}, {"id": 8, "name": "Eight"}],
            "workflow": [["To Do", "In Progress"], ["In Progress", "In Review"], ["In Review", "Done"]],
        }
    ],
    "issues": [{"type": "Epic", "summary": "Checkout"}, {"type": "Epic", "summary": "Delivery"}],
}


def doc(text: str) -> dict[str, Any]:
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]
    return {"version": 1, "type": "doc", "content": content}


def ids(shown: Any) -> Any:
    """Return what a value of Jira's JSON names."""
    if isinstance(shown, list):
        return sorted(str(ids(each)) for each in shown)
    return str(shown.get("accountId", shown.get("id"))) if isinstance(shown, dict) and "type" not in shown else shown


CUSTOM: dict[str, tuple[Raw, Raw]] = {
    "gh-sprint": ("7", "8"),
    "jsw-story-points": (3, 5.5),
    "float": (-1.25, 4),
    "textfield": ("one line", "ünïcödé ☃"),
    "textarea": (doc("long"), doc("longer")),
    "select": ("1", "2"),
    "radiobuttons": ("2", "3"),
    "multiselect": (["1", "2"], ["2", "3"]),
    "multicheckboxes": (["1"], ["1", "3"]),
    "multiversion": (["20"], ["20", "21"]),
    "labels": (["a", "b"], ["b", "c"]),
    "userpicker": ("acc-ann", ZOE),
    "multiuserpicker": (["acc-ann"], ["acc-ann", ZOE]),
    "datepicker": ("2026-01-31", "2028-02-29"),
    "datetime": ("2026-11-22T10:15:30Z", "2026-11-22T10:15:30.250Z"),
    "url": ("https://example.com/a?b=c", "https://example.com/ü"),
}
SYSTEM: dict[str, tuple[Raw, Raw]] = {
    "summary": ("First", "Second"),
    "description": (doc("first"), doc("second")),
    "environment": (doc("Firefox"), doc("Safari")),
    "priority": ("1", "5"),
    "assignee": ("acc-ann", ZOE),
    "reporter": ("acc-ann", ZOE),
    "labels": (["a", "b"], ["b", "ç"]),
    "fixVersions": (["20"], ["21"]),
    "versions": (["20", "21"], ["20"]),
    "components": (["30"], ["30", "31"]),
    "parent": ("10001", "10002"),
    "duedate": ("2026-12-01", "2027-01-01"),
}
CASES = [(key, *pair) for key, pair in SYSTEM.items()]
CASES += [(IDS[custom], *CUSTOM[custom.rpartition(":")[2]]) for custom in CUSTOM_SHAPES]
NAMES = [*SYSTEM, *(custom.rpartition(":")[2] for custom in CUSTOM_SHAPES)]


@pytest.fixture(scope="module")
def box() -> Iterator[JiraSandbox]:
    box = JiraSandbox(SEED, rate=0, lag=0)
    box.start()
    yield box
    box.stop()


@pytest.fixture(scope="module")
def adapter(box: JiraSandbox) -> Iterator[JiraAdapter]:
    settings = ConnectionSettings(url=box.url, user="robot@example.com", token=Secret(env="T"))
    connection = JiraSystem.connect(settings, {"token": "robot-token"}, Transport(name="jira", write=True))
    yield connection.open(CollectionSettings(project="SHOP"))
    connection.close()


def create(adapter: JiraAdapter, kind: str = STORY, **fields: Raw) -> Record:
    return adapter.create(Draft(kind, {"summary": "Plain", **fields}, Tag("shop", "item", "line")))


def held(box: JiraSandbox, ref: Ref, key: str) -> Any:
    """Return what the site itself holds."""
    return next(issue["fields"].get(key) for issue in box.dump()["issues"] if issue["id"] == ref)


def test_every_shape_of_the_catalogue_has_a_case() -> None:
    assert {custom.rpartition(":")[2] for custom in CUSTOM_SHAPES} == CUSTOM.keys()
    assert SYSTEM_SHAPES.keys() - READ_ONLY - {"status"} == SYSTEM.keys()


@pytest.mark.parametrize(("key", "first", "second"), CASES, ids=NAMES)
def test_a_field_is_created_changed_and_read_as_it_was_written(
    adapter: JiraAdapter, box: JiraSandbox, key: str, first: Raw, second: Raw
) -> None:
    made = create(adapter, **{key: first})
    changed = adapter.update(made.ref, STORY, {key: Change(first, second)})

    assert made.fields[key] == first
    assert changed.fields[key] == second == adapter.normal(key, second)
    shown = held(box, made.ref, key)
    if key.startswith("customfield") and isinstance(second, str) and "T10:15" in second:
        assert shown == "2026-11-22T10:15:30.250+0000"
    elif key == IDS["com.pyxis.greenhopper.jira:gh-sprint"]:
        assert [sprint["id"] for sprint in shown] == [8]
    else:
        assert ids(shown) == second


@pytest.mark.parametrize(("key", "first", "second"), CASES, ids=NAMES)
def test_a_field_that_can_be_cleared_is_and_another_says_that_it_cannot(
    adapter: JiraAdapter, box: JiraSandbox, key: str, first: Raw, second: Raw
) -> None:
    spec = adapter.schema().types[STORY].fields[key]
    made = create(adapter, **{key: second})
    if not spec.clearable:
        assert key in ("summary", "reporter")
        return
    after = adapter.update(made.ref, STORY, {key: Change(second, None)})

    assert after.fields[key] == spec.absent_shows == adapter.normal(key, None)
    assert held(box, made.ref, key) in (None, []) or ids(held(box, made.ref, key)) == spec.absent_shows


@pytest.mark.parametrize(
    "custom", [c for c in CUSTOM_SHAPES if isinstance(CUSTOM[c.rpartition(":")[2]][0], list)], ids=lambda c: c
)
def test_a_set_leaves_what_another_added_meanwhile(adapter: JiraAdapter, box: JiraSandbox, custom: str) -> None:
    key, (first, second) = IDS[custom], CUSTOM[custom.rpartition(":")[2]]
    made = create(adapter)
    assert isinstance(first, list) and isinstance(second, list)
    added = adapter.update(made.ref, STORY, {key: Change(None, first)})
    after = adapter.update(made.ref, STORY, {key: Change(None, [v for v in second if v not in first])})

    assert added.fields[key] == first
    assert after.fields[key] == sorted({*first, *second}, key=str)


def test_a_status_is_reached_step_by_step_and_one_out_of_reach_names_those_in_reach(
    adapter: JiraAdapter, box: JiraSandbox
) -> None:
    names = {o.name: o.id for o in adapter.schema().types[STORY].fields["status"].options}
    made = create(adapter)
    with pytest.raises(RejectedError, match="no transition to Done; reachable: In Progress") as refused:
        adapter.update(made.ref, STORY, {"status": Change(names["To Do"], names["Done"])})
    doing = adapter.update(made.ref, STORY, {"status": Change(names["To Do"], names["In Progress"])})

    assert list(refused.value.fields) == ["status"]
    assert doing.fields["status"] == held(box, made.ref, "status")["id"] == names["In Progress"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("assignee", "acc-gone"),
        ("labels", ["two words"]),
        ("duedate", "tomorrow"),
        ("fixVersions", ["99"]),
        ("priority", "99"),
        ("parent", "99"),
        (IDS["com.pyxis.greenhopper.jira:gh-sprint"], "99"),
        *((IDS[custom], ["99"]) for custom in CUSTOM_SHAPES if custom.endswith(("multiselect", "multiuserpicker"))),
        *((IDS[custom], "no url") for custom in CUSTOM_SHAPES if custom.endswith(":url")),
    ],
)
def test_a_refused_value_names_its_field_and_nothing_of_the_request_is_written(
    adapter: JiraAdapter, box: JiraSandbox, key: str, value: Raw
) -> None:
    made = create(adapter)
    with pytest.raises(RejectedError) as refused:
        adapter.update(made.ref, STORY, {"summary": Change("Plain", "Changed"), key: Change(None, value)})

    assert list(refused.value.fields) == [key]
    assert held(box, made.ref, "summary") == "Plain"
