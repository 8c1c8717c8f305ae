"""Reads YAML so that every error says file:line:column, what is wrong and what to do next."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from syncer.errors import ConfigError, Position

MAX_PROBLEMS = 20
Loc: TypeAlias = "tuple[str | int, ...]"
M = TypeVar("M", bound=BaseModel)


class SeveralError(ConfigError):
    """Several problems of a configuration at once; `problems` has each."""

    def __init__(self, problems: Sequence[ConfigError]) -> None:
        shown = list(problems)[:MAX_PROBLEMS]
        lines = [str(p) for p in shown[1:]]
        if len(problems) > len(shown):
            lines.append(f"… and {len(problems) - len(shown)} more")
        super().__init__(shown[0].reason, position=shown[0].position, hint=shown[0].hint)
        self.problems = tuple(problems)
        self.lines = tuple(lines)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *self.lines])


def raise_all(problems: Sequence[ConfigError]) -> None:
    """Raise what was found: one problem as it is, several as one error."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise SeveralError(problems)


class GapError(ConfigError):
    """An option of a side that the mapping has no word for: told by `check`; records that show it are carried raw."""


@dataclass(slots=True)
class Source:
    """A YAML file as read: plain data, and the position of each part. `over` replaces parts, with its own positions."""

    file: str
    tree: Any
    data: dict[str, Any]
    over: tuple[str, ...] = ()
    problems: list[ConfigError] = field(default_factory=list)

    def at(self, loc: Sequence[str | int], *, key: bool = False) -> Position:
        """Return the position of the part at `loc`, or of the closest part around it."""
        if self.over:
            line, column, depth = _walk(self.tree, (*self.over, *loc), key)
            if depth == len(self.over) + len(loc):
                return Position(self.file, line, column)
        line, column, _ = _walk(self.tree, loc, key)
        return Position(self.file, line, column)

    def problem(self, loc: Sequence[str | int], message: str, hint: str = "", *, key: bool = False) -> None:
        """Note a problem at a place."""
        self.problems.append(ConfigError(message, position=self.at(loc, key=key), hint=hint))


def _walk(tree: Any, loc: Sequence[str | int], key: bool) -> tuple[int, int, int]:
    """Follow `loc` as far as it goes: 1-based line and column, and how many steps were found."""
    line, column = (tree.lc.line, tree.lc.col) if hasattr(tree, "lc") else (0, 0)
    node, depth = tree, 0
    for step in loc:
        if isinstance(node, CommentedMap):
            found = next((k for k in node if text_of(k) == str(step)), None)
            if found is None or found not in node.lc.data:
                break
            last = depth == len(loc) - 1
            line, column = node.lc.key(found) if key and last else node.lc.value(found)
            node = node[found]
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            line, column = node.lc.item(step)
            node = node[step]
        else:
            break
        depth += 1
    return line + 1, column + 1, depth


def read_yaml(path: Path, shown: str = "") -> Source:
    """Read a file. Raises ConfigError where it is missing, no YAML, or not a mapping at its top."""
    file = shown or str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        hint = "`syncer init` writes a first one" if path.name.startswith("syncer") else "check the path"
        raise ConfigError("there is no such file", position=Position(file), hint=hint) from error
    except IsADirectoryError as error:
        raise ConfigError("this is a folder, not a file", position=Position(file)) from error
    except (UnicodeDecodeError, PermissionError) as error:
        raise ConfigError(f"it cannot be read: {error}", position=Position(file), hint="save it as UTF-8") from error
    return parse_yaml(text, file)


def parse_yaml(text: str, file: str) -> Source:
    """Read YAML text. Raises ConfigError where it is none."""
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file)
        why = " ".join(str(error.problem or error.context or "it cannot be read").split())
        raise ConfigError(f"not valid YAML: {why}", position=position, hint=_yaml_hint(why)) from error
    except ReaderError as error:
        raise ConfigError("not valid YAML: it has a control character", position=Position(file)) from error
    except (YAMLError, ValueError) as error:
        raise ConfigError(f"not valid YAML: {error}", position=Position(file)) from error
    if not isinstance(tree, CommentedMap):
        raise ConfigError(
            "the file must be a list of `key: value` lines", position=Position(file), hint="it starts with `format: 1`"
        )
    return Source(file, tree, typing.cast("dict[str, Any]", plain(tree)))


def _yaml_hint(why: str) -> str:
    if "duplicate key" in why:
        return "a name may stand only once; remove or rename one of them"
    if "tab" in why or "\\t" in why:
        return "indent with spaces, not tabs"
    return "look at the indentation, at colons and at quotes on this line and the one before"


