"""The kinds that hold what is known and said: documents, feedback, people, comments. Pure."""

from __future__ import annotations

from typing import Annotated

from syncer.model.fields import Def, Flag, Many, Number, Rows, Text, Tree
from syncer.model.item import Item
from syncer.record import FieldType as T

DOCUMENT_TYPES = (
    "prd",
    "spec",
    "decision",
    "research",
    "interview",
    "meeting-notes",
    "release-notes",
    "competitor-analysis",
    "business-case",
    "launch-plan",
    "stakeholder-report",
    "retrospective",
)
LEVELS = ("high", "medium", "low")


class Document(Item):
    """A text of its own: a PRD, a decision, notes."""

    type: Annotated[Text, Def(T.CHOICE, "what sort of text", choices=DOCUMENT_TYPES)] = None
    about: Annotated[Many, Def(T.REFERENCES, "the items it speaks of")] = None
    participants: Annotated[Many, Def(T.PEOPLE, "who took part")] = None
    decision_state: Annotated[
        Text, Def(T.CHOICE, "of a decision", choices=("proposed", "accepted", "rejected", "superseded"))
    ] = None
    outcome: Annotated[Tree, Def(T.DOCUMENT, "of a decision: what was decided")] = None
    decided_by: Annotated[Many, Def(T.PEOPLE, "of a decision: who decided")] = None
    decided_on: Annotated[Text, Def(T.DATE, "of a decision: when")] = None


class Feedback(Item):
    """What somebody told us."""

    who: Annotated[Text, Def(T.LINE, "who said it")] = None
    segment: Annotated[Text, Def(T.CHOICE, "the segment they belong to")] = None
    channel: Annotated[Text, Def(T.CHOICE, "where they said it")] = None
    sentiment: Annotated[Text, Def(T.CHOICE, "how they feel", choices=("positive", "neutral", "negative"))] = None
    verbatim: Annotated[Tree, Def(T.DOCUMENT, "their own words")] = None
    asks_for: Annotated[Many, Def(T.REFERENCES, "the features they ask for", targets=("feature",))] = None


class Person(Item):
    """One human, with an account in each system."""

    email: Annotated[Text, Def(T.LINE, "how they are known everywhere")] = None
    accounts: Annotated[Rows, Def(T.TABLE, "connection, account")] = None
    interest: Annotated[Text, Def(T.CHOICE, "as a stakeholder", choices=LEVELS)] = None
    influence: Annotated[Text, Def(T.CHOICE, "as a stakeholder", choices=LEVELS)] = None


class Team(Item):
    """People who work together."""

    members: Annotated[Many, Def(T.PEOPLE, "who belongs to it")] = None
    capacity: Annotated[Number, Def(T.NUMBER, "points or days it has in a sprint")] = None


class Comment(Item):
    """A remark on an item."""

    on: Annotated[Text, Def(T.REFERENCE, "the item it is about")] = None
    author: Annotated[Text, Def(T.PERSON, "who wrote it")] = None
    at: Annotated[Text, Def(T.INSTANT, "when it was written")] = None
    thread: Annotated[Text, Def(T.REFERENCE, "the comment it answers", targets=("comment",))] = None
    resolved: Annotated[Flag, Def(T.FLAG, "the thread is closed")] = None


class Attachment(Item):
    """A file on an item."""

    on: Annotated[Text, Def(T.REFERENCE, "the item it belongs to")] = None
    name: Annotated[Text, Def(T.LINE, "its file name")] = None
    size: Annotated[Number, Def(T.NUMBER, "in bytes")] = None
    hash: Annotated[Text, Def(T.LINE, "a digest of its bytes")] = None
