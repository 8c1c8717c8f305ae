"""What people read on the terminal: their own words, never an id, and what matters before what does not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from syncer.api import Done
from syncer.cli import render
from syncer.cli.console import Console
from syncer.engine.apply import Report
from syncer.engine.plan import Action, Plan, Verb, Write
from syncer.record import Ref

NAMES = {"ann@x.test": "Ann", "i2": "A goal"}


def update(why: dict[str, str]) -> Action:
    writes = {name: Write(None, "10000", {name: "ann@x.test"}, reason) for name, reason in why.items()}
    return Action(Verb.UPDATE, "i1", "feature", "b", Ref("1"), "t", "Maps", writes)


def link(side: str, item: str) -> Action:
    return Action(Verb.LINK, item, "story", side, Ref(item), "t", f"Story {item}", cause="first contact", why="new")


def test_people_and_items_are_shown_by_name() -> None:
    assert render.shown("ann@x.test", NAMES) == "Ann"
    assert render.shown(["i2", "i3"], NAMES) == "A goal, i3"
    assert render.shown([{"text": "it is fast", "done": True}, {"text": "small", "done": False}]) == (
        "[x] it is fast; [ ] small"
    )


def test_the_sides_that_were_heard_are_said_once() -> None:
    line = render.action_line(update({"owner": "from a", "due": "from a, c", "score": "computed"}))

    assert line.plain == "~ b feature Maps   (from a, c; computed)"


def test_times_are_told_to_the_minute_and_in_one_zone() -> None:
    assert render.moment(datetime(2026, 11, 25, 9, 5, 33, tzinfo=timezone(timedelta(hours=9)))) == (
        "2026-11-25 00:05 UTC"
    )
    assert render.moment(None) == "never"


def test_what_was_only_linked_is_counted_and_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    links = [link("a", f"i{n}") for n in range(30)]
    done = Done("r1", Plan((), {}), Report(done=[*links, update({"owner": "from a"})]))
    render.done_summary(Console(), done, names=NAMES)

    said = capsys.readouterr().out
    assert "owner: — → Ann" in said
    assert "Story" not in said
    assert "run r1: a 30 linked · b 1 updated" in said


def test_a_plan_shows_one_link_a_side(capsys: pytest.CaptureFixture[str]) -> None:
    links = tuple(link(side, f"i{n}") for side in "ab" for n in range(3))
    render.plan_summary(Console(), Plan(links, {}), full=False)

    said = capsys.readouterr().out
    assert said.count("= a story Story") == said.count("= b story Story") == 1
    assert "and 4 more of the same kinds" in said
