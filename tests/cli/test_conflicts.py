"""Conflicts people can live with: told in words and groups, settled by a side, a value, an editor or a rule."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from syncer.cli import disagreement
from syncer.cli.console import Console
from syncer.store.rows import ConflictRow, ConflictSide
from syncer.story.waiting import Waiting, chosen
from tests.cli.conftest import Syncer
from tests.cli.pair import CONFIG, begin, edit, rows

TEXT = "# Why\n\nPeople get lost.\n\nAll of it.\n\nThe same.\n"
Disagree = Callable[..., None]


@pytest.fixture
def disagree(syncer: Syncer, home: Path) -> Disagree:
    """Make things that are in step, then let both sides write other values into one column of each."""

    def make(column: str, ours: str, theirs: str, titles: tuple[str, ...] = ("Maps",), notes: str = "") -> None:
        begin(home, titles, notes)
        assert syncer("sync").code == 0
        for title in titles:
            edit(home, "roadmap", title, **{column: ours})
            edit(home, "board", title, **{column: theirs})
        assert syncer("sync").code == 4

    return make


def shown(home: Path, column: str, title: str = "Maps") -> tuple[str, str]:
    return rows(home, "roadmap")[title][column], rows(home, "board")[title][column]


def test_a_list_says_item_field_base_and_each_sides_word(syncer: Syncer, disagree: Disagree) -> None:
    disagree("Status", "doing", "done")
    told = syncer("conflicts")

    assert told.code == 4
    assert told.out.splitlines() == [
        "1  Maps status  (board and roadmap say different things)",
        "     was: —",
        "     board: done",
        "     roadmap: doing",
    ]
    (one,) = syncer("conflicts", "list", "--json").data
    assert (one["kind"], one["title"], one["field"], one["what"]) == ("story", "Maps", "status", "edit")


def test_a_held_field_blocks_nothing_else_and_closes_when_the_sides_agree(
    syncer: Syncer, home: Path, disagree: Disagree
) -> None:
    disagree("Status", "doing", "done")
    edit(home, "roadmap", "Maps", Points="5")
    syncer("sync")
    assert (shown(home, "Points"), shown(home, "Status")) == (("5", "5"), ("doing", "done"))

    edit(home, "roadmap", "Maps", Status="done")
    assert syncer("sync").code == 0
    assert syncer("conflicts").out == "No open conflicts.\n"
    assert "[closed: the sides agree]" in syncer("conflicts", "list", "--all").out


@pytest.mark.parametrize(
    ("column", "ours", "theirs", "typed", "lands", "wrong", "expected"),
    [
        ("Due", "2026-12-01", "2026-12-02", "2026-12-24", "2026-12-24", "Christmas", "a date, such as 2026-11-30"),
        ("Points", "3", "5", "8", "8", "many", "a number, such as 3 or 2.5"),
        ("Status", "doing", "done", "Dropped", "dropped", "dune", 'Did you mean "done"?'),
        ("Owner", "Ann Kowalska", "Bo Berg", "ann@example.com", "Ann Kowalska", "Zoe", "a name or an e-mail address"),
    ],
)
def test_a_typed_value_is_read_as_its_fields_type_and_a_wrong_one_is_refused(
    syncer: Syncer, home: Path, disagree: Disagree, column: str, ours: str, theirs: str, typed: str, lands: str,
    wrong: str, expected: str,
) -> None:  # fmt: skip
    disagree(column, ours, theirs)
    refused = syncer("conflicts", "resolve", "1", "--value", wrong)
    assert (refused.code, expected in refused.err) == (2, True), refused.err
    assert syncer("conflicts").code == 4

    assert syncer("conflicts", "resolve", "1", "--value", typed, "--because", "agreed on the phone").code == 0
    assert syncer("sync").code == 0
    assert shown(home, column) == (lands, lands)
    why = syncer("why", "Maps", column.lower(), "--json").data
    assert (why["source"], why["reason"]) == ("a person gave a value", "agreed on the phone")


def test_a_value_may_be_none(syncer: Syncer, home: Path, disagree: Disagree) -> None:
    disagree("Due", "2026-12-01", "2026-12-02")
    assert syncer("conflicts", "resolve", "1", "--value", "").code == 0
    assert syncer("sync").code == 0
    assert shown(home, "Due") == ("", "")


def test_many_conflicts_are_grouped_and_a_group_is_settled_after_it_was_shown(
    syncer: Syncer, home: Path, disagree: Disagree
) -> None:
    disagree("Status", "doing", "done", tuple(f"Thing {n:02}" for n in range(14)))
    told = syncer("conflicts").out
    assert told.splitlines()[:2] == [
        "14 conflicts and questions wait; `syncer conflicts list` shows each of them",
        "  14  status: board / roadmap",
    ]
    assert syncer("conflicts", "list").out.count("was: ") == 14

    asked = syncer("conflicts", "resolve", "--where", "field=status", "--where", "kind=story", "--take", "board")
    assert (asked.code, "add --yes" in asked.err) == (2, True)
    assert "14 would be settled by board" in asked.out and len(syncer("conflicts", "--json").data) == 14
    done = syncer("conflicts", "resolve", "--where", "field=status", "--take", "board", "--yes")
    assert (done.code, "14 settled" in done.out) == (0, True)
    assert syncer("sync").code == 0
    assert {row["Status"] for side in ("roadmap", "board") for row in rows(home, side).values()} == {"done"}
    runs = {row["run"] for row in syncer("log", "--json").data if row["action"] == "settle"}
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("where", "said"),
    [("status", "is no condition"), ("fild=status", "conflicts have no 'fild'"), ("field=due", "no open conflict is")],
)
def test_a_condition_that_means_nothing_is_told(syncer: Syncer, disagree: Disagree, where: str, said: str) -> None:
    disagree("Status", "doing", "done")
    done = syncer("conflicts", "resolve", "--where", where, "--take", "board", "--yes")

    assert (done.code, said in done.err) == (2, True)


def test_always_becomes_a_rule_that_keeps_every_other_line_and_that_no_guard_stops(
    syncer: Syncer, home: Path, disagree: Disagree
) -> None:
    disagree("Status", "doing", "done", ("Maps", "Night mode", "Sharing"))
    command = ("conflicts", "resolve", "1", "--take", "board", "--always")
    assert syncer(*command).code == 2  # the rule speaks of two more: they are shown first
    assert (home / "syncer.yaml").read_text("utf-8") == CONFIG
    done = syncer(*command, "--yes", "--because", "the team knows")
    assert (done.code, "story.status: {owner: board}" in done.out) == (0, True), done.err

    before, now = CONFIG.splitlines(), (home / "syncer.yaml").read_text("utf-8").splitlines()
    assert [line for line in now if line not in before] == ["    story.status: {owner: board}"]
    assert [line for line in now if line in before] == before
    assert syncer("sync").code == 0  # max_config_writes is 0
    assert {row["Status"] for row in rows(home, "roadmap").values()} == {"done"}

    edit(home, "roadmap", "Maps", Status="idea")
    edit(home, "board", "Maps", Status="review")
    assert syncer("sync").code == 0
    assert shown(home, "Status") == ("review", "review")
    assert "by policy: prefer board" in syncer("why", "Maps", "status").out


def test_only_a_sides_word_becomes_a_rule(syncer: Syncer, home: Path, disagree: Disagree) -> None:
    disagree("Points", "3", "5")
    done = syncer("conflicts", "resolve", "1", "--value", "8", "--always")

    assert (done.code, "--always with --take SIDE" in done.err) == (2, True)
    assert (home / "syncer.yaml").read_text("utf-8") == CONFIG


def editor(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the editor be a program that gets the text as `text` and may change it."""
    wrapped = f"import sys, pathlib; p = pathlib.Path(sys.argv[1]); text = p.read_text(); {code}; p.write_text(text)"
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{shlex.quote(sys.executable)} -S -c {shlex.quote(wrapped)}")


