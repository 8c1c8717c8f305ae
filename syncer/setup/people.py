"""Who is who, as far as systems tell: e-mail addresses, and one name that means one person on each side. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from syncer.record import Account

MOST = 100
"""People a first configuration lists; more are for a person to add where they are needed."""


def known_people(accounts: Mapping[str, Sequence[Account]]) -> dict[str, dict[str, Any]]:
    """Return e-mail address → {name, accounts} as syncer.yaml has them; nothing where no side needs to be told.

    `accounts`: connection → its accounts; none where people are plain names. An account that shows no address is the
    person whose name it bears, where exactly one address and one such account there bear it.
    """
    named = {c: Counter(a.name.casefold() for a in many if a.name) for c, many in accounts.items()}
    addresses: dict[str, str] = {}
    for many in accounts.values():
        for account in many:
            if account.email and account.active and account.name:
                addresses.setdefault(account.email.lower(), account.name)
    bearers = Counter(name.casefold() for name in addresses.values())
    found: dict[str, dict[str, Any]] = {}
    for email, name in sorted(addresses.items()):
        if bearers[name.casefold()] > 1:
            continue
        mine = {
            connection: account.id
            for connection, many in accounts.items()
            for account in many
            if not account.email
            and account.name.casefold() == name.casefold()
            and named[connection][name.casefold()] == 1
        }
        found[email] = {"name": name, **({"accounts": mine} if mine else {})}
    plain = any(not many for many in accounts.values())
    needed = {email: person for email, person in found.items() if plain or "accounts" in person}
    return dict(list(needed.items())[:MOST])
