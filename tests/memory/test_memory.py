"""An answer is remembered for the place, the account and the time it is good for, and for no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from syncer.memory import Note, PeopleMemory, SideMemory, named_accounts, owner_of, unknown_options
from syncer.record import Account, FieldSpec, FieldType, Record, RecordType, Ref, Schema
from syncer.store.store import Store

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SCHEMA = Schema({"t": RecordType("t", "Story", {"s": FieldSpec("s", "Summary", FieldType.LINE)})})


class Clock:
    now = NOW


@pytest.fixture
def note(tmp_path: Path) -> Iterator[Callable[..., Note]]:
    store = Store.open(tmp_path / "shop.db", "shop")
    Clock.now = NOW

    def note(*settings: Any, key: str = "schema:backlog") -> Note:
        return Note(store, key, settings or ("here",), 3600, lambda: Clock.now)

    yield note
    store.close()


def side(note: Note, owner: str = "me") -> SideMemory:
    return SideMemory(note, lambda: owner)


def test_what_was_kept_is_recalled_with_its_schema(note: Callable[..., Note]) -> None:
    side(note()).keep({"a": [1]}, SCHEMA)
    kept = side(note()).recall()

    assert kept is not None
    assert (kept.value, kept.schema) == ({"a": [1]}, SCHEMA)
    assert side(note()).schema() == SCHEMA
    assert side(note()).fresh()


def test_nothing_is_recalled_of_other_settings_or_another_account(note: Callable[..., Note]) -> None:
    side(note("here")).keep("x", SCHEMA)

    assert side(note("there")).recall() is None
    assert side(note("there")).schema() is None
    assert not note("there").fresh()
    assert side(note("here"), owner="you").recall() is None
    assert side(note("here")).recall() is not None


def test_an_adapter_that_keeps_nothing_still_has_its_schema_remembered(note: Callable[..., Note]) -> None:
    side(note()).keep(None, SCHEMA)

    assert side(note()).recall() is None
    assert side(note()).schema() == SCHEMA


@pytest.mark.parametrize(("later", "fresh"), [(0, True), (3600, True), (3601, False), (-1, False)])
def test_an_answer_grows_old_and_one_from_the_future_is_old_already(
    note: Callable[..., Note], later: float, fresh: bool
) -> None:
    side(note()).keep("x", SCHEMA)
    Clock.now = NOW + timedelta(seconds=later)

    assert note().fresh() is fresh
    assert side(note()).schema() == SCHEMA


def test_people_are_asked_for_once(note: Callable[..., Note]) -> None:
    asked: list[str] = []

    def ask(connection: str) -> list[Account]:
        asked.append(connection)
        return [Account("a1", "Ann", "ann@example.com", active=False)]

    first = PeopleMemory(note(key="people:here"), ask, "here").accounts()
    again = PeopleMemory(note(key="people:here"), ask, "here").accounts()

    assert first == again == [Account("a1", "Ann", "ann@example.com", active=False)]
    assert asked == ["here"]


def test_the_digest_of_a_secret_tells_accounts_apart_and_nothing_else() -> None:
    mine = owner_of({"token": "s3cret"}, "lineage")

    assert mine == owner_of({"token": "s3cret"}, "lineage")
    assert mine not in (owner_of({"token": "other"}, "lineage"), owner_of({"token": "s3cret"}, "another"))
    assert "s3cret" not in mine


def test_a_value_that_could_not_be_read_names_no_option_and_nobody(product: Any) -> None:
    with product.open() as session:
        rules = session.rules.sides["backlog"]
        (kind,) = rules.kinds.values()
        status, owner = (kind.fields[name].record_field for name in ("status", "owner"))
    odd = {status: {"odd": 1}, owner: ["x"]}
    unread = Record(Ref("1"), kind.record_type, odd, unreadable={status: "odd", owner: "odd"})
    read = Record(Ref("1"), kind.record_type, {status: "99999", owner: "acc-new"})

    assert not unknown_options(rules, [unread])
    assert named_accounts(rules, [unread]) == set()
    assert unknown_options(rules, [read])
    assert named_accounts(rules, [read]) == {"acc-new"}
