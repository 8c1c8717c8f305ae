"""The commands that look back: `log`, `why` and `undo`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from syncer import api
from syncer.cli import render, telling
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
    item: Annotated[str, typer.Argument(help="An item: its id, key, or a part of its title; none: everything.")] = "",
    run: Annotated[str, typer.Option("--run", help="Only what this run did.")] = "",
    since: Annotated[str, typer.Option("--since", help="Only since then: 2026-11-01, or 7d, 24h.")] = "",
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Tell an item's story, field by field; with --json --since, the export for an audit."""
    with api.open(config, profile=profile) as product:
        if as_json:
            emit(product.audit(item, run=run, since=since))
        else:
            deeds, begins = product.story(item, run=run, since=since), None if run else product.begins()
            telling.log_lines(out(), deeds, product.names(), items=not item, begins=begins)


@app.command("why")
def show_why(
    item: Annotated[str, typer.Argument(help="An item: its id, key, or a part of its title.")],
    field: Annotated[str, typer.Argument(help="A field of it, such as status.")],
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Tell in one line why a field is what it is."""
    with api.open(config, profile=profile) as product:
        found, names = product.why(item, field), product.names()
    if as_json:
        emit(found.to_json())
    else:
        out().print(telling.why_line(found, names), soft_wrap=True)
