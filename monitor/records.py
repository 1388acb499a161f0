"""Articles and deals as flat records, for tables of other programs: CSV, spreadsheets, data frames."""

from collections.abc import Iterable

from monitor.alerting.worth import usd
from monitor.models import Deal

DEAL_COLUMNS = (
    "id",
    "company",
    "status",
    "round",
    "amount",
    "amount_low",
    "amount_high",
    "currency",
    "amount_usd",
    "valuation",
    "valuation_low",
    "valuation_high",
    "valuation_currency",
    "lead_investors",
    "investors",
    "opened_at",
    "seen_at",
    "articles",
)


def deal_cells(deal: Deal) -> tuple[object, ...]:
    """A deal in the order of `DEAL_COLUMNS`: names between semicolons, times in ISO 8601, unknown is None."""
    amount, valuation = deal.amount, deal.valuation
    return (
        deal.id,
        deal.company,
        deal.status.value,
        deal.round,
        amount and amount.text,
        amount and amount.low,
        amount and amount.high,
        amount and amount.currency,
        round(usd(amount)) or None,
        valuation and valuation.text,
        valuation and valuation.low,
        valuation and valuation.high,
        valuation and valuation.currency,
        "; ".join(deal.lead_investors),
        "; ".join(deal.investors),
        deal.opened_at.isoformat(),
        deal.seen_at.isoformat(),
        deal.articles,
    )


def cells(row: Iterable[object]) -> list[object]:
    """A row for a spreadsheet: a text that it would take for a formula is quoted, and None is empty.

    The characters are those of OWASP's page on CSV injection.
    """
    return ["" if value is None else _quoted(value) if isinstance(value, str) else value for value in row]


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def _quoted(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
