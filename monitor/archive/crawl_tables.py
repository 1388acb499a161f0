"""The tables of crawling: sources, the state of polling them, entries, runs."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from monitor.archive.columns import ID, UTCDateTime, metadata, row_id

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("home", Text, nullable=False, server_default=""),
    Column("last_polled_at", UTCDateTime),
    Column("last_success_at", UTCDateTime),
    Column("next_poll_at", UTCDateTime, index=True),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_outcome", Text),
    Column("last_error", Text),
    Column("recent", JSON, nullable=False, server_default="[]"),
    Column("problem", Text),
    Column("problem_at", UTCDateTime),
)

ways = Table(
    "ways",
    metadata,
    Column("source", Text, ForeignKey("sources.name", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("moved_to", Text),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("asked_at", UTCDateTime),
    Column("full_at", UTCDateTime),
    Column("closed", Boolean, nullable=False, server_default=text("false")),
    Column("rests_until", UTCDateTime),
    Column("wishes", JSON(none_as_null=True)),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("source", Text, ForeignKey("sources.name", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("token", Text, nullable=False, unique=True, index=True),
    Column("secret", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("asked_at", UTCDateTime),
    Column("ends_at", UTCDateTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("pushed_at", UTCDateTime),
    Column("missed_at", UTCDateTime),
)

hosts = Table(
    "hosts",
    metadata,
    Column("host", Text, primary_key=True),
    Column("asked_at", UTCDateTime),
    Column("claimed_by", Text),
    Column("claimed_until", UTCDateTime),
)

robots = Table(
    "robots",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("status", Integer),
    Column("body", Text, nullable=False),
    Column("fetched_at", UTCDateTime, nullable=False),
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
    Index("ix_entries_source_seen", "source", "seen_at"),
    Index("ix_entries_pending", "source", "next_attempt_at", sqlite_where=text("state = 'pending'"),
          postgresql_where=text("state = 'pending'")),
)  # fmt: skip

runs = Table(
    "runs",
    metadata,
    row_id(),
    Column("started_at", UTCDateTime, nullable=False, index=True),
    Column("finished_at", UTCDateTime),
    Column("counts", JSON, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    row_id(),
    Column("run_id", ID, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("polled_at", UTCDateTime, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("error", Text),
    Index("ix_visits_source_polled", "source", "polled_at"),
)

notices = Table(
    "notices",
    metadata,
    row_id(),
    Column("source", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", UTCDateTime),
    Column("sent_at", UTCDateTime),
    Column("error", Text),
    Index("ix_notices_waiting", "next_attempt_at", sqlite_where=text("sent_at IS NULL"),
          postgresql_where=text("sent_at IS NULL")),
)  # fmt: skip

pulses = Table(
    "pulses",
    metadata,
    Column("job", Text, primary_key=True),
    Column("beat_at", UTCDateTime, nullable=False),
)

raw_pages = Table(
    "raw_pages",
    metadata,
    Column("article_id", ID, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("fetched_at", UTCDateTime, nullable=False, index=True),
)

backfills = Table(
    "backfills",
    metadata,
    Column("source", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("entries", Integer, nullable=False),
    Column("read_at", UTCDateTime, nullable=False),
)
