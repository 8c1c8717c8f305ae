"""From what was seen to files: proposes, proves that the proposal loads and fits, and only then writes. Once."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from syncer.adapter import Can, System
from syncer.errors import SyncerError, UserError
from syncer.mapping.compile import compile_side
from syncer.mapping.config import load_config
from syncer.mapping.load import GapError, nearest
from syncer.mapping.propose import propose, propose_owners, types_of
from syncer.model.kinds import KINDS
from syncer.setup.survey import Seen, Survey
from syncer.setup.texts import config_text, mapping_of

PRODUCT = r"[a-z0-9][a-z0-9_-]*"


@dataclass(frozen=True, slots=True)
class First:
    """A first configuration, ready to be written: texts by path, and what it says in short."""

    files: Mapping[Path, str]
    kinds: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Side → kind → the fields it maps."""
    owners: Mapping[str, str]
    open: Mapping[str, tuple[str, ...]]
    """Side → what a person must still decide."""
    apart: str = ""
    """Why nothing will travel, where no kind lives on two sides."""


def refuse_existing(config: Path, sides: Sequence[str]) -> None:
    """Raise UserError where something that would be written is there already."""
    for path in (config, *(config.parent / mapping_of(side) for side in sides)):
        if path.exists():
            hint = "move it away, or choose another place with `-c FOLDER/syncer.yaml`"
            raise UserError(f"{path} exists already; nothing was written", hint=hint)


def first_configuration(config: Path, product: str, survey: Survey, seen: Sequence[Seen]) -> First:
    """Return a first configuration of what was seen. Raises UserError where its records cannot be told."""
    if not re.fullmatch(PRODUCT, product):
        raise UserError(
            f"{product!r} cannot be a product's name",
            hint="use small letters, digits, - and _; it begins with a letter or digit",
        )
    files: dict[Path, str] = {}
    kinds: dict[str, Mapping[str, tuple[str, ...]]] = {}
    open_: dict[str, tuple[str, ...]] = {}
    for side in seen:
        for name in side.said.types:
            known = types_of(side.schema)
            if name.casefold() not in map(str.casefold, known):
                raise UserError(f"{side.name}: no type of record is called {name!r}", hint=nearest(name, known))
        made = propose(side.name, side.schema, side.said, side.traits.can)
        if not made.kinds:
            some = ", ".join(list(KINDS)[1:8])
            hint = f"say it: --kind {side.name}=KIND ({some}, …); and there must be a field for a title"
            raise UserError(f"{side.name}: it cannot be told what its records are", hint=hint)
        files[config.parent / mapping_of(side.name)] = made.text
        kinds[side.name], open_[side.name] = made.kinds, (*made.open, *_unmarked(side.traits.can))
    owners = propose_owners(kinds)
    files[config] = config_text(product, list(survey.joined.values()), seen, owners)
    first = First(
        files, kinds, owners, {side: what for side, what in open_.items() if what}, apart=_apart(seen, owners)
    )
    _prove(first, config, seen, survey.systems)
    return first


def _unmarked(can: Can) -> list[str]:
    """Say so where new records cannot carry our mark: a create that is cut off is then not found again for certain."""
    if Can.CREATE not in can or Can.TAG_IN_CREATE in can:
        return []
    return ["new records have no place for our mark, by which a create that was cut off is found again: see its README"]


def kinds_are_told(side: Seen) -> bool:
    """Say whether names tell what a side's records are; else a person must."""
    return bool(propose(side.name, side.schema, side.said, side.traits.can).kinds)


def _apart(seen: Sequence[Seen], owners: Mapping[str, str]) -> str:
    """Say so where no kind lives on two sides: a sync would carry nothing."""
    if owners or len(seen) < 2:
        return ""
    several = next((side for side in seen if len(types_of(side.schema)) > 1), seen[0])
    example = f"{several.name}:{types_of(several.schema)[-1 if len(several.schema.types) == 1 else 0]}"
    return (
        "no kind lives on two sides, so nothing will travel between them; where two things of different names are "
        f"one kind, say so and begin anew: --kind {example}=KIND"
    )


def _prove(first: First, config: Path, seen: Sequence[Seen], systems: Mapping[str, type[System]]) -> None:
    """Load what is to be written and hold it against the schemas it came from: a proposal must be right."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, text in first.files.items():
            place = root / path.relative_to(config.parent)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        loaded = load_config(root / config.name, systems=systems)
        for side in seen:
            for problem in compile_side(loaded, side.name, side.schema)[1]:
                if not isinstance(problem, GapError):
                    raise SyncerError(f"the proposed mapping of {side.name} does not fit it: {problem.reason}")


def write(first: First) -> list[Path]:
    """Write the files, none of which may exist; if one cannot be written, none is left. Raises UserError."""
    written: list[Path] = []
    try:
        for path, text in first.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            with contextlib.suppress(OSError):
                path.unlink()
        why = "exists already" if isinstance(error, FileExistsError) else f"cannot be written: {error.strerror}"
        raise UserError(f"{error.filename} {why}; nothing was written") from error
    return written
