"""The main job, shown: one product in three tools becomes one, and stays one.

Starts the sandboxes on loopback, writes a workbook, and runs the real command line against them. It announces nothing
that it does not check: after each act it reads the sandboxes and the workbook itself, and exits 1 if they differ.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import seed
from product import FEATURES, GOALS, PEOPLE, SPRINTS
from stage import SECRETS, SPEED, Facts, Stage, holds, say

ROOT = Path(__file__).parents[2]
NAMES = {person.key: person.name for person in PEOPLE}
ISSUES = {"Feature": "features", "Epic": "epics", "Story": "stories", "Bug": "bugs"}
WORK = {f.title for f in FEATURES if f.status != "idea"}
"""Ideas stay in Notion until somebody plans them: the mappings of Jira and the workbook say so."""


def text(words: str) -> list[dict[str, Any]]:
    """Return words as Notion's rich text."""
    return [{"type": "text", "text": {"content": words}}]


def words_of(node: Any) -> str:
    """Return the words of one of Jira's rich texts."""
    inner = [words_of(child) for child in (node or {}).get("content", ())]
    return str((node or {}).get("text", "")) + ("\n" if (node or {}).get("type") == "doc" else "").join(inner)


def rice(row: dict[str, Any]) -> float:
    """Work out a row's score by hand."""
    return round(float(row["Reach"] * row["Impact"] * row["Confidence"] / 100 / row["Effort"]), 2)


def progress(stage: Stage) -> dict[str, int]:
    """Work out by hand how far each feature is: the share of stories that are done in Jira."""
    features, epics = stage.issues(), stage.issues("Epic")
    done: dict[str, list[bool]] = {}
    for story in stage.issues("Story").values():
        epic = next(e for e in epics.values() if e["key"] == story["parent"]["key"])
        title = next(t for t, f in features.items() if f["key"] == epic["parent"]["key"])
        done.setdefault(title, []).append(story["status"]["name"] == "Done")
    return {title: round(100 * sum(states) / len(states)) for title, states in done.items()}


def shipped(stage: Stage) -> dict[str, int]:
    """Work out by hand how far each goal is: the share of its features in Notion that are shipped."""
    titles = {page["id"]: title for title, page in stage.pages("goals").items()}
    states: dict[str, list[bool]] = {}
    for page in stage.pages().values():
        for goal in page["Goals"]:
            states.setdefault(titles[goal], []).append(page["Status"] == "Shipped")
    return {title: round(100 * sum(done) / len(done)) for title, done in states.items()}


def holds_progress(stage: Stage, renamed: tuple[str, str] = ("", "")) -> None:
    """Hold what is computed against our own sums; `renamed`: a title in Jira that is another in Notion just now."""
    found = {t: page["Progress"] for t, page in stage.pages().items() if page["Progress"] is not None}
    expected = {renamed[1] if title == renamed[0] else title: share for title, share in progress(stage).items()}
    holds("Notion shows how many of a feature's stories are done in Jira", expected, found)
    found = {t: row["Progress"] for t, row in stage.rows("Goals").items() if row["Progress"] is not None}
    holds("the board's sheet shows how many of a goal's features are shipped", shipped(stage), found)


def first_day(stage: Stage) -> None:
    """Show what there is, plan, and do what was planned."""
    kinds = {plural: len(stage.issues(kind)) for kind, plural in ISSUES.items()}
    pages = {source: len(stage.pages(source)) for source in ("goals", "features", "releases")}
    rows = {sheet: len(stage.rows(sheet)) for sheet in ("Roadmap", "Goals")}
    say("Monday. One product, three tools, and nobody knows which of them is right")
    print("  Jira:     " + ", ".join(f"{n} {kind}" for kind, n in kinds.items()) + f", {' and '.join(SPRINTS)}")
    print("  Notion:   " + ", ".join(f"{n} {source}" for source, n in pages.items()))
    print("  Workbook: " + ", ".join(f"{n} rows in {sheet}" for sheet, n in rows.items()))
    print(f"  {len(PEOPLE)} people. The tools are sandboxes on this machine; their clocks, search indexes and rate")
    print(f"  limits are the vendors', run {SPEED} times faster.")
    work = {kind: stage.issues(kind) for kind in ("Story", "Bug")}
    notes = stage.titles("Notes")
    stage.syncer("check")
    print("\n  In a plan: + create   ~ update   - archive   = known to be one thing   ? a person decides")
    stage.syncer("plan", "--out", "plan.json", "--exit-code", expect=10)
    say("Apply exactly what was reviewed")
    stage.syncer("apply", "plan.json", expect=4)
    stage.wait(5)
    first_day_holds(stage, sum(kinds.values()), work)
    holds("the workbook's sheet of notes, which is nobody's business, is untouched", notes, stage.titles("Notes"))


