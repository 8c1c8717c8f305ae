"""One item as the engine meets it while it decides, made by hand: what each side shows, and what was last agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from syncer.adapter import Can
from syncer.engine.actions import plan_actions
from syncer.engine.decide import decide
from syncer.engine.names import Directory
from syncer.engine.plan import Action
from syncer.engine.state import Decision, ItemView, SideView
from syncer.mapping.rules import FieldPolicy, FieldRule, KindRule, Rules, SideRules
from syncer.record import Gone, GoneKind, Raw, Record, Ref
from syncer.store.rows import BaseEntry, LinkRow, LinkState
from tests.engine.worlds import note, title


def kind(*fields: FieldRule, name: str = "story", **more: Any) -> KindRule:
    """Return a kind of record type "row" with these fields; its title is required where it has one."""
    return KindRule(name, "row", {f.field: f for f in fields}, **more)


def rules(kinds: Mapping[str, KindRule], policy: FieldPolicy | None = None, **side: Any) -> Rules:
    """Return rules of one kind a side, one policy for all fields, and `side` for every side."""
    sides = {s: SideRules(s, s, {k.kind: k}, **side) for s, k in kinds.items()}
    return Rules("shop", sides, {("*", "*"): policy} if policy else {})


def agreed(rule: KindRule, **values: Any) -> dict[str, BaseEntry]:
    """Return bases: field → what the side showed, or (what it showed, the value it stood for)."""
    both = {n: v if isinstance(v, tuple) else (v, v) for n, v in values.items()}
    return {
        n: BaseEntry(rf=rule.fields[n].record_field, raw=raw, value=value, rule=rule.fields[n].fingerprint())
        for n, (raw, value) in both.items()
    }


def side(
    name: str,
    rule: KindRule,
    shows: Mapping[str, Raw] | None,
    base: Mapping[str, Any] | None = None,
    *,
    seen: Mapping[str, Raw] | None = None,
    gone: GoneKind | None = None,
    state: LinkState = LinkState.LIVE,
    tagged: bool = True,
    **record: Any,
) -> SideView:
    """Return a linked side: what it shows (None: it was not read), and what was agreed (nothing said: just that)."""
    ref, bases = Ref(f"{name}-1"), agreed(rule, **(shows or {} if base is None else base))
    link = LinkRow("i", name, ref, "row", state, label=f"L{name}", base=bases, seen=seen or {}, tagged=tagged)
    read = Record(ref, "row", dict(shows), label=f"L{name}", **record) if shows is not None and gone is None else None
    return SideView(name, rule, link, read, Gone(ref, gone) if gone else None)


def agreed_otherwise(shown: SideView, name: str, **other: Any) -> SideView:
    """Return the side with something else in one of its bases: raw, value, rule or record field."""
    entry = cast(BaseEntry, {**shown.link.base[name], **other})
    return replace(shown, link=replace(shown.link, base={**shown.link.base, name: entry}))


def item(fields: Mapping[str, Any], *sides: SideView, id: str = "i", kind: str = "story", **more: Any) -> ItemView:
    """Return an item with these values on these sides."""
    return ItemView(id, kind, more.pop("state", "live"), fields, {s.side: s for s in sides}, **more)


def decided(view: ItemView, by: Rules | None = None, names: Directory | None = None) -> Decision:
    """Decide one item; by default under rules that know just its sides."""
    return decide(view, by or rules({s.side: s.rule for s in view.sides.values()}), names or Directory())


def planned(
    *decisions: Decision,
    by: Rules | None = None,
    can: Mapping[str, Can] | None = None,
    waiting: Mapping[tuple[str, str], str] | None = None,
    names: Directory | None = None,
    renewed: bool = False,
) -> tuple[list[Action], list[str]]:
    """Plan these decisions; by default every side can do everything."""
    found = by or rules({s.side: s.rule for d in decisions for s in d.view.sides.values()})
    able = {**dict.fromkeys(found.sides, Can.ALL), **(can or {})}
    by_item = {d.item: d for d in decisions}
    return plan_actions(by_item, found, names or Directory(), able, waiting or {}, renewed=renewed)


def asked(decision: Decision) -> list[str]:
    """Return what is asked: about what, which side, the question and its answers."""
    return [f"{q.about} {q.side}: {q.text} {'/'.join(q.choices)}" for q in decision.questions if q.item == "i"]


def told(actions: list[Action]) -> list[str]:
    """Return what the actions do, in short: "~ b title=X"."""
    return [
        " ".join([a.verb.sign, a.side, *(f"{name}={w.after}" for name, w in sorted(a.writes.items()))]) for a in actions
    ]


def without(*abilities: Can) -> Can:
    """Return everything but these abilities."""
    left = Can.ALL
    for ability in abilities:
        left &= ~ability
    return left


def answered(view: ItemView, **answers: str) -> ItemView:
    """Return the item after a person's answers, each about something on a side: `b_removal="removed"`."""
    said = {(where, about): word for key, word in answers.items() for where, about in [key.split("_", 1)]}
    return replace(view, answers=said)


STORY = kind(title("a"), note("a"))
OLD = {"title": "T", "note": "n"}
"""What everybody had agreed to."""


def edited_on_a(**more: Any) -> Decision:
    """A person wrote X on a; b stood still."""
    shows = {**OLD, "title": "X"}
    return decided(item(OLD, side("a", STORY, shows, OLD), side("b", STORY, OLD, **more)))
