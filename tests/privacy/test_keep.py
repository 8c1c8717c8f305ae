"""`keep` trims the journal: what is old goes, what something still stands on stays, and whoever asks is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncer import api
from syncer.errors import ConfigError, UserError
from syncer.mapping.config import load_config
from syncer.record import Ref
from syncer.store import trim as trimming
from syncer.store.rows import (
    ConflictRow,
    ConflictState,
    ItemRow,
    JournalRow,
    JournalState,
    LinkRow,
    LinkState,
    RunRow,
    RunState,
)
from syncer.store.store import Store
from syncer.store.trim import RULE, begins, trim
from syncer.story.reach import known_run
from tests.privacy.conftest import Syncer, kept_bytes

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = 86400.0
OLD, NEW = NOW - timedelta(days=200), NOW - timedelta(days=10)
KEEP = 180 * DAY


class Kept:
    """A store with a living, an archived and a removed record, and what is done to it."""

    def __init__(self, path: Path) -> None:
        self.path, self.now = path, NOW
        self.store = Store.open(path, "shop", now=lambda: self.now)
        with self.store.lease("test", 60) as lease, self.store.commit(lease) as work:
            for item, state in (("live", "live"), ("away", "archived"), ("gone", "gone")):
                work.put_item(ItemRow(item, "story", {"title": item}))
                work.put_link(LinkRow(item, "a", Ref(f"a-{item}"), "row", LinkState(state)))

    def run(self, id: str, at: datetime, *rows: JournalRow, **told: object) -> None:
        """Let a run happen that leaves these rows."""
        done = RunRow(id, "sync", at, at, RunState.DONE, circumstances=told)
        with self.store.lease("test", 60) as lease, self.store.commit(lease) as work:
            work.start_run(done)
            for row in rows:
                work.journal(row)

    def conflict(self, run: str, state: ConflictState, field: str = "note") -> None:
        with self.store.lease("test", 60) as lease, self.store.commit(lease) as work:
            work.put_conflict(ConflictRow("live", field, "edit", state, base=run, opened_run=run, closed_run=run))

    def trim(self, keep: float = KEEP) -> int:
        with self.store.lease("test", 60) as lease:
            return trim(self.store, lease, keep, self.now)

    def rows(self) -> list[str]:
        """Return what is left, as run/action."""
        return [f"{row.run}/{row.action}" for row in self.store.journal()]


def wrote(run: str, at: datetime, action: str = "update", item: str = "live", value: str = "x", **more) -> JournalRow:
    fields = {"note": {"before": f"before {value}", "after": value}}
    told = {"state": JournalState.DONE, "at": at, "ref": Ref(f"a-{item}"), **more}
    return JournalRow(run, action, item, "a", fields=fields, **told)


def took(run: str, at: datetime, value: str = "x") -> JournalRow:
    fields = {"note": {"before": None, "after": value}}
    return JournalRow(run, "take", "live", fields=fields, state=JournalState.DONE, at=at)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path / "state.db")
    yield made
    made.store.close()


def test_old_runs_go_whole_and_young_ones_stay_whole(kept: Kept):
    kept.run("r1", OLD, took("r1", OLD), wrote("r1", OLD))
    kept.run("r2", NEW, took("r2", NEW), wrote("r2", NEW))

    assert kept.trim() == 2
    assert kept.rows() == ["r2/take", "r2/update"]
    assert [run.id for run in kept.store.runs()] == ["r2"]
    assert begins(kept.store) == NOW - timedelta(seconds=KEEP)


def test_nothing_old_is_nothing_trimmed(kept: Kept):
    kept.run("r2", NEW, took("r2", NEW))

    assert kept.trim() == 0
    assert begins(kept.store) is None


def test_a_run_that_began_before_and_ended_after_the_horizon_stays_whole(kept: Kept):
    horizon = NOW - timedelta(seconds=KEEP)
    before, after = horizon - timedelta(hours=1), horizon + timedelta(hours=1)
    with kept.store.lease("test", 60) as lease, kept.store.commit(lease) as work:
        work.start_run(RunRow("r1", "sync", before, after, RunState.DONE))
        work.journal(took("r1", before))
    kept.run("r2", NEW)

    assert kept.trim() == 0
    assert kept.rows() == ["r1/take"]


@pytest.mark.parametrize("state", [JournalState.OPEN, JournalState.UNKNOWN])
def test_a_run_with_an_unfinished_intent_stays_whole(kept: Kept, state: JournalState):
    kept.run("r1", OLD, took("r1", OLD), wrote("r1", OLD, "create", state=state))
    kept.run("r2", NEW, took("r2", NEW))

    assert kept.trim() == 0
    assert kept.rows() == ["r1/take", "r1/create", "r2/take"]
    assert kept.store.run("r1") is not None


def test_a_run_that_was_killed_long_ago_goes_too(kept: Kept):
    with kept.store.lease("test", 60) as lease, kept.store.commit(lease) as work:
        work.start_run(RunRow("r1", "sync", OLD))
        work.journal(took("r1", OLD))
    kept.run("r2", NEW, took("r2", NEW))

    assert kept.trim() == 1


def test_the_last_write_of_a_field_of_a_living_record_stays_until_there_is_a_newer_one(kept: Kept):
    kept.run("r1", OLD, wrote("r1", OLD, value="one"), wrote("r1", OLD, value="two"), wrote("r1", OLD, item="gone"))
    kept.run("r2", NEW, took("r2", NEW))

    assert kept.trim() == 2
    assert [row.fields["note"]["after"] for row in kept.store.journal(action="update")] == ["two"]

    kept.run("r3", NEW, wrote("r3", NEW, value="three"))
    kept.now += trimming.REST
    assert kept.trim() == 1
    assert kept.rows() == ["r2/take", "r3/update"]


def test_how_an_archived_record_stood_stays_while_it_is_archived(kept: Kept):
    kept.run("r1", OLD, wrote("r1", OLD, "archive", "away"), wrote("r1", OLD, "archive", "gone"))
    kept.run("r2", NEW, took("r2", NEW))

    assert kept.trim() == 1
    assert [row.item for row in kept.store.journal(action="archive")] == ["away"]


def test_a_run_by_which_a_choice_became_a_rule_stays(kept: Kept):
    kept.run("r1", OLD, took("r1", OLD), **{RULE: "story.note: {owner: a}"})
    kept.run("r2", NEW, took("r2", NEW))

    assert kept.trim() == 0
    assert kept.rows() == ["r1/take", "r2/take"]


def test_conflicts_that_an_old_run_closed_go_with_it_and_what_still_counts_stays(kept: Kept):
    kept.run("r1", OLD)
    kept.run("r2", NEW, took("r2", NEW))
    kept.conflict("r1", ConflictState.CLOSED)
    kept.conflict("r1", ConflictState.SETTLED)
    kept.conflict("r1", ConflictState.OPEN)
    kept.conflict("r1", ConflictState.SETTLED, field="")
    kept.conflict("r2", ConflictState.CLOSED)
    kept.trim()

    left = [(row.closed_run, row.state, row.field) for row in kept.store.conflicts(state=None)]
    assert left == [("r1", "open", "note"), ("r1", "settled", ""), ("r2", "closed", "note")]


def test_numbers_are_never_given_twice(kept: Kept):
    kept.run("r1", OLD, took("r1", OLD))
    kept.conflict("r1", ConflictState.CLOSED)
    kept.run("r2", NEW)
    kept.trim()
    kept.run("r3", NEW, took("r3", NEW))
    kept.conflict("r3", ConflictState.OPEN)

    assert [row.id for row in kept.store.journal()][-1] == 2
    assert [row.id for row in kept.store.conflicts()] == [2]


def test_the_last_run_stays_however_old(kept: Kept):
    kept.run("r1", OLD)
    kept.run("r2", OLD + timedelta(days=1))
    kept.trim()

    assert [run.id for run in kept.store.runs()] == ["r2"]


def test_compacting_takes_what_a_former_version_left_in_the_file(kept: Kept):
    kept.store.close()
    with closing(sqlite3.connect(kept.path)) as raw:
        raw.execute("PRAGMA secure_delete=OFF")
        raw.execute("INSERT INTO memo VALUES ('x', ?)", (f'"{"left-over " * 2000}"',))
        raw.commit()
        raw.execute("DELETE FROM memo WHERE key = 'x'")
        raw.commit()
    assert b"left-over" in kept_bytes(kept.path)
    kept.store.compact()
    kept.store.close()

    assert b"left-over" not in kept_bytes(kept.path)


def test_one_call_does_a_bounded_piece_and_the_next_goes_on(kept: Kept, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trimming, "PIECE", 10)
    kept.run("r1", OLD, *(took("r1", OLD) for _ in range(25)))
    kept.run("r2", NEW, took("r2", NEW))

    assert [kept.trim() for _ in range(4)] == [10, 10, 5, 0]
    assert kept.rows() == ["r2/take"]


def test_a_run_that_is_half_trimmed_cannot_be_undone(kept: Kept, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trimming, "PIECE", 10)
    old, new = f"{OLD:%Y%m%d-%H%M%S}-aaaa", f"{NEW:%Y%m%d-%H%M%S}-bbbb"
    kept.run(old, OLD, *(took(old, OLD) for _ in range(25)))
    kept.run(new, NEW, took(new, NEW))
    kept.trim()
    with pytest.raises(UserError) as told:
        known_run(kept.store, old)

    assert told.value.message == f"run {old} is older than is kept: the journal was trimmed up to 2025-12-03 00:00 UTC"
    assert told.value.hint == f"log and undo reach back to run {new}"
    known_run(kept.store, new)
    with pytest.raises(UserError, match="no run is called"):
        known_run(kept.store, f"{NOW:%Y%m%d-%H%M%S}-cccc")


def test_what_is_trimmed_is_known_to_be_in_the_very_commit(kept: Kept, monkeypatch: pytest.MonkeyPatch):
    kept.run("r1", OLD, took("r1", OLD))
    kept.run("r2", NEW, took("r2", NEW))

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(trimming, "upsert", die)
    with pytest.raises(KeyboardInterrupt):
        kept.trim()
    assert kept.rows() == ["r1/take", "r2/take"]
    assert (kept.store.run("r1") is not None, begins(kept.store)) == (True, None)


def test_what_was_trimmed_leaves_the_file_and_its_room_is_given_back(kept: Kept):
    words = [f"word-{number}-" + "w" * 4000 for number in range(200)]
    kept.run("r1", OLD, *(took("r1", OLD, word) for word in words))
    kept.run("r2", NEW, took("r2", NEW))
    kept.store.close()
    before = kept.path.stat().st_size
    assert b"word-7-" in kept_bytes(kept.path)
    kept.trim()
    kept.store.close()

    assert b"word-7-" not in kept_bytes(kept.path)
    assert kept.path.stat().st_size < before / 2
    kept.store.verify()


@pytest.fixture
def pair(home: Path) -> Path:
    """Two tables that sync with each other, and keep their story for a week."""
    for name in ("one", "two"):
        (home / f"{name}.csv").write_text("Id,Name,Team\n", "utf-8")
        fields = f"{{record: {name}.csv, fields: {{title: Name, team: Team}}}}"
        (home / f"{name}.yaml").write_text(f"format: 1\nkinds:\n  story: {fields}\n", "utf-8")
    (home / "syncer.yaml").write_text(
        "format: 1\nproduct: p\nkeep: 1w\nconnections:\n"
        "  one: {system: csv, path: one.csv, access: write}\n  two: {system: csv, path: two.csv, access: write}\n"
        "collections:\n  one: {connection: one, mapping: one.yaml}\n  two: {connection: two, mapping: two.yaml}\n",
        "utf-8",
    )
    return home


def ahead(monkeypatch: pytest.MonkeyPatch, **age: float) -> None:
    """Let time have passed."""
    ours = api.Session.__init__.__kwdefaults__
    assert ours is not None
    monkeypatch.setitem(ours, "now", lambda: datetime.now(UTC) + timedelta(**age))


def edit(home: Path, was: str, now: str) -> None:
    table = home / "one.csv"
    table.write_text(table.read_text("utf-8").replace(was, now), "utf-8")


def test_undo_log_and_why_tell_where_the_story_begins(syncer: Syncer, pair: Path, monkeypatch: pytest.MonkeyPatch):
    (pair / "one.csv").write_text("Id,Name,Team\n,Share,Core\n", "utf-8")
    first = syncer("sync", "--json").data["run"]
    edit(pair, "Share", "Share it")
    second = syncer("sync", "--json").data["run"]
    ahead(monkeypatch, days=8)
    edit(pair, "Share it", "Share them")
    third = syncer("sync", "--json").data["run"]

    undone = syncer("undo", first)
    assert undone.code == 2
    assert f"run {first} is older than is kept: the journal was trimmed up to" in undone.err
    assert f"log and undo reach back to run {third}" in undone.err
    log, why = syncer("log", "Share them"), syncer("why", "Share them", "team")
    assert log.out.startswith("the story begins on ")
    assert "Share it → Share them" in log.out and "Share → Share it" not in log.out
    assert "what was before is no longer kept: the story begins on" in why.out
    assert syncer("why", "Share them", "title").out.count("in run " + third) == 1
    exported = syncer("log", "--json").data
    assert exported[0]["action"] == "trimmed"
    assert {row["run"] for row in exported[1:]} == {third}
    assert second not in log.out
    assert syncer("undo", third, "--apply").code in (0, 4)
    assert "Share it" in (pair / "two.csv").read_text("utf-8")


def test_without_keep_nothing_is_trimmed(syncer: Syncer, pair: Path, monkeypatch: pytest.MonkeyPatch):
    config = pair / "syncer.yaml"
    config.write_text(config.read_text("utf-8").replace("keep: 1w\n", ""), "utf-8")
    (pair / "one.csv").write_text("Id,Name,Team\n,Share,Core\n", "utf-8")
    first = syncer("sync", "--json").data["run"]
    ahead(monkeypatch, days=4000)
    assert syncer("sync").code == 0

    assert syncer("undo", first).code == 0
    assert first in syncer("log").out


@pytest.mark.parametrize(
    ("text", "days"), [("180d", 180), ("26w", 182), ("6 months", 180), ("2y", 730), ("1 day", 1), ("1week", 7)]
)
def test_an_age_is_read_in_days_weeks_months_and_years(pair: Path, text: str, days: int):
    config = pair / "syncer.yaml"
    config.write_text(config.read_text("utf-8").replace("keep: 1w", f"keep: {text}"), "utf-8")

    assert load_config(config).keep == days * DAY


@pytest.mark.parametrize("text", ["soon", "0d", "180", "12h", "-1d", "1.5y", "[1d]"])
def test_what_is_no_age_is_told_with_its_place(pair: Path, text: str):
    config = pair / "syncer.yaml"
    config.write_text(config.read_text("utf-8").replace("keep: 1w", f"keep: {text}"), "utf-8")
    with pytest.raises(ConfigError, match=r"syncer.yaml:3:\d+: "):
        load_config(config)