def first_day_holds(stage: Stage, issues_before: int, work: dict[str, Facts]) -> None:
    """Read the three tools and hold them against the product."""
    issues, pages, rows = stage.issues(), stage.pages(), stage.rows()
    holds(f"each of the {len(WORK)} planned features is in Jira, once", WORK, set(issues))
    holds("and in the workbook, once", WORK, set(rows))
    holds("and in Notion, where the ideas are, too", {f.title for f in FEATURES}, set(pages))
    created = len(WORK) - len(seed.known_to("j"))
    total = sum(len(stage.issues(kind)) for kind in ISSUES)
    holds("nothing else was created in Jira", issues_before + created, total)
    holds("the board's sheet has all goals", {g.title for g in GOALS}, set(stage.rows("Goals")))
    avalanche = next(f for f in FEATURES if f.title == "雪崩情報")
    account = issues["雪崩情報"]["assignee"]["accountId"]
    holds("Notion's owner is the assignee in Jira", seed.ACCOUNTS[avalanche.owner], account)
    holds("and its text the description, in Japanese", "\n".join(avalanche.body),
          words_of(issues["雪崩情報"]["description"]))  # fmt: skip
    sharing, journal = (f for f in FEATURES if f.title in ("Route sharing", "Photo journal"))
    gear = (issues["Gear lists"]["assignee"]["accountId"], rows["Gear lists"]["Owner"])
    holds("the workbook's “Ann O.” is Ann, and stays as it was typed", (seed.ACCOUNTS["ann"], "Ann O."), gear)
    holds("where they disagreed, Jira's status won", seed.IN_NOTION[sharing.status], pages["Route sharing"]["Status"])
    holds("Notion's reach", journal.reach, rows["Photo journal"]["Reach"])
    due = seed.DIFFERS["Wetterwarnungen auf der Tour", "workbook", "due"]
    found = (pages["Wetterwarnungen auf der Tour"]["Dates"]["end"], issues["Wetterwarnungen auf der Tour"]["duedate"])
    holds("and the workbook's dates", (due, due), found)
    scored = {t: row["RICE"] for t, row in rows.items() if row["Effort"] and row["Reach"]}
    holds("RICE is worked out anew in the workbook", {t: rice(rows[t]) for t in scored}, scored)
    holds_progress(stage)
    holds("stories, their acceptance criteria and bugs are as they were", work, {k: stage.issues(k) for k in work})
    watch = (pages["Smartwatch companion"]["MoSCoW"], rows["Smartwatch companion"]["MoSCoW"])
    holds("what nobody decided (MoSCoW of the smartwatch) is as it was on both sides", ("Won't", "Could"), watch)


