"""The command `syncer`. Each command parses, calls the library, renders; exit codes are drawn below.

0 in step · 1 our bug · 2 you must change something · 3 a guard stopped · 4 conflicts or questions held
5 some records failed · 6 a system was unreachable · 7 another run holds the product · 10 `plan --exit-code`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from syncer import __version__, api
from syncer.cli import render
from syncer.cli.console import Console, emit
from syncer.cli.progress import Bars
from syncer.engine import plandoc
from syncer.errors import BusyError, GuardError, PausedError, SyncerError, UnreachableError, UserError
from syncer.pause import Pause
from syncer.store.rows import LinkState, RunState

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Keep one product in step."
)

Config = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
Profile = Annotated[str | None, typer.Option("--profile", help="A profile of the configuration.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Full = Annotated[bool, typer.Option("--full", help="List everything, so that removals are seen.")]
Allow = Annotated[
    list[str] | None,
    typer.Option("--allow", help="A guard that may be passed: empty, removals, older, writes, configuration."),
]
Because = Annotated[str, typer.Option("--because", help="Why, for the record.")]
DEFAULT = Path("syncer.yaml")
NOTHING_PAUSED: Mapping[str, Pause] = {}


def out() -> Console:
    """Return the console for results."""
    return Console()


def allowed(names: list[str] | None) -> list[str]:
    """Return guards' flags as the library names them. Raises UserError for an unknown one."""
    known = ("empty", "removals", "older", "writes", "configuration")
    for name in names or ():
        if name not in known:
            raise UserError(f"no guard is called {name!r}", hint=f"guards: {', '.join(known)}")
    return [f"--allow {name}" for name in names or ()]


@app.command()
def check(config: Config = DEFAULT, profile: Profile = None, as_json: AsJson = False) -> None:
    """Log in everywhere; hold the mappings against the live schemas."""
    with api.open(config, profile=profile) as product:
        found = product.check()
    if as_json:
        emit({"ok": found.ok, "problems": [str(p) for p in found.problems], "connections": list(found.healths)})
    else:
        render.check_summary(out(), found)
    if not found.ok:
        raise typer.Exit(max((p.exit_code for p in found.problems), default=2, key=lambda c: c if c in (2, 6) else 2))