def test_texts_are_merged_in_an_editor_with_only_the_conflict_marked(
    syncer: Syncer, home: Path, disagree: Disagree, monkeypatch: pytest.MonkeyPatch
) -> None:
    disagree("Notes", TEXT.replace("lost", "LOST"), TEXT.replace("lost", "confused").replace("All", "None"), notes=TEXT)
    kept = home / "kept.txt"
    editor(monkeypatch, f"pathlib.Path({str(kept)!r}).write_text(text); sys.exit(1)")
    stopped = syncer("conflicts", "resolve", "1", "--edit")
    assert (stopped.code, "nothing was settled" in stopped.err) == (2, True)
    assert kept.read_text() == (
        "# Why\n\n<<<<<<< board\nPeople get confused.\n======= roadmap\nPeople get LOST.\n||||||| before\n"
        "People get lost.\n>>>>>>>\n\nNone of it.\n\nThe same.\n"
    )
    editor(monkeypatch, "text = text.replace('>>>>>>>', '')")
    left = syncer("conflicts", "resolve", "1", "--edit")
    assert (left.code, "mark is left" in left.err) == (2, True)
    editor(monkeypatch, "text = ''")
    assert "empty" in syncer("conflicts", "resolve", "1", "--edit").err
    assert syncer("conflicts").code == 4

    merged = "text[:text.index('<<<')] + 'People get lost, and confused.' + text[text.index('>>>>>>>') + 7:]"
    editor(monkeypatch, f"text = {merged}")
    assert syncer("conflicts", "resolve", "1", "--edit").code == 0
    assert syncer("sync").code == 0
    want = TEXT.replace("get lost", "get lost, and confused").replace("All", "None")
    assert {text.strip() for text in shown(home, "Notes")} == {want.strip()}


