"""Amounts of money in Chinese and English text, as ranges.

The meaning of fuzzy amounts: 近, 约, nearly, about N are N itself; 超, 逾, more than N have no upper end; 最高, up to N
no lower end; 数千万 and 千万级 run to the next power of ten (10,000,000 to 99,999,999). 元 and Chinese amounts without
a unit are CNY, `$` alone USD. Left out: parts of a unit (角, cents), and units such as lakh.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from monitor.detection import numerals
from monitor.models import Money
from monitor.text import CJK, fold, fold_with_positions

_CURRENCIES = {
    "CNY": "元人民币 人民币元 人民币 元 圆 块钱 块 rmb cny yuan renminbi ¥",
    "USD": "美元 美金 美刀 美圆 us$ usd usd$ dollars dollar u.s.dollars $",
    "EUR": "欧元 eur euros euro €",
    "GBP": "英镑 gbp pounds pound £",
    "HKD": "港元 港币 港圆 元港币 hkd hk$",
    "JPY": "日元 日圆 日币 元日币 jpy yen jp¥ 円",
    "KRW": "韩元 韩圆 韩币 krw won ₩",
    "TWD": "新台币 台币 元新台币 twd nt$",
    "SGD": "新加坡元 新元 坡币 sgd s$",
    "INR": "印度卢比 卢比 inr rupees rs rs. ₹",
    "CAD": "加元 加拿大元 加币 cad c$ ca$ cad$",
    "AUD": "澳元 澳大利亚元 澳币 aud a$ au$ aud$",
    "NZD": "新西兰元 纽元 nzd nz$ nzd$",
    "MXN": "墨西哥比索 mxn mx$ mxn$",
    "CHF": "瑞士法郎 瑞郎 chf",
    "RUB": "卢布 rub roubles rubles ₽",
    "THB": "泰铢 thb baht ฿",
    "BRL": "雷亚尔 brl r$ reais",
    "ILS": "谢克尔 ils nis shekels ₪",
    "SEK": "瑞典克朗 sek",
    "AED": "迪拉姆 aed dirhams",
    "SAR": "沙特里亚尔 sar",
    "VND": "越南盾 vnd",
    "IDR": "印尼盾 印尼卢比 idr rp",
    "MYR": "林吉特 马币 myr",
    "PHP": "菲律宾比索 php",
    "NGN": "奈拉 ngn naira",
}
_CODES = {fold(word): code for code, words in _CURRENCIES.items() for word in words.split()}


def _alternatives(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_HAN = [word for word in _CODES if re.match(f"[{CJK}]", word)]
_SIGNS = [word for word in _CODES if not word[-1].isalnum()]
_LATIN = [word for word in _CODES if word not in _HAN and word not in _SIGNS]
_CODES_BEFORE = [word for word in _LATIN if len(word) == 3 or word == "rs"]
_BEFORE = (
    f"(?<![a-z])(?:{_alternatives(_SIGNS)})|(?<![a-z])(?:{_alternatives(_CODES_BEFORE)})"
    "|人民币|新台币|台币|港币|美元|欧元"
)
_AFTER = f"{_alternatives(_HAN)}|(?:{_alternatives(_LATIN)})(?![a-z])|[$€£](?!\\s?\\d)"

_DIGITS = r"(?<![\d.])\d{1,18}(?:,\d{2}(?=,\d)|,\d{3}(?!\d)){0,6}(?:\.\d{1,6})?"
_POWERS = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "mln": 6, "mn": 6, "mm": 6, "bln": 9, "bn": 9}
_POWERS |= {"tn": 12, "crore": 7, "crores": 7, "lakh": 5, "lakhs": 5, "cr": 7, "k": 3, "m": 6, "b": 9, "t": 12}
_INNER = "(?:(?P<inner>usd|eur|gbp|hkd|aud|cad|rmb) (?=(?:million|billion|mn|bn|m|b)(?![a-z])))?"  # 75 USD million
_PARTS = {"half": 0.5, "quarter": 0.25, "three quarters": 0.75, "three-quarters": 0.75}
_CORE = re.compile(
    rf"(?P<fuzzy>十几|十数|[数几上](?=[十百千万亿]))?"
    rf"(?:(?P<digits>{_DIGITS})(?P<more>多|余|\+)?[ -]?{_INNER}(?P<unit>个?[十百千]?(?:万亿|[万亿兆])|[百千]"
    rf"|(?:{_alternatives(list(_POWERS))})(?![a-z0-9])|m(?=(?:usd|eur|gbp|chf|sek)(?![a-z])))?"
    rf"|(?P<words>[{numerals.CHINESE}]{{1,16}}(?:个亿)?)"
    rf"|(?<![a-z])(?P<english>(?:{numerals.ENGLISH})(?:[ -](?:{numerals.ENGLISH}))?) "
    r"(?P<power>thousand|million|billion)(?![a-z])"
    rf"|(?<![a-z])(?:a )?(?P<part>{_alternatives(list(_PARTS))})(?: (?:of )?a)? (?P<whole>million|billion)(?![a-z]))"
)
_HEAD = re.compile(
    r"(?:(?:(?P<up>最高可?达?|最多|至多|不超过|不高于|不足|不到|低于|少于|小于"
    r"|(?<![a-z])(?:up to|as (?:much|high) as|at most|less than|under|below|no more than))"
    r"|(?P<over>不少于|不低于|至少|超过|超出|突破|高于|大于|多于|超|逾|破|(?<![通经不])过"
    r"|(?<![a-z])(?:more than|over|at least|upwards of|in excess of|exceeding|above|north of))"
    r"|(?P<about>将近|接近|大约|约[为合]?|(?<![最附])近|(?<![a-z])(?:nearly|almost|about|around|approximately|roughly"
    r"|close to|some|an estimated)))\s?(?:达到?|募资|融资|a |an )?\s?)?"
    rf"(?P<currency>{_BEFORE})?\s?$"
)
_TAIL = re.compile(
    r"(?P<more>多|余|\+)?(?P<level>级别?|量级)?"
    rf"(?:[ -]?(?:u\.s\. |us |hong kong |chinese )?(?P<currency>{_AFTER}))?"
    r"(?P<levels>级别?|量级)?"
    r"(?P<over>\+| or more|-plus|(?:\(含\))?以上|多(?![家轮个名位种]))?(?P<under>以下|以内)?"
)
_EITHER = re.compile("[一二两三四五六七八九]{2}(?=[十百千万亿]+$)")
_UNSURE = {"won", "pound", "pounds", "rp", "ils", "nis", "php", "inr", "sek"}
"""Words that are currencies only after an amount with a unit (3 won, php 8, pounds of flesh)."""

_JOIN = re.compile(r"(?:\(含\))?\s?(?:-{1,2}|[~–]|—{1,2}|至|到|(?<= )to(?= )|(?<= )and(?= ))\s?")
# An amount of 万 or 亿 without a currency is money only where the text goes on as after an amount; 5亿用户 is none.
_MONEY_FOLLOWS = re.compile(
    "$|追加|[\\s,。;:、!?)(|/\ue000-\ue0ff]|规模|融资|投资|战略|战投|新|股权|天使|种子|[a-h]\\+?\\d?轮|的?(?:首|新一|本|巨额)?(?:轮|融)"
    "|领投|注资|入资|增资|估值|资金|大单|投前|投后"
)
_CONTEXT = 16
"""Characters before a number that can belong to its amount."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount at `start` to `end` (exclusive) of the text that was searched."""

    start: int
    end: int
    money: Money


