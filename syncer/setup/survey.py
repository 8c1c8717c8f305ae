"""Looks at live systems, read-only: connects, lists what could take part, reads schemas. Writes nothing anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from syncer.adapter import Connection, Secret, System, Traits
from syncer.errors import AuthError, NotFoundError, RejectedError, UserError
from syncer.mapping.load import Source, nearest
from syncer.mapping.propose import Said
from syncer.mapping.secrets import look_up
from syncer.mapping.settings import CollectionSpec, ConnectionSpec
from syncer.mapping.system import has_secret, load_settings
from syncer.record import Account, CollectionInfo, Health, Schema
from syncer.setup.wishes import CollectionWish, ConnectionWish, typed
from syncer.transport import Redactor, Transport

TIMEOUT = 30.0
ATTEMPTS = 3
"""Somebody waits at a terminal: a system that cannot be reached is told soon."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A connection that was made: what was wished, who we are there, and what could take part."""

    wish: ConnectionWish
    health: Health
    offered: tuple[CollectionInfo, ...]
    people: tuple[Account, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A collection as it was found: its settings for syncer.yaml, its live schema and what it can do."""

    name: str
    connection: str
    settings: Mapping[str, Any]
    schema: Schema
    traits: Traits
    said: Said


class Survey:
    """Connections that are open, by name."""

    def __init__(self, root: Path, systems: Mapping[str, type[System]]) -> None:
        """`root` is the folder of the configuration to be: relative paths count from there."""
        self.root, self.systems = root, systems
        self.joined: dict[str, Joined] = {}
        self._open: dict[str, Connection] = {}

    def __enter__(self) -> Survey:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._open.values():
            connection.close()

    def system(self, name: str) -> type[System]:
        """Return a system. Raises UserError for one that is unknown, or whose library is missing."""
        if name not in self.systems:
            raise UserError(f"no system is called {name!r}", hint=nearest(name, self.systems))
        return self.systems[name]

    def join(self, name: str, system: str, said: Mapping[str, str]) -> Joined:
        """Connect, and ask who we are and what there is.

        Raises UserError, AuthError, UnreachableError; then nothing is open under this name.
        """
        if name in self.joined:
            raise UserError(f"two connections are called {name!r}", hint="give one another name: NAME=SYSTEM:…")
        kind = self.system(system)
        given = typed(kind.ConnectionSettings, said, name)
        settings = self._valid(system, "ConnectionSettings", given, name)
        secrets = _secrets(settings, name)
        transport = Transport(name=name, redact=Redactor(secrets.values()), timeout=TIMEOUT, attempts=ATTEMPTS)
        connection = kind.connect(settings, secrets, transport)
        try:
            health = connection.check()
            offered = tuple(connection.collections())
            people = _people(connection)
        except BaseException:
            connection.close()
            raise
        self._open[name] = connection
        self.joined[name] = Joined(ConnectionWish(name, system, given), health, offered, people)
        return self.joined[name]

    def look(self, wish: CollectionWish) -> Seen:
        """Find a collection and read its schema. Raises UserError naming the nearest one, AuthError, AdapterError."""
        if wish.connection not in self.joined:
            hint = f"{nearest(wish.connection, self.joined)} Name it with --connection."
            raise UserError(f"{wish.name}: no connection is called {wish.connection!r}", hint=hint)
        joined = self.joined[wish.connection]
        kind = self.system(joined.wish.system)
        given = typed(kind.CollectionSettings, wish.settings, wish.name)
        settings = {**dict(_chosen(wish, given, joined.offered)), **given}
        valid = self._valid(joined.wish.system, "CollectionSettings", settings, wish.name)
        try:
            adapter = self._open[wish.connection].open(valid)
            schema, traits = adapter.schema(), adapter.traits
        except NotFoundError as error:
            words = [word for info in joined.offered for word in _words(info)]
            said = wish.what or next(iter(given.values()), "")
            raise UserError(f"{wish.name}: {error.message}", hint=nearest(str(said), words)) from error
        return Seen(wish.name, wish.connection, settings, schema, traits, wish.said)

    def _valid(self, system: str, part: Any, given: Mapping[str, Any], of: str) -> BaseModel:
        source = Source(of, None, {})
        own = ConnectionSpec if part == "ConnectionSettings" else CollectionSpec
        settings = load_settings(system, part, given, own, source, (), self.root, self.systems)
        if settings is None:
            problem = source.problems[0]
            raise UserError(f"{of}: {problem.reason}", hint=_as_flag(problem.hint))
        return settings


def _people(connection: Connection) -> tuple[Account, ...]:
    """Return the accounts there are; none where we may not see them, which is no reason to stop."""
    try:
        return tuple(connection.people())
    except (AuthError, NotFoundError, RejectedError):
        return ()


def _as_flag(hint: str) -> str:
    """Say a hint about a file as one about a flag."""
    return hint.replace("add `", "add `,").replace(": …` here", "=…` to it")


def _secrets(settings: BaseModel, name: str) -> dict[str, str]:
    """Look up a connection's secrets. Raises ConfigError where one is not set."""
    found = {}
    for key in type(settings).model_fields:
        secret = getattr(settings, key)
        if isinstance(secret, Secret) and has_secret(secret):
            found[key] = look_up(secret, key, name)
    return found


def _chosen(wish: CollectionWish, given: Mapping[str, Any], offered: Sequence[CollectionInfo]) -> Mapping[str, Any]:
    """Return the settings of the offered collection that was meant. Raises UserError where that is not one."""
    if wish.what:
        found = [info for info in offered if wish.what.casefold() in map(str.casefold, _words(info))]
        if not found:
            words = [word for info in offered for word in _words(info)]
            raise UserError(f"{wish.connection} has no collection {wish.what!r}", hint=nearest(wish.what, words))
        if len(found) > 1:
            ids = "; ".join(str(next(iter(info.settings.values()), "")) for info in found)
            raise UserError(
                f"{len(found)} collections of {wish.connection} are called {wish.what!r}", hint=f"say which: {ids}"
            )
        return found[0].settings
    named = [info for info in offered if given and info.settings and _within(info.settings, given)]
    if len(named) == 1:
        return named[0].settings
    if any(given.get(key) is not None for info in offered for key in info.settings):
        return {}  # it is not listed, yet it may be there: opening it tells
    if len(offered) == 1:
        return offered[0].settings
    names = [info.name for info in offered]
    hint = f"say which: {wish.name}={wish.connection}:WHAT; {nearest('', names)}"
    raise UserError(f"{wish.name}: {wish.connection} has {len(offered)} collections", hint=hint)


def _within(offered: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Say whether a person named this one: what both speak of is the same, and that is something."""
    both = offered.keys() & given.keys()
    return bool(both) and all(str(offered[key]).casefold() == str(given[key]).casefold() for key in both)


def _words(info: CollectionInfo) -> list[str]:
    """Return what a person may call a collection: its name, and the words of its settings."""
    return [info.name, *(value for value in info.settings.values() if isinstance(value, str))]
