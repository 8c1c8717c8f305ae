"""How plans, runs and conflicts look on a terminal. No decisions: the same data goes out as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from syncer.api import Check, Done, Notice
from syncer.cli.console import Console, safe
from syncer.engine.plan import Action, Plan, Verb, Write
from syncer.errors import SyncerError, UnreachableError
from syncer.mapping.load import SeveralError
from syncer.pause import Pause

Names = Mapping[str, str]
"""What people call what a value only points to: items by id, people by key or account."""

NOBODY: Names = {}
COLOURS = {"+": "green", "~": "yellow", "-": "red", "^": "cyan", "=": "blue"}
PAST = {
    Verb.CREATE: "created", Verb.UPDATE: "updated", Verb.ARCHIVE: "archived", Verb.RESTORE: "restored",
    Verb.LINK: "linked",
}  # fmt: skip
SHORT = 60
HEARD = "from "
"""How a reason begins that names the sides a value was taken from."""

UNUSUAL = ("first contact", "configuration")
"""Causes of an action that its reason alone does not tell."""

MANY = 20
"""Actions of a run that are listed one by one."""


def shown(value: Any, names: Names = NOBODY) -> str:
    """Return a value as one short line."""
    if value is None or value == []:
        return "—"
    if isinstance(value, dict) and value.get("type") == "doc":
        text = _plain(value)
    elif isinstance(value, list) and all(isinstance(v, str) for v in value):
        text = ", ".join(names.get(v, v) for v in value)
    elif isinstance(value, str):
        text = names.get(value, value)
    elif isinstance(value, list) and all(isinstance(v, dict) and v.keys() == {"text", "done"} for v in value):
        text = "; ".join(f"[{'x' if v['done'] else ' '}] {v['text']}" for v in value)
    else:
        text = json.dumps(value, ensure_ascii=False)
    text = safe(text)
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def moment(at: datetime | None) -> str:
    """Return a time as people read it, to the minute."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if at else "never"


def _plain(node: Mapping[str, Any]) -> str:
    return str(node.get("text", "")) + " ".join(_plain(child) for child in node.get("content", ()))


def changes(write: Write, name: str, names: Names) -> str:
    """Return "field: before → after" of one write, in the item's words."""
    parts = [
        f"{field}: {shown(write.was.get(field, write.before), names)} → {shown(value, names)}"
        for field, value in write.values.items()
    ]
    return "; ".join(parts) or name


def action_line(action: Action) -> Text:
    """Return one action as a line."""
    sign = action.verb.sign
    line = Text(f"{sign} ", style=f"bold {COLOURS[sign]}")
    line.append(f"{action.side} ", style="bold")
    line.append(f"{action.kind} ", style="dim")
    line.append(f"{shown(action.label)}", style="default")
    why = action.why or _reasons(action)
    if action.cause in UNUSUAL:
        why = f"{why}; {action.cause}" if why else action.cause
    if why:
        line.append(f"   ({why})", style="dim")
    return line


def _reasons(action: Action) -> str:
    """Return why the fields of an action are written, sides that were heard said once."""
    said = list(dict.fromkeys(write.why for write in action.writes.values()))
    heard = {side for why in said if why.startswith(HEARD) for side in why.removeprefix(HEARD).split(", ")}
    others = [why for why in said if not why.startswith(HEARD)]
    return "; ".join([f"{HEARD}{', '.join(sorted(heard))}", *others] if heard else others)


def plan_summary(console: Console, plan: Plan, *, full: bool, names: Names = NOBODY, samples: int = 1) -> None:
    """Print a plan: counts per side, kind and field with `samples` of each sort; the whole list with `full`.

    More than one sample: they also show what a new record gets.
    """
    names = {**names, **{item: decision.title for item, decision in plan.decisions.items()}}
    if not plan.actions:
        console.print("Nothing to write: all sides are in step." if not plan.held else "Nothing to write now.")
    else:
        console.print(_counts(plan))
        console.print()
        listed = plan.actions if full else examples(plan.actions, samples)
        for action in listed:
            print_action(console, action, names, whole=samples > 1)
        rest = len(plan.actions) - len(listed)
        if rest > 0:
            console.print(f"  … and {rest} more of the same kinds: `syncer plan --all` lists every one", style="dim")
    _held(console, plan, names)
    for saw, flag in plan.guards:
        console.print(f"! a guard would stop this plan: {saw}. If that is right, add {flag}", style="bold red")
    for side, why in plan.unreachable.items():
        console.print(f"! {side} was not reached: {why}. Nothing is decided about it.", style="red")
    if plan.notes and full:
        console.print("\nNotes")
        for note in plan.notes:
            console.print(f"  · {note}", style="dim")
    elif plan.notes:
        console.print(f"{len(plan.notes)} notes: `syncer plan --all` shows them", style="dim")


def paused_lines(console: Console, paused: Mapping[str, Pause]) -> None:
    """Print what is neither read nor written at present."""
    for pause in paused.values():
        console.print(f"! {pause}", style="yellow")


def notices(console: Console, notified: Mapping[str, Notice], names: Names) -> None:
    """Print whom systems would tell of a plan by themselves."""
    for side, notice in notified.items():
        people = ", ".join(names.get(person, person) for person in notice.people[:8])
        rest = f" and {len(notice.people) - 8} more" if len(notice.people) > 8 else ""
        known = f": {people}{rest}, and who else watches them" if people else ""
        console.print(f"! {side} tells people of changes to {notice.records} records{known}", style="yellow")


