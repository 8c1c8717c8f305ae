"""The text of a first `syncer.yaml`: short, with the reason beside each line. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from syncer.setup.people import known_people
from syncer.setup.survey import Joined, Seen

HEAD = """\
# One product, and where it lives. Written by `syncer init`; from now on it is yours to edit.
# `syncer check` holds it against the live systems, docs/mapping.md explains the language.
format: 1
product: {product}

# `access: read` means that nothing is ever written there, whatever you type. Change it to `write` once
# `syncer plan` shows what you want.
connections:
"""
COLLECTIONS = """
# These are the sides. What each shows, and under which name, stands in its mapping.
collections:
"""
POLICIES = """
# Where two sides disagree and nobody can tell who is right: the owner's word wins, everything else is held and
# waits in `syncer conflicts`. Proposed from which side knows most about each kind; take a line out, and such
# conflicts wait for you, too.
policies:
  default: hold
"""
GUARDS = """
# What stops a plan, so that a mistake stays small. The message of a guard names the flag that lets it pass.
guards:
  max_writes: 1000
  max_removals: 5
"""
PEOPLE = """
# People are recognised by e-mail address. Where a system shows names only, or hides the address, this says who is who:
"""
NOBODY = """\
# people:
#   ann@example.com: {name: Ann Kowalska, aliases: [a.kowalska@example.org]}
"""


def config_text(product: str, joined: Sequence[Joined], seen: Sequence[Seen], owners: Mapping[str, str]) -> str:
    """Return the text of a first configuration."""
    parts = [HEAD.format(product=product)]
    for one in joined:
        wish = one.wish
        parts.append(_indented(wish.name, {"system": wish.system, "access": "read", **wish.settings}))
    parts.append(COLLECTIONS)
    for side in seen:
        parts.append(
            _indented(side.name, {"connection": side.connection, "mapping": mapping_of(side.name), **side.settings})
        )
    parts.append(POLICIES)
    if owners:
        parts.append("  fields:\n" + _lines({name: {"owner": side} for name, side in owners.items()}, "    "))
    people = known_people({one.wish.name: [p for p in one.people if p.name != one.health.account] for one in joined})
    parts += [GUARDS, PEOPLE, "people:\n" + _lines(people, "  ") if people else NOBODY]
    return "".join(parts)


def mapping_of(side: str) -> str:
    """Return where a side's mapping is kept, from the configuration's folder."""
    return f"mappings/{side}.yaml"


def _indented(name: str, block: Mapping[str, Any]) -> str:
    return f"  {name}:\n" + _lines(block, "    ")


def _lines(block: Mapping[str, Any], indent: str) -> str:
    """Return a block as YAML: a line for each of its keys, and for each key of a part that has parts itself."""
    lines = []
    for key, value in block.items():
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            lines += [f"{indent}{_entry(key, 0).removesuffix(' 0')}\n", _lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{_entry(key, value)}\n")
    return "".join(lines)


def _entry(key: str, value: Any) -> str:
    yaml = YAML()
    yaml.default_flow_style = True
    yaml.allow_unicode = True
    yaml.width = 10_000
    out = StringIO()
    yaml.dump({key: value}, out)
    return out.getvalue().strip()[1:-1]
