"""`python -m benchmarks [start] [plans] [calls] [--items N] [--plan-items N…] [--alone] [--out FILE]`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks import calls, others, planning, starting
from benchmarks.table import Table

WITH = ("SQLAlchemy", "pydantic", "jira", "notion-client", "openpyxl")


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write the results where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*_MEASURES, []], help="which tables; none: all")
    parser.add_argument("--items", type=int, default=1000, help="items of the tables of requests")
    parser.add_argument("--plan-items", type=int, nargs="+", default=[10_000, 100_000], help="items of the plans")
    parser.add_argument("--keep", type=Path, help="a folder for the products of the plans: the next run finds them")
    parser.add_argument("--alone", action="store_true", help="install and measure no other synchroniser")
    parser.add_argument("--out", type=Path, help="a Markdown file to write the tables to")
    options = parser.parse_args(arguments)
    sections = [f"# Results\n\n{circumstances()}\n"]
    print(sections[0])
    for name, measure in _MEASURES.items():
        if not options.what or name in options.what:
            for table in measure(options):
                sections.append(table.markdown())
                print(sections[-1], flush=True)
    if options.out:
        options.out.write_text("\n".join(sections), encoding="utf-8")
    return 0


def circumstances() -> str:
    """Say what was measured with, without a date."""
    libraries = ", ".join(f"{name} {version(name)}" for name in WITH)
    return (
        f"Version {version('pm-syncer')} of syncer, Python {platform.python_version()} on {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores, {memory()} GB of memory; {libraries}. "
        "What each table means is in README.md."
    )


def memory() -> int:
    """Return the machine's memory in GB."""
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def plans(options: argparse.Namespace) -> Iterator[Table]:
    """Yield the tables of plans, and of others' runs over as many things."""
    found = planning.measure(options.plan_items, options.keep)
    yield from (found.table, found.stores)
    if not options.alone:
        yield others.measure(options.plan_items, found.ours)


_MEASURES: dict[str, Callable[[argparse.Namespace], Iterable[Table]]] = {
    "start": lambda _: starting.measure(),
    "plans": plans,
    "calls": lambda options: calls.measure(options.items),
}

if __name__ == "__main__":
    sys.exit(main())
