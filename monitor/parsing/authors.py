"""Who wrote an article, from what its page shows: bylines in both languages, and elements that name an author."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from monitor.parsing.maintext import Layout, MainText
from monitor.parsing.markup import plain_title

# The hundred commonest family names cover 85 % of people (report of the Ministry of Public Security, 2020); with some
# more and the double ones few are missing. They are asked for only where nothing else says that a word is a name.
_FAMILY = (
    "[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金"
    "陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫"
    "庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚"
    "丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺]"
)
_HAN = "[\u4e00-\u9fff·]"
_NAMED = rf"{_FAMILY}{_HAN}{{1,3}}"
_SEVERAL = r"[ 、，,和&/]{1,2}"
_PEN = r"[^\s:：|｜/、，,。；;（）()\[\]【】<>《》]{2,20}(?: [（(]?[A-Z][\w.' -]{1,30}[）)]?)?"
_END = r"(?=$|[\s/|｜）)】\]，,。；;、—-]|报道|摄|文|编|译|出自|来源|发布|责)"
_WRITER = re.compile(
    r"(?:^|[\s|｜（(【\[　])(?:作\s*者|撰\s*文|撰\s*稿|原创作者|采写|文字|文)\s*[:：|｜丨/]\s*"
    rf"({_PEN}(?:{_SEVERAL}{_NAMED})*)"
)
_REPORTER = re.compile(
    rf"(?:记者|通讯员|特约撰稿人?|评论员)\s*[:：|｜]?\s*({_NAMED}(?:{_SEVERAL}{_NAMED})*){_END}|"
    rf"[（(](?:[^（）()]{{0,8}})?(?:记者|通讯员)[ :：]({_HAN}{{2,6}})[）)]|"
    rf"({_NAMED}(?:{_SEVERAL}{_NAMED})*)\s*/\s*文(?:$|[\s，。受])"
)
_SIGNED = re.compile(rf"[（(]\s*({_NAMED}(?:{_SEVERAL}{_NAMED})*)(?:\s+{_HAN}{{2,4}}报道)?\s*[）)]$")
_POSTED = re.compile(r"由\s*([^\s，。]{2,12}?)\s*于\s*\d{4}\D")
_EDITOR = re.compile(rf"(?:责任?编辑?|实习编辑|编\s*辑|责\s*编)\s*[:：|｜]\s*({_HAN}{{2,4}}){_END}")
_SOURCE = re.compile(rf"来\s*源\s*[:：]\s*({_FAMILY}{_HAN}{{1,2}})(?=$|\s)")
_ALONE = re.compile(rf"({_NAMED}(?:[ 、，,]{_HAN}{{2,3}})*)")
_NO_PERSON = re.compile(
    "[网报社台刊]$|公司|频道|日报|晚报|新闻|编辑部|记者|近日|今天|从|在|了|是|于是|和平|时间|来源|关于"
)

_BY = re.compile(
    r"(?:^|[|•·–—-] ?|\b(?:written|posted|published|story|words|article|report(?:ed)?|edited|created|interview) )"
    r"by:? +(?P<name>.{2,80})",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"(?:(?:Dr|Mr|Ms|Mrs|Prof|Sir)\.? )?[A-Z\u00c0-\u017f][\w\u00c0-\u024f'’.-]*"
    r"(?: (?:[A-Z\u00c0-\u017f][\w\u00c0-\u024f'’.-]*|de|da|di|van|von|der|den|la|le|el|bin|al|and|&)){0,6}"
)
_CUT = re.compile(
    r"\s*(?:[|•·–—\t]|\bon (?=\w+ \d)|"
    r"\b(?:updated|published|posted|last|reviewed|contributor|staff writer|senior|editor\b)|\b\d{1,2}[/ .]|"
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d|, (?=[a-z]|(?:the |[A-Z]{2,} )))",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    r"\b(?:january|february|march|april|june|july|august|september|october|november|december|minutes?|read|share|home)\b",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"/(?:authors?|people|staff|contributors?|writers?|reporters?|producers?|profile|by|team|columnists?)/"
)
_NAMING = (
    "//*[@itemprop='author'] | //a[contains(concat(' ', @rel, ' '), ' author ')] | //address[not(*[3])]"
    " | //*[contains(@class, 'author') or contains(@class, 'byline') or contains(@class, 'writer')"
    " or contains(@class, 'Author') or contains(@class, 'Byline') or contains(@class, 'zuozhe')"
    " or contains(@class, 'contributor')] | //a[contains(@href, '/')]"
)

_BEFORE, _AFTER, _BELOW = 6, 14, 8
"""Blocks before and after the headline, and below the text, where a byline may stand."""


@dataclass(frozen=True, slots=True, order=True)
class _Candidate:
    rank: int
    distance: int
    name: str


def find_author(tree: HtmlElement, layout: Layout, headline: int, found: MainText) -> str:
    """The author that the page shows, "" if none is found; `headline` is the index of its block."""
    near = range(max(0, headline - _BEFORE), min(len(layout.blocks), max(headline, 0) + _AFTER))
    below = range(max(found.start, found.end - 3), min(len(layout.blocks), found.end + _BELOW))
    candidates = [
        *_chinese(layout, [*near, *range(found.start, min(found.start + 3, found.end)), *below], headline),
        *_english(layout, [*near, *below], headline),
        *_elements(tree, layout, near, below, headline),
    ]
    return min(candidates).name if candidates else ""


def _chinese(layout: Layout, places: list[int], headline: int) -> Iterator[_Candidate]:
    for i in dict.fromkeys(places):
        text, distance = layout.blocks[i].text, abs(i - headline)
        short = len(text) <= 80
        patterns = (
            ((0, _WRITER), (1, _REPORTER), (3, _POSTED), (5, _EDITOR), (6, _SOURCE)) if short else ((1, _REPORTER),)
        )
        for rank, pattern in (*patterns, (2, _SIGNED)):
            if match := pattern.search(text):
                name = next(filter(None, match.groups())).strip()
                if not _NO_PERSON.search(name):
                    yield _Candidate(rank, distance, name)
        if 0 < i - headline <= 3 and (match := _ALONE.fullmatch(text)) and not _NO_PERSON.search(text):
            yield _Candidate(2, distance, match[1])


def _english(layout: Layout, places: list[int], headline: int) -> Iterator[_Candidate]:
    for i in dict.fromkeys(places):
        text = layout.blocks[i].text
        if len(text) > 160 or (not text.isascii() and len(re.findall(_HAN, text)) > 4):
            continue
        if text.rstrip(": ").lower() in ("by", "written by", "author", "posted by") and i + 1 < len(layout.blocks):
            text = f"By {layout.blocks[i + 1].text}"
        if (match := _BY.search(text)) and (name := person(match["name"])):
            yield _Candidate(1, abs(i - headline), name)


def _elements(tree: HtmlElement, layout: Layout, near: range, below: range, headline: int) -> Iterator[_Candidate]:
    for element in tree.xpath(_NAMING)[:1500]:
        rank = _rank(element)
        if rank is None:
            continue
        place = layout.place(element)
        if place not in near and place not in below:
            continue
        text = plain_title(" ".join(element.itertext()))
        if rank == 2:
            inner = element.xpath(".//*[@itemprop='name']")
            text = plain_title(" ".join(inner[0].itertext())) if inner else text
        if len(text) <= 90 and (name := person(re.sub(r"^(?:written |posted )?by:? ", "", text, flags=re.IGNORECASE))):
            yield _Candidate(rank + (place in below), abs(place - headline), name)


def _rank(element: HtmlElement) -> int | None:
    if element.get("itemprop") == "author" or "author" in (element.get("rel") or "").split():
        return 2
    if element.tag == "a":
        return 3 if _PROFILE.search(element.get("href") or "") else None
    return 4


def person(text: str) -> str:
    """The name at the beginning of a byline, "" if it begins with none."""
    text = _CUT.split(plain_title(text), maxsplit=1)[0].strip(" ,.:-")
    match = _PERSON.match(text)
    if match is None or _MONTHS.search(match[0]) or len(match[0]) < 3:
        return ""
    rest = text[match.end() :].strip()
    return "" if len(rest) > 40 else match[0].strip(" ,-")
