"""A session that finds nothing new asks each collection once; what it remembers of them is renewed when it must be."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from syncer import api
from syncer.testing.server import Fault
from syncer.transport import Transport

IDLE = ["POST /rest/api/3/search/jql", "POST /v1/data_sources/{id}/query"]
FIELDS, SOURCE = "GET /rest/api/3/field", "GET /v1/data_sources/{id}"
USERS = {"GET /rest/api/3/users/search", "GET /v1/users"}


def item(product: Any, title: str) -> dict[str, Any]:
    """Return an item's fields."""
    with product.open() as session:
        (found,) = session.items(title)
        return dict(found.fields)


def test_an_idle_sync_in_a_new_process_costs_one_request_a_collection(product: Any) -> None:
    assert product.sync() == 0

    assert product.calls() == IDLE


def test_two_idle_syncs_in_one_session_cost_two_requests_a_collection(product: Any) -> None:
    with product.open() as session:
        session.sync()
        session.sync()

    assert sorted(product.calls()) == sorted(IDLE * 2)


def test_an_open_conflict_costs_no_request(product: Any) -> None:
    product.issue("SHOP-1", summary="Pay by card")
    product.page("Pay", Name={"title": [{"type": "text", "text": {"content": "Pay by phone"}}]})
    product.wait()
    assert product.sync() == 4
    product.wait()
    product.sync()
    product.wait()
    product.calls()

    assert product.sync() == 4
    assert product.calls() == IDLE


def test_a_plan_costs_no_more(product: Any) -> None:
    with product.open() as session:
        assert not session.plan().actions

    assert product.calls() == IDLE


def test_what_is_remembered_is_renewed_with_a_full_listing(product: Any) -> None:
    product.sync(full=True)

    calls = product.calls()
    assert {FIELDS, SOURCE} | USERS <= set(calls)
    assert max(calls.count(call) for call in (FIELDS, SOURCE)) == 1


def test_what_is_remembered_is_renewed_once_it_is_as_old_as_a_full_listing(product: Any) -> None:
    product.wait(86400 + 60)
    product.sync()
    assert {FIELDS, SOURCE} | USERS <= set(product.calls())
    product.wait()
    product.sync()

    assert product.calls() == IDLE


def test_a_check_asks_live(product: Any) -> None:
    with product.open() as session:
        assert session.check().ok

    assert {FIELDS, SOURCE} <= set(product.calls())


def test_an_option_added_since_is_read_in_the_run_that_meets_it(product: Any) -> None:
    severity = next(f for f in product.jira.state.data["fields"] if f["name"] == "Severity")
    severity["options"].append({"id": "10102", "value": "Blocker"})
    product.issue("SHOP-1", **{severity["id"]: {"id": "10102"}})
    product.wait()
    assert product.sync() == 0
    assert FIELDS in product.calls()
    product.wait()
    product.sync()

    assert item(product, "Pay")["custom.severity"] == "Blocker"
    assert product.calls() == IDLE


def test_what_an_adapter_learns_while_it_lists_is_not_asked_for_again(product: Any) -> None:
    (source,) = product.notion.state.sources.values()
    status = product.notion.state.prop(source, "Status")["status"]
    status["options"].append({**status["options"][0], "id": "blocked", "name": "Blocked"})
    product.page("Pay", Status={"status": {"name": "Blocked"}})
    product.wait()
    product.sync()

    assert product.calls().count(SOURCE) == 1
    assert item(product, "Pay")["status"] == "planned"


def test_a_mapping_may_name_what_the_tool_got_since(product: Any) -> None:
    (source,) = product.notion.state.sources.values()
    status = product.notion.state.prop(source, "Status")["status"]
    status["options"].append({**status["options"][0], "id": "blocked", "name": "Blocked"})
    product.rewrite("pages.yaml", "doing: In progress", "doing: [In progress, Blocked]")

    assert product.sync() == 0


def test_a_field_that_is_nowhere_is_complained_about_from_the_live_schema(product: Any) -> None:
    product.rewrite("backlog.yaml", "owner: Assignee", "owner: Asignee")
    with product.open() as session:
        problems = [str(p) for p in session.check().problems]

    assert any('"Assignee"' in p or "Assignee" in p for p in problems)


def test_a_person_who_joined_since_is_known_in_the_run_that_meets_them(product: Any) -> None:
    product.jira.state.data["users"].append({"accountId": "acc-zoe", "name": "Zoe", "email": "zoe@example.com"})
    product.issue("SHOP-2", assignee={"accountId": "acc-zoe"})
    product.notion.state.users["zoe"] = {
        **next(u for u in product.notion.state.users.values() if u["email"]),
        "id": "zoe",
        "name": "Zoe",
        "email": "zoe@example.com",
    }
    product.wait()
    assert product.sync() == 0

    assert item(product, "Ship")["owner"] == "zoe@example.com"
    assert product.page("Ship")["Owner"] == ["zoe"]


def test_a_system_that_is_down_when_its_memory_is_old_holds_up_no_other(
    product: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "Transport", partial(Transport, attempts=1))
    product.wait(86400 + 60)
    product.page("Pay", Status={"status": {"name": "Done"}})
    product.wait()
    product.jira.faults.append(Fault(kind=500, times=10_000))

    assert product.sync() == 6
    assert len(product.jira.log) == 2
    with product.open() as session:
        assert any(row.fields["status"] == "done" for row in session.items())


def test_another_project_is_not_known_by_the_first_ones_memory(product: Any) -> None:
    product.jira.state.data["projects"].append({**product.jira.state.data["projects"][0], "id": "10009", "key": "OPS"})
    product.rewrite("syncer.yaml", "project: SHOP", "project: OPS")
    with product.open() as session:
        session.plan()

    assert FIELDS in product.calls()
