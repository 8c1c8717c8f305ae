"""Opening the store's file: who may read it, whose it is, which format it has, and bringing an older one up."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, Engine, inspect, select, text, update

from syncer import __version__
from syncer.errors import BusyError, ForeignError, LostError, StoreError
from syncer.store.engine import PIECEMEAL, connect, damaged, reading, speaking, writing
from syncer.store.schema import FORMAT, meta

MIGRATIONS = Path(__file__).parent / "migrations"
_WHAT_IT_IS = {"format", "product", "lineage", "written_by"}


@dataclass(frozen=True, slots=True)
class Identity:
    """What a store says it is."""

    format: int
    written_by: str
    product: str
    lineage: str


def open_file(path: Path, product: str, *, fleeting: bool = False) -> tuple[Engine, Identity]:
    """Open the file, made or migrated where needed. `fleeting`: what is written need not outlive this process.

    Raises StoreError for a damaged file, a file of another program, product or newer format.
    """
    _claim(path)
    engine = connect(path, fleeting=fleeting)
    try:
        _use_wal(engine, path)
        with reading(engine, path) as connection:
            found = identify(connection, path)
        if found is None or found.format < FORMAT:
            with writing(engine, path) as connection:
                found = _bring_up(connection, path, product)
        _accept(found, path, product)
    except BaseException:
        engine.dispose()
        raise
    _private(path)
    return engine, found


def identify(connection: Connection, path: Path) -> Identity | None:
    """Return what the file says it is, None for an empty one. Raises StoreError where it is not a store of ours."""
    look = inspect(connection)
    tables = look.get_table_names()
    if not tables:
        return None
    if "meta" not in tables or not {column["name"] for column in look.get_columns("meta")} >= _WHAT_IT_IS:
        raise ForeignError(f"{path} is a database, but not a store of syncer", hint="give `store:` a path of its own")
    # Only columns that every format has: this must be able to read a newer file.
    row = connection.execute(select(meta.c.format, meta.c.written_by, meta.c.product, meta.c.lineage)).first()
    if row is None:
        raise damaged(path, "it does not say what it is")
    return Identity(*row)


def migrate(connection: Connection, target: str = "head") -> None:
    """Run the migrations up to a revision, inside the caller's transaction."""
    from alembic import command  # a quarter of a second that only a new or older file has to pay
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def _claim(path: Path) -> None:
    # An existing file is never opened here: closing it would drop the locks that another store of this very process
    # holds on it (SQLite, "How to corrupt", 2.2). SQLite itself tells a file that is no database.
    if not path.exists() and path.with_name(f"{path.name}-wal").exists():
        # An empty file made in its place would have the database drop that log, and all that only it holds.
        raise LostError(f"{path} is gone, and left its log {path.name}-wal")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}", hint="check `store:` in syncer.yaml") from error
    if not path.is_file():
        raise StoreError(f"{path} cannot be opened: it is not a file", hint="check `store:` in syncer.yaml")
    _private(path)


def _private(path: Path) -> None:
    """Let nobody else read people's words: the database's side files take their mode from the file itself."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        file = path.with_name(name)
        with suppress(FileNotFoundError, PermissionError):
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)


def _use_wal(engine: Engine, path: Path) -> None:
    # Changing the journal mode does not wait for locks by itself: two first openers meet here.
    deadline = time.monotonic() + 30
    while True:
        try:
            with speaking(engine, path) as raw:
                if not raw.execute("PRAGMA page_count").fetchone()[0]:
                    raw.execute(PIECEMEAL)
                raw.execute("PRAGMA journal_mode=WAL")
        except BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _bring_up(connection: Connection, path: Path, product: str) -> Identity:
    found = identify(connection, path)  # again, now that no one else can be doing the same
    if found is not None:
        _accept(found, path, product)
    if found is None or found.format < FORMAT:
        migrate(connection)
    if found is None:
        found = Identity(FORMAT, __version__, product, uuid4().hex[:12])
        connection.execute(
            meta.insert().values(
                id=1, format=FORMAT, written_by=__version__, product=product, lineage=found.lineage, generation=0
            )
        )
    elif found.format < FORMAT:
        connection.execute(update(meta).values(format=FORMAT, written_by=__version__))
        found = Identity(FORMAT, __version__, found.product, found.lineage)
    return found


def _accept(found: Identity, path: Path, product: str) -> None:
    if found.format > FORMAT:
        raise ForeignError(
            f"{path} has format {found.format}; this version of syncer reads up to {FORMAT}",
            hint=f"install pm-syncer {found.written_by} or later",
        )
    if found.product != product:
        raise ForeignError(
            f"{path} is the store of product {found.product!r}, not of {product!r}",
            hint="give each product a `store:` of its own, or correct `product:` in syncer.yaml",
        )


def look_through(connection: Connection, path: Path) -> None:
    """Read every page, which takes seconds for a hundred thousand items. Raises LostError where it is damaged."""
    if broken := [row[0] for row in connection.execute(text("PRAGMA quick_check(1)")) if row[0] != "ok"]:
        raise damaged(path, "; ".join(broken))


def verify(connection: Connection, path: Path) -> None:
    """Read the whole file and raise StoreError where it is damaged."""
    broken = [row[0] for row in connection.execute(text("PRAGMA integrity_check(3)")) if row[0] != "ok"]
    broken += [
        f"a row of {row[0]} without its {row[2]}" for row in connection.execute(text("PRAGMA foreign_key_check"))
    ]
    if broken:
        raise damaged(path, "; ".join(broken))
