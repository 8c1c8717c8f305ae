"""`syncer lint`: what a product manager would call inconsistent, found without asking any system."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from syncer.errors import ConfigError
from syncer.lint import RULES, Lint, lint
from syncer.mapping.config import Config, load_config
from syncer.record import Ref
from syncer.store.rows import ItemRow, ItemState, LinkRow, LinkState
from syncer.store.store import Store
from tests.care.conftest import Syncer

CONFIG = """\
format: 1
product: shop
connections:
  files: {system: csv, path: all.csv}
collections:
  all: {connection: files, mapping: all.yaml}
"""
KINDS = {
    "goal": "title",
    "feature": "title, status, start, due, release, goals, parent",
    "story": "title, status, start, due, acceptance, sprint, releases, parent",
    "epic": "title, status, parent",
    "sprint": "title, period, state",
    "release": "title, date",
    "document": "title, body, about",
}


def configuration(folder: Path, more: str = "", without: str = "") -> Config:
    """Return a product whose one mapping carries every field that a rule asks for."""
    lines = ["format: 1", "kinds:"]
    for kind, names in KINDS.items():
        fields = ", ".join(f"{n}: {n}" for n in names.split(", ") if n != without)
        lines.append(f"  {kind}: {{record: All, fields: {{{fields}}}}}")
    (folder / "all.yaml").write_text("\n".join(lines), "utf-8")
    (folder / "syncer.yaml").write_text(CONFIG + more, "utf-8")
    return load_config(folder / "syncer.yaml")


def product(folder: Path, *rows: ItemRow) -> Store:
    """Return a store that holds these items, each on one side."""
    store = Store.open(folder / "state.db", "shop")
    with store.lease("test", 60) as lease, store.commit(lease) as work:
        for row in rows:
            work.put_item(row)
            state = LinkState.LIVE if row.state == ItemState.LIVE else LinkState.GONE
            url = f"https://tool.example/{row.id}"
            work.put_link(LinkRow(row.id, "all", Ref(row.id), "row", state, label=f"SHOP-{row.id}", url=url))
    return store


def item(id: str, kind: str, kept: str = "live", /, **fields: Any) -> ItemRow:
    return ItemRow(id, kind, {"title": f"{kind} {id}", **fields}, ItemState(kept))


def story(id: str, **fields: Any) -> ItemRow:
    """Return a story with nothing wrong about it."""
    return item(id, "story", **{"parent": "9", "acceptance": [{"text": "it works", "done": False}], **fields})


EPIC = item("9", "epic", status="doing", parent="8")
FEATURE = item("8", "feature", status="doing", goals=["7"])
GOAL = item("7", "goal")
SOUND = (EPIC, FEATURE, GOAL)
SPRINT = item("5", "sprint", title="Sprint 5", period={"start": "2026-03-02", "end": "2026-03-13"}, state="closed")
RELEASE = item("6", "release", title="2.0", date="2026-04-01")
TEXT: Mapping[str, Any] = {
    "type": "doc",
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "As SHOP-4 says."}]}],
}

CASES: dict[str, tuple[tuple[ItemRow, ...], str, str]] = {
    "story_without_acceptance": ((story("1", status="doing", acceptance=None),), "1", "no acceptance criteria"),
    "done_with_open_parts": (
        (item("2", "feature", status="done", goals=["7"]), item("1", "epic", status="doing", parent="2")),
        "2",
        "1 of its parts is not: epic 1",
    ),
    "starts_after_due": ((story("1", start="2026-05-02", due="2026-05-01"),), "1", "starts on 2026-05-02"),
    "due_after_release": (
        (RELEASE, item("1", "feature", due="2026-04-02", release="6", goals=["7"])),
        "1",
        "after its release 2.0 on 2026-04-01",
    ),
    "outside_sprint": ((SPRINT, story("1", status="done", sprint="Sprint 5", due="2026-03-14")), "1", "2026-03-14"),
    "feature_without_goal": ((item("1", "feature", status="doing"),), "1", "serves no goal"),
    "open_in_closed_sprint": ((SPRINT, story("1", status="doing", sprint="Sprint 5")), "1", "Sprint 5 is closed"),
    "orphan": ((story("1", status="doing", parent=None),), "1", "part of nothing"),
    "mentions_removed": ((item("4", "epic", "removed"), item("1", "document", body=TEXT)), "1", "mentions epic 4"),
}


def test_every_rule_has_a_case():
    assert RULES.keys() == CASES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_each_rule_finds_its_case_and_nothing_else(rule: str, tmp_path: Path):
    rows, where, text = CASES[rule]

    found = lint(configuration(tmp_path), product(tmp_path, *SOUND, *rows))

    assert [(f.rule, f.item) for f in found.findings] == [(rule, where)]
    (one,) = found.findings
    assert text in one.text
    assert one.next
    assert [(p.side, p.label) for p in one.places] == [("all", f"SHOP-{where}")]


@pytest.mark.parametrize(
    "row",
    [
        story("1", status="idea", acceptance=None),
        story("1", status="doing", start="2026-05-01", due="2026-05-01"),
        story("1", status="doing", sprint="Sprint 99"),
        story("1", status="done", sprint="Sprint 5", due="2026-03-13"),
        item("1", "feature", due="2026-04-01", release="6", goals=["7"]),
        item("1", "feature", status="dropped"),
        item("1", "document", body={"type": "doc", "content": [{"type": "text", "text": "SHOP-44 and XSHOP-4"}]}),
    ],
    ids=str,
)
def test_what_is_in_order_is_not_named(row: ItemRow, tmp_path: Path):
    store = product(tmp_path, *SOUND, SPRINT, RELEASE, item("4", "epic", "removed"), row)

    assert lint(configuration(tmp_path), store).findings == ()


def test_an_item_below_something_removed_is_an_orphan(tmp_path: Path):
    store = product(tmp_path, item("4", "epic", "removed"), story("1", status="doing", parent="4"))

    assert [f.text for f in lint(configuration(tmp_path), store).findings] == [
        "what it is part of is removed: epic 4",
    ]


def test_a_reference_to_something_removed_is_a_mention(tmp_path: Path):
    store = product(tmp_path, item("4", "epic", "removed"), item("1", "document", about=["4"]))

    assert [f.rule for f in lint(configuration(tmp_path), store).findings] == ["mentions_removed"]


def test_a_rule_can_be_turned_off_and_weighed(tmp_path: Path):
    store = product(tmp_path, item("1", "feature", status="doing"))
    off = "lint: {feature_without_goal: off}\n"
    note = "lint: {feature_without_goal: note}\n"

    assert lint(configuration(tmp_path, off), store) == Lint((), {})
    found = lint(configuration(tmp_path, note), store)
    assert ([f.severity for f in found.findings], found.exit_code) == (["note"], 0)
    assert lint(configuration(tmp_path), store).exit_code == 4


def test_the_worst_comes_first(tmp_path: Path):
    late = item("1", "feature", start="2026-05-02", due="2026-05-01")
    found = lint(configuration(tmp_path), product(tmp_path, late, story("2", parent=None, status="doing")))

    assert [f.severity for f in found.findings] == ["error", "warning", "note"]


def test_an_unknown_rule_or_weight_is_told_with_its_place(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"syncer.yaml:7:"):
        configuration(tmp_path, "lint: {feature_without_gaol: off}\n")
    with pytest.raises(ConfigError, match=r"syncer.yaml:7:"):
        configuration(tmp_path, "lint: {orphan: loud}\n")


def test_what_no_mapping_carries_is_said_and_not_taken_for_missing(tmp_path: Path):
    store = product(tmp_path, *SOUND, story("1", status="doing", acceptance=None))
    found = lint(configuration(tmp_path, without="acceptance"), store)

    assert found.findings == ()
    assert found.unknown == {"story_without_acceptance": "no mapping carries acceptance of story"}


def test_the_command_tells_exits_four_and_asks_nobody(syncer: Syncer, home: Path):
    configuration(home)
    (home / ".syncer").mkdir()
    product(home, *SOUND, item("1", "feature", status="doing")).close()
    (home / "state.db").rename(home / ".syncer" / "shop.db")
    done, told = syncer("lint"), syncer("lint", "--json")

    assert (done.code, told.code) == (4, 4)
    assert "warning feature feature 1: it serves no goal   [feature_without_goal]" in done.out
    assert "all SHOP-1 https://tool.example/1" in done.out
    assert "→ name the goal it serves" in done.out
    assert [f["rule"] for f in told.data["findings"]] == ["feature_without_goal"]
    assert done.out.splitlines()[-1] == "4 items looked at: 1 finding"
    assert told.data["items"] == 4


def test_where_nothing_is_remembered_that_is_said_and_is_no_praise(syncer: Syncer, home: Path):
    configuration(home)
    done = syncer("lint")

    assert done.code == 0
    assert "Nothing is remembered yet" in done.out
