"""What stops a plan: each guard says what it saw and the exact flag that lets it pass. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from syncer.engine.plan import Action, Verb
from syncer.mapping.rules import Guards


def check_guards(
    actions: Sequence[Action],
    guards: Guards,
    linked: Mapping[str, int],
    emptied: Collection[str],
    removed: Mapping[str, int],
    went_back: Mapping[str, int] | None = None,
) -> list[tuple[str, str]]:
    """Return (what was seen, the flag) of every guard that this plan trips.

    `linked`: living links a side had before. `emptied`: sides whose complete listing shows nothing of them.
    `removed`: confirmed removals by people, a side. `went_back`: records of a side that show what was there before
    our last write, or are older than when we last looked.
    """
    found = []
    for side in sorted(emptied):
        found.append((f"{side} is suddenly empty: all {linked[side]} of its records are missing", "--allow empty"))
    for side, count in sorted(removed.items()):
        if count > guards.max_removals or (count > 2 and count > guards.max_removal_share * linked[side]):
            text = f"{count} of {linked[side]} records were removed on {side} (allowed: {guards.max_removals}"
            found.append((f"{text}, or {guards.max_removal_share:.0%})", "--allow removals"))
    for side, count in sorted((went_back or {}).items()):
        if count > guards.max_went_back:
            text = f"{count} records of {side} went back to an older state (allowed: {guards.max_went_back})"
            found.append((f"{text}: was a backup restored there?", "--allow older"))
    writes = [a for a in actions if a.verb is not Verb.LINK]
    if len(writes) > guards.max_writes:
        found.append((f"{len(writes)} writes, more than max_writes: {guards.max_writes}", "--allow writes"))
    configured = [a for a in writes if a.cause == "configuration"]
    if len(configured) > guards.max_config_writes:
        names = Counter(name for a in configured for w in a.writes.values() for name in w.values)
        most = ", ".join(f"{name} ({count})" for name, count in names.most_common(3))
        text = f"{len(configured)} writes are caused by a changed configuration alone: {most}"
        found.append((text, "--allow configuration"))
    return found
