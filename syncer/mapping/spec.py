"""What may stand in `syncer.yaml` and in a mapping file. Each class is one block of YAML.

System-specific settings stand beside ours; they are checked against the system's own settings class by `load`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1

Names = Annotated[list[str], Field(default_factory=list)]


class Block(BaseModel):
    """A block in which unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Open(BaseModel):
    """A block that may hold a system's own settings beside ours."""

    model_config = ConfigDict(extra="allow", frozen=True)


class ConnectionSpec(Open):
    """One account at one system."""

    system: str = Field(description="The kind of system: one that `syncer check` knows an adapter for.")
    access: Literal["read", "write"] = Field("read", description="`read`: nothing is ever sent that could write.")
    rate: float | None = Field(None, gt=0, description="Requests a minute to keep to.")


class CollectionSpec(Open):
    """One place that takes part."""

    connection: str
    mapping: str = Field(description="The mapping file, relative to this one.")
    removal: Literal["archive", "unlink", "recreate", "ask"] = "archive"
    restricted: Literal["skip", "carry"] = "skip"


class PersonSpec(Block):
    """One human, known by e-mail, with what they are called elsewhere."""

    name: str = ""
    aliases: Names
    accounts: dict[str, str] = Field(default_factory=dict, description="connection → account id, or written name")


class PolicySpec(Block):
    """What settles a conflict about a field: one of these."""

    owner: str | None = None
    prefer: list[str] | None = None
    hold: bool | None = None
    newest: bool | None = None


class PoliciesSpec(Block):
    """Policies: a default, and exceptions by `kind.field`, `*.field` or `kind.*`."""

    default: PolicySpec | Literal["hold", "newest"] = "hold"
    fields: dict[str, PolicySpec | Literal["hold", "newest"]] = Field(default_factory=dict)


class GuardsSpec(Block):
    """What stops a plan."""

    max_writes: int = Field(1000, ge=1)
    max_removals: int = Field(5, ge=0)
    max_removal_share: float = Field(0.2, ge=0, le=1)
    max_config_writes: int = Field(20, ge=0)


class ProfileSpec(Block):
    """The same mappings over other collections, with a store of its own."""

    store: str
    connections: dict[str, dict[str, Any]] = Field(default_factory=dict)
    collections: dict[str, dict[str, Any]] = Field(default_factory=dict)


class ConfigSpec(Block):
    """`syncer.yaml`."""

    format: Literal[1]
    product: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    store: str | None = None
    connections: dict[str, ConnectionSpec]
    collections: dict[str, CollectionSpec]
    people: dict[str, PersonSpec] = Field(default_factory=dict)
    policies: PoliciesSpec = PoliciesSpec()
    guards: GuardsSpec = GuardsSpec()
    full_every: float = Field(24.0, gt=0, description="Hours between listings of everything.")
    profiles: dict[str, ProfileSpec] = Field(default_factory=dict)


class FieldSpecBlock(Block):
    """One field of a kind in a collection."""

    field: str = Field(description="The record field, by display name or id.")
    values: dict[str, str | list[str]] | None = Field(None, description="item value → option(s); the first is written")
    read: dict[str, str] = Field(default_factory=dict, description="option → item value, where several share it")
    direction: Literal["both", "in", "out", "compare"] = "both"
    part: Literal["", "start", "end"] = Field("", description="Which end of a period.")
    default: Any = None


class KindSpec(Block):
    """How one kind of item lives in this collection."""

    record: str | None = Field(None, description="The type of record, by name or id; needed where there are several.")
    when: dict[str, str | list[str]] = Field(default_factory=dict, description="Record fields that make it this kind.")
    where: dict[str, str | list[str]] = Field(default_factory=dict, description="Items that live here.")
    match: list[str] = Field(default_factory=lambda: ["title"])
    key: str = ""
    births: bool = Field(True, description="New records here become items.")
    creates: bool = Field(True, description="New items are created here.")
    fields: dict[str, str | FieldSpecBlock]


class MappingSpec(Block):
    """A mapping file."""

    format: Literal[1]
    kinds: dict[str, KindSpec]
