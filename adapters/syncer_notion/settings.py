"""What syncer.yaml may say of Notion."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from syncer.adapter import Secret
from syncer_notion.client import ADDRESS


class ConnectionSettings(BaseModel, extra="forbid"):
    """One Notion connection."""

    token: Secret = Field(description="The connection's token (an internal connection or a personal access token).")
    url: str = Field(ADDRESS, description="Address of the API; another one only for the sandbox.")


class CollectionSettings(BaseModel, extra="forbid"):
    """One data source."""

    data_source: str = Field(description="Id of the data source: in its menu, “Copy data source ID”.")
    tag_property: str = Field(
        "Syncer ID", description="Name or id of the text property in which a row's tag is kept; hide it in your views."
    )
    filter: dict[str, Any] | None = Field(
        None, description="A Notion filter, as its API takes it: only rows that meet it can become items."
    )
