"""The commands that look back: `log` and `undo`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from syncer import api
from syncer.cli import render
from syncer.cli.console import emit
from syncer.cli.main import DEFAULT, AsJson, Because, Config, Profile, app, finish, out
from syncer.cli.progress import Bars


@app.command()
def undo(
    run: Annotated[str, typer.Argument(help="The run whose writes are put back: `syncer status` lists the last ones.")],
    item: Annotated[str, typer.Option("--item", help="Only what it did to this item.")] = "",
    field: Annotated[str, typer.Option("--field", help="Only what it did to this field.")] = "",
    save: Annotated[Path | None, typer.Option("--out", help="Save the plan for review and `apply`.")] = None,
    now: Annotated[bool, typer.Option("--apply", help="Do it at once.")] = False,
    because: Because = "",
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Plan to put back what a run wrote. What people edited since is listed and left alone."""
    with Bars() as bars, api.open(config, profile=profile, progress=bars) as product:
        plan = product.undo(run, item=item, field=field)
        document, names = product.plan_document(plan), product.names()
        done = product.apply(plan, because=because) if now and plan.actions else None
    if save is not None:
        save.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if done is not None:
        finish(done, names, as_json=as_json)
    elif as_json:
        emit(document)
    else:
        render.plan_summary(out(), plan, full=True, names=names)
        if plan.actions:
            how = f"`syncer apply {save}`" if save else f"`syncer undo {run} --apply`"
            out().print(f"nothing is written yet: {how} does this", style="dim")


@app.command("log")
def show_log(
    item: Annotated[str, typer.Argument(help="An item: its id, key, or a part of its title.")],
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Tell an item's story, field by field."""
    with api.open(config, profile=profile) as product:
        rows, names = product.log(product.item(item).id), product.names()
    if as_json:
        emit(
            [
                {
                    "run": r.run,
                    "at": r.at,
                    "side": r.side,
                    "action": r.action,
                    "state": r.state,
                    "fields": r.fields,
                    "why": r.why,
                }
                for r in rows
            ]
        )
    else:
        render.log_lines(out(), rows, names)
