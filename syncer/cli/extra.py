"""The commands that prepare: `sandbox` and `schema`."""

from __future__ import annotations

import errno
import json
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from syncer.cli.console import emit
from syncer.cli.main import app, out
from syncer.errors import UserError
from syncer.mapping.jsonschema import json_schema
from syncer.registry import sandboxes, systems
from syncer.setup.wishes import asked

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
    running = sandboxes()[system](_state(seed))
    try:
        url = running.start(port)
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        said = f"port {port} is in use" if taken else f"port {port} cannot be used: {error}"
        raise UserError(said, hint="give another one, or 0 for any free port") from error
    out().print(f"{system} sandbox at {url} (Ctrl-C ends it)")
    if seed is None:
        _tell_login(system, url, running.login)
    sys.stdout.flush()
    if threading.current_thread() is threading.main_thread():
        # a shell starts what runs in the background deaf to Ctrl-C
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        running.stop()


def _state(seed: Path | None) -> Any:
    """Read a seed. Raises UserError where it is missing or no JSON."""
    if seed is None:
        return None
    try:
        return json.loads(seed.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UserError(
            f"{seed} cannot be read: {why}", hint="a seed is a JSON file; the adapter's README shows one"
        ) from error


def _tell_login(system: str, url: str, login: Mapping[str, str]) -> None:
    """Print how a connection to a sandbox is made: its secrets are no secrets."""
    kind = systems()[system].ConnectionSettings
    settings = {"url": url}
    for one in asked(kind):
        if one.secret and one.name in login:
            variable = f"{system}_{one.name}".upper()
            out().print(f"  export {variable}={login[one.name]}")
            settings[one.name] = f"env:{variable}"
        elif one.name in login:
            settings[one.name] = login[one.name]
    out().print(f"  --connection {system}:{','.join(f'{name}={value}' for name, value in settings.items())}")


@app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of syncer.yaml and of mapping files, for editors."""
    emit(json_schema())
