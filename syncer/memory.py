"""What a session remembers of the systems from run to run: schemas, what adapters keep beside them, people.

A cache: whatever is here can be read anew, and is, once it is as old as a full listing may be, or of other settings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from syncer.adapter import Kept
from syncer.mapping.rules import SideRules
from syncer.record import (
    Account,
    FieldType,
    Raw,
    Record,
    Schema,
    canonical_json,
    schema_from_json,
    schema_to_json,
)
from syncer.store.store import Store


class Note:
    """One remembered answer. It holds only where it was asked: under the same settings."""

    def __init__(
        self, store: Store, key: str, settings: Sequence[Any], max_age: float, now: Callable[[], datetime]
    ) -> None:
        self._store, self._key, self._max_age, self._now = store, key, max_age, now
        said = [s.model_dump(mode="json") if isinstance(s, BaseModel) else s for s in settings]
        self._settings = _digest(canonical_json(said))
        self._entry: dict[str, Any] | None = None

    def read(self) -> Any:
        """Return the answer, however old; None where there is none."""
        entry = self._load()
        return entry["answer"] if entry is not None else None

    def fresh(self) -> bool:
        """Say whether there is an answer that is not too old."""
        entry = self._load()
        if entry is None:
            return False
        age = self._now() - datetime.fromisoformat(entry["at"])
        # a clock that was set back must not make an answer eternal
        return timedelta() <= age <= timedelta(seconds=self._max_age)

    def write(self, answer: Any) -> None:
        """Remember an answer, as of now."""
        self._entry = {"settings": self._settings, "at": self._now().isoformat(), "answer": answer}
        self._store.put_memo(self._key, self._entry)

    def _load(self) -> dict[str, Any] | None:
        if self._entry is None:
            found = self._store.memo(self._key)
            if isinstance(found, dict) and found.get("settings") == self._settings:
                self._entry = found
        return self._entry


class SideMemory:
    """One collection's schema and what its adapter keeps: a `syncer.adapter.Memory`."""

    def __init__(self, note: Note, owner: Callable[[], str]) -> None:
        self._note, self._owner = note, owner
        self._schema: Schema | None = None
        self.kept = 0
        """How often something was kept: a compiled mapping is of one of these."""

    def schema(self) -> Schema | None:
        """Return the schema as last read; None where it never was."""
        if self._schema is None and (found := self._note.read()) is not None:
            self._schema = schema_from_json(found["schema"])
        return self._schema

    def fresh(self) -> bool:
        """Say whether the schema need not be read anew."""
        return self._note.fresh()

    def recall(self) -> Kept | None:
        """See Memory. What another account was shown is not recalled."""
        found, schema = self._note.read(), self.schema()
        if found is None or schema is None or found["kept"] is None or found["owner"] != self._owner():
            return None
        return Kept(found["kept"], schema)

    def keep(self, value: Any, schema: Schema) -> None:
        """See Memory."""
        self._note.write({"owner": self._owner(), "kept": value, "schema": schema_to_json(schema)})
        self._schema = schema
        self.kept += 1


class PeopleMemory:
    """The accounts of one connection."""

    def __init__(self, note: Note, ask: Callable[[str], Sequence[Account]], connection: str) -> None:
        self._note, self._ask, self._connection = note, ask, connection

    def accounts(self) -> list[Account]:
        """Return the accounts as last read; ask where they never were."""
        known = self._note.read()
        return [Account(*entry) for entry in known] if known is not None else self.renew()

    def known(self) -> bool:
        """Say whether they were ever read."""
        return self._note.read() is not None

    def fresh(self) -> bool:
        """Say whether they need not be read anew."""
        return self._note.fresh()

    def renew(self) -> list[Account]:
        """Ask the system."""
        found = list(self._ask(self._connection))
        self._note.write([[a.id, a.name, a.email, a.active] for a in found])
        return found


def owner_of(secrets: Mapping[str, str], lineage: str) -> str:
    """Return a digest by which to tell one account's secrets from another's; keyed, so that it says nothing else."""
    text = canonical_json(sorted(secrets.items()))
    return _digest(text, key=lineage)


def unknown_options(rules: SideRules, records: Iterable[Record]) -> bool:
    """Say whether a record shows an option in a mapped field that the schema did not offer when it was read."""
    for record in records:
        for rule in rules.kinds.values():
            if rule.record_type != record.type:
                continue
            for field in rule.fields.values():
                offered = {option.id for option in field.spec.options}
                if offered and not _words(record, field.record_field) <= offered:
                    return True
    return False


def named_accounts(rules: SideRules, records: Iterable[Record]) -> set[str]:
    """Return the accounts that records name in mapped fields."""
    found: set[str] = set()
    for record in records:
        for rule in rules.kinds.values():
            if rule.record_type == record.type:
                people = [f for f in rule.fields.values() if f.spec.type in (FieldType.PERSON, FieldType.PEOPLE)]
                found.update(word for field in people for word in _words(record, field.record_field))
    return found


def _words(record: Record, field: str) -> set[str]:
    raw: Raw = None if field in record.unreadable else record.fields.get(field)
    return {str(each) for each in raw} if isinstance(raw, list) else set() if raw in (None, "") else {str(raw)}


def _digest(text: str, *, key: str = "") -> str:
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=12, key=key.encode()[:64]).hexdigest()
