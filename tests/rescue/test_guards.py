"""Each guard, tripped on two tables: it says what it saw and the flag that lets it pass, and that very flag does."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from syncer.store.store import Store
from tests.care.conftest import Syncer, home, syncer
from tests.cli.pair import begin, edit, remove, rows

__all__ = ["home", "syncer"]

TITLES = tuple(f"thing {number:02}" for number in range(10))


@dataclass(frozen=True)
class Scene:
    """What happens to a product in step; what the guard must say; whether the plan, once let pass, has been done."""

    happens: Callable[[Path], None]
    says: str
    flag: str
    done: Callable[[Path], bool]


def emptied(home: Path) -> None:
    remove(home, "board", *TITLES)


def some_removed(home: Path) -> None:
    remove(home, "board", *TITLES[:3])


def backup_restored(home: Path) -> None:
    (home / "board.csv").write_bytes((home / "board.backup").read_bytes())


def much_written(home: Path) -> None:
    with (home / "syncer.yaml").open("a", encoding="utf-8") as file:
        file.write("  max_writes: 4\n")
    for title in TITLES[:5]:
        edit(home, "roadmap", title, Points="8")


def mapping_changed(home: Path) -> None:
    text = (home / "table.yaml").read_text("utf-8")
    (home / "board.yaml").write_text(text.replace("points: Points", "points: Effort"), "utf-8")
    config = (home / "syncer.yaml").read_text("utf-8")
    config = config.replace(
        "board: {connection: two, mapping: table.yaml}", "board: {connection: two, mapping: board.yaml}"
    )
    (home / "syncer.yaml").write_text(config, "utf-8")


SCENES = {
    "empty": Scene(
        emptied, "board is suddenly empty: all 10 of its records are missing", "--allow empty",
        lambda home: not rows(home, "roadmap"),
    ),
    "removals": Scene(
        some_removed, "3 of 10 records were removed on board (allowed: 5, or 20%)", "--allow removals",
        lambda home: len(rows(home, "roadmap")) == 7,
    ),
    "older": Scene(
        backup_restored, "10 records of board went back to an older state (allowed: 5): was a backup restored there?",
        "--allow older",
        lambda home: {row["Points"] for row in rows(home, "roadmap").values()} == {"3"},
    ),
    "writes": Scene(
        much_written, "5 writes, more than max_writes: 4", "--allow writes",
        lambda home: [row["Points"] for row in rows(home, "board").values()].count("8") == 5,
    ),
    "configuration": Scene(
        mapping_changed, "10 writes are caused by a changed configuration alone: points (10)", "--allow configuration",
        lambda home: {row["Effort"] for row in rows(home, "board").values()} == {"5"},
    ),
}  # fmt: skip


@pytest.fixture
def in_step(syncer: Syncer, home: Path) -> Path:
    """Ten things on both tables; a backup of one from before the last edits."""
    begin(home, TITLES, columns=("Effort",))
    for title in TITLES:
        edit(home, "roadmap", title, Points="3")
    assert syncer("sync", "--allow", "configuration").code == 0
    (home / "board.backup").write_bytes((home / "board.csv").read_bytes())
    for title in TITLES:
        edit(home, "roadmap", title, Points="5")
    assert syncer("sync").code == 0
    return home


@pytest.mark.parametrize("name", SCENES)
def test_a_guard_says_what_it_saw_and_the_flag_that_lets_it_pass_and_that_flag_does(
    name: str, syncer: Syncer, in_step: Path
) -> None:
    scene = SCENES[name]
    scene.happens(in_step)
    shown = {side: rows(in_step, side) for side in ("roadmap", "board")}
    expected = [{"saw": scene.says, "flag": scene.flag}]

    planned, as_json = syncer("plan", "--full"), syncer("plan", "--full", "--json")
    assert f"! a guard would stop this plan: {scene.says}. If that is right, add {scene.flag}" in planned.out
    assert as_json.data["guards"] == expected

    stopped, told = syncer("sync", "--full"), syncer("sync", "--json")
    assert (stopped.code, told.code) == (3, 3)
    assert f"stopped before writing anything: {scene.says}" in stopped.err
    assert told.data == {"exit_code": 3, "stopped": {"guards": expected, "flag": scene.flag}, "done": []}
    assert shown == {side: rows(in_step, side) for side in ("roadmap", "board")}

    (pasted,) = re.findall(r"→ if that is right, run again with (.*)\n", stopped.err)
    passed = syncer("sync", "--full", "--because", "I meant it", *shlex.split(pasted))
    assert passed.code in (0, 4), passed.err
    assert scene.done(in_step)
    (row,) = [r for r in syncer("log", "--json", "--since", "1d").data if r["reason"] == "I meant it" and r["passed"]][
        :1
    ]
    assert row["passed"] == [scene.says]
    assert row["allowed"] == [name]


def test_guards_that_stop_together_are_told_together(syncer: Syncer, in_step: Path) -> None:
    much_written(in_step)
    some_removed(in_step)
    stopped = syncer("sync", "--full")

    assert stopped.code == 3
    assert "run again with --allow removals --allow writes" in stopped.err
    assert syncer("sync", "--full", "--allow", "removals", "--allow", "writes").code == 0


def test_after_a_stop_everything_is_listed_anew(syncer: Syncer, in_step: Path) -> None:
    much_written(in_step)
    assert syncer("sync").code == 3
    assert syncer("pause").code == syncer("resume").code == 0
    stopped = swept(in_step)
    assert syncer("sync", "--allow", "writes").code == 0
    assert min(swept(in_step).values()) > max(stopped.values())

    assert syncer("sync").code == 0  # our own write is read once more
    listed = swept(in_step)
    assert syncer("sync").code == 0
    assert listed == swept(in_step)


def swept(home: Path) -> dict[str, datetime]:
    with Store.open(home / ".syncer" / "p.db", "p") as store:
        return {side: row.swept_at for side, row in store.cursors().items() if row.swept_at is not None}


def test_a_file_put_back_to_what_the_last_listing_showed_is_news(syncer: Syncer, home: Path) -> None:
    begin(home, ("Maps",))
    for points in ("3", "5"):
        edit(home, "roadmap", "Maps", Points=points)
        before = (home / "board.csv").read_bytes()
        assert syncer("sync", "--allow", "configuration").code == 0
    (home / "board.csv").write_bytes(before)
    done = syncer("sync")

    assert done.code == 0
    assert rows(home, "roadmap")["Maps"]["Points"] == "3"
