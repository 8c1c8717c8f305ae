"""A JQL window means the reader's time zone: whatever it is, no edited issue is skipped and none listed for ever."""

from __future__ import annotations

from typing import Any

import pytest
from syncer_jira.adapter import CollectionSettings
from syncer_jira.sandbox.server import JiraSandbox

from syncer.record import Cursor, Ref
from tests.jira.conftest import SEED


def listed(adapter: Any, since: Cursor | None) -> tuple[set[Ref], Cursor]:
    batches = list(adapter.list(since))
    assert batches[-1].cursor is not None
    return {record.ref for batch in batches for record in batch.records}, batches[-1].cursor


@pytest.fixture(params=["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"])
def zone(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sandbox(zone: str) -> Any:
    box = JiraSandbox(SEED)
    for user in box.state.data["users"]:
        user["zone"] = zone
    box.start()
    yield box
    box.stop()


def test_an_edit_is_listed_in_any_zone_and_an_old_one_is_not(sandbox: JiraSandbox, connect: Any, zone: str) -> None:
    connection = connect()
    assert zone in connection.check().detail
    adapter = connection.open(CollectionSettings(project="SHOP"))
    everything, cursor = listed(adapter, None)
    assert len(everything) == 3
    sandbox.clock.advance(3600)
    _, cursor = listed(adapter, cursor)
    sandbox.edit({"issue": "SHOP-2", "fields": {"summary": "Pay by phone"}})
    sandbox.clock.advance(60)
    edited = {Ref(str(i["id"])) for i in sandbox.dump()["issues"] if i["key"] == "SHOP-2"}
    found, cursor = listed(adapter, cursor)
    assert found == edited
    sandbox.clock.advance(7200)

    assert listed(adapter, listed(adapter, cursor)[1])[0] == set()
