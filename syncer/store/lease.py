"""One writer per product: a lease that runs out, with a fencing number that every commit checks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, select, update

from syncer.errors import BusyError
from syncer.store.engine import reading, writing
from syncer.store.schema import lease as table
from syncer.store.tables import upsert


class Lease:
    """The right to write, held until it is released, runs out, or is taken over after that.

    No one can take it over before `left()` is down to 0: a request whose timeout is shorter than `left()` ends
    while the lease is still ours.
    """

    def __init__(
        self, engine: Engine, path: Path, product: str, owner: str, ttl: float, now: Callable[[], datetime]
    ) -> None:
        self.product, self.owner, self.ttl = product, owner, ttl
        self._engine, self._path, self._now = engine, path, now
        with writing(engine, path) as connection:
            self.fence, self._expires = self._take(connection)

    def left(self) -> float:
        """Return the seconds until another may take the lease over."""
        return max(0.0, (self._expires - self._now()).total_seconds())

    def check(self, needs: float = 0.0) -> None:
        """Make sure that the lease is ours and will be for more than `needs` seconds, renewing it if it must be.

        Raises BusyError if it is lost.
        """
        if self.left() <= needs:
            self.renew()
            return
        with reading(self._engine, self._path) as connection:
            self.hold(connection)

    def renew(self) -> None:
        """Start the time to live anew. Raises BusyError if the lease is lost."""
        with writing(self._engine, self._path) as connection:
            expires = self.extend(connection)
        self.extended(expires)

    def release(self) -> None:
        """Give the lease back; doing it twice, or after it was lost, does nothing."""
        with writing(self._engine, self._path) as connection:
            connection.execute(
                update(table)
                .where(table.c.product == self.product, table.c.fence == self.fence)
                .values(owner="", expires_at=self._now())
            )
        self._expires = self._now()

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def hold(self, connection: Connection) -> None:
        """Raise BusyError unless the lease is still ours, as this connection's transaction sees it."""
        row = connection.execute(
            select(table.c.owner, table.c.fence, table.c.taken_at).where(table.c.product == self.product)
        ).first()
        if row is not None and row.fence == self.fence and row.owner:
            return
        holder = f": {_who(row.owner, row.taken_at)} does" if row is not None and row.owner else ""
        raise BusyError(
            f"this run no longer holds {self.product}{holder}",
            hint="what was committed stands; run again to finish the rest",
        )

    def extend(self, connection: Connection) -> datetime:
        """Renew inside a transaction; `extended` follows when it is committed. Raises BusyError if it is lost."""
        self.hold(connection)  # one that ran out and that nobody took is still ours
        expires = self._now() + timedelta(seconds=self.ttl)
        connection.execute(update(table).where(table.c.product == self.product).values(expires_at=expires))
        return expires

    def extended(self, expires: datetime) -> None:
        """Take note that an extension was committed."""
        self._expires = expires

    def _take(self, connection: Connection) -> tuple[int, datetime]:
        now = self._now()
        row = connection.execute(select(table).where(table.c.product == self.product)).first()
        if row is not None and row.owner and row.expires_at > now:
            raise BusyError(
                f"another run holds {self.product}: {_who(row.owner, row.taken_at)}",
                hint=f"wait for it to end; if it was killed, its hold runs out at {_clock(row.expires_at)}",
            )
        fence = row.fence + 1 if row is not None else 1
        expires = now + timedelta(seconds=self.ttl)
        held = {"product": self.product, "owner": self.owner, "fence": fence, "taken_at": now, "expires_at": expires}
        upsert(connection, table, [held])
        return fence, expires


def _who(owner: str, since: datetime) -> str:
    return f"{owner}, since {_clock(since)}"


def _clock(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%SZ")
