"""The commands that look after a product: `lint`, `pause`, `resume`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from syncer import api
from syncer.cli.console import emit, safe
from syncer.cli.main import DEFAULT, AsJson, Because, Config, Profile, app, out
from syncer.lint import Finding, Lint

WEIGHT = {"error": "bold red", "warning": "yellow", "note": "dim"}


@app.command("lint")
def show_lint(config: Config = DEFAULT, profile: Profile = None, as_json: AsJson = False) -> None:
    """Tell what is inconsistent across the tools, from what is remembered. Exits 4 on a warning or an error."""
    with api.open(config, profile=profile) as product:
        found = product.lint()
    if as_json:
        emit(found.to_json())
    else:
        for finding in found.findings:
            out().print(_finding(finding))
        for rule, why in found.unknown.items():
            out().print(f"not asked: {rule} ({why})", style="dim")
        out().print(_sum(found))
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def _sum(found: Lint) -> str:
    """Return what was found in a line; where nothing is remembered, that is no good news."""
    if not found.items:
        return "Nothing is remembered yet, so nothing was looked at: `syncer sync` first."
    count = len(found.findings)
    said = f"{count} finding{'s' if count > 1 else ''}" if count else "nothing inconsistent"
    return f"{found.items} items looked at: {said}"


def _finding(finding: Finding) -> Text:
    """Return a finding as three lines: what, where, and the next step."""
    line = Text(f"{finding.severity} ", style=WEIGHT[finding.severity])
    line.append(f"{finding.kind} ", style="dim")
    line.append(safe(f"{finding.title}: {finding.text}"))
    line.append(f"   [{finding.rule}]", style="dim")
    for place in finding.places:
        line.append(f"\n    {place.side} {safe(place.label)} {safe(place.url)}".rstrip(), style="dim")
    line.append(f"\n  → {finding.next}")
    return line


@app.command("pause")
def pause_product(
    collection: Annotated[str, typer.Argument(help="A collection; none: the whole product.")] = "",
    because: Because = "",
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Neither read nor write a collection, or anything, until `resume`. A run under way ends first."""
    with api.open(config, profile=profile) as product:
        made = product.pause(collection, because=because)
    if as_json:
        emit(asdict(made))
    else:
        named = f" {collection}" if collection else ""
        out().print(f"{made}\n  → `syncer resume{named}` goes on")


@app.command("resume")
def resume_product(
    collection: Annotated[str, typer.Argument(help="A collection; none: everything that is paused.")] = "",
    because: Because = "",
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """End a pause. The next sync carries what happened meanwhile."""
    with api.open(config, profile=profile) as product:
        ended = product.resume(collection, because=because)
    if as_json:
        emit([asdict(one) for one in ended])
    else:
        names = ", ".join(one.collection or "the product" for one in ended)
        out().print(
            f"resumed: {names}. The next sync carries what happened meanwhile." if ended else "Nothing was paused."
        )
