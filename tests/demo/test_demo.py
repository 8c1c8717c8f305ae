"""What `make demo` shows is one believable product, and it plays to its end."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import syncer


def test_the_product_is_whole(demo: ModuleType) -> None:
    told = sys.modules["product"]
    stories = [story for epic in told.EPICS for story in epic.stories]
    parts = (told.GOALS, told.RELEASES, told.FEATURES, told.EPICS, stories, told.BUGS)
    assert all(parts)
    assert sum(map(len, parts)) >= 80
    assert (len(told.PEOPLE), len(told.SPRINTS), len(told.RELEASES)) == (8, 2, 3)
    assert all(story.accepted for story in stories)
    people = {person.key for person in told.PEOPLE}
    owners = {each.owner for each in (*told.GOALS, *told.FEATURES, *told.EPICS, *told.BUGS)}
    assert owners == people, "each of them answers for something, and nobody else does"
    assert {epic.feature for epic in told.EPICS} <= {f.title for f in told.FEATURES if "j" in f.on}
    assert all(f.goals for f in told.FEATURES if "n" in f.on), "in Notion each feature serves a goal"


def test_the_tools_overlap_in_part_and_each_lacks_something(demo: ModuleType) -> None:
    told = sys.modules["product"]
    on = [set(feature.on) for feature in told.FEATURES]
    assert sum(where == set("jnw") for where in on) >= 5
    assert all(any(letter not in where for where in on) for letter in "jnw")
    seed = sys.modules["seed"]
    assert {where for _, where, _ in seed.DIFFERS} == {"Notion", "workbook"}
    assert all(seed.said(f, where, field) != getattr(f, field)
               for title, where, field in seed.DIFFERS for f in told.FEATURES if f.title == title)  # fmt: skip


def test_the_mappings_fit_the_tools_and_every_option_has_a_counterpart(stage: Any) -> None:
    with syncer.open(stage.folder / "syncer.yaml") as product:
        found = product.check()

    assert [str(problem) for problem in found.problems] == []
    assert found.ok


def test_the_first_day_is_rehearsed_before_anything_is_written(stage: Any) -> None:
    before, book = (stage.jira.dump(), stage.notion.dump()), stage.book.read_bytes()
    told: set[str] = set()
    with syncer.open(stage.folder / "syncer.yaml", progress=lambda what, *_: told.add(what)) as product:
        planned = product.plan()
        played = product.rehearse()

    assert [a.id for a in played.done.plan.actions] == [a.id for a in planned.actions]
    done = {a.verb.value for a in played.done.report.done}
    assert (len(played.done.report.done), done) == (len(planned.actions), {"create", "update", "link"})
    assert (played.settles, played.undone.ok, played.exit_code) == (True, True, 4)
    assert "rehearsing" in told and "writing" not in told
    assert played.undone.records == sum(played.read.values()) >= 100
    assert ((stage.jira.dump(), stage.notion.dump()), stage.book.read_bytes()) == (before, book)


def test_the_demo_plays_to_its_end(demo: ModuleType, stage: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for act in demo.ACTS:
        act(stage)

    told = capsys.readouterr().out
    assert told.count("✓ ") >= 30
    assert "NOT SO" not in told


def test_a_folder_that_holds_something_else_is_not_emptied(demo: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")

    with pytest.raises(SystemExit, match="name another folder"):
        demo.Stage(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_an_announcement_that_is_not_so_ends_the_demo(demo: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        demo.holds("two and two are five", 5, 4)

    told = capsys.readouterr().out
    assert left.value.code == 1
    assert "expected: 5" in told
    assert "found:    4" in told
