"""The settings that every sheet takes: where its header is, what identifies a row, what its columns hold."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, field_validator

ColumnType = Literal[
    "line", "document", "choice", "number", "money", "date", "instant", "period", "flag", "set", "sequence",
    "person", "people", "reference", "references", "url",
]  # fmt: skip


class ColumnSettings(BaseModel, extra="forbid", frozen=True):
    """What one column holds, where the cells alone do not tell."""

    type: ColumnType = Field("line", description="What the cells hold; text as it stands by default.")
    options: tuple[str, ...] = Field((), description="For `choice` and `set`: the values that may be written.")
    format: str = Field(
        "",
        description="For `date` and `instant` written as text: the strptime pattern (default ISO 8601). "
        "For `document`: the text format (default `plain`).",
    )
    separator: str = Field(",", min_length=1, description="For `set`, `people`, `references`: between the elements.")
    decimal: Literal[".", ","] = Field(".", description="For `number` and `money` written as text: the decimal mark.")
    currency: str = Field("EUR", description="For `money`: the currency that the amounts are in.")
    zone: str = Field("UTC", description="For `instant`: the time zone that the cells are written in.")
    yes: str = Field("TRUE", description="For `flag` written as text: how yes is written.")
    no: str = Field("FALSE", description="For `flag` written as text: how no is written.")
    writable: bool = Field(True, description="False: the column is read and never written.")
    required: bool = Field(False, description="True: a new row must have a value here.")
    take: Literal["", "last"] = Field(
        "", description="Of several columns of one name: `last` reads the last one that holds anything, as one value."
    )

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone is called {zone!r}; write it like Europe/Berlin") from error
        return zone


class GridSettings(BaseModel, extra="forbid", frozen=True):
    """One sheet, as a collection."""

    header_row: int = Field(1, ge=1, description="The row that has the column names; rows above it are left alone.")
    id_column: str = Field(
        "Syncer ID",
        min_length=1,
        description="The column that identifies a row. It is added as the last one by the first write.",
    )
    key_only: bool = Field(
        False,
        description="True: `id_column` is a column of yours that identifies rows already (an issue key). "
        "It is never written, and no rows are created.",
    )
    repeated: Literal["error", "join"] = Field(
        "error", description="Several columns of one name: an error, or `join` them into one set of values."
    )
    read_only: bool = Field(
        False, description="True: the sheet is another tool's export. It is read and never written, whatever is typed."
    )
    columns: dict[str, ColumnSettings] = Field(default_factory=dict, description="What columns hold, by name.")
