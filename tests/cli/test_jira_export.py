"""CSV files that Jira Cloud exported, carried into the Notion sandbox by the mappings we ship."""

from __future__ import annotations

import csv
import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

from tests.cli.conftest import Syncer, let_write, to_notion

MAPPINGS = Path(__file__).parents[2] / "mappings"
EXPORT = """\
Summary,Issue key,Issue id,Issue Type,Status,Priority,Assignee,Due date,Labels,Labels,Description,Sprint,Sprint,Parent,Custom field (Story point estimate)
Zahlung,S-1,10,Epic,In Progress,High,Ada Lovelace,,,,,,,,
Mit Karte,S-2,11,Story,Done,Medium,Nobody We Know,18/Sep/25 12:00 AM,web,b2b,"Eine Zeile.
Und noch eine, mit ""Komma"".",Sprint 1,Sprint 2,10,3
Sie stürzt ab,S-3,12,Bug,Won't Do,Lowest,,,,,,Sprint 1,,,
"""


def connect(syncer: Syncer, home: Path, notion: Any) -> None:
    """Follow the README: init recognises the export; then take the mappings we ship."""
    done = syncer(
        "init", "--product", "shop", "--connection", "jira=csv:path=Jira.csv", "--connection", to_notion(notion),
        "--collection", "export=jira", "--collection", "backlog=notion:Backlog",
    )  # fmt: skip
    assert done.code == 0, done.err
    shutil.copy(MAPPINGS / "jira-csv.yaml", home / "mappings" / "export.yaml")
    shutil.copy(MAPPINGS / "notion-backlog.yaml", home / "mappings" / "backlog.yaml")


def pages(notion: Any) -> list[dict[str, Any]]:
    """Return what the sandbox holds, as its own dump tells it: the values of each page, by property."""
    with urllib.request.urlopen(f"{notion.url}/_sandbox/dump", timeout=30) as answer:
        dump = json.loads(answer.read())
    found = []
    for page in dump["pages"]:
        values = {name: shown(prop) for name, prop in page["properties"].items()}
        found.append({**values, "id": page["id"], "body": json.dumps(page["body"], ensure_ascii=False)})
    return [page for page in found if page.get("Type")]


def shown(prop: dict[str, Any]) -> Any:
    value = prop[prop["type"]]
    match prop["type"]:
        case "title" | "rich_text":
            return "".join(run["plain_text"] for run in value)
        case "select" | "status":
            return value["name"] if value else None
        case "multi_select":
            return sorted(option["name"] for option in value)
        case "date":
            return value["start"] if value else None
        case "relation":
            return [entry["id"] for entry in value]
        case _:
            return value


