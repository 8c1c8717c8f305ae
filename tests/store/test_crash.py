"""Killed at any moment, the store holds exactly its acknowledged commits, and perhaps the one in the making."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from syncer.errors import BusyError
from syncer.record import Ref
from syncer.store.rows import ItemRow, JournalState
from syncer.store.store import Store

WRITER = """
    import sys
    from pathlib import Path
    from syncer.record import Ref
    from syncer.store.rows import ItemRow, JournalRow, JournalState, LinkRow
    from syncer.store.store import Store

    store = Store.open(Path(sys.argv[1]), "shop")
    store.after_commit = lambda what: print(what, flush=True)
    lease = store.lease("writer", ttl=0.05)
    number = store.generation
    while True:
        number += 1
        with store.commit(lease, str(number)) as w:
            for part in range(20):
                name = f"{number}-{part}"
                w.put_item(ItemRow(name, "Story", {"title": name * 20}))
                w.put_link(LinkRow(name, "jira", Ref(name), "t", digest=str(number)))
                intent = w.journal(JournalRow("r", "create", name, "jira"))
                w.finish_journal(intent, JournalState.DONE, ref=Ref(name))
            assert w.bump() == number
"""


def killed_in_the_middle(path: Path, after: float) -> int:
    """Run a writer, kill it, and return the number of its last acknowledged commit (0 for none)."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    first = process.stdout.readline()
    assert first, "the writer ended by itself"
    time.sleep(after)
    process.kill()
    rest = process.communicate()[0].splitlines()
    assert process.returncode == -signal.SIGKILL
    whole = [line for line in [first.strip(), *rest] if line]
    return int(whole[-1])


def test_kill_9_in_the_middle_of_commits_leaves_every_acknowledged_one_and_no_half(path):
    chance = random.Random(5)
    for _ in range(6):
        acknowledged = killed_in_the_middle(path, after=chance.uniform(0, 0.15))
        time.sleep(0.06)  # the dead writer's lease

        with Store.open(path, "shop") as store:
            store.verify()
            last = store.generation
            names = {f"{number}-{part}" for number in range(1, last + 1) for part in range(20)}

            assert last in (acknowledged, acknowledged + 1)
            assert names == set(store.items()) == set(store.index("jira"))
            assert names == {row.ref for row in store.journal(state=JournalState.DONE)}
            assert store.journal(state=JournalState.OPEN) == []


def test_a_writer_that_slept_past_its_lease_cannot_write_over_its_successor(store, clock):
    slept = store.lease("slept", ttl=60)
    with pytest.raises(BusyError), store.commit(slept) as w:
        w.put_item(ItemRow("a", "Story", {}))
        clock.pass_(61)
        raise BusyError("its request came back an hour later")
    successor = store.lease("next", ttl=60)
    with store.commit(successor) as w:
        w.put_item(ItemRow("a", "Bug", {}))
    with pytest.raises(BusyError, match="next"), store.commit(slept) as w:
        w.put_item(ItemRow("a", "Story", {}))

    assert store.items()["a"].kind == "Bug"


def test_a_store_opened_twice_in_one_process_keeps_its_locks(path):
    with Store.open(path, "shop") as first:
        lease = first.lease("me", ttl=60)
        with first.commit(lease) as w:
            w.put_item(ItemRow("a", "Story", {}))
            Store.open(path, "shop").close()
            code = f"import sqlite3; sqlite3.connect({str(path)!r}, timeout=0.1).execute('BEGIN IMMEDIATE')"
            other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

            assert "database is locked" in other.stderr
            assert Ref("x") not in first.index("jira")
        assert {"a"} == set(first.items())