@dataclass(frozen=True, slots=True)
class _Number:
    """A number with what stands around it; `scale` is None if it has no unit such as 万 or million."""

    start: int
    end: int
    low: float | None
    high: float | None
    value: float
    scale: float | None
    currency: str | None

    def is_money(self, text: str) -> bool:
        if self.currency is not None:
            return True
        return self.scale is not None and self.scale >= 10_000 and bool(_MONEY_FOLLOWS.match(text, self.end))


def find(folded: str) -> Iterator[Amount]:
    """The amounts in a text already folded (`text.fold`), in order; a range such as 20-30亿元 is one amount."""
    waiting: _Number | None = None
    for match in _CORE.finditer(folded):
        number = _number(folded, match, waiting.end if waiting else 0)
        if number is None:
            continue
        joined = _range(folded, waiting, number) if waiting else None
        if joined:
            waiting = joined
            continue
        if waiting and waiting.is_money(folded):
            yield _amount(folded, waiting)
        waiting = number
    if waiting and waiting.is_money(folded):
        yield _amount(folded, waiting)


def amounts(text: str) -> list[Money]:
    """The amounts in any text, in order, each with its own words in `text`."""
    folded = fold_with_positions(text)
    found = [(folded.original(amount.start, amount.end), amount.money) for amount in find(folded.text)]
    return [replace(money, text=text[start:end]) for (start, end), money in found]


