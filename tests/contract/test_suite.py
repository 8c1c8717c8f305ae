"""The suite itself: it quotes the contract, it says what it skips, and it catches adapters that break a promise."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncer import adapter, errors, record, transport
from syncer.adapter import NO_MEMORY, Adapter, Can, Memory, Traits
from syncer.errors import RejectedError, UnknownOutcomeError
from syncer.record import Batch, Change, Cursor, Draft, Gone, Raw, Record, Ref, Tag
from syncer.registry import systems
from syncer.testing.contract import AdapterContract, Bench
from syncer.testing.contract.hand import Hand
from syncer.testing.memory import Habits, MemoryAdapter
from syncer.transport import Transport
from tests.contract.test_memory import MemoryBench

TESTS = {
    name: test for name, test in inspect.getmembers(AdapterContract, inspect.isfunction) if name.startswith("test_")
}


def words(text: str) -> str:
    return " ".join(re.sub(r"[#\"]", " ", text).split())


CONTRACT = words("".join(inspect.getsource(module) for module in (adapter, errors, record, transport)))


@pytest.mark.parametrize("name", sorted(TESTS))
def test_every_test_quotes_a_sentence_that_stands_in_the_contract(name: str) -> None:
    said = TESTS[name].__doc__ or ""

    assert words(said.partition(": ")[2]).rstrip(".") in CONTRACT


def test_every_verb_of_an_adapter_is_quoted() -> None:
    quoted = {(test.__doc__ or "").partition(": ")[0] for test in TESTS.values()}
    verbs = {name for name, _ in inspect.getmembers(Adapter, inspect.isfunction) if not name.startswith("_")}

    assert {f"Adapter.{verb}" for verb in verbs} | {"Adapter.traits"} <= quoted
    assert len(verbs) >= 11


def kinds(of: type[Bench]) -> Iterator[type[Bench]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_system_that_is_installed_has_a_bench() -> None:
    for path in Path(__file__).parent.glob("test_*.py"):
        importlib.import_module(f"tests.contract.{path.stem}")
    held = {kind.system.name for kind in kinds(Bench) if hasattr(kind, "system")}

    assert set(systems()) <= held
    assert len(systems()) >= 4


class Twice(MemoryAdapter):
    """Repeats a write that may have happened."""

    def update(self, ref: Ref, record_type: str, changes: Mapping[str, Change]) -> Record:
        try:
            return super().update(ref, record_type, changes)
        except UnknownOutcomeError:
            return super().update(ref, record_type, changes)

    def create(self, draft: Draft) -> Record:
        try:
            return super().create(draft)
        except UnknownOutcomeError:
            return super().create(draft)


class Swallows(MemoryAdapter):
    """Turns a failure into an empty answer."""

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        try:
            yield from super().list(since)
        except errors.UnreachableError:
            yield Batch((), complete=True, cursor=Cursor("0"))


class Hasty(MemoryAdapter):
    """Says complete, and gives a cursor, with every batch."""

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        for batch in super().list(since):
            yield replace(batch, complete=True, cursor=Cursor("0"))


class Overwrites(MemoryAdapter):
    """Writes sets as a whole, and what is refused all the same."""

    def update(self, ref: Ref, record_type: str, changes: Mapping[str, Change]) -> Record:
        row = self._row(ref)
        row.fields.update({name: change.now for name, change in changes.items()})
        if row.fields["status"] == "nonsense":
            raise RejectedError("no", fields={"status": "no"})
        return self._record(row)


class Untagged(MemoryAdapter):
    """Creates, and tags afterwards; does not say so when it could not."""

    def create(self, draft: Draft) -> Record:
        made = super().create(draft)
        self.table.rows[made.ref].tag = None
        self.mark(made.ref, draft.tag)
        return self._record(self.table.rows[made.ref])


class Drops(MemoryAdapter):
    """Leaves out what it does not find, loses fields, and forgets how it names them."""

    def get(self, refs: Sequence[Ref], fields: Any = None) -> Mapping[Ref, Record | Gone]:
        return {ref: found for ref, found in super().get(refs).items() if isinstance(found, Record)}

    def groups(self, fields: Any) -> Sequence[frozenset[str]]:
        return [frozenset({field}) for field in sorted(fields)[:1]]

    def normal(self, field: str, raw: Raw) -> Raw:
        return f"{raw}!"


class Deletes(MemoryAdapter):
    """Archives for good, and marks nothing."""

    def archive(self, ref: Ref) -> None:
        del self.table.rows[ref]

    def mark(self, ref: Ref, tag: Tag) -> Ref:
        return ref


class Boasts(MemoryAdapter):
    """Writes whatever the access, and lists everything each time."""

    @property
    def traits(self) -> Traits:
        return replace(super().traits, can=Can.ALL, account="robot")

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        yield from super().list()

    def _call(self, verb: str, what: str = "") -> None:
        self.table.calls.append((verb, what))


PLANTED: Sequence[tuple[type[MemoryAdapter], str]] = [
    (Twice, "test_an_update_whose_answer_is_lost_is_sent_once"),
    (Twice, "test_a_create_whose_answer_is_lost_is_sent_once_and_found_again"),
    (Swallows, "test_a_listing_that_breaks_off_raises_or_ends_without_a_cursor"),
    (Hasty, "test_only_the_last_batch_is_complete_and_has_a_cursor"),
    (Overwrites, "test_a_set_is_written_by_adding_and_removing"),
    (Overwrites, "test_a_refused_update_names_its_fields_and_writes_none_of_the_group"),
    (Untagged, "test_the_tag_travels_in_the_request_that_creates"),
    (Drops, "test_every_ref_asked_for_is_a_key_of_the_answer"),
    (Drops, "test_fields_narrow_what_is_read"),
    (Drops, "test_groups_split_the_fields_and_lose_none"),
    (Drops, "test_the_normal_form_is_normal"),
    (Drops, "test_every_field_is_written_alone_and_read_back_in_its_normal_form"),
    (Deletes, "test_an_archived_record_is_out_of_sight"),
    (Deletes, "test_an_archived_record_comes_back_as_it_was"),
    (Deletes, "test_a_mark_is_read_back"),
    (Boasts, "test_a_read_only_connection_writes_nothing"),
    (Boasts, "test_a_listing_costs_one_request_when_nothing_changed"),
    (Boasts, "test_there_is_exactly_one_request_an_attempt"),
]


def hand(kind: type[MemoryAdapter]) -> Hand:
    class Planted(MemoryBench):
        def open(self, transport: Transport, *, wrong: bool = False, memory: Memory = NO_MEMORY) -> Adapter:
            return kind(self.table, transport)

    bench = Planted(Habits(hides_gone=True))
    given = bench.transport()
    return Hand(bench, given, bench.open(given))


def arguments(test: Callable[..., object]) -> dict[str, Any]:
    return {"pages": 0} if "pages" in inspect.signature(test).parameters else {}


@pytest.mark.parametrize(("kind", "name"), PLANTED, ids=lambda given: getattr(given, "__name__", given))
def test_a_broken_promise_is_caught_and_a_kept_one_is_not(kind: type[MemoryAdapter], name: str) -> None:
    test = getattr(AdapterContract(), name)
    test(hand(MemoryAdapter), **arguments(test))

    with pytest.raises((AssertionError, pytest.fail.Exception, KeyError, errors.AdapterError)):
        test(hand(kind), **arguments(test))
