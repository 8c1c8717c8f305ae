"""What the canonical product knows about a field, and the shorthand its classes are written in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from syncer.record import FieldType

Text: TypeAlias = str | None
Number: TypeAlias = int | float | None
Flag: TypeAlias = bool | None
Many: TypeAlias = list[str] | None
Tree: TypeAlias = dict[str, Any] | None
Rows: TypeAlias = list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Def:
    """Annotates a field of a kind.

    `choices`: the only values of a choice; empty means that any name will do. `targets`: the kinds a reference may
    point to; empty means any. `readonly`: read from a side, never written. `derived`: computed after the merge,
    goes out only.
    """

    type: FieldType
    about: str = ""
    choices: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    readonly: bool = False
    derived: bool = False


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One field of a kind, as the mapping language and the documentation see it."""

    name: str
    type: FieldType
    title: str
    choices: tuple[str, ...] = ()
    readonly: bool = False
    derived: bool = False
    targets: tuple[str, ...] = ()
    about: str = ""


PYTHON: Mapping[FieldType, object] = {
    FieldType.LINE: Text,
    FieldType.URL: Text,
    FieldType.CHOICE: Text,
    FieldType.DATE: Text,
    FieldType.INSTANT: Text,
    FieldType.PERSON: Text,
    FieldType.REFERENCE: Text,
    FieldType.DOCUMENT: Tree,
    FieldType.MONEY: Tree,
    FieldType.PERIOD: Tree,
    FieldType.NUMBER: Number,
    FieldType.FLAG: Flag,
    FieldType.SET: Many,
    FieldType.PEOPLE: Many,
    FieldType.REFERENCES: Many,
    FieldType.SEQUENCE: Rows,
    FieldType.TABLE: Rows,
}
"""The Python type that a value of each field type has in a kind's class."""
