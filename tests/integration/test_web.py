"""The archive in a browser: what each page shows, and what its forms do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.archive.deals import DealFilter
from monitor.config import Config, load
from monitor.models import Opinion
from tests.fakes.newsroom import B_ROUND, Newsroom
from tests.fakes.visitor import Visitor, looking

CONFIG = """
companies: [{name: 星河智能, aliases: [Galaxy AI]}, {name: 砺原机器人}, {name: 没有消息}]
sources: [{name: one, title: 一号, url: "https://one.example/feed"}]
channels: [{name: deals, type: console}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "monitor.yaml").write_text(CONFIG, encoding="utf-8")
    return load(tmp_path / "monitor.yaml")


@pytest.fixture
def visitor(archive: Archive, config: Config) -> Iterator[Visitor]:
    Newsroom(archive).usual()
    with looking(archive, config=config) as visitor:
        yield visitor


def test_deals_are_listed_and_filtered_and_shown_on_a_timeline(visitor: Visitor) -> None:
    page = visitor.get("/").text
    assert page.index('href="/deals/2"') < page.index('href="/deals/1"')
    assert "led by 蓝湖资本; 红杉中国" in " ".join(page.split())
    assert "2亿元" in page
    assert "数千万元" not in visitor.get("/?company=Galaxy AI").text
    assert "2亿元" not in visitor.get("/?status=in_talks").text
    assert "1亿元" not in visitor.get("/?after=2026-02-01&min_usd=20000000").text
    timeline = visitor.get("/?view=timeline").text
    assert timeline.index('id="month-2026-03"') < timeline.index('id="month-2026-01"')


@pytest.mark.parametrize("query", ["after=tomorrow", "status=maybe", "min_usd=much", "cursor=x", "before=2026-13-01"])
def test_a_filter_that_is_not_understood_is_told(visitor: Visitor, query: str) -> None:
    answer = visitor.get(f"/?{query}")
    assert answer.status == 400
    assert "The filter is not understood" in answer.text