def _amount(folded: str, number: _Number) -> Amount:
    money = Money(folded[number.start : number.end], number.low, number.high, number.currency or "CNY")
    return Amount(number.start, number.end, money)


def _number(folded: str, match: re.Match[str], after: int) -> _Number | None:
    base = max(after, match.start() - _CONTEXT)
    head = _HEAD.search(folded[base : match.start()])
    tail = _TAIL.match(folded, match.end())
    read = _value(match)
    if head is None or tail is None or read is None:  # head and tail always match, if only nothing
        return None
    value, scale = read
    low, high = _bounds(match, head, tail, value)
    currency = _currency(head["currency"], tail["currency"] or match["inner"], known=scale is not None)
    start = match.start() - len(head[0].lstrip()) if head[0].strip() else match.start()
    end = tail.end() if tail[0].strip(" -") else match.start() + len(match[0].rstrip(" -"))
    return _Number(start, end, low, high, value, scale, currency)


def _value(match: re.Match[str]) -> tuple[float, float | None] | None:
    """The number's value and the size of its unit."""
    if match["digits"]:
        if match["fuzzy"]:
            return None
        value = float(match["digits"].replace(",", ""))
        unit = match["unit"]
        if not unit:
            return value, None
        scale = 10.0 ** _POWERS[unit] if unit in _POWERS else numerals.chinese(unit.removeprefix("个"))
        return (value * scale, scale) if scale else None
    if match["words"]:
        large = "".join(c for c in match["words"] if c in "万亿兆")
        spoken = numerals.chinese(match["words"].replace("个", ""))
        return None if spoken is None else (spoken, numerals.chinese(large) if large else None)
    if match["part"]:
        size = 10.0 ** _POWERS[match["whole"]]
        return _PARTS[match["part"]] * size, size
    size = 10.0 ** _POWERS[match["power"]]
    said = numerals.english(match["english"])
    return None if said is None else (said * size, size)


def _bounds(
    match: re.Match[str], head: re.Match[str], tail: re.Match[str], value: float
) -> tuple[float | None, float | None]:
    low: float | None = value
    high: float | None = value
    either = _EITHER.match(match["words"] or "")
    if either:  # 八九亿: eight or nine hundred million
        small, large = (numerals.chinese(digit + match["words"][2:]) for digit in either[0])
        if small and large and small < large:
            return small, large
    bare = bool(match["words"]) and not match["words"].strip("十百千万亿兆")
    level = tail["level"] or tail["levels"]
    if match["fuzzy"] in ("十几", "十数"):
        low, high = 10 * value, 20 * value - 1
    elif match["fuzzy"] == "上":
        high = None
    elif match["fuzzy"] or (bare and level and not head["about"]):
        high = 10 * value - 1
    if head["over"] or match["more"] or tail["more"] or tail["over"]:
        high = None
    if head["up"] or tail["under"]:
        low, high = None, high if high is not None else value
    return low, high


def _currency(before: str | None, after: str | None, *, known: bool) -> str | None:
    word = before if before and (not after or after in ("元", "圆")) else after
    if not word or (word in _UNSURE and not known):
        return None
    return _CODES[word]


def _range(folded: str, first: _Number, second: _Number) -> _Number | None:
    joint = folded[first.end : second.start]
    if second.scale is None and second.currency is None:
        return None
    if not _JOIN.fullmatch(joint) or first.low is None or first.high is None or second.high is None:
        return None
    if joint.strip() == "and" and not folded.endswith("between ", 0, first.start):
        return None
    if first.currency and second.currency and first.currency != second.currency:
        return None
    low = first.low
    if first.scale is None and second.scale is not None and low * second.scale <= second.high:
        low *= second.scale
    if low > second.high:
        return None
    scale, currency = second.scale or first.scale, second.currency or first.currency
    return _Number(first.start, second.end, low, second.high, low, scale, currency)
