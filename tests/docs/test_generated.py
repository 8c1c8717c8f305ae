"""What is drawn or tabled on our pages is what the program says today."""

from __future__ import annotations

import pytest

from tests.docs import capabilities, fidelity, picture


@pytest.mark.parametrize(
    ("page", "today", "rewritten", "touch"),
    [
        (capabilities.PAGE, lambda: capabilities.tables(capabilities.look()), capabilities.rewritten, ("✓ |", "– |")),
        (picture.PAGE, picture.plan, picture.rewritten, ("(the sides disagree)", "(they disagree)")),
        (fidelity.PAGE, fidelity.table, fidelity.rewritten, ("✓ |", "– |")),
    ],
    ids=["tests.docs.capabilities", "tests.docs.picture", "tests.docs.fidelity"],
)
def test_what_is_generated_is_of_today(page, today, rewritten, touch, request):
    text, made = page.read_text(encoding="utf-8"), today()
    behind = text.replace(*touch, 1)

    assert rewritten(text, made) == text, f"run: python -m {request.node.callspec.id}"
    assert behind != text
    assert rewritten(behind, made) == text
