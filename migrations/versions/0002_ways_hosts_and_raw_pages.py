"""Ways to a source, hosts and their robots.txt, notices to the operator, raw pages, backfills."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_STATE = ("etag", "last_modified", "body_hash")


def upgrade() -> None:
    _ways()
    _hosts()
    _notices()
    _raw_pages()
    _backfills()


def _ways() -> None:
    op.create_table(
        "ways",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_at", _TIME, nullable=True),
        sa.Column("full_at", _TIME, nullable=True),
        sa.Column("closed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("wishes", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name=op.f("fk_ways_source"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source", "position", name=op.f("pk_ways")),
    )
    op.execute(
        "INSERT INTO ways (source, position, etag, last_modified, body_hash, failures, asked_at, full_at) "
        "SELECT name, 0, etag, last_modified, body_hash, failures, last_polled_at, last_success_at FROM sources"
    )
    for column in _STATE:
        op.drop_column("sources", column)
    op.add_column("sources", sa.Column("recent", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("sources", sa.Column("problem", sa.Text(), nullable=True))
    op.add_column("sources", sa.Column("problem_at", _TIME, nullable=True))


def _hosts() -> None:
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
    )
    op.create_table(
        "robots",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fetched_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots")),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", _ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", _TIME, nullable=True),
        sa.Column("sent_at", _TIME, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(
        "ix_notices_waiting",
        "notices",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )


def _raw_pages() -> None:
    op.create_table(
        "raw_pages",
        sa.Column("article_id", _ID, autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_raw_pages_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_raw_pages")),
    )
    op.create_index(op.f("ix_raw_pages_fetched_at"), "raw_pages", ["fetched_at"], unique=False)


def _backfills() -> None:
    op.create_table(
        "backfills",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("read_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("source", "address", name=op.f("pk_backfills")),
    )
