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
    keyring, broken = _keyring()
    try:
        kept = keyring.get_password("syncer", secret.keyring or "")
    except broken as error:
        why = str(error).partition(".")[0]
        raise ConfigError(
            f"the system keyring cannot be asked for the {name} of {connection}: {why}",
            position=position,
            hint=f"use an environment variable instead: {name}: {{env: NAME}}",
        ) from error
    if not kept:
        raise ConfigError(
            f'the keyring has no entry "{secret.keyring}": it holds the {name} of {connection}',
            position=position,
            hint=f"keyring set syncer {secret.keyring}",
        )
    return kept


class _Keyring(Protocol):
    def get_password(self, service: str, name: str) -> str | None: ...


def _keyring() -> tuple[_Keyring, type[Exception]]:
    """Return the keyring, and what it raises where this machine has none."""
    try:
        keyring = cast("_Keyring", importlib.import_module("keyring"))
        return keyring, cast("type[Exception]", importlib.import_module("keyring.errors").KeyringError)
    except ModuleNotFoundError as error:
        raise UserError(
            "the system keyring needs a library that is not installed", hint="pip install 'pm-syncer[keyring]'"
        ) from error
