"""Sides are observed side by side, and the plan does not depend on who answers first; products sync side by side."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from syncer.engine import plandoc
from tests.engine.worlds import Product, SideSpec, labels, note, status, title
from tests.rescue.stage import Stage, wait_for_requests

SIDES = ("a", "b", "c")
PATIENCE = 30.0
"""Seconds after which a test that waits for another thread or process gives up."""


def busy_product(order: tuple[str, ...]) -> Product:
    """Three sides, named to the engine in some order, with edits, births, a removal and a conflict to decide on."""
    fields = (title("a"), note("a"), labels("a"), status("a"))
    product = Product(path=None, specs={side: SideSpec(fields) for side in order})  # type: ignore[arg-type]
    refs = {name: product.tables["a"].add({"title": name, "note": "first"}) for name in ("one", "two", "three", "four")}
    product.settle()
    at = {(side, row.fields["title"]): row.ref for side, t in product.tables.items() for row in t.rows.values()}
    product.tick(3600)
    product.tables["a"].edit(refs["one"], {"note": "from a", "labels": ["x"]})
    product.tables["b"].edit(at["b", "one"], {"note": "from b", "labels": ["y"]})
    product.tables["c"].edit(at["c", "two"], {"title": "two and a half", "status": "doing"})
    product.tables["b"].trash(at["b", "three"])
    product.tables["c"].edit(at["c", "four"], {"note": "alone"})
    product.tables["a"].add({"title": "born in a"})
    product.tables["b"].add({"title": "born in b"})
    product.tables["c"].add({"title": "born in a", "note": "and in c"})
    return product


def decided(product: Product) -> Any:
    """Return a plan as people review it: without the moment it was made."""
    plan = product.plan(full=True)
    kept = plandoc.to_json(plan, "now")
    return {**kept, "notes": sorted(kept["notes"])}


def answer_in(product: Product, order: tuple[str, ...]) -> list[str]:
    """Let the sides' listings be answered in this order; return who was answered, as it comes to pass."""
    answered: list[str] = []
    turn = threading.Condition()

    def wait(side: str) -> Callable[[str], None]:
        def called(verb: str) -> None:
            if verb != "list":
                return
            with turn:
                assert turn.wait_for(lambda: order[len(answered)] == side, PATIENCE), f"{side} waits for ever"
                answered.append(side)
                turn.notify_all()

        return called

    for side, table in product.tables.items():
        table.before_call = wait(side)
    return answered


def test_a_plan_does_not_depend_on_who_answers_first_nor_on_how_the_sides_are_ordered() -> None:
    expected, seen = decided(busy_product(SIDES)), 0
    assert len(expected["actions"]) >= 10 and expected["held"]
    for arrival in itertools.permutations(SIDES):
        for order in (SIDES, SIDES[::-1]):
            product = busy_product(order)
            answered = answer_in(product, arrival)

            assert expected == decided(product), (arrival, order)
            assert answered == list(arrival)
            seen += 1
    assert seen == 12


def test_every_side_is_asked_before_any_has_answered() -> None:
    product = busy_product(SIDES)
    together = threading.Barrier(len(SIDES))
    for table in product.tables.values():
        table.before_call = lambda verb: together.wait(PATIENCE) and None if verb == "list" else None

    assert len(product.plan(full=True).actions) >= 10


def test_while_one_tool_is_slow_the_others_are_read(stage: Stage) -> None:
    stage.born("jira")
    assert stage.run("sync")[0] == 0
    asked = len(stage.notion.log)
    with stage.jira.lock:
        process = stage.start("sync")
        until(lambda: any("query" in line.path for line in stage.notion.log[asked:]), process.is_alive)
        listed = [line for line in stage.notion.log[asked:] if "query" in line.path]
        assert process.is_alive() and listed
    process.join(60)

    assert process.exitcode == 0
    assert stage.judge() >= 3


def test_two_products_in_one_folder_sync_at_the_same_time(stage: Stage) -> None:
    stage.born("jira")
    bank(stage.folder)
    with stage.jira.lock:
        shop = stage.start("sync")
        until(lambda: bool(list(stage.folder.glob(".syncer/shop.db"))), shop.is_alive)
        code, said = stage.run("sync", "--config", "bank.yaml")
        assert shop.is_alive()
        assert (code, "Vault" in (stage.folder / "right.csv").read_text("utf-8")) == (0, True), said
    shop.join(60)

    assert shop.exitcode == 0
    assert {path.name for path in stage.folder.glob(".syncer/*.db")} == {"shop.db", "bank.db"}
    assert stage.judge() >= 3


def test_two_products_do_not_share_a_state_file(stage: Stage) -> None:
    stage.born("jira")
    bank(stage.folder, "store: .syncer/shop.db\n")
    assert stage.run("sync")[0] == 0
    code, said = stage.run("sync", "--config", "bank.yaml")

    assert (code, "is the store of product 'shop'" in said, "give each product" in said) == (2, True, True), said


def test_who_slept_while_another_took_over_sends_at_most_what_it_was_about_to(stage: Stage) -> None:
    for where in ("jira", "notion", "book") * 3:
        stage.born(where)
    first = stage.start("sync")
    wait_for_requests(stage, 12, first)
    assert first.pid is not None
    try:
        fall_asleep(stage, first.pid)
        assert first.is_alive()
        stage.pass_time(stage.lease + 1)
        taken = stage.run("sync", "--full")
        assert taken[0] in (0, 5), taken[1]
        before = writes(stage)
        os.kill(first.pid, signal.SIGCONT)
        first.join(60)
    finally:
        first.kill()  # one that sleeps on would keep the test run from ending

    assert first.exitcode == 7
    # what it was about to send when it fell asleep, and no more: whoever slept cannot know
    assert writes(stage) <= before + 1
    stage.settle()
    assert stage.judge() >= 27


def fall_asleep(stage: Stage, process: int) -> None:
    """Stop a process, though not in the middle of a commit: while it sleeps there, nobody can write the state."""
    for _ in range(1000):
        os.kill(process, signal.SIGSTOP)
        with contextlib.closing(sqlite3.connect(stage.store, timeout=0)) as state:
            try:
                state.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError:
                os.kill(process, signal.SIGCONT)
        time.sleep(0.005)
    raise AssertionError("it never lets go of the state")


def writes(stage: Stage) -> int:
    """Return how many requests were sent that may change something."""
    lines = (*stage.jira.log, *stage.notion.log)
    reads = ("search", "query", "bulkfetch", "match")
    return sum(line.method != "GET" and not any(word in line.path for word in reads) for line in lines)


def bank(folder: Path, more: str = "") -> None:
    """Write the configuration of a second product, of two tables."""
    sides = "".join(f"  {name}: {{connection: {name}, mapping: bank-rows.yaml}}\n" for name in ("left", "right"))
    files = "".join(f"  {name}: {{system: csv, path: {name}.csv, access: write}}\n" for name in ("left", "right"))
    text = f"format: 1\nproduct: bank\n{more}connections:\n{files}collections:\n{sides}"
    (folder / "bank.yaml").write_text(text, encoding="utf-8")
    (folder / "bank-rows.yaml").write_text("format: 1\nkinds:\n  feature:\n    fields: {title: Name}\n", "utf-8")
    (folder / "left.csv").write_text("Name\nVault\n", "utf-8")
    (folder / "right.csv").write_text("Name\n", "utf-8")


def until(happened: Callable[[], bool], alive: Callable[[], bool]) -> None:
    """Wait until something happened, as long as a process is alive."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert alive(), "it ended before that"
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)
