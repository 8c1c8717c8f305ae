"""`forget --collection`: nothing that only one side knew stays, and the others go on with nothing to do."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.record import Record, Ref
from syncer.store.forget_side import WHY, forget_side, side_traces, sides
from syncer.store.rows import (
    ConflictRow,
    ConflictState,
    CursorRow,
    ItemRow,
    ItemState,
    JournalRow,
    JournalState,
    LinkRow,
    Refusal,
    StrayRow,
)
from syncer.store.store import Store
from tests.privacy.conftest import Said, Syncer, kept_bytes, put

HEAD = ("Syncer ID", "Title", "Team", "Code")


class Three:
    """Three tables in step: `c` alone has codes, and tasks, which live nowhere else."""

    def __init__(self, home: Path, syncer: Syncer) -> None:
        self.home, self.syncer = home, syncer
        for side in "abc":
            more = ", custom.code: {field: Code, type: line}" if side == "c" else ""
            task = (
                "  task:\n    when: {Team: [Ops]}\n    fields: {title: Title, custom.code: {field: Code, type: line}}\n"
            )
            story = f"  story:\n    fields: {{title: Title, team: Team{more}}}\n"
            text = f"format: 1\nkinds:\n{task if side == 'c' else ''}{story}"
            (home / f"{side}.yaml").write_text(text, "utf-8")
            self.write(side, [])
        self.configure("abc")

    def configure(self, names: str) -> None:
        lines = ["format: 1", "product: p", "connections:"]
        lines += [f"  {s}: {{system: csv, access: write, path: {s}.csv}}" for s in names]
        lines += ["collections:", *(f"  {s}: {{connection: {s}, mapping: {s}.yaml}}" for s in names)]
        (self.home / "syncer.yaml").write_text("\n".join(lines) + "\n", "utf-8")

    def rows(self, side: str) -> list[dict[str, str]]:
        with (self.home / f"{side}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def write(self, side: str, rows: list[dict[str, str]]) -> None:
        with (self.home / f"{side}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, HEAD, restval="")
            writer.writeheader()
            writer.writerows(rows)

    def edit(self, side: str, title: str, **values: str) -> None:
        self.write(side, [row | values if row["Title"] == title else row for row in self.rows(side)])

    def sync(self) -> Said:
        said = self.syncer("sync", "--full")
        assert said.code in (0, 4), said.err
        return said

    def bytes(self) -> bytes:
        return kept_bytes(self.home / ".syncer" / "p.db")


@pytest.fixture
def three(home: Path, syncer: Syncer) -> Three:
    made = Three(home, syncer)
    made.write("a", [{"Title": "Share", "Team": "Core"}])
    made.write("c", [{"Title": "Rotate-keys-of-c", "Team": "Ops", "Code": "code-seven"}])
    made.sync()
    made.edit("c", "Share", Code="code-eight", Team="Web")
    made.sync()
    assert [row["Team"] for row in made.rows("a")] == ["Web"]
    return made


def test_a_collection_that_still_takes_part_is_not_erased(three: Three):
    refused = three.syncer("forget", "--collection", "c", "--yes")

    assert refused.code == 2
    assert "c still takes part: it would be read again" in refused.err
    assert "take it out of syncer.yaml (collections.c) first" in refused.err


def test_a_collection_of_which_nothing_is_known_is_told(three: Three):
    unknown = three.syncer("forget", "--collection", "d")

    assert (unknown.code, "nothing is remembered of a collection 'd'" in unknown.err) == (2, True)


def test_it_is_shown_first(three: Three):
    three.configure("ab")
    shown = three.syncer("forget", "--collection", "c")
    told = three.syncer("forget", "--collection", "c", "--json").data

    assert shown.code == 0 and "nothing is changed yet: add --yes" in shown.out
    assert "1 items lived there alone" in shown.out
    assert (told["done"], told["alone"], told["only_there"], told["rows"]["link"]) == (False, 1, 1, 2)
    assert b"code-seven" in three.bytes()


def test_no_byte_that_only_it_knew_stays_and_the_others_have_nothing_to_do(three: Three):
    three.edit("a", "Share", Team="Core")
    three.edit("c", "Share", Team="Shadow-team")
    assert three.sync() and three.syncer("conflicts").code == 4
    three.configure("ab")
    for word in (b"code-seven", b"code-eight", b"Rotate-keys-of-c", b"Shadow-team", b"c.csv"):
        assert word in three.bytes()
    done = three.syncer("forget", "--collection", "c", "--yes", "--because", "sold")

    assert done.code == 0 and "The other sides go on as before." in done.out
    for word in (b"code-seven", b"code-eight", b"Rotate-keys-of-c", b"Shadow-team", b"c.csv"):
        assert word not in three.bytes()
    assert "what was remembered of c was erased" in three.syncer("log", "--json").out
    three.sync()
    assert three.syncer("plan", "--full", "--exit-code").code == 0
    assert three.syncer("conflicts").code == 0
    assert [row["Title"] for row in three.rows("a")] == [row["Title"] for row in three.rows("b")] == ["Share"]


def test_the_others_go_on_at_once_with_nothing_planned(three: Three):
    three.configure("ab")
    assert three.syncer("forget", "--collection", "c", "--yes").code == 0

    assert three.syncer("plan", "--exit-code").code == 0
    three.edit("b", "Share", Team="Mobile")
    three.sync()
    assert [row["Team"] for row in three.rows("a")] == ["Mobile"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.db", "p") as made:
        yield made


def erase(store: Store) -> None:
    with store.lease("test", 60) as lease:
        forget_side(store, lease, "c", ["one"])


def link(item: str, side: str, *fields: str) -> LinkRow:
    base = {name: {"rf": name, "raw": "x", "value": "x", "rule": "r"} for name in fields}
    return LinkRow(item, side, Ref(f"{side}-{item}"), "row", base=base)


def test_everything_about_the_side_goes_and_nothing_else(store: Store):
    record = Record(Ref("c-9"), "row", {"title": "Stray"})
    put(
        store,
        ItemRow("i", "story", {"title": "Share"}),
        link("i", "a", "title"),
        link("i", "c", "title"),
        StrayRow("c", Ref("c-9"), "d", record),
        StrayRow("a", Ref("a-9"), "d", record),
        Refusal("i", "c", "title", "d", "too long"),
        Refusal("i", "a", "title", "d", "too long"),
        CursorRow("c"),
        CursorRow("a"),
    )
    for key in ("schema:c", "fitted:c", "schema:a", "people:one", "people:two"):
        store.put_memo(key, {"x": 1})
    store.put_memo("paused", {"c": {"since": ""}, "a": {"since": ""}})
    assert side_traces(store, "c").rows == {"link": 1, "stray": 1, "refusal": 1, "cursor": 1}
    erase(store)

    assert sides(store) == {"a"}
    assert side_traces(store, "a").rows == {"link": 1, "stray": 1, "refusal": 1, "cursor": 1, "item": 1}
    assert [store.memo(k) for k in ("schema:c", "fitted:c", "people:two")] == [None] * 3
    assert [store.memo(k) for k in ("schema:a", "people:one")] == [{"x": 1}] * 2
    assert store.memo("paused") == {"a": {"since": ""}}
    assert store.items()["i"].fields == {"title": "Share"}


def test_the_journal_keeps_what_was_done_and_not_what_it_said(store: Store):
    fields = {"title": {"before": None, "after": "X"}}
    put(
        store,
        ItemRow("i", "story", {"title": "X"}),
        link("i", "a", "title"),
        link("i", "c", "title"),
        JournalRow("r1", "take", "i", fields=fields, state=JournalState.DONE),
        JournalRow("r1", "update", "i", "c", Ref("c-i"), fields, JournalState.DONE, why="from a"),
        JournalRow("r1", "create", "i", "c", None, fields, JournalState.UNKNOWN, tag="t"),
    )
    erase(store)
    take, update, create = store.journal()

    assert take.fields == fields
    assert (update.run, update.action, update.state, update.fields, update.ref, update.why) == (
        "r1", "update", "done", {}, None, ""
    )  # fmt: skip
    assert (create.state, create.fields, create.tag) == ("dropped", {}, "")
    assert store.dirty() == set()


def test_an_item_that_lived_there_alone_is_emptied(store: Store):
    fields = {"title": {"before": None, "after": "X"}}
    word = {"value": "X", "raw": "X", "at": None, "by": ""}
    put(
        store,
        ItemRow("i", "story", {"title": "X"}),
        link("i", "c", "title"),
        JournalRow("r1", "birth", "i", fields=fields, state=JournalState.DONE, why="new"),
        ConflictRow("i", "title", "edit", base="X", sides={"c": word}),
    )
    erase(store)

    assert store.items()["i"] == ItemRow("i", "story", {}, ItemState.REMOVED, removed={"why": WHY})
    assert store.find_items("X") == []
    assert [(row.fields, row.why) for row in store.journal()] == [({}, "")]
    (conflict,) = store.conflicts(state=None)
    assert (conflict.state, conflict.base, conflict.sides, conflict.reason) == (ConflictState.CLOSED, None, {}, WHY)


def test_fields_that_only_it_knew_go_and_shared_ones_stay(store: Store):
    fields = {n: {"before": None, "after": "X"} for n in ("title", "code")}
    put(
        store,
        ItemRow("i", "story", {"title": "X", "code": "Y"}),
        link("i", "a", "title"),
        link("i", "c", "title", "code"),
        JournalRow("r1", "birth", "i", fields=fields, state=JournalState.DONE),
    )
    erase(store)

    assert store.items()["i"].fields == {"title": "X"}
    assert [set(row.fields) for row in store.journal()] == [{"title"}]


def test_a_conflict_loses_its_word_and_a_question_about_it_is_emptied(store: Store):
    word = {"value": "X", "raw": "X", "at": None, "by": ""}
    put(
        store,
        ItemRow("i", "story", {"title": "X"}),
        link("i", "a", "title"),
        link("i", "c", "title"),
        ConflictRow("i", "title", "edit", sides={"a": word, "c": word}),
        ConflictRow("i", "title", "edit", sides={"c": word}),
        ConflictRow("", "", "match", sides={"a": word}, reason="which are one? Share (a); Shady (c)"),
        ConflictRow("i", "", "hidden", sides={"c": word}, reason="Shady can no longer be read on c"),
        ConflictRow("i", "", "hidden", sides={"a": word}, reason="Share can no longer be read on a"),
    )
    erase(store)

    assert [(row.state.value, set(row.sides), row.reason) for row in store.conflicts(state=None)] == [
        ("open", {"a"}, ""),
        ("closed", set(), ""),
        ("closed", set(), WHY),
        ("closed", set(), WHY),
        ("open", {"a"}, "Share can no longer be read on a"),
    ]
