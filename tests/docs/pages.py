"""Reads our own pages: their fenced blocks, what they say in code marks, and where they link to."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEFT_BEHIND = {".git", ".demo", ".venv", "dist", "build", "node_modules"}


@dataclass(frozen=True)
class Block:
    """A fenced block: the page and line it stands at, the headings it is under, how it is run, and its text."""

    page: str
    line: int
    section: str
    run: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def files(*suffixes: str) -> Iterator[Path]:
    """Yield the project's files, those that a run leaves behind excepted."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if (f not in LEFT_BEHIND and not f.startswith(".")) or f == ".ci")
        folders[:] = [f for f in folders if f != "__pycache__" and not f.endswith(".egg-info")]
        yield from (
            Path(folder, name) for name in sorted(names) if name != ".git" and (not suffixes or name.endswith(suffixes))
        )


def pages() -> dict[str, str]:
    """Return every page we write, by its path."""
    return {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in files(".md")}


def blocks(page: str, text: str) -> Iterator[Block]:
    """Yield a page's fenced blocks."""
    section, fence, start, lines = "", None, 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        mark = re.match(r"( *)```(.*)$", line)
        if mark and fence is None:
            fence, start, lines = mark, number, []
        elif mark and fence is not None:
            yield Block(page, start, section, fence[2].strip(), "".join(f"{each}\n" for each in lines))
            fence = None
        elif fence is not None:
            lines.append(line.removeprefix(fence[1]))
        elif line.startswith("#"):
            section = line.lstrip("#").strip()
    assert fence is None, f"{page}:{start}: this block does not end"


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)


def marked(text: str) -> list[str]:
    """Return what a page says in code marks, blocks excepted."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(text))]


def links(text: str) -> list[str]:
    """Return where a page's links lead to."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(text))
