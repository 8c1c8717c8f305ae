"""Make room for a new store: what stands at its path is moved aside under another name, and never deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from syncer.errors import ForeignError, LostError, StoreError
from syncer.store.store import Store

PARTS = ("", "-wal", "-shm", "-journal")
"""What the names of a database's files end in; the log belongs to the file, or neither can be read."""


def present(path: Path) -> bool:
    """Say whether anything of a store is at its path."""
    return any(_part(path, part).exists() for part in PARTS)


def make_room(path: Path, product: str, now: Callable[[], datetime], *, whole: bool = False) -> Path | None:
    """Move a damaged file aside; return where it is now, None where nothing is in the way.

    `whole`: move also a file that can be read, or is another's. Raises StoreError for such a file otherwise,
    BusyError where a run holds it.
    """
    if not present(path):
        return None
    try:
        if _unused(path, product, now, whole=whole):
            return None
    except LostError:
        pass  # what it holds cannot be read: that is what a rebuild is for
    return _move(path, f"{path.name}.aside-{now():%Y%m%d-%H%M%S}")


def _unused(path: Path, product: str, now: Callable[[], datetime], *, whole: bool) -> bool:
    """Say whether the file is a store in which nothing was decided yet. Raises StoreError for any other sound file."""
    try:
        with Store.open(path, product, now=now) as store, store.lease("rebuild", ttl=60):
            store.verify()
            if store.generation == 0:
                return True
            items = len(store.items())
    except ForeignError as error:
        if whole:
            return False
        raise ForeignError(error.message, hint=f"{error.hint}; or move it aside: `syncer rebuild --aside`") from error
    if whole:
        return False
    raise StoreError(
        f"{path} is whole, and knows {items} items: there is nothing to rebuild",
        hint="`syncer plan` goes on with it; `syncer rebuild --aside` moves it aside and begins anew",
    )


def _move(path: Path, name: str) -> Path:
    moved = path.with_name(name)
    try:
        # The log first: left beside a new file, it would be dropped.
        for part in reversed(PARTS):
            if _part(path, part).exists():
                _part(path, part).rename(_part(moved, part))
    except OSError as error:
        raise StoreError(
            f"{path} cannot be moved aside: {error.strerror}", hint="check that its folder can be written by this user"
        ) from error
    return moved


def _part(path: Path, part: str) -> Path:
    return path.with_name(path.name + part)
