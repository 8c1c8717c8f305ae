"""What a stranger may do wrong: each is told in a line or two with the next step, leaves with 2, and writes nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from syncer_notion.sandbox.server import NotionSandbox

from syncer import api
from syncer.errors import BusyError
from tests.cli.conftest import Said, Syncer
from tests.package.product import SEED, write_product


@pytest.fixture
def product(home: Path) -> Iterator[NotionSandbox]:
    """A product in the current folder: a Notion sandbox with a feature, and a CSV file with two."""
    sandbox = NotionSandbox(SEED, lag=0.0)
    write_product(home, sandbox.start())
    yield sandbox
    sandbox.stop()


def wrong(done: Said, *parts: str, code: int = 2) -> None:
    """Hold an error to the rule: its code, its parts, and no more than two lines."""
    assert done.code == code, done.out + done.err
    for part in parts:
        assert part in done.err, done.err
    assert len(done.err.strip().splitlines()) <= 2, done.err


def writes(sandbox: NotionSandbox) -> list[str]:
    return [
        e.path
        for e in sandbox.log
        if e.method in ("PATCH", "DELETE") or (e.method == "POST" and not e.path.endswith(("/query", "/search")))
    ]


def edit(home: Path, name: str, old: str, new: str) -> None:
    text = (home / name).read_text("utf-8")
    assert old in text
    (home / name).write_text(text.replace(old, new, 1), "utf-8")


USES = {
    "an unknown option": (["plan", "--nope"], "--nope", "`syncer plan --help`"),
    "an unknown command": (["plam"], "plam", "`syncer --help`"),
    "no number": (["apply", "--limit", "many"], "--limit", "`syncer apply --help`"),
    "nothing of nothing": (["apply", "--limit", "0"], "--limit", "`syncer apply --help`"),
    "an argument too few": (["why", "It crashes"], "field", "`syncer why --help`"),
    "an unknown guard": (["sync", "--allow", "everything"], "no guard is called 'everything'", "removals"),
    "an unknown kind": (["apply", "--kind", "fature"], "no kind is called 'fature'", '"feature"'),
    "an unknown item": (["apply", "--item", "Höhenprofl"], "no item is called 'Höhenprofl'", "→"),
    "an unknown profile": (["plan", "--profile", "trial"], 'there is no profile "trial"', "→"),
    "no configuration": (["plan", "-c", "else.yaml"], "else.yaml", "there is no such file"),
    "no configuration for conflicts": (["conflicts", "-c", "else.yaml"], "else.yaml", "there is no such file"),
    "an option before its word": (["conflicts", "-c", "else.yaml", "list"], "after the word 'list'", "--config"),
    "no conflict": (["conflicts", "show", "7"], "no conflict 7", "`syncer conflicts`"),
    "nothing to take": (["conflicts", "resolve", "7"], "--take SIDE", "`syncer conflicts show 7`"),
    "no plan file": (["apply", "plan.json"], "cannot read plan.json", "`syncer plan --out plan.json`"),
    "no sandbox": (["sandbox", "start", "trello"], "no sandbox for 'trello'", "notion"),
    "no seed": (["sandbox", "start", "notion", "--seed", "seed.json"], "seed.json cannot be read", "→"),
}


@pytest.mark.parametrize("use", USES)
def test_wrong_use_is_told_in_two_lines(use: str, syncer: Syncer, home: Path, product: NotionSandbox) -> None:
    words, said, hint = USES[use]
    rows = (home / "roadmap.csv").read_bytes()
    wrong(syncer(*words), said, hint)

    assert writes(product) == []
    assert (home / "roadmap.csv").read_bytes() == rows


def test_a_port_in_use_is_told(syncer: Syncer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        wrong(
            syncer("sandbox", "start", "notion", "--port", str(port)), f"port {port} is in use", "0 for any free port"
        )


CONFIGS = {
    "a tab": ("product: trailhead", "product:\ttrailhead\n\tx: 1", "syncer.yaml:", "indent"),
    "a misspelt key": ("connections:", "conections:", 'unknown key "conections"', "connections"),
    "a misspelt system": ("system: csv", "system: cvs", 'unknown system "cvs"', '"csv"'),
    "a misspelt connection": ("connection: book", "connection: bok", 'unknown connection "bok"', '"book"'),
    "a secret in the file": ("{env: NOTION_TOKEN}", "ntn_123456", "is a secret", "{env: NAME"),
    "no mapping": ("mapping: mappings/roadmap.yaml", "mapping: mappings/x.yaml", "no mapping file", "relative to"),
}


@pytest.mark.parametrize("case", CONFIGS)
def test_a_mistake_in_the_configuration_is_told_with_its_place(case: str, syncer: Syncer, home: Path, product) -> None:
    old, new, said, hint = CONFIGS[case]
    edit(home, "syncer.yaml", old, new)
    done = syncer("plan")

    assert done.code == 2
    assert said in done.err and hint in done.err, done.err
    assert "syncer.yaml:" in done.err
    assert product.log == []


def test_an_unknown_field_is_told_with_the_nearest_one(syncer: Syncer, home: Path, product) -> None:
    edit(home, "mappings/features.yaml", "title: Name", "title: Nmae")
    for command in ("plan", "sync", "apply"):
        wrong(syncer(command), "mappings/features.yaml:2:", "unknown field 'Nmae'", '"Name"')
    assert "unknown field 'Nmae'" in "".join(syncer("check", "--json").data["problems"])
    assert writes(product) == []


def test_an_option_without_a_counterpart_is_told_by_check(syncer: Syncer, home: Path, product) -> None:
    (home / "roadmap.csv").write_text("Feature,Reach,Status\nA,1,Idea\nB,2,Parked\n", "utf-8")
    edit(home, "mappings/roadmap.yaml", "reach: Reach", "reach: Reach, status: {field: Status, values: {idea: Idea}}")
    done = syncer("check", "--json")

    assert done.code == 2
    assert "the option 'Parked' of 'Status' has no counterpart" in done.data["problems"][0]


def test_a_missing_secret_names_its_variable(syncer: Syncer, monkeypatch, product) -> None:
    monkeypatch.delenv("NOTION_TOKEN")
    for command in ("check", "plan", "sync"):
        done = syncer(command)
        assert done.code == 2
        assert "NOTION_TOKEN is not set" in done.err + done.out and "export NOTION_TOKEN=" in done.err + done.out
    assert product.log == []


def test_a_wrong_token_stops_at_once_and_is_never_shown(syncer: Syncer, home: Path, monkeypatch, product) -> None:
    assert syncer("sync").code == 0
    monkeypatch.setenv("NOTION_TOKEN", "ntn_wrong_token")
    product.log.clear()
    rows = (home / "roadmap.csv").read_bytes()
    for command in (["plan"], ["sync"], ["sync", "--full"], ["check"]):
        done = syncer(*command)
        assert done.code == 2, done.out + done.err
        assert "ntn_wrong_token" not in done.out + done.err
    assert writes(product) == []
    assert (home / "roadmap.csv").read_bytes() == rows


def test_an_unreachable_system_leaves_with_six_and_decides_nothing(syncer: Syncer, monkeypatch, home, product) -> None:
    assert syncer("sync").code == 0
    monkeypatch.setattr("syncer.transport.random.uniform", lambda a, b: 0.0)
    product.stop()
    rows = (home / "roadmap.csv").read_bytes()
    plan, done = syncer("plan"), syncer("sync", "--full")

    assert (plan.code, done.code) == (6, 6), done.out + done.err
    assert (home / "roadmap.csv").read_bytes() == rows


def test_a_file_that_is_gone_or_torn_is_no_empty_side(syncer: Syncer, home: Path, product) -> None:
    assert syncer("sync").code == 0
    before = len(product.dump()["pages"])
    (home / "roadmap.csv").rename(home / "roadmap2.csv")
    wrong(syncer("sync", "--full"), "roadmap.csv: no such file", "did you mean roadmap2.csv?")
    (home / "roadmap.csv").write_bytes(b'Feature,Reach\n"never closed,3\n')
    wrong(syncer("sync", "--full"), "roadmap.csv:2", "close the quotes")
    (home / "roadmap.csv").write_bytes("Feature,Reach\nHöhenprofil,3\n".encode("cp1252"))
    wrong(syncer("sync", "--full"), "not utf-8 text", "cp1252")

    assert [p["in_trash"] for p in product.dump()["pages"]] == [False] * before


def test_two_columns_of_one_name_are_told(syncer: Syncer, home: Path, product) -> None:
    (home / "roadmap.csv").write_text("Feature,Reach,Reach\nA,1,2\n", "utf-8")
    wrong(syncer("plan"), 'columns B and C are both called "Reach"', "rename one of them")


@pytest.fixture
def workbook(syncer: Syncer, home: Path, notion, book: Path) -> Path:
    """A product whose roadmap is a workbook that may be written."""
    syncer("init", "--product", "p", "--connection", f"notion:url={notion.url},token=env:NOTION_TOKEN",
           "--connection", "xlsx:path=roadmap.xlsx", "--collection", "a=notion:Roadmap", "--collection", "b=xlsx")  # fmt: skip
    text = (home / "syncer.yaml").read_text("utf-8")
    (home / "syncer.yaml").write_text(text.replace("access: read\n", "access: write\n"), "utf-8")
    return book


def test_what_is_no_workbook_is_told(syncer: Syncer, workbook: Path) -> None:
    workbook.write_bytes(b"PK\x03\x04 not really")
    wrong(syncer("sync"), "roadmap.xlsx", "→")
    workbook.write_bytes(b"<html>Please log in</html>")
    wrong(syncer("sync"), "roadmap.xlsx", "→")
    workbook.unlink()
    wrong(syncer("sync"), "roadmap.xlsx: no such file", "→")


def test_a_workbook_that_is_open_elsewhere_is_told_before_anything_is_written(
    syncer: Syncer, workbook: Path, notion
) -> None:
    workbook.with_name("~$roadmap.xlsx").write_bytes(b"\x03Ann" + b" " * 51)
    wrong(syncer("sync"), "open", "close")
    assert writes(notion) == []


def test_a_plan_is_applied_once_and_only_where_it_was_made(syncer: Syncer, home: Path, product) -> None:
    assert syncer("plan", "--out", "plan.json").code == 0
    assert syncer("apply", "plan.json").code == 0
    wrong(syncer("apply", "plan.json"), "applied already", "`syncer plan`")
    (home / "plan2.json").write_text("{not json", "utf-8")
    wrong(syncer("apply", "plan2.json"), "plan2.json is not a plan file", "`syncer plan --out")
    (home / "plan3.json").write_text('{"some": "json"}', "utf-8")
    wrong(syncer("apply", "plan3.json"), "plan")


def test_a_plan_for_another_configuration_is_refused(syncer: Syncer, home: Path, product) -> None:
    assert syncer("plan", "--out", "plan.json").code == 0
    edit(home, "mappings/roadmap.yaml", "reach: Reach", "effort: Reach")
    wrong(syncer("apply", "plan.json"), "plan", "→")
    assert writes(product) == []


def test_a_part_of_a_plan_leaves_the_rest_for_later(syncer: Syncer, home: Path, product) -> None:
    assert syncer("plan", "--out", "plan.json").code == 0
    total = len(json.loads((home / "plan.json").read_text("utf-8"))["actions"])
    first = syncer("apply", "plan.json", "--limit", "1", "--json").data
    rest = syncer("apply", "plan.json", "--json").data

    assert total >= 2
    assert (len(first["done"]), len(rest["done"])) == (1, total - 1)
    assert first["skipped"] == rest["skipped"] == []
    wrong(syncer("apply", "plan.json"), "applied already")


def test_one_item_alone_can_be_applied(syncer: Syncer, home: Path, product) -> None:
    edit(home, "roadmap.csv", "雪崩情報,7", "雪崩情報,7\n天気情報,1")
    wrong(syncer("apply", "--item", "報"), "2 items match '報': 天気情報; 雪崩情報", "be more exact")
    done = syncer("apply", "--item", "雪崩", "--json").data
    assert [(a["verb"], a["label"]) for a in done["done"] if a["verb"] == "create"] == [("create", "雪崩情報")]


def test_a_read_only_connection_is_planned_for_and_never_written(syncer: Syncer, home: Path, product) -> None:
    edit(home, "syncer.yaml", "{env: NOTION_TOKEN}, access: write", "{env: NOTION_TOKEN}, access: read")
    plan, done = syncer("plan", "--json").data, syncer("sync")

    assert "features" in {a["side"] for a in plan["actions"]}
    assert "features is `access: read`" in done.out
    assert writes(product) == []


def disagree(syncer: Syncer, home: Path, sandbox: NotionSandbox) -> None:
    """Let two people change one thing on two sides."""
    assert syncer("sync").code == 0
    page = next(
        p for p in sandbox.dump()["pages"] if p["properties"]["Name"]["title"][0]["plain_text"] == "Höhenprofil"
    )
    sandbox.edit({"value": {reach_id(sandbox): 5}, "page": page["id"]})
    text = (home / "roadmap.csv").read_text("utf-8")
    (home / "roadmap.csv").write_text(text.replace("Höhenprofil,3", "Höhenprofil,4"), "utf-8")


def reach_id(sandbox: NotionSandbox) -> str:
    return next(
        unquote(p["id"]) for p in sandbox.dump()["data_sources"][0]["properties"].values() if p["name"] == "Reach"
    )


def test_a_conflict_is_listed_as_json_and_cron_is_silent_about_it_the_second_time(
    syncer: Syncer, home: Path, product
) -> None:
    disagree(syncer, home, product)
    first, second = syncer("sync", "--cron"), syncer("sync", "--cron")
    listed = syncer("conflicts", "--json", "-c", "syncer.yaml")
    wrong(syncer("conflicts", "resolve", str(listed.data[0]["id"]), "--take", "roadmp"), "roadmp", "roadmap")
    settled = syncer("conflicts", "resolve", str(listed.data[0]["id"]), "--take", "roadmap", "--json")

    assert first.code == 4 and "Höhenprofil" in first.out
    assert (second.code, second.out, second.err) == (0, "", "")
    assert (listed.code, listed.data[0]["field"]) == (4, "reach")
    assert settled.data["settled"] == 4
    assert syncer("sync").code == 0
    assert syncer("conflicts", "--json").data == []


def test_two_runs_at_once_are_refused_and_cron_says_nothing(syncer: Syncer, product) -> None:
    assert syncer("sync").code == 0
    with api.open("syncer.yaml") as other, other.store.lease("ann on laptop", 180.0):
        busy, cron = syncer("sync"), syncer("sync", "--cron")

    wrong(busy, "ann on laptop", code=BusyError.exit_code)
    assert (cron.code, cron.out, cron.err) == (0, "", "")


def test_text_from_outside_cannot_steer_the_terminal_or_pass_for_markup(syncer: Syncer, home: Path, product) -> None:
    (home / "roadmap.csv").write_text("Feature,Reach\n\x1b]0;owned\x07[/red] \u202eevil \x9b2J,7\n", "utf-8")
    shown, data = syncer("plan", "--all"), syncer("plan", "--json")

    assert "[/red]" in shown.out
    for text in (shown.out, data.out):
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(text)
    assert "\x1b]0;owned\x07[/red] \u202eevil \x9b2J" in {a["label"] for a in data.data["actions"]}


def test_a_profile_touches_neither_the_files_nor_the_store_it_stands_beside(
    syncer: Syncer, home: Path, product
) -> None:
    config = (home / "syncer.yaml").read_text("utf-8")
    (home / "syncer.yaml").write_text(
        f"{config}profiles: {{trial: {{connections: {{book: {{path: trial.csv}}}}}}}}\n", "utf-8"
    )
    rows = (home / "roadmap.csv").read_bytes()
    (home / "trial.csv").write_text("Feature,Reach\nProbe,1\n", "utf-8")
    done = syncer("sync", "--profile", "trial", "--json").data["done"]

    assert {(a["side"], a["label"]) for a in done if a["verb"] == "create"} == {
        ("features", "Probe"),
        ("roadmap", "Höhenprofil"),
    }
    assert (home / "roadmap.csv").read_bytes() == rows
    assert [p.name for p in (home / ".syncer").glob("*.db")] == ["trailhead-trial.db"]
