"""The command `rehearse`: what a sync would do, whether a second one would be quiet, and whether an undo undoes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from syncer import api
from syncer.cli import render
from syncer.cli.console import Console, emit, safe
from syncer.cli.main import DEFAULT, Allow, AsJson, Config, Profile, allowed, app, out, run_json
from syncer.cli.progress import Bars
from syncer.engine import plandoc
from syncer.engine.plan import Action
from syncer.rehearse.results import Rehearsal, Stored, Undone, Unlike

Samples = Annotated[int, typer.Option("--samples", min=0, help="How many of each sort to show.")]


@app.command("rehearse")
def rehearse_product(
    samples: Samples = 2,
    allow: Allow = None,
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Play a sync, a second one and an undo in memory, on what the tools hold. Writes nothing anywhere."""
    with Bars() as bars, api.open(config, profile=profile, progress=bars) as product:
        played = product.rehearse(allow=allowed(allow))
    if as_json:
        emit(to_json(played))
    else:
        tell(out(), played, samples)
    if played.exit_code:
        raise typer.Exit(played.exit_code)


def to_json(played: Rehearsal) -> dict[str, Any]:
    """Return the three results as JSON."""
    undone = played.undone
    return {
        "exit_code": played.exit_code,
        "settles": played.settles,
        "undoes": undone.ok,
        "read": dict(played.read),
        "pretended": list(played.pretended),
        "sync": {**run_json(played.done), "counts": plandoc.counts(played.done.plan)},
        "stored": [asdict(one) for one in played.stored],
        "again": [plandoc.action_json(action) for action in played.again],
        "clashes": [{"title": title, "field": name} for title, name in played.clashes],
        "undo": {
            "done": len(undone.report.done),
            "failed": [{"label": a.label, "side": a.side, "why": why} for a, why in undone.report.failed],
            "records": undone.records,
            "archived": undone.archived,
            "marked": undone.marked,
            "unlike": [asdict(one) for one in undone.unlike],
            "left_alone": list(undone.plan.notes),
            "again": [plandoc.action_json(action) for action in undone.again],
        },
    }


def tell(console: Console, played: Rehearsal, samples: int) -> None:
    """Print the three results."""
    read = ", ".join(f"{count} records of {side}" for side, count in sorted(played.read.items()))
    console.print(f"Read {read}. Everything below was done to copies in memory; nothing was written anywhere.")
    if played.pretended:
        sides = ", ".join(played.pretended)
        console.print(f"No connection may be written yet: rehearsed as if they might be ({sides}).", style="dim")
    console.print("\n1. A sync", style="bold")
    _sync(console, played, samples)
    console.print("\n2. A second sync", style="bold")
    _again(console, played, samples)
    console.print("\n3. Undo", style="bold")
    _undo(console, played.undone, samples, played.names)


def _sync(console: Console, played: Rehearsal, samples: int) -> None:
    render.plan_summary(console, played.done.plan, full=False, names=played.names, samples=samples)
    render.undone(console, played.done)
    if played.stored:
        console.print(f"! {len(played.stored)} values would be shown otherwise than they are sent", style="yellow")
        for one in _some(played.stored, samples):
            console.print(f"    {_stored(one)}")


def _again(console: Console, played: Rehearsal, samples: int) -> None:
    if played.settles:
        console.print("✓ it writes nothing", style="green")
    if played.again:
        text = f"! it does not settle: a second sync would have {len(played.again)} actions, and should have none"
        console.print(text, style="bold red")
        _samples(console, played.again, samples, played.names)
    if played.clashes:
        some = "; ".join(f"{title} {name}" for title, name in played.clashes[: max(1, samples)])
        text = f"! it does not settle: a second sync would find {len(played.clashes)} conflicts of our own making: "
        console.print(text + some, style="bold red")


def _undo(console: Console, undone: Undone, samples: int, names: render.Names) -> None:
    if undone.ok:
        console.print(f"✓ all {undone.records} records are as they were before the sync, and stay so", style="green")
    else:
        for action, why in (*undone.report.failed, *undone.report.stale):
            console.print(f"! failed: {action.label} on {action.side}: {why}", style="red")
        if undone.unlike:
            text = f"! it does not undo: {len(undone.unlike)} differences remain to how the records were before"
            console.print(text, style="bold red")
            for one in _some(undone.unlike, samples):
                console.print(f"    {_unlike(one)}")
        if undone.again:
            text = f"! what was undone would be done again: {len(undone.again)} writes by the next sync"
            console.print(text, style="bold red")
            _samples(console, undone.again, samples, names)
    if undone.archived:
        console.print(
            f"  {undone.archived} records that the sync had made are archived: no tool deletes them", style="dim"
        )
    if undone.marked:
        console.print(f"  our mark stays on {undone.marked} records", style="dim")
    for note in undone.plan.notes:
        console.print(f"  {note}", style="dim")


def _samples(console: Console, actions: Sequence[Action], samples: int, names: render.Names) -> None:
    shown = render.examples(actions, samples)
    for action in shown:
        render.print_action(console, action, names, whole=True)
    if len(actions) > len(shown):
        console.print(f"  … and {len(actions) - len(shown)} more: --samples shows more of each sort", style="dim")


def _some(found: Sequence[Any], samples: int) -> Iterable[Any]:
    """Return so many of each side and field."""
    counted: dict[tuple[str, str], int] = {}
    for one in found:
        key = (one.side, one.field)
        counted[key] = counted.get(key, 0) + 1
        if counted[key] <= samples:
            yield one


def _stored(one: Stored) -> str:
    return safe(f"{one.side} {one.label}, {one.field}: {render.shown(one.sent)} → {render.shown(one.shown)}")


def _unlike(one: Unlike) -> str:
    what = f"{one.side} {one.label}"
    if not one.field:
        return safe(f"{what}: {one.why}")
    return safe(f"{what}, {one.field}: {render.shown(one.before)} → {render.shown(one.after)}")
