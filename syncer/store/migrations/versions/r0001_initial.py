"""The first format: every table."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _meta()
    _run()
    _item()
    _link()
    _stray()
    _conflict()
    _refusal()
    _journal()
    _cursor()
    _lease()
    _applied()
    _memo()


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("lineage", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("run_started", "run", ["started_at"])


def _item() -> None:
    op.create_table(
        "item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_run", sa.Text(), nullable=False),
        sa.Column("removed", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _link() -> None:
    op.create_table(
        "link",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("tagged", sa.Boolean(), nullable=False),
        sa.Column("hot", sa.Boolean(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("edited_at", sa.Text(), nullable=True),
        sa.Column("edited_by", sa.Text(), nullable=False),
        sa.Column("seen_run", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["item.id"]),
        sa.PrimaryKeyConstraint("item", "side"),
        sa.UniqueConstraint("side", "ref", name="link_ref"),
    )
    covered = ["side", "ref", "item", "digest", "state", "hot", "version", "edited_at"]
    op.create_index("link_index", "link", covered)
    waiting = sa.text("hot OR pending")
    op.create_index("link_waiting", "link", ["item"], sqlite_where=waiting, postgresql_where=waiting)


def _stray() -> None:
    op.create_table(
        "stray",
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("side", "ref"),
    )


def _conflict() -> None:
    op.create_table(
        "conflict",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=True),
        sa.Column("sides", sa.Text(), nullable=False),
        sa.Column("opened_run", sa.Text(), nullable=False),
        sa.Column("closed_run", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("conflict_item", "conflict", ["item"])
    op.create_index("conflict_state", "conflict", ["state"])


def _refusal() -> None:
    op.create_table(
        "refusal",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item", "side", "field"),
    )


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("journal_item", "journal", ["item"])
    op.create_index("journal_ref", "journal", ["side", "ref"])
    op.create_index("journal_run", "journal", ["run"])
    op.create_index("journal_state", "journal", ["state"])


def _cursor() -> None:
    op.create_table(
        "cursor",
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("swept_at", sa.Text(), nullable=True),
        sa.Column("listed_at", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("side"),
    )


def _lease() -> None:
    op.create_table(
        "lease",
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product"),
    )


def _applied() -> None:
    op.create_table(
        "applied",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id"),
    )


def _memo() -> None:
    op.create_table(
        "memo",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
