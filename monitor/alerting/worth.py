"""Amounts in US dollars."""

from monitor.detection.grouping import USD_RATES
from monitor.models import Money


def usd(amount: Money | None) -> float:
    """What an amount is at least worth in US dollars (its upper end where only that is known); 0 if that is unknown."""
    if amount is None:
        return 0.0
    least = amount.low if amount.low is not None else amount.high
    return (least or 0.0) * USD_RATES.get(amount.currency, 0.0)


def in_dollars(amount: Money) -> Money | None:
    """The amount in US dollars at the rates of `detection.grouping`; None if it is in dollars, or there is no rate."""
    rate = USD_RATES.get(amount.currency)
    if rate is None or amount.currency == "USD" or (amount.low is None and amount.high is None):
        return None
    low, high = (None if end is None else _rounded(end * rate) for end in (amount.low, amount.high))
    return Money("", low, high, "USD")


def _rounded(value: float) -> float:
    """Two significant digits: rates move, more would pretend to know."""
    return float(f"{value:.2g}")
