"""The command `init`: asks, or takes flags, and hands what it heard to `syncer.setup`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from syncer.adapter import System
from syncer.cli.console import emit, safe
from syncer.cli.main import DEFAULT, AsJson, app, out
from syncer.errors import SyncerError, UserError
from syncer.mapping.load import nearest
from syncer.mapping.propose import Said
from syncer.model.kinds import KINDS
from syncer.registry import systems
from syncer.setup.survey import Joined, Seen, Survey
from syncer.setup.wishes import CollectionWish, asked, collection_wish, connection_wish, said_kinds
from syncer.setup.write import First, first_configuration, kinds_are_told, refuse_existing, write

T = TypeVar("T")
EXAMPLE = """
Example (secrets stay in environment variables; everything is written as `access: read`):

  syncer init --product trailhead \\
    --connection work=SYSTEM:url=https://…,user=me@acme.com,token=env:WORK_TOKEN \\
    --connection plan=SYSTEM:path=roadmap.xlsx \\
    --collection backlog=work:SHOP --collection roadmap=plan:Roadmap

At a terminal, without flags, it asks. `syncer init --no-ask --product X` lists the systems and what each needs.
"""


@app.command(epilog=EXAMPLE)
def init(
    config: Annotated[Path, typer.Option("--config", "-c", help="Where to write; mappings/ goes beside it.")] = DEFAULT,
    product: Annotated[str, typer.Option("--product", help="The product's short name.")] = "",
    connection: Annotated[
        list[str] | None,
        typer.Option("--connection", help="[NAME=]SYSTEM:setting=value,… Repeatable. A secret is env:NAME."),
    ] = None,
    collection: Annotated[
        list[str] | None,
        typer.Option("--collection", help="NAME=CONNECTION:WHAT, WHAT being a project, database or sheet. Repeatable."),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="NAME=feature or NAME:Epic=feature: what records, or those of a type, are to us."),
    ] = None,
    ask: Annotated[bool | None, typer.Option("--ask/--no-ask", help="By default, asks at a terminal.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look at your systems, read-only, and write a first syncer.yaml and its mappings."""
    asking = sys.stdin.isatty() and not connection and not as_json if ask is None else ask
    refuse_existing(config, ())
    if not product and not asking:
        raise UserError("the product has no name", hint="give it one: --product NAME")
    with Survey(config.parent, systems()) as survey:
        seen = _asked(survey) if asking else _told(survey, connection or [], collection or [], kind or [])
        refuse_existing(config, [side.name for side in seen])
        product = product or typer.prompt("The product's short name", default=_slug(Path.cwd().name))
        first = first_configuration(config, product, survey, seen)
        written = write(first)
        if as_json:
            emit(_as_data(first, written, survey))
        else:
            _tell(first, written, survey, config)


def _told(survey: Survey, connections: Sequence[str], collections: Sequence[str], kinds: Sequence[str]) -> list[Seen]:
    """Do what the flags say."""
    if not connections:
        raise UserError(
            "no connection is named", hint=f"--connection {' | '.join(map(_form, survey.systems.values()))}"
        )
    wishes = [collection_wish(one) for one in collections]
    names = [wish.name for wish in wishes]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"two collections are called {name!r}", hint="give one another name")
    said = said_kinds(kinds)
    for one in connections:
        joined = survey.join(*connection_wish(one))
        if not any(wish.connection == joined.wish.name for wish in wishes) and len(joined.offered) == 1:
            wishes.append(CollectionWish(joined.wish.name, joined.wish.name))
    for joined in survey.joined.values():
        if not any(wish.connection == joined.wish.name for wish in wishes):
            raise UserError(f"{joined.wish.name}: which of its collections?", hint=_offer(joined))
    for side in said:
        if side not in (wish.name for wish in wishes):
            raise UserError(
                f"--kind names {side!r}, which is no collection",
                hint="it is --kind COLLECTION=KIND, or --kind COLLECTION:TYPE=KIND",
            )
    return [survey.look(replace(wish, said=said.get(wish.name, wish.said))) for wish in wishes]


def _form(system: type[System]) -> str:
    """Return how a connection to a system is written."""
    needed = asked(system.ConnectionSettings)
    return f"{system.name}:{','.join(f'{one.name}=env:…' if one.secret else f'{one.name}=…' for one in needed)}"


def _offer(joined: Joined) -> str:
    name = joined.wish.name
    listed = ", ".join(f'"{safe(info.name)}"' for info in joined.offered[:12]) or "it shows this account none"
    return f"--collection NAME={name}:WHAT, WHAT being one of: {listed}"


# asking


