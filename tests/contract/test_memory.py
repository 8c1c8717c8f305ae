"""The in-memory system, under several of its habits, held to the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from syncer.adapter import NO_MEMORY, Adapter, Memory
from syncer.record import FieldSpec, FieldType, Option, Raw
from syncer.testing.contract import Bench, CollectionContract, Offers
from syncer.testing.memory import Fault, Habits, MemoryAdapter, MemoryTable
from syncer.transport import Transport

STATUSES = tuple(Option(s, s) for s in ("idea", "doing", "done"))
FIELDS = {
    spec.id: spec
    for spec in (
        FieldSpec("title", "Title", FieldType.LINE, required=True, clearable=False),
        FieldSpec("status", "Status", FieldType.CHOICE, options=STATUSES, absent_shows="idea"),
        FieldSpec("labels", "Labels", FieldType.SET),
        FieldSpec("notes", "Notes", FieldType.DOCUMENT, format="plain", costly=True),
        FieldSpec("effort", "Effort", FieldType.NUMBER),
        FieldSpec("steps", "Steps", FieldType.SEQUENCE),
        FieldSpec("when", "When", FieldType.PERIOD),
        FieldSpec("price", "Price", FieldType.MONEY),
        FieldSpec("results", "Results", FieldType.TABLE),
        FieldSpec("parent", "Parent", FieldType.REFERENCE),
    )
}


class MemoryBench(Bench):
    """A table, and the people who know it by its titles."""

    offers = Offers.LOG | Offers.FAULTS | Offers.FILTER
    refused: Mapping[str, Raw] = {"status": "nonsense"}
    page = 3

    def __init__(self, habits: Habits) -> None:
        self.table = MemoryTable("memory", {"feature": FIELDS}, habits)
        self.lag = habits.lag

    def settings(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return {}, {}

    def open(self, transport: Transport, *, wrong: bool = False, memory: Memory = NO_MEMORY) -> Adapter:
        return MemoryAdapter(self.table, transport)

    def add(self, title: str) -> None:
        self.wait(1)
        self.table.add({"title": title})

    def rename(self, title: str, to: str) -> None:
        self.wait(1)
        self.table.edit(self._ref(title), {"title": to})

    def remove(self, title: str) -> None:
        self.wait(1)
        self.table.trash(self._ref(title))

    def leave(self, title: str) -> None:
        self.table.rows[self._ref(title)].inside = False

    def truth(self) -> Mapping[str, Mapping[str, object]]:
        return {str(r.fields["title"]): dict(r.fields) for r in self.table.rows.values() if not r.trashed}

    def samples(self) -> Mapping[str, Sequence[Raw]]:
        return {"parent": ["memory-8", "memory-9"]}

    def wait(self, seconds: float) -> None:
        self.table.tick(seconds)

    def requests(self) -> Sequence[str]:
        made = [verb for verb, _ in self.table.calls]
        self.table.calls.clear()
        return made

    def writes(self, request: str) -> bool:
        return request not in ("list", "get", "find")

    def fail(self, verb: str, *, after: bool = False, skip: int = 0) -> None:
        if skip:
            self.table.cut_listing = True
        else:
            self.table.faults.append(Fault(verb, when="after" if after else "before", times=99))

    def _ref(self, title: str) -> Any:
        return next(r.ref for r in self.table.rows.values() if r.fields["title"] == title)


HABITS = {
    "plain": Habits(),
    "coarse clock": Habits(grain=60.0),
    "late index": Habits(lag=5.0, find_lag=5.0),
    "capitals": Habits(capitals=True),
    "one field a create": Habits(split=True),
    "hides what is gone": Habits(hides_gone=True),
}


class TestMemory(CollectionContract):
    @pytest.fixture(params=list(HABITS))
    def bench(self, request: pytest.FixtureRequest) -> Bench:
        return MemoryBench(HABITS[request.param])
