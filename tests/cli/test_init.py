"""`syncer init`: from live systems to a first configuration that loads, checks clean and plans, or to nothing."""

from __future__ import annotations

import os
from pathlib import Path

import openpyxl
import pytest
from syncer_notion.sandbox.server import NotionSandbox
from typer.testing import CliRunner

from syncer.cli.main import app
from syncer.mapping.config import load_config
from syncer.record import Account
from syncer.setup.people import known_people
from tests.cli.conftest import Syncer, to_jira, to_notion


def written(home: Path) -> set[str]:
    return {str(p.relative_to(home)) for p in home.rglob("*") if p.is_file() and ".syncer" not in p.parts}


def test_the_first_configuration_of_four_systems_checks_clean(
    syncer: Syncer, home: Path, jira, notion, book, table
) -> None:
    done = syncer(
        "init", "--product", "trailhead",
        "--connection", to_jira(jira), "--connection", to_notion(notion),
        "--connection", "book=xlsx:path=roadmap.xlsx", "--connection", "csv:path=bugs.csv",
        "--collection", "backlog=jira:SHOP", "--collection", "roadmap=notion:Roadmap",
        "--collection", "plan=book:Roadmap", "--collection", "bugs=csv",
    )  # fmt: skip
    assert done.code == 0, done.err
    checked = syncer("check", "--json")

    assert {"syncer.yaml", *(f"mappings/{n}.yaml" for n in ("backlog", "roadmap", "plan", "bugs"))} <= written(home)
    assert (checked.code, checked.data["problems"]) == (0, [])
    config = load_config(home / "syncer.yaml")
    assert {c.access for c in config.connections.values()} == {"read"}
    kinds = {side: set(c.mapping.kinds) for side, c in config.collections.items()}
    assert kinds["backlog"] == {"epic", "story", "task", "bug", "subtask"}
    assert (kinds["roadmap"], kinds["plan"], kinds["bugs"]) == ({"feature"}, {"feature"}, {"bug"})
    plan = config.collections["plan"].mapping.kinds["feature"].fields
    assert {n: f.field for n, f in plan.items()} == {
        "title": "Feature", "status": "Status", "owner": "Owner", "start": "Start", "due": "Due", "reach": "Reach",
        "impact": "Impact", "confidence": "Confidence", "effort": "Effort", "score": "RICE",
    }  # fmt: skip
    assert plan["status"].values["doing"][0] == "In progress"
    assert "#   Mood" in (home / "mappings/plan.yaml").read_text("utf-8")
    assert config.policies["feature", "*"].owner in ("plan", "roadmap")
    assert config.policies["bug", "*"].owner == "backlog"


def test_nothing_is_written_anywhere_while_looking(syncer: Syncer, jira, notion) -> None:
    syncer(
        "init", "--product", "p", "--connection", to_jira(jira), "--connection", to_notion(notion),
        "--collection", "a=jira:SHOP", "--collection", "b=notion:Backlog",
    )  # fmt: skip

    calls = [f"{e.method} {e.path}" for e in [*jira.log, *notion.log]]
    assert len(calls) > 5
    assert [c for c in calls if not c.startswith("GET") and not c.endswith(("/search", "/search/jql"))] == []


def test_what_was_proposed_carries_a_row_from_side_to_side(syncer: Syncer, home: Path, notion, book) -> None:
    syncer(
        "init", "--product", "p", "--connection", to_notion(notion), "--connection", "xlsx:path=roadmap.xlsx",
        "--collection", "roadmap=notion:Roadmap", "--collection", "plan=xlsx:Roadmap",
    )  # fmt: skip
    text = (home / "syncer.yaml").read_text("utf-8")
    (home / "syncer.yaml").write_text(text.replace("access: read\n", "access: write\n"), "utf-8")
    assert syncer("sync").code == 0
    again = syncer("plan", "--json").data

    titles = [p["properties"]["Name"]["title"][0]["plain_text"] for p in notion.dump()["pages"]]
    assert sorted(titles) == ["Gear lists", "Night mode", "Offline maps", "Route sharing"]
    assert again["actions"] == []
    rows = {r[0]: r for r in openpyxl.load_workbook(book)["Roadmap"].iter_rows(values_only=True)}
    assert rows["Route sharing"][8] == 3, "the owner's word, and no conflict, where they disagreed at first contact"


def test_an_epic_can_be_a_feature_and_without_that_nothing_would_travel(
    syncer: Syncer, home: Path, jira, notion
) -> None:
    words = [
        "init", "--product", "p", "--connection", to_jira(jira), "--connection", to_notion(notion),
        "--collection", "backlog=jira:SHOP", "--collection", "roadmap=notion:Roadmap",
    ]  # fmt: skip
    apart = syncer(*words, "-c", "apart/syncer.yaml")
    syncer(*words, "--kind", "backlog:Epic=feature")
    plan = syncer("plan", "--json").data["actions"]

    assert "no kind lives on two sides" in apart.out and "--kind backlog:Epic=KIND" in apart.out
    assert load_config(home / "syncer.yaml").policies["feature", "*"].owner == "roadmap"
    created = {(a["side"], a["label"]) for a in plan if a["verb"] == "create"}
    assert created >= {("roadmap", "Checkout"), ("backlog", "Route sharing"), ("backlog", "Gear lists")}


