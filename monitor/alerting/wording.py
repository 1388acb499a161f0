"""Every word of a card, in English and Chinese, and how amounts and rounds are written in each."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from monitor.alerting.worth import in_dollars
from monitor.models import Money, Status, Verdict
from monitor.settings import FUNDING, Language

_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "funding": ("Funding", "融资"),
        "status": ("Status", "状态"),
        "status.completed": ("Funding round completed", "完成融资"),
        "status.in_talks": ("Funding round in talks", "融资洽谈中"),
        "status.denied": ("Funding round denied", "否认融资"),
        "invests": ("Invests in {}", "投资{}"),
        "round": ("Round", "轮次"),
        "amount": ("Amount", "金额"),
        "valuation": ("Valuation", "估值"),
        "lead_investors": ("Lead investors", "领投方"),
        "other_investors": ("Other investors", "其他投资方"),
        "investors": ("Investors", "投资方"),
        "source": ("Source", "来源"),
        "published": ("Published", "发布时间"),
        "undated": ("Publication time not given", "未注明发布时间"),
        "verdict.new_deal": ("First report of this deal", "首次报道该笔融资"),
        "verdict.topic_match": ("Topic words next to the company", "公司附近出现主题关键词"),
        "verdict.new_fact": ("New facts of a deal told before", "已报道融资的新信息"),
        "verdict.status_change": ("The deal has moved on", "融资状态有变化"),
        "verdict.digest": ("Digest", "汇总"),
        "verdict.muted": ("Muted in this channel", "本频道已屏蔽"),
        "verdict.dismissed": ("Marked as no deal, or as one told before", "已标记为非融资或重复"),
        "withdrawn.dismissed": ("Marked as no deal", "已标记为非融资"),
        "withdrawn.merged": ("Same deal as another alert", "与另一条提醒为同一笔融资"),
        "verdict.too_old": ("Older than alerts go back", "早于提醒时限"),
        "verdict.baseline": ("Undated, from the first visit of its source", "首次访问来源，文章未注明时间"),
        "rule": ("rule", "规则"),
        "repeat": (
            "Possibly a repeat: whether the first attempt arrived could not be found out.",
            "可能重复：无法确认上一次是否已送达。",
        ),
        "news_of_deal": ("New: {}", "新信息：{}"),
        "change.status": ("status", "状态"),
        "change.amount": ("amount", "金额"),
        "change.round": ("round", "轮次"),
        "change.lead": ("lead investor", "领投方"),
        "change.valuation": ("valuation", "估值"),
        "reported": ("Reported by {} outlets, {} independent", "{}家媒体报道，其中{}家独立"),
        "told_by": ("{} — {}", "{}——{}"),
        "versions": ("; or ", "；或 "),
        "confidence": ("Confidence: {} ({})", "可信度：{}（{}）"),
        "confidence.high": ("high", "高"),
        "confidence.medium": ("medium", "中"),
        "confidence.low": ("low", "低"),
        "confidence.contested": ("contested", "说法不一"),
        "ground.one": ("one source", "单一信源"),
        "ground.several": ("{} independent sources", "{}个独立信源"),
        "digest": ("Digest: {}", "汇总：{}条"),
        "button.open_article": ("Open article", "阅读原文"),
        "button.open_archive": ("Open in archive", "在存档中打开"),
        "button.relevant": ("Relevant", "有用"),
        "button.irrelevant": ("Not relevant", "无关"),
        "button.mute_deal": ("Mute this deal", "屏蔽该笔融资"),
        "button.mute_company": ("Mute company for a day", "屏蔽该公司一天"),
        "about": ("about {}", "约{}"),
        "comma": (", ", "，"),
        "separator": (", ", "、"),
        "colon": (": ", "："),
        "at_least": ("at least {}", "至少{}"),
        "at_most": ("at most {}", "至多{}"),
        "range": ("{}–{}", "{}–{}"),
        "aside": ("{} ({})", "{}（{}）"),
    }
)
_ROUNDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "pre-seed": ("Pre-seed", "种子前轮"),
        "seed": ("Seed", "种子轮"),
        "angel": ("Angel", "天使轮"),
        "strategic": ("Strategic", "战略融资"),
        "pre-ipo": ("Pre-IPO", "Pre-IPO轮"),
    }
)
_CURRENCIES: Mapping[str, str] = MappingProxyType(
    {
        "CNY": "元人民币",
        "USD": "美元",
        "EUR": "欧元",
        "GBP": "英镑",
        "JPY": "日元",
        "KRW": "韩元",
        "HKD": "港元",
        "TWD": "新台币",
        "SGD": "新加坡元",
        "INR": "印度卢比",
        "AUD": "澳元",
        "CAD": "加元",
        "CHF": "瑞士法郎",
    }
)
_UNITS_EN = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_UNITS_ZH = ((1e12, "万亿"), (1e8, "亿"), (1e4, "万"))
_LETTERED = re.compile(r"(pre-)?([a-h])(\d{0,2})(\+{0,3})", re.IGNORECASE)


def say(key: str, language: Language) -> str:
    """The words for `key` (KeyError for one that is not in the table)."""
    return _WORDS[key][language == "zh"]


def status_words(status: Status, language: Language) -> str:
    """How far a deal has come, as it stands in a card's headline."""
    return say(f"status.{status}", language)


