"""The configuration as the rest of the program sees it: loaded, checked and frozen. Secrets are looked up late."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from syncer.adapter import Secret, System
from syncer.errors import ConfigError
from syncer.mapping.load import Source, nearest, raise_all, read_yaml, validate
from syncer.mapping.rules import Guards
from syncer.mapping.secrets import look_up
from syncer.mapping.settings import CollectionSpec, ConnectionSpec, LintSpec, ProductSpec
from syncer.mapping.spec import MappingSpec, PolicySpec
from syncer.mapping.system import has_secret, load_settings
from syncer.mapping.verify import verify_mapping, verify_policy
from syncer.model.item import Category
from syncer.model.kinds import KINDS, fields_of
from syncer.record import canonical_json


@dataclass(frozen=True, slots=True)
class Connection:
    """One account at one address. `settings` is an instance of the system's own class."""

    name: str
    system: str
    access: str
    rate: float | None
    settings: BaseModel
    secrets: Mapping[str, Secret]


@dataclass(frozen=True, slots=True)
class Collection:
    """One side: where it is, and its mapping as read. `source` knows the mapping's positions."""

    name: str
    connection: str
    settings: BaseModel
    mapping: MappingSpec
    source: Source
    removal: str = "archive"
    restricted: str = "skip"
    settle: float = 0.0


@dataclass(frozen=True, slots=True)
class Person:
    """One human, under one key (an e-mail address)."""

    key: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """One product's configuration, with a profile applied."""

    product: str
    path: Path
    store: Path
    connections: Mapping[str, Connection]
    collections: Mapping[str, Collection]
    people: Mapping[str, Person]
    statuses: Mapping[str, Category]
    policies: Mapping[tuple[str, str], PolicySpec]
    guards: Guards
    full_every: float
    fingerprint: str
    source: Source
    profile: str | None = None
    lint: LintSpec = field(default_factory=LintSpec)
    keep: float | None = None
    """Seconds for which the journal is kept; None: for ever."""

    def secrets(self, connection: str) -> dict[str, str]:
        """Look up a connection's secrets, by setting. Raises ConfigError naming what is not set, and where."""
        return {
            name: look_up(secret, name, connection, self.source.at(("connections", connection, name)))
            for name, secret in self.connections[connection].secrets.items()
        }


def load_config(
    path: Path | str, profile: str | None = None, *, systems: Mapping[str, type[System]] | None = None
) -> Config:
    """Read `syncer.yaml` and its mappings. Raises ConfigError (`SeveralError` for several) at what is wrong."""
    if systems is None:
        from syncer import registry

        systems = registry.systems()
    path = Path(path)
    source = read_yaml(path)
    data = _with_profile(source, profile)
    spec = validate(ProductSpec, data, source)
    if spec is None:
        raise_all(source.problems)
        raise AssertionError  # a part that is not valid has noted why
    root = path.parent
    connections = {n: _connection(n, c, source, root, systems) for n, c in spec.connections.items()}
    collections = {n: _collection(n, c, source, root, spec, systems) for n, c in spec.collections.items()}
    policies = _policies(spec, source, collections)
    _people(spec, source)
    problems = list(source.problems)
    for collection in collections.values():
        problems += collection.source.problems if collection else []
    raise_all(list(dict.fromkeys(problems)))
    made = {n: c for n, c in connections.items() if c}
    sides = {n: c for n, c in collections.items() if c}
    return Config(
        product=spec.product,
        path=path,
        store=_store(spec, root, profile),
        connections=made,
        collections=sides,
        people={k.lower(): Person(k.lower(), p.name, p.aliases, p.accounts) for k, p in spec.people.items()},
        statuses=spec.statuses,
        policies=policies,
        guards=Guards(**spec.guards.model_dump()),
        full_every=spec.full_every,
        fingerprint=_fingerprint(spec, made, sides, root),
        source=source,
        profile=profile,
        lint=spec.lint,
        keep=spec.keep,
    )


def _with_profile(source: Source, profile: str | None) -> dict[str, Any]:
    data = copy.deepcopy(source.data)
    if profile is None:
        return data
    profiles = data.get("profiles") or {}
    if not isinstance(profiles, dict) or profile not in profiles:
        raise ConfigError(
            f'there is no profile "{profile}"', position=source.at(("profiles",), key=True),
            hint=nearest(profile, profiles if isinstance(profiles, dict) else ()),
        )  # fmt: skip
    source.over = ("profiles", profile)
    over = profiles[profile] if isinstance(profiles[profile], dict) else {}
    for part in ("connections", "collections"):
        for name, settings in (over.get(part) or {}).items():
            if name not in data.get(part, {}):
                source.problem((part, name), f'the profile changes "{name}", which is not among the {part}',
                               nearest(name, data.get(part, {})), key=True)  # fmt: skip
            elif isinstance(settings, dict):
                data[part][name] = {**data[part][name], **settings}
    return data


def _store(spec: ProductSpec, root: Path, profile: str | None) -> Path:
    """Return where the store is. A profile never shares the store of the product it stands beside."""
    if profile is None:
        return root / (spec.store or f".syncer/{spec.product}.db")
    return root / (spec.profiles[profile].store or f".syncer/{spec.product}-{profile}.db")


