"""A choice that becomes a rule: a policy is written into `syncer.yaml`; comments, order and every other line stay."""

from __future__ import annotations

import contextlib
import os
import re
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from syncer.errors import ConfigError, Position
from syncer.mapping.load import parse_yaml, read_yaml


def rule_line(kind: str, field: str, side: str) -> str:
    """Return the line that says it."""
    return f"{kind}.{field}: {{owner: {side}}}"


def with_rule(text: str, kind: str, field: str, side: str, file: str = "syncer.yaml") -> str:
    """Return a configuration in which a side's word settles a field. Raises ConfigError where it cannot be put in."""
    before = parse_yaml(text, file)
    wanted = before.data
    policies = wanted.get("policies") or {}
    wanted = {**wanted, "policies": {**policies, "fields": {**(policies.get("fields") or {})}}}
    wanted["policies"]["fields"][f"{kind}.{field}"] = {"owner": side}
    for made in (_inserted(text, before.tree, rule_line(kind, field, side), f"{kind}.{field}"), _dumped(text, wanted)):
        if made is not None and parse_yaml(made, file).data == wanted:
            return made
    line = rule_line(kind, field, side)
    raise ConfigError(
        "the rule has no place here", position=Position(file), hint=f"write below policies.fields: {line}"
    )


def write_rule(path: Path, kind: str, field: str, side: str) -> str:
    """Write a rule into a configuration; return the text that was there before. Raises ConfigError."""
    read_yaml(path)  # its errors name the place
    with path.open(encoding="utf-8", newline="") as file:
        before = file.read()
    replace_text(path, with_rule(before, kind, field, side, str(path)))
    return before


def replace_text(path: Path, text: str) -> None:
    """Replace a file's text in one step, its mode kept. Raises ConfigError where it cannot be written."""
    real = path.resolve()
    new = real.with_name(f".{real.name}.{os.getpid()}")
    try:
        with new.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
        new.chmod(real.stat().st_mode & 0o7777)
        new.replace(real)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink()
        raise ConfigError(f"it cannot be written: {error.strerror}", position=Position(str(path))) from error


def _inserted(text: str, tree: Any, line: str, key: str) -> str | None:
    """Return the text with one line more, where the file is written a line a key; None elsewhere."""
    lines, end = text.splitlines(keepends=True), "\r\n" if "\r\n" in text else "\n"
    if "policies" not in tree:
        gap = "" if text.endswith("\n") else end
        return f"{text}{gap}{end}policies:{end}  fields:{end}    {line}{end}"
    policies = tree["policies"]
    if not _is_block(policies):
        return None
    fields = policies.get("fields")
    inner = policies.lc.col
    if "fields" not in policies:
        at = tree.lc.key("policies")[0]
        return _put(lines, at, [f"{' ' * inner}fields:{end}", f"{' ' * (inner + 2)}{line}{end}"])
    if not _is_block(fields) or key in fields:
        return None
    return _put(lines, policies.lc.key("fields")[0], [f"{' ' * fields.lc.col}{line}{end}"])


def _is_block(node: Any) -> bool:
    return isinstance(node, CommentedMap) and len(node) > 0 and not node.fa.flow_style()


def _put(lines: list[str], after: int, new: list[str]) -> str:
    return "".join([*lines[: after + 1], *new, *lines[after + 1 :]])


def _dumped(text: str, wanted: dict[str, Any]) -> str:
    """Return the text as written anew from its parts: comments and order stay, spacing may not."""
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 100_000
    if re.search(r"^\s+- ", text, re.MULTILINE):
        yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(text)
    policies = _below(tree, "policies")
    fields = _below(policies, "fields")
    for key, value in wanted["policies"]["fields"].items():
        if fields.get(key) != value and value.keys() == {"owner"}:
            said = CommentedMap(value)
            said.fa.set_flow_style()
            fields[key] = said
    out = StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _below(tree: Any, name: str) -> Any:
    if not isinstance(tree.get(name), CommentedMap):
        tree[name] = CommentedMap()
    return tree[name]
