"""Sync the folders `a` and `b` once with vdirsyncer's core. Runs in an environment that has vdirsyncer, and not us."""

from __future__ import annotations

import asyncio

from vdirsyncer.storage.filesystem import FilesystemStorage
from vdirsyncer.sync import sync
from vdirsyncer.sync.status import SqliteStatus


async def main() -> None:
    a, b = (FilesystemStorage(path=f"{side}/", fileext=".vcf") for side in "ab")
    await sync(a, b, SqliteStatus("status.db"))


if __name__ == "__main__":
    asyncio.run(main())
