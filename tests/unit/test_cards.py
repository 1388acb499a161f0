import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerting.cards import Card, render
from monitor.alerting.content import MAX_QUOTE, Style
from monitor.models import AlertKind, Change, Claim, Evidence, Money, Report, Span, Status, Verdict
from monitor.settings import Language
from tests.fakes import blockkit
from tests.fakes.outbox import START, alert
from tests.fakes.slack import Message, links, pings, render_text

HOSTILE = "<!channel> <@U1> <https://evil.example|bank> @here & *b* `c` :bomb: ]( https://evil.example"


def taken(card: Card) -> Message:
    """The card as Slack gets it, after its checks."""
    blocks: list[dict[str, Any]] = json.loads(json.dumps(card.blocks))
    assert blockkit.problems(blocks) == []
    assert blockkit.total(blocks) <= blockkit.MAX_TOTAL
    assert (
        0 < blockkit.length(card.text) <= 4000
    )  # https://docs.slack.dev/reference/methods/chat.postMessage#truncating
    return Message("C", "1.0", "test", card.text, blocks, None)


def looks(card: Card) -> list[str]:
    return render_text(taken(card)).splitlines()


def claim(**changes: Any) -> Claim:
    found = alert().claim
    assert found is not None
    return replace(found, **changes)


def test_a_chinese_card_has_company_status_headline_facts_sentence_and_small_print() -> None:
    valued = claim(valuation=Money("30亿元", 3e9, 3e9, "CNY"))
    assert looks(render(alert(claim=valued), Style("zh"))) == [
        "# 星河智能 · 完成融资",
        "*星河智能完成数千万元A轮融资* <https://news.example/a/1>",
        "*轮次*: A轮",
        "*金额*: 数千万元（1000万–1亿元人民币，约140万–1400万美元）",
        "*估值*: 30亿元（约4.2亿美元）",
        "*领投方*: 远山资本",
        "*其他投资方*: 青禾创投",
        "> *星河智能*今日宣布*完成*数千万元A轮融资，由远山资本领投。",
        "Example News · 2024-06-07 08:00 UTC · 可信度：中（单一信源） · 首次报道该笔融资（规则 completed）",
        "[阅读原文]",
    ]


def test_an_english_card_says_the_same_in_english() -> None:
    sentence = "Acme, a maker of anvils, raises $5M."
    evidence = Evidence(sentence, Span("text", 0, len(sentence)), ((25, 31),))
    told = claim(
        company="Acme",
        evidence=evidence,
        status=Status.IN_TALKS,
        round="pre-A+",
        amount=Money("$5M", 5e6, 5e6, "USD"),
        investors=("Hill Capital", "Valley Fund"),
        lead_investors=(),
    )
    shown = alert(
        company="Acme", title="Acme in talks", claim=told, sentence=sentence, marks=evidence.marks, published=None
    )
    assert looks(render(shown, Style("en"))) == [
        "# Acme · Funding round in talks",
        "*Acme in talks* <https://news.example/a/1>",
        "*Round*: Pre-A+",
        "*Amount*: $5M (USD 5M)",
        "*Investors*: Hill Capital, Valley Fund",
        "> Acme, a maker of anvils, *raises* $5M.",
        (
            "Example News · Publication time not given · Confidence: low (one source) · "
            "First report of this deal (rule completed)"
        ),
        "[Open article]",
    ]


def test_a_topic_match_shows_the_topic_and_no_facts() -> None:
    card = render(alert(verdict=Verdict.TOPIC_MATCH, topic="芯片", company="Acme"), Style("en"))
    assert looks(card)[0] == "# Acme · 芯片"
    assert looks(card)[-2].endswith("Topic words next to the company (芯片)")
    assert [block["type"] for block in card.blocks] == ["header", "rich_text", "rich_text", "context", "actions"]


def test_only_a_doubtful_alert_is_marked_as_possibly_a_repeat() -> None:
    assert "Possibly a repeat" in render_text(taken(render(alert(doubtful=True), Style("en"))))
    assert "可能重复" in render_text(taken(render(alert(doubtful=True), Style("zh"))))
    assert "Possibly a repeat" not in render_text(taken(render(alert(), Style("en"))))


def test_the_time_of_publication_is_shown_in_the_readers_zone() -> None:
    blocks = json.dumps(render(alert(published=datetime(2024, 6, 1, tzinfo=UTC)), Style("en")).blocks)
    assert "<!date^1717200000^{date_short_pretty} {time}|2024-06-01 00:00 UTC>" in blocks


