"""Opening: who may read the file, whose it is, and which format it has."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from syncer import __version__
from syncer.errors import StoreError
from syncer.store import open as opening
from syncer.store.engine import connect, writing
from syncer.store.rows import ItemRow
from syncer.store.schema import FORMAT, metadata
from syncer.store.store import Store


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def meddle(path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def test_only_the_owner_may_read_the_files(path):
    with Store.open(path, "shop") as store:
        store.lease("laptop:1", ttl=60)
        files = sorted(path.parent.iterdir())

        assert [file.name for file in files] == ["shop.db", "shop.db-shm", "shop.db-wal"]
        assert {0o600} == {mode(file) for file in files}
    assert mode(path.parent) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(path):
    Store.open(path, "shop").close()
    path.chmod(0o644)
    Store.open(path, "shop").close()

    assert mode(path) == 0o600


def test_a_folder_that_was_there_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o755)
    Store.open(tmp_path / "s.db", "shop").close()

    assert mode(tmp_path) == 0o755


def test_a_store_keeps_its_lineage_and_generation(path):
    with Store.open(path, "shop") as store:
        lineage = store.lineage
        with store.commit(store.lease("laptop:1", ttl=60)) as w:
            assert w.bump() == 1

    with Store.open(path, "shop") as store:
        assert lineage == store.lineage
        assert len(lineage) == 12
        assert store.generation == 1
        assert store.product == "shop"


def test_two_stores_have_two_lineages(tmp_path):
    with Store.open(tmp_path / "a", "shop") as a, Store.open(tmp_path / "b", "shop") as b:
        assert a.lineage != b.lineage


def test_every_connection_waits_for_locks_and_survives_a_power_cut(store):
    with store._read() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }

    assert asked == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000, "foreign_keys": 1}


@pytest.mark.parametrize("content", [b"not a database at all, just words", b"SQLite", b"\0" * 5000])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path, content):
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(StoreError, match="is damaged") as caught:
        Store.open(path, "shop")
    assert "syncer rebuild" in caught.value.hint
    assert content == path.read_bytes()


@pytest.mark.parametrize("size", [50, 100, 3000, 4096, 20_000])
def test_a_torn_file_is_refused(path, size):
    Store.open(path, "shop").close()
    path.write_bytes(path.read_bytes()[:size])

    with pytest.raises(StoreError, match="is damaged"):
        Store.open(path, "shop")


def test_damage_deep_in_the_file_is_found_by_verify(path):
    with Store.open(path, "shop") as store:
        with store.commit(store.lease("laptop:1", ttl=60)) as w:
            for number in range(500):
                w.put_item(ItemRow(f"i{number}", "Story", {"title": "x" * 300}))
        store.verify()
    data = bytearray(path.read_bytes())
    pages = [start for start in range(0, len(data), 4096) if b"x" * 300 in data[start : start + 4096]]
    data[pages[-1] : pages[-1] + 200] = b"\xff" * 200
    path.write_bytes(data)

    with Store.open(path, "shop") as store, pytest.raises(StoreError, match="is damaged"):
        store.verify()


def test_an_empty_file_becomes_a_store(path):
    path.parent.mkdir()
    path.touch()
    with Store.open(path, "shop") as store:
        assert store.generation == 0


def test_a_database_of_another_program_is_refused(path):
    path.parent.mkdir()
    meddle(path, "CREATE TABLE notes (id INTEGER)")

    with pytest.raises(StoreError, match="not a store of syncer"):
        Store.open(path, "shop")


def test_another_programs_table_called_meta_does_not_make_it_ours(path):
    path.parent.mkdir()
    meddle(path, "CREATE TABLE meta (key TEXT, value TEXT)")

    with pytest.raises(StoreError, match="not a store of syncer"):
        Store.open(path, "shop")


def test_the_store_of_another_product_is_refused(path):
    Store.open(path, "shop").close()

    with pytest.raises(StoreError, match="product 'shop', not of 'bank'"):
        Store.open(path, "bank")


def test_a_newer_format_is_refused_naming_the_version_to_install(path):
    Store.open(path, "shop").close()
    meddle(path, "UPDATE meta SET format = ?, written_by = '9.4.0'", FORMAT + 1)
    meddle(path, "ALTER TABLE meta ADD COLUMN something_new TEXT")

    with pytest.raises(StoreError, match=f"has format {FORMAT + 1}") as caught:
        Store.open(path, "shop")
    assert caught.value.hint == "install pm-syncer 9.4.0 or later"


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path, "shop")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path / "file" / "s.db", "shop")


def test_the_migrations_give_exactly_the_tables_of_the_schema(store):
    with store._read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found = inspect(connection)
        nullable = {(t, c["name"]): c["nullable"] for t in metadata.tables for c in found.get_columns(t)}
        indexes = {i["name"]: i["column_names"] for t in metadata.tables for i in found.get_indexes(t)}

        assert compare_metadata(context, metadata) == []
    columns = [column for table in metadata.tables.values() for column in table.columns]
    assert {(c.table.name, c.name): c.nullable for c in columns} == nullable
    declared = {i.name: [c.name for c in i.columns] for t in metadata.tables.values() for i in t.indexes}
    assert declared == indexes


def test_a_file_at_the_initial_revision_opens_with_what_it_holds(path):
    path.parent.mkdir()
    engine = connect(path)
    with writing(engine, path) as connection:
        opening.migrate(connection, "0001")
        connection.exec_driver_sql("INSERT INTO meta VALUES (1, 1, '0.1.0', 'shop', 'abcdefabcdef', 7)")
        connection.exec_driver_sql(
            "INSERT INTO run VALUES ('r1', 'sync', '2026-11-01T00:00:00Z', NULL, 'done',"
            ' \'{"actor":"Ann","done":3,"host":"laptop"}\', \'\')'
        )
        connection.exec_driver_sql(
            "INSERT INTO item VALUES ('i1', 'Story', '{\"title\":\"Été\"}', 'live', 'r1', NULL, 'été')"
        )
    engine.dispose()

    with Store.open(path, "shop") as store:
        assert {"i1": ItemRow("i1", "Story", {"title": "Été"}, created_run="r1")} == store.items()
        assert store.lineage == "abcdefabcdef"
        assert store.generation == 7
        (run,) = store.runs()
        assert (run.counts, run.circumstances) == ({"done": 3}, {"actor": "Ann", "host": "laptop"})


NEXT = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "0003", "0002", None, None
def upgrade() -> None:
    op.add_column("run", sa.Column("place", sa.Text()))
    op.execute("UPDATE item SET kind = 'Epic'")
    {then}
"""


