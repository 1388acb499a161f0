"""Amounts of money in Chinese and English text, as ranges.

The meaning of fuzzy amounts: 近, 约, nearly, about N are N itself; 超, 逾, more than N and N多 have no upper end; 最高,
up to N no lower end; 数千万, 千万级, tens of millions run to the next power of ten (10,000,000 to 99,999,999), 十几亿
to the next ten. 元 and Chinese amounts without a currency are CNY, `$` alone and English amounts without one USD. Left
out: parts of a unit (角, cents), currency words without a number, currencies that are no more.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from monitor.detection import numerals
from monitor.models import Money
from monitor.text import CJK, fold, fold_with_positions

# Codes that are also English words (TRY, MAD, PEN) are left to their names. `_` stands for a blank.
_CURRENCIES = {
    "CNY": "人民币元 人民币 元 圆 块钱 块 rmb cny yuan renminbi ¥",
    "USD": "美元 美金 美刀 美圆 us$ usd usd$ dollar u.s.dollar u.s._dollar us_dollar american_dollar $",
    "EUR": "欧元 eur euro €",
    "GBP": "英镑 gbp pound pounds_sterling £",
    "HKD": "港元 港币 港圆 hkd hk$ hong_kong_dollar",
    "JPY": "日元 日圆 日币 jpy yen jp¥ 円",
    "KRW": "韩元 韩圆 韩币 krw won ₩",
    "TWD": "新台币 台币 twd nt$ taiwan_dollar new_taiwan_dollar",
    "SGD": "新加坡元 新元 坡币 新币 sgd s$ sg$ singapore_dollar",
    "INR": "印度卢比 卢比 inr rupee rs rs. ₹",
    "CAD": "加元 加拿大元 加币 cad c$ ca$ cad$ can$ canadian_dollar",
    "AUD": "澳元 澳大利亚元 澳币 aud a$ au$ aud$ australian_dollar",
    "NZD": "新西兰元 纽元 纽币 nzd nz$ nzd$ new_zealand_dollar",
    "MXN": "墨西哥比索 mxn mx$ mxn$ mex$ mexican_peso",
    "CHF": "瑞士法郎 瑞郎 chf swiss_franc",
    "RUB": "卢布 rub rouble ruble ₽",
    "THB": "泰铢 thb baht ฿",
    "BRL": "雷亚尔 brl r$ reais",
    "ILS": "谢克尔 ils nis shekel ₪",
    "SEK": "瑞典克朗 sek kronor swedish_krona",
    "NOK": "挪威克朗 nok norwegian_kroner",
    "DKK": "丹麦克朗 dkk danish_kroner",
    "ISK": "冰岛克朗 isk",
    "PLN": "兹罗提 pln zloty złoty zł",
    "CZK": "捷克克朗 czk czech_koruna kč",
    "HUF": "福林 huf forint",
    "RON": "罗马尼亚列伊 ron romanian_lei",
    "UAH": "格里夫纳 uah hryvnia ₴",
    "TRY": "土耳其里拉 里拉 lira ₺",
    "GEL": "拉里 georgian_lari lari ₾",
    "KZT": "坚戈 kzt tenge ₸",
    "AED": "迪拉姆 aed uae_dirham emirati_dirham dirham",
    "SAR": "沙特里亚尔 sar saudi_riyal",
    "QAR": "卡塔尔里亚尔 qar qatari_riyal",
    "KWD": "科威特第纳尔 kwd kuwaiti_dinar",
    "EGP": "埃及镑 egp egyptian_pound",
    "MAD": "摩洛哥迪拉姆 moroccan_dirham",
    "ZAR": "南非兰特 兰特 zar rand",
    "NGN": "奈拉 ngn naira ₦",
    "KES": "肯尼亚先令 kes ksh kenyan_shilling",
    "GHS": "塞地 ghs cedi ₵",
    "XOF": "西非法郎 xof fcfa cfa_franc",
    "PKR": "巴基斯坦卢比 pkr pakistani_rupee",
    "LKR": "斯里兰卡卢比 lkr sri_lankan_rupee ரூ",
    "BDT": "塔卡 bdt taka ৳",
    "VND": "越南盾 vnd dong ₫",
    "IDR": "印尼盾 印尼卢比 idr rupiah rp",
    "MYR": "林吉特 马币 令吉 myr ringgit rm",
    "PHP": "菲律宾比索 php philippine_peso ₱",
    "LAK": "基普 lao_kip kip ₭",
    "MOP": "澳门元 澳门币 mop$ pataca",
    "COP": "哥伦比亚比索 colombian_peso",
    "CLP": "智利比索 clp chilean_peso",
    "ARS": "阿根廷比索 argentine_peso",
    "PEN": "秘鲁索尔 peruvian_sol",
    "CRC": "科朗 crc colones ₡",
}
_WORDS = {fold(word).replace("_", " "): code for code, words in _CURRENCIES.items() for word in words.split()}


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_HAN = [word for word in _WORDS if re.match(f"[{CJK}]", word)]
_SIGNS = [word for word in _WORDS if not word[-1].isalnum()]
_LATIN = [word for word in _WORDS if word not in _HAN and word not in _SIGNS]
_SPACED = ["us $", "hk $", "nt $"]  # not c $, which in `series c $5m` is none
_PLURAL = [f"{word}s" for word in _LATIN if len(word) > 3]
_CODES = (
    _WORDS | {word: _WORDS[word.replace(" ", "")] for word in _SPACED} | {word: _WORDS[word[:-1]] for word in _PLURAL}
)
_ISO = _alternatives({code.lower() for code in _CURRENCIES}.intersection(_LATIN))
_BEFORE = (
    f"(?<![a-z])(?:{_alternatives(_SIGNS + _SPACED)}|(?:{_ISO}|rmb|rs|rm|rp|ksh|fcfa|dollar|euro))"
    "|人民币|新台币|台币|港币|港元|日元|美元|欧元"
)
_AFTER = (
    f"块(?!\\s?[{CJK}a-z\\d])|{_alternatives(word for word in _HAN if word != '块')}"
    f"|(?:{_alternatives(_LATIN + _PLURAL)})(?![a-z0-9])|(?:{_alternatives(_SIGNS)})(?!\\s?\\d)"
)
_MEGA = f"(?P<mega>m)(?P<code>{_ISO})"  # MEUR, MSEK
_PEOPLES = (
    "(?:chinese|japanese|(?:south )?korean|indian|british|israeli|russian|nigerian|turkish|swedish|thai|brazilian) "
)
_SURE = "usd cny rmb eur gbp hkd jpy yen krw twd sgd aud nzd mxn chf thb brl aed rs"
_UNSURE = {word for word in _LATIN if len(word) < 4 and word not in _SURE.split()} | {
    "pound",
    "pounds",
    "rand",
    "rands",
}
"""Words that are currencies only with an amount that has a unit or is large (3 won, php 8, pounds of flesh)."""
_LARGE = 1e6
"""An amount from here on needs no unit."""

_DIGITS = (
    r"(?<![\d.])(?:\d{1,3},\d{1,2}(?=[ -]?(?:mn?|bn?|mi[lo]|[mb]illion)(?![a-z0-9]))"  # €3,5 million
    r"|\d{1,18}+(?!\d)(?:,\d{2}(?=,\d)|,\d{3}(?!\d)){0,6}(?:\.\d{1,6})?)"
)
_POWERS = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "mln": 6, "mn": 6, "mm": 6, "bln": 9, "bn": 9}
_POWERS |= {"tn": 12, "crore": 7, "crores": 7, "cr": 7, "lakh": 5, "lakhs": 5, "lakh crore": 12}
_POWERS |= {"mil": 6, "mio": 6, "mrd": 9}
_POWERS |= {"k": 3, "w": 4, "m": 6, "b": 9, "t": 12}
_INNER = f"(?:(?P<inner>{_ISO}|rmb) (?=(?:million|billion|mn|bn|m|b)(?![a-z])))?"  # 75 USD million
_PARTS = {"half": 0.5, "quarter": 0.25, "three quarters": 0.75, "three-quarters": 0.75}
_CORE = re.compile(
    r"(?P<fuzzy>[数几上](?=[十百千万亿]))?"
    rf"(?:(?P<digits>{_DIGITS})(?P<odd>[多余几+])?[ -]?{_INNER}(?P<unit>个?[十百千]?(?:万亿|[万亿兆])|[百千]"
    rf"|(?:{_alternatives(_POWERS)})(?![a-z0-9]))?"
    rf"|(?P<words>[{numerals.CHINESE}]{{1,16}})(?:(?P<over>[多余几数])?个?(?P<large>万亿|[万亿兆])|(?P<few>[几数]))?"
    rf"|(?<![a-z])(?:a )?(?P<part>{_alternatives(_PARTS)})(?: (?:of )?a)? (?P<whole>[mb]illion)(?![a-z])"
    r"|(?<![a-z])(?P<some>(?:tens|hundreds) of|(?:several|a few)(?: hundred)?) (?P<power>[mb]illion)s?(?: of)?(?![a-z])"
    rf"|(?<![a-z])(?P<english>{numerals.ENGLISH})(?:[ -](?P<size>thousand|million|billion|trillion)(?![a-z]))?)"
)
_HEAD = re.compile(
    r"(?:(?:(?P<up>最高可?达?|最多|至多|不超过?|不高于|不足|不到|低于|少于|小于"
    r"|(?<![a-z])(?:up to|as (?:much|high) as|at most|less than|under|below|no more than))"
    r"|(?P<over>不少于|不低于|至少|超过|超出|突破|高于|大于|多于|超|逾|破|(?<![通经不])过"
    r"|(?<![a-z])(?:more than|over|at least|upwards? of|in excess of|exceed(?:s|ing)|surpass(?:es|ing)|above|north of))"
    r"|(?P<about>将近|接近|大约|约[为合]?|(?<![最附])近|(?<![a-z])(?:nearly|almost|about|around|approximately|roughly"
    r"|close to|some|an estimated)))\s?(?:达到?|募资|融资|a |an )?\s?)?"
    rf"(?:(?<![a-z]){_MEGA}|(?P<currency>{_BEFORE}))?\s?$"
)
_TAIL = re.compile(
    rf"(?P<more>多|余|\+)?(?P<level>级别?|量级)?(?:[ -]?(?:{_MEGA}(?![a-z0-9])"
    rf"|(?:{_PEOPLES})?元?(?P<currency>{_AFTER})))?"
    r"(?P<levels>级别?|量级)?"
    r"(?P<over>\+| or more|-plus|(?:\(含\))?以上|多(?![家轮个名位种年方项]))?(?P<under>以下|以内)?(?:左右|上下)?"
)
_NEXT = re.compile(r"\s?\d")
_EITHER = re.compile("[一二两三四五六七八九]{2}(?=[十百千万亿]+$)")

_JOIN = re.compile(r"(?:\(含\))?\s?(?:-{1,2}|[~–]|—{1,2}|至|到|和|(?<= )to(?= )|(?<= )and(?= ))\s?")
# An amount of 万 or 亿 without a currency is money only where the text goes on as after an amount; 5亿用户 is none.
_MONEY_FOLLOWS = re.compile(
    "$|追加|\\s(?![a-z])|[,。;:、!?)(|/\ue000-\ue0ff]|规模|融资|投资|战略|战投|新(?=一轮|轮|融|投)|股权|天使|种子|[a-h]\\+?\\d?轮"
    "|的?(?:首|新一|本|巨额)?(?:轮|融)|领投|注资|入资|增资|估值|资金|大单|投前|投后"
)
# English numbers, and 3000w, count anything; without a currency they are money only beside such words.
_FUNDS_FOLLOW = re.compile(
    r"\s?(?:融资|[天种战新首a-h]\S{0,4}轮)"
    r"| (?:in |of )?(?:(?:new|fresh) )?(?:funding|financing|equity|capital|round|series|seed)(?![a-z])"
)
_RAISING = re.compile(
    r"(?:(?<![a-z])(?:rais(?:e[sd]?|ing)|secur(?:e[sd]?|ing)|valued at|valuation of|between)"
    r"|融资?|募资?|投资?|估值|筹集?|获得?)"
    r"(?:了|额|金额|达到?|为|至)?\s?$"
)
_CLOSES = re.compile(
    "\\s?(?:$|[,.;:!?()。、\ue000-\ue0ff])"
    r"|\s(?:in|from|for|at|to|as|by|with|led|and)(?![a-z])"
)
_CONTEXT = 24
"""Characters before a number that can belong to its amount."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount at `start` to `end` (exclusive) of the text that was searched."""

    start: int
    end: int
    money: Money


