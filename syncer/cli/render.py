"""How plans, runs and conflicts look on a terminal. No decisions: the same data goes out as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from syncer.api import Check, Done
from syncer.cli.console import Console, safe
from syncer.engine.plan import Action, Plan, Write
from syncer.errors import SyncerError
from syncer.store.rows import ConflictRow, JournalRow

COLOURS = {"+": "green", "~": "yellow", "-": "red", "^": "cyan", "=": "blue"}
SHORT = 60


def shown(value: Any) -> str:
    """Return a value as one short line."""
    if value is None or value == []:
        return "—"
    if isinstance(value, dict) and value.get("type") == "doc":
        text = _plain(value)
    elif isinstance(value, list) and all(isinstance(v, str) for v in value):
        text = ", ".join(value)
    elif isinstance(value, str):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False)
    text = safe(text)
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def _plain(node: Mapping[str, Any]) -> str:
    return str(node.get("text", "")) + " ".join(_plain(child) for child in node.get("content", ()))


def changes(write: Write, name: str) -> str:
    """Return "field: before → after" of one write, in the item's words."""
    parts = [
        f"{field}: {shown(write.was.get(field, write.before))} → {shown(value)}"
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
    why = action.why or next((w.why for w in action.writes.values()), "")
    if action.cause not in ("edit", "unfinished"):
        why = f"{why}; {action.cause}" if why and why != action.cause else action.cause
    if why:
        line.append(f"   ({why})", style="dim")
    return line


def plan_summary(console: Console, plan: Plan, *, full: bool) -> None:
    """Print a plan: counts per side, kind and field with one example of each; the whole list with `full`."""
    if not plan.actions:
        console.print("Nothing to write: all sides are in step." if not plan.held else "Nothing to write now.")
    else:
        console.print(_counts(plan))
        console.print()
        listed = plan.actions if full else _examples(plan)
        for action in listed:
            _print_action(console, action)
        rest = len(plan.actions) - len(listed)
        if rest > 0:
            console.print(f"  … and {rest} more of the same kinds: `syncer plan --all` lists every one", style="dim")
    _held(console, plan)
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
        table.add_row(side, kind, Text(f"{sign} {verb}", COLOURS[sign]), str(len(actions)), most)
    return table


def _examples(plan: Plan) -> list[Action]:
    seen: set[tuple[str, str, str]] = set()
    chosen = []
    for action in plan.actions:
        key = (action.side, action.kind, action.verb.value)
        if key not in seen:
            seen.add(key)
            chosen.append(action)
    return chosen


def _print_action(console: Console, action: Action) -> None:
    console.print(action_line(action), soft_wrap=True)
    for name, write in action.writes.items():
        if action.verb.value == "update":
            console.print(f"    {changes(write, name)}", style="default")


def _held(console: Console, plan: Plan) -> None:
    for decision, name in plan.held:
        clash = decision.outcomes[name].clash
        if clash is not None:
            said = " · ".join(f"{side}: {shown(value)}" for side, value in sorted(clash.values.items()))
            console.print(f"? held: {decision.title} {name} ({clash.why})", style="bold magenta")
            console.print(f"    was {shown(clash.ancestor)} · {said}")
    for question in plan.questions:
        console.print(f"? {question.text}", style="bold magenta")


def done_summary(console: Console, done: Done, *, quiet: bool = False) -> None:
    """Print what a run did, what it could not do, and the next step."""
    report = done.report
    if not quiet:
        for action in report.done[:20]:
            _print_action(console, action)
        if len(report.done) > 20:
            console.print(f"  … and {len(report.done) - 20} more", style="dim")
    for action, why in report.failed:
        console.print(f"! failed: {action.label} on {action.side}: {why}", style="red")
    for action, name, why in report.refused:
        text = f"! {action.side} refuses {name} of {action.label}: {why}; not sent again until it changes"
        console.print(text, style="red")
    for action, why in report.waiting:
        console.print(f"! waits: {action.label} on {action.side}: {why}", style="yellow")
    for action, why in report.stale:
        console.print(f"! skipped: {action.label} on {action.side}: {why}", style="yellow")
    for text in done.skipped:
        console.print(f"! skipped, no longer what was reviewed: {text}", style="yellow")
    for side, why in report.unreachable.items():
        console.print(f"! {side} was not reached: {why}. Nothing is decided about it.", style="red")
    _held(console, done.plan)
    if done.plan.held or done.plan.questions:
        console.print("  `syncer conflicts` lists what waits for you; `syncer conflicts resolve` settles it")
    written = Counter(f"{a.side} {a.verb.value}" for a in report.done)
    told = ", ".join(f"{n} {what}" for what, n in sorted(written.items())) or "nothing to write"
    console.print(f"run {done.run}: {told}", style="bold")


def check_summary(console: Console, found: Check) -> None:
    """Print what `check` found."""
    for name, health in found.healths.items():
        console.print(f"✓ {name}: {' · '.join(word for word in (health.account, health.detail) if word)}")
        for note in health.notes:
            console.print(f"    · {note}", style="dim")
        for missing in health.missing_permissions:
            console.print(f"  ! may not: {missing}", style="red")
    for side, gap in found.gaps.items():
        console.print(f"✓ {side}: mapping read; between our read and our write: {gap or 'nothing'}")
    for problem in found.problems:
        console.print(f"! {problem}", style="red")


def conflict_lines(console: Console, rows: list[ConflictRow], titles: Mapping[str, str]) -> None:
    """Print open conflicts, one block each."""
    if not rows:
        console.print("No open conflicts.")
    for row in rows:
        title = titles.get(row.item, "")
        console.print(f"{row.id}  {title} {row.field}  ({row.reason})", style="bold")
        if row.field:
            console.print(f"     was: {shown(row.base)}")
        for side, said in row.sides.items():
            by = f"  by {said['by']}" if said.get("by") else ""
            at = f"  at {said['at']}" if said.get("at") else ""
            console.print(f"     {side}: {shown(said['value'])}{by}{at}")


def log_lines(console: Console, rows: list[JournalRow]) -> None:
    """Print an item's story."""
    for row in rows:
        at = row.at.strftime("%Y-%m-%d %H:%M:%S") if row.at else ""
        where = f"{row.side} " if row.side else ""
        console.print(f"{at}  {row.run}  {where}{row.action} [{row.state}] {row.why}")
        fields: Mapping[str, Mapping[str, Any]] = row.fields
        for name, change in fields.items():
            source = f"  from {', '.join(change['taken'])}" if change.get("taken") else ""
            text = f"      {name}: {shown(change.get('before'))} → {shown(change.get('after'))}{source}"
            console.print(text)


def error_lines(console: Console, error: SyncerError) -> None:
    """Print an error: what happened, and the next step."""
    console.print(Text(f"syncer: {error.message}", style="bold red"), soft_wrap=True)
    if error.hint:
        console.print(Text(f"  → {error.hint}"), soft_wrap=True)
