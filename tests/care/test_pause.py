"""A paused collection is neither read nor written; what happened meanwhile arrives when it is resumed."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.engine.run import Engine
from syncer.engine.undo import Undoing
from syncer.store.store import Store
from syncer.testing.memory import Fault
from tests.care.conftest import Syncer
from tests.engine.worlds import Product, SideSpec, note, status, title


class Paused(Product):
    """A product some of whose sides are paused."""

    asleep: frozenset[str] = frozenset()

    def engine(self) -> Engine:
        engine = super().engine()
        engine.paused = self.asleep
        return engine


@pytest.fixture
def three(tmp_path: Path) -> Paused:
    """Three sides in step about one story."""
    fields = (title("a"), note("a"), status("a"))
    made = Paused(tmp_path / "state.db", {side: SideSpec(fields) for side in ("a", "b", "c")})
    made.tables["a"].add({"title": "Share", "note": "first"})
    made.settle()
    for table in made.tables.values():
        table.calls.clear()
    return made


def test_a_paused_side_gets_no_request_and_the_others_go_on(three: Paused):
    three.asleep = frozenset({"b"})
    three.tables["a"].edit(three.only("a"), {"note": "second"})
    _, report = three.sync(full=True)

    assert len(report.done) == 1
    assert three.tables["b"].calls == []
    assert (three.shows("b", "note"), three.shows("c", "note")) == (["first"], ["second"])


def test_what_happened_meanwhile_arrives_both_ways_after_resuming(three: Paused):
    three.asleep = frozenset({"b"})
    three.tables["a"].edit(three.only("a"), {"note": "second"})
    three.tables["b"].edit(three.only("b"), {"title": "Share it"})
    three.tables["a"].add({"title": "New"})
    for _ in range(3):
        three.sync()
    three.asleep = frozenset()
    three.sync()

    assert three.shows("b", "note") == ["second", None]
    assert [three.shows(side) for side in "abc"] == [["Share it", "New"]] * 3
    assert three.plan(full=True).actions == ()


def test_what_a_paused_side_shows_no_more_is_no_removal(three: Paused):
    three.asleep = frozenset({"b"})
    three.tables["b"].trash(three.only("b"))
    three.sync(full=True)

    assert (len(three.shows("a")), len(three.shows("c"))) == (1, 1)


def test_a_replan_in_the_same_run_does_not_forget_what_a_paused_side_waits_for(three: Paused):
    three.asleep = frozenset({"b"})
    table = three.tables["c"]
    three.tables["a"].edit(three.only("a"), {"note": "second"})
    ref = three.only("c")
    table.before_call = lambda verb: _once(table, ref) if verb == "get" else None
    three.sync()
    three.asleep = frozenset()
    three.sync()

    assert three.shows("b", "title") == ["Shared"]
    assert three.shows("b", "note") == ["second"]


def _once(table, ref) -> None:
    """A person is faster than our write, once."""
    table.before_call = None
    table.edit(ref, {"title": "Shared", "note": None})
    table.edit(ref, {"note": "second"})


def test_an_unfinished_write_on_a_paused_side_waits(three: Paused):
    three.tables["a"].add({"title": "New"})
    three.tables["b"].faults.append(Fault("create", error="unknown", when="after"))
    three.sync()
    three.tables["b"].calls.clear()
    three.asleep = frozenset({"b"})
    three.sync()
    assert three.tables["b"].calls == []

    three.asleep = frozenset()
    three.sync(full=True)
    assert sorted(map(str, three.shows("b"))) == ["New", "Share"]


def test_undo_leaves_a_paused_side_alone_and_says_so(three: Paused):
    three.tables["a"].edit(three.only("a"), {"note": "second"})
    three.sync()
    three.asleep = frozenset({"b"})
    plan = three.engine().undoer(Undoing(f"r{three.runs}")).plan()

    assert {action.side for action in plan.actions} == {"c"}
    assert plan.notes == ("left alone: b is paused",)


@pytest.fixture
def synced(syncer: Syncer, home: Path) -> Path:
    """Two tables in step, ready to be paused."""
    for name in ("one", "two"):
        (home / f"{name}.csv").write_text("Id,Name,State\n", "utf-8")
        fields = f"{{record: {name}.csv, fields: {{title: Name, status: {{field: State, values: {{idea: Idea}}}}}}}}"
        (home / f"{name}.yaml").write_text(f"format: 1\nkinds:\n  story: {fields}\n", "utf-8")
    return home


def configured(home: Path) -> None:
    (home / "syncer.yaml").write_text(
        "format: 1\nproduct: p\nconnections:\n"
        "  one: {system: csv, path: one.csv, access: write}\n  two: {system: csv, path: two.csv, access: write}\n"
        "collections:\n  one: {connection: one, mapping: one.yaml}\n  two: {connection: two, mapping: two.yaml}\n",
        "utf-8",
    )


def test_a_paused_product_is_no_failure_and_status_shows_it(syncer: Syncer, synced: Path):
    configured(synced)
    (synced / "one.csv").write_text("Id,Name,State\n,Share,Idea\n", "utf-8")
    paused = syncer("pause", "--because", "the migration week")
    assert paused.code == 0 and "`syncer resume` goes on" in paused.out

    said, cron, told = syncer("sync"), syncer("sync", "--cron"), syncer("sync", "--json")
    assert (said.code, cron.code, told.code) == (0, 0, 0)
    assert "the product is paused since" in said.out and "the migration week" in said.out
    assert cron.out + cron.err == ""
    assert "paused" in told.data
    assert "the migration week" in syncer("status").out
    assert [p["because"] for p in syncer("status", "--json").data["paused"]] == ["the migration week"]
    assert (synced / "two.csv").read_text("utf-8") == "Id,Name,State\n"

    assert syncer("apply").code == 2
    assert syncer("resume").code == 0
    assert syncer("sync").code == 0
    assert "Share" in (synced / "two.csv").read_text("utf-8")
    assert syncer("status", "--json").data["paused"] == []


def test_one_collection_is_paused_and_an_unknown_one_is_told(syncer: Syncer, synced: Path):
    configured(synced)
    (synced / "one.csv").write_text("Id,Name,State\n,Share,Idea\n", "utf-8")
    unknown = syncer("pause", "tow")

    assert (unknown.code, "no collection is called 'tow'" in unknown.err) == (2, True)
    assert syncer("pause", "two").code == 0
    assert syncer("sync").code == 0
    assert "Share" not in (synced / "two.csv").read_text("utf-8")
    assert syncer("resume", "two").code == 0
    assert syncer("resume", "two").code == 2
    assert syncer("sync").code == 0
    assert "Share" in (synced / "two.csv").read_text("utf-8")


def test_a_pause_is_kept_for_the_audit_with_who_and_why(syncer: Syncer, synced: Path, monkeypatch: pytest.MonkeyPatch):
    configured(synced)
    monkeypatch.setenv("SYNCER_ACTOR", "ann")
    assert syncer("pause", "two", "--because", "they migrate").code == 0
    assert syncer("resume", "--because", "they are done").code == 0
    rows = syncer("log", "--json", "--since", "1d").data
    told = syncer("log").out

    assert [(row["action"], row["side"], row["actor"], row["reason"], row["command"]) for row in rows] == [
        ("pause", "two", "ann", "they migrate", "pause"),
        ("resume", "two", "ann", "they are done", "resume"),
    ]
    assert "by ann · they migrate" in told
    assert "two: pause" in told


def test_plan_and_sync_tell_what_is_paused(syncer: Syncer, synced: Path):
    configured(synced)
    (synced / "one.csv").write_text("Id,Name,State\n,Share,Idea\n", "utf-8")
    syncer("pause", "two", "--because", "the migration week")

    assert "! two is paused since" in syncer("plan").out
    assert [p["collection"] for p in syncer("plan", "--json").data["paused"]] == ["two"]
    assert "the migration week" in syncer("sync").out
    assert [p["collection"] for p in syncer("sync", "--json").data["paused"]] == ["two"]


def test_what_a_person_says_beside_a_run_needs_no_lease(syncer: Syncer, synced: Path):
    configured(synced)
    assert syncer("sync").code == 0
    with Store.open(synced / ".syncer" / "p.db", "p") as store, store.lease("another run", 60):
        assert syncer("pause", "two").code == 0
        assert syncer("sync").code == 7


def test_a_rebuild_keeps_what_is_paused_or_says_that_it_is_forgotten(syncer: Syncer, synced: Path):
    configured(synced)
    (synced / "one.csv").write_text("Id,Name,State\n,Share,Idea\n", "utf-8")
    assert syncer("sync").code == 0
    syncer("pause", "two", "--because", "the migration week")
    kept = syncer("rebuild", "--aside")
    assert kept.code == 0
    assert "two is paused since" in kept.out
    assert [p["because"] for p in syncer("status", "--json").data["paused"]] == ["the migration week"]
    assert [r["command"] for r in syncer("log", "--json", "--since", "1d").data if r["action"] == "pause"] == [
        "rebuild"
    ]

    (synced / ".syncer" / "p.db").unlink()
    forgotten = syncer("rebuild")
    assert forgotten.code == 0
    assert "what was paused, and answers given before, are forgotten" in forgotten.out
    assert syncer("status", "--json").data["paused"] == []


def test_a_rebuild_that_fails_halfway_forgets_no_pause(syncer: Syncer, synced: Path):
    configured(synced)
    (synced / "one.csv").write_text("Id,Name,State\n,Share,Idea\n", "utf-8")
    assert syncer("sync").code == 0
    syncer("pause", "two", "--because", "the migration week")
    (synced / "one.csv").rename(synced / "elsewhere.csv")
    assert syncer("rebuild", "--aside").code == 2
    (synced / "elsewhere.csv").rename(synced / "one.csv")
    done = syncer("rebuild")

    assert done.code == 0, done.err
    assert "1 items by their tags" in done.out
    assert "two is paused since" in done.out
