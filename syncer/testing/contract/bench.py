"""What the contract suite asks of an adapter's author: a system at hand, a person in it, and the truth about it."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from enum import Flag, auto
from typing import Any, ClassVar

from pydantic import BaseModel

from syncer.adapter import NO_MEMORY, Adapter, Kept, Memory, Secret, System
from syncer.record import Raw, Schema
from syncer.transport import Redactor, Transport

WRONG = "wrong-secret-9d41"


class Offers(Flag):
    """What a bench can show beyond the least. Tests that need more skip, saying so."""

    NOTHING = 0
    LOG = auto()
    """`requests` is the system's own log of what reached it."""
    FAULTS = auto()
    """`fail` makes the system break down."""
    FILTER = auto()
    """`leave` takes a record out of the collection's filter."""


class Bench(ABC):
    """One collection of a system, empty at first, its people, and the truth, none of them seen through the adapter.

    A person knows records by their titles, so every title is used once.
    """

    system: ClassVar[type[System]]
    offers: ClassVar[Offers] = Offers.NOTHING
    title: str = "title"
    """The id of the field that people see first: a required line."""
    refused: Mapping[str, Raw] = {}
    """Values that the system refuses, by field id; none where it refuses nothing."""
    lag: float = 0.0
    """Seconds after which a listing shows what was written."""
    page: int = 0
    """Records a page of a listing has; 0 where there are no pages."""

    # how we get there

    @abstractmethod
    def settings(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return what syncer.yaml would say of the connection, and of the collection."""

    def nowhere(self) -> Mapping[str, Any]:
        """Return what syncer.yaml would say of a collection that does not exist; nothing where that cannot be."""
        return {}

    def secrets(self) -> Mapping[str, str]:
        """Return the value of every setting that is a secret."""
        return {}

    def open(self, transport: Transport, *, wrong: bool = False, memory: Memory = NO_MEMORY) -> Adapter:
        """Open the collection; `wrong` gives it secrets that are not right."""
        return self.opened(self.settings()[1], transport, wrong=wrong, memory=memory)

    def opened(
        self, collection: Mapping[str, Any], transport: Transport, *, wrong: bool = False, memory: Memory = NO_MEMORY
    ) -> Adapter:
        """Open any collection of the system."""
        connection = self.settings()[0]
        made = self.system.connect(
            self.system.ConnectionSettings.model_validate(connection), self.keys(wrong), transport
        )
        return made.open(self.system.CollectionSettings.model_validate(collection), memory)

    def keys(self, wrong: bool = False) -> Mapping[str, str]:
        """Return the secrets, or ones that are not right."""
        return dict.fromkeys(secret_settings(self.system.ConnectionSettings), WRONG) if wrong else self.secrets()

    def transport(self, *, write: bool = True) -> Transport:
        """Return what exchanges pass through; its waiting lets time pass in the system."""
        redact = Redactor([WRONG, *self.secrets().values()])
        return Transport(name="bench", write=write, redact=redact, timeout=5, attempts=3, sleep=self.wait)

    # what people do

    @abstractmethod
    def add(self, title: str) -> None:
        """Let a person create a record."""

    @abstractmethod
    def rename(self, title: str, to: str) -> None:
        """Let a person change a record's title."""

    @abstractmethod
    def remove(self, title: str) -> None:
        """Let a person remove a record, as they usually do."""

    def leave(self, title: str) -> None:
        """Let a person change a record so that the collection's filter no longer meets it."""
        raise NotImplementedError

    # what is so

    @abstractmethod
    def truth(self) -> Mapping[str, Mapping[str, object]]:
        """Return every record that is not removed, by title: values by field id, in any form that can be compared."""

    def samples(self) -> Mapping[str, Sequence[Raw]]:
        """Return two different values or more for fields whose type and options do not suggest any."""
        return {}

    def wait(self, seconds: float) -> None:
        """Let time pass in the system."""
        del seconds

    # what a sandbox can do

    def requests(self) -> Sequence[str]:
        """Return the requests since the last look, as "METHOD path"."""
        raise NotImplementedError

    def writes(self, request: str) -> bool:
        """Say whether a request may change something."""
        return not request.startswith("GET ")

    def fail(self, verb: str, *, after: bool = False, skip: int = 0) -> None:
        """Break the requests of "list", "create" or "update" from now on: `after` they did their work, or before.

        `skip` lets some through first.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Clean up."""
        return


class Notebook:
    """A memory that lasts as long as a test: JSON, as a store would keep it."""

    def __init__(self) -> None:
        self._kept: tuple[str, Schema] | None = None

    def recall(self) -> Kept | None:
        """See Memory."""
        return Kept(json.loads(self._kept[0]), self._kept[1]) if self._kept else None

    def keep(self, value: Any, schema: Schema) -> None:
        """See Memory."""
        self._kept = json.dumps(value), schema


def secret_settings(model: type[BaseModel]) -> list[str]:
    """Return the names of the settings that are typed `Secret`."""
    return [name for name, field in model.model_fields.items() if Secret in _parts(field.annotation)]


def _parts(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__args__", ()) or (annotation,)