def people_edit(stage: Stage) -> None:
    """Let people work, and sync."""
    say("Tuesday. People work, each in their own tool")
    pages, issues = stage.pages(), stage.issues()
    print("  Ann raises the reach of Offline maps (Notion) · Björn moves Trail conditions to Done and renames Route")
    print("  sharing, Hugo finishes one of its stories (Jira) · Greta moves the due date of Gear lists (workbook)")
    reach = {"properties": {"Reach": {"number": 15000}}}
    stage.as_notion("ann", "PATCH", f"/v1/pages/{pages['Offline maps']['id']}", reach)
    transition(stage, "bjorn", issues["Trail conditions"]["key"], "Done")
    rename(stage, "bjorn", issues["Route sharing"]["key"], "Route sharing with friends")
    transition(stage, "hugo", stage.issues("Story")["Send a route as a link"]["key"], "Done")
    stage.type_in("Roadmap", "Gear lists", "Due", date(2027, 2, 12))
    print("  Emiko (Notion) and Greta (workbook) both rename Emergency beacon")
    title = {"properties": {"Name": {"title": text("Emergency beacon (SOS)")}}}
    stage.as_notion("emiko", "PATCH", f"/v1/pages/{pages['Emergency beacon']['id']}", title)
    stage.type_in("Roadmap", "Emergency beacon", "Feature", "SOS beacon")
    print("  Chiara (Notion), Hugo (Jira) and Greta (workbook) each add a feature · Farid bins Club calendars (Notion)")
    add_page(stage, "chiara", "Trail etiquette guide", goal=stage.pages("goals")[GOALS[2].title]["id"])
    fields = {"project": {"key": "TRAIL"}, "issuetype": {"name": "Feature"}, "summary": "Refuge bookings"}
    stage.as_jira("hugo", "POST", "/rest/api/3/issue", {"fields": fields})
    for column, value in (("Status", "Planned"), ("Reach", 600), ("Owner", NAMES["greta"])):
        stage.type_in("Roadmap", "Winter mode", column, value)
    stage.as_notion("farid", "PATCH", f"/v1/pages/{pages['Club calendars']['id']}", {"in_trash": True})
    stage.wait(5)
    stage.syncer("sync", expect=4)
    stage.wait(5)
    people_edit_holds(stage)


def people_edit_holds(stage: Stage) -> None:
    """Read the three tools: every edit travelled, the conflict is held."""
    issues, pages, rows = stage.issues(), stage.pages(), stage.rows()
    holds("Notion's reach is in the workbook", 15000, rows["Offline maps"]["Reach"])
    holds("and the score follows", rice(rows["Offline maps"]), rows["Offline maps"]["RICE"])
    status = (pages["Trail conditions"]["Status"], rows["Trail conditions"]["Status"])
    holds("Jira's status is in Notion and in the workbook", ("Shipped", "Shipped"), status)
    both = "Route sharing with friends" in pages and "Route sharing with friends" in rows
    holds("and its longer title", True, both)
    due = (pages["Gear lists"]["Dates"]["end"], issues["Gear lists"]["duedate"])
    holds("the workbook's date is in Notion and in Jira", ("2027-02-12", "2027-02-12"), due)
    holds_progress(stage, ("Emergency beacon", "Emergency beacon (SOS)"))
    new = {"Trail etiquette guide", "Refuge bookings", "Winter mode"}
    everywhere = [{t for t in place if t.removesuffix(" (twice)") in new} for place in (issues, pages, rows)]
    holds("each new feature is in all three tools, once", [new, new, new], everywhere)
    found = [[t for t in place if "eacon" in t] for place in (issues, pages, rows)]
    held = [["Emergency beacon"], ["Emergency beacon (SOS)"], ["SOS beacon"]]
    holds("the title that two people changed is held: each still sees their own words", held, found)


def settle(stage: Stage) -> None:
    """Settle what waits, revert an edit, and sync."""
    say("Wednesday. Ann settles what waits; Björn thinks better of his title and takes it back")
    waiting = stage.syncer("conflicts", expect=4)
    beacon, watch = (number(waiting, title) for title in ("Emergency beacon", "Smartwatch companion"))
    stage.syncer("conflicts", "resolve", beacon, "--take", "features", "--because", "it is what we tell customers")
    stage.syncer("conflicts", "resolve", watch, "--value", "could", "--because", "the board wants to see it")
    rename(stage, "bjorn", stage.issues()["Route sharing with friends"]["key"], "Route sharing")
    stage.wait(5)
    stage.syncer("sync")
    stage.wait(5)
    issues, pages, rows = stage.issues(), stage.pages(), stage.rows()
    chosen = "Emergency beacon (SOS)"
    holds("the chosen title is everywhere", [True] * 3, [chosen in place for place in (issues, pages, rows)])
    moscow = (pages["Smartwatch companion"]["MoSCoW"], rows["Smartwatch companion"]["MoSCoW"])
    holds("and the chosen MoSCoW", ("Could", "Could"), moscow)
    holds("Björn's revert travelled", [True] * 3, ["Route sharing" in place for place in (issues, pages, rows)])


