"""`log` and `why`: what became of a thing, who did it, with what, and for which reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncer.cli.console import Console
from syncer.cli.telling import log_lines, why_line
from syncer.errors import UserError
from syncer.mapping.config import load_config
from syncer.story.circumstances import ci_job, circumstances
from syncer.story.tell import since_when, story
from syncer.story.why import why
from tests.cli.conftest import Syncer
from tests.cli.pair import begin, edit
from tests.engine.worlds import Product, SideSpec, note, title


@pytest.fixture
def synced(syncer: Syncer, home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A roadmap carried to a board by Ann, then edited and carried by Bo; the ids of both runs."""
    begin(home, ("Maps", "Night mode"))
    edit(home, "roadmap", "Maps", Status="idea")
    monkeypatch.setenv("SYNCER_ACTOR", "Ann")
    first = syncer("sync", "--because", "the first one", "--json")
    monkeypatch.setenv("SYNCER_ACTOR", "Bo")
    edit(home, "roadmap", "Maps", Status="doing")
    second = syncer("sync", "--json")
    assert (first.code, second.code) == (0, 0), first.err + second.err
    return first.data["run"], second.data["run"]


def test_why_tells_value_time_run_side_and_what_was_before_in_one_line(syncer: Syncer, synced: tuple[str, str]) -> None:
    done = syncer("why", "Maps", "status")

    assert done.code == 0
    (line,) = done.out.splitlines()
    assert line.startswith("Maps: status is ")
    assert f"from roadmap, in run {synced[1]} of Bo; before: " in line
    told = syncer("why", "Maps", "status", "--json").data
    assert (told["run"], told["actor"], told["source"]) == (synced[1], "Bo", "from roadmap")
    assert told["before"] != told["value"] and told["held"] is None


def test_why_of_a_field_that_nobody_gave_a_value_says_so(syncer: Syncer, synced: tuple[str, str]) -> None:
    assert "due is —; nobody ever gave it another value" in syncer("why", "Maps", "due").out
    wrong = syncer("why", "Maps", "statsu")
    assert wrong.code == 2 and 'Did you mean "status"?' in wrong.err


def test_why_of_an_undone_field_names_the_undo(syncer: Syncer, synced: tuple[str, str]) -> None:
    undone = syncer("undo", synced[1], "--apply", "--because", "too early")
    assert undone.code in (0, 4), undone.err
    told = syncer("why", "Maps", "status", "--json").data

    assert told["source"] == f"undo of {synced[1]}"
    assert told["reason"] == "too early"
    assert told["held"]["sides"].keys() == {"roadmap"}
    assert f"held by conflict {told['held']['conflict']}" in syncer("why", "Maps", "status").out


def test_log_tells_each_field_with_its_run_and_who_ran_it(syncer: Syncer, synced: tuple[str, str]) -> None:
    said = syncer("log", "Maps").out

    assert f"run {synced[0]} · by Ann · the first one" in said
    assert f"run {synced[1]} · by Bo" in said
    assert "from roadmap" in said and "Night mode" not in said
    assert "board: update" in said


def test_log_without_an_item_tells_everything_that_a_run_did(syncer: Syncer, synced: tuple[str, str]) -> None:
    both, second = syncer("log").out, syncer("log", "--run", synced[1]).out

    assert "Night mode: the item: birth" in both and "Maps: board: create" in both
    assert "Maps: board: update" in second and "birth" not in second
    assert syncer("log", "--run", "r0").code == 2
    assert syncer("log", "--since", "1m").out == both


def test_the_export_says_of_every_row_who_where_with_what_and_why(syncer: Syncer, synced: tuple[str, str]) -> None:
    rows = syncer("log", "--json", "--since", "7d").data

    assert {row["run"] for row in rows} == set(synced)
    assert all(row["host"] and row["version"] and row["config"] and row["mapping"] for row in rows)
    assert {(row["run"], row["actor"], row["reason"]) for row in rows} == {
        (synced[0], "Ann", "the first one"),
        (synced[1], "Bo", ""),
    }
    assert {row["trigger"] for row in rows} <= {"command", "ci"}
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert syncer("log", "--json", "--since", "2100-01-01").data == []


