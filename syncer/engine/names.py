"""Who is who and what is where: accounts ⇄ people, refs ⇄ items. Built once a run.

Which record is which item is asked for as far as something refers to it, many at once where it is known beforehand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from syncer.mapping.rules import pending_ref
from syncer.record import Account, FieldType, Ref

REFERS = frozenset({FieldType.REFERENCE, FieldType.REFERENCES})
"""Types of fields whose values name items."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where an item lives on one connection."""

    side: str
    ref: Ref
    record_type: str


class Links(Protocol):
    """Which record is which item, as remembered."""

    def items(self, connection: str, refs: Collection[str]) -> Mapping[str, str]:
        """Return the items that these refs of a connection are linked to."""

    def homes(self, connection: str, items: Collection[str]) -> Mapping[str, list[Home]]:
        """Return where these items live on a connection."""


@dataclass
class Directory:
    """The engine's `Names`. `links`: what is remembered; what this run adds to it is kept here."""

    links: Links | None = None
    persons: dict[tuple[str, str], str] = field(default_factory=dict)
    accounts: dict[tuple[str, str], str] = field(default_factory=dict)
    items: dict[tuple[str, str], str | None] = field(default_factory=dict)
    added: dict[tuple[str, str], list[Home]] = field(default_factory=dict)
    remembered: dict[tuple[str, str], list[Home]] = field(default_factory=dict)
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
        self.added.setdefault((connection, item), []).append(Home(side, ref, record_type))

    def prepare(self, connection: str, refs: Collection[str], items: Collection[str]) -> None:
        """Ask at once for what will be looked up one by one."""
        refs = {ref for ref in refs if (connection, ref) not in self.items}
        items = {item for item in items if (connection, item) not in self.remembered}
        found = self.links.items(connection, refs) if self.links and refs else {}
        self.items |= {(connection, ref): found.get(ref) for ref in refs}
        homes = self.links.homes(connection, items) if self.links and items else {}
        self.remembered |= {(connection, item): homes.get(item, []) for item in items}

    def homes(self, connection: str, item: str) -> list[Home]:
        """Return where an item lives on a connection."""
        self.prepare(connection, (), (item,))
        return [*self.remembered[connection, item], *self.added.get((connection, item), ())]

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
        self.prepare(connection, (ref,), ())
        return self.items[connection, ref]

    def ref_of(self, connection: str, item: str, targets: tuple[str, ...]) -> Ref | None:
        """See Names."""
        for home in self.homes(connection, item):
            if not targets or home.record_type in targets:
                return home.ref
        for record_type in self.pending.get((connection, item), ()):
            if not targets or record_type in targets:
                return pending_ref(item)
        return None