def test_json_tells_what_was_written_and_what_is_open(syncer: Syncer, home: Path, table) -> None:
    table.write_text("Summary,Priority,Type\nOne,Hot,Bug\nTwo,Low,Wish\n", "utf-8")
    done = syncer("init", "--product", "p", "--connection", "csv:path=bugs.csv", "--json")

    assert done.data["written"] == ["mappings/csv.yaml", "syncer.yaml"]
    assert done.data["kinds"] == {"csv": {"bug": ["title", "priority"]}}
    assert done.data["apart"] == ""
    assert done.data["open"] == {"csv": ["Priority: Hot has no counterpart", "Type: Wish is no kind we know"]}


def test_a_side_without_a_place_for_our_mark_is_told(syncer: Syncer) -> None:
    source = {"name": "Backlog", "properties": {"Name": "title", "Note": "rich_text"}}
    users = [{"name": "Syncer", "type": "bot", "token": NotionSandbox.login["token"]}]
    with NotionSandbox({"users": users, "data_sources": [source]}) as bare:
        done = syncer("init", "--product", "p", "--connection", f"notion:url={bare.url},token=env:NOTION_TOKEN")

    assert done.code == 0
    assert "? notion: new records have no place for our mark" in done.out


def test_a_person_at_a_terminal_is_asked_and_a_wrong_answer_is_asked_again(home: Path, jira, table) -> None:
    first = ["jira", jira.url, "robot@example.com", "NOT_SET", "y"]
    again = ["jira", jira.url, "robot@example.com", "JIRA_TOKEN", "7", "y", "1", "backlog", "y"]
    second = ["csv", "bugs.csv", "1", "bugs", "n"]
    done = CliRunner().invoke(app, ["init", "--ask"], input="\n".join([*first, *again, *second, "trailhead"]) + "\n")

    assert done.exit_code == 0, done.output
    assert "The name of the environment variable that holds it [JIRA_TOKEN]" in done.output
    assert "the environment variable NOT_SET is not set" in done.output
    assert "'7' is none of the numbers above" in done.output
    assert os.environ["JIRA_TOKEN"] not in done.output + (home / "syncer.yaml").read_text("utf-8")
    config = load_config(home / "syncer.yaml")
    assert (config.product, list(config.collections)) == ("trailhead", ["backlog", "bugs"])


def test_people_are_told_apart_by_address_and_by_a_name_that_only_one_bears() -> None:
    accounts = {
        "notion": [Account("n1", "Ann", "Ann@x.com"), Account("n2", "Bo", "bo@x.com"), Account("n3", "Bo", "b@y.com")],
        "jira": [Account("j1", "ANN"), Account("j2", "Bo"), Account("j3", "Cleo"), Account("j4", "Dan", "dan@x.com")],
    }
    assert known_people(accounts) == {"ann@x.com": {"name": "Ann", "accounts": {"jira": "j1"}}}
    assert set(known_people({**accounts, "book": []})) == {"ann@x.com", "dan@x.com"}


def test_a_name_in_a_file_is_the_person_with_that_address(syncer: Syncer, home: Path, notion, book) -> None:
    syncer(
        "init", "--product", "p", "--connection", to_notion(notion), "--connection", "xlsx:path=roadmap.xlsx",
        "--collection", "roadmap=notion:Roadmap", "--collection", "plan=xlsx:Roadmap",
    )  # fmt: skip

    assert load_config(home / "syncer.yaml").people["ada@example.com"].name == "Ada Lovelace"
    assert not [note for note in syncer("plan", "--json").data["notes"] if "Ada Lovelace" in note]


def test_a_person_is_asked_what_records_are_where_no_name_tells(home: Path) -> None:
    (home / "rows.csv").write_text("Name,Colour\nA,red\n", "utf-8")
    answers = ["csv", "rows.csv", "1", "rows", "fature", "feature", "n", "p"]
    done = CliRunner().invoke(app, ["init", "--ask"], input="\n".join(answers) + "\n")

    assert done.exit_code == 0, done.output
    assert "no kind is called 'fature': Did you mean \"feature\"?" in done.output
    assert set(load_config(home / "syncer.yaml").collections["rows"].mapping.kinds) == {"feature"}


