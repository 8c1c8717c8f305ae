"""The configuration of one product, loaded and checked as far as that needs no system."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from syncer.adapter import Secret
from syncer.errors import ConfigError, UserError
from syncer.mapping.load import Source, nearest, plain
from syncer.mapping.rules import FieldPolicy, Guards
from syncer.mapping.spec import (
    CollectionSpec,
    ConfigSpec,
    ConnectionSpec,
    MappingSpec,
    PersonSpec,
    PolicySpec,
    ProfileSpec,
)
from syncer.model.kinds import KINDS, fields_of
from syncer.record import canonical_json
from syncer.registry import systems


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """One connection: whose, how, and the system's own settings."""

    name: str
    system: str
    access: str
    rate: float | None
    settings: BaseModel
    secrets: Mapping[str, Secret]


@dataclass(frozen=True, slots=True)
class CollectionConfig:
    """One collection: where it is, its mapping, and the source to complain about."""

    name: str
    connection: str
    settings: BaseModel
    mapping: MappingSpec
    source: Source
    removal: str
    restricted: str


@dataclass(frozen=True)
class Config:
    """Everything that `syncer.yaml` and its mapping files say."""

    path: Path
    product: str
    store: Path
    connections: Mapping[str, ConnectionConfig]
    collections: Mapping[str, CollectionConfig]
    people: Mapping[str, PersonSpec]
    policies: Mapping[tuple[str, str], FieldPolicy]
    guards: Guards
    full_every: float
    fingerprint: str
    source: Source
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def secrets(self, connection: str) -> dict[str, str]:
        """Return a connection's secrets. Raises UserError naming the variable that is not set."""
        return {
            name: _secret(secret, f"connections.{connection}.{name}", self.environment)
            for name, secret in self.connections[connection].secrets.items()
        }


