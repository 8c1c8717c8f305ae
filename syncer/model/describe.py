"""Writes `docs/model.md` from the kinds' classes: the page cannot say anything else than the code. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.model.fields import FieldDef
from syncer.model.kinds import KINDS, STATUSES, fields_of

HEAD = """# The canonical product

Generated from `syncer.model` by `python -m syncer.model.describe`; change the classes, then write this page anew.

An item is of one *kind* and has *fields*. A mapping says which record field shows which item field on a side
(`docs/mapping.md`). A field that no mapping names stays empty. A field of your own is called `custom.<name>` and says
its type in the mapping.

*From a side only*: read, never written. *Computed*: worked out after the merge, and written out only.
"""


def page() -> str:
    """Return the text of `docs/model.md`."""
    common = fields_of("task")
    shared = {n: d for n, d in common.items() if all(n in fields_of(kind) for kind in KINDS)}
    parts = [HEAD, "## Status", "", *_statuses(), "", "## Every kind has", "", *_table(shared), ""]
    parts += ["## The kinds", ""]
    for kind, model in KINDS.items():
        own = {n: d for n, d in fields_of(kind).items() if n not in shared}
        about = " ".join((model.__doc__ or "").split())
        parts += [f"### {kind}", "", about, ""]
        parts += [*_table(own), ""] if own else ["No fields of its own.", ""]
    return "\n".join(parts).rstrip() + "\n"


def _statuses() -> list[str]:
    rows = [f"| {name} | {category} |" for name, category in STATUSES.items()]
    lead = "A status has a name and a category. Unless `syncer.yaml` names its own under `statuses`, a product has:"
    return [lead, "", "| status | category |", "|---|---|", *rows]


def _table(fields: Mapping[str, FieldDef]) -> list[str]:
    rows = [f"| `{name}` | {definition.type} | {_about(definition)} |" for name, definition in fields.items()]
    return ["| field | type | what it is |", "|---|---|---|", *rows]


def _about(definition: FieldDef) -> str:
    said = [definition.about]
    if definition.choices:
        said.append("one of " + ", ".join(f"`{choice}`" for choice in definition.choices))
    if definition.targets:
        said.append("points to: " + ", ".join(definition.targets))
    if definition.readonly:
        said.append("*from a side only*")
    if definition.derived:
        said.append("*computed*")
    return "; ".join(said).replace("|", "\\|")


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