def _counts(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("side", "kind", "what", "count", "fields"):
        table.add_column(name, justify="right" if name == "count" else "left")
    groups: dict[tuple[str, str, str], list[Action]] = {}
    for action in plan.actions:
        groups.setdefault((action.side, action.kind, action.verb.value), []).append(action)
    for (side, kind, verb), actions in sorted(groups.items()):
        fields = Counter(f for a in actions for w in a.writes.values() for f in w.values)
        most = ", ".join(f"{f} {n}" if verb == "update" else f for f, n in fields.most_common(6))
        sign = actions[0].verb.sign
        most = most or ("only our mark: one thing from now on" if sign == "=" else "")
        table.add_row(side, kind, Text(f"{sign} {verb}", COLOURS[sign]), str(len(actions)), most)
    return table


def examples(actions: Sequence[Action], samples: int = 1) -> list[Action]:
    """Return so many actions of each sort; of links, which change nothing that people see, at most one a side."""
    seen: Counter[tuple[str, str, str]] = Counter()
    chosen = []
    for action in actions:
        key = (action.side, "" if action.verb is Verb.LINK else action.kind, action.verb.value)
        seen[key] += 1
        if seen[key] <= (min(samples, 1) if action.verb is Verb.LINK else samples):
            chosen.append(action)
    return chosen


def print_action(console: Console, action: Action, names: Names, *, whole: bool = False) -> None:
    """Print an action, and before and after of what it updates; with `whole`, what a new record gets as well."""
    console.print(action_line(action), soft_wrap=True)
    for name, write in action.writes.items():
        if action.verb is Verb.UPDATE or whole:
            console.print(f"    {changes(write, name, names)}", style="default")


def _held(console: Console, plan: Plan, names: Names) -> None:
    for decision, name in plan.held:
        clash = decision.outcomes[name].clash
        if clash is not None:
            said = " · ".join(f"{side}: {shown(value, names)}" for side, value in sorted(clash.values.items()))
            console.print(f"? held: {decision.title} {name} ({clash.why})", style="bold magenta")
            console.print(f"    was {shown(clash.ancestor, names)} · {said}")
    for question in plan.questions:
        console.print(f"? {question.text}", style="bold magenta")


def done_summary(console: Console, done: Done, *, quiet: bool = False, names: Names = NOBODY) -> None:
    """Print what a run did, what it could not do, and the next step."""
    report = done.report
    if not quiet:
        seen = [action for action in report.done if action.verb is not Verb.LINK]
        for action in seen[:MANY]:
            print_action(console, action, names)
        if len(seen) > MANY:
            console.print(f"  … and {len(seen) - MANY} more", style="dim")
    undone(console, done)
    _held(console, done.plan, names)
    if done.plan.held or done.plan.questions:
        console.print("  `syncer conflicts` lists what waits for you; `syncer conflicts resolve` settles it")
    console.print(f"run {done.run}: {_told(report.done) or 'nothing to write'}", style="bold")


def undone(console: Console, done: Done) -> None:
    """Print what a run could not do, and why."""
    report = done.report
    for action, why in report.failed:
        console.print(f"! failed: {action.label} on {action.side}: {why}", style="red")
    for action, name, why in report.refused:
        text = f"! {action.side} refuses {name} of {action.label}: {why}; not sent again until it changes"
        console.print(text, style="red")
    for action, why in report.waiting:
        console.print(f"! waits: {action.label} on {action.side}: {why}", style="yellow")
    for action, why in report.stale:
        console.print(f"! skipped: {action.label} on {action.side}: {why}", style="yellow")
    for action, name in report.given_back:
        told = f"! {name} of {action.label} was edited on {action.side} while we wrote it: that edit stands again"
        console.print(f"{told}, and the next sync asks which is meant", style="yellow")
    for text in done.skipped:
        console.print(f"! skipped, no longer what was reviewed: {text}", style="yellow")
    for side, why in report.unreachable.items():
        console.print(f"! {side} was not reached: {why}. Nothing is decided about it.", style="red")
    for side, count in sorted(Counter(action.side for action in report.withheld).items()):
        console.print(f"! {side} is `access: read`: {count} actions planned there were not done", style="yellow")


def _told(done: Sequence[Action]) -> str:
    """Return how much was done on each side, as one line."""
    sides: dict[str, Counter[str]] = {}
    for action in done:
        sides.setdefault(action.side, Counter())[PAST[action.verb]] += 1
    return " · ".join(
        f"{side} {', '.join(f'{n} {past}' for past, n in counted.items())}" for side, counted in sorted(sides.items())
    )


def check_summary(console: Console, found: Check) -> None:
    """Print what `check` found."""
    for name, health in found.healths.items():
        console.print(f"✓ {name}: {' · '.join(word for word in (health.account, health.detail) if word)}")
        for note in health.notes:
            console.print(f"    · {note}", style="dim")
        for missing in health.missing_permissions:
            console.print(f"  ! may not: {missing}", style="red")
    if found.gaps:
        console.print(f"✓ mappings read: {', '.join(found.gaps)}")
        console.print("  where a person's edit could come between our last look and our write:", style="dim")
        for gap in dict.fromkeys(found.gaps.values()):
            sides = ", ".join(side for side, its in found.gaps.items() if its == gap)
            console.print(f"    · {sides}: {gap or 'nowhere'}", style="dim")
    for problem in found.problems:
        console.print(f"! {problem}", style="red")


def error_lines(console: Console, error: SyncerError) -> None:
    """Print an error: what happened, and the next step."""
    console.print(Text(f"syncer: {error.message}", style="bold red"), soft_wrap=True)
    hint = error.hint
    if not hint and isinstance(error, UnreachableError):
        hint = "nothing was decided about it; check the address and the network, then run this again"
    if hint:
        console.print(Text(f"  → {hint}"), soft_wrap=True)
    for line in error.lines if isinstance(error, SeveralError) else ():
        console.print(Text(line), soft_wrap=True)
