"""The promises of the design: which check asks each of them, and which tests; and the page that tells what a run found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MACHINES = (
    "test_the_promises_hold_over_any_history",
    "test_the_promises_hold_over_four_and_five_sides_of_other_abilities",
    "test_the_promises_hold_on_the_real_store_with_sides_read_at_once",
)
CRASHES = (
    "test_killed_at_any_point_a_rerun_ends_as_if_uninterrupted",
    "test_killed_again_and_again_it_still_gets_there",
)
KILLS = ("test_killed_at_random_moments_and_run_again_nothing_is_doubled_and_no_edit_is_lost",)


@dataclass(frozen=True)
class Promise:
    """One promise: its words, the checks that ask it (they count themselves), and the tests it stands on."""

    words: str
    checks: tuple[str, ...]
    tests: tuple[str, ...]
    note: str = ""


PROMISES = (
    Promise(
        "It settles",
        ("it_settles",),
        (*MACHINES, *CRASHES, "test_one_edit_then_nothing_and_the_second_run_writes_nothing"),
    ),
    Promise(
        "It keeps intent",
        ("it_keeps_intent",),
        (*MACHINES, *CRASHES, "test_a_lone_later_edit_elsewhere_survives", "test_a_revert_travels"),
    ),
    Promise(
        "It loses nothing",
        ("it_loses_nothing",),
        (
            *(*MACHINES, *CRASHES, *KILLS),
            "test_of_a_thousand_edits_in_the_gap_none_is_lost",
            "test_a_person_who_writes_while_we_do_is_never_overwritten_in_any_field",
            "test_every_word_people_type_ends_up_everywhere_or_in_a_conflict",
        ),
    ),
    Promise("It never doubles", ("it_never_doubles",), (*MACHINES, *CRASHES, *KILLS)),
    Promise(
        "It does not degrade",
        (),
        (
            "test_what_was_pulled_shows_as_the_person_left_it",
            "test_a_new_paragraph_leaves_the_rest_as_rich_as_it_was",
            "test_an_edit_pulled_twice_is_made_once",
            "test_no_block_that_all_sides_kept_vanishes",
            "test_one_changed_word_is_one_call_and_every_id_stays",
        ),
        "The machine's sides hold no documents.",
    ),
    Promise(
        "It contains failure",
        ("it_contains_failure",),
        (*MACHINES, "test_one_refused_field_does_not_keep_the_title_from_syncing"),
    ),
    Promise(
        "Order does not matter",
        ("order_does_not_matter",),
        (*MACHINES, "test_the_order_and_names_of_the_sides_do_not_matter"),
    ),
    Promise(
        "Undo undoes",
        ("undo_undoes",),
        (
            *MACHINES,
            "test_an_undo_killed_at_any_point_can_be_finished",
            "test_a_run_that_created_many_is_undone_and_nothing_is_archived_or_created_afterwards",
        ),
    ),
    Promise(
        "Doing nothing costs nothing",
        ("doing_nothing_costs_nothing",),
        (
            *MACHINES,
            "test_an_idle_sync_in_a_new_process_costs_one_request_a_collection",
            "test_an_open_conflict_costs_no_request",
        ),
    ),
    Promise("A hook is only a hint", (), (), "No hooks are received yet: every test here runs without a single one."),
    Promise(
        "Our own deeds are not evidence",
        ("our_own_deeds_are_not_evidence",),
        (*MACHINES, "test_a_removal_is_archived_elsewhere_and_our_own_archive_is_no_removal"),
    ),
    Promise(
        "Configuration is not an edit",
        ("configuration_is_not_an_edit",),
        (*MACHINES, "test_a_changed_preference_of_the_value_map_rewrites_no_record"),
    ),
    Promise("Who edits is not edited", ("who_edits_is_not_edited",), MACHINES),
    Promise(
        "Unknown is not absent",
        ("unknown_is_not_absent",),
        (*MACHINES, "test_a_reference_to_something_unknown_clears_nothing",
         "test_a_listing_that_breaks_off_proves_no_absence"),
    ),
)  # fmt: skip

EXECUTIONS = ("histories", "examples", "points of death", "kills", "edits in the gap")
"""What counts as one random execution; a test that counts none of these is one case."""
ONE = {"cases": "case", "deaths": "death", "undos": "undo", "histories": "history"}


@dataclass
class Outcome:
    """What came of one test function, over all its parameters."""

    file: str
    runs: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    tried: Counter[str] = field(default_factory=Counter)

    def executions(self) -> Counter[str]:
        """Return what was tried, as executions."""
        found = Counter({name: self.tried[name] for name in EXECUTIONS if self.tried[name]})
        return found or Counter({"cases": self.runs})


def violations(promise: Promise, outcomes: Mapping[str, Outcome]) -> int:
    """Count the failures of a promise's tests, save those that name another promise as the broken one."""
    others = [f"{p.words.lower()}: " for p in PROMISES if p is not promise]
    failures = [said for name in promise.tests if name in outcomes for said in outcomes[name].failures]
    return sum(not any(words in said for words in others) for said in failures)


