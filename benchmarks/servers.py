"""The two sandboxes, without rate limits, in a process of their own, until its input ends."""

from __future__ import annotations

import json
import sys

from syncer_jira.sandbox.server import JiraSandbox
from syncer_notion.sandbox.server import NotionSandbox


def main() -> None:
    """Read the seeds (JSON, one line), say where the sandboxes are (JSON, one line), and wait."""
    seeds = json.loads(sys.stdin.readline())
    with JiraSandbox(seeds["jira"], rate=0) as jira, NotionSandbox(seeds["notion"], rate=0) as notion:
        print(json.dumps({"jira": jira.url, "notion": notion.url}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
