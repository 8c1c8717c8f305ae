"""Every kind of item by name, its fields, and what is derived from them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from syncer.model.fields import Def, FieldDef
from syncer.model.item import STATUSES, Category, Item
from syncer.model.knowledge import Attachment, Comment, Document, Feedback, Person, Team
from syncer.model.planning import (
    Competitor,
    Experiment,
    Feature,
    Goal,
    Initiative,
    Metric,
    Persona,
    Product,
    Risk,
)
from syncer.model.work import Bug, Epic, Release, Sprint, Story, Subtask, Task

_CLASSES: tuple[type[Item], ...] = (
    *(Product, Goal, Initiative, Feature),
    *(Epic, Story, Task, Subtask, Bug, Sprint, Release),
    *(Document, Feedback, Metric, Experiment, Risk, Persona, Competitor),
    *(Person, Team, Comment, Attachment),
)

KINDS: Mapping[str, type[Item]] = {c.__name__.lower(): c for c in _CLASSES}
"""Kind → its class. A kind's name is the class's in lower case."""

__all__ = ["KINDS", "STATUSES", "Category", "Item", "derive", "fields_of", "progress", "rice"]


@cache
def fields_of(kind: str) -> Mapping[str, FieldDef]:
    """Return a kind's fields by name. Raises KeyError for an unknown kind."""
    found = {}
    for name, info in KINDS[kind].model_fields.items():
        for mark in info.metadata:
            if isinstance(mark, Def):
                title = name.replace("_", " ").capitalize()
                found[name] = FieldDef(
                    name, mark.type, title, mark.choices, mark.readonly, mark.derived, mark.targets, mark.about
                )
    return found


def rice(reach: Any, impact: Any, confidence: Any, effort: Any) -> float | int | None:
    """Return reach × impact × confidence ÷ effort (confidence in percent), or None where one is missing."""
    if any(isinstance(n, bool) or not isinstance(n, int | float) for n in (reach, impact, confidence, effort)):
        return None
    if effort == 0:
        return None
    score = round(reach * impact * confidence / 100 / effort, 2)
    return int(score) if score == int(score) else score


def progress(categories: Iterable[Category]) -> int | None:
    """Return the percentage of parts that are done, dropped ones left aside; None where there are no parts."""
    counted = [c for c in categories if c is not Category.DROPPED]
    return round(100 * sum(c is Category.DONE for c in counted) / len(counted)) if counted else None


def derive(kind: str, values: Mapping[str, Any], parts: Iterable[Category] = ()) -> dict[str, Any]:
    """Return the derived fields of an item; `parts` are the status categories of the items below it."""
    known = fields_of(kind)
    found: dict[str, Any] = {}
    if "score" in known:
        found["score"] = rice(*(values.get(n) for n in ("reach", "impact", "confidence", "effort")))
    if "progress" in known:
        found["progress"] = progress(parts)
    return {name: value for name, value in found.items() if value is not None}
