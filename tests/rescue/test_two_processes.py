"""Two processes and one product: one works, the other is told; what a killed one held is free when its time is up."""

from __future__ import annotations

from tests.rescue.stage import Stage, wait_for_requests


def test_a_second_sync_leaves_with_7_until_the_hold_of_a_killed_one_runs_out(stage: Stage) -> None:
    for where in ("jira", "notion", "book") * 2:
        stage.born(where)
    first = stage.start("sync")
    wait_for_requests(stage, 3, first)
    code, said = stage.run("sync")
    alive = first.is_alive()
    first.kill()
    first.join()

    assert alive
    assert (code, "another run holds shop" in said) == (7, True), said
    assert stage.run("sync")[0] == 7
    stage.pass_time(stage.lease + 1)
    assert stage.run("sync", "--full")[0] in (0, 5)
    stage.settle()
    assert stage.judge() >= 18
