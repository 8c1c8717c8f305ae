"""Looks a secret up where the configuration says it is kept. Its value is never part of a message."""

from __future__ import annotations

import importlib
import os
from typing import Protocol, cast

from syncer.adapter import Secret
from syncer.errors import ConfigError, Position, UserError


def look_up(secret: Secret, name: str, connection: str, position: Position | None = None) -> str:
    """Return a secret. Raises ConfigError naming what is not set, and where it was asked for."""
    if secret.env:
        value = os.environ.get(secret.env, "")
        if not value:
            raise ConfigError(
                f"the environment variable {secret.env} is not set: it holds the {name} of {connection}",
                position=position,
                hint=f"export {secret.env}=…   (the secret itself, in your shell or scheduler)",
            )
        return value
    kept = _keyring().get_password("syncer", secret.keyring or "")
    if not kept:
        raise ConfigError(
            f'the keyring has no entry "{secret.keyring}": it holds the {name} of {connection}',
            position=position,
            hint=f"keyring set syncer {secret.keyring}",
        )
    return kept


class _Keyring(Protocol):
    def get_password(self, service: str, name: str) -> str | None: ...


def _keyring() -> _Keyring:
    try:
        return cast("_Keyring", importlib.import_module("keyring"))
    except ModuleNotFoundError as error:
        raise UserError(
            "the system keyring needs a library that is not installed", hint="pip install 'pm-syncer[keyring]'"
        ) from error
