"""Record the cassettes again, against the sandbox: `python -m tests.jira.record_cassettes`."""

from __future__ import annotations

from contextlib import suppress

from syncer_jira.sandbox.server import JiraSandbox

from syncer.errors import RejectedError
from syncer.testing.server import Fault
from tests.jira.conftest import SEED
from tests.jira.sessions import FOLDER, HEADER, PLANTED, SESSIONS, open_adapter, tape


def main() -> None:
    """Record every session on a fresh sandbox."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    users = [{"accountId": "acc-robot", "name": "Syncer", "email": "robot@example.com", "token": PLANTED}]
    users.append({"accountId": "acc-ann", "name": "Ann", "email": "ann@example.com", "token": "-"})
    for name, session in SESSIONS.items():
        path = FOLDER / f"{name}.sandbox.yaml"
        path.unlink(missing_ok=True)
        with JiraSandbox({**SEED, "users": users}) as sandbox:
            if name == "limited":
                headers = {"Retry-After": "3", "RateLimit-Reason": "jira-burst-based"}
                sandbox.faults.append(Fault("POST", "bulkfetch", kind=429, headers=headers))
            with tape(sandbox.url, "all").use_cassette(str(path)), suppress(RejectedError):
                session(open_adapter(sandbox.url))
        path.write_text(HEADER + path.read_text("utf-8"), "utf-8")


if __name__ == "__main__":
    main()
