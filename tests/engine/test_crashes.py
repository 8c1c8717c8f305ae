"""Killed after any adapter call or any commit, a rerun ends as if nothing had happened: nothing lost, nothing doubled.

The points are counted by a run that is not killed, and then tried one by one: all of them in the first world, and in
`make prove` in the second and in an undo, too.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from syncer.engine.names import Directory
from syncer.engine.resolve import Choice, resolve
from syncer.record import Raw, Ref
from syncer.store.rows import JournalState
from syncer.testing.memory import Habits
from tests.counting import count
from tests.engine.people import HABITS
from tests.engine.test_documents import text
from tests.engine.worlds import Product, SideSpec, coarse_status, labels, note, owners, parent, status, title

KINDS_OF_ACTION = {"create", "update", "archive", "restore", "link"}
KINDS_OF_FIELD = {"title", "note", "labels", "status", "parent", "owners", "body"}
"""Lines, a set, a choice that means several things, a place in the tree, people, a document."""

WORLDS = {
    "an index that lags, creates in two steps, tags after the create": {
        "a": HABITS["a"]["short pages"],
        "b": HABITS["b"]["late, splits creates"],
        "c": HABITS["c"]["tags later"],
    },
    "clocks of a minute, no restore, no feed, no tags and no editor": {
        "a": HABITS["c"]["minutes, no restore"],
        "b": HABITS["b"]["no feed"],
        "c": HABITS["c"]["no tags, no editor"],
    },
}

STEP = int(os.environ.get("SYNCER_STEP", "6"))
"""Of the points of the second world and of the undo, one in so many is tried; the first world's all are."""


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Points:
    """Counts the places where a process can die, and dies at the chosen one."""

    at: int = 0
    passed: list[str] = field(default_factory=list)

    def watch(self, product: Product) -> None:
        for name, table in product.tables.items():
            table.before_call = self._point(f"before {name}.")
            table.after_call = self._point(f"after {name}.")
        product.store.after_commit = self._point("committed ")

    def _point(self, where: str) -> Callable[[str], None]:
        def passed(what: str) -> None:
            self.passed.append(where + what)
            if len(self.passed) == self.at:
                raise Killed

        return passed


def world(habits: Mapping[str, Habits]) -> Product:
    """Return sides in step, with one conflict held, and then everything that people did since."""
    fine = {s: coarse_status(s) if s == "b" else status(s) for s in habits}
    texts = {s: text("plain" if s == "b" else "markdown") for s in habits}
    fields = {s: (title(s), note(s), labels(s), fine[s], parent(s), owners(s), texts[s]) for s in habits}
    specs = {s: SideSpec(fields[s], h) for s, h in habits.items()}
    product = Product(Path(), specs)
    a = product.tables["a"]
    top = a.add({"title": "top"})
    for name in ("edited", "removed", "returns", "survives", "clashes", "decided"):
        a.add({"title": name, "note": "O", "labels": ["x"], "parent": top, "owners": ["ann"], "body": "It **is**.\n"})
        product.tick()
    quiet(product)
    for side in "ab":
        edit(product, side, "decided", {"note": f"word of {side}"})
    a.trash(at(product, "a", "returns"))
    quiet(product)
    people_act(product)
    return product


def people_act(product: Product) -> None:
    a, b, c = (product.tables[s] for s in "abc")
    a.untrash(next(ref for ref, row in a.rows.items() if row.fields["title"] == "returns"))
    edit(product, "a", "edited", {"note": "N", "labels": ["x", "y"]})
    edit(product, "b", "edited", {"status": "Done", "body": "It really is."})
    edit(product, "c", "edited", {"owners": ["ann", "bo"]})
    edit(product, "c", "edited", {"labels": None})
    b.trash(at(product, "b", "removed"))
    c.trash(at(product, "c", "survives"))
    edit(product, "a", "survives", {"note": "still needed"})
    for side in "bc":
        edit(product, side, "clashes", {"note": f"of {side}"})
    new = a.add({"title": "new top", "status": "doing"})
    a.add({"title": "new leaf", "parent": new})
    edit(product, "a", "top", {"parent": new, "title": "top, renamed"})
    c.add({"title": "from c", "note": "N"})
    a.add({"title": "met", "note": "N"})
    b.add({"title": "met", "status": "To Do"})
    product.tick(60)


def at(product: Product, side: str, name: str) -> Ref:
    (ref,) = (ref for ref, fields in product.tables[side].live().items() if fields["title"] == name)
    return ref


