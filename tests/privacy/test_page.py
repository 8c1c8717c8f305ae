"""`docs/privacy.md` tells of everything that is kept: a table, column or memo it does not name fails here."""

from __future__ import annotations

import ast
import re
from collections import Counter

from syncer.store.schema import metadata
from syncer.store.trim import MEMO
from tests.docs.pages import ROOT, files

PAGE = (ROOT / "docs" / "privacy.md").read_text("utf-8")


def named(page: str) -> Counter[str]:
    """Return the columns that the page tells of, in the first cell of a line."""
    cells = re.findall(r"^\| (`\w+\.\w+`[^|]*) \|", page, re.MULTILINE)
    return Counter(name for cell in cells for name in re.findall(r"`(\w+\.\w+)`", cell))


def columns() -> set[str]:
    return {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns}


def test_every_column_is_told_once():
    assert len(columns()) > 70
    assert named(PAGE) == Counter(columns())


def test_a_column_that_is_left_out_is_noticed():
    assert named(PAGE.replace("`link.seen`", "")) != Counter(columns())


def test_every_column_says_why_how_long_and_how_it_is_erased():
    lines = [line for line in PAGE.splitlines() if re.match(r"\| `\w+\.\w+`", line) and "`memo." not in line]

    assert len(lines) > 20
    assert [line for line in lines if any(not cell.strip() for cell in line.strip("|").split("|"))] == []


def keys() -> set[str]:
    """Return what our code remembers by key: the fixed beginning of each."""
    found = {MEMO}
    for path in files(".py"):
        if path.relative_to(ROOT).parts[0] != "syncer":
            continue
        names: dict[str, str] = {}
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                names[node.targets[0].id] = _text(node.value, {})
            if isinstance(node, ast.Call) and _called(node) in ("put_memo", "memo", "Note"):
                at = 1 if _called(node) == "Note" else 0
                found.add(_text(node.args[at], names) if len(node.args) > at else "")
    return found - {""}


def _called(node: ast.Call) -> str:
    return (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )


def _text(node: ast.expr, names: dict[str, str]) -> str:
    """Return the text with which an expression begins; "" where that is not written there."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return _text(node.values[0], names)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, names)
    return names.get(node.id, "") if isinstance(node, ast.Name) else ""


def test_everything_remembered_by_key_is_told():
    told = set(re.findall(r"^\| `([^`.]+)`", PAGE, re.MULTILINE))

    assert keys() >= {"people:", "schema:", "fitted:", "part:", "paused", "trimmed"}
    assert keys() - told == set()
