"""The commands that prepare: `sandbox` and `schema`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from syncer.cli.console import emit
from syncer.cli.main import app, out
from syncer.errors import UserError
from syncer.mapping.jsonschema import json_schema
from syncer.registry import sandboxes

sandbox_app = typer.Typer(help="Run a stand-in for a system, on this machine only.")
app.add_typer(sandbox_app, name="sandbox")


@sandbox_app.command("list")
def list_sandboxes() -> None:
    """List the systems that have a sandbox."""
    for name in sandboxes():
        out().print(name)


@sandbox_app.command("start")
def start(
    system: str,
    port: Annotated[int, typer.Option("--port", help="0: any free port.")] = 0,
    seed: Annotated[Path | None, typer.Option("--seed", help="A JSON file with the state to begin with.")] = None,
) -> None:
    """Start a sandbox and keep it up until it is interrupted."""
    if system not in sandboxes():
        raise UserError(f"no sandbox for {system!r}", hint=f"there are: {', '.join(sandboxes()) or 'none installed'}")
    state = json.loads(seed.read_text(encoding="utf-8")) if seed else None
    running = sandboxes()[system](state)
    try:
        url = running.start(port)
    except OSError as error:
        raise UserError(f"port {port} is in use", hint="give another one, or 0 for any free port") from error
    out().print(f"{system} sandbox at {url} (Ctrl-C ends it)")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        running.stop()


@app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of syncer.yaml and of mapping files, for editors."""
    emit(json_schema())