def removal(stage: Stage) -> None:
    """See a removal, which no vendor's feed of changes tells."""
    say("Thursday. What was binned is seen by a full listing, once a day or with --full")
    stage.wait(60)
    stage.syncer("sync", "--full")
    holds("Club calendars left the roadmap", False, "Club calendars" in stage.rows())
    holds("for the sheet Archive", True, "Club calendars" in stage.titles("Archive"))
    labels = stage.issues()["Club calendars"]["labels"]
    holds("in Jira it is labelled, not deleted", True, "removed-elsewhere" in labels)
    holds_progress(stage)


def idle(stage: Stage) -> None:
    """Sync where nothing changed."""
    say("Friday. Nothing changed: nothing is written, and each collection is listed once")
    before, written = stage.calls(), stage.book.read_bytes()
    stage.syncer("sync")
    spent = stage.spent(before)
    listings = {f"{name} listed": 1 for name in ("backlog", "features", "goals", "releases")}
    holds("one request for each collection over HTTP, and no other", listings, dict(spent))
    holds("the workbook is byte for byte what it was", written, stage.book.read_bytes())
    stage.syncer("log", "Emergency beacon (SOS)")


def transition(stage: Stage, who: str, key: str, status: str) -> None:
    """Move an issue on its board."""
    ways = stage.as_jira(who, "GET", f"/rest/api/3/issue/{key}/transitions")["transitions"]
    way = next(way["id"] for way in ways if way["to"]["name"] == status)
    stage.as_jira(who, "POST", f"/rest/api/3/issue/{key}/transitions", {"transition": {"id": way}})


def rename(stage: Stage, who: str, key: str, title: str) -> None:
    """Give an issue another summary."""
    stage.as_jira(who, "PUT", f"/rest/api/3/issue/{key}", {"fields": {"summary": title}})


def add_page(stage: Stage, who: str, title: str, goal: str) -> None:
    """Add a feature to Notion."""
    properties = {
        "Name": {"title": text(title)}, "Goals": {"relation": [{"id": goal}]},
        "Status": {"status": {"name": "Planned"}}, "Kano": {"select": {"name": "Attractive"}},
    }  # fmt: skip
    parent = {"type": "data_source_id", "data_source_id": seed.FEATURES_ID}
    stage.as_notion(who, "POST", "/v1/pages", {"parent": parent, "properties": properties})


def number(listed: str, title: str) -> str:
    """Return the number under which a conflict was just listed, as a person reads it from the screen."""
    found = re.search(rf"^(\d+)\s+.*{re.escape(title)}", listed, re.MULTILINE)
    holds(f"the conflict about {title} is listed", True, found is not None)
    return found.group(1) if found else ""


ACTS = (first_day, people_edit, settle, removal, idle)


def main() -> int:
    """Play all acts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", action="store_true", help="leave the sandboxes up")
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="where to put everything; it is emptied")
    options = parser.parse_args()
    began = time.monotonic()
    stage = Stage(options.folder)
    for act in ACTS:
        act(stage)
    say(f"Done in {time.monotonic() - began:.0f} s")
    print(f"  Look around in {stage.folder.name}/: syncer.yaml and mappings/ are what yours will look like.")
    print("  Next: README.md, “Your first hour”, brings your own export and your own accounts.")
    if options.keep:
        print(f"  The sandboxes stay up: {stage.jira.url} and {stage.notion.url}. Ctrl-C ends them. In another shell:")
        secrets = " ".join(f"{name}={value}" for name, value in SECRETS.items())
        print(f"    cd {shlex.quote(str(stage.folder))} && {secrets} {shlex.quote(sys.prefix)}/bin/syncer plan")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
