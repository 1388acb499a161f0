"""One message for one deal: follow-ups and digests in the outbox, mutes, feedback, signatures of texts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("articles", sa.Column("signature", sa.LargeBinary(), nullable=True))
    op.add_column("sources", sa.Column("home", sa.Text(), server_default="", nullable=False))
    _alerts()
    _indexes()
    # What a card is about stood only in its subject: deal:17, deal:17:investor:NAME.
    op.execute(
        "UPDATE alerts SET deal_id = (SELECT claims.deal_id FROM claims WHERE claims.id = alerts.claim_id) "
        "WHERE subject LIKE 'deal:%'"
    )
    op.drop_table("channel_pauses")  # pauses are a matter of minutes
    op.create_table(
        "channel_states",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("paused_until", _TIME, nullable=True),
        sa.Column("paced_until", _TIME, nullable=True),
        sa.Column("failing_since", _TIME, nullable=True),
        sa.Column("told_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_states")),
    )
    op.create_table(
        "mutes",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), server_default="", nullable=False),
        sa.Column("deal_id", _ID, server_default="0", autoincrement=False, nullable=False),
        sa.Column("until", _TIME, nullable=True),
        sa.Column("muted_by", sa.Text(), nullable=False),
        sa.Column("muted_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel", "company", "deal_id", name=op.f("pk_mutes")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", _ID, nullable=False),
        sa.Column("alert_id", _ID, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("given_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_feedback_alert_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("alert_id", "person", name=op.f("uq_feedback_alert_id_person")),
    )


def _alerts() -> None:
    # SQLite rebuilds the table, and would lose what makes this index partial.
    op.drop_index("ix_alerts_waiting", "alerts")
    with op.batch_alter_table("alerts") as table:
        table.alter_column("article_id", existing_type=_ID, nullable=True)
        table.drop_constraint("uq_alerts_channel_article_id_company", type_="unique")
        table.add_column(sa.Column("kind", sa.Text(), server_default="card", nullable=False))
        table.add_column(sa.Column("deal_id", _ID, nullable=True))
        table.add_column(sa.Column("follows", _ID, nullable=True))
        table.add_column(sa.Column("digest_id", _ID, nullable=True))
        table.add_column(sa.Column("changes", sa.JSON(), server_default="[]", nullable=False))
        table.add_column(sa.Column("page", sa.Integer(), server_default="1", nullable=False))
        table.add_column(sa.Column("pages", sa.Integer(), server_default="1", nullable=False))
        table.add_column(sa.Column("held", sa.Text(), nullable=True))
        table.add_column(sa.Column("stale_at", _TIME, nullable=True))
        table.add_column(sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
        for column, target in (("deal_id", "deals"), ("follows", "alerts"), ("digest_id", "alerts")):
            table.create_foreign_key(op.f(f"fk_alerts_{column}"), target, [column], ["id"], ondelete="SET NULL")


def _indexes() -> None:
    for name, columns, where in (
        ("ix_alerts_waiting", ["channel", "id"], "state IN ('pending', 'sending')"),
        ("ix_alerts_held", ["channel", "next_attempt_at"], "state = 'held'"),
        ("ix_alerts_stale", ["channel", "stale_at"], "stale_at IS NOT NULL"),
        ("ix_alerts_sent", ["channel", "sent_at"], None),
        ("ix_alerts_deal", ["deal_id"], None),
        ("ix_alerts_article", ["article_id"], None),
        ("ix_alerts_digest_id", ["digest_id"], None),
    ):
        condition = None if where is None else sa.text(where)
        op.create_index(op.f(name), "alerts", columns, sqlite_where=condition, postgresql_where=condition)
    cards = sa.text("kind = 'card'")
    op.create_index(
        op.f("uq_alerts_cards"),
        "alerts",
        ["channel", "article_id", "company"],
        unique=True,
        sqlite_where=cards,
        postgresql_where=cards,
    )
