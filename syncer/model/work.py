"""The kinds that are worked on and shipped: epics, stories, tasks, bugs, sprints, releases. Pure."""

from __future__ import annotations

from typing import Annotated

from syncer.model.fields import Def, Many, Number, Rows, Text, Tree
from syncer.model.item import Item
from syncer.record import FieldType as T

PRIORITIES = ("highest", "high", "medium", "low", "lowest")
SEVERITIES = ("blocker", "critical", "major", "minor", "trivial")


class _Work(Item):
    reporter: Annotated[Text, Def(T.PERSON, "who asked for it")] = None
    priority: Annotated[Text, Def(T.CHOICE, "how soon", choices=PRIORITIES)] = None
    points: Annotated[Number, Def(T.NUMBER, "the estimate, in points")] = None
    sprint: Annotated[Text, Def(T.CHOICE, "the sprint it is in, by name")] = None
    releases: Annotated[Many, Def(T.SET, "the releases it ships in, by name")] = None
    components: Annotated[Many, Def(T.SET, "the parts of the product it touches")] = None
    resolution: Annotated[Text, Def(T.CHOICE, "how it ended", readonly=True)] = None


class Epic(_Work):
    """A body of work: several stories."""

    feature: Annotated[Text, Def(T.REFERENCE, "the feature it builds", targets=("feature", "initiative"))] = None
    progress: Annotated[Number, Def(T.NUMBER, "share of its stories that are done, 0 to 100", derived=True)] = None


class Story(_Work):
    """Something a user can do when it is done."""

    role: Annotated[Text, Def(T.LINE, "as a …")] = None
    want: Annotated[Text, Def(T.LINE, "I want …")] = None
    benefit: Annotated[Text, Def(T.LINE, "so that …")] = None
    acceptance: Annotated[Rows, Def(T.SEQUENCE, "acceptance criteria, with ticks")] = None


class Task(_Work):
    """Something to be done."""


class Subtask(_Work):
    """A part of a story, task or bug."""


class Bug(_Work):
    """Something that does not work."""

    severity: Annotated[Text, Def(T.CHOICE, "how bad it is", choices=SEVERITIES)] = None
    steps: Annotated[Tree, Def(T.DOCUMENT, "how to make it happen")] = None
    affects: Annotated[Many, Def(T.SET, "the releases that have it, by name")] = None


class Sprint(Item):
    """A stretch of time that a team plans for."""

    goal: Annotated[Text, Def(T.LINE, "what it is for")] = None
    period: Annotated[Tree, Def(T.PERIOD, "from when to when")] = None
    capacity: Annotated[Number, Def(T.NUMBER, "points or days the team has")] = None
    state: Annotated[Text, Def(T.CHOICE, "where it stands", choices=("future", "active", "closed"))] = None


class Release(Item):
    """What is shipped together."""

    version: Annotated[Text, Def(T.LINE, "its version, as users see it")] = None
    date: Annotated[Text, Def(T.DATE, "the day it ships")] = None
    state: Annotated[Text, Def(T.CHOICE, "where it stands", choices=("planned", "released", "archived"))] = None
    milestones: Annotated[Rows, Def(T.TABLE, "name, date")] = None
    checklist: Annotated[Rows, Def(T.SEQUENCE, "launch checklist, with ticks")] = None
