"""Proposes which option of a side stands for which of our values. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from string import capwords
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from syncer.mapping.vocabulary import CATEGORY_STATUS, OPTION_WORDS, WRAPPED
from syncer.model.fields import FieldDef
from syncer.model.kinds import STATUSES
from syncer.record import FieldSpec, FieldType, Option


def speechless(definition: FieldDef, spec: FieldSpec) -> bool:
    """Say whether a field of fixed choices would meet a field none of whose options means any of them."""
    wanted = wanted_of(definition)
    if definition.type is not FieldType.CHOICE or not wanted:
        return False
    return not any(value_of(option, wanted) for option in spec.options)


def wanted_of(definition: FieldDef) -> tuple[str, ...]:
    """Return the only values a choice of ours can have; empty where it is free."""
    return tuple(STATUSES) if definition.name == "status" else definition.choices


def value_map(wanted: Sequence[str], options: Sequence[Option], *, usual: bool = False) -> dict[str, Any]:
    """Return a value map in which every option has a place, and where options are shared, what they read as."""
    values: dict[str, list[str]] = {}
    for option in options:
        value = value_of(option, wanted)
        if value:
            values.setdefault(value, []).append(option.name)
    for value in wanted if usual else ():
        values.setdefault(value, [capwords(word) for word in OPTION_WORDS.get(value, (value,))[:3]])
    shown: dict[str, Any] = {v: values[v] if len(values[v]) > 1 else values[v][0] for v in wanted if v in values}
    # A status that this side has no option for shows as the nearest one, and that still reads as its own.
    reads: dict[str, str] = {}
    for value, stand_in in (("idea", "planned"), ("ready", "planned"), ("review", "doing"), ("planned", "idea")):
        if value in wanted and value not in values and stand_in in values:
            shown[value] = values[stand_in][0]
            reads[values[stand_in][0]] = stand_in
    shown = {value: shown[value] for value in wanted if value in shown}
    return {"values": in_one_line(shown), **({"read": in_one_line(reads)} if reads else {})}


def in_one_line(data: Mapping[str, Any], most: int = 90) -> CommentedMap:
    """Return a map that is written in one line where that is short, else an entry a line."""
    lines = CommentedMap({key: _listed(value) for key, value in data.items()})
    if len(str(dict(data))) <= most:
        lines.fa.set_flow_style()
    return lines


def _listed(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    line = CommentedSeq(value)
    line.fa.set_flow_style()
    return line


def value_of(option: Option, wanted: Sequence[str]) -> str:
    """Return which of our values an option most likely is, by its name, else by its category; "" for none."""
    name = folded(option.name)
    for value in wanted:
        if name == folded(value) or name in OPTION_WORDS.get(value, ()):
            return value
    if option.category:
        value = CATEGORY_STATUS.get(option.category.casefold(), "")
        return value if value in wanted else ""
    close = difflib.get_close_matches(name, [folded(v) for v in wanted], n=1, cutoff=0.75)
    return next((v for v in wanted if close and folded(v) == close[0]), "")


def folded(name: str) -> str:
    """Return a name as it is compared: blanks, case and what an export puts around it do not count."""
    plain = " ".join(re.sub(r"[_/]+", " ", name).split()).casefold()
    own = WRAPPED.fullmatch(plain)
    return own[1] if own else plain
