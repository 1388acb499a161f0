"""Archives as former versions of the program left them."""

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from monitor.archive.engine import open_engine
from tests.fakes.program import ROOT


def older_archive(database_url: str, version: str, more: int = 0) -> None:
    """Make an archive of a former version with a deal, an alert that waits, one that was sent, and `more` articles."""
    engine = open_engine(database_url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        for statement in _ROWS.split(";"):
            connection.execute(text(statement))
        if version >= "0004":  # the migration to it fills this in
            connection.execute(text("UPDATE alerts SET deal_id = 1 WHERE id = 1"))
        if more:
            connection.execute(
                text(_ARTICLE),
                [{"number": number, "text": f"第{number}篇报道。" * 60} for number in range(2, more + 2)],
            )
    engine.dispose()


_ARTICLE = """
INSERT INTO articles (id, url, source, title, author, fetched_at, sorted_at, text, content_hash)
VALUES (:number, 'https://one.example/' || :number, 'one', 'N', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00',
  :text, 'h')
"""

_ROWS = """
INSERT INTO articles (id, url, source, title, author, fetched_at, sorted_at, text, content_hash)
VALUES (1, 'https://one.example/a', 'one', 'T', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 'x', 'h');
INSERT INTO deals (id, company, company_key, status, investors, lead_investors, opened_at, seen_at)
VALUES (1, 'Acme', 'ac', 'completed', '[]', '[]', '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO claims (id, article_id, deal_id, company, watched, investing, news, status, investors, lead_investors,
  sentence, part, start, "end", marks, rule)
VALUES (1, 1, 1, 'Acme', true, '[]', true, 'completed', '[]', '[]', 's', 'text', 0, 1, '[]', 'r');
INSERT INTO alerts (id, channel, subject, company, topic, article_id, claim_id, verdict, state, sentence, part, start,
  "end", marks, created_at, next_attempt_at)
VALUES (1, 'deals', 'deal:1', 'Acme', 'funding', 1, 1, 'new_deal', 'pending', 's', 'text', 0, 1, '[]',
  '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO alerts (id, channel, subject, company, topic, article_id, verdict, state, sentence, part, start, "end",
  marks, created_at, sent_at)
VALUES (2, 'deals', 'topic:x:B:1', 'B', 'x', 1, 'topic_match', 'sent', 's', 'text', 0, 1, '[]', '2026-01-01 00:00:00',
  '2026-01-01 00:00:00')
"""
