"""Rebuilding with real tools: what Jira labels, Notion trashes and a workbook moves to its archive stays away."""

from __future__ import annotations

from tests.rescue.stage import Stage


def test_what_was_archived_in_three_tools_stays_away_after_a_rebuild(stage: Stage) -> None:
    for where in ("jira", "notion", "book") * 2:
        stage.born(where)
    stage.settle()
    first, second, third = sorted(stage.said)[:3]
    stage.archive_issue(first)
    stage.settle()
    assert first not in stage.pages() and first not in stage.rows()
    stage.store.unlink()
    code, said = stage.run("rebuild")
    assert (code, "1 archived" in said) == (0, True), said
    stage.pass_time()
    assert stage.run("sync", "--full")[0] == 0
    assert first not in stage.pages() and first not in stage.rows()
    del stage.said[first]

    # archived on one side alone while nobody looked: a question, and no twin
    stage.archive_issue(second)
    stage.archive_row(third)
    stage.store.unlink()
    code, said = stage.run("rebuild")
    assert (code, said.count("was it removed?")) == (4, 2), said
    stage.pass_time()
    assert stage.run("sync", "--full")[0] == 4
    assert [len(stage.pages()[t]) for t in (second, third)] == [1, 1]
    assert (second in stage.rows(), third in stage.issues()) == (True, True)
    assert [len(of) for of in stage.issues().values()] == [1] * 6
    assert third not in stage.rows()
