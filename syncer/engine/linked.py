"""What the store remembers of which record is which item, by connection: what a `Directory` asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from syncer.engine.names import Home
from syncer.record import Ref
from syncer.store.store import Store


@dataclass(frozen=True, slots=True)
class StoredLinks:
    """A `Links` over the store. `connections`: the connection of every side."""

    store: Store
    connections: Mapping[str, str]

    def items(self, connection: str, refs: Collection[str]) -> Mapping[str, str]:
        """See Links. A record that was taken away is still the item it was."""
        found = self.store.refs(self._sides(connection), refs=[Ref(ref) for ref in refs])
        return {ref: item for (_, ref), item in found.items.items()}

    def homes(self, connection: str, items: Collection[str]) -> Mapping[str, list[Home]]:
        """See Links. Only a living record can be referred to."""
        homes: dict[str, list[Home]] = {}
        found = self.store.refs(self._sides(connection), items=items)
        for (side, item), home in sorted(found.refs.items()):
            homes.setdefault(item, []).append(Home(side, home.ref, home.record_type))
        return homes

    def _sides(self, connection: str) -> list[str]:
        return [side for side, name in self.connections.items() if name == connection]
