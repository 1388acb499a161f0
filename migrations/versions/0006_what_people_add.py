"""What people add: corrections of deals (facts that they set, deals that are one or none), searches that they save."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("deals", sa.Column("said", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("deals", sa.Column("dismissed", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    # No foreign key: SQLite adds none to a table, and rebuilding it would take for deleted what refers to it.
    op.add_column("deals", sa.Column("merged_into", _ID, nullable=True))
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index(
        op.f("ix_deals_merged_into"), "deals", ["merged_into"], sqlite_where=merged, postgresql_where=merged
    )
    op.create_index("ix_deals_seen", "deals", ["seen_at", "id"])
    op.create_table(
        "pins",
        sa.Column("id", _ID, nullable=False),
        sa.Column("article_id", _ID, nullable=False),
        sa.Column("deal_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_pins_article_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_pins_deal_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
    )
    op.create_index("ix_pins_article", "pins", ["article_id"])
    op.create_index(op.f("ix_pins_deal_id"), "pins", ["deal_id"])
    op.create_table(
        "corrections",
        sa.Column("id", _ID, nullable=False),
        sa.Column("deal_id", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_corrections_deal_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_deal_id"), "corrections", ["deal_id"])
    op.create_table(
        "saved_searches",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("saved_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_saved_searches")),
    )