@dataclass(frozen=True, slots=True)
class _Number:
    """A number with what stands around it; `scale` is None if it has no unit such as 万 or million.

    `signed` and `closed`: its currency stands before, after it. `latin`: its unit is English (or w).
    """

    start: int
    end: int
    low: float | None
    high: float | None
    scale: float | None
    currency: str | None
    signed: bool
    closed: bool
    latin: bool

    def is_money(self, text: str) -> bool:
        if self.currency is not None:
            return True
        if self.scale is None or self.scale < 10_000:
            return False
        raising = _RAISING.search(text[max(0, self.start - _CONTEXT) : self.start]) is not None
        if self.latin:
            closed = _CLOSES.match(text, self.end) and not text.endswith("mm", 0, self.end)  # rather millimetres
            return bool(_FUNDS_FOLLOW.match(text, self.end) or (raising and closed))
        return bool(_MONEY_FOLLOWS.match(text, self.end)) or (raising and text[self.end] == " ")


def find(folded: str) -> Iterator[Amount]:
    """The amounts in a text already folded (`text.fold`), in order; a range such as 20-30亿元 is one amount."""
    waiting: _Number | None = None
    place = 0
    while match := _CORE.search(folded, place):
        number = _number(folded, match, waiting.end if waiting else 0)
        place = max(match.end(), number.end)
        joined = _joined(folded, waiting, number) if waiting else None
        if waiting and not joined and waiting.is_money(folded):
            yield _amount(folded, waiting)
        waiting = joined or number
    if waiting and waiting.is_money(folded):
        yield _amount(folded, waiting)


