"""What the contract says of a system: its settings, its connection, wrong secrets, collections that are not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import BaseModel, ValidationError

from syncer.errors import AuthError, NotFoundError, SyncerError, UserError
from syncer.record import Draft
from syncer.testing.contract.bench import WRONG, Bench, secret_settings
from syncer.testing.contract.hand import LONG_AGO, Contract, Hand

SECRET_WORDS = ("token", "password", "secret", "apikey", "api_key", "private")


class SystemContract(Contract):
    """What can be configured is said, and a refusal is never an empty answer."""

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

    def test_a_collection_that_does_not_exist_is_an_error(self, bench: Bench) -> None:
        """Adapter.schema: Raises NotFoundError where there is no such collection, or a UserError that names those there
        are."""
        if not bench.nowhere():
            pytest.skip("this bench names no collection that does not exist")
        adapter = bench.opened(bench.nowhere(), bench.transport())
        with pytest.raises((NotFoundError, UserError)):
            adapter.schema()
        with pytest.raises(SyncerError):
            list(adapter.list())

    def test_connecting_sends_nothing_and_a_check_says_who_we_are(self, bench: Bench) -> None:
        """System.connect: Make a connection; no request is sent yet."""
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

        assert bench.system.name.replace("-", "_").isidentifier()
        assert bench.system.title

    @staticmethod
    def _models(bench: Bench) -> tuple[type[BaseModel], type[BaseModel]]:
        return bench.system.ConnectionSettings, bench.system.CollectionSettings

    @staticmethod
    def _has_secrets(bench: Bench) -> None:
        if not secret_settings(bench.system.ConnectionSettings):
            pytest.skip("this system takes no secrets")
