"""`forget PERSON`: the past calls them by a pseudonym, what is living is listed, and no byte of them stays in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from syncer_jira.sandbox.server import JiraSandbox

from syncer import api
from syncer.errors import UserError
from syncer.forget import who
from syncer.mapping.config import load_config
from syncer.record import Ref
from syncer.store.forget import forget, traces
from syncer.store.pseudonym import PSEUDONYM, Words, forgotten, pseudonym
from syncer.store.rows import (
    ConflictRow,
    ConflictState,
    ItemRow,
    JournalRow,
    JournalState,
    LinkRow,
    LinkState,
    RunRow,
    RunState,
)
from syncer.store.store import Store
from tests.privacy.conftest import JIRA_AND_A_TABLE, Syncer, kept_bytes, put

ANN, BO = "5b10a2844c20165700ede21g", "5b10ac8d82e05b22cc7d4ef5"
PEOPLE = """\
people:
  bo@shop.example: {{name: Bo Berg}}
  ann@shop.example: {{name: Ann Kowalska, aliases: [a.kowalska@shop.example]}}
"""
WORDS = (ANN, "Ann Kowalska", "ann@shop.example", "a.kowalska@shop.example")


class Shop:
    """A product of a Jira project and a table, with people on both."""

    def __init__(self, home: Path, syncer: Syncer) -> None:
        people = [
            {"accountId": "r", "name": "Robot", "email": "robot@shop.example", "token": "robot"},
            {"accountId": ANN, "name": "Ann Kowalska", "email": "ann@shop.example", "token": "ann"},
            {"accountId": BO, "name": "Bo Berg", "email": "bo@shop.example", "token": "bo"},
        ]
        project = {"key": "SHOP", "name": "Shop", "id": "10000"}
        types = [{"id": "10001", "name": "Story", "level": 0}]
        self.jira = JiraSandbox(
            {"users": people, "types": types, "projects": [project], "issues": []}, lag=0.0, rate=10_000
        )
        self.jira.start()
        self.home, self.syncer = home, syncer
        fields = "format: 1\nkinds:\n  story:\n    fields: "
        (home / "syncer.yaml").write_text((JIRA_AND_A_TABLE + PEOPLE).format(url=self.jira.url), "utf-8")
        (home / "backlog.yaml").write_text(fields + "{title: Summary, owner: Assignee}\n", "utf-8")
        (home / "board.yaml").write_text(fields + "{title: Title, owner: Owner}\n", "utf-8")
        (home / "board.csv").write_text("Id,Title,Owner\n", "utf-8")

    def sync(self) -> str:
        said = self.syncer("sync", "--full", "--json")
        assert said.code in (0, 4), said.err
        return str(said.data["run"])

    def issue(self, **fields: object) -> str:
        return str(
            self.jira.edit({"as": "bo@shop.example", "create": {"project": "SHOP", "type": "Story", **fields}})["key"]
        )

    def assign(self, key: str, account: str) -> None:
        assert "errors" not in self.jira.edit(
            {"as": "bo@shop.example", "issue": key, "fields": {"assignee": {"accountId": account}}}
        )

    @property
    def board(self) -> str:
        return (self.home / "board.csv").read_text("utf-8")

    def bytes(self) -> bytes:
        return kept_bytes(self.home / ".syncer" / "p.db").lower()


@pytest.fixture
def shop(home: Path, syncer: Syncer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("JIRA_TOKEN", "robot")
    monkeypatch.setenv("SYNCER_ACTOR", "night job of Ann Kowalska")
    made = Shop(home, syncer)
    yield made
    made.jira.stop()


def handed_over(shop: Shop) -> str:
    """Return the run that carried an owner who is none any more: Ann made it, and Bo has it now."""
    key = shop.issue(summary="Share", assignee=ANN)
    shop.sync()
    assert "Ann Kowalska" in shop.board
    shop.assign(key, BO)
    run = shop.sync()
    assert "Bo Berg" in shop.board
    return run


def test_it_is_shown_first_and_nothing_is_changed(shop: Shop):
    handed_over(shop)
    before = shop.syncer("log", "--json").data
    shown = shop.syncer("forget", "ann kowalska")

    assert shown.code == 0
    assert "nothing is changed yet: add --yes" in shown.out
    assert f"{ANN}" in shown.out and "a.kowalska@shop.example" in shown.out
    assert re.search(r"would become a pseudonym: .*\d+ journal.*\d+ run", shown.out)
    assert "syncer.yaml:11:3: people: erase it by hand" in shown.out
    assert shop.syncer("log", "--json").data == before


def test_no_byte_of_a_person_stays_in_the_file_and_the_sides_are_in_step(shop: Shop):
    handed_over(shop)
    assert all(word.lower().encode() in shop.bytes() for word in WORDS[:3])
    done = shop.syncer("forget", "ann@shop.example", "--yes", "--because", "Ann Kowalska asked for it", "--json")

    assert done.code == 0 and done.data["done"]
    assert done.data["living"] == [] and done.data["mentions"] == 0
    name = done.data["pseudonym"]
    assert PSEUDONYM.fullmatch(name)
    assert [word for word in WORDS if word.lower().encode() in shop.bytes()] == []
    assert name.encode() in shop.bytes()
    log = shop.syncer("log").out
    assert f"owner: {name} → Bo Berg" in log
    assert f"by night job of {name}" in log and f"{name} asked for it" in log
    assert shop.syncer("plan", "--exit-code").code == 0
    assert shop.syncer("plan", "--full", "--exit-code").code == 0


def test_undo_never_writes_a_pseudonym(shop: Shop):
    run = handed_over(shop)
    assert shop.syncer("forget", ANN, "--yes").code == 0
    board = shop.board
    shown = shop.syncer("undo", run)
    done = shop.syncer("undo", run, "--apply")

    assert "left alone: Share on board: who stood in owner was forgotten" in shown.out
    assert done.code in (0, 4)
    assert shop.board == board and "person-" not in shop.board


def test_what_a_record_still_shows_is_listed_and_stays_in_step(shop: Shop):
    handed_over(shop)
    key = shop.issue(summary="Keep", assignee=ANN)
    shop.sync()
    shown = shop.syncer("forget", ANN, "--yes")

    assert f"still shown: backlog {key}" in shown.out and ": owner" in shown.out
    assert re.search(r"still shown: board board.csv row 3: owner", shown.out)
    assert "then sync, and forget again" in shown.out
    assert shop.syncer("plan", "--full", "--exit-code").code == 0
    assert "Keep,Ann Kowalska" in shop.board

    shop.assign(key, BO)
    shop.sync()
    again = shop.syncer("forget", ANN, "--yes", "--json").data
    assert again["living"] == []
    assert ANN.encode() not in shop.bytes()
    assert shop.syncer("plan", "--full", "--exit-code").code == 0


def test_mentions_in_texts_are_counted_and_left(shop: Shop):
    shop.issue(summary="Ask Ann Kowalska about it")
    shop.sync()
    shown = shop.syncer("forget", "Ann Kowalska", "--json")

    assert shown.data["mentions"] >= 2
    assert shop.syncer("forget", "Ann Kowalska", "--yes").code == 0
    assert b"ask ann kowalska about it" in shop.bytes()
    assert shop.syncer("plan", "--full", "--exit-code").code == 0


def test_a_name_of_nobody_and_of_several_is_told(shop: Shop, home: Path):
    handed_over(shop)
    nobody = shop.syncer("forget", "Ann Kowalski")
    assert (nobody.code, "nobody is remembered as 'Ann Kowalski'" in nobody.err) == (2, True)
    assert "Ann Kowalska" in nobody.err
    both = shop.syncer("forget", "Ann", "--collection", "board")
    assert (both.code, "say either a person or --collection" in both.err) == (2, True)

    text = (home / "syncer.yaml").read_text("utf-8")
    (home / "syncer.yaml").write_text(text.replace("name: Bo Berg", "name: Ann Kowalska"), "utf-8")
    several = shop.syncer("forget", "Ann Kowalska")
    assert several.code == 2
    assert "2 people are called 'Ann Kowalska'" in several.err
    assert "give an account id or e-mail address" in several.err


def test_a_name_that_two_people_bear_is_not_taken_for_one_of_them(tmp_path: Path):
    (tmp_path / "syncer.yaml").write_text(
        "format: 1\nproduct: p\nconnections: {one: {system: csv, path: one.csv}}\n"
        "collections: {one: {connection: one, mapping: one.yaml}}\n",
        "utf-8",
    )
    (tmp_path / "one.yaml").write_text("format: 1\nkinds: {story: {fields: {title: Title}}}\n", "utf-8")
    config = load_config(tmp_path / "syncer.yaml")
    accounts = [["1", "Al Kim", "al@a.example", True], ["2", "Al Kim", "al@b.example", True]]
    with Store.open(tmp_path / "p.db", "p") as store:
        store.put_memo("people:one", {"settings": "", "at": "", "answer": accounts})

        assert who(store, config, "1").words == ("1", "al@a.example")
        assert who(store, config, "AL@B.example", ["Kimmy"]).words == ("2", "al@b.example", "Kimmy")
        with pytest.raises(UserError, match="2 people are called 'al kim'"):
            who(store, config, "al kim")


def test_the_actor_of_a_run_alone_can_be_forgotten(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SYNCER_ACTOR", "akow")
    shop.issue(summary="Share")
    shop.sync()
    done = shop.syncer("forget", "akow", "--also", "Ann from Sales", "--yes")

    assert done.code == 0
    assert b"akow" not in shop.bytes()
    assert api.Session(load_config("syncer.yaml")).runs()[0].circumstances["actor"].startswith("person-")


class Memory:
    """A store with one item on two sides."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = Store.open(path, "p")
        self.words = Words(["u1", "Ann Kowalska"])

    def put(self, *rows: object) -> None:
        put(self.store, *rows)

    def forget(self):
        with self.store.lease("test", 60) as lease:
            return forget(self.store, lease, self.words, "person-00000000")

    def link(self, side: str) -> LinkRow:
        return self.store.links(["i"])["i"][side]


