"""The typed shape of a mapping file: which kind lives in which record type, and which field is which.

A mapping speaks in the names people see; `syncer.mapping.compile` turns them into ids. Pure.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from syncer.mapping.rules import Direction
from syncer.record import FieldType

Scalar: TypeAlias = str | int | float | bool | None


class Spec(BaseModel):
    """A part of a configuration file: an unknown key is an error, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _policy(value: Any) -> Any:
    """Read the short forms `hold`, `newest`, `owner: side` (also as one string)."""
    if isinstance(value, str):
        word, colon, side = value.partition(":")
        return {word.strip(): side.strip()} if colon else {"how": value.strip()}
    return value


class PolicySpec(Spec):
    """What settles a conflict: hold, newest, {owner: side} or {prefer: [side, …]}."""

    how: Literal["hold", "newest"] | None = Field(None, description="`hold` asks a person; `newest` takes the latest.")
    owner: str | None = Field(None, description="The side whose word wins.")
    prefer: tuple[str, ...] = Field((), description="Sides in order of preference.")

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "examples": ["hold", "newest", "owner: backlog"]}, handler(core)]}


Policy = Annotated[PolicySpec, BeforeValidator(_policy)]


def _field_map(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else value


def _many(value: Any) -> Any:
    """Let a single value stand for a list of one."""
    return value if isinstance(value, list | tuple) else [value]


Options = Annotated[tuple[Scalar, ...], BeforeValidator(_many, json_schema_input_type=Scalar | list[Scalar])]


class FieldMap(Spec):
    """One item field on this side. A name alone, `title: Summary`, is short for `title: {field: Summary}`."""

    field: str = Field(description="The side's field, by its display name or its id.")
    values: dict[str, Options] = Field(
        default_factory=dict,
        description="Our value → the side's option, or a list: the first is written, all of them read as ours.",
    )
    read: dict[str, str] = Field(
        default_factory=dict,
        description="The side's option → our value, where several of ours share that option.",
    )
    direction: Direction = Field(
        Direction.BOTH,
        description="`in`: heard, never written. `out`: written; an edit there is put back. `compare`: only reported.",
    )
    default: Any = Field(None, description="What a new record gets here where the item has no value.")
    policy: Policy | None = Field(None, description="What settles a conflict about this field.")
    part: Literal["start", "end"] | None = Field(None, description="Which end of a date range this is.")
    type: FieldType | None = Field(None, description="Of a `custom.` field: what it holds.")
    optional: bool = Field(
        False, description="True: where the side has no such field, it is left out (an export omits empty columns)."
    )
    currency: str | None = Field(None, description="Of money in a plain number: the currency of that number.")
    format: str | None = Field(None, description="Of a text in a plain field: `plain` or `markdown`.")

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "description": "The side's field."}, handler(core)]}


class Negation(Spec):
    """Turns a condition round: `{not: [dropped]}`; `{not: null}` means that there is a value."""

    values: Options = Field(alias="not")


Test = Annotated[Negation | Scalar | tuple[Scalar, ...], Field(union_mode="left_to_right")]


class KindSpec(Spec):
    """How one kind of item lives in this collection."""

    record: Annotated[tuple[str, ...], BeforeValidator(_many, json_schema_input_type=str | list[str])] = Field(
        (),
        description="The record type, by name or id, or several: new ones are of the first.",
    )
    when: dict[str, Options] = Field(
        default_factory=dict,
        max_length=1,
        description="A record field and the values that make a record this kind, where its type does not tell.",
    )
    where: dict[str, Test] = Field(
        default_factory=dict, description="Items that belong here, by item field: a value, a list, or {not: …}."
    )
    births: bool | dict[str, Test] = Field(
        True, description="New records here become items: true, false, or the conditions under which they do."
    )
    creates: bool = Field(True, description="New items are created here.")
    match: tuple[str, ...] = Field(("title",), description="Item fields that tell, at first contact, that two are one.")
    key: str = Field("", description="An item field that identifies an item for certain.")
    required: tuple[str, ...] = Field(("title",), description="Item fields without which nothing is born or created.")
    archive: dict[str, Scalar] = Field(
        default_factory=dict, max_length=1, description="A record field and the value that it gets on removal."
    )
    fields: dict[str, Annotated[FieldMap, BeforeValidator(_field_map)]] = Field(
        min_length=1, description="Item field → the side's field."
    )


class MappingSpec(Spec):
    """A mapping file: one collection's kinds and fields."""

    format: Literal[1] = Field(description="The version of the mapping language.")
    kinds: dict[str, KindSpec] = Field(min_length=1, description="Item kind → how it lives in this collection.")
