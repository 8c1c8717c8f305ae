"""A small product on several in-memory sides, with everything an engine test needs around it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from syncer.engine.apply import Report
from syncer.engine.linked import StoredLinks
from syncer.engine.names import Directory
from syncer.engine.plan import Action, Plan
from syncer.engine.run import Engine
from syncer.engine.undo import Undoing
from syncer.mapping.rules import Direction, FieldPolicy, FieldRule, Guards, KindRule, Rules, SideRules
from syncer.record import FieldSpec, FieldType, Option, Raw, Ref
from syncer.store.store import Store
from syncer.testing.memory import Habits, MemoryAdapter, MemoryTable
from syncer.testing.rules import Mapped, OneOf, Plain, Refers
from tests.engine.quickstore import QuickStore

STATUSES = ("idea", "planned", "doing", "done")
COARSE = {"idea": ("To Do",), "planned": ("To Do",), "doing": ("In Progress",), "done": ("Done", "Closed")}


def line(name: str) -> FieldSpec:
    return FieldSpec(name, name, FieldType.LINE, required=name == "title")


def title(side: str) -> FieldRule:
    return Plain("title", line("title"), FieldType.LINE)


def note(side: str, direction: Direction = Direction.BOTH) -> FieldRule:
    return Plain("note", line("note"), FieldType.LINE, direction)


def status(side: str) -> FieldRule:
    spec = FieldSpec("status", "status", FieldType.CHOICE, options=tuple(Option(s, s) for s in STATUSES))
    return Mapped("status", spec, FieldType.CHOICE, domain=STATUSES, values={s: (s,) for s in STATUSES})


def coarse_status(side: str, reads: Mapping[str, str] | None = None, unmapped: tuple[str, ...] = ()) -> FieldRule:
    shown = ("To Do", "In Progress", "Done", "Closed", *unmapped)
    spec = FieldSpec(
        "status", "status", FieldType.CHOICE, options=tuple(Option(s, s) for s in shown), absent_shows="To Do"
    )
    return Mapped("status", spec, FieldType.CHOICE, domain=STATUSES, values=COARSE, reads=reads or {"To Do": "planned"})


def labels(side: str) -> FieldRule:
    return Plain("labels", FieldSpec("labels", "labels", FieldType.SET), FieldType.SET)


def owners(side: str) -> FieldRule:
    return Plain("owners", FieldSpec("owners", "owners", FieldType.SET), FieldType.PEOPLE)


def one_owner(side: str) -> FieldRule:
    return OneOf("owners", FieldSpec("owners", "owners", FieldType.PERSON), FieldType.PEOPLE)


def parent(side: str) -> FieldRule:
    return Refers("parent", FieldSpec("parent", "parent", FieldType.REFERENCE), FieldType.REFERENCE, connection=side)


@dataclass(frozen=True)
class SideSpec:
    """One side of a world: its fields, its habits."""

    fields: tuple[FieldRule, ...]
    habits: Habits = Habits()
    creates: bool = True
    removal: str = "archive"
    match: tuple[str, ...] = ("title",)


@dataclass
class Product:
    """Sides, a store and an engine over them."""

    path: Path
    specs: Mapping[str, SideSpec]
    policies: Mapping[tuple[str, str], FieldPolicy] = field(default_factory=dict)
    guards: Guards = Guards(max_removals=100, max_removal_share=1.0, max_config_writes=1000)
    tables: dict[str, MemoryTable] = field(default_factory=dict)
    runs: int = 0
    swept: float = 86400.0
    closed: Collection[str] = ()
    """Sides that are never written."""
    make_store: Callable[[Path, str, Callable[[], datetime]], Any] | None = QuickStore
    """Makes a store that outlives its closing; None opens the file at `path`, each time anew."""

    def __post_init__(self) -> None:
        for side, spec in self.specs.items():
            fields = {rule.record_field: rule.spec for rule in spec.fields}
            self.tables[side] = MemoryTable(side, {"row": fields}, spec.habits)
        self.store = self.make_store(self.path, "shop", self.now) if self.make_store else self.open()

    def open(self) -> Store:
        return Store.open(self.path, "shop", now=self.now)

    def now(self) -> datetime:
        """Return the time all sides agree on."""
        return max(t.now for t in self.tables.values())

    def tick(self, seconds: float = 1.0) -> None:
        """Let time pass everywhere."""
        for table in self.tables.values():
            table.tick(seconds)

    @property
    def rules(self) -> Rules:
        sides = {}
        for side, spec in self.specs.items():
            kind = KindRule("story", "row", {r.field: r for r in spec.fields}, creates=spec.creates, match=spec.match)
            sides[side] = SideRules(side, side, {"story": kind}, removal=spec.removal)
        fingerprint = str(sorted(f.fingerprint() for s in sides.values() for f in s.kinds["story"].fields.values()))
        return Rules("shop", sides, self.policies, self.guards, fingerprint, self.swept)

    def engine(self) -> Engine:
        """Return a new engine, as a new process would make one."""
        adapters = {side: MemoryAdapter(table) for side, table in self.tables.items()}
        names = StoredLinks(self.store, {name: side.connection for name, side in self.rules.sides.items()})
        return Engine(self.store, self.rules, adapters, lambda: Directory(names), self.now, closed=self.closed)

    def reopen(self) -> None:
        """Forget everything that is not on disk, as a killed process does."""
        self.store.close()
        self.tick(120)
        if self.make_store is None:
            self.store = self.open()

    def plan(self, *, full: bool = False) -> Plan:
        return self.engine().plan(full=full)

    def sync(self, *, full: bool = False, allow: Collection[str] = (), only: object = None) -> tuple[Plan, Report]:
        self.runs += 1
        run = f"r{self.runs}"
        with self.store.lease(run, 90) as lease:
            done = self.engine().sync(lease, run, full=full, allow=allow, only=only)  # type: ignore[arg-type]
        self.tick()
        return done

    def undo(self, run: str) -> tuple[Plan, Report]:
        """Undo a whole run."""
        self.runs += 1
        name = f"r{self.runs}"
        with self.store.lease(name, 90) as lease:
            done = self.engine().undo(lease, name, Undoing(run), lambda action: True)
        self.tick()
        return done

    def settle(self) -> None:
        """Sync until nothing is left to do; three rounds are always enough."""
        for _ in range(3):
            plan, _report = self.sync(full=True)
            if not plan.actions:
                return
        raise AssertionError(f"it does not settle: {[describe(a) for a in plan.actions]}")

    def shows(self, side: str, name: str = "title") -> list[Raw]:
        """Return what a field shows on a side, over its living records."""
        return [fields.get(name) for fields in self.tables[side].live().values()]

    def only(self, side: str) -> Ref:
        """Return the one living record of a side."""
        (ref,) = self.tables[side].live()
        return ref

    def writes(self) -> list[tuple[str, str]]:
        """Return (side, verb) of every write any side ever received."""
        verbs = ("create", "update", "archive", "restore")
        return [(side, verb) for side, table in self.tables.items() for verb, _ in table.calls if verb in verbs]


def describe(action: Action) -> str:
    return f"{action.verb.sign} {action.side} {action.label} {dict(action.writes)} {action.cause}"


def three(path: Path, **more: object) -> Product:
    """Return a product on three plain sides."""
    specs = {s: SideSpec((title(s), note(s), labels(s))) for s in "abc"}
    return Product(path / "s.db", specs, **more)  # type: ignore[arg-type]


def born(product: Product, side: str = "a", **fields: object) -> None:
    """Let a person make the item O, and sync."""
    product.tables[side].add({"title": "O", **fields})  # type: ignore[dict-item]
    product.settle()