def shows(side: str, raw: object, base: object, value: object, state: str = "live", rf: str = "who") -> LinkRow:
    entry = {"rf": rf, "raw": base, "value": value, "rule": "r"}
    return LinkRow("i", side, Ref(f"{side}-1"), "row", LinkState(state), base={"owner": entry}, seen={rf: raw})


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    made = Memory(tmp_path / "s.db")
    yield made
    made.store.close()


def owned(owner: object = "u1") -> ItemRow:
    return ItemRow("i", "story", {"title": "Share", "owner": owner} if owner else {"title": "Share"})


def test_an_owner_that_a_living_record_shows_stays_everywhere_in_the_item(memory: Memory):
    rows = [owned(), shows("a", "u2", "u1", "u1"), shows("b", "u1", "u1", "u1")]
    memory.put(*rows)
    found = memory.forget()

    assert [(one.side, one.field) for one in found.living] == [("b", "owner")]
    assert memory.store.items() == {"i": rows[0]}
    assert [memory.link(s) for s in "ab"] == rows[1:]


def test_an_owner_that_no_record_shows_any_more_is_taken_out_and_never_renamed(memory: Memory):
    memory.put(owned(), shows("a", "u2", "u1", "u1"), shows("b", "u3", "u1", "u1"))
    found = memory.forget()

    assert found.living == []
    assert memory.store.items()["i"].fields == {"title": "Share"}
    assert [memory.link(s).base for s in "ab"] == [{}, {}]
    assert [memory.link(s).seen for s in "ab"] == [{"who": "u2"}, {"who": "u3"}]


