"""One article into the archive: deals are joined, each channel is told once, and why not is recorded."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.alerting.rules import Routing
from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.archive.articles import Stored
from monitor.archive.deals import DealFilter
from monitor.detection.detector import Detector
from monitor.ingest import Ingest
from monitor.models import Alert, AlertState, Article, Deal, Verdict
from monitor.settings import Company, Route, Topic
from tests.conftest import NOW

COMPANIES = (Company(name="星河智能", aliases=("Galaxy AI",)), Company(name="海豚出行"))
TOPICS = (Topic(name="layoffs", any=("裁员",)),)
ROUTES = (
    Route(channels=("deals",)),
    Route(topics=("funding", "layoffs"), companies=("星河智能",), channels=("galaxy", "deals")),
)
ROUTING = Routing(ROUTES, max_age=timedelta(days=3))
DEAL = Article(
    url="https://one.example/a",
    source="one",
    title="星河智能完成2亿元B轮融资",
    text="星河智能宣布完成B轮融资，金额2亿元，由蓝湖资本领投。",
    published=NOW,
)
Store = Callable[..., None]


@pytest.fixture
def ingest(archive: Archive) -> Ingest:
    return Ingest(archive, Detector(COMPANIES, TOPICS), ROUTING, lambda: NOW)


def alerts(archive: Archive) -> list[Alert]:
    with archive.reading() as tables:
        return tables.alerts.find(AlertFilter())[::-1]


def deals(archive: Archive) -> list[Deal]:
    with archive.reading() as tables:
        return tables.deals.find(DealFilter())


def at(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_each_channel_of_the_routes_that_fit_is_told_once(archive: Archive, ingest: Ingest) -> None:
    assert ingest.store(DEAL).alerts == 2
    assert [(a.channel, a.company, a.verdict, a.state) for a in alerts(archive)] == [
        ("deals", "星河智能", Verdict.NEW_DEAL, AlertState.PENDING),
        ("galaxy", "星河智能", Verdict.NEW_DEAL, AlertState.PENDING),
    ]


def test_reports_of_one_deal_are_joined_and_told_once(archive: Archive, ingest: Ingest) -> None:
    ingest.store(DEAL)
    english = Article(
        url="https://two.example/b",
        source="two",
        title="Galaxy AI raises 200 million yuan in Series B",
        text="Galaxy AI has raised 200 million yuan at a valuation of 2 billion yuan.",
        published=NOW + timedelta(hours=1),
    )
    assert ingest.store(english).alerts == 0
    (deal,) = deals(archive)
    assert (deal.articles, deal.round, deal.valuation and deal.valuation.low) == (2, "B", 2_000_000_000)


def test_another_round_is_another_deal(archive: Archive, ingest: Ingest) -> None:
    ingest.store(DEAL)
    later = replace(DEAL, url="https://one.example/c", title="星河智能完成5亿元C轮融资", text="星河智能完成C轮融资。")
    assert ingest.store(later).alerts == 2
    assert {deal.round for deal in deals(archive)} == {"B", "C"}


def test_the_same_article_again_changes_nothing(archive: Archive, ingest: Ingest) -> None:
    ingest.store(DEAL)
    before = (alerts(archive), deals(archive))
    assert (ingest.store(DEAL).stored, ingest.store(DEAL).alerts) == (Stored.UNCHANGED, 0)
    assert (alerts(archive), deals(archive)) == before


def test_an_edit_keeps_the_alert_and_shows_what_the_article_says_now(archive: Archive, ingest: Ingest) -> None:
    ingest.store(DEAL)
    ingest.store(replace(DEAL, text=DEAL.text + "本轮投后估值20亿元。"))
    (first, _) = alerts(archive)
    assert first.claim is not None
    assert first.claim.valuation is not None
    assert len(alerts(archive)) == 2
    (deal,) = deals(archive)
    assert deal.articles == 1


def test_an_old_article_is_held_back_with_the_reason(archive: Archive, ingest: Ingest) -> None:
    assert ingest.store(replace(DEAL, published=at(10))).alerts == 0
    assert {(a.state, a.verdict) for a in alerts(archive)} == {(AlertState.SUPPRESSED, Verdict.TOO_OLD)}


def test_a_fresh_report_of_a_deal_of_which_nobody_was_told_alerts(archive: Archive, ingest: Ingest) -> None:
    ingest.store(replace(DEAL, published=at(10)))
    fresh = replace(DEAL, url="https://two.example/b", source="two", published=at(1))
    assert ingest.store(fresh).alerts == 2
    assert [(a.state, a.url) for a in alerts(archive)] == [(AlertState.PENDING, fresh.url)] * 2
    assert len(deals(archive)) == 1


def test_an_undated_article_of_a_first_visit_is_held_back(archive: Archive, ingest: Ingest) -> None:
    undated = replace(DEAL, published=None)
    assert ingest.store(undated, baseline=True).alerts == 0
    assert {a.verdict for a in alerts(archive)} == {Verdict.BASELINE}


def test_an_undated_article_later_alerts(archive: Archive, ingest: Ingest) -> None:
    assert ingest.store(replace(DEAL, published=None)).alerts == 2


def test_a_corrected_round_leaves_no_second_deal_and_no_second_alert(archive: Archive, ingest: Ingest) -> None:
    wrong = replace(DEAL, title="星河智能完成A轮融资", text="星河智能宣布完成A轮融资。")
    ingest.store(wrong)
    ingest.store(replace(wrong, title="星河智能完成B轮融资", text="更正：星河智能宣布完成B轮融资。"))
    other = replace(DEAL, url="https://two.example/b", title="星河智能完成B轮融资", text="星河智能宣布完成B轮融资。")
    assert ingest.store(other).alerts == 0
    assert [(deal.round, deal.articles) for deal in deals(archive)] == [("B", 2)]
    assert len(alerts(archive)) == 2


def test_a_new_round_is_told_although_the_article_repeats_one_that_was(archive: Archive, ingest: Ingest) -> None:
    ingest.store(replace(DEAL, title="星河智能完成A轮融资", text="星河智能宣布完成A轮融资。"))
    both = replace(
        DEAL, url="https://two.example/b", title="星河智能完成A轮及B轮融资", text="星河智能完成A轮及B轮融资。"
    )
    assert ingest.store(both).alerts == 2
    assert len(alerts(archive)) == 4


def test_a_date_in_the_future_is_not_believed(archive: Archive, ingest: Ingest) -> None:
    ingest.store(replace(DEAL, published=NOW + timedelta(days=9000)))
    assert ingest.store(replace(DEAL, url="https://two.example/b")).alerts == 0
    assert len(deals(archive)) == 1


def test_an_undated_report_does_not_bring_up_what_was_held_back_as_undated(archive: Archive, ingest: Ingest) -> None:
    ingest.store(replace(DEAL, published=None), baseline=True)
    assert ingest.store(replace(DEAL, url="https://one.example/moved", published=None)).alerts == 0


def test_an_edit_leaves_the_alert_of_a_topic_alone(archive: Archive, ingest: Ingest) -> None:
    article = Article("https://one.example/l", "one", "星河智能裁员三成", "星河智能今日宣布裁员三成。", published=NOW)
    ingest.store(article)
    ingest.store(replace(article, text=f"{article.text}此前，星河智能曾于2023年完成A轮融资。"))
    assert [alert.claim for alert in alerts(archive)] == [None, None]


def test_a_topic_match_tells_the_channels_that_want_it(archive: Archive, ingest: Ingest) -> None:
    ingest.store(
        Article("https://one.example/l", "one", "星河智能裁员三成", "星河智能今日宣布裁员三成。", published=NOW)
    )
    assert [(a.channel, a.topic, a.claim) for a in alerts(archive)] == [
        ("galaxy", "layoffs", None),
        ("deals", "layoffs", None),
    ]


def test_an_article_tells_a_channel_of_a_company_once_the_deal_first(archive: Archive, ingest: Ingest) -> None:
    ingest.store(replace(DEAL, text=DEAL.text + "星河智能同时裁员三成。"))
    assert [(a.channel, a.topic) for a in alerts(archive)] == [("deals", "funding"), ("galaxy", "funding")]


def test_background_is_recorded_but_opens_no_deal(archive: Archive, ingest: Ingest) -> None:
    text = "星河智能今天开源了新模型。此前，星河智能曾于2023年完成A轮融资。"
    stored = ingest.store(Article("https://one.example/m", "one", "星河智能开源新模型", text, published=NOW))
    with archive.reading() as tables:
        claims = tables.deals.claims_of(stored.article_id)
    assert [claim.news for claim in claims] == [False]
    assert (alerts(archive), deals(archive)) == ([], [])


def test_ten_reports_by_four_processes_at_once_are_one_deal_and_one_alert_a_channel(
    archive: Archive, database_url: str
) -> None:
    barrier = threading.Barrier(4)
    failures: list[Exception] = []

    def work(worker: int) -> None:
        own = Archive(database_url)
        ingest = Ingest(own, Detector(COMPANIES, TOPICS), ROUTING, lambda: NOW)
        barrier.wait()
        try:
            for i in range(10):
                ingest.store(replace(DEAL, url=f"https://w{worker}.example/{i % 7}", text=f"{DEAL.text}\n{worker} {i}"))
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)
        own.close()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    (deal,) = deals(archive)
    assert deal.articles == 28
    assert sorted(a.channel for a in alerts(archive)) == ["deals", "galaxy"]
