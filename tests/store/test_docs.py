"""The page about the store says what the store is."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from syncer.store import describe, schema

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "store.md"


def test_the_page_lists_the_tables_as_they_are():
    page = PAGE.read_text(encoding="utf-8")

    assert describe.rewritten(page) == page, "run: python -m syncer.store.describe docs/store.md"


def test_a_page_that_is_behind_is_noticed(tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    old = page.replace("| lineage |", "| ancestry |")

    assert old != page
    assert describe.rewritten(old) == page


def test_every_table_and_column_is_explained():
    for table in schema.metadata.tables.values():
        assert table.comment, table.name
        assert [column.name for column in table.columns if not column.comment] == [], table.name


def test_rows_can_be_imported_without_the_database_library():
    code = "import sys, syncer.store.rows; sys.exit('sqlalchemy' in sys.modules or 'alembic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_an_open_of_a_current_file_loads_neither_alembic_nor_another_databases_dialect(path):
    from syncer.store.store import Store

    Store.open(path, "shop").close()
    code = (
        "import sys; from pathlib import Path; from syncer.store.store import Store; "
        "Store.open(Path(sys.argv[1]), 'shop').close(); "
        "sys.exit('alembic' in sys.modules or 'sqlalchemy.dialects.postgresql' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False).returncode == 0


def test_the_initial_revision_does_not_depend_on_the_schema_of_today():
    source = next((ROOT / "syncer/store/migrations/versions").glob("r0001_*.py")).read_text(encoding="utf-8")
    imported = {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) and node.module}

    assert not any(name.startswith("syncer") for name in imported), "a revision is frozen; the schema is not"
