"""Writes the first page's tables of what each system can do, from the adapters themselves, opened on stand-ins.

Run `python -m tests.docs.capabilities` after a change of an adapter or of a shipped mapping.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import openpyxl
from syncer_grid.settings import ColumnType
from syncer_jira.fields import CUSTOM_SHAPES
from syncer_jira.sandbox.server import JiraSandbox
from syncer_notion.sandbox.seed import BOT_TOKEN
from syncer_notion.sandbox.server import NotionSandbox

from syncer.adapter import Can, Traits
from syncer.mapping.load import read_yaml, validate
from syncer.mapping.rules import Direction
from syncer.mapping.spec import MappingSpec
from syncer.model.kinds import KINDS
from syncer.record import FieldType, Schema
from syncer.registry import systems
from syncer.transport import Transport
from tests.docs.pages import ROOT
from tests.jira import conftest as jira
from tests.notion import conftest as notion

PAGE = ROOT / "README.md"
MARKED = re.compile(r"(?<=<!-- capabilities -->\n).*?(?=<!-- /capabilities -->)", re.DOTALL)
TYPES: tuple[str, ...] = get_args(ColumnType)
ABILITIES = {
    Can.CREATE: "makes new records",
    Can.UPDATE: "writes fields",
    Can.ARCHIVE: "takes records out of sight, never deletes",
    Can.RESTORE: "brings them back",
    Can.TAG_IN_CREATE: "an interrupted create is found again",
    Can.FEED: "where nothing changed, one listing tells",
    Can.TELLS_EDITOR: "says who edited last",
    Can.TELLS_HISTORY: "says who edited each field last",
    Can.TELLS_OVERWRITTEN: "what a person wrote while we did is found, and put back",
}


@dataclass(frozen=True)
class Side:
    """A system's title, and what one collection of it says of itself."""

    title: str
    traits: Traits
    schema: Schema


@contextmanager
def opened(
    system: str, connection: Mapping[str, Any], collection: Mapping[str, Any], token: str = ""
) -> Iterator[Side]:
    """Open a collection as a configuration would."""
    found = systems()[system]
    settings = found.ConnectionSettings.model_validate(connection)
    made = found.connect(settings, {"token": token} if token else {}, Transport(name=system, write=True, timeout=30))
    try:
        adapter = made.open(found.CollectionSettings.model_validate(collection))
        yield Side(found.title, adapter.traits, adapter.schema())
    finally:
        made.close()


def look() -> dict[str, Side]:
    """Return every system, as it shows itself on its stand-in or on a file with a column of each type."""
    fields = [{"id": f"customfield_{n}", "name": k, "custom": k} for n, k in enumerate(CUSTOM_SHAPES, 20000)]
    boxes = {"jira": JiraSandbox({**jira.SEED, "issues": [], "fields": fields}), "notion": NotionSandbox(notion.SEED)}
    urls = {name: box.start() for name, box in boxes.items()}
    token = {"env": "TOKEN"}
    columns = {"columns": {name: {"type": name} for name in TYPES}}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as after:
        for box in boxes.values():
            after.callback(box.stop)
        (Path(folder) / "a.csv").write_text(",".join(TYPES) + "\n", encoding="utf-8")
        book = openpyxl.Workbook()
        book.worksheets[0].append(TYPES)
        book.save(Path(folder) / "a.xlsx")
        source = next(s["id"] for s in boxes["notion"].state.sources.values() if s["name"] == "Features")
        wanted: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
            (
                "jira",
                {"url": urls["jira"], "user": "robot@example.com", "token": token},
                {"project": "SHOP"},
                jira.TOKEN,
            ),
            ("notion", {"url": urls["notion"], "token": token}, {"data_source": source}, BOT_TOKEN),
            ("xlsx", {"path": f"{folder}/a.xlsx"}, {"sheet": "Sheet", **columns}, ""),
            ("csv", {"path": f"{folder}/a.csv"}, columns, ""),
        ]
        found = {}
        for system, connection, collection, secret in wanted:
            with opened(system, connection, collection, secret) as side:
                found[system] = side
    return found


def tables(sides: Mapping[str, Side]) -> str:
    """Return the tables: abilities, field types, and kinds by the mappings we ship."""
    head = [f"| | {' | '.join(side.title for side in sides.values())} |", "|---|" + "---|" * len(sides)]
    able = [[text, *("✓" if can in s.traits.can else "" for s in sides.values())] for can, text in ABILITIES.items()]
    able.append(
        ["writing there notifies people", *("yes" if s.traits.sends_notifications else "" for s in sides.values())]
    )
    typed = [[f"`{type}`", *(carried(side.schema, type) for side in sides.values())] for type in FieldType]
    return f"""{lines(head, able)}

Kinds, by the mappings in `mappings/`; a mapping of yours may carry any kind of `docs/model.md` in any of them.

{lines(head, kinds(sides))}

<details><summary>Field types: ✓ read and written, <i>read</i> only read</summary>

{lines(head, typed)}

</details>
"""


def lines(head: list[str], cells: list[list[str]]) -> str:
    """Return a table; a row that is empty everywhere is left out."""
    return "\n".join([*head, *(f"| {' | '.join(cell or '–' for cell in row)} |" for row in cells if any(row[1:]))])


def carried(schema: Schema, type: FieldType) -> str:
    """Say how a collection carries a type of field."""
    specs = [spec for record in schema.types.values() for spec in record.fields.values() if spec.type == type]
    return "✓" if any(spec.writable or spec.on_create for spec in specs) else "*read*" if specs else ""


def kinds(sides: Mapping[str, Side]) -> list[list[str]]:
    """Return a row for each kind that a shipped mapping carries: how many fields, and in which file."""
    cells = {kind: dict.fromkeys(sides, "") for kind in KINDS}
    for path in sorted((ROOT / "mappings").glob("*.yaml")):
        source = read_yaml(path)
        spec = validate(MappingSpec, source.data, source)
        assert spec is not None, source.problems
        system = next(word for word in reversed(path.stem.split("-")) if word in sides)
        for kind, block in spec.kinds.items():
            heard = all(f.direction is Direction.IN for n, f in block.fields.items() if n != "title")
            told = f"[{len(block.fields)} fields](mappings/{path.name}){', *read*' if heard else ''}"
            cells[kind][system] = ", ".join(filter(None, [cells[kind][system], told]))
    return [[kind, *row.values()] for kind, row in cells.items()]


def rewritten(page: str, tables: str) -> str:
    """Return the page with these tables in their place."""
    return MARKED.sub(lambda _: tables, page)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), tables(look())), encoding="utf-8")