def test_without_an_editor_and_for_what_is_no_text_it_is_said(
    syncer: Syncer, disagree: Disagree, monkeypatch: pytest.MonkeyPatch
) -> None:
    disagree("Points", "3", "5")
    assert "Points" not in syncer("conflicts", "resolve", "1", "--edit").out
    assert "points is a number, nothing to edit" in syncer("conflicts", "resolve", "1", "--edit").err


def test_documents_are_shown_side_by_side_and_only_what_differs_is_marked(
    syncer: Syncer, disagree: Disagree, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = TEXT + "".join(f"\nPart {n}.\n" for n in range(9))
    disagree("Notes", long.replace("lost", "LOST"), long.replace("lost", "confused"), notes=long)
    wide = syncer("conflicts", "show", "1").out
    (line,) = [line for line in wide.splitlines() if "LOST" in line]
    assert "▌ People get confused." in line and "▌ People get LOST." in line
    assert wide.count("▌") == 2 and "blocks are alike" in wide and "Part 3" not in wide

    monkeypatch.setenv("COLUMNS", "60")
    narrow = syncer("conflicts", "show", "1").out
    assert "── board" in narrow and "── roadmap" in narrow
    assert narrow.count("▌") == 2 and not [x for x in narrow.splitlines() if "LOST" in x and "confused" in x]


def test_it_must_be_said_in_one_way_what_is_settled_and_how(syncer: Syncer, disagree: Disagree) -> None:
    disagree("Status", "doing", "done")
    for words in (("1",), ("1", "--take", "board", "--value", "x"), ("--take", "board"), ("9", "--take", "board")):
        assert syncer("conflicts", "resolve", *words).code == 2
    assert "has no word" in syncer("conflicts", "resolve", "1", "--take", "jira").err
    assert json.loads(syncer("conflicts", "resolve", "1", "--take", "board", "--json").out)["settled"] == "done"


def test_what_waits_is_told_in_words_whatever_sort_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    def said(kind: str, field: str, reason: str, value: object) -> Waiting:
        sides: dict[str, ConflictSide] = {"board": {"value": value, "raw": None, "at": None, "by": ""}}
        return Waiting(ConflictRow("i", field, kind, sides=sides, reason=reason, id=1), "story", "Maps")

    removed = said("removal", "", "PROJ-1 was removed on board", ["removed", "recreate", "unlink"])
    undone = said("undone", "title", "undone: what run r1 carried is not carried again", "X")
    disagreement.listed(Console(), [removed, undone], {})
    text = capsys.readouterr().out

    assert "PROJ-1 was removed on board" in text
    assert "--take removed: remove it everywhere" in text
    assert "--take unlink: leave it removed there, keep it elsewhere" in text
    assert "Maps title  (undone: what run r1 carried is not carried again)" in text
    assert [w.row.kind for w in chosen([removed, undone], ["question=removal"])] == ["removal"]
    assert [w.row.kind for w in chosen([removed, undone], ["field=title", "side=board"])] == ["undone"]