def _asked(survey: Survey) -> list[Seen]:
    """Ask a person at a terminal, step by step; a wrong answer is asked again."""
    seen: list[Seen] = []
    while True:
        joined = _again(partial(_ask_connection, survey))
        seen += _again(partial(_ask_collections, survey, joined, [side.name for side in seen]))
        if not typer.confirm("Another system?", default=len(survey.joined) < 2):
            return seen


def _again(step: Callable[[], T]) -> T:
    """Take a step until it succeeds: a typing error is no reason to begin anew."""
    while True:
        try:
            return step()
        except SyncerError as error:
            typer.echo(f"! {error}", err=True)
            if not typer.confirm("Try again?", default=True):
                raise


def _ask_connection(survey: Survey) -> Joined:
    typer.echo("Systems: " + ", ".join(f"{name} ({kind.title})" for name, kind in survey.systems.items()))
    system = typer.prompt("Which one?")
    settings = {}
    for one in asked(survey.system(system).ConnectionSettings):
        if one.secret:
            variable = typer.prompt(
                f"{one.about}\n  The name of the environment variable that holds it", f"{system}_{one.name}".upper()
            )
            settings[one.name] = f"env:{variable}"
        else:
            settings[one.name] = typer.prompt(one.about.rstrip("."))
    name = system
    while name in survey.joined:
        name = typer.prompt(f"There is a connection {name} already. This one's name")
    joined = survey.join(name, system, settings)
    out().print(f"✓ {safe(joined.health.account)} · {safe(joined.health.detail)}")
    return joined


def _ask_collections(survey: Survey, joined: Joined, taken: Sequence[str]) -> list[Seen]:
    if not joined.offered:
        raise UserError(f"{joined.wish.name} shows this account nothing that could take part")
    for number, info in enumerate(joined.offered, 1):
        size = f" · {info.records} records" if info.records is not None else ""
        out().print(f"  {number}  {safe(info.name)}{size}")
    numbers = typer.prompt("Which take part? (numbers, with commas)", "1")
    seen: list[Seen] = []
    for word in re.split(r"[,\s]+", numbers.strip()):
        if not word.isdigit() or not 1 <= int(word) <= len(joined.offered):
            raise UserError(f"{word!r} is none of the numbers above")
        info = joined.offered[int(word) - 1]
        usual = _slug(re.sub(r"\(.*?\)", "", info.name))
        name = typer.prompt(f"A short name for {safe(info.name)}", usual)
        if name in taken or name in [side.name for side in seen]:
            raise UserError(f"two collections are called {name!r}")
        given = {key: value for key, value in info.settings.items() if isinstance(value, str)}
        side = survey.look(CollectionWish(name, joined.wish.name, "", given))
        seen.append(side if kinds_are_told(side) else _ask_kind(side))
    return seen


def _ask_kind(side: Seen) -> Seen:
    """Ask what a side's records are, where no name tells."""
    some = ", ".join(list(KINDS)[1:8])
    while (kind := typer.prompt(f"What are the records of {side.name}? ({some}, …)")) not in KINDS:
        typer.echo(f"! no kind is called {kind!r}: {nearest(kind, KINDS)}", err=True)
    return replace(side, said=Said((kind,)))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "product"


# telling


def _tell(first: First, written: Sequence[Path], survey: Survey, config: Path) -> None:
    console = out()
    for joined in survey.joined.values():
        health = joined.health
        told = " · ".join(safe(word) for word in (health.account, health.detail) if word)
        console.print(f"✓ {joined.wish.name}: {told}")
    for side, kinds in first.kinds.items():
        for kind, fields in kinds.items():
            console.print(f"  {side} {kind}: {', '.join(fields)}")
    for name, side in first.owners.items():
        console.print(f"  owner of {name}: {side}", style="dim")
    for side, what in first.open.items():
        for one in what:
            console.print(f"? {side}: {safe(one)}", style="yellow")
    if first.apart:
        console.print(f"? {first.apart}", style="yellow")
    for path in written:
        console.print(f"wrote {path}")
    told = "" if config == DEFAULT else f" -c {config}"
    console.print(
        f"Nothing else was written, anywhere. Next:\n"
        f"  1. read the mappings; `syncer check{told}` holds them against the live systems\n"
        f"  2. `syncer plan{told}` shows what would be written\n"
        f"  3. set `access: write` where it may be, then `syncer apply{told} --limit 5`, and look",
    )


def _as_data(first: First, written: Sequence[Path], survey: Survey) -> dict[str, Any]:
    return {
        "written": [str(path) for path in written],
        "connections": {name: joined.health.account for name, joined in survey.joined.items()},
        "kinds": first.kinds,
        "owners": first.owners,
        "open": first.open,
        "apart": first.apart,
    }