@app.command()
def plan(
    config: Config = DEFAULT,
    profile: Profile = None,
    full: Full = False,
    save: Annotated[Path | None, typer.Option("--out", help="Save the plan for review and `apply`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="List every action and note.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 10 when there are actions.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what would be written, and write nothing."""
    with Bars() as bars, api.open(config, profile=profile, progress=bars) as product:
        made = product.plan(full=full)
        document, names = product.plan_document(made), product.names()
        notified, paused = product.notified(made), product.pauses()
    if save is not None:
        save.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if as_json:
        notices = {side: asdict(notice) for side, notice in notified.items()}
        emit({**document, "notifies": notices, "paused": [asdict(pause) for pause in paused.values()]})
    else:
        render.plan_summary(out(), made, full=everything, names=names)
        render.paused_lines(out(), paused)
        render.notices(out(), notified, names)
        if save is not None:
            out().print(f"saved to {save}; `syncer apply {save}` does exactly this", style="dim")
    if made.unreachable:
        raise typer.Exit(UnreachableError.exit_code)
    if exit_code and made.actions:
        raise typer.Exit(10)


@app.command()
def apply(
    plan_file: Annotated[Path | None, typer.Argument(help="A plan saved with `plan --out`; none: plan now.")] = None,
    config: Config = DEFAULT,
    profile: Profile = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Do only the first so many actions.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Do only actions on this kind.")] = None,
    item: Annotated[str | None, typer.Option("--item", help="Do only actions on this item (id, key or title).")] = None,
    allow: Allow = None,
    because: Because = "",
    as_json: AsJson = False,
) -> None:
    """Do what a plan says, and nothing that was not reviewed."""
    with stopping(as_json), Bars() as bars, api.open(config, profile=profile, progress=bars) as product:
        chosen = plan_file if plan_file is not None else product.plan()
        done = product.apply(chosen, allow=allowed(allow), limit=limit, kind=kind, item=item, because=because)
        names, paused = product.names(), product.pauses()
    finish(done, names, as_json=as_json, paused=paused)


@app.command()
def sync(
    config: Config = DEFAULT,
    profile: Profile = None,
    full: Full = False,
    cron: Annotated[bool, typer.Option("--cron", help="Silent, and 0, when there is nothing new to tell.")] = False,
    allow: Allow = None,
    because: Because = "",
    as_json: AsJson = False,
) -> None:
    """Plan, and apply the plan under the guards."""
    try:
        with stopping(as_json), Bars(silent=cron) as bars, api.open(config, profile=profile, progress=bars) as product:
            known = {c.id for c in product.conflicts()}
            done = product.sync(full=full, allow=allowed(allow), trigger="cron" if cron else "", because=because)
            news, names = {c.id for c in product.conflicts()} - known, product.names()
            paused = product.pauses()
    except BusyError:
        if cron:
            return
        raise
    except PausedError as error:  # somebody meant it: no failure, and nothing to tell under cron
        if as_json:
            emit({"paused": error.message, "exit_code": 0})
        elif not cron:
            out().print(str(error))
        return
    if cron and done.exit_code in (0, 4) and not news:
        return
    finish(done, names, as_json=as_json, quiet=cron, paused=paused)


@contextmanager
def stopping(as_json: bool) -> Iterator[None]:
    """Tell a guard's stop as JSON, too, where JSON is asked for."""
    try:
        yield
    except GuardError as error:
        if as_json:
            emit({"exit_code": error.exit_code, "stopped": error.to_json(), "done": []})
        raise


def run_json(done: api.Done) -> dict[str, Any]:
    """Return what a run did, as JSON."""
    report = done.report
    return {
        "run": done.run,
        "exit_code": done.exit_code,
        "done": [plandoc.action_json(a) for a in report.done],
        "failed": [{"action": a.id, "label": a.label, "why": why} for a, why in report.failed],
        "refused": [{"label": a.label, "field": f, "why": why} for a, f, why in report.refused],
        "waiting": [{"label": a.label, "why": why} for a, why in report.waiting],
        "skipped": [*done.skipped, *(why for _, why in report.stale)],
        "held": [{"title": d.title, "field": name} for d, name in done.plan.held],
        "questions": [q.text for q in done.plan.questions],
        "unreachable": report.unreachable,
        "given_back": [{"label": a.label, "side": a.side, "field": name} for a, name in report.given_back],
        "withheld": [{"label": a.label, "side": a.side, "verb": a.verb.value} for a in report.withheld],
    }


def finish(
    done: api.Done,
    names: render.Names,
    *,
    as_json: bool,
    quiet: bool = False,
    paused: Mapping[str, Pause] = NOTHING_PAUSED,
) -> None:
    """Print a run and leave with its exit code."""
    if as_json:
        emit({**run_json(done), "paused": [asdict(pause) for pause in paused.values()]})
    else:
        render.done_summary(out(), done, quiet=quiet, names=names)
        render.paused_lines(out(), paused)
    if done.exit_code:
        raise typer.Exit(done.exit_code)


@app.command()
def status(config: Config = DEFAULT, profile: Profile = None, as_json: AsJson = False) -> None:
    """Tell how things stand, without asking any system."""
    with api.open(config, profile=profile) as product:
        runs, waits, items = product.runs(5), product.conflicts(), product.items()
        cursors, paused = product.store.cursors(), product.pauses()
        restricted = product.store.in_state(LinkState.RESTRICTED)
    if as_json:
        emit(
            {
                "items": len(items),
                "open": len(waits),
                "paused": [asdict(pause) for pause in paused.values()],
                "restricted": restricted,
                "runs": [{"id": r.id, "state": r.state, **r.circumstances, **r.counts} for r in runs],
            }
        )
        return
    console = out()
    console.print(f"{len(items)} items · {len(waits)} conflicts or questions open")
    render.paused_lines(console, paused)
    for side, row in sorted(cursors.items()):
        read, swept = render.moment(row.listed_at), render.moment(row.swept_at)
        hidden = f"; {restricted[side]} restricted since they were linked: left alone" if side in restricted else ""
        console.print(f"  {side}: last read {read}, last full listing {swept}{hidden}")
    for run in runs:
        told = ", ".join(f"{v} {k}" for k, v in run.counts.items() if isinstance(v, int) and v)
        ended = "nothing to do" if run.state != RunState.OPEN else "running, or killed"
        console.print(f"  {run.id} {run.command} {run.state}: {run.error or told or ended}")


@app.callback()
def version(
    _: Annotated[
        bool, typer.Option("--version", callback=lambda on: show_version(on), is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep one product in step across the tools a team already uses."""


def show_version(on: bool) -> None:
    """Print the version and leave."""
    if on:
        typer.echo(f"syncer {__version__}")
        raise typer.Exit


WRONG_USE = cast(
    "type[Exception]", next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
)
"""What the command line's own parser raises; its home differs between versions of typer."""


def guarded(run: Callable[[], Any]) -> int:
    """Run a command; turn our errors, and wrong use, into one or two lines and an exit code."""
    try:
        result = run()
    except SyncerError as error:
        render.error_lines(Console(stderr=True), error)
        return error.exit_code
    except typer.Abort:
        Console(stderr=True).print("stopped")
        return 130
    except WRONG_USE as error:
        return _wrong_use(error)
    return result if isinstance(result, int) else 0


def _wrong_use(error: Any) -> int:
    """Say what was wrong with a command line, and where its help is."""
    said, context = error.format_message().strip(), getattr(error, "ctx", None)
    if not said:
        error.show()  # no command at all: the help itself
        return UserError.exit_code
    words = context.command_path.split()[1:] if context is not None else []
    hint = f"`{' '.join(['syncer', *words, '--help'])}` shows how it is used"
    render.error_lines(Console(stderr=True), UserError(said, hint=hint))
    return UserError.exit_code


def main() -> None:
    """Run the command line."""
    from syncer.cli import care, conflicts, extra, forget, history, init, rehearse, rescue  # noqa: F401  (they register)

    sys.exit(guarded(lambda: app(standalone_mode=False)))
