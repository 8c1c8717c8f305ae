"""Builds the project, and installs what was built into environments that know nothing of the source."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def build(folder: Path) -> tuple[Path, Path]:
    """Build the source archive, and from it the wheel, without a network; return both."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return next(folder.glob("*.tar.gz")), next(folder.glob("*.whl"))


def needed(ours: Distribution, extras: Iterable[str]) -> dict[str, Distribution]:
    """Return the libraries that our metadata declares, and those that theirs declare, as they are installed here."""
    todo, seen, found = [(ours, frozenset(extras))], set(), {}
    while todo:
        library, wanted = todo.pop()
        for requirement in map(Requirement, library.requires or ()):
            marker, more = requirement.marker, frozenset(requirement.extras)
            if marker is not None and not any(marker.evaluate({"extra": extra}) for extra in ("", *wanted)):
                continue
            if (requirement.name, more) not in seen:
                seen.add((requirement.name, more))
                todo.append((found.setdefault(requirement.name, distribution(requirement.name)), more))
    return found


class Environment:
    """A virtual environment with our wheel and exactly the libraries it declares: those of an extra when it is added."""

    def __init__(self, folder: Path, wheel: Path, python: str) -> None:
        self.bin = folder / "bin"
        subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=60)
        self.site = next((folder / "lib").glob("python3*/site-packages"))
        pip = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True, timeout=120)
        self.add()

    def add(self, *extras: str) -> None:
        """Add what an installer would for these extras."""
        ours = next(iter(distributions(name="pm-syncer", path=[str(self.site)])))
        for library in needed(ours, extras).values():
            self._take_over(library)

    def _take_over(self, library: Distribution) -> None:
        """Put a library in as it is installed here: what an installer would do, without a download."""
        for path in library.files or ():
            source, target = Path(str(library.locate_file(path))), self.site / path
            if ".." not in path.parts and source.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                _link(source, target)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def python_for(user: int | None) -> str | None:
    """Return an interpreter of this version that the user may run: ours may lie in a private folder."""
    ours = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (os.path.realpath(sys.executable), shutil.which(ours, path=os.defpath)):
        if candidate and _runs(candidate, user):
            return candidate
    return None


def _runs(python: str, user: int | None) -> bool:
    try:
        return subprocess.run([python, "-c", ""], user=user, cwd="/", check=False, timeout=60).returncode == 0
    except PermissionError:
        return False
