"""Recognises CSV files that a known tool has exported, and says how they are read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

JIRA_TIME = "%d/%b/%y %I:%M %p"
"""As Jira Cloud writes times unless the site's administrator chose otherwise (22/Sep/25 9:26 AM)."""

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


def settings_for(header: Sequence[str]) -> dict[str, Any]:
    """Return the collection's settings where the header is that of a known export, else nothing."""
    if not {"Issue id", "Issue key", "Issue Type", "Summary"} <= set(header):
        return {}
    columns = {name: dict(how) for name, how in JIRA_COLUMNS.items() if name in header}
    if "Parent" in columns:
        columns.pop("Parent id", None)
    return {"id_column": "Issue id", "key_only": True, "read_only": True, "repeated": "join", "columns": columns}
