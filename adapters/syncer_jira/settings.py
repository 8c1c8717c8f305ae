"""What syncer.yaml may say of Jira."""

from __future__ import annotations

import re

from pydantic import BaseModel, Field, field_validator

from syncer.adapter import Secret


class ConnectionSettings(BaseModel, extra="forbid"):
    """How to reach a Jira Cloud site."""

    url: str = Field(description="The site, https://NAME.atlassian.net, or its gateway address for a scoped token")
    user: str = Field(description="The e-mail address of the account")
    token: Secret = Field(description="Where the account's API token is kept")
    site: str = Field(default="", description="The site for links people follow, where `url` is the gateway")

    @field_validator("url")
    @classmethod
    def _is_web(cls, value: str) -> str:
        if not re.match(r"https?://[^/]", value):
            raise ValueError("must begin with https://")
        return value.rstrip("/")


class CollectionSettings(BaseModel, extra="forbid"):
    """Which issues take part."""

    project: str = Field(description="The project's key")
    jql: str = Field(default="", description="A further JQL clause that issues must meet to take part")
    types: list[str] = Field(default_factory=list, description="Names or ids of issue types; empty for all")
    archive_status: str = Field(default="", description="Name or id of the status of removed issues; empty: a label")
    notify: bool = Field(default=True, description="Let Jira e-mail people about our edits; off needs project admin")

    @field_validator("project")
    @classmethod
    def _is_key(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_]+", value):
            raise ValueError("must be a project key, like ABC")
        return value

    @field_validator("jql")
    @classmethod
    def _is_clause(cls, value: str) -> str:
        if re.search(r"\border\s+by\b", value, re.I):
            raise ValueError("must be a clause without ORDER BY")
        return value
