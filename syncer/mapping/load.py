"""Read YAML so that every complaint says where: file, line and column."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from syncer.errors import ConfigError, Position

M = TypeVar("M", bound=BaseModel)
MAX_BYTES = 4_000_000


class Source:
    """A YAML file, and where everything in it stands."""

    def __init__(self, path: Path, shown: str | None = None) -> None:
        """Read the file. Raises ConfigError where it is missing or no YAML."""
        self.path, self.name = path, shown or str(path)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ConfigError(f"{self.name} is too large to be a configuration")
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError as error:
            raise ConfigError(f"no file {self.name}", hint="`syncer init` writes a first one") from error
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot read {self.name}: {error}") from error
        try:
            self.data = YAML(typ="rt").load(StringIO(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            position = Position(self.name, mark.line + 1, mark.column + 1) if mark else Position(self.name)
            problem = error.problem or "this is not YAML"
            raise ConfigError(problem, position=position, hint="check the indentation and the quotes here") from error
        if not isinstance(self.data, CommentedMap):
            raise ConfigError("the file must be a mapping of names to values", position=Position(self.name))

    def at(self, path: Sequence[str | int], *, key: bool = False) -> Position:
        """Return where a value stands (or its key); the nearest place above it that exists."""
        node, place = self.data, (0, 0)
        for number, step in enumerate(path):
            last = number == len(path) - 1
            try:
                if isinstance(node, CommentedMap):
                    place = node.lc.key(step) if key and last else node.lc.value(step)
                elif isinstance(node, CommentedSeq):
                    place = node.lc.item(step)
                else:
                    break
                node = node[step]
            except (KeyError, IndexError, TypeError, AttributeError):
                break
        return Position(self.name, place[0] + 1, place[1] + 1)

    def parse(self, model: type[M], data: Any = None, under: Sequence[str | int] = ()) -> M:
        """Validate (a part of) the file. Raises ConfigError for the first mistake, naming the nearest valid name."""
        try:
            return model.model_validate(plain(self.data if data is None else data))
        except ValidationError as error:
            raise self.complaint(model, error, under) from error

    def complaint(self, model: type[BaseModel], error: ValidationError, under: Sequence[str | int]) -> ConfigError:
        """Return our words for Pydantic's."""
        first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
        steps = [s for s in first["loc"] if not (isinstance(s, str) and s.endswith("Spec"))]
        path = [*under, *steps]
        if first["type"] == "extra_forbidden":
            name = str(steps[-1])
            known = _siblings(model, steps[:-1])
            return ConfigError(
                f"unknown key {name!r}", position=self.at(path, key=True), hint=nearest(name, known) or _list(known)
            )
        if first["type"] == "missing":
            return ConfigError(f"{steps[-1]!r} is missing here", position=self.at(path[:-1]))
        return ConfigError(f"{steps[-1] if steps else 'this'}: {first['msg']}", position=self.at(path))


def plain(data: Any) -> Any:
    """Return YAML's containers as plain ones."""
    if isinstance(data, dict):
        return {str(k): plain(v) for k, v in data.items()}
    if isinstance(data, list):
        return [plain(v) for v in data]
    if isinstance(data, str):
        return str(data)
    return data


def nearest(name: str, known: Collection[str]) -> str:
    """Return "did you mean …?" for a name, or nothing."""
    folded = {k.casefold(): k for k in known}
    found = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return f'did you mean "{folded[found[0]]}"?' if found else ""


def _list(known: Collection[str]) -> str:
    return f"known here: {', '.join(sorted(known)[:12])}" if known else ""


def _siblings(model: type[BaseModel], steps: Sequence[str | int]) -> list[str]:
    """Return the keys that the block at `steps` knows."""
    current: Any = model
    for step in steps:
        fields = getattr(current, "model_fields", {})
        if step in fields:
            current = _models(fields[step].annotation)
    return list(getattr(current, "model_fields", {}))


def _models(annotation: Any) -> Any:
    """Return the (last) model in an annotation such as dict[str, X] or X | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in reversed(getattr(annotation, "__args__", ())):
        found = _models(part)
        if found is not None:
            return found
    return None
