"""Who is who and what is where: accounts ⇄ people, refs ⇄ items. Built once a run; pure look-ups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from syncer.mapping.rules import pending_ref
from syncer.record import Account, Ref


@dataclass(frozen=True, slots=True)
class Home:
    """Where an item lives on one connection."""

    side: str
    ref: Ref
    record_type: str


@dataclass
class Directory:
    """The engine's `Names`."""

    persons: dict[tuple[str, str], str] = field(default_factory=dict)
    accounts: dict[tuple[str, str], str] = field(default_factory=dict)
    items: dict[tuple[str, str], str] = field(default_factory=dict)
    homes: dict[tuple[str, str], list[Home]] = field(default_factory=dict)
    pending: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """(connection, item) → record types of the creates this plan holds."""

    def add_people(
        self,
        connection: str,
        accounts: Iterable[Account],
        aliases: Mapping[str, str],
        fixed: Mapping[str, str],
    ) -> None:
        """Know a connection's accounts.

        `aliases`: any e-mail or name, lower-cased → person key. `fixed`: person key → account id, from the alias
        table; it wins over e-mail.
        """
        for account in accounts:
            person = aliases.get(account.email.lower()) if account.email else None
            person = person or (account.email.lower() if account.email else None) or aliases.get(account.name.lower())
            if person:
                self._know(connection, account.id, person)
        for person, account_id in fixed.items():
            self._know(connection, account_id, person)
            self.accounts[connection, person] = account_id

    def add_named(self, connection: str, aliases: Mapping[str, str], names: Mapping[str, str]) -> None:
        """Know people on a connection without accounts: there, a person is a written name or e-mail.

        `names`: person key → the name to write.
        """
        for alias, person in aliases.items():
            self.persons[connection, alias] = person
        for person, name in names.items():
            self.accounts.setdefault((connection, person), name)

    def _know(self, connection: str, account: str, person: str) -> None:
        self.persons[connection, account] = person
        self.accounts.setdefault((connection, person), account)

    def link(self, connection: str, side: str, ref: Ref, item: str, record_type: str) -> None:
        """Know that a ref is an item."""
        self.items[connection, ref] = item
        homes = self.homes.get((connection, item))
        if homes is None:
            self.homes[connection, item] = [Home(side, ref, record_type)]
        elif all(h.ref != ref for h in homes):
            homes.append(Home(side, ref, record_type))

    def expect(self, connection: str, item: str, record_type: str) -> None:
        """Know that this plan creates an item's record on a connection."""
        self.pending.setdefault((connection, item), []).append(record_type)

    def person_of(self, connection: str, account: str) -> str | None:
        """See Names."""
        found = self.persons.get((connection, account))
        return found or self.persons.get((connection, account.strip().lower()))

    def account_of(self, connection: str, person: str) -> str | None:
        """See Names."""
        return self.accounts.get((connection, person))

    def item_of(self, connection: str, ref: str) -> str | None:
        """See Names."""
        return self.items.get((connection, ref))

    def ref_of(self, connection: str, item: str, targets: tuple[str, ...]) -> Ref | None:
        """See Names."""
        for home in self.homes.get((connection, item), ()):
            if not targets or home.record_type in targets:
                return home.ref
        for record_type in self.pending.get((connection, item), ()):
            if not targets or record_type in targets:
                return pending_ref(item)
        return None