def test_of_several_people_only_the_one_is_taken_out(memory: Memory):
    memory.put(owned(["u1", "u2"]), shows("a", ["u2"], ["u1", "u2"], ["u1", "u2"]))
    memory.forget()

    assert memory.store.items()["i"].fields["owner"] == ["u2"]
    assert memory.link("a").base["owner"]["raw"] == ["u2"]


@pytest.mark.parametrize("state", ["archived", "gone", "undone"])
def test_a_record_that_is_gone_is_no_reason_to_keep_anybody(memory: Memory, state: str):
    memory.put(owned(), shows("a", "u1", "u1", "u1", state))
    found = memory.forget()

    assert found.living == []
    assert memory.store.items()["i"].fields == {"title": "Share"}
    assert (memory.link("a").base, memory.link("a").seen) == ({}, {})


def test_a_removed_item_that_is_called_like_the_person_is_called_nothing(memory: Memory):
    base = {"title": {"rf": "name", "raw": "Ann Kowalska", "value": "Ann Kowalska", "rule": "r"}}
    link = LinkRow("i", "a", Ref("a-1"), "row", LinkState.GONE, label="Ann Kowalska", base=base)
    memory.put(ItemRow("i", "person", {"title": "Ann Kowalska"}), replace(link, seen={"name": "Ann Kowalska"}))
    memory.forget()
    memory.store.compact()
    memory.store.close()

    assert b"ann kowalska" not in kept_bytes(memory.path).lower()


@pytest.mark.parametrize("state", ["live", "restricted", "hidden"])
def test_a_record_that_may_still_show_it_is_listed(memory: Memory, state: str):
    memory.put(owned(), shows("a", "u1", "u1", "u1", state))

    assert [one.side for one in memory.forget().living] == ["a"]
    assert memory.store.items()["i"].fields["owner"] == "u1"


def test_a_field_of_which_no_base_tells_what_it_stands_for_keeps_the_item_as_it_is(memory: Memory):
    link = LinkRow("i", "a", Ref("a-1"), "row", seen={"who": "u1"})
    memory.put(owned(), link)
    found = memory.forget()

    assert [(one.side, one.field) for one in found.living] == [("a", "who")]
    assert memory.store.items()["i"].fields["owner"] == "u1"


