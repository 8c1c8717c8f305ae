"""What the contract says of a system, its connection and its settings, of reading only and of wrong secrets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import BaseModel, ValidationError

from syncer.adapter import Can
from syncer.errors import AuthError, NotFoundError, ReadOnlyError, SyncerError, UnreachableError, UserError
from syncer.record import Change, Draft
from syncer.testing.contract.bench import WRONG, Bench, Notebook, Offers, secret_settings
from syncer.testing.contract.hand import LONG_AGO, Contract, Hand, needs

SECRET_WORDS = ("token", "password", "secret", "apikey", "api_key", "private")


class AccessContract(Contract):
    """Nothing is sent that may not be sent, and a refusal is never an empty answer."""

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

    def test_wrong_secrets_are_an_error_and_never_an_empty_answer(self, hand: Hand) -> None:
        """AuthError: A system refused our credentials. Never to be read as "no items"."""
        self._has_secrets(hand.bench)
        hand.bench.add("One")
        record, kind = hand.known("One"), hand.kind()
        stranger = hand.bench.open(hand.bench.transport(), wrong=True)
        verbs: list[Callable[[], object]] = [
            stranger.schema,
            lambda: list(stranger.list()),
            lambda: stranger.get([record.ref]),
            lambda: stranger.find([hand.tag()], LONG_AGO),
            lambda: stranger.create(Draft(kind, {hand.bench.title: "Two"}, hand.tag())),
            lambda: stranger.archive(record.ref),
        ]
        for verb in verbs:
            with pytest.raises(AuthError) as caught:
                verb()
            assert WRONG not in str(caught.value)

    def test_a_check_with_wrong_secrets_stops_after_one_request(self, hand: Hand) -> None:
        """Connection.check: Log in and say who we are. Raises AuthError, UnreachableError."""
        bench = hand.bench
        self._has_secrets(bench)
        transport = bench.transport()
        settings = bench.system.ConnectionSettings.model_validate(bench.settings()[0])
        connection = bench.system.connect(settings, bench.keys(wrong=True), transport)
        with pytest.raises(AuthError):
            connection.check()

        assert transport.exchanges == 1
        connection.close()

    def test_opening_a_collection_sends_nothing(self, bench: Bench) -> None:
        """Connection.open: Sends no request."""
        transport = bench.transport()
        bench.open(transport)

        assert transport.exchanges == 0
        assert Offers.LOG not in bench.offers or [] == list(bench.requests())

    def test_a_collection_that_does_not_exist_is_an_error(self, bench: Bench) -> None:
        """Adapter.schema: Raises NotFoundError where there is no such collection, or a UserError that names those there
        are."""
        self._has_a_system(bench)
        if not bench.nowhere():
            pytest.skip("this bench names no collection that does not exist")
        adapter = bench.opened(bench.nowhere(), bench.transport())
        with pytest.raises((NotFoundError, UserError)):
            adapter.schema()
        with pytest.raises(SyncerError):
            list(adapter.list())

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

    def test_connecting_sends_nothing_and_a_check_says_who_we_are(self, bench: Bench) -> None:
        """System.connect: Make a connection; no request is sent yet."""
        self._has_a_system(bench)
        transport = bench.transport()
        settings = bench.system.ConnectionSettings.model_validate(bench.settings()[0])
        connection = bench.system.connect(settings, bench.secrets(), transport)
        sent = transport.exchanges
        health = connection.check()
        connection.close()

        assert sent == 0
        assert health.detail
        assert health.missing_permissions == ()

    def test_people_have_ids_and_collections_can_be_opened(self, bench: Bench) -> None:
        """Connection.collections: Return what could take part, for `init`."""
        self._has_a_system(bench)
        bench.add("One")
        bench.wait(bench.lag)
        settings = bench.system.ConnectionSettings.model_validate(bench.settings()[0])
        connection = bench.system.connect(settings, bench.secrets(), bench.transport())
        people, offered = connection.people(), connection.collections()
        ours = bench.settings()[1]
        opened = [connection.open(bench.system.CollectionSettings.model_validate(dict(c.settings))) for c in offered]
        schemas = [adapter.schema() for adapter in opened]
        connection.close()

        assert all(person.id and person.name for person in people)
        assert len({person.id for person in people}) == len(people)
        assert any(all(ours.get(name) == value for name, value in c.settings.items()) for c in offered)
        assert all(schema.types for schema in schemas)

    def test_settings_are_strict_and_described(self, bench: Bench) -> None:
        """System: The settings classes are Pydantic models with `extra="forbid"`, a description on every field, and
        secrets typed as `syncer.adapter.Secret`; they become part of the JSON schema of syncer.yaml."""
        self._has_a_system(bench)
        for model, given in zip(self._models(bench), bench.settings(), strict=True):
            assert model.model_validate(given)
            with pytest.raises(ValidationError):
                model.model_validate({**given, "no such setting": 1})
            assert [] == [name for name, field in model.model_fields.items() if not field.description]
            secrets = secret_settings(model)
            named = [name for name in model.model_fields if any(word in name.lower() for word in SECRET_WORDS)]
            assert [] == [name for name in named if name not in secrets]
            assert model.model_json_schema()["additionalProperties"] is False
        assert set(bench.secrets()) == set(secret_settings(bench.system.ConnectionSettings))

    def test_a_system_has_a_name_for_machines_and_one_for_people(self, bench: Bench) -> None:
        """System: What an entry point gives: a tool we can speak to."""
        self._has_a_system(bench)

        assert bench.system.name.replace("-", "_").isidentifier()
        assert bench.system.title

    @staticmethod
    def _models(bench: Bench) -> tuple[type[BaseModel], type[BaseModel]]:
        return bench.system.ConnectionSettings, bench.system.CollectionSettings

    @staticmethod
    def _has_a_system(bench: Bench) -> None:
        if not hasattr(bench, "system"):
            pytest.skip("this bench has an adapter alone, no system that opens it")

    @classmethod
    def _has_secrets(cls, bench: Bench) -> None:
        cls._has_a_system(bench)
        if not secret_settings(bench.system.ConnectionSettings):
            pytest.skip("this system takes no secrets")
