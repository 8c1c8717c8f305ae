"""What the contract says of `create`, `groups`, `update` and `normal`. Each test quotes the sentence it checks."""

from __future__ import annotations

import pytest

from syncer.adapter import Can
from syncer.errors import AdapterError, RejectedError, UnknownOutcomeError
from syncer.record import Change, Raw, digest
from syncer.testing.contract.bench import Offers
from syncer.testing.contract.hand import LONG_AGO, Contract, Hand, needs
from syncer.testing.contract.samples import ODD, SET_LIKE


class WritingContract(Contract):
    """A write does what it says, all of it or none, and tells what came of it."""

    @needs(Can.CREATE)
    def test_a_created_record_is_returned_as_it_now_is(self, hand: Hand) -> None:
        """Adapter.create: Create one record, tag included, in one request where TAG_IN_CREATE; return it as it now
        is."""
        made = hand.create("New")
        read = hand.afresh(made.ref)

        assert {"New"} == set(hand.bench.truth())
        assert made.fields.items() <= read.fields.items()
        assert (made.ref, made.type, made.tag, made.version) == (read.ref, read.type, read.tag, read.version)
        assert not made.archived and not made.outside

    @needs(Can.CREATE | Can.TAG_IN_CREATE)
    def test_the_tag_travels_in_the_request_that_creates(self, hand: Hand) -> None:
        """Can.TAG_IN_CREATE: The tag travels in the very request that creates: a create can be found again."""
        hand.adapter.schema()
        log = Offers.LOG in hand.bench.offers
        if log:
            hand.requests()
        made = hand.create("New")

        assert made.tag is not None
        assert hand.read(made.ref).tag == made.tag
        assert not log or len(hand.written()) == 1

    @needs(Can.CREATE | Can.UPDATE)
    def test_what_the_first_request_cannot_carry_is_left_out_and_can_be_updated(self, hand: Hand) -> None:
        """Adapter.create: Fields of the draft that the first request cannot carry are left out: the engine sees that
        they are missing and updates them."""
        values = {f: given[0] for f, given in hand.writable().items()}
        made = hand.create("New", **values)
        required = {f for f, spec in hand.fields().items() if spec.required}
        missing = {f for f, raw in values.items() if not hand.is_as_written(f, made.fields.get(f), raw)}
        for group in hand.adapter.groups(missing):
            made = hand.update(hand.read(made.ref), **{f: values[f] for f in group})
        read = hand.read(made.ref)

        assert not missing & required
        assert [] == [f for f, raw in values.items() if not hand.is_as_written(f, read.fields.get(f), raw)]

    @needs(Can.CREATE)
    def test_a_refused_create_names_its_fields_and_creates_nothing(self, hand: Hand) -> None:
        """Adapter.create: Raises RejectedError with the fields that are refused"""
        refused = self._refused(hand)
        for values in (refused, *({name: raw} for name, raw in refused.items())):
            with pytest.raises(RejectedError) as caught:
                hand.create("New", **values)

            # a vendor may name one at a time
            assert set() != set(caught.value.fields) <= set(values)
            assert {} == hand.bench.truth()

    @needs(Can.CREATE | Can.TAG_IN_CREATE, Offers.FAULTS | Offers.LOG)
    def test_a_create_whose_answer_is_lost_is_sent_once_and_found_again(self, hand: Hand) -> None:
        """Adapter.create: UnknownOutcomeError (with `committed` where the vendor tells) when it may have been
        created."""
        tag = hand.tag()
        hand.adapter.schema()
        hand.requests()
        hand.bench.fail("create", after=True)
        with pytest.raises(UnknownOutcomeError) as caught:
            hand.create("New")
        sent = hand.written()
        hand.bench.wait(hand.adapter.traits.find_lag or 0)
        (record,) = hand.shown().values()
        assert record.tag is not None
        found = hand.adapter.find([tag, record.tag], LONG_AGO)

        assert len(sent) == 1
        assert ["New"] == list(hand.bench.truth())
        assert {record.tag: record.ref} == {t: r.ref for t, r in found.records.items()}
        assert caught.value.committed in (None, record.ref)

    def test_groups_split_the_fields_and_lose_none(self, hand: Hand) -> None:
        """Adapter.groups: Split fields into what one `update` can write at once: each group is journalled on its
        own."""
        fields = set(hand.writable()) | {hand.bench.title}
        groups = hand.adapter.groups(fields)

        assert sorted(fields) == sorted(f for group in groups for f in group)
        assert all(groups)
        assert [] == list(hand.adapter.groups(set()))

    @needs(Can.UPDATE)
    def test_every_field_is_written_alone_and_read_back_in_its_normal_form(self, hand: Hand) -> None:
        """Adapter.update: Write these fields of one group, and return the record as it now is, these fields at
        least."""
        hand.bench.add("One")
        record, truth = hand.known("One"), hand.bench.truth()
        for name, values in hand.writable().items():
            for raw in [*values, *([None] if hand.fields()[name].clearable else [])]:
                shown = record.fields.get(name)
                written = hand.update(record, **{name: raw})
                record, before, truth = hand.afresh(written.ref), truth, hand.bench.truth()

                assert hand.is_as_written(name, written.fields[name], raw), (name, raw, written.fields[name])
                assert hand.is_as_written(name, record.fields[name], raw), (name, raw, record.fields[name])
                changed = set() if record.fields[name] == shown else {name}
                assert changed == hand.differences(before, truth), (name, raw)

    @needs(Can.UPDATE)
    def test_a_group_is_written_in_one_go(self, hand: Hand) -> None:
        """Adapter.groups: Split fields into what one `update` can write at once"""
        hand.bench.add("One")
        record = hand.known("One")
        values = {f: given[1] for f, given in hand.writable().items()}
        for group in hand.adapter.groups(set(values)):
            record = hand.read(hand.update(record, **{f: values[f] for f in group}).ref)

        assert [] == [f for f, raw in values.items() if not hand.is_as_written(f, record.fields[f], raw)]

    @needs(Can.UPDATE)
    def test_a_set_is_written_by_adding_and_removing(self, hand: Hand) -> None:
        """Adapter.update: A set is written by adding and removing, a document by its changed blocks, where the vendor
        can."""
        sets = [f for f in hand.writable() if hand.fields()[f].type in SET_LIKE]
        if not sets:
            pytest.skip("this collection has no sets")
        hand.bench.add("One")
        record = hand.known("One")
        for name in sets:
            theirs, ours = self._two_elements(hand, name)
            alone: Raw = [theirs]
            record = hand.update(hand.read(record.ref), **{name: alone})
            after = hand.adapter.update(record.ref, record.type, {name: Change(None, [ours])})

            assert sorted([theirs, ours]) == after.fields[name], name
            after = hand.adapter.update(after.ref, after.type, {name: Change([ours], None)})
            assert [theirs] == after.fields[name], name

    @needs(Can.UPDATE)
    def test_a_refused_update_names_its_fields_and_writes_none_of_the_group(self, hand: Hand) -> None:
        """Adapter.update: Raises RejectedError with the fields that are refused: then none of the group was
        written."""
        refused = self._refused(hand)
        hand.bench.add("One")
        record = hand.known("One")
        for name, raw in refused.items():
            group = next(g for g in hand.adapter.groups({hand.bench.title, name}) if name in g)
            fine = {hand.bench.title: "Uno"} if hand.bench.title in group else {}
            before = hand.bench.truth()
            with pytest.raises(RejectedError) as caught:
                hand.update(record, **fine, **{name: raw})

            assert {name} == set(caught.value.fields)
            assert set() == hand.differences(before)

    @needs(Can.UPDATE)
    def test_what_may_not_be_written_and_what_does_not_exist_is_refused(self, hand: Hand) -> None:
        """RejectedError: The system refuses the write. `fields` maps a record field's id to its reason ("" = the
        whole)."""
        hand.bench.add("One")
        record, before = hand.known("One"), hand.bench.truth()
        for name in (*(f for f, spec in hand.fields().items() if not spec.writable), "no such field"):
            with pytest.raises(RejectedError) as caught:
                hand.adapter.update(record.ref, record.type, {name: Change(record.fields.get(name), "other")})
            assert {name} == set(caught.value.fields)

        assert before == hand.bench.truth()

    @needs(Can.UPDATE)
    def test_an_odd_value_is_refused_by_name_or_shown_as_written(self, hand: Hand) -> None:
        """Adapter.update: Raises RejectedError with the fields that are refused: then none of the group was
        written."""
        hand.bench.add("One")
        record, before = hand.known("One"), hand.bench.truth()
        for name in hand.writable():
            raw = ODD.get(hand.fields()[name].type)
            try:
                record = hand.read(hand.update(record, **{name: raw}).ref)
            except RejectedError as refusal:
                assert {name} == set(refusal.fields), name
                assert set() == hand.differences(before), name
            else:
                assert hand.is_as_written(name, record.fields[name], raw), (name, record.fields[name])
                before = hand.bench.truth()

    @needs(Can.UPDATE)
    def test_an_unknown_option_is_created_where_options_are_open(self, hand: Hand) -> None:
        """FieldSpec: `open_options` means that writing an unknown option name creates it."""
        hand.bench.add("One")
        record = hand.known("One")
        for name, spec in hand.fields().items():
            if spec.open_options and spec.writable:
                raw: Raw = ["Brand-new"] if spec.type in SET_LIKE else "Brand-new"
                record = hand.update(record, **{name: raw})

                assert record.fields[name] is not None
                assert record.fields[name] == hand.adapter.normal(name, raw), name

    @needs(Can.UPDATE)
    def test_an_update_of_a_record_that_is_gone_is_an_error(self, hand: Hand) -> None:
        """adapter: Every verb may raise the `AdapterError` family and `AuthError`."""
        hand.bench.add("One")
        hand.bench.add("Two")
        record = hand.known("One")
        hand.bench.remove("One")
        with pytest.raises(AdapterError):
            hand.update(record, **{hand.bench.title: "Uno"})

        assert ["Two"] == list(hand.bench.truth())

    @needs(Can.UPDATE, Offers.FAULTS | Offers.LOG)
    def test_an_update_whose_answer_is_lost_is_sent_once(self, hand: Hand) -> None:
        """adapter: It does one vendor call per verb wherever the vendor allows it, never retries by itself
        (`syncer.transport` does), and never turns a failure into an empty answer."""
        hand.bench.add("One")
        record = hand.known("One")
        hand.requests()
        hand.bench.fail("update", after=True)
        with pytest.raises(UnknownOutcomeError):
            hand.update(record, **{hand.bench.title: "Uno"})

        assert len(hand.written()) == 1
        assert ["Uno"] == list(hand.bench.truth())

    @needs(Can.UPDATE)
    def test_a_record_that_changed_has_another_version_and_digest(self, hand: Hand) -> None:
        """record: A token that changes when the record does. Compared for equality, never for order."""
        hand.bench.add("One")
        before = hand.read(hand.known("One").ref)
        hand.bench.wait(hand.adapter.traits.clock_grain)
        after = hand.read(hand.update(before, **{hand.bench.title: "Uno"}).ref)

        assert before.version is None or before.version != after.version
        assert digest(before) != digest(after)
        assert after.version == hand.read(after.ref).version

    def test_the_normal_form_is_normal(self, hand: Hand) -> None:
        """Adapter.normal: Return the form in which the system will show `raw` when read back: its declared normal
        form."""
        normal = hand.adapter.normal
        for name, values in hand.writable().items():
            for raw in [*values, None]:
                assert normal(name, normal(name, raw)) == normal(name, raw), (name, raw)

    @staticmethod
    def _refused(hand: Hand) -> dict[str, Raw]:
        if not hand.bench.refused:
            pytest.skip("this bench knows no value that the system refuses")
        return dict(hand.bench.refused)

    @staticmethod
    def _two_elements(hand: Hand, name: str) -> tuple[str, str]:
        elements = sorted({str(e) for value in hand.writable()[name] if isinstance(value, list) for e in value})
        assert len(elements) > 1, f"the bench's samples of {name} must have two elements or more"
        return elements[0], elements[1]