def load_config(path: Path, profile: str | None = None) -> Config:
    """Load a configuration and its mappings. Raises ConfigError with file, line, column and the next step."""
    source = Source(path)
    number = source.data.get("format")
    if isinstance(number, int) and number > 1:
        raise ConfigError(
            f"this file has format {number}, this syncer reads format 1", position=source.at(["format"]),
            hint="install a newer syncer, or write it for format 1",
        )  # fmt: skip
    spec = source.parse(ConfigSpec)
    chosen = _profile(spec, profile, source)
    data = plain(source.data)
    connections = {
        name: _connection(name, block, (chosen.connections if chosen else {}).get(name, {}), source)
        for name, block in spec.connections.items()
    }
    collections = {
        name: _collection(name, block, (chosen.collections if chosen else {}).get(name, {}), source, connections)
        for name, block in spec.collections.items()
    }
    store = (chosen.store if chosen else None) or spec.store or f".syncer/{spec.product}.db"
    said = [
        [[c.name, plain(c.source.data), c.settings.model_dump(mode="json"), c.removal] for c in collections.values()],
        data.get("people"),
        data.get("policies"),
    ]
    digest = hashlib.blake2b(canonical_json(said).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
    return Config(
        path,
        spec.product,
        path.parent / store,
        connections,
        collections,
        spec.people,
        _policies(spec, source),
        Guards(**spec.guards.model_dump()),
        spec.full_every * 3600,
        digest,
        source,
    )


def _profile(spec: ConfigSpec, profile: str | None, source: Source) -> ProfileSpec | None:
    if profile is None:
        return None
    if profile not in spec.profiles:
        hint = nearest(profile, spec.profiles) or f"profiles here: {', '.join(spec.profiles) or 'none'}"
        raise ConfigError(f"no profile {profile!r}", position=source.at(["profiles"]), hint=hint)
    return spec.profiles[profile]


def _connection(name: str, block: ConnectionSpec, over: Mapping[str, Any], source: Source) -> ConnectionConfig:
    under = ["connections", name]
    known = systems()
    if block.system not in known:
        hint = nearest(block.system, list(known)) or f"systems installed: {', '.join(known)}"
        raise ConfigError(f"no adapter for {block.system!r}", position=source.at([*under, "system"]), hint=hint)
    system = known[block.system]
    merged = {**(block.model_extra or {}), **{k: v for k, v in over.items() if k not in ("access", "rate")}}
    settings = _settings(system.ConnectionSettings, merged, source, under)
    secrets = {n: v for n in type(settings).model_fields if isinstance(v := getattr(settings, n), Secret)}
    for label, secret in secrets.items():
        if not secret.env and not secret.keyring:
            where = source.at([*under, label])
            raise ConfigError(f"{label} names no secret", position=where, hint="write {env: NAME} or {keyring: NAME}")
    access, rate = over.get("access", block.access), over.get("rate", block.rate)
    return ConnectionConfig(name, block.system, access, rate, settings, secrets)


def _collection(
    name: str,
    block: CollectionSpec,
    over: Mapping[str, Any],
    source: Source,
    connections: Mapping[str, ConnectionConfig],
) -> CollectionConfig:
    under = ["collections", name]
    if block.connection not in connections:
        raise ConfigError(
            f"no connection {block.connection!r}",
            position=source.at([*under, "connection"]),
            hint=nearest(block.connection, connections) or f"connections here: {', '.join(connections)}",
        )
    system = systems()[connections[block.connection].system]
    settings = _settings(system.CollectionSettings, {**(block.model_extra or {}), **over}, source, under)
    mapping_path = source.path.parent / block.mapping
    if not mapping_path.exists():
        where = source.at([*under, "mapping"])
        raise ConfigError(f"no mapping file {block.mapping}", position=where, hint="the path is relative to this file")
    mapping_source = Source(mapping_path, str(Path(source.name).parent / block.mapping))
    mapping = mapping_source.parse(MappingSpec)
    _check_fields(mapping, mapping_source)
    return CollectionConfig(
        name, block.connection, settings, mapping, mapping_source, block.removal, block.restricted
    )


def _settings(model: type[BaseModel], data: Mapping[str, Any], source: Source, under: list[str]) -> BaseModel:
    return source.parse(model, dict(data), under)


def _check_fields(mapping: MappingSpec, source: Source) -> None:
    for kind, block in mapping.kinds.items():
        if kind not in KINDS:
            hint = nearest(kind, KINDS) or f"kinds: {', '.join(KINDS)}"
            raise ConfigError(f"no kind {kind!r}", position=source.at(["kinds", kind], key=True), hint=hint)
        known = fields_of(kind)
        for name in [*block.fields, *block.match, *block.where]:
            if name not in known and not name.startswith("custom."):
                where = source.at(["kinds", kind, "fields", name], key=True)
                hint = nearest(name, known) or "docs/model.md lists them"
                raise ConfigError(f"a {kind} has no field {name!r}", position=where, hint=hint)


def _policies(spec: ConfigSpec, source: Source) -> dict[tuple[str, str], FieldPolicy]:
    found = {("*", "*"): _policy(spec.policies.default, spec, source, ["policies", "default"])}
    for name, block in spec.policies.fields.items():
        kind, dot, label = name.partition(".")
        where = ["policies", "fields", name]
        if not dot or (kind != "*" and kind not in KINDS):
            raise ConfigError(f"{name!r} is not kind.field", position=source.at(where, key=True))
        found[kind, label] = _policy(block, spec, source, where)
    return found


def _policy(block: PolicySpec | str, spec: ConfigSpec, source: Source, where: list[str]) -> FieldPolicy:
    if isinstance(block, str):
        return FieldPolicy(block)
    order = tuple(block.prefer or ([block.owner] if block.owner else []))
    for side in order:
        if side not in spec.collections:
            hint = nearest(side, spec.collections) or f"collections: {', '.join(spec.collections)}"
            raise ConfigError(f"no collection {side!r}", position=source.at(where), hint=hint)
    if order:
        return FieldPolicy("prefer", order)
    return FieldPolicy("newest" if block.newest else "hold")


def _secret(secret: Secret, where: str, environment: Mapping[str, str]) -> str:
    if secret.env:
        value = environment.get(secret.env, "")
        if not value:
            raise UserError(f"{where}: the variable {secret.env} is not set", hint=f"export {secret.env}=…")
        return value
    try:
        import keyring
    except ModuleNotFoundError as error:
        raise UserError(f"{where} is in the keyring", hint="pip install 'pm-syncer[keyring]'") from error
    found = keyring.get_password("syncer", secret.keyring or "")
    if not found:
        raise UserError(
            f"{where}: the keyring has no entry {secret.keyring!r}", hint=f"keyring set syncer {secret.keyring}"
        )
    return str(found)
