"""The fewest requests each sync could need, and why no fewer."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from benchmarks.product import Shares

PAGE = 100
"""Records one answer of either vendor holds."""
BULK_CREATE = 50
"""Issues one `POST /issue/bulk` takes; Notion has no bulk verb at all."""
BULK_MARK = 100
"""Issues one `POST /issue/properties/multi` takes."""
BULK_MOVE = 1000
"""Issues one `POST /bulk/issues/transition` takes, a request for each transition."""


@dataclass(frozen=True)
class Least:
    """`single`: one record a request. `bulk`: with every bulk verb the vendor has."""

    single: int
    bulk: int
    why: str


def first(shares: Shares) -> dict[str, Least]:
    others = shares.items - shares.jira
    pages = ceil(shares.jira / PAGE)
    jira = Least(
        pages + others + shares.moved + shares.jira,
        pages + ceil(others / BULK_CREATE) + 2 * ceil(shares.moved / BULK_MOVE) + ceil(shares.jira / BULK_MARK),
        f"{pages} pages of search, {others} creates, {shares.moved} transitions (a create cannot set a status), "
        f"{shares.jira} tags",
    )
    others = shares.items - shares.notion
    pages = ceil(shares.notion / PAGE)
    whole = pages + shares.notion + others + shares.notion
    notion = Least(
        whole,
        whole,
        f"{pages} pages of query, {shares.notion} texts to read, {others} creates, {shares.notion} tags",
    )
    return {"jira": jira, "notion": notion}


def settling(shares: Shares) -> dict[str, Least]:
    pages = ceil(shares.items / PAGE)
    least = Least(pages, pages, f"all {shares.items} records changed since the last listing began: {pages} pages")
    return {"jira": least, "notion": least}


def idle() -> dict[str, Least]:
    least = Least(1, 1, "one listing of what changed since the cursor: nothing")
    return {"jira": least, "notion": least}


def small(shares: Shares) -> dict[str, Least]:
    in_jira, in_notion, in_book = shares.edits
    edits = in_jira + in_notion + in_book
    jira = edits - in_jira
    notion = edits - in_notion
    return {
        "jira": Least(1 + jira, 1 + jira, f"1 page of search, {jira} updates"),
        "notion": Least(
            1 + in_notion + notion,
            1 + in_notion + notion,
            f"1 page of query, {in_notion} texts that may have changed, {notion} updates",
        ),
    }