def test_a_long_list_goes_on_page_by_page(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    for number in range(55):
        newsroom.tell(f"砺原机器人完成{2 ** (number % 40)}亿元A轮融资", days=-50 * number)
    with archive.reading() as tables:
        everything = [deal.id for deal in tables.deals.walk(DealFilter())]
    assert len(everything) > 50
    with looking(archive) as visitor:
        first = visitor.get("/").text
        following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        second = visitor.get(f"/{following}").text
    shown = [number for page in (first, second) for number in everything if f'href="/deals/{number}"' in page]
    assert shown == everything


def test_a_deal_shows_who_says_what_and_its_alerts(visitor: Visitor) -> None:
    page = visitor.get("/deals/2").text
    assert "<mark>" in page
    assert 'href="/articles/2"' in page
    assert 'href="/articles/3"' in page
    assert "deals: sent, first report of the deal" in page
    assert "2 independent sources" in page


def test_a_company_has_its_rounds_amounts_and_articles(visitor: Visitor) -> None:
    page = visitor.get("/companies/星河智能").text
    assert "Series A" in page
    assert "27,800,000" in page  # in the table under the chart
    assert 'href="/articles/5"' in page
    assert visitor.get("/companies/Galaxy AI").status == 303
    assert visitor.get("/companies/没有消息").status == 200
    assert visitor.get("/companies/没有公司").status == 404
    listed = visitor.get("/companies").text
    assert listed.index("星河智能") < listed.index("没有消息")
    assert "星河智能" not in visitor.get("/companies?name=砺原").text


def test_an_article_has_its_evidence_marked_and_its_versions(visitor: Visitor) -> None:
    page = visitor.get("/articles/2").text
    assert '<mark class="evidence" id="evidence-1">' in page
    assert 'href="/deals/2"' in page
    assert 'href="/articles/3"' in page  # who else reports it
    assert 'href="https://one.example/2"' in page
    edited = visitor.get("/articles/6").text
    assert "<del>旧的正文。</del>" in edited
    assert "<ins>新的正文。</ins>" in edited
    assert "Version 1" in edited


def test_nothing_of_an_article_is_markup(visitor: Visitor, archive: Archive) -> None:
    odd = '"><script>alert(2)</script>'
    Newsroom(archive, number=100).tell(f"{odd}星河智能完成9亿元D轮融资", source="b", url="https://b.example/'\"><i>")
    for path in ("/", "/articles/5", "/search?q=alert", "/companies/星河智能", "/alerts", "/articles/7", "/deals/5"):
        page = visitor.get(path).text
        assert "<script>" not in page
        assert "<img" not in page
        assert "<i>" not in page


def test_search_finds_marks_counts_and_explains(visitor: Visitor) -> None:
    page = visitor.get("/search?q=人工智能").text
    assert "<mark>人工智能</mark>" in page
    assert "1 articles" in page
    assert "星河智能" in page.split("By company")[1]
    assert "Nothing found" in visitor.get("/search?q=没有这个").text
    fault = visitor.get("/search?q=融资 amount>x").text
    assert "<code>融资 <mark>amount&gt;x</mark></code>" in fault
    assert "<mark>amount&gt;x</mark>" in visitor.get("/search?q=融资 amount>x&language=zh").text
    assert visitor.get('/search?q=company:"Galaxy AI"').text.count('<li><a href="/articles/') == 4


def test_a_search_can_be_saved_and_forgotten(visitor: Visitor) -> None:
    page = "/search?q=人工智能"
    assert visitor.send("/search/saved", page, name="AI <news>", q="人工智能").status == 303
    shown = visitor.get("/search").text
    assert "AI &lt;news&gt;" in shown
    assert "/feeds/saved/AI%20%3Cnews%3E.atom" in shown
    assert visitor.send("/search/saved", page, name="bad", q="amount>x").status == 400
    assert visitor.send("/search/saved", page, name="a/b", q="x").status == 400
    visitor.send("/search/saved", page, name="AI <news>", q="", forget="1")
    assert "AI &lt;news&gt;" not in visitor.get("/search").text


def test_figures_are_drawn_and_told_in_tables(visitor: Visitor) -> None:
    page = visitor.get("/figures?after=2025-12-01").text
    assert "6 articles, 4 deals" in page
    for title in ("Raised by month", "Deals by round", "Articles a day", "Minutes from publication to alert"):
        assert title in page
    assert page.count("data-chart=") == 4
    assert "4.0 minutes at the median" in page
    assert "2026-02" in page  # a month without deals is there too
    assert visitor.get("/figures?after=soon").status == 400


def test_alerts_have_their_state_and_reason_and_take_feedback(visitor: Visitor, archive: Archive) -> None:
    page = visitor.get("/alerts").text
    assert "first report of the deal" in page
    assert "older than alerts go back" in page
    assert "older than alerts go back" not in visitor.get("/alerts?state=sent").text
    assert "not sent" in page
    assert visitor.get("/alerts?state=lost").status == 400
    with archive.reading() as tables:
        (alert,) = [alert for alert in tables.alerts.find(AlertFilter(deal_id=2)) if alert.kind == "card"]
    answer = visitor.send(f"/alerts/{alert.id}/feedback?state=sent", "/alerts", opinion="relevant")
    assert (answer.status, answer.headers["location"]) == (303, f"/alerts?state=sent#alert-{alert.id}")
    assert "Relevant 1" in visitor.get("/alerts").text
    with archive.reading() as tables:
        assert tables.feedback.counts([alert.id]) == {alert.id: {Opinion.RELEVANT: 1}}
    feedback = visitor.get("/feedback").text
    assert "100%" in feedback
    assert "one" in feedback
    assert visitor.send("/alerts/1/feedback", "/alerts", opinion="nice").status == 400
    assert visitor.send("/alerts/99/feedback", "/alerts", opinion="relevant").status == 404


def test_sources_have_their_health(visitor: Visitor) -> None:
    page = visitor.get("/sources").text
    assert "一号" in page
    assert "not visited yet" in page


def test_a_person_corrects_a_deal_in_the_browser(visitor: Visitor, archive: Archive) -> None:
    path, page = "/deals/2/correct", "/deals/2"
    fields = {"person": "Han Meimei", "what": "edit"}
    assert visitor.send(path, page, **fields, fact="amount", value="3亿元").status == 303
    shown = visitor.get(page).text
    assert "set by hand" in shown
    assert "Han Meimei: set Amount: 3亿元" in shown
    assert 'value="Han Meimei"' in shown  # the name is known the next time
    refused = visitor.send(path, page, **fields, fact="amount", value="much")
    assert refused.status == 400
    assert "&#39;much&#39; is no amount" in refused.text
    assert visitor.send(path, page, **(fields | {"person": ""}), fact="round", value="C").status == 400
    split = visitor.send(path, page, person="Li", what="split", article=["3"])
    new = split.headers["location"]
    assert new != page
    assert visitor.send(path, page, person="Li", what="merge", other=new.rpartition("/")[2]).headers["location"] == page
    assert visitor.get(new).headers["location"] == page
    visitor.send(path, page, person="Li", what="dismiss")
    assert 'href="/deals/2"' not in visitor.get("/").text
    assert 'href="/deals/2"' in visitor.get("/?dismissed=1").text
    visitor.send(path, page, person="Li", what="restore")
    with archive.reading() as tables:
        kinds = [made.kind for made in tables.corrections.of(2)]
    assert kinds == ["edit", "split", "merge", "dismiss", "restore"]
    assert visitor.send(path, page, person="Li", what="eat").status == 400


def test_pages_speak_the_language_of_the_browser_or_the_one_chosen(visitor: Visitor) -> None:
    assert '<html lang="en">' in visitor.get("/").text
    chinese = visitor.get("/", Accept_Language="zh-CN,zh;q=0.9,en;q=0.8").text
    assert '<html lang="zh-CN">' in chinese
    assert "完成融资" in chinese
    assert visitor.get("/?language=zh").headers["set-cookie"].startswith("monitor_language=zh")
    assert '<html lang="zh-CN">' in visitor.get("/companies").text


def test_what_takes_too_long_is_ended_and_told(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.web.pages.companies.SECONDS", 1e-9)
    answer = visitor.get("/companies/星河智能")
    assert answer.status == 503
    assert answer.headers["retry-after"] == "30"


@pytest.mark.parametrize("path", ["/deals/99", "/deals/99999999999999999999", "/articles/99999999999999999999", "/x"])
def test_what_is_not_there_is_not_found(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status == 404


def test_a_deal_with_its_first_report(visitor: Visitor) -> None:
    assert B_ROUND in visitor.get("/deals/2").text
