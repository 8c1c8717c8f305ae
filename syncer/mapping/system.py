"""Checks the settings that belong to one system by that system's own classes."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from syncer.adapter import Secret, System
from syncer.errors import UserError
from syncer.mapping.load import Source, nearest, validate


def load_settings(
    name: str,
    part: Literal["ConnectionSettings", "CollectionSettings"],
    given: Mapping[str, Any],
    own: type[BaseModel],
    source: Source,
    where: tuple[str, ...],
    root: Path,
    systems: Mapping[str, type[System]],
) -> BaseModel | None:
    """Return a system's typed settings, or None with every problem noted. Paths become relative to `root`."""
    if name not in systems:
        hint = nearest(name, systems) if systems else "no adapter is installed: pip install 'pm-syncer[all]'"
        source.problem((*where, "system"), f'unknown system "{name}"', hint)
        return None
    try:
        system = systems[name]
    except UserError as error:
        source.problem((*where, "system"), error.message, error.hint)
        return None
    model: type[BaseModel] = getattr(system, part)
    data = {key: _rooted(model, key, value, root) for key, value in given.items()}
    return validate(model, data, source, where, [n for n in own.model_fields if n not in data])


def _rooted(model: type[BaseModel], key: str, value: Any, root: Path) -> Any:
    """Make a relative path one from the folder of the configuration."""
    field = model.model_fields.get(key)
    kinds = (field.annotation, *typing.get_args(field.annotation)) if field else ()
    return str(root / Path(value).expanduser()) if Path in kinds and isinstance(value, str) and value else value


def has_secret(secret: Secret) -> bool:
    """Say whether a secret names exactly one place."""
    return (secret.env is None) != (secret.keyring is None)
