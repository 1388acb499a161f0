"""The tables of alerts: the outbox, states of channels, what people say of alerts."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from monitor.archive.columns import ID, UTCDateTime, metadata, row_id
from monitor.archive.tables import evidence_columns

alerts = Table(
    "alerts",
    metadata,
    row_id(),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="card"),
    Column("subject", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("article_id", ID, ForeignKey("articles.id", ondelete="CASCADE")),
    Column("claim_id", ID, ForeignKey("claims.id", ondelete="SET NULL")),
    Column("deal_id", ID, ForeignKey("deals.id", ondelete="SET NULL")),
    Column("follows", ID, ForeignKey("alerts.id", ondelete="SET NULL")),
    Column("digest_id", ID, ForeignKey("alerts.id", ondelete="SET NULL"), index=True),
    Column("changes", JSON, nullable=False, server_default="[]"),
    Column("page", Integer, nullable=False, server_default="1"),
    Column("pages", Integer, nullable=False, server_default="1"),
    Column("verdict", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("held", Text),
    *evidence_columns(),
    Column("created_at", UTCDateTime, nullable=False),
    Column("next_attempt_at", UTCDateTime),
    Column("leased_until", UTCDateTime),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("doubtful", Boolean, nullable=False, server_default=text("false")),
    Column("message_id", Text),
    Column("error", Text),
    Column("sent_at", UTCDateTime),
    Column("stale_at", UTCDateTime),
    Column("revision", Integer, nullable=False, server_default="0"),
    UniqueConstraint("channel", "subject"),
    Index("uq_alerts_cards", "channel", "article_id", "company", unique=True,
          sqlite_where=text("kind = 'card'"), postgresql_where=text("kind = 'card'")),
    Index("ix_alerts_waiting", "channel", "id", sqlite_where=text("state IN ('pending', 'sending')"),
          postgresql_where=text("state IN ('pending', 'sending')")),
    Index("ix_alerts_held", "channel", "next_attempt_at", sqlite_where=text("state = 'held'"),
          postgresql_where=text("state = 'held'")),
    Index("ix_alerts_stale", "channel", "stale_at", sqlite_where=text("stale_at IS NOT NULL"),
          postgresql_where=text("stale_at IS NOT NULL")),
    Index("ix_alerts_sent", "channel", "sent_at"),
    Index("ix_alerts_deal", "deal_id"),
    Index("ix_alerts_article", "article_id"),
)  # fmt: skip

channel_states = Table(
    "channel_states",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("paused_until", UTCDateTime),
    Column("paced_until", UTCDateTime),
    Column("failing_since", UTCDateTime),
    Column("told_at", UTCDateTime),
)

mutes = Table(
    "mutes",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("company", Text, primary_key=True, server_default=""),
    Column("deal_id", ID, primary_key=True, autoincrement=False, server_default="0"),
    Column("until", UTCDateTime),
    Column("muted_by", Text, nullable=False),
    Column("muted_at", UTCDateTime, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    row_id(),
    Column("alert_id", ID, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("person", Text, nullable=False),
    Column("opinion", Text, nullable=False),
    Column("given_at", UTCDateTime, nullable=False),
    UniqueConstraint("alert_id", "person"),
)