def amounts(text: str) -> list[Money]:
    """The amounts in any text, in order, each with its own words in `text`."""
    folded = fold_with_positions(text)
    found = [(folded.original(amount.start, amount.end), amount.money) for amount in find(folded.text)]
    return [replace(money, text=text[start:end]) for (start, end), money in found]


def _amount(folded: str, number: _Number) -> Amount:
    said = folded[number.start : number.end]
    home = "USD" if number.latin and not said.endswith("w") else "CNY"
    return Amount(number.start, number.end, Money(said, number.low, number.high, number.currency or home))


def _number(folded: str, match: re.Match[str], after: int) -> _Number:
    base = max(after, match.start() - _CONTEXT)
    head = next(_HEAD.finditer(folded[base : match.start()]))  # there is always one, if of nothing
    tail = next(_TAIL.finditer(folded, match.end()))
    before = head["code"] or head["currency"]
    if before and (tail["currency"] or "元")[0].isascii() and _NEXT.match(folded, tail.end()):  # RMB 10m USD 1.4m
        tail = next(_TAIL.finditer(folded, match.end(), match.end()))
    value, scale = _value(match, 1e6 if head["mega"] or tail["mega"] else None)
    low, high = _bounds(match, head, tail, value, scale)
    behind = tail["code"] or tail["currency"] or match["inner"]
    currency = _currency(before, behind, known=scale is not None or value >= _LARGE)
    start = match.start() - len(head[0].lstrip()) if head[0].strip() else match.start()
    end = tail.end() if tail[0].strip(" -") else match.start() + len(match[0].rstrip(" -"))
    latin = bool(match["english"] or match["part"] or match["some"]) or (match["unit"] or "十")[-1].isascii()
    return _Number(start, end, low, high, scale, currency, bool(before), bool(behind), latin)


