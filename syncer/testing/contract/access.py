"""What the contract says of reading only, of what is sent and when, and of what is kept from run to run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncer.adapter import Can
from syncer.errors import ReadOnlyError, UnreachableError
from syncer.record import Change, Draft
from syncer.testing.contract.bench import Bench, Notebook, Offers
from syncer.testing.contract.hand import Contract, Hand, needs


class AccessContract(Contract):
    """Nothing is sent that may not be sent, and nothing twice."""

    def test_a_read_only_connection_writes_nothing(self, hand: Hand) -> None:
        """Transport.permit: Raise ReadOnlyError for a write where `access` is read. Call it before a byte is sent."""
        hand.bench.add("One")
        record = hand.known("One")
        reader = hand.bench.open(hand.bench.transport(write=False))
        before, kind, title = hand.bench.truth(), hand.kind(), hand.bench.title
        assert [record.ref] == [r.ref for batch in reader.list() for r in batch.records]
        writes: dict[Can, Callable[[], object]] = {
            Can.CREATE: lambda: reader.create(Draft(kind, {title: "Two"}, hand.tag())),
            Can.UPDATE: lambda: reader.update(record.ref, record.type, {title: Change("One", "Uno")}),
            Can.ARCHIVE: lambda: reader.archive(record.ref),
            Can.TAG: lambda: reader.mark(record.ref, hand.tag()),
        }
        logged = Offers.LOG in hand.bench.offers
        if logged:
            hand.requests()
        for can, write in writes.items():
            if can in hand.can:
                with pytest.raises(ReadOnlyError):
                    write()

        assert before == hand.bench.truth()
        assert not logged or [] == list(hand.written())

    @needs(Can.ARCHIVE | Can.RESTORE)
    def test_a_read_only_connection_restores_nothing(self, hand: Hand) -> None:
        """ReadOnlyError: A write was asked of a connection that is configured with `access: read`."""
        hand.bench.add("One")
        ref = hand.known("One").ref
        hand.adapter.archive(ref)
        reader = hand.bench.open(hand.bench.transport(write=False))
        before = hand.bench.truth()
        with pytest.raises(ReadOnlyError):
            reader.restore(ref)

        assert before == hand.bench.truth()

    def test_opening_a_collection_sends_nothing(self, bench: Bench) -> None:
        """Connection.open: Sends no request."""
        transport = bench.transport()
        bench.open(transport)

        assert transport.exchanges == 0
        assert Offers.LOG not in bench.offers or [] == list(bench.requests())

    def test_what_a_collection_can_do_is_asked_once(self, hand: Hand) -> None:
        """Adapter.traits: What this collection can do. May ask the system once."""
        first, before = hand.adapter.traits, hand.transport.exchanges

        assert hand.adapter.traits == first
        assert hand.transport.exchanges == before
        assert first.gap or Can.UPDATE not in first.can

    @needs(Can.FEED)
    def test_what_is_kept_makes_an_idle_run_one_request(self, hand: Hand) -> None:
        """Memory: What an adapter keeps of one collection from run to run, so that an idle one asks the system nothing
        twice."""
        bench, notebook = hand.bench, Notebook()
        bench.add("One")
        bench.wait(3600)
        teacher = bench.open(bench.transport(), memory=notebook)
        schema = teacher.schema()
        cursor = list(teacher.list())[-1].cursor
        bench.wait(3600)
        transport = bench.transport()
        idle = list(bench.open(transport, memory=notebook).list(cursor))
        kept = notebook.recall()

        assert [] == [record for batch in idle for record in batch.records]
        assert transport.exchanges <= 1
        assert kept is None or kept.schema == schema

    @needs(offers=Offers.LOG)
    def test_there_is_exactly_one_request_an_attempt(self, hand: Hand) -> None:
        """transport: A client wraps each single HTTP attempt in `Transport.exchange`; the vendor's library must have
        its own retries off."""
        hand.bench.add("One")
        hand.requests()
        before = hand.transport.exchanges
        record = hand.known("One")
        if Can.UPDATE in hand.can:
            record = hand.update(record, **{hand.bench.title: "Uno"})
        if Can.CREATE in hand.can:
            hand.create("Two")
        if Offers.FAULTS in hand.bench.offers:
            hand.bench.fail("list")
            with pytest.raises(UnreachableError):
                list(hand.adapter.list())

        assert len(hand.requests()) == hand.transport.exchanges - before > 1
