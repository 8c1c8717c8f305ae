"""One writer per product."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest

from syncer.errors import BusyError
from syncer.store.rows import ItemRow
from syncer.store.store import Store, utcnow


def item(name: str) -> ItemRow:
    return ItemRow(name, "Story", {"title": name})


def test_a_second_run_is_told_who_holds_the_product_and_since_when(store, clock):
    store.lease("laptop:1", ttl=60)
    clock.pass_(10)

    with pytest.raises(BusyError, match=r"another run holds shop: laptop:1, since 2026-03-01 12:00:00Z") as caught:
        store.lease("server:2", ttl=60)
    assert "12:01:00Z" in caught.value.hint


def test_a_lease_cannot_be_taken_over_before_it_has_run_out(store, clock):
    first = store.lease("laptop:1", ttl=60)
    clock.pass_(59.9)

    with pytest.raises(BusyError):
        store.lease("server:2", ttl=60)
    assert first.left() == pytest.approx(0.1)


def test_a_lease_that_ran_out_is_taken_over_with_a_greater_fence(store, clock):
    first = store.lease("laptop:1", ttl=60)
    clock.pass_(60)
    second = store.lease("server:2", ttl=60)

    assert second.fence == first.fence + 1
    second.check()
    with pytest.raises(BusyError, match="server:2"):
        first.check()
    with pytest.raises(BusyError):
        first.renew()


def test_a_stale_fence_is_refused_in_commit_and_nothing_is_written(store, clock):
    stale = store.lease("laptop:1", ttl=60)
    clock.pass_(61)
    current = store.lease("server:2", ttl=60)

    with pytest.raises(BusyError, match="no longer holds shop"), store.commit(stale) as w:
        w.put_item(item("late"))
    with store.commit(current) as w:
        w.put_item(item("good"))
    assert {"good"} == set(store.items())


def test_a_holder_whose_clock_is_behind_is_refused_by_the_fence_alone(store, path, clock):
    behind = store.lease("laptop:1", ttl=60)
    with Store.open(path, "shop", now=lambda: clock.at + timedelta(seconds=61)) as other:
        other.lease("server:2", ttl=60)

    assert behind.left() == 60
    with pytest.raises(BusyError, match="server:2"):
        behind.check()
    with pytest.raises(BusyError, match="server:2"), store.commit(behind) as w:
        w.put_item(item("late"))
    assert store.items() == {}


def test_a_released_lease_is_free_at_once_and_its_fence_never_comes_again(store):
    first = store.lease("laptop:1", ttl=3600)
    first.release()
    second = store.lease("server:2", ttl=60)
    first.release()

    assert second.fence > first.fence
    assert first.left() == 0
    second.check()


def test_a_released_lease_commits_nothing(store):
    lease = store.lease("laptop:1", ttl=60)
    lease.release()

    with pytest.raises(BusyError), store.commit(lease):
        pass


def test_renewing_starts_the_time_to_live_anew(store, clock):
    lease = store.lease("laptop:1", ttl=60)
    clock.pass_(50)
    lease.renew()

    assert lease.left() == 60
    clock.pass_(59)
    with pytest.raises(BusyError):
        store.lease("server:2", ttl=60)


def test_a_lease_that_ran_out_untaken_is_still_ours(store, clock):
    lease = store.lease("laptop:1", ttl=60)
    clock.pass_(600)
    with store.commit(lease) as w:
        w.put_item(item("a"))

    assert lease.left() == 60
    assert {"a"} == set(store.items())


def test_committing_keeps_a_long_run_alive(store, clock):
    lease = store.lease("laptop:1", ttl=60)
    for _ in range(5):
        clock.pass_(40)
        with store.commit(lease):
            pass

    assert lease.left() == 60


def test_a_check_renews_when_less_is_left_than_the_request_needs(store, clock):
    lease = store.lease("laptop:1", ttl=60)
    clock.pass_(45)
    lease.check(needs=10)
    assert lease.left() == 15

    lease.check(needs=30)
    assert lease.left() == 60


def test_a_lease_ends_with_its_block(store):
    with store.lease("laptop:1", ttl=3600):
        pass

    assert store.lease("server:2", ttl=60).left() == 60


HOLDER = """
    import sys, time
    from pathlib import Path
    from syncer.errors import BusyError
    from syncer.store.store import Store
    with Store.open(Path(sys.argv[1]), "shop") as store:
        try:
            store.lease(f"process:{sys.argv[2]}", ttl=600)
            print("held", flush=True)
            sys.stdin.read()
        except BusyError as error:
            print(f"busy {error.message}", flush=True)
"""


def start(path: Path, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDER), str(path), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_of_processes_that_start_at_once_on_a_new_file_exactly_one_holds_it(path):
    processes = [start(path, str(number)) for number in range(4)]
    answers = [process.stdout.readline() for process in processes]
    for process in processes:
        process.communicate()

    assert sum(answer == "held\n" for answer in answers) == 1, answers
    assert sum(answer.startswith("busy another run holds shop: process:") for answer in answers) == 3, answers


def test_a_killed_holder_keeps_others_out_until_its_lease_runs_out(path, clock):
    process = start(path, "killed")
    assert process.stdout.readline() == "held\n"
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()

    with Store.open(path, "shop") as store, pytest.raises(BusyError, match="process:killed"):
        store.lease("next", ttl=60)
    with Store.open(path, "shop", now=clock_ahead(seconds=601)) as store:
        assert store.lease("next", ttl=60).fence == 2


def clock_ahead(seconds: float):
    return lambda: utcnow() + timedelta(seconds=seconds)
