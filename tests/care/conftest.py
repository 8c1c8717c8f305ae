"""What the tests of `lint`, `rehearse`, `pause` and `forget` share: the command line, in a folder of its own."""

from __future__ import annotations

from tests.cli.conftest import Said, Syncer, home, jira, let_write, notion, syncer, table, to_jira

__all__ = ["Said", "Syncer", "home", "jira", "let_write", "notion", "syncer", "table", "to_jira"]
