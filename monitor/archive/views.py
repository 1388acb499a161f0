"""Views for people who ask the database itself, in SQL or with Datasette (docs/sql.md).

They are made anew at each upgrade: a migration that changes a table finds none in its way.
"""

from sqlalchemy import Connection

_ARTICLES = """
SELECT id, published_at, source, title, url, author, language, fetched_at, version, text FROM articles
"""

_DEALS = """
SELECT deals.id, company, status, round, amount_text AS amount, amount_low, amount_high, currency,
  valuation_text AS valuation, valuation_low, valuation_high, valuation_currency, investors, lead_investors,
  opened_at, seen_at,
  (SELECT count(DISTINCT claims.article_id) FROM claims WHERE claims.deal_id = deals.id) AS articles
FROM deals WHERE merged_into IS NULL AND NOT dismissed
"""

_REPORTS = """
SELECT claims.id, claims.deal_id, claims.article_id, articles.published_at, articles.source, articles.title,
  articles.url, claims.company, claims.status, claims.round, claims.amount_text AS amount, claims.amount_low,
  claims.amount_high, claims.currency, claims.investors, claims.lead_investors, claims.news,
  claims.sentence, claims.rule
FROM claims JOIN articles ON articles.id = claims.article_id
"""

_ALERTS = """
SELECT alerts.id, alerts.channel, alerts.kind, alerts.state, alerts.verdict, alerts.company, alerts.topic,
  alerts.deal_id, alerts.article_id, articles.title, articles.url, articles.published_at, alerts.created_at,
  alerts.sent_at, {lag} AS lag_seconds, alerts.attempts, alerts.error
FROM alerts LEFT JOIN articles ON articles.id = alerts.article_id
"""

_LAG = {
    "sqlite": "round((julianday(alerts.sent_at) - julianday(articles.published_at)) * 86400)",
    "postgresql": "round(extract(epoch FROM alerts.sent_at - articles.published_at))",
}

NAMES = ("archive_articles", "archive_deals", "archive_reports", "archive_alerts")


def drop(connection: Connection) -> None:
    """Take the views out of the way of a migration."""
    for name in NAMES:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def create(connection: Connection) -> None:
    """Make the views, for the tables as they are now."""
    lag = _LAG[connection.dialect.name]
    for name, statement in zip(NAMES, (_ARTICLES, _DEALS, _REPORTS, _ALERTS), strict=True):
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {statement.replace('{lag}', lag)}")
