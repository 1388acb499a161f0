"""Search by time: positions of articles in the index, labels beside words."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "article_positions",
        sa.Column("position", _ID, autoincrement=False, nullable=False),
        sa.Column("article_id", _ID, nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_positions_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_article_positions")),
        sa.UniqueConstraint("article_id", name=op.f("uq_article_positions_article_id")),
    )
    _terms()


def _terms() -> None:
    """The index is empty after this: `monitor.archive.schema` fills it, by the tokens of the program as it is."""
    op.execute("DROP TABLE article_terms")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE article_terms USING fts5("
            "terms, content='', detail=none, columnsize=0, tokenize='ascii')"
        )
        return
    # The vector is kept in the index alone. It costs more than the planner takes for granted to make it from its terms,
    # and a function that is written in SQL would be looked through.
    op.execute(
        "CREATE FUNCTION article_vector(terms text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE "
        "COST 10000 AS 'BEGIN RETURN array_to_tsvector(string_to_array(terms, '' '')); END'"
    )
    op.execute(
        "CREATE TABLE article_terms (position BIGINT PRIMARY KEY REFERENCES article_positions (position) "
        "ON DELETE CASCADE, terms TEXT NOT NULL)"
    )
    # Sorted terms have much in common, but not at their beginning, where Postgres's own compression gives up.
    known = "SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
    if op.get_bind().exec_driver_sql(known).first():
        op.execute("ALTER TABLE article_terms ALTER COLUMN terms SET COMPRESSION lz4")
    op.execute("CREATE INDEX ix_article_terms ON article_terms USING gin (article_vector(terms))")
