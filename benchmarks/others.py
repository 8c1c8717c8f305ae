"""Other synchronisers over as many small things: vdirsyncer's core, unison and rclone bisync. Installed for the run.

vdirsyncer comes from the package index into a virtual environment of its own, the two others from Debian, unpacked into
a folder. Nothing is left behind, and what cannot be had is skipped with a notice.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import sheets
from benchmarks.process import Ran, execute
from benchmarks.table import Table, megabytes

VDIRSYNCER = "0.21.0"
DEBIAN = {"unison": "unison-2.52", "rclone": "rclone"}
"""Command → the Debian package that has it, where it is not on the path."""
INSIDE = Path(__file__).with_name("vdir.py")
WORDS = """\
The same number of small things, in the same run, each figure one process: seconds by the clock / seconds of the \
processor / memory. All begin with every side filled alike; 1 % are edited on one side. syncer keeps three sides of \
features in step, field by field, and only plans, except where it says synced; the others keep two folders of files, a \
file a feature, and always do what they decide. The work differs: they copy a file whole where it differs, and look at \
every file; syncer merges fields, writes a journal, and asks tables that say what changed."""
STEPS = ("first", "idle", "changed", "synced")
Run = Callable[[Path, str], Ran]
"""Syncs the folders a and b of a folder; the step is "first", "idle" or "changed"."""


@dataclass
class Absent(Exception):
    """A synchroniser that cannot be had here."""

    why: str


@dataclass
class Others:
    """What could be installed, by title; and why the rest was not."""

    runs: dict[str, Run] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def measure(sizes: Sequence[int], ours: Mapping[tuple[int, str], Ran]) -> Table:
    """Return the table of others beside ours."""
    columns = ("", "things", "sides", "first", "idle", "1 % changed", "1 % changed, synced")
    table = Table("Beside others", WORDS, columns)
    with TemporaryDirectory() as name:
        others = installed(Path(name))
        for items in sizes:
            table.add("syncer", items, 3, *(_cell(ours.get((items, step))) for step in STEPS))
            for title, sync in others.runs.items():
                with TemporaryDirectory() as folder:
                    table.add(title, items, 2, *_three(Path(folder), items, sync))
    table.notes += others.notes
    return table


def _three(folder: Path, items: int, sync: Run) -> list[str]:
    for side in "ab":
        (folder / side).mkdir()
        for number in range(items):
            _put(folder / side, number, "")
    first, idle = sync(folder, "first"), sync(folder, "idle")
    few = max(1, items // 100)
    for number in range(few):
        _put(folder / "a", number * (items // few), " (renamed)")
    changed = sync(folder, "changed")
    last = _file(folder / "b", 0).read_text(encoding="utf-8")
    if "(renamed)" not in last:
        raise RuntimeError(f"an edit did not arrive: {last}")
    return [_cell(first), _cell(idle), "–", _cell(changed)]


def _put(folder: Path, number: int, more: str) -> None:
    _, title, text, *rest = sheets.row(number, "")
    lines = (f"UID:{number}", f"FN:{title}{more}", f"NOTE:{text}", f"TITLE:{';'.join(rest)}")
    card = "\r\n".join(("BEGIN:VCARD", *lines, "END:VCARD", ""))
    _file(folder, number).write_text(card, encoding="utf-8")


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number}.vcf"


def _cell(ran: Ran | None) -> str:
    return f"{ran.wall:.1f} s / {ran.cpu:.1f} s / {megabytes(ran.memory)}" if ran else "–"


def installed(folder: Path) -> Others:
    """Install what can be had into a folder."""
    found = Others()
    for make in (_vdirsyncer, _unison, _rclone):
        try:
            title, sync = make(folder)
            found.runs[title] = sync
        except Absent as absent:
            found.notes.append(f"skipped: {absent.why}")
            print(f"notice: {absent.why}", file=sys.stderr)
    return found


def _vdirsyncer(folder: Path) -> tuple[str, Run]:
    place = folder / "vdirsyncer"
    _try("vdirsyncer", [sys.executable, "-m", "venv", str(place)], folder)
    pip = [str(place / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    _try("vdirsyncer", [*pip, f"vdirsyncer=={VDIRSYNCER}"], folder)

    def sync(where: Path, step: str) -> Ran:
        return execute([str(place / "bin" / "python"), str(INSIDE)], folder=where, env=dict(os.environ))

    return f"vdirsyncer {VDIRSYNCER}, its sync core over files", sync


def _unison(folder: Path) -> tuple[str, Run]:
    command = _command("unison", folder)
    env = {**os.environ, "UNISON": str(folder / "unison-archives")}
    version = _try("unison", [command, "-version"], folder).split()[2]

    def sync(where: Path, step: str) -> Ran:
        return execute([command, "a", "b", "-batch", "-silent", "-confirmbigdel=false"], folder=where, env=env)

    return f"unison {version}", sync


def _rclone(folder: Path) -> tuple[str, Run]:
    command = _command("rclone", folder)
    env = {**os.environ, "RCLONE_CONFIG": str(folder / "rclone.conf")}
    version = _try("rclone", [command, "version"], folder).split()[1]

    def sync(where: Path, step: str) -> Ran:
        words = [command, "bisync", "a", "b", "--workdir", "listings", "--log-level", "ERROR"]
        return execute([*words, *(["--resync"] if step == "first" else [])], folder=where, env=env)

    return f"rclone bisync {version}", sync


def _command(name: str, folder: Path) -> str:
    """Return a command: of the path, else of its Debian package, unpacked into a folder."""
    here = shutil.which(name)
    if here is None:
        if shutil.which("apt-get") is None:
            raise Absent(f"{name} is not on the path, and there is no apt-get to fetch it with")
        _try(name, ["apt-get", "download", "-q", DEBIAN[name]], folder)
        for package in folder.glob(f"{DEBIAN[name]}_*.deb"):
            _try(name, ["dpkg", "-x", str(package), str(folder / "debian")], folder)
        here = str(next((folder / "debian" / "usr" / "bin").glob(f"{name}*")))
    return here


def _try(name: str, words: Sequence[str], folder: Path) -> str:
    try:
        return subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True, timeout=600).stdout
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise Absent(f"{name} cannot be had here: {said.strip().splitlines()[-1]}") from error
