"""Subscriptions at hubs; until when a way rests; an index for what a source brought lately."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=True),
        sa.Column("ends_at", _TIME, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pushed_at", _TIME, nullable=True),
        sa.Column("missed_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name=op.f("fk_subscriptions_source"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source", "position", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_token"), "subscriptions", ["token"], unique=True)
    op.create_index("ix_entries_source_seen", "entries", ["source", "seen_at"], unique=False)
    op.add_column("ways", sa.Column("rests_until", _TIME, nullable=True))
