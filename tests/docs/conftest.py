"""A folder with a small product in it, where the pages' commands and programs are run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from syncer_notion.sandbox.server import NotionSandbox

from tests.package.product import SEED, TOKEN, write_product


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder is a product: a Notion sandbox and a CSV file."""
    sandbox = NotionSandbox(SEED, rate=100_000)
    write_product(tmp_path, sandbox.start())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOTION_TOKEN", TOKEN)
    yield tmp_path
    sandbox.stop()
