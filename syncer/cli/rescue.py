"""The command for the worst day: `rebuild`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from syncer import api
from syncer.cli.console import Console, emit, safe
from syncer.cli.main import DEFAULT, AsJson, Because, Config, Profile, app, out
from syncer.cli.progress import Bars
from syncer.cli.render import paused_lines
from syncer.engine.rebuild import Rebuilt
from syncer.pause import Pause

MANY = 5
"""Titles that are listed one by one."""


@app.command()
def rebuild(
    aside: Annotated[bool, typer.Option("--aside", help="Move a state file aside even if it is sound.")] = False,
    because: Because = "",
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Make a lost or damaged state anew from what the systems show. Writes to no system."""
    with Bars() as bars, api.open(config, profile=profile, progress=bars) as product:
        made, moved, paused = product.rebuild(aside=aside, because=because)
    if as_json:
        emit(
            {
                "moved_to": str(moved) if moved else None,
                "records": dict(made.records),
                "by_tag": made.by_tag,
                "matched": made.matched,
                "alone": made.alone,
                "archived": made.archived,
                "anew": {side: list(titles) for side, titles in made.anew.items()},
                "lineage": made.lineage,
                "paused": None if paused is None else [asdict(one) for one in paused.values()],
                "waiting": [{"label": label, "why": why} for label, why in made.waiting],
                "questions": [q.text for q in made.plan.questions],
                "held": [{"title": d.title, "field": name} for d, name in made.plan.held],
                "planned": len(made.plan.actions),
            }
        )
    else:
        tell(out(), made, moved, paused)
    if made.plan.questions or made.plan.held:
        raise typer.Exit(4)


def tell(console: Console, made: Rebuilt, moved: Path | None, paused: Mapping[str, Pause] | None) -> None:
    """Print what a rebuild did to our own state, and what comes next."""
    if moved is not None:
        console.print(f"the file that was there is now {moved}")
    console.print("read " + ", ".join(f"{count} records of {side}" for side, count in sorted(made.records.items())))
    console.print(
        f"{made.by_tag} items by their tags · {made.matched} matched · {made.alone} on one side alone · "
        f"{made.archived} archived · {len(made.waiting)} records wait"
    )
    for side, titles in sorted(made.anew.items()):
        some = ", ".join(safe(title) for title in titles[:MANY]) + (" …" if len(titles) > MANY else "")
        console.print(f"  {len(titles)} were in step once and are nowhere on {side}: the plan makes them anew: {some}")
    for label, why in made.waiting:
        console.print(f"  {label}: {why}", style="dim")
    for question in made.plan.questions:
        console.print(f"  ? {question.text}")
    if made.plan.held:
        console.print(f"{len(made.plan.held)} fields differ and are held: `syncer conflicts` lists them")
    paused_lines(console, paused or {})
    if paused is None:
        console.print("what was paused, and answers given before, are forgotten: `syncer pause` says it again")
    console.print(
        f"nothing was written anywhere; {len(made.plan.actions)} actions are planned: `syncer plan` shows them"
    )
