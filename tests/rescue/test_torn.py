"""A state file that is torn, gone, another's or newer: what is said, what is kept, and what a rebuild makes of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.rescue.stage import Stage


def test_whatever_happened_to_the_file_one_command_is_named_and_gives_everything_back(stage: Stage) -> None:
    for where in ("jira", "notion", "book"):
        stage.born(where)
    stage.settle()
    whole = stage.store.read_bytes()
    torn = {"garbage": b"just words, no database", "half": whole[: len(whole) // 2]}
    for name, content in torn.items():
        stage.store.write_bytes(content)
        code, said = stage.run("sync")
        assert (code, "is damaged" in said, "`syncer rebuild`" in said) == (2, True, True), (name, said)
        assert len(said.strip().splitlines()) <= 3
        assert content == stage.store.read_bytes(), name
    store = stage.store
    assert stage.run("rebuild")[0] == 0
    kept = [path for path in store.parent.iterdir() if ".aside-" in path.name]
    assert [torn["half"]] == [path.read_bytes() for path in kept]
    stage.settle()
    assert stage.judge() >= 9

    store.unlink()
    code, said = stage.run("sync")
    assert (code, "was lost" in said, "`syncer rebuild`" in said) == (2, True, True), said
    assert stage.run("rebuild")[0] == 0
    code, said = stage.run("rebuild")
    assert (code, "is whole" in said) == (2, True), said
    stage.settle()
    assert stage.judge() >= 9


def test_a_newer_or_foreign_file_is_moved_aside_only_when_somebody_says_so(stage: Stage) -> None:
    stage.born("jira")
    stage.settle()
    with closing(sqlite3.connect(stage.store)) as connection, connection:
        connection.execute("UPDATE meta SET format = 99, written_by = '9.4.0'")
    code, said = stage.run("rebuild")
    assert (code, "format 99" in said, "--aside" in said) == (2, True, True), said
    assert stage.run("rebuild", "--aside")[0] == 0
    stage.settle()

    assert stage.judge() >= 3
