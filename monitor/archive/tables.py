"""The tables of the archive. Times are UTC; money is in units of its currency."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class UTCDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out, on databases with and without time zones.

    Raises:
        ValueError: for a datetime without a zone, which would be ambiguous.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite stores it without the zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a datetime without zone: {value}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts row numbers only for INTEGER PRIMARY KEY; Postgres needs 64 bits for years of rows.
_ID = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", _ID, primary_key=True)


def _article(*, primary_key: bool = False) -> Column[int]:
    return Column(
        "article_id", _ID, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=primary_key, nullable=False
    )


def _evidence() -> tuple[Column[Any], ...]:
    return (
        Column("sentence", Text, nullable=False),
        Column("part", Text, nullable=False),
        Column("start", Integer, nullable=False),
        Column("end", Integer, nullable=False),
        Column("marks", JSON, nullable=False),
    )


def _facts() -> tuple[Column[Any], ...]:
    return (
        Column("status", Text, nullable=False),
        Column("round", Text),
        Column("amount_text", Text),
        Column("amount_low", Float),
        Column("amount_high", Float),
        Column("currency", Text),
        Column("valuation_text", Text),
        Column("valuation_low", Float),
        Column("valuation_high", Float),
        Column("valuation_currency", Text),
        Column("investors", JSON, nullable=False),
        Column("lead_investors", JSON, nullable=False),
    )


sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", Text),
    Column("last_polled_at", UTCDateTime),
    Column("last_success_at", UTCDateTime),
    Column("next_poll_at", UTCDateTime, index=True),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_outcome", Text),
    Column("last_error", Text),
)

entries = Table(
    "entries",
    metadata,
    Column("source", Text, primary_key=True),
    Column("url", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("baseline", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("changes", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", UTCDateTime),
    Column("seen_at", UTCDateTime, nullable=False),
    Column("payload", JSON(none_as_null=True)),
    Index("ix_entries_pending", "source", "next_attempt_at", sqlite_where=text("state = 'pending'"),
          postgresql_where=text("state = 'pending'")),
)  # fmt: skip

articles = Table(
    "articles",
    metadata,
    _id(),
    Column("url", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("language", Text),
    Column("published_at", UTCDateTime),
    Column("fetched_at", UTCDateTime, nullable=False),
    Column("sorted_at", UTCDateTime, nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Index("ix_articles_source_sorted", "source", "sorted_at"),
)

article_versions = Table(
    "article_versions",
    metadata,
    _article(primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("fetched_at", UTCDateTime, nullable=False),
)

mentions = Table(
    "mentions",
    metadata,
    _id(),
    _article(),
    Column("company", Text, nullable=False),
    Column("alias", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Index("ix_mentions_company_article", "company", "article_id"),
    Index("ix_mentions_article", "article_id"),
)

deals = Table(
    "deals",
    metadata,
    _id(),
    Column("company", Text, nullable=False),
    Column("company_key", Text, nullable=False),
    *_facts(),
    Column("opened_at", UTCDateTime, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
    Index("ix_deals_company_seen", "company", "seen_at"),
    Index("ix_deals_key_seen", "company_key", "seen_at"),
)

claims = Table(
    "claims",
    metadata,
    _id(),
    _article(),
    Column("deal_id", _ID, ForeignKey("deals.id", ondelete="SET NULL"), index=True),
    Column("company", Text, nullable=False),
    Column("watched", Boolean, nullable=False),
    Column("investing", JSON, nullable=False),
    Column("news", Boolean, nullable=False),
    *_facts(),
    *_evidence(),
    Column("rule", Text, nullable=False),
    Index("ix_claims_article", "article_id"),
)

alerts = Table(
    "alerts",
    metadata,
    _id(),
    Column("channel", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("topic", Text, nullable=False),
    _article(),
    Column("claim_id", _ID, ForeignKey("claims.id", ondelete="SET NULL")),
    Column("verdict", Text, nullable=False),
    Column("state", Text, nullable=False),
    *_evidence(),
    Column("created_at", UTCDateTime, nullable=False),
    Column("next_attempt_at", UTCDateTime),
    Column("leased_until", UTCDateTime),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("doubtful", Boolean, nullable=False, server_default=text("false")),
    Column("message_id", Text),
    Column("error", Text),
    Column("sent_at", UTCDateTime),
    UniqueConstraint("channel", "subject"),
    UniqueConstraint("channel", "article_id", "company"),
    Index("ix_alerts_waiting", "channel", "id", sqlite_where=text("state IN ('pending', 'sending')"),
          postgresql_where=text("state IN ('pending', 'sending')")),
)  # fmt: skip

channel_pauses = Table(
    "channel_pauses",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("until", UTCDateTime, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    _id(),
    Column("started_at", UTCDateTime, nullable=False, index=True),
    Column("finished_at", UTCDateTime),
    Column("counts", JSON, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    _id(),
    Column("run_id", _ID, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("polled_at", UTCDateTime, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("error", Text),
    Index("ix_visits_source_polled", "source", "polled_at"),
)