@pytest.fixture
def newer(tmp_path, monkeypatch):
    """A version of us that has one more migration."""

    def install(then: str = "pass") -> None:
        folder = tmp_path / "100% newer"
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(opening.MIGRATIONS, folder, ignore=ignore, dirs_exist_ok=True)
        (folder / "versions" / "r0003_next.py").write_text(NEXT.format(then=then))
        monkeypatch.setattr(opening, "MIGRATIONS", folder)
        monkeypatch.setattr(opening, "FORMAT", FORMAT + 1)
        monkeypatch.setattr(opening, "__version__", "0.2.0")

    return install


def one_item(path) -> None:
    with Store.open(path, "shop") as store, store.commit(store.lease("laptop:1", ttl=60)) as w:
        w.put_item(ItemRow("i1", "Story", {"title": "A"}))


def test_an_older_format_is_migrated_when_it_is_opened(path, newer):
    one_item(path)
    newer()
    with Store.open(path, "shop") as store:
        assert store.items()["i1"].kind == "Epic"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT format, written_by FROM meta").fetchone() == (FORMAT + 1, "0.2.0")
        assert "place" in [row[1] for row in connection.execute("PRAGMA table_info(run)")]


def test_a_migration_that_fails_leaves_the_old_format_whole(path, newer):
    one_item(path)
    newer(then="raise RuntimeError('halfway')")
    with pytest.raises(RuntimeError, match="halfway"):
        Store.open(path, "shop")
    with closing(sqlite3.connect(path)) as connection:
        assert (FORMAT, __version__) == connection.execute("SELECT format, written_by FROM meta").fetchone()
        assert connection.execute("SELECT kind FROM item").fetchone() == ("Story",)
        assert "place" not in [row[1] for row in connection.execute("PRAGMA table_info(run)")]
