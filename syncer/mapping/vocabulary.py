"""What teams call kinds, fields and choices: the words by which a first mapping is proposed. Pure data."""

from __future__ import annotations

import re
from collections.abc import Mapping

ALSO: Mapping[str, tuple[str, ...]] = {
    "title": ("summary", "name", "title", "headline", "subject"),
    "body": ("description", "details", "content", "page content", "notes"),
    "status": ("status", "state", "stage", "workflow"),
    "owner": ("assignee", "owner", "responsible", "dri", "lead", "person", "who", "assigned to"),
    "reporter": ("reporter", "requested by"),
    "priority": ("priority", "prio", "importance"),
    "team": ("team", "squad"),
    "labels": ("labels", "tags", "label"),
    "start": ("start date", "start", "starts", "begins"),
    "due": ("due date", "due", "deadline", "target date", "end date", "end", "ends"),
    "parent": ("parent", "epic link", "part of"),
    "points": ("story points", "story point estimate", "points", "estimate"),
    "releases": ("fix versions", "fix version", "fixversions", "release", "releases"),
    "affects": ("affects versions", "affects version"),
    "score": ("rice", "rice score", "score"),
    "moscow": ("moscow", "moscow priority"),
    "timeframe": ("timeframe", "quarter"),
    "horizon": ("horizon", "now next later"),
    "acceptance": ("acceptance criteria", "acceptance"),
    "blocked_reason": ("blocked because", "blocked reason", "blocker"),
    "goals": ("goals", "goal", "objectives", "okr"),
    "key_results": ("key results", "krs"),
}
"""Item field → what teams call it; a field's own name always counts."""

RANGES = ("dates", "timeline", "schedule", "planned dates", "start and due")
"""What teams call one range of dates that holds both a start and a due date."""

SORTS = ("issue type", "work type", "work item type", "item type", "type", "kind")
"""What teams call the field that says which kind a record is, the likeliest first."""

KIND_NAMES: Mapping[str, tuple[str, ...]] = {
    "feature": ("feature", "features", "roadmap", "roadmap item"),
    "goal": ("goal", "goals", "objective", "okr", "okrs"),
    "story": ("story", "user story", "stories", "backlog"),
    "task": ("task", "tasks", "to do"),
    "subtask": ("subtask", "sub task", "sub-task"),
    "bug": ("bug", "bugs", "defect", "fault"),
    "risk": ("risk", "risks", "raid"),
}

OPTION_WORDS: Mapping[str, tuple[str, ...]] = {
    "idea": ("idea", "backlog", "new", "open", "proposed", "not started"),
    "planned": ("planned", "to do", "todo", "selected for development", "next", "pending", "scheduled"),
    "ready": ("ready", "ready for development"),
    "doing": ("doing", "in progress", "in development", "started", "building", "active", "ongoing", "running", "wip"),
    "review": ("review", "in review", "testing", "in testing", "code review", "qa"),
    "done": ("done", "closed", "resolved", "shipped", "released", "complete", "completed", "live"),
    "dropped": ("dropped", "won't do", "wont do", "cancelled", "canceled", "rejected", "archived"),
    "must": ("must", "must have"),
    "should": ("should", "should have"),
    "could": ("could", "could have", "nice to have"),
    "wont": ("wont", "won't", "won't have"),
    "must-be": ("must-be", "must be", "basic", "expected"),
    "performance": ("performance", "one-dimensional"),
    "attractive": ("attractive", "delighter", "excitement"),
}

CATEGORY_STATUS: Mapping[str, str] = {
    "new": "planned",
    "to do": "planned",
    "to_do": "planned",
    "to-do": "planned",
    "indeterminate": "doing",
    "in progress": "doing",
    "in_progress": "doing",
    "done": "done",
    "complete": "done",
}
"""A vendor's status category → the status it most likely is."""

NUMBERS = frozenset({"id", "key", "no", "no.", "nr", "nr.", "#", "number", "row"})
"""What teams call a column that numbers its rows: never a title."""

WRAPPED = re.compile(r"custom field \((.+)\)")
"""What an export puts around the name of a field that a team made itself."""
