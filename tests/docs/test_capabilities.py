"""The first page's tables say what the adapters say."""

from __future__ import annotations

from tests.docs import capabilities


def test_the_tables_on_the_first_page_are_those_of_the_adapters():
    page = capabilities.PAGE.read_text(encoding="utf-8")
    behind = page.replace("✓ |", "– |", 1)
    today = capabilities.tables(capabilities.look())

    assert capabilities.rewritten(page, today) == page, "run: python -m tests.docs.capabilities"
    assert behind != page
    assert capabilities.rewritten(behind, today) == page