def _value(match: re.Match[str], mega: float | None) -> tuple[float, float | None]:
    """The number's value and the size of its unit, `mega` if it has no unit of its own."""
    scale: float | None
    if match["digits"]:
        unit, value = match["unit"] or "", _decimal(match["digits"])
        scale = 10.0 ** _POWERS[unit] if unit in _POWERS else numerals.chinese(unit.removeprefix("个"))
    elif match["words"]:
        value, scale = numerals.chinese(match["words"]) or 0.0, numerals.chinese(match["large"] or "")
        if scale is None:
            return value, _unit(match["words"])
    elif match["part"]:
        value, scale = _PARTS[match["part"]], 10.0 ** _POWERS[match["whole"]]
    elif match["some"]:
        value = 100.0 if "hundred" in match["some"] else 10.0 if "tens" in match["some"] else 1.0
        scale = 10.0 ** _POWERS[match["power"]]
    else:
        value = numerals.english(match["english"]) or 0.0
        scale = 10.0 ** _POWERS[match["size"]] if match["size"] else None
    scale = scale or mega
    return round(value * (scale or 1.0), 6), scale


def _decimal(digits: str) -> float:
    """The value of digits with commas: between thousands, or (€3,5 million) before a fraction."""
    _, _, rest = digits.rpartition(",")
    return float(digits.replace(",", "." if digits.count(",") == 1 and len(rest) < 3 else ""))


