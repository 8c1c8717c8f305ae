"""The commands about what waits for a person: `conflicts list`, `show` and `resolve`."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from syncer import api
from syncer.cli import render
from syncer.cli.console import emit
from syncer.cli.main import DEFAULT, AsJson, Because, Config, Profile, app, out
from syncer.errors import UserError

conflicts_app = typer.Typer(help="List, show and settle what waits for a person.", invoke_without_command=True)
app.add_typer(conflicts_app, name="conflicts")


@conflicts_app.callback(invoke_without_command=True)
def conflicts_default(
    context: typer.Context, config: Config = DEFAULT, profile: Profile = None, as_json: AsJson = False
) -> None:
    """List what waits for a person, or `show` or `resolve` one."""
    if context.invoked_subcommand is None:
        list_conflicts(config, profile, as_json)
    elif (config, profile, as_json) != (DEFAULT, None, False):
        word = context.invoked_subcommand
        raise UserError(f"options stand after the word {word!r}", hint=f"`syncer conflicts {word} … --config FILE`")


@conflicts_app.command("list")
def list_conflicts(config: Config = DEFAULT, profile: Profile = None, as_json: AsJson = False) -> None:
    """List what waits for a person."""
    with api.open(config, profile=profile) as product:
        rows = product.conflicts()
        names = product.names()
    if as_json:
        emit(
            [
                {"id": r.id, "item": r.item, "field": r.field, "base": r.base, "sides": r.sides, "why": r.reason}
                for r in rows
            ]
        )
    else:
        render.conflict_lines(out(), rows, names)
    if rows:
        raise typer.Exit(4)


@conflicts_app.command("show")
def show_conflict(number: int, config: Config = DEFAULT, profile: Profile = None, as_json: AsJson = False) -> None:
    """Show one conflict whole."""
    with api.open(config, profile=profile) as product:
        rows = [c for c in product.conflicts(all=True) if c.id == number]
        names = product.names()
    if not rows:
        raise UserError(f"no conflict {number}", hint="`syncer conflicts` lists them")
    if as_json:
        emit({"id": number, "field": rows[0].field, "base": rows[0].base, "sides": rows[0].sides, "how": rows[0].how})
    else:
        render.conflict_lines(out(), rows, names)


@conflicts_app.command("resolve")
def resolve_conflict(
    number: int,
    take: Annotated[str, typer.Option("--take", help="A side whose word to take, or the answer to a question.")] = "",
    value: Annotated[str | None, typer.Option("--value", help="A value of your own (JSON, or plain text).")] = None,
    because: Because = "",
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Settle a conflict; the next sync writes it."""
    if (value is None) == (not take):
        raise UserError("say either --take SIDE or --value VALUE", hint=f"`syncer conflicts show {number}` shows both")
    with api.open(config, profile=profile) as product:
        chosen, names = product.resolve(number, take=take, value=parsed(value), because=because), product.names()
    if as_json:
        emit({"id": number, "settled": chosen})
    else:
        out().print(f"settled: {render.shown(chosen, names)}. The next sync writes it.")


def parsed(value: str | None) -> Any:
    """Read a typed value: JSON where it is JSON, else the text itself."""
    try:
        return None if value is None else json.loads(value)
    except ValueError:
        return value
