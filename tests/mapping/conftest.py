"""A system, a schema and a configuration for tests of the mapping language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, Field

from syncer.adapter import Secret
from syncer.mapping.config import Config, load_config
from syncer.record import FieldSpec, FieldType, Option, RecordType, Schema

YAML = """\
format: 1
product: trailhead
connections:
  here:
    system: tracker
    token: {env: TRACKER_TOKEN}
    folder: data
collections:
  backlog:
    connection: here
    project: TH
    mapping: backlog.yaml
people:
  Ann@example.com: {name: Ann, aliases: [ann.b@example.com], accounts: {here: a1}}
profiles:
  trial:
    collections:
      backlog: {project: TRY}
"""
MAPPING = """\
format: 1
kinds:
  story:
    record: Story
    fields:
      title: Summary
      status:
        field: Status
        values: {idea: To Do, planned: To Do, doing: Doing, done: [Done, Closed]}
"""


class Tracker:
    """A system that is never connected to."""

    name: ClassVar[str] = "tracker"
    title: ClassVar[str] = "Tracker"

    class ConnectionSettings(BaseModel, extra="forbid"):
        """Where it is."""

        token: Secret = Field(description="Its token.")
        folder: Path = Field(Path(), description="Its files.")

    class CollectionSettings(BaseModel, extra="forbid"):
        """Which project."""

        project: str = Field(description="Its key.")

    @staticmethod
    def connect(settings: Any, secrets: Any, transport: Any) -> Any:
        raise NotImplementedError


OPTIONS = tuple(Option(str(n), name) for n, name in enumerate(["To Do", "Doing", "Done", "Closed"], 10))


def schema(*extra: FieldSpec) -> Schema:
    """Return the schema of one project with one type."""
    fields = [
        FieldSpec("summary", "Summary", FieldType.LINE, required=True),
        FieldSpec("status", "Status", FieldType.CHOICE, options=OPTIONS),
        *extra,
    ]
    return Schema({"1": RecordType("1", "Story", {f.id: f for f in fields})})


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Config]:
    """Load a configuration of these texts."""

    def loaded(config: str = YAML, mapping: str = MAPPING, profile: str | None = None, called: str = "") -> Config:
        (tmp_path / "syncer.yaml").write_text(config, encoding="utf-8")
        (tmp_path / "backlog.yaml").write_text(mapping, encoding="utf-8")
        return load_config(Path(called) if called else tmp_path / "syncer.yaml", profile, systems={"tracker": Tracker})

    return loaded


@pytest.fixture
def make_schema() -> Callable[..., Schema]:
    """Give the maker of a schema."""
    return schema


@pytest.fixture
def texts() -> tuple[str, str]:
    """The configuration and the mapping that `load` loads by default."""
    return YAML, MAPPING
