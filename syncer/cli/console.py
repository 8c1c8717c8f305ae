"""The console that everything is printed on: no text from outside can steer the terminal or pass for markup."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from rich.console import Console as RichConsole
from rich.text import Text

from syncer.richtext.show import clean

_BEYOND_ASCII = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """Return text from outside as one line that cannot steer a terminal."""
    return clean(" ".join(text.split()))


class Console(RichConsole):
    """Prints strings as they are, markup only where it is asked for, and control characters never."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(soft_wrap=True, stderr=stderr, markup=False, highlight=False)

    def print(self, *objects: Any, **how: Any) -> None:
        """Print; see `rich.console.Console.print`."""
        super().print(*(_cleaned(thing) for thing in objects), **how)


def _cleaned(thing: Any) -> Any:
    if isinstance(thing, str):
        return clean(thing)
    if isinstance(thing, Text):
        thing = thing.copy()
        thing.plain = clean(thing.plain)  # as long as before: styles stay in place
    return thing


def emit(data: Any) -> None:
    """Print JSON; what could steer a terminal is escaped, as JSON allows."""
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write(_BEYOND_ASCII.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")
