"""What a write replaced is read from the issue's history, for every type of field, and nothing is made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from syncer_jira.adapter import CollectionSettings, JiraAdapter, JiraConnection
from syncer_jira.fields import CUSTOM_SHAPES
from syncer_jira.history import Histories, overwritten
from syncer_jira.sandbox.seed import adf
from syncer_jira.sandbox.server import JiraSandbox

from syncer.adapter import Can
from syncer.record import Change, Raw, Record, Ref
from syncer.testing.server import Fault
from tests.jira.conftest import SEED

STORY = "10001"
ISSUE = Ref("10002")
OPTIONS = [{"id": "1", "value": "one"}, {"id": "2", "value": "two"}, {"id": "3", "value": "three"}]
CUSTOM = {f"customfield_{n}": name.rpartition(":")[2] for n, name in enumerate(CUSTOM_SHAPES, 20000)}
"""As the site below numbers them."""
BY_TYPE = {name: key for key, name in CUSTOM.items()}
Values = tuple[Raw, Any, Raw, Raw]
"""Before, what a person sends, how we read it, and what we write."""

EDITS: dict[str, Values] = {
    "summary": ("Pay by card", "theirs", "theirs", "ours"),
    "description": (adf("one\ntwo"), adf("their words"), adf("their words"), adf("our words")),
    "priority": ("3", {"id": "1"}, "1", "5"),
    "assignee": (None, {"accountId": "acc-ann"}, "acc-ann", "acc-robot"),
    "reporter": ("acc-ann", {"accountId": "acc-bob"}, "acc-bob", "acc-robot"),
    "duedate": (None, "2027-01-02", "2027-01-02", "2027-03-04"),
    "parent": ("10001", {"id": "10004"}, "10004", "10005"),
    "textfield": (None, "theirs", "theirs", "ours"),
    "textarea": (None, adf("their words"), adf("their words"), adf("our words")),
    "url": (None, "https://a.example/theirs", "https://a.example/theirs", "https://a.example/ours"),
    "float": (None, 2.5, 2.5, 7),
    "jsw-story-points": (None, 3, 3, 8),
    "select": (None, {"id": "1"}, "1", "2"),
    "radiobuttons": (None, {"id": "1"}, "1", "2"),
    "datepicker": (None, "2027-01-02", "2027-01-02", "2027-03-04"),
    "datetime": (None, "2027-01-02T10:30:00.000+0000", "2027-01-02T10:30:00Z", "2027-03-04T11:00:00Z"),
    "userpicker": (None, {"accountId": "acc-ann"}, "acc-ann", "acc-robot"),
    "gh-sprint": (None, 7, "7", "8"),
}
SETS: dict[str, tuple[Any, list[str]]] = {
    "labels": (["pay", "theirs"], ["ours"]),
    "fixVersions": ([{"id": "20"}], ["21"]),
    "multiselect": ([{"id": "1"}], ["2"]),
    "multiuserpicker": ([{"accountId": "acc-ann"}], ["acc-robot"]),
}


@pytest.fixture
def sandbox() -> Any:
    fields = [
        {"id": f"customfield_{n}", "name": f"F{n}", "custom": custom}
        | ({"options": OPTIONS} if custom.endswith(("select", "radiobuttons", "checkboxes")) else {})
        for n, custom in enumerate(CUSTOM_SHAPES, 20000)
    ]
    people = [("robot", "Syncer"), ("ann", "Ann"), ("bob", "Bob")]
    users = [
        {"accountId": f"acc-{u}", "name": n, "email": f"{u}@example.com", "token": f"{u}-token"} for u, n in people
    ]
    epics = [{"type": "Epic", "summary": "Delivery"}, {"type": "Epic", "summary": "Returns"}]
    issues = [{k: v for k, v in i.items() if k != "custom"} for i in SEED["issues"]]
    issues = [*issues, *epics]
    with JiraSandbox({**SEED, "issues": issues, "fields": fields, "users": users}) as box:
        box.state.issues[ISSUE]["fields"]["reporter"] = "acc-ann"
        yield box


def before_our_put(sandbox: JiraSandbox, fields: dict[str, Any]) -> None:
    """Let a person edit the issue after we have read it, and right before our write arrives."""
    what = {"as": "ann@example.com", "issue": ISSUE, "fields": fields}
    sandbox.faults.append(Fault("PUT", "/issue/", "edit", body=what))


def key_of(name: str) -> str:
    return name if name == "labels" else BY_TYPE.get(name, name)


def write(adapter: JiraAdapter, key: str, change: Change) -> Record:
    """Read what is to be written, then write it: what an engine does."""
    adapter.get([ISSUE], {key})
    return adapter.update(ISSUE, STORY, {key: change})


def test_every_shape_of_field_that_is_written_whole_is_tried_here() -> None:
    whole = {name for name in BY_TYPE if name not in SETS and name not in ("multicheckboxes", "multiversion", "labels")}

    assert whole <= EDITS.keys()


@pytest.mark.parametrize("name", EDITS)
def test_what_a_person_wrote_in_the_gap_is_told(adapter: JiraAdapter, sandbox: JiraSandbox, name: str) -> None:
    was, sent, theirs, ours = EDITS[name]
    key = key_of(name)
    adapter.schema()
    before_our_put(sandbox, {key: sent})
    sandbox.log.clear()
    after = write(adapter, key, Change(was, ours))
    asked = [line.route for line in sandbox.log]

    assert after.overwritten == {key: theirs}
    assert after.fields[key] == ours
    assert not sandbox.faults[0].times
    # who we are is asked only now that there is a suspicion
    assert asked[0] == "POST /rest/api/3/issue/bulkfetch" and asked[-1] == "GET /rest/api/3/myself"
    again = write(adapter, key, Change(ours, theirs))
    assert (again.fields[key], again.overwritten) == (theirs, {})


@pytest.mark.parametrize("name", EDITS)
def test_a_write_that_nobody_crossed_tells_nothing_and_costs_nothing(
    adapter: JiraAdapter, sandbox: JiraSandbox, name: str
) -> None:
    was, _, theirs, ours = EDITS[name]
    key = key_of(name)
    write(adapter, key, Change(was, theirs))
    sandbox.log.clear()
    after = write(adapter, key, Change(theirs, ours))

    assert (after.fields[key], after.overwritten) == (ours, {})
    assert "GET /rest/api/3/myself" not in [line.route for line in sandbox.log]


@pytest.mark.parametrize("name", [n for n in EDITS if n not in ("summary", "priority", "reporter")])
def test_what_a_person_cleared_in_the_gap_is_told(adapter: JiraAdapter, sandbox: JiraSandbox, name: str) -> None:
    _, sent, theirs, ours = EDITS[name]
    key = key_of(name)
    sandbox.edit({"issue": ISSUE, "fields": {key: sent}})
    before_our_put(sandbox, {key: None})

    assert write(adapter, key, Change(theirs, ours)).overwritten == {key: None}


@pytest.mark.parametrize("name", SETS)
def test_a_set_loses_nothing_to_a_write(adapter: JiraAdapter, sandbox: JiraSandbox, name: str) -> None:
    sent, ours = SETS[name]
    key = key_of(name)
    was = adapter.get([ISSUE])[ISSUE]
    assert isinstance(was, Record)
    held = was.fields[key]
    before_our_put(sandbox, {key: sent})
    now: list[Raw] = [*(held if isinstance(held, list) else []), *ours]
    after = write(adapter, key, Change(held, now))
    shown = after.fields[key]

    assert after.overwritten == {}
    assert isinstance(shown, list) and len(shown) == len(sent) + len(ours)


def test_a_status_moved_in_the_gap_is_told(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    sandbox.faults.append(Fault("POST", "/transitions", "edit", body={"issue": ISSUE, "status": "In Review"}))
    after = write(adapter, "status", Change("10000", "10003"))

    assert (after.fields["status"], after.overwritten) == ("10003", {"status": "10002"})


def test_the_same_words_written_by_both_are_agreement(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    before_our_put(sandbox, {"summary": "same"})

    assert write(adapter, "summary", Change("Pay by card", "same")).overwritten == {}


def test_an_edit_of_another_field_is_not_ours_to_tell(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    before_our_put(sandbox, {"duedate": "2027-01-02"})
    after = write(adapter, "summary", Change("Pay by card", "ours"))

    assert (after.fields["duedate"], after.overwritten) == ("2027-01-02", {})


def test_an_edit_that_was_taken_back_lost_nothing(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    adapter.get([ISSUE], {"summary"})
    for word in ("theirs", "Pay by card"):
        sandbox.edit({"issue": ISSUE, "fields": {"summary": word}})

    assert adapter.update(ISSUE, STORY, {"summary": Change("Pay by card", "ours")}).overwritten == {}


def test_an_edit_after_ours_is_what_stands_and_is_not_told(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    adapter.get([ISSUE], {"summary"})
    for word, by in (("theirs", "ann"), ("ours", "robot"), ("theirs again", "bob")):
        sandbox.edit({"as": f"{by}@example.com", "issue": ISSUE, "fields": {"summary": word}})
    answer = {"id": ISSUE, **sandbox.recent(sandbox.state.issues[ISSUE], "Etc/UTC", 100)}
    gap = adapter._histories.gap(answer)

    assert [e["items"][0]["toString"] for e in gap] == ["theirs again", "ours", "theirs"]
    fields = adapter._issues.known().every
    assert overwritten(fields, {"summary": Change("Pay by card", "ours")}, gap, lambda: "acc-robot") == {}


def test_of_a_formatted_text_only_other_words_are_told(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    def text(words: str, *marks: str) -> Any:
        return {"type": "text", "text": words} | ({"marks": [{"type": m} for m in marks]} if marks else {})

    def page(*inlines: Any) -> Any:
        head = {"type": "heading", "attrs": {"level": 2}, "content": [text("How")]}
        return {"version": 1, "type": "doc", "content": [head, {"type": "paragraph", "content": [*inlines]}]}

    was = page(text("pay "), text("now", "strong"))
    sandbox.edit({"issue": ISSUE, "fields": {"description": was}})
    before_our_put(sandbox, {"description": page(text("pay "), text("now", "em"))})
    assert write(adapter, "description", Change(was, adf("ours"))).overwritten == {}

    before_our_put(sandbox, {"description": page(text("pay "), text("later", "strong"))})
    told = write(adapter, "description", Change(adf("ours"), adf("ours again"))).overwritten["description"]
    assert told == adf("h2. How\npay *later*")


def test_a_record_that_was_never_read_for_its_history_tells_nothing(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    before_our_put(sandbox, {"summary": "theirs"})

    assert adapter.update(ISSUE, STORY, {"summary": Change("Pay by card", "ours")}).overwritten == {}


def test_what_the_history_shows_in_another_way_is_never_guessed(adapter: JiraAdapter, sandbox: JiraSandbox) -> None:
    number = adapter._issues.known().every[BY_TYPE["float"]]
    item = {"field": "n", "fieldId": "n", "from": None, "fromString": "three", "to": None, "toString": "7"}
    gap = [{"id": str(n), "author": {"accountId": "me"}, "created": "", "items": [item]} for n in (2, 1)]

    assert overwritten({"n": number}, {"n": Change(1, 7)}, gap, lambda: "me") == {}


def test_an_answer_that_shows_more_of_the_past_is_no_gap() -> None:
    def entry(number: int) -> Any:
        stamp = f"2026-01-01T00:00:{number:02}.000+0000"
        return {"id": str(number), "author": {"accountId": "x"}, "created": stamp, "items": []}

    histories = Histories()
    histories.note({"id": "1", "changelog": {"histories": [entry(n) for n in (9, 8)]}})
    gap = histories.gap({"id": "1", "changelog": {"histories": [entry(n) for n in range(10, 0, -1)]}})

    assert [e["id"] for e in gap] == ["10"]
    assert histories.gap({"id": "2", "changelog": {"histories": [entry(1)]}}) == []


def test_a_listing_asks_for_no_history(connect: Callable[..., JiraConnection], sandbox: JiraSandbox) -> None:
    adapter = connect().open(CollectionSettings(project="SHOP"))
    assert Can.TELLS_OVERWRITTEN in adapter.traits.can
    sent: list[Any] = []
    answer = sandbox.answer
    sandbox.answer = lambda request: (sent.append(request), answer(request))[1]  # type: ignore[method-assign]
    refs = [r.ref for batch in adapter.list() for r in batch.records]
    adapter.get(refs)
    adapter.get(refs[:1])
    adapter.get(refs[:1], {"summary"})

    asked = [b"changelog" in request.body for request in sent if request.method == "POST"]
    assert asked == [False, False, False, True]


def test_recorded_histories_are_read(bank: Path, adapter: JiraAdapter) -> None:
    """Whatever Jira has been seen to write in a changelog, a value is made of it or it is left alone."""
    fields = adapter._issues.known().every
    items: list[Any] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "fieldtype" in node and "fromString" in node:
                items.append(node)
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    for path in sorted((bank / "jira-rest").rglob("*.json*")):
        for line in [path.read_text("utf-8")] if path.suffix == ".json" else path.read_text("utf-8").splitlines():
            try:
                walk(json.loads(line))
            except ValueError:
                continue
    told = 0
    for item in items:
        author = {"accountId": "me"}
        gap = [{"id": str(n), "author": author, "created": "", "items": [item]} for n in (2, 1)]
        changes = {key: Change("was", "now") for key in fields}
        told += len(overwritten(fields, changes, gap, lambda: "me"))
    print(f"{told} values from {len(items)} recorded changes")

    assert (len(items) > 100, told > 20) == (True, True)
