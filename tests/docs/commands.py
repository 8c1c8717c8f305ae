"""Our command line as it is: for holding what pages and messages name against it."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shlex
from functools import cache
from typing import Any

from typer.main import get_command

import syncer.cli
from syncer.cli.main import app


@cache
def command_line() -> Any:
    """Return the whole command line, every module's commands registered."""
    for module in pkgutil.iter_modules(syncer.cli.__path__, "syncer.cli."):
        importlib.import_module(module.name)
    return get_command(app)


def complaint(line: str) -> str:
    """Return what is wrong with a command line, as our own command line would see it; "" if nothing is."""
    words = shlex.split(re.sub(r"\{[^}]*\}", "X", re.sub(r"(?<=\w)\{[^}]*\}", "", line)))[1:]
    command = command_line()
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        name = words.pop(0)
        if name in ("X", "…"):
            return ""  # it is filled in when the message is told
        if name not in command.commands:
            return f"{line}: no command {name!r}"
        command = command.commands[name]
    options = {name: p for p in command.params if p.param_type_name == "option" for name in p.opts + p.secondary_opts}
    free = 0
    while words:
        word = words.pop(0).partition("=")[0]
        if not word.startswith("-"):
            free += 1
        elif word != "--help" and word not in options:
            return f"{line}: no option {word}"
        elif word in options and not options[word].is_flag:
            words[:1] = []
    arguments = sum(p.param_type_name == "argument" for p in command.params)
    return f"{line}: too many words" if free > arguments else ""