def test_a_guard_that_was_let_pass_is_told_with_who_and_why(
    syncer: Syncer, home: Path, synced: tuple[str, str]
) -> None:
    config = home / "syncer.yaml"
    config.write_text(config.read_text("utf-8").replace("guards:\n", "guards:\n  max_writes: 0\n"), "utf-8")
    edit(home, "roadmap", "Maps", Status="done")
    stopped = syncer("sync")
    assert stopped.code == 3
    done = syncer("sync", "--allow", "writes", "--because", "I looked at it", "--json")
    assert done.code == 0, done.err
    rows = syncer("log", "--json").data

    passed = [row for row in rows if row["run"] == done.data["run"]]
    assert passed and all(row["allowed"] == ["writes"] and row["reason"] == "I looked at it" for row in passed)
    assert all("max_writes: 0" in row["passed"][0] for row in passed)
    (silent,) = [row for row in rows if row["action"] == "run"]
    assert (silent["state"], "max_writes" in silent["error"], silent["actor"]) == ("stopped", True, "Bo")


def test_who_acts_is_said_or_is_the_builds_job_or_the_user(syncer: Syncer, home: Path, synced: tuple[str, str]) -> None:
    config = load_config(home / "syncer.yaml")
    job = {"GITLAB_CI": "true", "CI_PROJECT_PATH": "shop/app", "CI_JOB_ID": "7", "GITLAB_USER_LOGIN": "bo"}
    asked = circumstances(config, environment={**job, "SYNCER_ACTOR": "Ann"})

    assert (asked.actor, asked.trigger) == ("Ann", "ci")
    assert circumstances(config, environment=job).actor == "ci job shop/app 7 (started by bo)"
    assert circumstances(config, environment={}, trigger="cron").trigger == "cron"
    assert (ci_job({}), ci_job({"CI": "false"}), ci_job({"CI": "1"})) == ("", "", "ci job")
    assert circumstances(config, environment={}).actor not in ("", "Ann")


def test_a_changed_mapping_changes_the_hash_of_the_mappings(
    syncer: Syncer, home: Path, synced: tuple[str, str]
) -> None:
    before = circumstances(load_config(home / "syncer.yaml"))
    config, mapping = home / "syncer.yaml", home / "table.yaml"
    config.write_text(config.read_text("utf-8").replace("default: hold", "default: newest"), "utf-8")
    policy = circumstances(load_config(config))
    mapping.write_text(mapping.read_text("utf-8").replace("      due: Due\n", ""), "utf-8")

    assert (policy.mapping, policy.config != before.config) == (before.mapping, True)
    assert circumstances(load_config(config)).mapping != before.mapping


def test_a_time_is_a_date_a_moment_or_an_age() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert since_when("7d", now) == now - timedelta(days=7)
    assert since_when("90m", now) == now - timedelta(minutes=90)
    assert since_when("2026-11-01", now) == datetime(2026, 11, 1, tzinfo=UTC)
    assert since_when("2026-11-01T08:30+02:00", now) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    with pytest.raises(UserError, match="is no time"):
        since_when("yesterday", now)


def test_who_edited_last_where_a_value_came_from_is_named(tmp_path: Path) -> None:
    made = Product(tmp_path / "state.db", {side: SideSpec((title(side), note(side))) for side in "ab"}, make_store=None)
    made.tables["a"].add({"title": "Maps", "note": "first"})
    made.settle()
    made.tick(3600)
    made.tables["b"].edit(made.only("b"), {"note": "second"}, by="acc-bo")
    made.sync()
    (item,) = made.store.items().values()
    found, names = why(made.store, item, "note"), {"acc-bo": "Bo Berg"}

    assert found.to_json()["authors"] == {"b": "acc-bo"}
    assert "from b (edited last by Bo Berg on b), in run r" in why_line(found, names)
    assert why(made.store, item, "title").authors == {}  # who wrote what stood there before we came is not known
    console = Console()
    with console.capture() as said:
        log_lines(console, story(made.store, item.id, None, None), names)
    assert "note: first → second  from b (edited last by Bo Berg on b)" in said.get()
