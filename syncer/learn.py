"""Learns the systems' schemas and people, and compiles the mappings against them. What was learned is remembered.

A remembered answer serves until it is as old as a full listing may be. Before that it is asked for again where it
proves out of date: a mapping that does not fit it, a record that shows an option or a person it does not have.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from syncer import __version__
from syncer.adapter import Adapter, Connection
from syncer.engine.linked import StoredLinks
from syncer.engine.names import Directory
from syncer.errors import ConfigError, NotFoundError, RetryableError, UnknownOutcomeError, UserError
from syncer.mapping.compile import compile_rules, compile_side
from syncer.mapping.config import Config
from syncer.mapping.drift import Former
from syncer.mapping.load import GapError
from syncer.mapping.rules import Rules, SideRules
from syncer.memory import Note, PeopleMemory, SideMemory, named_accounts, owner_of, unknown_options
from syncer.record import Account, Record, Schema, schema_from_json, schema_to_json
from syncer.store.store import Store

UNANSWERED = (RetryableError, UnknownOutcomeError)


class Learner:
    """Knows what every side can hold and who is who, and asks only where it must."""

    def __init__(
        self,
        config: Config,
        store: Store,
        connection: Callable[[str], Connection],
        adapter: Callable[[str], Adapter],
        now: Callable[[], datetime],
    ) -> None:
        self._config, self._store, self._adapter = config, store, adapter
        self._memories = {side: self._memory(side, now) for side in config.collections}
        self._people: dict[str, PeopleMemory] = {}
        for name, place in config.connections.items():
            note = Note(store, f"people:{name}", [__version__, place.system, place.settings], config.full_every, now)
            self._people[name] = PeopleMemory(note, lambda name: connection(name).people(), name)
        self._rules: Rules | None = None
        self._made_of: dict[str, int] = {}

    def memory(self, side: str) -> SideMemory:
        """Return what is remembered of a side: what its adapter is opened with."""
        return self._memories[side]

    def schema(self, side: str) -> Schema:
        """Read a side's schema anew. Raises NotFoundError."""
        memory = self._memories[side]
        before = memory.kept
        schema = self._adapter(side).schema()
        if memory.kept == before:
            memory.keep(None, schema)
        return schema

    def rules(self) -> Rules:
        """Return the compiled mappings. Raises ConfigError naming every place that does not fit the live schemas."""
        known = {side: memory.kept for side, memory in self._memories.items()}
        if self._rules is None or known != self._made_of:
            sides: dict[str, SideRules] = {}
            problems: list[ConfigError] = []
            for side in self._config.collections:
                sides[side], found = self._compiled(side)
                problems += found
            if problems:
                raise problems[0] if len(problems) == 1 else _several(problems)
            self._rules = compile_rules(self._config, sides)
            self._made_of = {side: memory.kept for side, memory in self._memories.items()}
        return self._rules

    def begin(self, *, full: bool = False, paused: Collection[str] = ()) -> None:
        """Read anew what is too old, or everything, as a full listing does; nothing of what is paused.

        A system that cannot be reached is known as it was: what is decided about the others does not wait for it.
        """
        silent: set[str] = set()
        for connection, known, ask in self._old(full, paused):
            if known and connection in silent:
                continue
            try:
                ask()
            except UNANSWERED:
                if not known:
                    raise
                silent.add(connection)

    def _old(self, full: bool, paused: Collection[str]) -> Iterator[tuple[str, bool, Callable[[], object]]]:
        """Yield what is to be read anew: of which connection, whether it is known at all, and how."""
        awake = [side for side in self._memories if side not in paused]
        for side in awake:
            memory = self._memories[side]
            if full or not memory.fresh():
                connection = self._config.collections[side].connection
                yield connection, memory.schema() is not None, partial(self._asked, side)
        spoken_to = {self._config.collections[side].connection for side in awake}
        for name, people in self._people.items():
            if name in spoken_to and (full or not people.fresh()):
                yield name, people.known(), people.renew

    def learn(self, records: Mapping[str, Iterable[Record]]) -> Rules:
        """Look at news, side by side; ask again for what they show and we do not know, and return the rules then."""
        rules = self.rules()
        named: dict[str, set[str]] = {}
        for side, news in records.items():
            known, listed = rules.sides[side], list(news)
            if unknown_options(known, listed):
                with contextlib.suppress(*UNANSWERED):
                    self._asked(side)
            named.setdefault(known.connection, set()).update(named_accounts(known, listed))
        self._meet(named)
        return self.rules()

    def _meet(self, named: Mapping[str, set[str]]) -> None:
        """Ask again for people whom records name: where they are named, and where they are to be named too."""
        asked: set[str] = set()
        for connection, accounts in named.items():
            have = self._people[connection].accounts() if accounts else []
            if have and not accounts <= {account.id for account in have}:
                asked.add(connection)
                with contextlib.suppress(*UNANSWERED):
                    self._people[connection].renew()
        directory = self.directory()
        persons = {p for c, accounts in named.items() for a in accounts if (p := directory.person_of(c, a))}
        for connection in self._people.keys() - asked:
            if any(directory.account_of(connection, person) is None for person in persons):
                with contextlib.suppress(*UNANSWERED):
                    self._people[connection].renew()

    def directory(self) -> Directory:
        """Return who is who, and which record is which item."""
        sides = {side: collection.connection for side, collection in self._config.collections.items()}
        directory = Directory(StoredLinks(self._store, sides))
        aliases: dict[str, str] = {}
        for key, person in self._config.people.items():
            for word in (key, person.name, *person.aliases):
                if word:
                    aliases[word.lower()] = key
        for name, people in self._people.items():
            fixed = {k: p.accounts[name] for k, p in self._config.people.items() if name in p.accounts}
            accounts: Sequence[Account] = people.accounts()
            directory.add_people(name, accounts, aliases, fixed)
            if not accounts:
                directory.add_named(name, aliases, {k: p.name or k for k, p in self._config.people.items()})
        return directory

    def people(self) -> dict[str, str]:
        """Return what people are called, by their key and by their accounts. Asks no system."""
        found: dict[str, str] = {}
        for people in self._people.values():
            for account in people.accounts() if people.known() else ():
                found |= {word: account.name for word in (account.email.lower(), account.id) if word and account.name}
        for key, person in self._config.people.items():
            found |= {word: person.name for word in (key, *person.accounts.values()) if person.name}
        return found

    def _memory(self, side: str, now: Callable[[], datetime]) -> SideMemory:
        collection = self._config.collections[side]
        place = self._config.connections[collection.connection]
        settings = [__version__, place.system, place.settings, collection.settings]
        note = Note(self._store, f"schema:{side}", settings, self._config.full_every, now)
        return SideMemory(note, lambda: owner_of(self._config.secrets(place.name), self._store.lineage))

    def _compiled(self, side: str) -> tuple[SideRules, list[ConfigError]]:
        known = self._memories[side].schema()
        if known is not None:
            rules, problems = self.fitted(side, known)
            if not (held := _held(problems)):
                return rules, held
        # only the live schema can be complained about: the tool may have moved on since the remembered one
        rules, problems = self.fitted(side, self._asked(side))
        return rules, _held(problems)

    def fitted(self, side: str, schema: Schema) -> tuple[SideRules, list[ConfigError]]:
        """Hold a side's mapping against a schema; what was renamed since it fitted last is told as that."""
        key = f"fitted:{side}"
        kept = self._store.memo(key)
        former = Former(schema_from_json(kept), lambda name: self._store.showing(side, name)) if kept else None
        rules, problems = compile_side(self._config, side, schema, former)
        if not _held(problems) and (now := schema_to_json(schema)) != kept:
            self._store.put_memo(key, now)
        return rules, problems

    def _asked(self, side: str) -> Schema:
        try:
            return self.schema(side)
        except NotFoundError as error:
            raise UserError(f"{side}: {error.message}", hint="`syncer check` shows what can be reached") from error


def _held(problems: Sequence[ConfigError]) -> list[ConfigError]:
    return [problem for problem in problems if not isinstance(problem, GapError)]


def _several(problems: Sequence[ConfigError]) -> ConfigError:
    text = "\n".join(str(p) for p in problems[:20])
    more = f"\nand {len(problems) - 20} more" if len(problems) > 20 else ""
    return ConfigError(f"{len(problems)} places need a change:\n{text}{more}")
