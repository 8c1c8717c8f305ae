"""The state file is torn, cut, mixed up, locked or has no room: one or two lines and the next step, and no side is
written because of what it says."""

from __future__ import annotations

import os
import random
import resource
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from syncer.errors import StoreError
from syncer.store import engine
from syncer.store.rows import JournalRow, JournalState
from syncer.store.store import Store
from tests.cli.conftest import Said, Syncer, home, syncer
from tests.cli.pair import begin, edit, rows

__all__ = ["home", "syncer"]

TITLES = ("Maps", "Night mode", "Sharing")
NOBODY = 65534
PAGE = 4096
WOUNDS = int(os.environ.get("SYNCER_WOUNDS", "12"))

Damage = Callable[[Path], None]


@pytest.fixture
def owing(syncer: Syncer, home: Path) -> Path:
    """Two tables in step, and an edit that the next sync will carry; the state is one file without a log."""
    prepare(syncer, home)
    return home


def prepare(syncer: Syncer, home: Path) -> None:
    begin(home, TITLES, notes="Some words about it.")
    for _ in range(2):
        assert syncer("sync", "--allow", "configuration").code == 0
    edit(home, "roadmap", "Maps", Points="8")
    with closing(sqlite3.connect(state(home))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def state(home: Path) -> Path:
    return home / ".syncer" / "p.db"


def sides(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.glob("*.csv")}


def short_and_clear(said: Said, *words: str) -> None:
    """Make sure that an error is a line or two with a next step."""
    lines = said.err.strip().splitlines()
    assert len(lines) <= 3, said.err
    assert lines[0].startswith("syncer: ")
    assert "→" in said.err
    assert all(word in said.err for word in words), said.err


def test_random_bytes_at_random_places_are_told_or_change_nothing_that_is_decided(syncer: Syncer, owing: Path) -> None:
    whole, shown, chance, told = state(owing).read_bytes(), sides(owing), random.Random(5), 0
    for _ in range(WOUNDS):
        wound = bytearray(whole)
        size = chance.choice((16, 64, 512, PAGE))
        at = chance.randrange(len(wound) - size)
        wound[at : at + size] = chance.randbytes(size)
        put(owing, bytes(wound), shown)
        done = syncer("sync")

        assert done.code in (0, 2)
        if done.code == 0:  # what was hit is part of nothing
            assert rows(owing, "board")["Maps"]["Points"] == "8"
            assert {row["Notes"] for row in rows(owing, "board").values()} == {"Some words about it."}
            continue
        told += 1
        short_and_clear(done, "is damaged", "`syncer rebuild`")
        assert shown == sides(owing)
    assert told > WOUNDS // 6


def put(home: Path, content: bytes, shown: dict[str, bytes]) -> None:
    for path in state(home).parent.glob("p.db*"):
        path.unlink()
    state(home).write_bytes(content)
    for name, text in shown.items():
        (home / name).write_bytes(text)


def test_a_file_cut_at_any_page_is_never_taken_for_a_whole_one(syncer: Syncer, owing: Path) -> None:
    whole, shown, checked = state(owing).read_bytes(), sides(owing), 0
    for pages in range(1, len(whole) // PAGE):
        put(owing, whole[: pages * PAGE], shown)
        with pytest.raises(StoreError), Store.open(state(owing), "p") as store:
            store.verify()
        checked += 1
        if pages % 16 == 1:
            put(owing, whole[: pages * PAGE], shown)
            short_and_clear(syncer("sync"), "is damaged", "`syncer rebuild`")
            assert shown == sides(owing)
    assert checked > 30


def test_a_log_of_another_file_is_never_taken_for_its_own(syncer: Syncer, owing: Path) -> None:
    shown, whole = sides(owing), state(owing).read_bytes()
    other = owing / "other.db"
    with Store.open(other, "q") as store, store.lease("x", 60) as lease, store.commit(lease) as work:
        work.bump()
        log = other.with_name("other.db-wal").read_bytes()
    put(owing, whole, shown)
    state(owing).with_name("p.db-wal").write_bytes(log)
    done = syncer("sync")

    assert done.code == 2
    short_and_clear(done)
    assert shown == sides(owing)


def test_a_log_left_beside_a_restored_backup_is_noticed(syncer: Syncer, owing: Path) -> None:
    backup = state(owing).read_bytes()
    for number in range(3):
        edit(owing, "roadmap", "Maps", Points=str(number))
        assert syncer("sync").code == 0
    with closing(sqlite3.connect(state(owing))) as reader, Store.open(state(owing), "p") as store:
        reader.execute("SELECT * FROM meta").fetchone()  # the log stays
        with store.lease("x", 60) as lease:
            for item in list(store.items().values()):
                with store.commit(lease) as work:
                    work.put_item(item)
                    work.journal(JournalRow("x", "note", item.id, why="words " * 200, state=JournalState.DONE))
        log = state(owing).with_name("p.db-wal").read_bytes()
    shown = sides(owing)
    put(owing, backup, shown)
    state(owing).with_name("p.db-wal").write_bytes(log)
    done = syncer("sync")

    assert done.code == 2, done.out
    short_and_clear(done, "is damaged", "`syncer rebuild`")
    assert shown == sides(owing)


def test_a_log_that_is_gone_takes_no_more_with_it_than_it_held(syncer: Syncer, owing: Path) -> None:
    older = state(owing).read_bytes()
    assert syncer("sync").code == 0
    assert rows(owing, "board")["Maps"]["Points"] == "8"
    put(owing, older, sides(owing))  # the database as it was before its log was lost
    edit(owing, "board", "Sharing", Points="2")
    assert syncer("sync").code == 0

    assert {title: row["Points"] for title, row in rows(owing, "roadmap").items()} == {
        "Maps": "8",
        "Night mode": "",
        "Sharing": "2",
    }
    assert len(rows(owing, "board")) == 3


def test_a_database_whose_log_alone_is_left_is_lost_and_not_begun_anew(syncer: Syncer, owing: Path) -> None:
    shown = sides(owing)
    state(owing).rename(state(owing).with_name("p.db-wal"))
    done = syncer("sync")

    assert done.code == 2
    short_and_clear(done, "is gone", "`syncer rebuild`")
    assert shown == sides(owing)


def test_a_disk_without_room_is_told_and_nothing_is_written_to_a_side(syncer: Syncer, owing: Path) -> None:
    shown = sides(owing)
    with room(1024):
        done = syncer("sync")

    assert done.code == 2
    short_and_clear(done, "cannot be used", "disk")
    assert shown == sides(owing)
    assert syncer("sync").code == 0
    assert rows(owing, "board")["Maps"]["Points"] == "8"


@contextmanager
def room(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_locked_by_another_program_is_told_and_waited_for_by_the_next_run(
    syncer: Syncer, owing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = sides(owing)
    monkeypatch.setattr(engine, "PRAGMAS", ("PRAGMA busy_timeout=100", *engine.PRAGMAS[1:]))
    with closing(sqlite3.connect(state(owing), isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        done = syncer("sync")

        assert done.code == 7
        short_and_clear(done, "locked by another process", "try again")
        assert shown == sides(owing)
    assert syncer("sync").code == 0


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_may_not_be_written_is_told(what: str, syncer: Syncer, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as made, ordinary(Path(made)):
        home = Path(made)
        monkeypatch.chdir(home)
        prepare(syncer, home)
        shown = sides(home)
        target = state(home) if what == "file" else state(home).parent
        target.chmod(0o400 if what == "file" else 0o500)
        done = syncer("sync")
        target.chmod(0o700)

        assert done.code == 2, done.out
        short_and_clear(done, "can be written by this user")
        assert shown == sides(home)
        monkeypatch.undo()


@contextmanager
def ordinary(folder: Path) -> Iterator[None]:
    """Be a user whom permissions bind."""
    if os.geteuid():
        yield
        return
    os.chown(folder, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
