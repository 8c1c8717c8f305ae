"""What the contract says of `schema`, `list`, `get` and `find`. Each test quotes the sentence it checks."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from syncer.adapter import EVER, Adapter, Can
from syncer.errors import SyncerError
from syncer.record import (
    Batch,
    Cursor,
    Gone,
    Record,
    record_from_json,
    record_to_json,
    schema_from_json,
    schema_to_json,
)
from syncer.testing.contract.bench import Offers
from syncer.testing.contract.hand import LONG_AGO, Contract, Hand, needs

TITLES = ("One", "Two", "Three", "Four")


class ReadingContract(Contract):
    """Reading changes nothing, and never says less than it knows."""

    def test_it_signs_the_contract(self, hand: Hand) -> None:
        """Adapter: One collection."""
        assert isinstance(hand.adapter, Adapter)

    def test_the_live_schema_survives_json(self, hand: Hand) -> None:
        """Schema: The live schema of one collection."""
        schema = hand.adapter.schema()

        assert schema.types
        assert schema_from_json(json.loads(json.dumps(schema_to_json(schema)))) == schema
        assert all(key == kind.id for key, kind in schema.types.items())
        assert all(key == spec.id for kind in schema.types.values() for key, spec in kind.fields.items())

    def test_a_record_survives_json(self, hand: Hand) -> None:
        """Record: A thing as its system has it."""
        hand.bench.add("One")
        record = hand.shown()["One"]

        assert record_from_json(json.loads(json.dumps(record_to_json(record)))) == record

    def test_a_listing_of_everything_has_every_record(self, hand: Hand) -> None:
        """Adapter.list: Yield records: everything in the collection (`since` None), or what changed since a cursor."""
        for title in TITLES:
            hand.bench.add(title)

        assert set(TITLES) == set(hand.bench.truth())
        assert sorted(TITLES) == sorted(hand.shown())

    def test_an_empty_collection_is_listed_as_empty_and_complete(self, hand: Hand) -> None:
        """Batch: only then does absence mean anything."""
        batches = hand.listed()

        assert [] == [r for batch in batches for r in batch.records]
        assert batches[-1].complete

    def test_only_the_last_batch_is_complete_and_has_a_cursor(self, hand: Hand) -> None:
        """Adapter.list: Only the last batch has a cursor, and only if the listing ended well. `complete` is True only
        on the last batch of a listing of everything."""
        for number in range(hand.bench.page + 1):
            hand.bench.add(f"Record {number}")
        *others, last = hand.listed()

        assert (True, True) == (last.complete, last.cursor is not None)
        assert [(False, None)] * len(others) == [(batch.complete, batch.cursor) for batch in others]
        assert others or not hand.bench.page

    def test_a_listing_since_a_cursor_has_what_changed(self, hand: Hand) -> None:
        """Adapter.list: Yield records: everything in the collection (`since` None), or what changed since a cursor."""
        for title in TITLES:
            hand.bench.add(title)
        ref = hand.known("Two").ref
        cursor = hand.cursor()
        hand.bench.rename("Two", "Deux")
        hand.bench.add("Five")
        found = hand.shown(cursor)

        assert {"Deux", "Five"} <= found.keys()
        assert found["Deux"].ref == ref or Can.TAG not in hand.can
        assert "Two" not in found

    def test_a_second_cursor_goes_on_where_the_first_one_ended(self, hand: Hand) -> None:
        """Batch: it is the *start* of that listing less the overlap the vendor's clock needs."""
        hand.bench.add("One")
        first = hand.cursor()
        hand.bench.add("Two")
        second = hand.listed(first)[-1].cursor
        hand.bench.add("Three")

        assert second is not None
        assert "Three" in hand.shown(second)

    @needs(Can.FEED)
    def test_a_listing_costs_one_request_when_nothing_changed(self, hand: Hand) -> None:
        """Can.FEED: `list(since)` costs one request when nothing changed."""
        hand.bench.add("One")
        hand.bench.wait(3600)
        cursor = hand.cursor()
        hand.bench.wait(3600)
        before = hand.transport.exchanges
        if Offers.LOG in hand.bench.offers:
            hand.requests()
        batches = list(hand.adapter.list(cursor))

        assert [] == [r for batch in batches for r in batch.records]
        assert hand.transport.exchanges - before <= 1
        assert Offers.LOG not in hand.bench.offers or len(hand.requests()) == 1

    def test_with_an_unusable_cursor_everything_is_listed(self, hand: Hand) -> None:
        """Adapter.list: With an unusable cursor it lists everything."""
        hand.bench.add("One")
        batches = hand.listed(Cursor("no cursor of ours"))

        assert ["One"] == [r.fields[hand.bench.title] for batch in batches for r in batch.records]
        assert batches[-1].complete

    @needs(offers=Offers.FAULTS)
    @pytest.mark.parametrize("pages", [0, 1])
    def test_a_listing_that_breaks_off_raises_or_ends_without_a_cursor(self, hand: Hand, pages: int) -> None:
        """Adapter.list: A listing that breaks off raises, or ends without a cursor."""
        for number in range(hand.bench.page + 1):
            hand.bench.add(f"Record {number}")
        hand.adapter.schema()
        hand.bench.wait(hand.bench.lag)
        hand.bench.fail("list", skip=pages)
        batches: list[Batch] = []
        raised = False
        try:
            batches.extend(hand.adapter.list())
        except SyncerError:
            raised = True

        assert not any(batch.complete or batch.cursor for batch in batches)
        assert raised or sum(len(batch.records) for batch in batches) <= hand.bench.page

    def test_costly_fields_are_read_by_get_alone(self, hand: Hand) -> None:
        """FieldSpec: `costly` fields are not in listings: `Adapter.get` reads them."""
        hand.bench.add("One")
        costly = {f for f, spec in hand.fields().items() if spec.costly}
        record = hand.shown()["One"]

        assert not costly & record.fields.keys()
        assert costly <= hand.read(record.ref).fields.keys()

    def test_a_removed_record_is_not_listed(self, hand: Hand) -> None:
        """Batch: only then does absence mean anything."""
        hand.bench.add("One")
        hand.bench.add("Two")
        hand.bench.remove("One")

        assert ["Two"] == list(hand.shown())

    def test_every_ref_asked_for_is_a_key_of_the_answer(self, hand: Hand) -> None:
        """Adapter.get: Every ref asked for is a key of the answer."""
        hand.bench.add("One")
        hand.bench.add("Two")
        one, two = hand.known("One").ref, hand.known("Two").ref
        hand.bench.remove("One")
        found = hand.adapter.get([one, two])

        assert {one, two} == set(found)
        assert all(ref == answer.ref for ref, answer in found.items())
        assert {} == hand.adapter.get([])

    def test_a_removed_record_is_gone(self, hand: Hand) -> None:
        """Gone: The answer for a ref that gives no live record."""
        hand.bench.add("One")
        ref = hand.known("One").ref
        hand.bench.remove("One")

        assert isinstance(hand.ask(ref), Gone)

    def test_what_a_person_changed_is_read_at_once(self, hand: Hand) -> None:
        """Adapter.get: Read records by ref, wherever they are now"""
        hand.bench.add("One")
        record = hand.known("One")
        hand.bench.rename("One", "Uno")

        assert hand.bench.title in record.fields
        if Can.TAG in hand.can:
            assert hand.read(record.ref).fields[hand.bench.title] == "Uno"
        else:
            assert hand.shown()["Uno"].fields[hand.bench.title] == "Uno"

    @needs(Can.UPDATE)
    def test_what_we_wrote_before_is_seen(self, hand: Hand) -> None:
        """Adapter.get: What we wrote before this call is seen by it."""
        hand.bench.add("One")
        record = hand.known("One")
        written = hand.update(record, **{hand.bench.title: "Uno"})

        assert hand.read(written.ref).fields[hand.bench.title] == "Uno"

    def test_fields_narrow_what_is_read(self, hand: Hand) -> None:
        """Adapter.get: `fields` narrows what must be read, costly fields included; None reads all."""
        hand.bench.add("One")
        ref = hand.known("One").ref
        costly = {f for f, spec in hand.fields().items() if spec.costly}
        whole = hand.read(ref)
        narrow = hand.adapter.get([ref], {hand.bench.title})[ref]

        assert isinstance(narrow, Record)
        assert narrow.fields[hand.bench.title] == "One"
        assert not costly & narrow.fields.keys()
        assert narrow.fields.items() <= whole.fields.items() or narrow.fields == whole.fields
        assert (whole.tag, whole.version, whole.archived) == (narrow.tag, narrow.version, narrow.archived)

    def test_a_missing_value_was_not_read_and_every_other_is_named_by_the_schema(self, hand: Hand) -> None:
        """Record: A missing key was *not read*, None is absent: never confuse the two."""
        hand.bench.add("One")
        record = hand.read(hand.known("One").ref)

        assert record.fields.keys() | record.unreadable.keys() == hand.fields().keys()
        assert record.type in hand.adapter.schema().types

    @needs(offers=Offers.FILTER)
    def test_a_record_that_left_the_filter_is_not_listed_and_read_all_the_same(self, hand: Hand) -> None:
        """Adapter.get: Read records by ref, wherever they are now, also those the collection's filter no longer
        meets."""
        hand.bench.add("One")
        hand.bench.add("Two")
        ref = hand.known("One").ref
        hand.bench.leave("One")

        assert hand.read(ref).fields[hand.bench.title] == "One"
        assert ["Two"] == [title for title, record in hand.shown().items() if not record.outside]

    @needs(Can.CREATE | Can.TAG_IN_CREATE)
    def test_what_we_created_is_found_by_its_tag(self, hand: Hand) -> None:
        """Adapter.find: Find the records that carry these tags, created by us since a time (UTC)."""
        hand.bench.add("Theirs")
        one, two, never = hand.create("One"), hand.create("Two"), hand.tag()
        assert one.tag is not None and two.tag is not None
        hand.bench.wait(hand.adapter.traits.find_lag or 0)
        found = hand.adapter.find([one.tag, two.tag, never], LONG_AGO)

        assert {one.tag: one.ref, two.tag: two.ref} == {tag: record.ref for tag, record in found.records.items()}
        assert all(record.tag == tag for tag, record in found.records.items())

    @needs(Can.TAG)
    def test_whoever_made_a_record_its_tag_is_found(self, hand: Hand) -> None:
        """Adapter.find: Since `EVER`: whoever created them."""
        hand.bench.add("One")
        hand.bench.add("Two")
        tag = hand.tag()
        ref = hand.adapter.mark(hand.shown()["One"].ref, tag)
        hand.bench.wait(hand.adapter.traits.find_lag or 0)

        assert {tag: ref} == {tag: record.ref for tag, record in hand.adapter.find([tag], EVER).records.items()}

    @needs(Can.TAG_IN_CREATE)
    def test_not_finding_a_tag_proves_that_it_is_nowhere(self, hand: Hand) -> None:
        """Lookup: `proves_absence`: a tag not in `records` is on no record."""
        hand.bench.add("Theirs")
        hand.bench.wait(hand.adapter.traits.find_lag or 0)
        found = hand.adapter.find([hand.tag()], LONG_AGO)

        assert ({}, hand.adapter.traits.find_lag is not None) == (found.records, found.proves_absence)

    def test_the_lag_of_finding_is_told_in_seconds(self, hand: Hand) -> None:
        """Traits: `find_lag`: seconds after which not finding a tag proves that it is nowhere; None means it never
        does."""
        traits = hand.adapter.traits

        assert traits.find_lag is None or timedelta(0) <= timedelta(seconds=traits.find_lag) < timedelta(hours=1)
        assert traits.clock_grain >= 0
        assert (traits.account != "") == (Can.TELLS_EDITOR in traits.can) or Can.TELLS_EDITOR not in traits.can

    @needs(Can.TELLS_EDITOR | Can.UPDATE)
    def test_the_last_writer_is_told(self, hand: Hand) -> None:
        """Can.TELLS_EDITOR: `Record.edited_by` names the last writer's account."""
        hand.bench.add("One")
        hand.bench.add("Two")
        ours = hand.update(hand.known("One"), **{hand.bench.title: "Uno"})
        hand.bench.rename("Two", "Deux")
        theirs = hand.shown()["Deux"]

        assert hand.adapter.traits.account == ours.edited_by
        assert theirs.edited_by not in ("", ours.edited_by)

    @needs(Can.TELLS_HISTORY)
    def test_the_last_writer_of_a_field_is_told(self, hand: Hand) -> None:
        """Can.TELLS_HISTORY: `get` of some fields of one record names who edited each of them last."""
        hand.bench.add("One")
        hand.bench.rename("One", "Uno")
        ref, title = hand.shown()["Uno"].ref, hand.bench.title
        answer = hand.adapter.get([ref], frozenset({title}))[ref]

        assert isinstance(answer, Record)
        assert {title} == answer.editors.keys()
        assert answer.editors[title].by and answer.edited_at is not None
        assert abs((answer.editors[title].at - answer.edited_at).total_seconds()) <= 60
