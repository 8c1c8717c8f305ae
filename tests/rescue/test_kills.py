"""`kill -9` of the real command line at random moments, then rerun to the end: nothing doubled, nothing lost.

Judged from what the tools hold. `SYNCER_KILLS` says how often; `make prove` asks for many more.
"""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from tests.counting import count
from tests.rescue.stage import Stage, wait_for_requests

KILLS = int(os.environ.get("SYNCER_KILLS", "6"))
AT_A_TIME = 20
"""Kills of one product: a small one is killed sooner than a large one is read."""
SEED = int(os.environ.get("SYNCER_SEED", "7"))


def people_work(stage: Stage, chance: random.Random) -> None:
    """Let people make a feature or two and edit some."""
    for _ in range(chance.randint(1, 2)):
        stage.born(chance.choice(("jira", "notion", "book")))
    titles = sorted(stage.said)
    for _ in range(4):
        stage.edit(chance.choice(titles[-12:]), chance.choice(("labels", "reach", "due")))


def kill_one(stage: Stage, chance: random.Random) -> bool:
    """Start a sync and kill it at a random moment; say whether it was still at work."""
    process = stage.start("sync", "--json")
    wait_for_requests(stage, chance.randint(1, 24), process)
    time.sleep(chance.uniform(0, 0.03))
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("seed", range(SEED, SEED + -(-KILLS // AT_A_TIME)))
def test_killed_at_random_moments_and_run_again_nothing_is_doubled_and_no_edit_is_lost(stage: Stage, seed: int) -> None:
    chance, kills, checked = random.Random(seed), 0, 0
    for where in ("jira", "notion", "book"):
        stage.born(where)
    while kills < min(KILLS, AT_A_TIME):
        for _ in range(chance.randint(1, 3)):
            people_work(stage, chance)
            killed = kill_one(stage, chance)
            kills += killed
            count("kills", killed)
            stage.pass_time()
        stage.settle()
        checked = stage.judge()

    assert checked >= 6 * kills