def topic_words(topic: str, language: Language) -> str:
    """A topic's name; the built-in one is translated."""
    return say("funding", language) if topic == FUNDING else topic


def verdict_words(verdict: Verdict, rule: str | None, language: Language) -> str:
    """Why the alert goes out, with the rule of detection that found it."""
    why = say(f"verdict.{verdict}", language)
    return say("aside", language).format(why, f"{say('rule', language)} {rule}") if rule else why


def round_words(name: str, language: Language) -> str:
    """A normalised round as people write it: `A+` is Series A+ and A+轮; one that is not known stays as it is."""
    base = name.rstrip("+")
    if base.lower() in _ROUNDS:
        return _ROUNDS[base.lower()][language == "zh"] + name[len(base) :]
    found = _LETTERED.fullmatch(name)
    if not found:
        return name
    pre, letter, number, plus = found.groups()
    series = f"{'Pre-' if pre else ''}{letter.upper()}{number}{plus}"
    if language == "zh":
        return f"{series}轮"
    return series if pre else f"Series {series}"


def money_words(money: Money, language: Language) -> str:
    """The amount as written, after it the range it stands for, and about how much that is in US dollars:
    数千万元（1000万–1亿元人民币，约140万–1400万美元）."""
    bounds = _range_words(money, language)
    dollars = in_dollars(money)
    known = bounds == money.text or (dollars is not None and bounds.startswith(money.text))
    said = [] if known else [bounds]
    said += [say("about", language).format(_range_words(dollars, language))] if dollars else []
    meant = say("comma", language).join(words for words in said if words)
    if not meant:
        return money.text or bounds
    return say("aside", language).format(money.text, meant) if money.text else meant


def _range_words(money: Money, language: Language) -> str:
    low, high = (None if n is None else _number(n, language) for n in (money.low, money.high))
    if low is None and high is None:
        return ""
    if low == high:
        words = str(low)
    elif high is None:
        words = say("at_least", language).format(low)
    elif low is None:
        words = say("at_most", language).format(high)
    else:
        words = say("range", language).format(low, high)
    if language == "zh":
        return words + _CURRENCIES.get(money.currency, f" {money.currency}")
    return f"{money.currency} {words}"


def _number(value: float, language: Language) -> str:
    """Up to two decimals with the language's own unit: 400M, 4亿, 3.14万亿."""
    for size, unit in _UNITS_ZH if language == "zh" else _UNITS_EN:
        if abs(value) >= size * 0.99995:  # what rounds to a whole unit is written in it
            return f"{_short(value / size)}{unit}"
    return _short(value)


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < 1e4 else f"{value:.0f}"
