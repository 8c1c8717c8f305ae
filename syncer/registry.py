"""Finds adapters, codecs and sandboxes by name through entry points. Loads one only when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar, cast

from syncer.adapter import System
from syncer.errors import UserError
from syncer.richtext.codec import Codec

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """What one entry-point group offers, by name. Its names cost nothing; a value is imported when looked up."""

    def __init__(self, found: Mapping[str, EntryPoint], what: str, *, make: bool = False) -> None:
        self._found, self._what, self._make = found, what, make
        self._loaded: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        """Import and return one. Raises KeyError for an unknown name, UserError where a library is missing."""
        if name not in self._loaded:
            point = self._found[name]
            try:
                loaded = point.load()
            except ModuleNotFoundError as error:
                raise UserError(
                    f"the {self._what} {name} needs the library {error.name}, which is not installed",
                    hint=f"pip install 'pm-syncer[{_extra(point)}]'",
                ) from error
            self._loaded[name] = cast("T", loaded() if self._make else loaded)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._found))

    def __len__(self) -> int:
        return len(self._found)


def _extra(point: EntryPoint) -> str:
    """Return the extra that brings a package's libraries: it is named after the system."""
    return point.module.split(".")[0].removeprefix("syncer_") if point.module.startswith("syncer_") else "all"


def _points(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}


@cache
def systems() -> Registry[type[System]]:
    """Return the systems that are installed, by name."""
    return Registry(_points("syncer.adapters"), "system")


@cache
def codecs() -> Registry[Codec]:
    """Return one codec of each document format, by name."""
    return Registry(_points("syncer.codecs"), "document format", make=True)


@cache
def sandboxes() -> Registry[Any]:
    """Return the sandbox servers that are installed, by system name."""
    return Registry(_points("syncer.sandboxes"), "sandbox")
