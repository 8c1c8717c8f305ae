"""The commands about what waits for a person: `conflicts list`, `show` and `resolve`."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from syncer import api
from syncer.cli import disagreement, render
from syncer.cli.console import emit
from syncer.cli.main import DEFAULT, AsJson, Because, Config, Profile, app, out
from syncer.engine.resolve import Choice
from syncer.errors import UserError
from syncer.story.desk import Settled
from syncer.story.rule import rule_line
from syncer.story.waiting import Waiting, chosen

conflicts_app = typer.Typer(help="List, show and settle what waits for a person.", invoke_without_command=True)
app.add_typer(conflicts_app, name="conflicts")

Where = Annotated[
    list[str] | None,
    typer.Option("--where", help="Only those with field=…, kind=…, side=… or question=…; may be given again."),
]


@conflicts_app.callback(invoke_without_command=True)
def conflicts_default(
    context: typer.Context, config: Config = DEFAULT, profile: Profile = None, as_json: AsJson = False
) -> None:
    """List what waits for a person (in groups, where it is much), or `show` or `resolve` one."""
    if context.invoked_subcommand is None:
        _list(config, profile, as_json=as_json, where=(), every=False)
    elif (config, profile, as_json) != (DEFAULT, None, False):
        word = context.invoked_subcommand
        raise UserError(f"options stand after the word {word!r}", hint=f"`syncer conflicts {word} … --config FILE`")


@conflicts_app.command("list")
def list_conflicts(
    where: Where = None,
    closed: Annotated[bool, typer.Option("--all", help="Settled and closed ones, too.")] = False,
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """List each thing that waits: what was agreed, what each side says, who said it and when, where that is told."""
    _list(config, profile, as_json=as_json, where=where or (), every=True, closed=closed)


def _list(
    config: Path, profile: str | None, *, as_json: bool, where: Sequence[str], every: bool, closed: bool = False
) -> None:
    with api.open(config, profile=profile) as product:
        members, names = chosen(product.waiting(all=closed), where), product.names()
    if as_json:
        emit([one.to_json() for one in members])
    elif every or len(members) <= disagreement.MANY:
        disagreement.listed(out(), members, names)
    else:
        disagreement.grouped(out(), members, names)
    if any(one.row.state == "open" for one in members):
        raise typer.Exit(4)


@conflicts_app.command("show")
def show_conflict(number: int, config: Config = DEFAULT, profile: Profile = None, as_json: AsJson = False) -> None:
    """Show one conflict whole; documents side by side, only the blocks that differ being marked."""
    with api.open(config, profile=profile) as product:
        found = [one for one in product.waiting(all=True) if one.row.id == number]
        names, words = product.names(), product.desk().words(number) if found else {}
    if not found:
        raise UserError(f"no conflict {number}", hint="`syncer conflicts` lists them")
    if as_json:
        emit(found[0].to_json())
    else:
        disagreement.whole(out(), found[0], names, words)


@conflicts_app.command("resolve")
def resolve_conflict(
    number: Annotated[int | None, typer.Argument(help="The conflict, or a --where.")] = None,
    take: Annotated[str, typer.Option("--take", help="A side whose word to take, or the answer to a question.")] = "",
    value: Annotated[str | None, typer.Option("--value", help="A value of your own; '' for none.")] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Merge the texts in $EDITOR.")] = False,
    always: Annotated[bool, typer.Option("--always", help="From now on: a rule in syncer.yaml.")] = False,
    where: Where = None,
    yes: Annotated[bool, typer.Option("--yes", help="Settle a group without asking.")] = False,
    because: Because = "",
    config: Config = DEFAULT,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Settle a conflict, or a group of them; the next sync writes it."""
    _one_way(number, take, value, where, edit=edit)
    with api.open(config, profile=profile) as product:
        members = _members(product, number, where, always=always)
        desk = product.desk()
        if always:
            kind, name, side = desk.rule(members[0].row.id, Choice(take))
            _say(f"syncer.yaml, below policies.fields: {rule_line(kind, name, side)}", as_json=as_json)
        if len(members) > 1 or number is None:
            _agree(members, take, yes=yes, as_json=as_json)
        given: Any = None
        if number is not None and value is not None:
            given = desk.typed(number, value)
        elif number is not None and edit:
            merging = desk.merging(number)
            given = merging.read(_edited(merging.text(), merging.suffix))
        settled = product.settle([m.row.id for m in members], take=take, value=given, because=because, always=always)
        names = product.names()
    if as_json:
        first = {"id": number, "settled": settled.done[number]} if number in settled.done else {}
        emit({**first, "done": settled.done, "left": settled.left, "rule": settled.rule})
        return
    _tell(settled, names)


