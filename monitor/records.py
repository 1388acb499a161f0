"""Articles and deals as flat records, for other programs: JSON lines, spreadsheets, data frames."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from monitor.alerting.worth import usd
from monitor.models import Article, Claim, Deal, Mention, Money

ARTICLE_COLUMNS = (
    "id", "url", "source", "title", "author", "language", "published_at", "fetched_at", "version", "companies", "text",
)  # fmt: skip
"""What a table of articles holds; as JSON they have `claims` too."""

_FACTS = (
    "company", "status", "round", "amount", "amount_low", "amount_high", "currency", "amount_usd", "valuation",
    "valuation_low", "valuation_high", "valuation_currency", "lead_investors", "investors",
)  # fmt: skip
DEAL_COLUMNS = ("id", *_FACTS, "opened_at", "seen_at", "articles", "corrected")


def article_record(
    article_id: int,
    article: Article,
    fetched: datetime,
    version: int,
    mentions: Sequence[Mention],
    claims: Sequence[Claim],
) -> dict[str, Any]:
    """An article: `ARTICLE_COLUMNS` and `claims`, times in ISO 8601."""
    return {
        "id": article_id,
        "url": article.url,
        "source": article.source,
        "title": article.title,
        "author": article.author,
        "language": article.language,
        "published_at": article.published and article.published.isoformat(),
        "fetched_at": fetched.isoformat(),
        "version": version,
        "companies": list(dict.fromkeys(mention.company for mention in mentions)),
        "text": article.text,
        "claims": [claim_record(claim) for claim in claims],
    }


def claim_record(claim: Claim) -> dict[str, Any]:
    """What an article says of a deal, with its sentence and the rule that read it."""
    return {**_facts(claim), "news": claim.news, "sentence": claim.evidence.sentence, "rule": claim.rule}


def deal_record(deal: Deal) -> dict[str, Any]:
    """A deal: `DEAL_COLUMNS`, amounts in units of their currency, `amount_usd` what it is at least worth."""
    return {
        "id": deal.id,
        **_facts(deal),
        "opened_at": deal.opened_at.isoformat(),
        "seen_at": deal.seen_at.isoformat(),
        "articles": deal.articles,
        "corrected": [fact.value for fact in deal.corrected],
    }


def _facts(of: Deal | Claim) -> dict[str, Any]:
    return {
        "company": of.company,
        "status": of.status.value,
        "round": of.round,
        **_money("amount", of.amount),
        "currency": of.amount and of.amount.currency,
        "amount_usd": round(usd(of.amount)) or None,
        **_money("valuation", of.valuation),
        "valuation_currency": of.valuation and of.valuation.currency,
        "lead_investors": list(of.lead_investors),
        "investors": list(of.investors),
    }


def _money(name: str, money: Money | None) -> dict[str, Any]:
    return {
        name: money and money.text,
        f"{name}_low": money and money.low,
        f"{name}_high": money and money.high,
    }


def cells(row: Iterable[object]) -> list[object]:
    """A row for a spreadsheet: a text that it would take for a formula is quoted, and None is empty.

    The characters are those of OWASP's page on CSV injection.
    """
    return ["" if value is None else _quoted(value) if isinstance(value, str) else value for value in row]


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def _quoted(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