def _unit(words: str) -> float | None:
    """The unit of a Chinese number in words: 亿 of 三千五百亿, 百 of 三百."""
    large = "".join(c for c in words if c in "万亿兆")
    return numerals.chinese(large or (words[-1] if words[-1] in "百千佰仟" else ""))


def _bounds(
    match: re.Match[str], head: re.Match[str], tail: re.Match[str], value: float, scale: float | None
) -> tuple[float | None, float | None]:
    low: float | None = value
    high: float | None = value
    words = match["words"] or ""
    said = words + (match["large"] or "")
    if _EITHER.match(said):  # 八九亿: eight or nine hundred million
        small, large = (numerals.chinese(digit + said[2:]) for digit in said[:2])
        if small and large and small < large:
            return small, large
    odd = match["odd"] or match["over"] or match["few"] or tail["more"]
    bare = bool(words) and said == words and not words.strip("十百千万亿兆")
    if match["fuzzy"] == "上":
        high = None
    elif match["fuzzy"] or match["some"] or (bare and (tail["level"] or tail["levels"]) and not head["about"]):
        high = 10 * value - 1
    elif odd in ("几", "数") and value % (10 * (scale or 1)) == 0:  # 十几亿
        high = value + 10 * (scale or 1) - 1
    if head["over"] or tail["over"] or odd in ("多", "余", "+"):
        high = None
    if head["up"] or tail["under"]:
        low, high = None, high if high is not None else value
    return low, high


def _currency(before: str | None, after: str | None, *, known: bool) -> str | None:
    word = before if before and (not after or after in ("元", "圆")) else after
    if not word or (not known and word in (_UNSURE if word is after else _UNSURE | {"dollar", "euro"})):
        return None
    return _CODES[word]


def _joined(folded: str, first: _Number, second: _Number) -> _Number | None:
    """One amount of two numbers: a range, or a sum such as 1亿5000万."""
    if second.scale is None and second.currency is None:
        return None
    if second.signed and first.currency is None:  # phase 1 - $5M
        return None
    if first.currency and second.currency and first.currency != second.currency:
        return None
    return (_range if first.end < second.start else _sum)(folded, first, second)


def _range(folded: str, first: _Number, second: _Number) -> _Number | None:
    joint = _JOIN.fullmatch(folded, first.end, second.start)
    if not joint or first.low is None or first.high is None or second.high is None:
        return None
    if joint[0] == " and " and not folded.endswith("between ", 0, first.start):
        return None
    if joint[0] == "和" and not folded.startswith("之间", second.end):
        return None
    low = first.low
    if not first.closed and (first.scale or 1) < 10_000 and second.scale and low * second.scale <= second.high:
        low *= second.scale
    return _together(first, second, low, second.high) if low <= second.high else None


def _sum(folded: str, first: _Number, second: _Number) -> _Number | None:
    if first.closed or second.signed or folded[first.end - 1] not in "万亿千" or not folded[second.start].isdecimal():
        return None
    if first.low is None or first.low != first.high or first.scale is None:
        return None
    if second.low is None or second.high is None or second.low >= first.scale:
        return None
    return _together(first, second, first.low + second.low, first.low + second.high)


def _together(first: _Number, second: _Number, low: float, high: float) -> _Number:
    return replace(
        second,
        start=first.start,
        low=low,
        high=high,
        scale=second.scale or first.scale,
        currency=second.currency or first.currency,
        signed=first.signed,
        closed=first.closed or second.closed,
    )
