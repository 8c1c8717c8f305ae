"""What the tests of keeping, forgetting and restricting share: the command line, and the bytes of a state file."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Said, Syncer, home, jira, let_write, notion, syncer, table, to_jira, to_notion

__all__ = [
    "Said", "Syncer", "home", "jira", "kept_bytes", "let_write", "notion", "syncer", "table", "to_jira", "to_notion",
]  # fmt: skip


def kept_bytes(file: Path) -> bytes:
    """Return every byte of a state file and of the files beside it."""
    found = b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))
    assert b"SQLite format 3" in found
    return found