def page(outcomes: Mapping[str, Outcome], heading: Iterable[str]) -> str:
    """Return the page that tells what a run found."""
    lines = [
        "# Promises",
        "",
        "What the design promises, and how often a run tried to break it. `make prove` writes this page: every number",
        "was counted while the tests ran.",
        "",
        *heading,
        "",
        "| | promise | asked by | in | tried | violations |",
        "|---|---|---|---|---|---|",
    ]
    asked: Counter[str] = sum((o.tried for o in outcomes.values()), Counter())
    for number, promise in enumerate(PROMISES, 1):
        checks = "; ".join(f"`{name}`, {asked[name]:,} times" for name in promise.checks)
        there = {name: outcomes[name] for name in promise.tests if name in outcomes}
        tests = ", ".join(_places(promise.tests))
        tried = told(sum((o.executions() for o in there.values()), Counter()))
        gaps = f"; not run: {len(promise.tests) - len(there)} tests" if len(there) < len(promise.tests) else ""
        where = " ".join(filter(None, (tests, promise.note)))
        wrong = violations(promise, outcomes) if promise.tests else "–"
        lines.append(f"| {number} | {promise.words} | {checks or '–'} | {where} | {tried or '–'}{gaps} | {wrong} |")
    lines += ["", "## What each test tried", "", "| test | file | tried | failed |", "|---|---|---|---|"]
    wanted = {name for promise in PROMISES for name in promise.tests}
    for name in sorted(wanted & outcomes.keys(), key=lambda n: (outcomes[n].file, n)):
        one = outcomes[name]
        more = Counter({k: n for k, n in one.tried.items() if k in ("syncs", "deaths", "undos", "people in between")})
        skipped = f"; skipped: {one.skipped}" if one.skipped else ""
        tried = told(one.executions() + more)
        lines.append(f"| `{name}` | `{one.file}` | {tried}{skipped} | {len(one.failures)} |")
    return "\n".join(lines) + "\n"


def _places(tests: tuple[str, ...]) -> list[str]:
    """Return where a promise is asked: a whole file at once, where all of it is."""
    whole = {
        "the machine (`tests/engine/test_machine.py`)": MACHINES,
        "deaths (`tests/engine/test_crashes.py`)": CRASHES,
    }
    found = [file for file, group in whole.items() if set(group) <= set(tests)]
    return found + [f"`{name}`" for name in tests if not any(name in whole[file] for file in found)]


def told(numbers: Mapping[str, int]) -> str:
    """Return numbers in words: 12,000 histories, 200 kills."""
    return ", ".join(f"{n:,} {name if n > 1 else ONE.get(name, name)}" for name, n in numbers.items() if n)
