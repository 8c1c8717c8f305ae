"""Recognises CSV files that a known tool has exported, and says how they are read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

JIRA_TIME = "%d/%b/%y %I:%M %p"
"""As Jira Cloud writes times unless the site's administrator chose otherwise (22/Sep/25 9:26 AM)."""

TIMES = (
    *(JIRA_TIME, "%d/%b/%Y %I:%M %p", "%d/%b/%y %H:%M", "%d/%b/%Y %H:%M", "%b %d, %Y %I:%M %p"),
    *("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%y %H:%M"),
    *("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%y %I:%M %p", "%m/%d/%y %I:%M %p"),
)
"""How administrators let times be written. Day and month are told apart by what the file holds, or not at all."""

ENOUGH = 2000
"""Times that are looked at to tell how a file writes them."""

JIRA_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "Due date": {"type": "date", "format": JIRA_TIME},
    "Custom field (Start date)": {"type": "date", "format": JIRA_TIME},
    "Created": {"type": "instant", "format": JIRA_TIME},
    "Updated": {"type": "instant", "format": JIRA_TIME},
    "Resolved": {"type": "instant", "format": JIRA_TIME},
    "Parent": {"type": "reference"},
    "Parent id": {"type": "reference"},
    "Sprint": {"type": "choice", "take": "last"},
    "Labels": {"type": "set"},
    "Components": {"type": "set"},
    "Component/s": {"type": "set"},
    "Fix versions": {"type": "set"},
    "Fix Version/s": {"type": "set"},
    "Affects versions": {"type": "set"},
    "Affects Version/s": {"type": "set"},
    "Description": {"type": "document"},
}
"""What columns of Jira's export hold where their cells alone do not tell. Repeated columns are one field's values,
a column each; of several sprints the last is the present one. `Parent` names the parent by its issue id."""


def settings_for(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return the collection's settings where the header is that of a known export, else nothing.

    `rows`: the cells as text; they tell how the file writes its times.
    """
    if not {"Issue id", "Issue key", "Issue Type", "Summary"} <= set(header):
        return {}
    columns = {}
    for name, how in JIRA_COLUMNS.items():
        if name in header and (read := _timed(how, header, rows)):
            columns[name] = read
    if "Parent" in columns:
        columns.pop("Parent id", None)
    return {"id_column": "Issue id", "key_only": True, "read_only": True, "repeated": "join", "columns": columns}


def _timed(how: Mapping[str, Any], header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return how a column is read, with the file's own way to write times; nothing where that cannot be told."""
    if "format" not in how:
        return dict(how)
    times = [at for at, name in enumerate(header) if "format" in JIRA_COLUMNS.get(name, {})]
    format = time_format([row[at] for row in rows for at in times if at < len(row) and row[at]][:ENOUGH])
    return {**how, "format": format} if format else {}


def time_format(cells: Sequence[str]) -> str:
    """Return the one pattern that reads all of these times; "" where none does, or two read them differently."""
    found = {pattern: read for pattern in TIMES if (read := _read(cells, pattern)) is not None}
    if not cells or not found or len({tuple(read) for read in found.values()}) > 1:
        return JIRA_TIME if not cells else ""
    return next(iter(found))


def _read(cells: Sequence[str], pattern: str) -> list[datetime] | None:
    try:
        return [datetime.strptime(cell.strip(), pattern) for cell in cells]
    except ValueError:
        return None