def _one_way(number: int | None, take: str, value: str | None, where: Sequence[str] | None, *, edit: bool) -> None:
    """Raise UserError unless it is said what to settle, and how, each in one way."""
    shown = f"`syncer conflicts show {number}` shows both" if number is not None else "`syncer conflicts` lists them"
    if (number is None) == (not where):
        raise UserError("say either which conflict, by its number, or --where", hint="`syncer conflicts` lists them")
    if sum((bool(take), value is not None, edit)) != 1:
        raise UserError("say either --take SIDE or --value VALUE, or --edit", hint=shown)
    if number is None and not take:
        raise UserError("a group is settled by --take SIDE", hint="one by its number, with --value or --edit")


def _members(product: api.Session, number: int | None, where: Sequence[str] | None, *, always: bool) -> list[Waiting]:
    """Return what a choice is about: one conflict (with `always`, all that the rule speaks of), or a group."""
    if number is None:
        found = chosen(product.waiting(), where or ())
        if not found:
            raise UserError("no open conflict is like that", hint="`syncer conflicts` lists them")
        if always and len({(one.kind, one.row.field) for one in found}) > 1:
            raise UserError("a rule is about one field of one kind", hint="add --where kind=… and --where field=…")
        return found
    one = product.desk().open(number)
    alike = product.desk().alike(number) if always else []
    rest = [other for other in alike if other.row.id != number]
    return [next(w for w in product.waiting() if w.row.id == one.id), *rest]


def _agree(members: Sequence[Waiting], take: str, *, yes: bool, as_json: bool) -> None:
    """Show a group, and go on only if a person agrees. Raises UserError, typer.Abort."""
    if not as_json:
        out().print(f"{len(members)} would be settled by {take}:")
        said = {m.row.id: render.shown(m.row.sides[take]["value"]) for m in members if take in m.row.sides}
        disagreement.chosen_lines(out(), members, said)
    if yes:
        return
    if as_json or not sys.stdin.isatty():
        raise UserError("nothing was settled: a group needs your yes", hint="look at it, then add --yes")
    typer.confirm("settle them?", abort=True)


def _say(text: str, *, as_json: bool) -> None:
    if not as_json:
        out().print(text)


def _tell(settled: Settled, names: render.Names) -> None:
    for number, left in settled.left.items():
        out().print(f"! {number} is left: {left}", style="yellow")
    if len(settled.done) == 1:
        (value,) = settled.done.values()
        out().print(f"settled: {render.shown(value, names)}. The next sync writes it.")
    else:
        out().print(f"{len(settled.done)} settled. The next sync writes them.")


def _edited(text: str, suffix: str) -> str:
    """Let a person edit a text; return it. Raises UserError where the editor is missing, or left with an error."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    if not command.strip():
        raise UserError("no editor is known: nothing was settled", hint="set EDITOR, such as EDITOR=nano")
    with tempfile.TemporaryDirectory(prefix="syncer-") as folder:  # nobody else may read it
        file = Path(folder) / f"conflict{suffix}"
        file.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run([*shlex.split(command), str(file)], check=False)  # noqa: S603  (the person's own)
        except (OSError, ValueError) as error:
            raise UserError(f"the editor {command!r} cannot be started: nothing was settled") from error
        if done.returncode != 0:
            raise UserError(f"the editor ended with {done.returncode}: nothing was settled")
        return file.read_text(encoding="utf-8")
