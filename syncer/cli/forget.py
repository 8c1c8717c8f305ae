"""The command `forget`: a person, or a collection that takes no part any more. Shown first, then done."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any

import typer

from syncer import api
from syncer.cli.console import emit, safe
from syncer.cli.main import DEFAULT, AsJson, Because, Config, Profile, app, out
from syncer.errors import UserError
from syncer.forget import Erasing, Forgetting
from syncer.store.forget import Living

MANY = 20
"""Records that are listed one by one."""


@app.command("forget")
def forget_what(
    person: Annotated[str, typer.Argument(help="A name, e-mail address or account id, as `log` shows it.")] = "",
    collection: Annotated[
        str, typer.Option("--collection", help="Erase a collection that is configured no more.")
    ] = "",
    also: Annotated[list[str] | None, typer.Option("--also", help="Another name of the same person.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    because: Because = "",
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Replace a person by a pseudonym in all that is remembered, or erase a collection from it. Writes to no system."""
    if bool(person) == bool(collection) or (collection and also):
        raise UserError("say either a person or --collection NAME", hint="`syncer forget --help` shows how it is used")
    with api.open(config, profile=profile) as product:
        found = product.erasing(collection) if collection else product.forgetting(person, also or ())
        if not (as_json and yes):
            _show(found, as_json=as_json)
        if not yes and not _agreed(as_json=as_json):
            return
        done = (
            product.erase(collection, because=because)
            if collection
            else product.forget(person, also or (), because=because)
        )
    if as_json:
        emit(_json(done))
    else:
        _tell(done)


def _agreed(*, as_json: bool) -> bool:
    """Ask for a yes; say how to give one where nobody can be asked."""
    if as_json:
        return False
    if not sys.stdin.isatty():
        out().print("nothing is changed yet: add --yes", style="dim")
        return False
    typer.confirm("do it?", abort=True)
    return True


def _show(found: Forgetting | Erasing, *, as_json: bool) -> None:
    if as_json:
        emit(_json(found))
    elif isinstance(found, Erasing):
        out().print(f"what is remembered of {found.collection} would be erased: {_counted(found.traces.rows)}")
        if found.traces.alone:
            out().print(f"  {len(found.traces.alone)} items lived there alone: they are emptied")
        if found.traces.only_there:
            out().print(f"  {len(found.traces.only_there)} items lose fields that only {found.collection} had")
    else:
        out().print(
            f"{', '.join(map(safe, found.person.words))} would become a pseudonym: {_counted(found.traces.rows)}"
        )
        _left(found)


def _tell(done: Forgetting | Erasing) -> None:
    if isinstance(done, Erasing):
        out().print(f"erased: {_counted(done.traces.rows)}. The other sides go on as before.")
        return
    out().print(f"from now on: {done.name} ({_counted(done.traces.rows)})")
    if done.traces.living or done.traces.waiting:
        out().print("what is listed above stays until it is changed there: then sync, and forget again", style="yellow")


def _counted(rows: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(rows.items()) if count) or "nothing"


def _left(found: Forgetting) -> None:
    """Print what forgetting does not reach, each with what a person can do about it."""
    traces, tell = found.traces, out().print
    for one in traces.living[:MANY]:
        tell(f"  still shown: {_place(one)}", style="yellow")
    if len(traces.living) > MANY:
        tell(f"  … and {len(traces.living) - MANY} more records", style="yellow")
    if traces.living:
        tell("    → change it there (or hand it over), `syncer sync`, then forget again; it is never written back")
    for waits in traces.waiting:
        tell(f"  waits: {waits}", style="yellow")
    if traces.mentions:
        tell(f"  {traces.mentions} texts mention the name among other words: titles and documents are not rewritten")
    for file in found.files:
        tell(f"  also in {file}: erase it by hand", style="yellow")


def _place(one: Living) -> str:
    name = safe(one.label or one.ref)
    return f"{one.side} {name}{f' {safe(one.url)}' if one.url else ''}{f': {one.field}' if one.field else ''}"


def _json(found: Forgetting | Erasing) -> dict[str, Any]:
    if isinstance(found, Erasing):
        return {
            "collection": found.collection,
            "done": found.done,
            "rows": dict(found.traces.rows),
            "alone": len(found.traces.alone),
            "only_there": len(found.traces.only_there),
        }
    return {
        "words": list(found.person.words),
        "pseudonym": found.name,
        "done": bool(found.name),
        "rows": dict(found.traces.rows),
        "living": [asdict(one) for one in found.traces.living],
        "waiting": found.traces.waiting,
        "mentions": found.traces.mentions,
        "files": list(found.files),
    }
