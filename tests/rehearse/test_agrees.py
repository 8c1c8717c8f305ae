"""Whatever people did: a rehearsal tells what a sync then does, settles, undoes, and writes nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncer.adapter import Can
from syncer.record import Raw
from tests.engine.people import HABITS
from tests.engine.worlds import Product, SideSpec, coarse_status, labels, note, parent, status, title
from tests.rehearse.stage import rehearse

EXAMPLES = max(25, int(os.environ.get("SYNCER_EXAMPLES", "25")) // 4)
SIDES = ("a", "b", "c")
ALLOW = ("--allow empty",)
FINE, COARSE = ("idea", "planned", "doing", "done"), ("To Do", "In Progress", "Done", "Closed")

titles = st.sampled_from(["p", "q", "r"])
deeds = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "edit", "edit", "trash", "move"]),
        st.sampled_from(SIDES),
        st.integers(0, 3),
        st.fixed_dictionaries(
            {},
            optional={
                "title": titles,
                "note": st.sampled_from(["n", "m", None]),
                "labels": st.sampled_from([["x"], ["x", "y"], None]),
                "status": st.integers(0, 3),
            },
        ),
    ),
    max_size=6,
)
able = {side: [n for n, habit in sorted(HABITS[side].items()) if Can.RESTORE in habit.can] for side in SIDES}
"""What cannot be brought back cannot be undone, and is made anew by the next sync: that has a test of its own."""
habits = st.fixed_dictionaries({side: st.sampled_from(names) for side, names in able.items()})


def world(chosen: dict[str, str]) -> Product:
    rules = {s: (title(s), note(s), labels(s), coarse_status(s) if s == "b" else status(s), parent(s)) for s in SIDES}
    return Product(Path(), {s: SideSpec(f, HABITS[s][chosen[s]]) for s, f in rules.items()})


def do(product: Product, deed: str, side: str, which: int, values: dict[str, Any]) -> None:
    """Let a person act; what is not there to be acted on is left alone."""
    table = product.tables[side]
    said: dict[str, Raw] = dict(values)
    if "status" in said:
        said["status"] = (COARSE if side == "b" else FINE)[values["status"]]
    refs = sorted(table.live())
    if deed == "add":
        table.add({"title": "p", **said})
    elif refs and deed == "edit":
        table.edit(refs[which % len(refs)], said)
    elif refs and deed == "trash":
        table.trash(refs[which % len(refs)])
    elif refs:
        table.edit(refs[which % len(refs)], {"parent": refs[0] if which % len(refs) else None})
    product.tick(90)


@pytest.mark.usefixtures("one_thread")
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(habits, deeds, deeds)
def test_a_rehearsal_tells_what_a_sync_does_and_settles_and_undoes(chosen: Any, first: Any, then: Any) -> None:
    product = world(chosen)
    for deed in first:
        do(product, *deed)
    for _ in range(3):
        product.sync(full=True)
        product.tick(90)
    for deed in then:
        do(product, *deed)
    clashing = product.store.conflicts() != []
    played = rehearse(product, allow=ALLOW)
    plan, _ = product.sync(full=True, allow=ALLOW)

    assert [a.id for a in played.done.plan.actions] == [a.id for a in plan.actions]
    assert (list(played.again), list(played.clashes)) == ([], [])
    # what a person has put below a record keeps it from being put back into the trash
    kept = any("is below it" in note for note in played.undone.plan.notes)
    assert kept or [(one.side, one.label, one.field, one.why) for one in played.undone.unlike] == []
    # a conflict that ends with one of its parties frees what had waited for it: no deed of the undone run
    assert clashing or list(played.undone.again) == []
