"""Run a Jira sandbox until interrupted: `python -m syncer_jira.sandbox [port] [seed.json]`."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from syncer_jira.sandbox.server import JiraSandbox


def main(arguments: list[str]) -> None:
    """Start, say where, and wait."""
    port = int(arguments[0]) if arguments else 0
    seed = json.loads(Path(arguments[1]).read_text("utf-8")) if len(arguments) > 1 else None
    sandbox = JiraSandbox(seed)
    url = sandbox.start(port)
    user = sandbox.state.data["users"][0]
    print(f"{url}  user {user['email']}  token {user['token']}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
