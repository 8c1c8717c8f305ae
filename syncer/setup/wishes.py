"""What a person asks `init` for, and the short form it has on a command line. Pure.

    --connection [NAME=]SYSTEM[:SETTING=VALUE,…]             work=SYSTEM:url=https://…,token=env:WORK_TOKEN
    --collection NAME=CONNECTION[:WHAT][,SETTING=VALUE,…]    backlog=work:SHOP    roadmap=plan:sheet=Roadmap
    --kind NAME[:TYPE]=KIND                                  roadmap=feature      backlog:Epic=feature

A comma parts two settings only where `word=` follows it, so that most values need no quoting.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from syncer.adapter import Secret
from syncer.errors import UserError
from syncer.mapping.load import nearest, parse_yaml
from syncer.mapping.propose import Said
from syncer.model.kinds import KINDS

NAME = r"[A-Za-z0-9][A-Za-z0-9_-]*"
_WISH = re.compile(rf"(?:({NAME})=)?({NAME})(?::(.*))?", re.DOTALL)
_PART = re.compile(r",(?=[a-z_]+=)")
_SETTING = re.compile(r"([a-z_]+)=(.*)", re.DOTALL)
CONNECTION_FORM = "write it like NAME=SYSTEM:setting=value,setting=value; `syncer init --help` has examples"
COLLECTION_FORM = "write it like NAME=CONNECTION:WHAT; `syncer init --help` has examples"


@dataclass(frozen=True, slots=True)
class ConnectionWish:
    """A connection to make: its name, its system, and its settings as syncer.yaml holds them."""

    name: str
    system: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CollectionWish:
    """A place that shall take part. `what` is its name or id as the system lists it, or "" for the only one there."""

    name: str
    connection: str
    what: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    said: Said = field(default_factory=Said)


@dataclass(frozen=True, slots=True)
class Asked:
    """A setting that a person must give: its name, what it is, and whether it is a secret."""

    name: str
    about: str
    secret: bool


def connection_wish(said: str) -> tuple[str, str, dict[str, str]]:
    """Read a `--connection`: name, system, settings as text. Raises UserError."""
    found = _WISH.fullmatch(said.strip())
    if found is None:
        raise UserError(f"--connection {said!r} cannot be read", hint=CONNECTION_FORM)
    name, system, rest = found.groups()
    what, settings = _settings(rest or "", "--connection", said, CONNECTION_FORM)
    if what:
        raise UserError(f"--connection {said!r}: {what!r} is no setting", hint=CONNECTION_FORM)
    return name or system, system, settings


def collection_wish(said: str) -> CollectionWish:
    """Read a `--collection`. Raises UserError."""
    found = _WISH.fullmatch(said.strip())
    if found is None or found[1] is None:
        raise UserError(f"--collection {said!r} cannot be read", hint=COLLECTION_FORM)
    name, connection, rest = found.groups()
    what, settings = _settings(rest or "", "--collection", said, COLLECTION_FORM)
    return CollectionWish(name, connection, what, settings)


def said_kinds(flags: Sequence[str]) -> dict[str, Said]:
    """Read every `--kind SIDE=KIND` and `--kind SIDE:TYPE=KIND`: side → what was said. Raises UserError."""
    kinds: dict[str, list[str]] = {}
    types: dict[str, dict[str, str]] = {}
    for one in flags:
        place, equals, kind = one.rpartition("=")
        side, colon, record_type = place.partition(":")
        if not equals or not side or (colon and not record_type):
            raise UserError(
                f"--kind {one!r} cannot be read", hint="write it like COLLECTION=KIND or COLLECTION:TYPE=KIND"
            )
        if kind not in KINDS:
            raise UserError(f"{side}: no kind is called {kind!r}", hint=nearest(kind, KINDS))
        if record_type:
            types.setdefault(side, {})[record_type] = kind
        else:
            kinds.setdefault(side, []).append(kind)
    return {side: Said(tuple(kinds.get(side, ())), types.get(side, {})) for side in {**kinds, **types}}


def _settings(rest: str, flag: str, said: str, form: str) -> tuple[str, dict[str, str]]:
    what, found = "", {}
    for at, part in enumerate(_PART.split(rest)):
        setting = _SETTING.fullmatch(part)
        if setting is not None:
            found[setting[1]] = setting[2]
        elif at == 0:
            what = part.strip()
        else:
            raise UserError(f"{flag} {said!r}: {part!r} is no setting", hint=form)
    return what, found


def asked(model: type[BaseModel]) -> list[Asked]:
    """Return the settings a person must give for a model."""
    return [
        Asked(name, info.description or name, info.annotation is Secret)
        for name, info in model.model_fields.items()
        if info.is_required()
    ]


def typed(model: type[BaseModel], settings: Mapping[str, str], of: str) -> dict[str, Any]:
    """Return settings given as text in the form syncer.yaml has them. Raises UserError.

    A secret is given as `env:NAME` or `keyring:NAME`: its value has no place on a command line.
    """
    known = model.model_fields
    found: dict[str, Any] = {}
    for name, said in settings.items():
        if name not in known:
            raise UserError(f"{of} has no setting {name!r}", hint=nearest(name, known))
        found[name] = _secret(name, said, of) if known[name].annotation is Secret else _plain(known[name], said)
    return found


def _secret(name: str, said: str, of: str) -> dict[str, str]:
    place, colon, key = said.partition(":")
    if place not in ("env", "keyring") or not colon or not re.fullmatch(r"[\w.@-]+", key):
        raise UserError(
            f"{of}: {name} is a secret, which may not stand on a command line or in a file",
            hint=f"put it into an environment variable and write {name}=env:NAME_OF_THE_VARIABLE (or keyring:NAME)",
        )
    return {place: key}


def _plain(info: FieldInfo, said: str) -> Any:
    """Read YAML where the setting is no text: a number, a list, a filter."""
    kinds = {info.annotation, *typing.get_args(info.annotation)}
    structured = any(typing.get_origin(kind) in (dict, list, tuple) or kind in (int, float, bool) for kind in kinds)
    return parse_yaml(f"value: {said}", "value").data["value"] if structured else said
