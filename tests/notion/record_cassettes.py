"""Record the cassettes again, against the sandbox: `python -m tests.notion.record_cassettes`."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from syncer_notion.sandbox.server import NotionSandbox

from syncer.errors import RejectedError
from syncer.testing.server import Clock, Fault
from tests.notion.sessions import FOLDER, HEADER, SEED, SESSIONS, open_adapter, tape


def main() -> None:
    """Record every session on a fresh sandbox; its clock stands at one time, so that nothing else differs."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, session in SESSIONS.items():
        path = FOLDER / f"{name}.sandbox.yaml"
        path.unlink(missing_ok=True)
        clock = Clock(start=datetime(2026, 11, 25, 12, 0, tzinfo=UTC), scale=0.0)
        with NotionSandbox(SEED, clock=clock) as sandbox:
            if name == "limited":
                sandbox.faults.append(Fault("GET", "/v1/pages", kind=429, headers={"Retry-After": "3"}))
            with tape(sandbox.url, "all").use_cassette(str(path)), suppress(RejectedError):
                session(open_adapter(sandbox.url))
        path.write_text(HEADER + path.read_text("utf-8"), "utf-8")


if __name__ == "__main__":
    main()