def rows(path: Path) -> list[dict[str, str]]:
    """Return an export's rows; of several columns of one name, the last that holds anything."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *lines = list(csv.reader(file))
    return [
        {name: value for name, value in zip(header, line, strict=False) if value}
        | {"Type": line[header.index("Issue Type")]}
        for line in lines
    ]


def test_every_export_is_carried_row_by_row(bank: Path, syncer: Syncer, home: Path, notion, capsys) -> None:
    carried = checked = 0
    for path in sorted((bank / "spreadsheets" / "jira-csv").glob("*.csv")):
        shutil.copyfile(path, home / "Jira.csv")
        connect(syncer, home, notion)
        assert syncer("check", "--json").data["problems"] == []
        plan = syncer("plan", "--json").data
        created = {a["label"]: a for a in plan["actions"] if a["verb"] == "create" and a["side"] == "backlog"}
        wanted = rows(path)
        assert set(created) == {row["Summary"] for row in wanted}
        assert len(created) == len(plan["actions"])
        for row in wanted:
            values = {n: v for w in created[row["Summary"]]["writes"].values() for n, v in w["values"].items()}
            assert values["sprint"] == row.get("Sprint") if "Sprint" in row else "sprint" not in values
            assert ("due" in values) == ("Due date" in row)
            assert values["status"] in {"idea", "planned", "doing", "done"}
            checked += len(values)
        carried += len(created)
        shutil.rmtree(home / ".syncer")
        for name in ("syncer.yaml", "mappings/export.yaml", "mappings/backlog.yaml"):
            (home / name).unlink()
    with capsys.disabled():
        print(f" [{carried} rows, {checked} values of Jira Cloud exports planned]", end="")

    assert carried >= 48
    assert checked >= 180


def test_a_real_export_is_applied_and_read_back(bank: Path, syncer: Syncer, home: Path, notion) -> None:
    path = min((bank / "spreadsheets" / "jira-csv").glob("*.csv"), key=lambda p: p.stat().st_size)
    shutil.copyfile(path, home / "Jira.csv")
    before = path.read_bytes()
    connect(syncer, home, notion)
    let_write(home / "syncer.yaml", "notion")
    first, second = syncer("sync", "--json"), syncer("sync", "--json")
    found = {page["Name"]: page for page in pages(notion)}
    by_id = {row["Issue id"]: row["Summary"] for row in rows(path)}

    assert (first.code, second.code, second.data["done"]) == (0, 0, [])
    assert len(found) >= 20
    for row in rows(path):
        page = found[row["Summary"]]
        assert (page["Type"], page["Priority"], page["Sprint"]) == (row["Type"], row["Priority"], row.get("Sprint"))
        parent = by_id.get(row.get("Parent", ""))
        assert page["Parent"] == ([found[parent]["id"]] if parent else [])
    assert (home / "Jira.csv").read_bytes() == before


def test_what_an_export_can_hold_arrives(syncer: Syncer, home: Path, notion) -> None:
    (home / "Jira.csv").write_text(EXPORT, "utf-8")
    connect(syncer, home, notion)
    let_write(home / "syncer.yaml", "notion")
    assert syncer("sync").code == 0
    found = {page["Name"]: page for page in pages(notion)}

    card = found["Mit Karte"]
    assert (card["Status"], card["Due"], card["Labels"], card["Sprint"], card["Points"]) == (
        "Done", "2025-09-18", ["b2b", "web"], "Sprint 2", 3,
    )  # fmt: skip
    assert 'Und noch eine, mit \\"Komma\\".' in card["body"]
    assert card["Parent"] == [found["Zahlung"]["id"]]
    assert [u["id"] for u in found["Zahlung"]["Owner"]] == [
        u["id"] for u in notion.dump()["users"] if u["name"] == "Ada Lovelace"
    ]
    assert card["Owner"] == []
    assert (found["Sie stürzt ab"]["Type"], found["Sie stürzt ab"]["Status"]) == ("Bug", "Dropped")


def test_a_fresh_export_over_the_old_one_carries_what_changed(syncer: Syncer, home: Path, notion) -> None:
    (home / "Jira.csv").write_text(EXPORT, "utf-8")
    connect(syncer, home, notion)
    let_write(home / "syncer.yaml", "notion")
    syncer("sync")
    (home / "Jira.csv").write_text(EXPORT.replace("Mit Karte", "Mit jeder Karte"), "utf-8")
    done = syncer("sync", "--json").data["done"]

    assert [(a["verb"], a["side"], list(a["writes"])) for a in done] == [("update", "backlog", ["title"])]
    assert {"Mit jeder Karte", "Zahlung", "Sie stürzt ab"} == {page["Name"] for page in pages(notion)}


def test_an_export_with_two_columns_of_ids_is_refused(syncer: Syncer, home: Path) -> None:
    (home / "Jira.csv").write_text(EXPORT.replace("Labels", "Issue id", 1), "utf-8")
    done = syncer("init", "--product", "shop", "--connection", "jira=csv:path=Jira.csv")

    assert done.code == 2
    assert 'columns C and I are both called "Issue id"' in done.err
    assert not (home / "syncer.yaml").exists()
