"""Whether a claim tells a deal that is already known, and what the deal becomes by it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from anyascii import anyascii

from monitor.models import Claim, Deal, Money, Status
from monitor.text import CJK, fold

REPORTS = timedelta(days=45)
"""Reports of one completed round come within this time."""

RUMOUR = timedelta(days=180)
"""A round is talked about up to this long before it is completed or denied."""

LATE_RUMOUR = timedelta(days=7)
"""Talk of a round that comes this long after its completion is about the next one."""

TRANSLATED = timedelta(days=3)
"""Reports of one deal in two languages come within this time."""

TOLERANCE = 0.15
"""Amounts of one deal may differ by this share: rounded up in a headline, about and nearly."""

TALKED_ABOUT = 0.40
"""The same where one side is only talked about: a round that is wanted at 10 may close at 13."""

ACROSS_CURRENCIES = 0.30
"""The same across currencies: rates move, and reports convert at rates and roundings of their own."""

RATES_DAY = "2025-06-30"
"""Day of `USD_RATES`; approximate, which `ACROSS_CURRENCIES` allows for."""

USD_RATES = {
    "USD": 1.0, "CNY": 0.139, "EUR": 1.17, "GBP": 1.37, "HKD": 0.127, "JPY": 0.0069, "KRW": 0.00074, "TWD": 0.034,
    "SGD": 0.785, "INR": 0.0117, "CAD": 0.734, "AUD": 0.656, "CHF": 1.26, "RUB": 0.0127, "THB": 0.0307, "BRL": 0.183,
    "ILS": 0.297, "SEK": 0.105, "AED": 0.272, "SAR": 0.267, "VND": 0.000038, "IDR": 0.0000616, "MYR": 0.237,
    "PHP": 0.0177, "NZD": 0.606, "MXN": 0.0533, "NGN": 0.00065, "DKK": 0.157, "NOK": 0.099, "PLN": 0.275,
    "CZK": 0.0474, "HUF": 0.00293, "RON": 0.231, "ISK": 0.00826, "UAH": 0.024, "TRY": 0.0251, "KZT": 0.00192,
    "ZAR": 0.0564, "KES": 0.00774, "EGP": 0.0201, "MAD": 0.11, "GHS": 0.0966, "XOF": 0.00178, "QAR": 0.275,
    "KWD": 3.27, "PKR": 0.00352, "BDT": 0.00815, "LKR": 0.00333, "LAK": 0.0000463, "MOP": 0.124, "GEL": 0.367,
    "CLP": 0.00107, "COP": 0.000245, "ARS": 0.00084, "PEN": 0.282, "CRC": 0.00197,
}  # fmt: skip
"""US dollars for one unit."""


def same_deal(deal: Deal, claim: Claim, at: datetime) -> bool:
    """True if `claim`, published `at`, can tell `deal`: company, round, amount and time fit.

    Two different named rounds are two deals, even on one day; what one side does not say fits everything.
    """
    return (
        _same_raiser(deal, claim, at)
        and compatible_rounds(deal.round, claim.round)
        and compatible_amounts(deal.amount, claim.amount, _tolerance(deal, claim))
        and _in_time(deal, claim, at)
    )


def _tolerance(deal: Deal, claim: Claim) -> float:
    return TOLERANCE if deal.status is claim.status is Status.COMPLETED else TALKED_ABOUT


def _same_raiser(deal: Deal, claim: Claim, at: datetime) -> bool:
    if claim.watched or deal.company == claim.company:
        return deal.company == claim.company
    return same_company(deal.company, claim.company) or _translated(deal, claim, at)


def _translated(deal: Deal, claim: Claim, at: datetime) -> bool:
    """True for a Chinese and an English name in reports within days, if the names sound alike or the facts are equal.

    Equal facts are one exact sum for one named round. Names that sound alike still need an amount on both sides.
    """
    one, other = deal.amount, claim.amount
    if one is None or other is None or abs(at - deal.seen_at) > TRANSLATED:
        return False
    chinese, english = sorted((deal.company, claim.company), key=lambda name: not _HAN.search(name))
    if not _HAN.search(chinese) or _HAN.search(english):
        return False
    equal = one.low == one.high == other.low == other.high and one.currency == other.currency
    same_round = deal.round is not None and deal.round == claim.round
    return sounds_like(chinese, english) or (equal and same_round)


def sounds_like(chinese: str, english: str) -> bool:
    """True if an English name begins as the first characters of a Chinese one sound: 砺原机器人 and Liyuan Robotics."""
    sound = anyascii("".join(_HAN.findall(chinese))[:_SOUNDED]).lower()
    return len(sound) >= _HEARD and _core(english).startswith(sound)


_SOUNDED, _HEARD = 2, 4
"""Characters of a Chinese name that are sounded, and letters that must come of it."""


def same_company(one: str, other: str) -> bool:
    """True if two names as written can mean one company: 陶世 and 陶世智能科技有限公司, Scale and Scale AI, Inc.

    Case, blanks, punctuation and forms of company do not count; one name may begin or end the other if it has at least
    two Chinese or four Latin characters (three after Chinese ones: 月之暗面Kimi), or stand after the place in a legal
    name.
    """
    legal = any(fold(name).endswith("公司") for name in (one, other))
    one, other = _core(one), _core(other)
    if one == other:
        return bool(one)
    short, long_ = sorted((one, other), key=len)
    if not long_.startswith(short) and not (_HAN.search(short) and long_.endswith(short)):
        latin = len(short) >= 3 and short.isascii() and long_.endswith(short) and not long_[-len(short) - 1].isascii()
        return latin or (legal and len(short) >= 2 and 0 < long_.find(short) <= _PLACE)
    rest = long_.removeprefix(short) if long_.startswith(short) else long_.removesuffix(short)
    if _HAN.search(short):
        return len(short) >= 2
    return len(short) >= 4 and not rest.isdigit()


_PLACE = 4
"""Characters of the place before the name proper in a Chinese legal name: 北京智谱华章科技有限公司."""

_HAN = re.compile(f"[{CJK}]")
_FORM = re.compile(
    r"(?:股份有限公司|有限责任公司|有限公司|集团公司|公司|股份)$"
    r"|(?:,? (?:inc|ltd|llc|co|corp|gmbh|ag|plc|limited|corporation))+\.?$"
)


@lru_cache(4096)
def _core(name: str) -> str:
    return re.sub(r"[\W_]", "", _FORM.sub("", re.sub(r"\([^)]*\)", "", fold(name)).strip()))


def choose(claim: Claim, at: datetime, deals: Sequence[Deal]) -> Deal | None:
    """The deal that `claim` tells: of those that fit, the one with the same round, then the one seen last."""
    fitting = [deal for deal in deals if same_deal(deal, claim, at)]
    return max(fitting, key=lambda deal: (deal.round == claim.round, deal.seen_at, deal.id), default=None)


def merge(deal: Deal, claim: Claim, at: datetime) -> Deal:
    """The deal after `claim`, published `at`.

    A later report may complete or deny what was talked about; a denial does not undo a completed round, nor does a
    late rumour. Facts that are missing are filled in, exact amounts replace ranges; names are added.
    """
    newer = at >= deal.seen_at
    return replace(
        deal,
        status=_status(deal.status, claim.status, newer=newer),
        round=deal.round or claim.round,
        amount=more_exact(deal.amount, claim.amount),
        valuation=deal.valuation or claim.valuation,
        investors=tuple(dict.fromkeys((*deal.investors, *claim.investors))),
        lead_investors=tuple(dict.fromkeys((*deal.lead_investors, *claim.lead_investors))),
        opened_at=min(deal.opened_at, at),
        seen_at=max(deal.seen_at, at),
        articles=deal.articles + 1,
    )


def compatible_rounds(one: str | None, other: str | None) -> bool:
    """True if both can name one round; 战略 (strategic) says who invests, but stands for a round's name here."""
    return one is None or other is None or one == other