def test_a_field_that_nobody_maps_is_listed_and_keeps_no_other(memory: Memory):
    link = shows("a", "u2", "u1", "u1")
    memory.put(owned(), replace(link, seen={**link.seen, "reporter": "u1"}))
    found = memory.forget()

    assert [(one.side, one.field) for one in found.living] == [("a", "reporter")]
    assert memory.store.items()["i"].fields == {"title": "Share"}


def test_who_edited_last_is_renamed(memory: Memory):
    link = LinkRow("i", "a", Ref("a-1"), "row", seen={"who": "u2"}, edited_by="u1")
    memory.put(owned(None), link)
    memory.forget()

    assert memory.link("a").edited_by == "person-00000000"


def test_an_intent_under_way_and_an_open_conflict_wait(memory: Memory):
    word = {"value": "u1", "raw": "u1", "at": None, "by": "u1"}
    fields = {"who": {"before": None, "after": "u1"}}
    memory.put(
        owned(None),
        JournalRow("r1", "create", "i", "a", fields=fields),
        ConflictRow("i", "owner", "edit", sides={"a": word}),
        ConflictRow(
            "i", "owner", "edit", ConflictState.CLOSED, base="u1", sides={"a": word}, how="Ann Kowalska said so"
        ),
    )
    found = memory.forget()

    assert found.waiting == ["an unfinished create on a (run r1)", "open conflict 1"]
    assert memory.store.journal()[0].fields == fields
    still, ended = memory.store.conflicts(state=None)
    assert still.sides["a"] == {**word, "by": "person-00000000"}
    assert ended.sides["a"] == dict.fromkeys(("value", "raw", "by"), "person-00000000") | {"at": None}
    assert (ended.base, ended.how) == ("person-00000000", "person-00000000 said so")


def test_the_journal_and_the_runs_call_them_by_the_pseudonym(memory: Memory):
    told = {"before": ["u1", "u2"], "after": "Ann Kowalska", "values": {"owner": "u1"}, "was": {"owner": "U1"}}
    run = RunRow(
        "r1", "sync", memory.store._now(), state=RunState.DONE, circumstances={"actor": "job (by Ann Kowalska)"}
    )
    row = JournalRow(
        "r1", "update", "i", "a", Ref("a-1"), {"who": told}, JournalState.DONE, why="asked by ann kowalska"
    )
    memory.put(run, row)
    memory.forget()
    (kept,) = memory.store.journal()
    name = "person-00000000"

    assert kept.fields["who"] == {
        "before": [name, "u2"],
        "after": name,
        "values": {"owner": name},
        "was": {"owner": name},
    }
    assert kept.why == f"asked by {name}"
    assert memory.store.runs()[0].circumstances == {"actor": f"job (by {name})"}


def test_the_accounts_are_forgotten_once_no_record_needs_them(memory: Memory):
    accounts = [["u1", "Ann Kowalska", "ann@x", True], ["u2", "Bo", "", True]]
    memory.store.put_memo("people:jira", {"settings": "s", "at": "t", "answer": accounts})
    memory.store.put_memo("schema:a", {"kept": {"users": ["u1"]}})
    memory.put(owned(), shows("a", "u1", "u1", "u1"))
    memory.forget()
    assert memory.store.memo("people:jira")["answer"] == accounts
    assert memory.store.memo("schema:a") is None

    memory.put(shows("a", "u2", "u2", "u2"))
    memory.forget()
    assert memory.store.memo("people:jira")["answer"] == accounts[1:]


def test_looking_changes_nothing(memory: Memory):
    memory.put(owned(), shows("a", "u2", "u1", "u1"))
    before = memory.store.items(), memory.store.links(), memory.store.generation
    found = traces(memory.store, memory.words)

    assert found.rows == {"item": 1, "link": 1}
    assert (memory.store.items(), memory.store.links(), memory.store.generation) == before


def test_a_short_name_is_looked_for_as_a_whole_only():
    words = Words(["bo", "Ann"])

    assert words.renamed({"x": ["Bo", "bob"]}, "P") == {"x": ["P", "bob"]}
    assert words.reworded("bo met Ann, not Annie or Joann; ANN said", "P") == "bo met P, not Annie or Joann; P said"
    assert words.mentions(["bo met", "Ann", "an Ann"]) == 1


def test_a_quoted_name_is_found_as_it_is_stored(memory: Memory):
    memory.words = Words(['Ann "K" Ö'])
    memory.put(
        JournalRow("r", "take", "i", fields={"f": {"before": 'ann "k" ö', "after": None}}, state=JournalState.DONE)
    )

    assert memory.forget().rows == {"journal": 1}


def test_a_pseudonym_is_drawn_and_known_as_one():
    assert len({pseudonym() for _ in range(50)}) == 50
    assert forgotten(["x", {"y": pseudonym()}])
    assert not forgotten(["person-1", "a person-00000000", "person-zzzzzzzz"])
