"""What every test of the suite works with: an opened adapter, a bench, and the words to ask it questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from typing import TypeVar

import pytest

from syncer.adapter import Adapter, Can
from syncer.record import Batch, Change, Cursor, Draft, FieldSpec, FieldType, Gone, Raw, Record, RecordType, Ref, Tag
from syncer.registry import codecs
from syncer.testing.contract import samples
from syncer.testing.contract.bench import Bench, Offers
from syncer.transport import Transport

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
Truth = Mapping[str, Mapping[str, object]]
T = TypeVar("T", bound=Callable[..., object])


def needs(can: Can = Can.NOTHING, offers: Offers = Offers.NOTHING) -> Callable[[T], T]:
    """Skip a test where the collection does not allow this, or the bench cannot show it."""

    def mark(test: T) -> T:
        test.__dict__["needs"] = (can, offers)
        return test

    return mark


@dataclass
class Hand:
    """An adapter at work on a bench."""

    bench: Bench
    transport: Transport
    adapter: Adapter
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # the contract's verbs

    @property
    def can(self) -> Can:
        """Return what the collection allows."""
        return self.adapter.traits.can

    def tag(self) -> Tag:
        """Return a tag that was not used yet."""
        return Tag("acme", f"item{next(self._numbers)}", "line")

    def create(self, title: str, **more: Raw) -> Record:
        """Create a record."""
        return self.adapter.create(Draft(self.kind(), {self.bench.title: title, **more}, self.tag()))

    def update(self, record: Record, **now: Raw) -> Record:
        """Write fields of a record; documents as the engine does, by patching what is shown."""
        changes = {
            f: Change(record.fields.get(f), self._patched(f, record.fields.get(f), raw)) for f, raw in now.items()
        }
        return self.adapter.update(record.ref, record.type, changes)

    def ask(self, ref: Ref) -> Record | Gone:
        """Return what `get` says of one ref."""
        return self.adapter.get([ref])[ref]

    def read(self, ref: Ref) -> Record:
        """Return a record that is there."""
        found = self.ask(ref)
        assert isinstance(found, Record), found
        return found

    def afresh(self, ref: Ref) -> Record:
        """Return a record that is there, as another connection sees it, which had no part in writing it."""
        found = self._other.get([ref])[ref]
        assert isinstance(found, Record), found
        return found

    @cached_property
    def _other(self) -> Adapter:
        return self.bench.open(self.bench.transport())

    def listed(self, since: Cursor | None = None) -> Sequence[Batch]:
        """Return the batches of a listing, once it knows everything that was written."""
        self.bench.wait(self.bench.lag)
        return list(self.adapter.list(since))

    def shown(self, since: Cursor | None = None) -> dict[str, Record]:
        """Return the unarchived records of a listing, by title."""
        found = [r for batch in self.listed(since) for r in batch.records if not r.archived]
        return {str(r.fields[self.bench.title]): r for r in found}

    def cursor(self) -> Cursor:
        """Return the cursor of a listing that ended well."""
        found = self.listed()[-1].cursor
        assert found is not None
        return found

    def known(self, title: str) -> Record:
        """Return a record that a person made; with our tag, where it takes one: then its ref lasts."""
        found = self.shown()[title]
        if Can.TAG in self.can:
            return self.read(self.adapter.mark(found.ref, self.tag()))
        return found

    # what the schema says

    @cached_property
    def _type(self) -> RecordType:
        return next(kind for kind in self.adapter.schema().types.values() if self.bench.title in kind.fields)

    def kind(self) -> str:
        """Return the record type that the suite works with: the first that has the title."""
        return self._type.id

    def fields(self) -> Mapping[str, FieldSpec]:
        """Return the fields of that type, as they were when first asked for."""
        return self._type.fields

    def writable(self) -> Mapping[str, Sequence[Raw]]:
        """Return two values or more for every field that we may write, the title left out."""
        given = self.bench.samples()
        wanted = {f: spec for f, spec in self.fields().items() if spec.writable and f != self.bench.title}
        found = {f: given.get(f) or samples.of(spec) for f, spec in wanted.items()}
        short = [f for f, values in found.items() if len(values) < 2]
        assert not short, f"the bench's `samples` must give two values for {', '.join(short)}"
        return found

    def is_as_written(self, name: str, shown: Raw, wanted: Raw) -> bool:
        """Say whether a field shows the declared normal form of a value; documents are compared as documents."""
        expected = self.adapter.normal(name, wanted)
        spec = self.fields()[name]
        if spec.type is FieldType.DOCUMENT and shown is not None and expected is not None:
            codec = codecs()[spec.format]
            return codec.decode(shown) == codec.decode(expected)
        return shown == expected

    def _patched(self, name: str, was: Raw, now: Raw) -> Raw:
        spec = self.fields().get(name)
        if spec is None or spec.type is not FieldType.DOCUMENT or was is None or now is None:
            return now
        codec = codecs()[spec.format]
        return codec.patch(was, codec.decode(was), codec.decode(now))

    # what the bench knows

    def requests(self) -> Sequence[str]:
        """Return the requests since the last look, as the system saw them."""
        return self.bench.requests()

    def written(self) -> Sequence[str]:
        """Return those of them that may have changed something."""
        return [request for request in self.bench.requests() if self.bench.writes(request)]

    def differences(self, before: Truth, now: Truth | None = None) -> set[str]:
        """Return the fields that differ from an earlier truth, those left out that the system itself keeps."""
        now = now or self.bench.truth()
        assert before.keys() == now.keys()
        ours = {f for f, spec in self.fields().items() if spec.writable}
        pairs = [(before[title], now[title]) for title in now]
        return {f for was, is_ in pairs for f in {*was, *is_} & ours if was.get(f) != is_.get(f)}


class Contract:
    """The fixtures of the suite."""

    @pytest.fixture
    def bench(self) -> Bench:
        """Give the system at hand: a subclass says which."""
        raise NotImplementedError("a subclass of AdapterContract gives a fixture `bench`")

    @pytest.fixture(autouse=True)
    def _closed(self, bench: Bench) -> Iterator[None]:
        yield
        bench.close()

    @pytest.fixture
    def hand(self, request: pytest.FixtureRequest, bench: Bench) -> Hand:
        """Open the collection; skip the test where it or the bench has not what the test needs."""
        can, offers = getattr(request.function, "needs", (Can.NOTHING, Offers.NOTHING))
        transport = bench.transport()
        adapter = bench.open(transport)
        if missing := can & ~adapter.traits.can:
            pytest.skip(f"this collection cannot {missing.name}")
        if lacking := offers & ~bench.offers:
            pytest.skip(f"this bench does not offer {lacking.name}")
        return Hand(bench, transport, adapter)