def compatible_amounts(one: Money | None, other: Money | None, tolerance: float = TOLERANCE) -> bool:
    """True if two ranges can mean one amount, within a tolerance that is wider across currencies."""
    if one is None or other is None:
        return True
    if not (says_currency(one) and says_currency(other)) and (one.low, one.high) == (other.low, other.high):
        return True
    rates = USD_RATES.get(one.currency), USD_RATES.get(other.currency)
    if one.currency != other.currency and None in rates:
        return True  # without a rate nothing speaks against it
    rate_one, rate_other = (1.0, 1.0) if one.currency == other.currency else (rates[0] or 1.0, rates[1] or 1.0)
    slack = tolerance if one.currency == other.currency else max(tolerance, ACROSS_CURRENCIES)
    low_one, high_one = _ends(one, rate_one)
    low_other, high_other = _ends(other, rate_other)
    return low_one <= high_other * (1 + slack) and low_other <= high_one * (1 + slack)


def more_exact(one: Money | None, other: Money | None) -> Money | None:
    """Of two amounts of one deal the exact one, and rather one that is not 近 or about; else the first."""
    if one is None or other is None:
        return one or other
    if not says_currency(one) and (one.low, one.high) == (other.low, other.high):  # 5000万 in a headline
        return other
    if one.currency == other.currency and one.low == other.low:  # 40亿 in a headline, 超过40亿 in the text
        return max(one, other, key=lambda money: float("inf") if money.high is None else money.high)
    return other if _exacter(other, one) else one


