"""The shipped mappings of Jira and Notion fit what the sandboxes, asked through the adapters, say they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from syncer_jira.adapter import JiraSystem
from syncer_jira.sandbox.server import JiraSandbox
from syncer_notion.adapter import NotionSystem
from syncer_notion.sandbox.seed import BOT_TOKEN
from syncer_notion.sandbox.server import NotionSandbox

from syncer.mapping.compile import compile_side
from syncer.mapping.config import Config
from syncer.mapping.load import read_yaml, validate
from syncer.mapping.spec import MappingSpec
from syncer.mapping.verify import definition
from syncer.model.kinds import KINDS
from syncer.record import FieldType, Schema
from syncer.transport import Transport

SHIPPED = Path(__file__).parents[2] / "mappings"
WORKFLOW = {
    "new": ["To Do", "Open", "Backlog", "Selected for Development"],
    "indeterminate": ["In Progress", "In Review"],
    "done": ["Done", "Closed", "Resolved", "Won't Do"],
}
STATUSES = [{"name": name, "category": category} for category, names in WORKFLOW.items() for name in names]
JIRA = {
    "projects": [
        {
            "key": "SHOP",
            "statuses": [{"id": str(n), **status} for n, status in enumerate(STATUSES, 1)],
            "sprints": [{"id": 7, "name": "Sprint 7"}],
        }
    ]
}


def choice(*names: str, kind: str = "select") -> dict[str, Any]:
    """Return a property's configuration with these options."""
    return {kind: {"options": list(names)}}


def status(todo: list[str], doing: list[str], done: list[str]) -> dict[str, Any]:
    """Return a status property's configuration."""
    return {"status": {"groups": {"To-do": todo, "In progress": doing, "Complete": done}}}


PRIORITY = choice("Highest", "High", "Medium", "Low", "Lowest")
FEATURES = {
    "Name": "title",
    "Status": status(
        ["Idea", "Planned", "Not started"], ["In progress", "Building", "Beta"], ["Shipped", "Done", "Dropped"]
    ),
    "Owner": "people",
    "Team": choice("Web"),
    "Tags": choice("api", kind="multi_select"),
    "Goals": {"relation": {"data_source": "Goals"}},
    "Dates": "date",
    "Horizon": choice("Now", "Next", "Later"),
    **dict.fromkeys(("Reach", "Impact", "Confidence", "Effort", "RICE", "Votes"), "number"),
    "MoSCoW": choice("Must", "Should", "Could", "Won't"),
    "Kano": choice("Must-be", "Performance", "Attractive", "Indifferent", "Reverse"),
}
GOALS = {
    "Name": "title",
    "Objective": "rich_text",
    "Status": status(["Not started"], ["In progress"], ["Done", "Dropped"]),
    "Owner": "people",
    "Period": "date",
}
BACKLOG = {
    "Name": "title",
    "Type": choice("Epic", "Story", "Task", "Subtask", "Bug"),
    "Status": status(["Idea", "To do"], ["In progress", "In review"], ["Done", "Dropped"]),
    "Priority": PRIORITY,
    "Owner": "people",
    "Labels": choice("api", kind="multi_select"),
    "Start": "date",
    "Due": "date",
    "Parent": {"relation": {"data_source": "Backlog"}},
    "Points": "number",
    "Sprint": choice("Sprint 7"),
}
SOURCES = {"notion-features": FEATURES, "notion-goals": GOALS, "notion-backlog": BACKLOG}


@pytest.fixture(scope="module")
def jira() -> Iterator[Schema]:
    with JiraSandbox(JIRA, rate=0) as box:
        given = {"url": box.url, "user": "robot@example.com", "token": {"env": "T"}}
        settings = JiraSystem.ConnectionSettings.model_validate(given)
        connection = JiraSystem.connect(settings, {"token": "robot-token"}, Transport(name="jira"))
        yield connection.open(JiraSystem.CollectionSettings.model_validate({"project": "SHOP"})).schema()
        connection.close()


@pytest.fixture(scope="module")
def notion() -> Iterator[dict[str, Schema]]:
    names = {"notion-features": "Features", "notion-goals": "Goals", "notion-backlog": "Backlog"}
    sources = [{"name": names[key], "properties": properties} for key, properties in SOURCES.items()]
    users = [{"name": "Syncer", "type": "bot", "token": BOT_TOKEN}]
    with NotionSandbox({"users": users, "data_sources": sources}, rate=0) as box:
        settings = NotionSystem.ConnectionSettings.model_validate({"token": {"env": "T"}, "url": box.url})
        connection = NotionSystem.connect(settings, {"token": BOT_TOKEN}, Transport(name="notion"))
        assert isinstance(box, NotionSandbox)
        ids = {source["name"]: source["id"] for source in box.state.sources.values()}
        yield {
            key: connection.open(NotionSystem.CollectionSettings.model_validate({"data_source": ids[name]})).schema()
            for key, name in names.items()
        }
        connection.close()


def complaints(load: Callable[..., Config], name: str, schema: Schema) -> list[str]:
    """Return everything that does not fit."""
    config = load(mapping=(SHIPPED / f"{name}.yaml").read_text("utf-8"))
    rules, problems = compile_side(config, "backlog", schema)
    assert rules.kinds
    return [str(problem) for problem in problems]


def test_every_mapping_of_these_systems_is_tried() -> None:
    found = {path.stem for path in SHIPPED.glob("*.yaml") if path.stem.startswith(("jira-", "notion-"))}

    assert found - {"jira-csv"} == {"jira-backlog", *SOURCES}


def test_the_mapping_of_a_jira_project_fits_a_live_one(load: Callable[..., Config], jira: Schema) -> None:
    assert complaints(load, "jira-backlog", jira) == []


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_mapping_of_notion_fits_a_live_data_source(
    load: Callable[..., Config], notion: dict[str, Schema], name: str
) -> None:
    assert complaints(load, name, notion[name]) == []


def test_what_no_shipped_mapping_carries_yet_is_named_here() -> None:
    kinds: set[str] = set()
    types: set[FieldType] = set()
    for path in sorted(SHIPPED.glob("*.yaml")):
        source = read_yaml(path)
        spec = validate(MappingSpec, source.data, source)
        assert spec is not None
        for kind, block in spec.kinds.items():
            kinds.add(kind)
            types |= {known.type for name, entry in block.fields.items() if (known := definition(kind, name, entry))}

    assert sorted(set(KINDS) - kinds) == [
        "attachment", "comment", "competitor", "document", "experiment", "feedback", "initiative", "metric", "person",
        "persona", "product", "release", "risk", "sprint", "team",
    ]  # fmt: skip
    assert sorted(set(FieldType) - types) == ["flag", "money", "people", "sequence", "table", "url"]