def edit(product: Product, side: str, name: str, fields: dict[str, Raw]) -> None:
    product.tables[side].edit(at(product, side, name), fields)


def quiet(product: Product) -> set[str]:
    """Sync until nothing is left to do; return the kinds of action, and of field written, that it took."""
    verbs: set[str] = set()
    for _ in range(6):
        plan, _ = product.sync(full=True)
        product.tick(120)
        verbs |= {action.verb.value for action in plan.actions}
        verbs |= {name for a in plan.actions for write in a.writes.values() for name in write.values}
        if not plan.actions and not unsettled(product):
            return verbs
    raise AssertionError("it does not settle")


def unsettled(product: Product) -> list[Any]:
    return [row for state in (JournalState.OPEN, JournalState.UNKNOWN) for row in product.store.journal(state=state)]


def work(product: Product) -> set[str]:
    """What the uncrashed process does: a person settles a conflict, then syncs follow until all is quiet."""
    items = product.store.items()
    for row in product.store.conflicts():
        if items[row.item].fields["title"] == "decided":
            with product.store.lease("person", 90) as lease:
                resolve(product.store, lease, "person", product.rules, Directory(), row, Choice("b"), product.now())
    return quiet(product)


def dump(product: Product) -> dict[str, Any]:
    """Return all that people can see, refs replaced by titles: which serial number a record got does not matter."""
    seen: dict[str, Any] = {}
    for side, table in product.tables.items():
        called = {ref: row.fields["title"] for ref, row in table.rows.items()}
        seen[side] = sorted(
            repr({**row.fields, "parent": called.get(row.fields["parent"])})
            + " removed" * (row.trashed or row.archived)
            for row in table.rows.values()
        )
    items = product.store.items()
    seen["held"] = sorted(f"{items[c.item].fields['title']} {c.field}" for c in product.store.conflicts())
    return seen


def killed_at(product: Product, at_point: int, does: Callable[[Product], object] = work) -> bool:
    """Work, and die at the point; say whether it came to that. The next process finds only what is on disk."""
    points = Points(at_point)
    points.watch(product)
    count("points of death")
    try:
        does(product)
    except Killed:
        return True
    finally:
        for table in product.tables.values():
            table.before_call = table.after_call = None
        product.reopen()
    return False


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", WORLDS)
def test_killed_at_any_point_a_rerun_ends_as_if_uninterrupted(name: str) -> None:
    fresh = world(WORLDS[name])
    product, points = copy.deepcopy(fresh), Points()
    points.watch(product)
    verbs = work(product)
    expected = dump(product)

    assert verbs >= KINDS_OF_ACTION | KINDS_OF_FIELD
    assert expected["held"] == ["clashes note"]
    assert len(points.passed) >= 100
    step = max(1, STEP // 2) if name == next(iter(WORLDS)) else STEP
    for number, where in [*enumerate(points.passed, 1)][::step]:
        product = copy.deepcopy(fresh)
        assert killed_at(product, number), where
        work(product)
        assert expected == dump(product), f"killed at point {number}: {where}"


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", WORLDS)
def test_killed_again_and_again_it_still_gets_there(name: str) -> None:
    fresh = world(WORLDS[name])
    product, times = copy.deepcopy(fresh), 0
    work(fresh)
    expected = dump(fresh)
    while killed_at(product, 8 + times):
        times += 1

    assert times > 5
    assert expected == dump(product)


@pytest.mark.usefixtures("one_thread")
def test_an_undo_killed_at_any_point_can_be_finished() -> None:
    fresh = world(WORLDS["an index that lags, creates in two steps, tags after the create"])
    carried = f"r{fresh.runs + 1}"
    before = dump(fresh)
    quiet(fresh)
    after = dump(fresh)

    def undo(product: Product) -> None:
        product.undo(carried)

    def finish(product: Product) -> dict[str, Any]:
        while product.undo(carried)[0].actions:  # what a part stood below is free once the part was put back
            assert product.runs < 100
        writes = product.writes()
        for _ in range(2):
            product.tick(120)
            product.sync(full=True)
        assert product.writes() == writes
        return dump(product)

    product, points = copy.deepcopy(fresh), Points()
    points.watch(product)
    undo(product)
    passed = [*enumerate(points.passed, 1)]
    expected = finish(product)
    assert after != expected != before  # what people did stays where they did it
    assert len(passed) >= 40
    for number, where in passed[::STEP]:
        product = copy.deepcopy(fresh)
        assert killed_at(product, number, undo), where
        assert expected == finish(product), f"killed at point {number}: {where}"
