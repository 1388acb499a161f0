"""The tables of the news: articles, what was found in them, deals."""

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from monitor.archive.columns import ID, UTCDateTime, metadata, row_id


def article_key(*, primary_key: bool = False, unique: bool | None = None) -> Column[int]:
    """The article that a row belongs to, and goes with."""
    key = ForeignKey("articles.id", ondelete="CASCADE")
    return Column("article_id", ID, key, primary_key=primary_key, unique=unique, nullable=False)


def evidence_columns() -> tuple[Column[Any], ...]:
    """The columns of an `Evidence`."""
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


articles = Table(
    "articles",
    metadata,
    row_id(),
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
    Column("signature", LargeBinary),
    Index("ix_articles_source_sorted", "source", "sorted_at"),
)

article_versions = Table(
    "article_versions",
    metadata,
    article_key(primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("fetched_at", UTCDateTime, nullable=False),
)

positions = Table(
    "article_positions",
    metadata,
    Column("position", ID, primary_key=True, autoincrement=False),
    article_key(unique=True),
    Column("labels", Text, nullable=False),
)

mentions = Table(
    "mentions",
    metadata,
    row_id(),
    article_key(),
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
    row_id(),
    Column("company", Text, nullable=False),
    Column("company_key", Text, nullable=False),
    *_facts(),
    Column("opened_at", UTCDateTime, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
    Column("said", JSON, nullable=False, server_default="{}"),
    Column("dismissed", Boolean, nullable=False, server_default=text("false")),
    Column("merged_into", ID),
    Index("ix_deals_company_seen", "company", "seen_at"),
    Index("ix_deals_key_seen", "company_key", "seen_at"),
    Index("ix_deals_seen", "seen_at", "id"),
    # Partial, as the planner would else find with it the deals that are in no other one: nearly all.
    Index("ix_deals_merged_into", "merged_into", sqlite_where=text("merged_into IS NOT NULL"),
          postgresql_where=text("merged_into IS NOT NULL")),
)  # fmt: skip

pins = Table(
    "pins",
    metadata,
    row_id(),
    article_key(),
    Column("deal_id", ID, ForeignKey("deals.id", ondelete="CASCADE"), nullable=False, index=True),
    Index("ix_pins_article", "article_id"),
)

corrections = Table(
    "corrections",
    metadata,
    row_id(),
    Column("deal_id", ID, ForeignKey("deals.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("made_at", UTCDateTime, nullable=False),
    Column("detail", Text, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    row_id(),
    article_key(),
    Column("deal_id", ID, ForeignKey("deals.id", ondelete="SET NULL"), index=True),
    Column("company", Text, nullable=False),
    Column("watched", Boolean, nullable=False),
    Column("investing", JSON, nullable=False),
    Column("news", Boolean, nullable=False),
    *_facts(),
    *evidence_columns(),
    Column("rule", Text, nullable=False),
    Index("ix_claims_article", "article_id"),
)

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("name", Text, primary_key=True),
    Column("query", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("saved_at", UTCDateTime, nullable=False),
)