def _exacter(other: Money, one: Money) -> bool:
    """True if `other` is an exact amount where `one` is none."""
    if other.low is None or other.low != other.high:
        return False
    if one.currency != other.currency:
        return None not in (one.low, one.high) and one.low != one.high
    if one.low == one.high:
        near = abs((one.low or 0) - other.low) <= ROUNDING * other.low
        return near and (_rounded(one) > _rounded(other) or _digits(one) < _digits(other))
    return one.high is not None or one.low is None or other.low <= ABOVE * one.low  # 超40亿 is not said of 100


def _digits(money: Money) -> int:
    """Significant digits: 1 of 3亿美元, 3 of 2.98亿美元."""
    return len(f"{money.low:.9g}".replace(".", "").split("e")[0].strip("0"))


def says_currency(money: Money) -> bool:
    """True if its words name a currency: 5000万 is taken for yuan, but says none."""
    return bool(_CURRENCY.search(money.text))


_CURRENCY = re.compile("[元圆币金镑铢盾¥￥$€£₩₹]|[A-Za-z]{3}")

ROUNDING = 0.08
"""Share by which a headline may round an amount."""

ABOVE = 1.5
"""An exact amount this many times above the open end of a range is another amount."""

_ABOUT = re.compile("[近约]|接近|大约|左右|上下|(?i:nearly|about|around|almost|roughly|approximately)")


def _rounded(money: Money) -> bool:
    return bool(_ABOUT.search(money.text))


def _ends(money: Money, rate: float) -> tuple[float, float]:
    low = 0.0 if money.low is None else money.low * rate
    high = float("inf") if money.high is None else money.high * rate
    # 超35亿 is said of 36 or 60, hardly of 350: an open end is not endless.
    return low, min(high, 5 * low) if money.high is None and low else high


def _in_time(deal: Deal, claim: Claim, at: datetime) -> bool:
    if at >= deal.seen_at:
        if deal.status is not Status.COMPLETED:
            return at - deal.seen_at <= RUMOUR
        return at - deal.seen_at <= (REPORTS if claim.status is Status.COMPLETED else LATE_RUMOUR)
    return deal.opened_at - at <= (REPORTS if claim.status is Status.COMPLETED else RUMOUR)


def _status(known: Status, told: Status, *, newer: bool) -> Status:
    if Status.COMPLETED in (known, told):
        return Status.COMPLETED
    return told if newer else known
