"""The typed shape of `syncer.yaml`. What belongs to one system is checked by that system's own settings. Pure."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from syncer.mapping.spec import Policy, PolicySpec, Spec
from syncer.model.item import STATUSES, Category


class ConnectionSpec(Spec):
    """One account at one address; what else it takes is the system's own."""

    model_config = ConfigDict(extra="allow", frozen=True)

    system: str = Field(description="Which system it is.")
    access: Literal["read", "write"] = Field("read", description="`read`: nothing is ever written there.")
    rate: float | None = Field(None, gt=0, description="At most so many requests a minute.")


class CollectionSpec(Spec):
    """One place that takes part; what else it takes is the system's own."""

    model_config = ConfigDict(extra="allow", frozen=True)

    connection: str = Field(description="The connection it is reached by.")
    mapping: str = Field(description="The mapping file, relative to this one.")
    removal: Literal["archive", "unlink", "recreate", "ask"] = Field(
        "archive", description="What becomes of an item whose record was removed here."
    )
    restricted: Literal["skip", "carry"] = Field(
        "skip", description="Whether records that fewer people may see are carried elsewhere."
    )
    settle: float = Field(0.0, ge=0, description="Seconds of quiet before a new record becomes an item.")


class PersonSpec(Spec):
    """One human, under one e-mail address."""

    name: str = Field("", description="The name that is written where people are plain names.")
    aliases: tuple[str, ...] = Field((), description="Other e-mail addresses and written names of the same person.")
    accounts: dict[str, str] = Field(default_factory=dict, description="Connection → account id or name.")


class PoliciesSpec(Spec):
    """What settles conflicts: a default, and exceptions by `kind.field`, `kind.*` or `*.field`."""

    default: Policy = Field(PolicySpec(how="hold"), description="Where nothing else is said.")
    fields: dict[str, Policy] = Field(default_factory=dict, description="`feature.status: owner: roadmap`.")


class GuardsSpec(Spec):
    """What stops a plan."""

    max_writes: int = Field(1000, ge=0, description="More writes than this in one run.")
    max_removals: int = Field(5, ge=0, description="More removals than this in one run.")
    max_removal_share: float = Field(0.2, ge=0, le=1, description="A larger share of a side's items removed.")
    max_went_back: int = Field(5, ge=0, description="More records of a side that show an older state than before.")
    max_config_writes: int = Field(20, ge=0, description="More writes that only a changed configuration causes.")


SEVERITIES = ("off", "note", "warning", "error")
"""How much a finding of `syncer lint` weighs, the least first; a note does not change its exit code."""


def _severity(value: Any) -> Any:
    return "off" if value is False else value  # `off`, as YAML 1.1 reads it


Severity = Annotated[Literal["off", "note", "warning", "error"], BeforeValidator(_severity)]


class LintSpec(Spec):
    """What `syncer lint` looks for, and how much each finding weighs."""

    story_without_acceptance: Severity = Field("warning", description="A story nobody could tell to be finished.")
    done_with_open_parts: Severity = Field("error", description="Something done, with parts that are not.")
    starts_after_due: Severity = Field("error", description="Something that begins after it ends.")
    due_after_release: Severity = Field("error", description="Something due after the release it ships in.")
    outside_sprint: Severity = Field("warning", description="A date outside the sprint it belongs to.")
    feature_without_goal: Severity = Field("warning", description="A feature that serves no goal.")
    open_in_closed_sprint: Severity = Field("warning", description="Open work in a sprint that is over.")
    orphan: Severity = Field("note", description="A part of nothing, or of something removed.")
    mentions_removed: Severity = Field("warning", description="A reference, link or key that leads to a removed item.")


class ProfileSpec(Spec):
    """The same product on other collections, with a store of its own. Given values replace, the rest stays."""

    store: str | None = Field(None, description="Its store; by default .syncer/<product>-<profile>.db.")
    connections: dict[str, dict[str, Any]] = Field(default_factory=dict, description="Settings to replace.")
    collections: dict[str, dict[str, Any]] = Field(default_factory=dict, description="Settings to replace.")


def _seconds(value: Any) -> Any:
    """Read `24h`, `30m`, `90s` or plain seconds."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if isinstance(value, str) and value[-1:] in units and value[:-1].strip().replace(".", "", 1).isdigit():
        return float(value[:-1]) * units[value[-1]]
    return value


def _age(value: Any) -> Any:
    """Read `180d`, `26w`, `6 months` or `2y`; a month is 30 days, a year 365."""
    match = re.fullmatch(r"(\d{1,5}) ?(d|days?|w|weeks?|months?|y|years?)", str(value).strip())
    if value is None or match is None:
        raise ValueError("this is no age: write 180d, 26w, 6 months or 2y")
    return float(match[1]) * {"d": 86400, "w": 7 * 86400, "m": 30 * 86400, "y": 365 * 86400}[match[2][0]]


class ProductSpec(Spec):
    """`syncer.yaml`: one product, and where it lives."""

    format: Literal[1] = Field(description="The version of the configuration language.")
    product: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="The product's short name.")
    store: str | None = Field(None, description="Where what was agreed is remembered; default .syncer/<product>.db.")
    connections: dict[str, ConnectionSpec] = Field(min_length=1, description="Name → connection.")
    collections: dict[str, CollectionSpec] = Field(min_length=1, description="Name → collection: these are the sides.")
    people: dict[str, PersonSpec] = Field(default_factory=dict, description="E-mail address → person.")
    statuses: dict[str, Category] = Field(
        default_factory=lambda: dict(STATUSES), min_length=1, description="The product's statuses → their category."
    )
    policies: PoliciesSpec = Field(default_factory=PoliciesSpec, description="What settles conflicts.")
    guards: GuardsSpec = Field(default_factory=GuardsSpec, description="What stops a plan.")
    lint: LintSpec = Field(default_factory=LintSpec, description="What `syncer lint` looks for.")
    keep: Annotated[float | None, BeforeValidator(_age, json_schema_input_type=str)] = Field(
        None, ge=86400, description="How long the journal is kept: 180d. Without it, for ever. Undo reaches as far."
    )
    full_every: Annotated[float, BeforeValidator(_seconds, json_schema_input_type=float | str)] = Field(
        86400.0, gt=0, description="How old the last complete listing may be: seconds, or 24h, 30m."
    )
    profiles: dict[str, ProfileSpec] = Field(default_factory=dict, description="Name → what differs.")