@pytest.mark.parametrize(
    ("money", "english", "chinese"),
    [
        (
            Money("近5亿元", 5e8, 5e8, "CNY"),
            "近5亿元 (CNY 500M, about USD 70M)",
            "近5亿元（5亿元人民币，约7000万美元）",
        ),
        (Money("超35亿美元", 3.5e9, None, "USD"), "超35亿美元 (USD at least 3.5B)", "超35亿美元（至少35亿美元）"),
        (
            Money("up to €15 million", None, 1.5e7, "EUR"),
            "up to €15 million (EUR at most 15M, about USD at most 18M)",
            "up to €15 million（至多1500万欧元，约至多1800万美元）",
        ),
        (Money("4亿美元", 4e8, 4e8, "USD"), "4亿美元 (USD 400M)", "4亿美元"),
        (
            Money("3.14万亿韩元", 3.14e12, 3.14e12, "KRW"),
            "3.14万亿韩元 (KRW 3.14T, about USD 2.3B)",
            "3.14万亿韩元（约23亿美元）",
        ),
        (Money("一笔 XTS", 12, 12, "XTS"), "一笔 XTS (XTS 12)", "一笔 XTS（12 XTS）"),
        (Money("未披露", None, None, "CNY"), "未披露", "未披露"),
    ],
)
def test_an_amount_stands_as_written_with_the_range_it_means(money: Money, english: str, chinese: str) -> None:
    assert f"*Amount*: {english}" in looks(render(alert(claim=claim(amount=money)), Style("en")))
    assert f"*金额*: {chinese}" in looks(render(alert(claim=claim(amount=money)), Style("zh")))


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("A", "Series A", "A轮"),
        ("B+", "Series B+", "B+轮"),
        ("A1", "Series A1", "A1轮"),
        ("pre-A+", "Pre-A+", "Pre-A+轮"),
        ("seed", "Seed", "种子轮"),
        ("angel++", "Angel++", "天使轮++"),
        ("pre-seed", "Pre-seed", "种子前轮"),
        ("strategic", "Strategic", "战略融资"),
        ("pre-IPO", "Pre-IPO", "Pre-IPO轮"),
        ("bridge", "bridge", "bridge"),
    ],
)
def test_rounds_are_written_as_people_write_them(name: str, english: str, chinese: str) -> None:
    assert f"*Round*: {english}" in looks(render(alert(claim=claim(round=name)), Style("en")))
    assert f"*轮次*: {chinese}" in looks(render(alert(claim=claim(round=name)), Style("zh")))


def test_marks_are_bold_inside_chinese_text_without_blanks() -> None:
    runs = render(alert(sentence="据悉星河获投四亿", marks=((2, 4), (4, 6))), Style("zh")).contents[0].quote
    assert [(r.text, r.bold) for r in runs] == [("据悉", False), ("星河", True), ("获投", True), ("四亿", False)]


def test_of_a_sentence_too_long_the_part_around_the_match_is_shown() -> None:
    sentence = "前" * 5000 + "获投" + "后" * 5000
    runs = render(alert(sentence=sentence, marks=((5000, 5002),)), Style("zh")).contents[0].quote
    assert [r.text for r in runs if r.bold] == ["获投"]
    assert runs[0].text == "…"
    assert runs[-1].text.endswith("后…")
    assert sum(len(r.text) for r in runs) <= MAX_QUOTE + 1


def test_hostile_texts_are_shown_literally_ping_nobody_and_link_nowhere_but_to_the_article() -> None:
    told = claim(investors=(HOSTILE,), lead_investors=(), round=HOSTILE, amount=Money(HOSTILE, 1, 2, HOSTILE))
    card = render(alert(company=HOSTILE, title=HOSTILE, sentence=HOSTILE, source=HOSTILE, claim=told), Style("en"))
    message = taken(card)
    assert pings(message) == []
    assert set(links(message)) == {"https://news.example/a/1"}
    assert HOSTILE in render_text(message)
    assert "<" not in card.text
    assert "&lt;!channel&gt;" in card.text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "",
        "https://",
        "//x.example",
        "https://[::1",
        "https://x.example/" + "a" * 3000,
        "file:///etc",
    ],
)
def test_an_address_that_is_no_web_address_is_no_link(url: str) -> None:
    message = taken(render(alert(url=url), Style("en")))
    assert links(message) == []
    assert "星河智能完成数千万元A轮融资" in render_text(message)


def test_an_address_cannot_leave_its_link() -> None:
    (link,) = set(links(taken(render(alert(url="https://news.example/文|<!channel>\n> x"), Style("en")))))
    assert link == "https://news.example/%E6%96%87%7C%3C!channel%3E%0A%3E%20x"


