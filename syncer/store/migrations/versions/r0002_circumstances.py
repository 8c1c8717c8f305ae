"""The second format: a run's circumstances stand apart from what it did."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOVED = ("actor", "host", "version", "config")


def upgrade() -> None:
    """Add the column, and move there what earlier runs kept among their counts."""
    op.add_column("run", sa.Column("circumstances", sa.Text(), nullable=False, server_default="{}"))
    connection = op.get_bind()
    for number, kept in connection.execute(sa.text("SELECT id, counts FROM run")).all():
        counts = json.loads(kept)
        moved = {name: counts.pop(name) for name in MOVED if name in counts}
        connection.execute(
            sa.text("UPDATE run SET counts = :counts, circumstances = :moved WHERE id = :id"),
            {"counts": _json(counts), "moved": _json(moved), "id": number},
        )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