CASES = {
    "nothing named": ([], "no connection is named", "jira:url=…,user=…,token=env:…"),
    "an unknown system": (["--connection", "jirra:url=x"], "no system is called 'jirra'", '"jira"'),
    "an unknown setting": (["--connection", "csv:pth=bugs.csv"], "csv has no setting 'pth'", '"path"'),
    "a missing setting": (["--connection", "csv"], '"path" is missing', "path=…"),
    "a secret's value": (["--connection", "notion:token=ntn_abcdef"], "token is a secret", "token=env:NAME"),
    "a secret that is not set": (["--connection", "notion:token=env:NOPE"], "NOPE is not set", "export NOPE"),
    "a missing file": (["--connection", "csv:path=bug.csv"], "bug.csv: no such file", "bugs.csv"),
    "no workbook": (["--connection", "xlsx:path=bugs.csv"], "bugs.csv", "→"),
    "a folder": (["--connection", "csv:path=."], "cannot be read: Is a directory", "→"),
    "a keyring that is not there": (["--connection", "notion:token=keyring:x"], "keyring", "→"),
    "an unknown connection": (
        ["--connection", "csv:path=bugs.csv", "--collection", "a=cvs"],
        "no connection is called 'cvs'",
        '"csv"',
    ),
    "an unknown collection": (
        ["--connection", "csv:path=bugs.csv", "--collection", "a=csv:bogs"],
        "has no collection 'bogs'",
        '"bugs"',
    ),
    "an unknown kind": (
        ["--connection", "csv:path=bugs.csv", "--kind", "csv=bugg"],
        "no kind is called 'bugg'",
        '"bug"',
    ),
    "an unknown type": (
        ["--connection", "csv:path=bugs.csv", "--kind", "csv:bogs.csv=bug"],
        "no type of record is called 'bogs.csv'",
        '"bugs.csv"',
    ),
    "no kind's form": (
        ["--connection", "csv:path=bugs.csv", "--kind", "bug"],
        "--kind 'bug' cannot be read",
        "COLLECTION:TYPE=KIND",
    ),
    "no such side": (
        ["--connection", "csv:path=bugs.csv", "--kind", "x=bug"],
        "'x', which is no collection",
        "COLLECTION=KIND",
    ),
    "no form": (["--connection", "csv path"], "cannot be read", "NAME=SYSTEM"),
    "a bad product": (["--product", "Über", "--connection", "csv:path=bugs.csv"], "'Über' cannot be", "small letters"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_gets_two_lines_and_writes_nothing(case: str, syncer: Syncer, home: Path, table) -> None:
    words, said, hint = CASES[case]
    before = written(home)
    product = [] if "--product" in words else ["--product", "p"]
    done = syncer("init", "--no-ask", *product, *words)

    assert done.code == 2
    assert said in done.err and hint in done.err
    assert len(done.err.strip().splitlines()) <= 2
    assert "ntn_abcdef" not in done.err
    assert written(home) == before


def test_a_wrong_token_is_refused_at_once(syncer: Syncer, home: Path, monkeypatch, jira, notion) -> None:
    monkeypatch.setenv("JIRA_TOKEN", "wrong-token")
    monkeypatch.setenv("NOTION_TOKEN", "wrong-token")
    for connection in (to_jira(jira), to_notion(notion)):
        done = syncer("init", "--no-ask", "--product", "p", "--connection", connection)
        assert done.code == 2
        assert "wrong-token" not in done.err + done.out
        assert len(done.err.strip().splitlines()) <= 2
    assert written(home) == set()


def test_an_unreachable_system_leaves_with_six(syncer: Syncer, home: Path, monkeypatch, notion) -> None:
    monkeypatch.setattr("syncer.transport.random.uniform", lambda a, b: 0.0)
    notion.stop()
    done = syncer("init", "--no-ask", "--product", "p", "--connection", to_notion(notion))

    assert done.code == 6, done.err
    assert len(done.err.strip().splitlines()) <= 2
    assert written(home) == set()


def test_an_unknown_project_is_told_with_the_nearest_one(syncer: Syncer, home: Path, jira) -> None:
    by_name = syncer("init", "--no-ask", "--product", "p", "--connection", to_jira(jira), "--collection", "a=jira:SHPO")
    by_key = syncer(
        "init", "--no-ask", "--product", "p", "--connection", to_jira(jira), "--collection", "a=jira:project=SHPO"
    )

    assert [by_name.code, by_key.code] == [2, 2], by_key.err
    assert all('"SHOP"' in done.err for done in (by_name, by_key))
    assert written(home) == set()


@pytest.mark.parametrize("name", ["syncer.yaml", "mappings/csv.yaml"])
def test_nothing_that_exists_is_overwritten(name: str, syncer: Syncer, home: Path, table) -> None:
    (home / name).parent.mkdir(exist_ok=True)
    (home / name).write_text("mine\n", "utf-8")
    done = syncer("init", "--no-ask", "--product", "p", "--connection", "csv:path=bugs.csv")

    assert done.code == 2
    assert f"{name} exists already" in done.err
    assert written(home) == {"bugs.csv", name}
    assert (home / name).read_text("utf-8") == "mine\n"