def test_characters_that_steer_the_screen_are_left_out() -> None:
    card = render(
        alert(title="a\x1b[2J\u202eb\u200bc\ud800\nd\x00", sentence="x\u2066y\u2028z", marks=((0, 1),)), Style("en")
    )
    assert card.contents[0].title == "a[2Jbc d"
    assert "".join(r.text for r in card.contents[0].quote) == "xy z"
    taken(card)


texts = st.one_of(
    st.text(st.characters(), max_size=400),
    st.sampled_from([HOSTILE, HOSTILE * 400, "融资" * 5000, "𠮷" * 5000, "&" * 5000, "<" * 5000, "", " ", "\n|>"]),
)
numbers = st.one_of(st.none(), st.floats(allow_nan=True))
money = st.one_of(st.none(), st.builds(Money, texts, numbers, numbers, texts))
marks = st.lists(st.tuples(st.integers(-5, 12_000), st.integers(-5, 12_000)), max_size=6).map(tuple)
claims = st.builds(
    Claim,
    company=texts,
    news=st.just(True),
    status=st.sampled_from(Status),
    evidence=st.just(Evidence("", Span("text", 0, 0))),
    rule=texts,
    round=st.one_of(st.none(), texts),
    amount=money,
    valuation=money,
    investors=st.lists(texts, max_size=30).map(tuple),
    lead_investors=st.lists(texts, max_size=30).map(tuple),
)
alerts = st.builds(
    alert,
    company=texts,
    title=texts,
    url=st.one_of(texts, texts.map("https://news.example/{}".format)),
    claim=st.one_of(st.none(), claims),
    verdict=st.sampled_from(Verdict),
    topic=texts,
    sentence=texts,
    marks=marks,
    source=texts,
    published=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    doubtful=st.booleans(),
)


@settings(deadline=None, max_examples=150)
@given(alerts, st.sampled_from(["en", "zh"]))
def test_whatever_an_article_says_its_card_passes_slacks_checks_and_pings_nobody(
    found: Any, language: Language
) -> None:
    card = render(found, Style(language))
    message = taken(card)
    assert pings(message) == []
    assert set(links(message)) <= {card.contents[0].url}


# --- cards of deals that many report


def told_by(number: int, **changes: Any) -> Report:
    found = claim(**changes)
    return Report(
        claim=found, article_id=number, title=HOSTILE, url=f"https://o{number}.example/{'x' * (number % 7) * 90}",
        source=f"{number} {HOSTILE}", home=f"https://o{number}.example/feed", author=HOSTILE, at=START,
        signature=(number,),
    )  # fmt: skip


STATUSES = st.sampled_from(list(Status))
MONEYS = st.none() | st.builds(
    Money,
    st.text(max_size=300),
    st.none() | st.floats(1, 1e15),
    st.none() | st.floats(1, 1e15),
    st.sampled_from(["CNY", "USD", "XTS", HOSTILE]),
)
NAMES = st.lists(st.text(min_size=1, max_size=200) | st.just(HOSTILE), max_size=30).map(tuple)
REPORTS = st.lists(
    st.tuples(STATUSES, MONEYS, MONEYS, NAMES, st.none() | st.text(max_size=40)), min_size=1, max_size=40
).map(
    lambda rows: tuple(
        told_by(
            i, status=row[0], amount=row[1], valuation=row[2], lead_investors=row[3], investors=row[3], round=row[4]
        )
        for i, row in enumerate(rows)
    )
)


@settings(max_examples=60)
@given(REPORTS, st.sampled_from(["zh", "en"]), st.booleans(), st.lists(st.sampled_from(list(Change)), max_size=5))
def test_a_card_of_many_reports_fits_slacks_limits_pings_nobody_and_links_to_them_alone(
    reports: tuple[Report, ...], language: Language, interactive: bool, changes: list[Change]
) -> None:
    style = Style(language, "https://archive.example/x", interactive)
    card = replace(alert(claim=reports[0].claim), reports=reports, deal_id=1)
    follow_up = replace(card, kind=AlertKind.FOLLOW_UP, verdict=Verdict.NEW_FACT, changes=tuple(changes))
    for shown in (card, follow_up, replace(follow_up, thread="C:1")):
        message = taken(render(shown, style))
        assert pings(message) == []
        hosts = {urlsplit(link).hostname or "" for link in links(message)}
        assert all(
            host in ("news.example", "archive.example") or re.fullmatch(r"o\d+\.example", host) for host in hosts
        )
