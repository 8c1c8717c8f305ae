"""What the tests of keeping, forgetting and restricting share: the command line, and the bytes of a state file."""

from __future__ import annotations

from pathlib import Path

from syncer.store.rows import (
    ConflictRow,
    CursorRow,
    ItemRow,
    JournalRow,
    LinkRow,
    Refusal,
    RunRow,
    StrayRow,
)
from syncer.store.store import Store
from tests.cli.conftest import Said, Syncer, home, jira, let_write, notion, syncer, table, to_jira, to_notion

__all__ = [
    "Said", "Syncer", "home", "jira", "kept_bytes", "let_write", "notion", "syncer", "table", "to_jira", "to_notion",
]  # fmt: skip


def kept_bytes(file: Path) -> bytes:
    """Return every byte of a state file and of the files beside it."""
    found = b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))
    assert b"SQLite format 3" in found
    return found


JIRA_AND_A_TABLE = """\
format: 1
product: p
connections:
  jira: {{system: jira, access: write, url: "{url}", user: robot@shop.example, token: {{env: JIRA_TOKEN}}}}
  table: {{system: csv, access: write, path: board.csv}}
collections:
  backlog: {{connection: jira, mapping: backlog.yaml, project: SHOP}}
  board: {{connection: table, mapping: board.yaml}}
"""


def put(store: Store, *rows: object) -> None:
    """Write rows of any sort."""
    with store.lease("test", 60) as lease, store.commit(lease) as work:
        for row in rows:
            match row:
                case ItemRow():
                    work.put_item(row)
                case LinkRow():
                    work.put_link(row)
                case ConflictRow():
                    work.put_conflict(row)
                case JournalRow():
                    work.journal(row)
                case StrayRow():
                    work.put_stray(row)
                case RunRow():
                    work.start_run(row)
                case Refusal():
                    work.put_refusal(row)
                case CursorRow():
                    work.set_cursor(row)
                case _:
                    raise TypeError(f"no row: {row!r}")
