"""A copy to play on: it holds what the store holds, and whatever is done there, the store keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.errors import BusyError, StoreError
from syncer.store.rows import ItemRow
from syncer.store.store import Store


def put(store: Store, title: str) -> None:
    with store.lease("me", 60) as lease, store.commit(lease) as work:
        work.put_item(ItemRow(title, "story", {"title": title}))
        work.bump()


def test_a_copy_holds_what_was_committed_and_what_is_done_there_stays_there(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db", "shop") as store:
        put(store, "a")
        with store.copy(tmp_path / "copy.db") as copy:
            assert (copy.lineage, copy.generation, copy.items().keys()) == (store.lineage, 1, {"a"})
            put(copy, "b")
            put(store, "c")
            assert copy.items().keys() == {"a", "b"}
        assert store.items().keys() == {"a", "c"}


def test_a_copy_of_a_store_that_a_run_holds_is_held_as_well(tmp_path: Path) -> None:
    with (
        Store.open(tmp_path / "s.db", "shop") as store,
        store.lease("another run", 60),
        store.copy(tmp_path / "copy.db") as copy,
        pytest.raises(BusyError, match="another run"),
    ):
        copy.lease("rehearsal", 60)


def test_where_a_copy_cannot_be_written_is_said(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db", "shop") as store, pytest.raises(StoreError, match="cannot be written"):
        store.copy(tmp_path / "nowhere" / "copy.db")