def _connection(
    name: str, spec: ConnectionSpec, source: Source, root: Path, systems: Mapping[str, type[System]]
) -> Connection | None:
    where = ("connections", name)
    extra = spec.model_extra or {}
    settings = load_settings(spec.system, "ConnectionSettings", extra, ConnectionSpec, source, where, root, systems)
    if settings is None:
        return None
    secrets = {n: v for n in type(settings).model_fields if isinstance(v := getattr(settings, n), Secret)}
    for key, secret in secrets.items():
        if not has_secret(secret):
            source.problem((*where, key), f'"{key}" names no place, or two', "give it either `env` or `keyring`")
    return Connection(name, spec.system, spec.access, spec.rate, settings, secrets)


def _collection(
    name: str,
    spec: CollectionSpec,
    source: Source,
    root: Path,
    product: ProductSpec,
    systems: Mapping[str, type[System]],
) -> Collection | None:
    where = ("collections", name)
    settings = None
    connection = product.connections.get(spec.connection)
    if connection is None:
        hint = nearest(spec.connection, product.connections)
        source.problem((*where, "connection"), f'unknown connection "{spec.connection}"', hint)
    elif connection.system in systems:
        extra = spec.model_extra or {}
        settings = load_settings(
            connection.system, "CollectionSettings", extra, CollectionSpec, source, where, root, systems
        )
    found = _mapping(spec, source, where, root, product)
    if found is None or settings is None:
        return None
    mapping, mapped = found
    return Collection(name, spec.connection, settings, mapping, mapped, spec.removal, spec.restricted, spec.settle)


def _mapping(
    spec: CollectionSpec, source: Source, where: tuple[str, ...], root: Path, product: ProductSpec
) -> tuple[MappingSpec, Source] | None:
    path = root / spec.mapping
    if not path.is_file():
        source.problem((*where, "mapping"), f'there is no mapping file "{spec.mapping}"',
                       f"paths are relative to {source.file}")  # fmt: skip
        return None
    try:
        mapped = read_yaml(path)
    except ConfigError as error:
        source.problems.append(error)
        return None
    mapping = validate(MappingSpec, mapped.data, mapped)
    if mapping is None:
        source.problems += mapped.problems
        return None
    verify_mapping(mapping, mapped, product.statuses)
    for kind, rule in mapping.kinds.items():
        for name, entry in rule.fields.items():
            verify_policy(entry.policy, ("kinds", kind, "fields", name, "policy"), mapped, product.collections)
    source.problems += mapped.problems
    mapped.problems = []
    return mapping, mapped


def _policies(
    spec: ProductSpec, source: Source, collections: Mapping[str, Collection | None]
) -> dict[tuple[str, str], PolicySpec]:
    found = {}
    verify_policy(spec.policies.default, ("policies", "default"), source, spec.collections)
    for collection in collections.values():
        for kind, rule in collection.mapping.kinds.items() if collection else ():
            found.update({(kind, n): e.policy for n, e in rule.fields.items() if e.policy is not None})
    for key, policy in spec.policies.fields.items():
        where = ("policies", "fields", key)
        kind, dot, name = key.partition(".")
        if not dot or (kind != "*" and kind not in KINDS):
            source.problem(where, f'"{key}" is no kind and field', nearest(kind, ["*", *KINDS]), key=True)
        elif kind != "*" and name != "*" and not name.startswith("custom.") and name not in fields_of(kind):
            source.problem(where, f'unknown field "{name}" of {kind}', nearest(name, fields_of(kind)), key=True)
        verify_policy(policy, where, source, spec.collections)
        found[kind, name] = policy
    found["*", "*"] = found.get(("*", "*"), spec.policies.default)
    return found


def _people(spec: ProductSpec, source: Source) -> None:
    taken: dict[str, str] = {}
    for key, person in spec.people.items():
        for word in dict.fromkeys(w.lower() for w in (key, *person.aliases)):
            if taken.setdefault(word, key) != key:
                source.problem(("people", key), f'"{word}" stands for {taken[word]} already', "a name is one person's")
        for connection in person.accounts:
            if connection not in spec.connections:
                source.problem(("people", key, "accounts", connection), f'unknown connection "{connection}"',
                               nearest(connection, spec.connections), key=True)  # fmt: skip


def _fingerprint(
    spec: ProductSpec, connections: Mapping[str, Connection], collections: Mapping[str, Collection], root: Path
) -> str:
    """Digest what decides a plan. Access, rates and guards only decide whether and how fast it is carried out.

    A folder that was moved, or is called by another path, is the same configuration.
    """
    parts: list[Any] = [spec.model_dump(mode="json", include={"product", "people", "statuses", "policies"})]
    parts += [[c.name, c.system, _said(c.settings, root)] for c in connections.values()]
    for c in collections.values():
        mapping = c.mapping.model_dump(mode="json", by_alias=True)
        parts.append([c.name, c.connection, _said(c.settings, root), c.removal, c.restricted, mapping])
    return hashlib.blake2b(canonical_json(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _said(settings: BaseModel, root: Path) -> dict[str, Any]:
    inside = {n: v for n, v in settings if isinstance(v, Path) and v.is_relative_to(root)}
    return settings.model_dump(mode="json") | {name: str(path.relative_to(root)) for name, path in inside.items()}