def text_of(key: Any) -> str:
    """Return a YAML key as text: `true:` and `3:` are names here."""
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else key.isoformat() if isinstance(key, date) else str(key)


def plain(node: Any) -> Any:
    """Return YAML data without its dress: str, int, float, bool, None, list, dict; dates as text."""
    if isinstance(node, Mapping):
        return {text_of(k): plain(v) for k, v in node.items()}
    if isinstance(node, list | tuple):
        return [plain(v) for v in node]
    if node is None or isinstance(node, bool):
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node.isoformat() if isinstance(node, date) else node


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the hint that names what was probably meant, or what there is."""
    names = list(dict.fromkeys(known))
    folded = {n.casefold(): n for n in reversed(names)}
    close = difflib.get_close_matches(word.casefold(), folded, 1, 0.6)
    if close:
        return f'Did you mean "{folded[close[0]]}"?'
    few = 12
    rest = f" and {len(names) - few} more" if len(names) > few else ""
    return f"there is {', '.join(names[:few])}{rest}" if names else "there is none"


def validate(model: type[M], data: Any, source: Source, prefix: Loc = (), also: Sequence[str] = ()) -> M | None:
    """Return the typed form of a part of a file, or None with every problem noted at its place.

    `also`: keys that are known at the top of this part besides the model's own.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        entries = error.errors(include_url=False, include_input=False)
        strangers = [tuple(e["loc"]) for e in entries if e["type"] == "extra_forbidden"]
        for entry in entries:
            loc = tuple(entry["loc"])
            beside = [str(other[-1]) for other in strangers if other[:-1] == loc[:-1]]
            misspelt = entry["type"] == "missing" and difflib.get_close_matches(str(loc[-1]), beside, 1, 0.6)
            if not misspelt:  # the unknown key beside it says it all
                _note(model, entry, source, prefix, also)
        return None


def _note(model: type[BaseModel], entry: Any, source: Source, prefix: Loc, also: Sequence[str]) -> None:
    loc: Loc = tuple(entry["loc"])
    where = (*prefix, *loc)
    name = str(loc[-1]) if loc else ""
    if entry["type"] == "extra_forbidden":
        known = [*_names(_model_at(model, loc[:-1])), *(also if len(loc) == 1 else ())]
        source.problem(where, f'unknown key "{name}"', nearest(name, known), key=True)
    elif entry["type"] == "missing":
        source.problem(where, f'"{name}" is missing', f"add `{name}: …` here")
    elif entry["type"] in ("model_type", "model_attributes_type") and entry["ctx"]["class_name"] == "Secret":
        hint = f"write `{name}: {{env: NAME_OF_A_VARIABLE}}` or `{name}: {{keyring: name}}`"
        source.problem(where, f'"{name}" is a secret: it may not stand in the file', hint)
    elif entry["type"] in ("literal_error", "enum"):
        expected = str(entry.get("ctx", {}).get("expected", ""))
        source.problem(where, f'"{name}" must be {expected}')
    else:
        message = entry["msg"].removeprefix("Value error, ")
        source.problem(where, f'"{name}": {message[:1].lower()}{message[1:]}' if name else message)


def _names(model: type[BaseModel] | None) -> list[str]:
    return [f.alias or n for n, f in model.model_fields.items()] if model else []


def _model_at(model: type[BaseModel], loc: Sequence[str | int]) -> type[BaseModel] | None:
    """Return the model that stands at `loc` inside another, or None."""
    kinds: list[Any] = [model]
    for step in loc:
        kinds = [inner for kind in kinds for inner in _step(kind, step)]
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)


def _step(kind: Any, step: str | int) -> list[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        by_name = {f.alias or n: f.annotation for n, f in kind.model_fields.items()}
        return _flat(by_name[str(step)]) if str(step) in by_name else []
    if typing.get_origin(kind) in (dict, list, tuple):
        element = [arg for arg in typing.get_args(kind) if arg is not Ellipsis][-1:]
        return [inner for arg in element for inner in _flat(arg)]
    return []


def _flat(kind: Any) -> list[Any]:
    """Return the alternatives of an annotation, `Annotated` and unions opened."""
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        return _flat(typing.get_args(kind)[0])
    if origin in (typing.Union, types.UnionType):
        return [inner for arg in typing.get_args(kind) for inner in _flat(arg)]
    return [kind]
