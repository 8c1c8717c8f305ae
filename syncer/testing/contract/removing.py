"""What the contract says of `archive`, `restore` and `mark`. Each test quotes the sentence it checks."""

from __future__ import annotations

import pytest

from syncer.adapter import Can
from syncer.errors import AdapterError, NotFoundError
from syncer.record import Gone, GoneKind, Record
from syncer.testing.contract.hand import Contract, Hand, needs


class RemovingContract(Contract):
    """What is taken away can be had back."""

    @needs(Can.ARCHIVE)
    def test_an_archived_record_is_out_of_sight(self, hand: Hand) -> None:
        """Adapter.archive: Take a record out of sight in the gentlest way the system has. Never a permanent
        deletion."""
        hand.bench.add("One")
        hand.bench.add("Two")
        ref = hand.known("One").ref
        hand.adapter.archive(ref)
        found = hand.ask(ref)

        assert ["Two"] == list(hand.shown())
        assert found.archived if isinstance(found, Record) else found.kind is GoneKind.TRASHED

    @needs(Can.ARCHIVE | Can.RESTORE | Can.TAG)
    def test_an_archived_record_comes_back_as_it_was(self, hand: Hand) -> None:
        """Adapter.restore: Undo `archive`, or take the record out of the vendor's trash."""
        hand.bench.add("One")
        hand.bench.add("Two")
        before = hand.known("One")
        was = hand.bench.truth()
        hand.adapter.archive(before.ref)
        back = hand.adapter.restore(before.ref)
        read = hand.read(before.ref)

        assert (before.ref, before.tag, False) == (back.ref, back.tag, back.archived)
        assert back.fields.items() <= read.fields.items()
        assert set() == hand.differences(was)
        assert {"One", "Two"} == set(hand.shown())

    @needs(Can.RESTORE)
    def test_a_record_a_person_removed_is_restored_or_is_no_more(self, hand: Hand) -> None:
        """Adapter.restore: NotFoundError where it is no more."""
        hand.bench.add("One")
        hand.bench.add("Two")
        ref = hand.known("One").ref
        hand.bench.remove("One")
        found = hand.ask(ref)
        assert isinstance(found, Gone)
        try:
            restored = hand.adapter.restore(ref).ref == ref
        except NotFoundError:
            restored = False

        # of a hidden record the vendor does not say whether it still has it
        assert restored == (found.kind is GoneKind.TRASHED) or found.kind is GoneKind.HIDDEN
        assert set(hand.bench.truth()) == ({"One", "Two"} if restored else {"Two"})

    @needs(Can.TAG)
    def test_a_mark_is_read_back(self, hand: Hand) -> None:
        """Adapter.mark: Put our tag on a record that exists; return its ref, which may change only where it had none
        of its own."""
        hand.bench.add("One")
        before = hand.shown()["One"]
        tag = hand.tag()
        ref = hand.adapter.mark(before.ref, tag)

        assert before.tag is None
        assert hand.read(ref).tag == tag
        assert hand.adapter.mark(ref, tag) == ref
        assert tag == hand.shown()["One"].tag

    @needs(Can.TAG)
    def test_a_mark_changes_no_field(self, hand: Hand) -> None:
        """Can.TAG: Can hold our tag on a record that exists already (`mark`)."""
        hand.bench.add("One")
        before = hand.bench.truth()
        fields = hand.shown()["One"].fields
        hand.known("One")

        assert set() == hand.differences(before)
        own = {f for f, spec in hand.fields().items() if spec.writable}
        assert {f: v for f, v in fields.items() if f in own} == {
            f: v for f, v in hand.shown()["One"].fields.items() if f in own
        }

    @needs(Can.TAG)
    def test_a_mark_on_a_record_that_is_gone_is_an_error(self, hand: Hand) -> None:
        """adapter: Every verb may raise the `AdapterError` family and `AuthError`."""
        hand.bench.add("One")
        ref = hand.known("One").ref
        hand.bench.remove("One")

        with pytest.raises(AdapterError):
            hand.adapter.mark(ref, hand.tag())
