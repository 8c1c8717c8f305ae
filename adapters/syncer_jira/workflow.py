"""Changes a status by a transition, the only way Jira has; says what is in the way where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncer.errors import RejectedError
from syncer.record import Ref
from syncer_jira.client import SYSTEM, JiraClient


def move(client: JiraClient, ref: Ref, status: str, names: Mapping[str, str]) -> None:
    """Take the transition that leads to a status: names repeat and are translated, ids do not.

    Raises RejectedError naming the statuses that can be reached, or what the transition asks for.
    """
    params = {"expand": "transitions.fields"}
    ways = client.get(f"issue/{ref}/transitions", params)["transitions"]
    ways = [w for w in ways if w.get("isAvailable", True)]
    fitting = [w for w in ways if str(w["to"]["id"]) == status]
    if not fitting:
        shown = client.get(f"issue/{ref}", {"fields": "status"})["fields"]["status"]
        if str(shown["id"]) == status:
            return  # somebody was faster; no transition leads from a status to itself
        reachable = ", ".join(sorted(str(w["to"]["name"]) for w in ways)) or "nothing"
        raise _refusal(ref, f"no transition to {names.get(status, status)}; reachable: {reachable}")
    way = min(fitting, key=lambda w: len(_required(w)))
    if needs := _required(way):
        raise _refusal(ref, f"the transition {way['name']!r} asks for {', '.join(needs)}")
    client.post(f"issue/{ref}/transitions", {"transition": {"id": way["id"]}})


def before(client: JiraClient, ref: Ref, status: str) -> str:
    """Return the status that an issue had before it came to this one. Raises RejectedError where it never did."""
    for entry in reversed(client.paged(f"issue/{ref}/changelog", "values")):
        for item in entry["items"]:
            if item.get("fieldId", item["field"]) == "status" and str(item["to"]) == status:
                return str(item["from"])
    raise _refusal(ref, "the status before the removal is not known")


def _refusal(ref: Ref, told: str) -> RejectedError:
    return RejectedError(f"jira: issue {ref}: {told}", fields={"status": told}, system=SYSTEM, ref=ref)


def _required(way: Mapping[str, Any]) -> list[str]:
    fields = way.get("fields") or {}
    return [str(f.get("name", k)) for k, f in fields.items() if f.get("required") and not f.get("hasDefaultValue")]
