"""How the past looks on a terminal: an item's story, and why a field is what it is. No decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from syncer.cli.console import Console, safe
from syncer.cli.render import NOBODY, Names, moment, shown
from syncer.store.rows import JournalState
from syncer.story.reach import NO_LONGER_KEPT, day
from syncer.story.tell import Deed, Told
from syncer.story.why import Why


def log_lines(
    console: Console,
    deeds: Sequence[Deed],
    names: Names = NOBODY,
    *,
    items: bool = False,
    begins: datetime | None = None,
) -> None:
    """Print a story, run by run; with `items`, each deed names its item. `begins`: see `api.Session.begins`."""
    run = ""
    if begins is not None:
        console.print(f"the story begins on {day(begins)}: {NO_LONGER_KEPT}, save what is still needed", style="dim")
    for deed in deeds:
        row = deed.row
        if row.run != run:
            run = row.run
            console.print(f"{moment(row.at)}  run {run}{_by(deed)}", style="dim")
        state = "" if row.state == JournalState.DONE else f" [{row.state}]"
        why = f"  ({row.why or row.error})" if row.why or row.error else ""
        of = f"{safe(names.get(row.item, row.item))}: " if items and row.item else ""
        what = row.side or ("the item" if row.item else "the product")
        console.print(f"  {of}{what}: {row.action}{state}{why}")
        for told in deed.fields:
            console.print(f"      {_change(told, names)}")
    if not deeds:
        console.print("Nothing was decided or written.")


def _by(deed: Deed) -> str:
    """Return who ran it and why, where that was told."""
    known = deed.run.circumstances if deed.run else {}
    actor, reason = str(known.get("actor", "")), str(known.get("reason", ""))
    passed = [f"let pass: {saw}" for saw in known.get("passed", ())]
    parts = [f"by {actor}" if actor else "", reason, *passed]
    return "".join(f" · {part}" for part in parts if part)


def _change(told: Told, names: Names) -> str:
    source = f"  from {', '.join(told.taken)}{_authors(told.by, names)}" if told.taken else ""
    rule = f"  by {told.rule}" if told.rule else ""
    return f"{told.field}: {shown(told.before, names)} → {shown(told.after, names)}{source}{rule}"


def _authors(by: Mapping[str, str], names: Names) -> str:
    """Return who edited last on the sides that a value came from, in brackets."""
    said = [f"{safe(names.get(account, account))} on {side}" for side, account in sorted(by.items())]
    return f" (edited last by {', '.join(said)})" if said else ""


def why_line(why: Why, names: Names) -> str:
    """Return why a field is what it is, as one line."""
    value = f"{safe(why.title)}: {why.field} is {shown(why.value, names)}"
    if why.run:
        who = f" of {why.actor}" if why.actor else ""
        because = f" ({safe(why.reason)})" if why.reason else ""
        was = f"; before: {shown(why.before, names)}"
        source = f"{why.source}{_authors(why.authors, names)}"
        value += f" since {moment(why.since)}, {source}, in run {why.run}{who}{because}{was}"
    elif why.begins is not None:
        value += f"; {NO_LONGER_KEPT}: the story begins on {day(why.begins)}"
    else:
        value += "; nobody ever gave it another value"
    if why.held is not None:
        said = " · ".join(f"{side}: {shown(told['value'], names)}" for side, told in why.held.sides.items())
        value += f"; held by conflict {why.held.id} ({why.held.reason}): {said}"
    return value
