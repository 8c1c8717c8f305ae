"""A file read as one snapshot and replaced whole or not at all, with one backup and a lock among our processes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from syncer.errors import RetryableError, StaleError, UserError

PATIENCE = 10.0
"""Seconds to wait for another of our processes before giving up for now."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one content of a file from another."""

    mtime_ns: int
    size: int
    sha: str


def read(path: Path, *, cap: int) -> tuple[bytes, Stamp]:
    """Read a file. Raises UserError where it is missing, a folder, unreadable or longer than `cap` bytes."""
    try:
        with path.open("rb") as file:
            data = file.read(cap + 1)
            status = os.fstat(file.fileno())
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file", hint=_nearby(path)) from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}", hint="check who may read it") from error
    if len(data) > cap:
        raise UserError(f"{path}: larger than {cap // 2**20} MB", hint="split it, or leave out what is not synced")
    return data, Stamp(status.st_mtime_ns, status.st_size, hashlib.sha256(data).hexdigest())


def touched(path: Path) -> str:
    """Return when a file was last written, and which file it is; copying an old one back with its old time is seen."""
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_ino}.{status.st_ctime_ns}.{status.st_mtime_ns}"


def unchanged(path: Path, stamp: Stamp) -> bool:
    """Say whether a file still is what was read, by time and size: cheap, before reading it all."""
    try:
        status = path.stat()
    except OSError:
        return False
    return (status.st_mtime_ns, status.st_size) == (stamp.mtime_ns, stamp.size)


def backup_of(path: Path) -> Path:
    """Return where the previous content of a file is kept."""
    return path.with_name(f"{path.stem}.bak{path.suffix}")


def replace(path: Path, data: bytes, expected: Stamp | None, *, backup: bool, system: str) -> Stamp:
    """Put new content in place of a file in one step, and return its stamp.

    `expected` None means that the file must not exist. The order is: temporary file beside it, fsync, look at the
    file once more, backup, rename, fsync of the folder; so that a kill at any point leaves the old or the new content.
    Raises StaleError where the file is not what was read, UserError where the folder cannot be written.
    """
    path = path.resolve()
    try:
        temporary = _write_beside(path, data)
        try:
            _expect(path, expected, system)
            if backup and expected is not None:
                _keep(path)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
        status = path.stat()
    except PermissionError as error:
        if sys.platform == "win32":
            # Windows refuses the rename while any program holds the file: nothing was written, a moment later it may do
            raise RetryableError(f"{path}: in use by another program", after=0.5, system=system) from error
        raise UserError(f"{path}: may not be written", hint="check who may write the file and its folder") from error
    except OSError as error:
        reason = f"{path}: cannot be written: {error.strerror}; it is unchanged"
        raise UserError(reason, hint="free some space, or look at the disk") from error
    return Stamp(status.st_mtime_ns, status.st_size, hashlib.sha256(data).hexdigest())


def open_elsewhere(path: Path) -> None:
    """Raise UserError while Excel or LibreOffice has the file open (they leave lock files beside it)."""
    for marker, program in ((f"~${path.name}", "Excel"), (f".~lock.{path.name}#", "LibreOffice")):
        if (path.parent / marker).exists():
            raise UserError(
                f"{path} is open in {program}",
                hint=f"close it there and run again; if nobody has it open, delete {marker} beside it",
            )


@contextlib.contextmanager
def lock(path: Path, system: str) -> Iterator[None]:
    """Hold a file against our other processes. Raises RetryableError when one of them keeps it too long."""
    path = path.resolve()
    beside = path.with_name(f".{path.name}.syncer-lock")
    try:
        handle = beside.open("a+b")
    except OSError as error:
        reason = f"{path.parent}: cannot be written: {error.strerror}"
        raise UserError(reason, hint="check who may write there") from error
    with handle:
        until = time.monotonic() + PATIENCE
        while not _try_lock(handle):
            if time.monotonic() > until:
                raise RetryableError(f"{path}: another syncer is writing it", after=1.0, system=system)
            time.sleep(0.05)
        for stray in path.parent.glob(f".{_escaped(path.name)}.*.tmp"):
            # left by a process that was killed: whoever holds the lock is the only one writing such files
            stray.unlink(missing_ok=True)
        yield


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: IO[bytes]) -> bool:
        try:
            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: IO[bytes]) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def _write_beside(path: Path, data: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
            status = path.stat()
            if hasattr(os, "chown"):
                with contextlib.suppress(PermissionError):
                    os.chown(temporary, status.st_uid, status.st_gid)
        else:
            temporary.chmod(0o644)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _expect(path: Path, expected: Stamp | None, system: str) -> None:
    if expected is None:
        if path.exists():
            raise StaleError(f"{path}: appeared while it was being made", system=system)
        return
    if unchanged(path, expected):
        return
    try:
        same = hashlib.sha256(path.read_bytes()).hexdigest() == expected.sha
    except OSError:
        same = False
    if not same:
        raise StaleError(f"{path}: changed while it was being written; nothing was written", system=system)


def _keep(path: Path) -> None:
    target = backup_of(path)
    fresh = target.with_name(f".{target.name}.tmp")
    fresh.unlink(missing_ok=True)
    try:
        os.link(path, fresh)
    except OSError:
        shutil.copy2(path, fresh)
    fresh.replace(target)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _nearby(path: Path) -> str:
    from difflib import get_close_matches

    if not path.parent.is_dir():
        return f"there is no folder {path.parent}; paths count from the configuration's folder"
    close = get_close_matches(path.name, [p.name for p in path.parent.iterdir() if p.is_file()], n=1)
    return f"did you mean {close[0]}?" if close else "check the path; it counts from the configuration's folder"
