"""Requests a collection costs, counted by the sandboxes' access logs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import product
from benchmarks.least import Least, first, idle, settling, small
from benchmarks.process import ROOT, path_of, run
from benchmarks.product import Shares
from benchmarks.table import Table

HOUR = 3600
MAIN = "from syncer.cli.main import main; main()"
COLLECTIONS = {"jira": "Jira project", "notion": "Notion data source"}
WORDS = """\
{items} features: {jira} begin in Jira, {notion} in Notion, {book} in the workbook, none in two of them. Each sync is \
the real command line in a process of its own; the sandboxes run in another, with their rate limits off, their index \
lag and their coarse clocks on. Their access logs are the count; the workbook is a file and costs no request. `least` \
is what one request a record would need at the very least, `least, bulk` what it would be if every bulk endpoint that \
the vendor has were used."""


@contextmanager
def servers(seeds: Mapping[str, object]) -> Iterator[dict[str, str]]:
    """Run both sandboxes in a process of their own; give their addresses."""
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.servers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=path_of(),
    )
    assert child.stdin is not None and child.stdout is not None
    try:
        child.stdin.write(json.dumps(seeds) + "\n")
        child.stdin.flush()
        yield json.loads(child.stdout.readline())
    finally:
        child.stdin.close()
        child.wait(timeout=60)
        child.stdout.close()


class Bench:
    """One product, synced again and again."""

    def __init__(self, folder: Path, urls: dict[str, str], shares: Shares, sync: Callable[[Path], object]) -> None:
        self.folder, self.urls, self.shares, self._sync = folder, urls, shares, sync
        product.write(folder, shares, urls)

    def counted(self) -> dict[str, Counter[str]]:
        """Sync, and return the requests by system and route, as the sandboxes logged them."""
        for url in self.urls.values():
            product.http("DELETE", f"{url}/_sandbox/log")
        self._sync(self.folder)
        logs = {name: product.http("GET", f"{url}/_sandbox/log") for name, url in self.urls.items()}
        return {name: Counter(line["route"] for line in log) for name, log in logs.items()}

    def later(self, seconds: int) -> None:
        """Move the sandboxes' clocks: indexes catch up, coarse clocks leave the minute behind."""
        for url in self.urls.values():
            product.http("POST", f"{url}/_sandbox/clock", body={"advance": seconds})


def by_command(folder: Path) -> None:
    """Run `syncer sync` in a process of its own."""
    run(["-c", MAIN, "sync"], folder=folder, env=product.ENV)


def measure(items: int, sync: Callable[[Path], object] = by_command) -> list[Table]:
    """Return the tables of requests; `sync` syncs the product of a folder."""
    shares = Shares(items)
    words = WORDS.format(items=items, jira=shares.jira, notion=shares.notion, book=shares.book)
    table = Table(
        "Requests",
        words,
        ("sync", "collection", "requests", "of them writes", "least", "least, bulk", "why the least"),
    )
    routes = Table(
        "Where the requests go",
        "The same syncs, by endpoint. A dash is none.",
        ("collection", "endpoint", "first", "right after", "idle", "1 % changed"),
    )
    with TemporaryDirectory() as folder, servers(product.seeds(shares)) as urls:
        bench = Bench(Path(folder), urls, shares, sync)
        steps: list[tuple[str, dict[str, Counter[str]], dict[str, Least]]] = []
        steps.append(("first", bench.counted(), first(shares)))
        bench.later(HOUR)
        steps.append(("right after", bench.counted(), settling(shares)))
        bench.later(HOUR)
        steps.append(("idle", bench.counted(), idle()))
        product.edit(bench.folder, shares, urls)
        bench.later(HOUR // 6)
        steps.append(("1 % changed", bench.counted(), small(shares)))
    for name, counts, least in steps:
        for system, title in COLLECTIONS.items():
            found = counts[system]
            wrote = sum(n for route, n in found.items() if _writes(route))
            bound = least[system]
            table.add(name, title, found.total(), wrote, bound.single, bound.bulk, bound.why)
    for system, title in COLLECTIONS.items():
        for route in sorted({r for _, counts, _ in steps for r in counts[system]}):
            routes.add(title, f"`{route}`", *(counts[system][route] or "–" for _, counts, _ in steps))
    return [table, routes]


def _writes(route: str) -> bool:
    reads = ("/search/jql", "/query", "/bulkfetch", "/v1/search")
    return not route.startswith("GET") and not route.endswith(reads)
