"""What every item has, whatever its kind, and the statuses it can be in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from syncer.model.fields import Def, Flag, Many, Text, Tree
from syncer.record import FieldType as T


class Category(StrEnum):
    """Where in its life an item is, whatever its team calls that."""

    IDEA = "idea"
    TODO = "todo"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


STATUSES: Mapping[str, Category] = {
    "idea": Category.IDEA,
    "planned": Category.TODO,
    "ready": Category.TODO,
    "doing": Category.DOING,
    "review": Category.DOING,
    "done": Category.DONE,
    "dropped": Category.DROPPED,
}
"""The statuses a product has unless its `syncer.yaml` names its own."""


class Item(BaseModel):
    """The fields that every kind has."""

    # The fields are asked for at every start, an item is validated at few: build validators then.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    title: Annotated[Text, Def(T.LINE, "its name")] = None
    body: Annotated[Tree, Def(T.DOCUMENT, "the text of the record")] = None
    status: Annotated[Text, Def(T.CHOICE, "one of the product's statuses; each has a category")] = None
    owner: Annotated[Text, Def(T.PERSON, "who answers for it")] = None
    team: Annotated[Text, Def(T.CHOICE, "the team that works on it, by name")] = None
    labels: Annotated[Many, Def(T.SET, "free tags")] = None
    start: Annotated[Text, Def(T.DATE, "first day of work")] = None
    due: Annotated[Text, Def(T.DATE, "the day it is due")] = None
    blocked: Annotated[Flag, Def(T.FLAG, "something stands in its way")] = None
    blocked_reason: Annotated[Text, Def(T.LINE, "what stands in its way")] = None
    parent: Annotated[Text, Def(T.REFERENCE, "the item it is part of")] = None
    blocks: Annotated[Many, Def(T.REFERENCES, "what cannot go on before this is done")] = None
    relates: Annotated[Many, Def(T.REFERENCES, "what has to do with it")] = None
    duplicates: Annotated[Many, Def(T.REFERENCES, "what says the same")] = None
    url: Annotated[Text, Def(T.URL, "where more is to be found")] = None
    created_by: Annotated[Text, Def(T.PERSON, "who created it", readonly=True)] = None
    created_at: Annotated[Text, Def(T.INSTANT, "when it was created", readonly=True)] = None
    updated_by: Annotated[Text, Def(T.PERSON, "who changed it last", readonly=True)] = None
    updated_at: Annotated[Text, Def(T.INSTANT, "when it was changed last", readonly=True)] = None
    custom: dict[str, Any] = Field(default_factory=dict)
    """Fields of your own: a mapping calls them `custom.<name>` and says their type."""
