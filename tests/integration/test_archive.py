"""The archive keeps what it is given, on SQLite and on Postgres."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.archive import Archive
from monitor.archive.articles import Stored
from monitor.archive.deals import DealFilter
from monitor.archive.sources import SourceRow
from monitor.errors import ArchiveError
from monitor.models import (
    Article,
    Claim,
    Deal,
    Entry,
    Evidence,
    Mention,
    Money,
    Span,
    Status,
)
from monitor.polls import Poll, PollOutcome, Validators
from monitor.searching.nodes import All
from tests.conftest import NOW

ARTICLE = Article(
    url="https://news.example/a",
    source="example",
    title="星河智能获投两亿元，老股东跟投",
    text="星河智能今日宣布完成B轮融资。\n本轮金额2亿元，由蓝湖资本领投。\nThe Galaxy team is based in Hangzhou.",
    author="记者 林溪",
    language="zh",
    published=NOW - timedelta(hours=2),
)
CLAIM = Claim(
    company="星河智能",
    news=True,
    status=Status.COMPLETED,
    evidence=Evidence("星河智能今日宣布完成B轮融资。", Span("text", 0, 15), ((0, 4), (8, 14))),
    rule="completes_round",
    round="B",
    amount=Money("2亿元", 200_000_000, 200_000_000, "CNY"),
    investors=("蓝湖资本",),
    lead_investors=("蓝湖资本",),
)


def put(archive: Archive, article: Article = ARTICLE) -> tuple[int, Stored]:
    with archive.writing() as tables:
        return tables.articles.put(article, NOW)


def test_an_article_is_read_back_as_it_was_stored(archive: Archive) -> None:
    article_id, stored = put(archive)
    mention = Mention("星河智能", "星河", Span("title", 0, 2))
    with archive.writing() as tables:
        tables.articles.set_mentions(article_id, [mention])
    with archive.reading() as tables:
        found = tables.articles.get(article_id)
    assert stored is Stored.NEW
    assert found is not None
    assert found.article == ARTICLE
    assert found.mentions == (mention,)
    assert found.fetched == NOW


def test_an_article_is_there_once_for_each_url(archive: Archive) -> None:
    first = put(archive)
    second = put(archive, replace(ARTICLE, source="other"))
    assert first == (second[0], Stored.NEW)
    assert second[1] is Stored.UNCHANGED


def test_an_edit_keeps_the_former_wording_as_a_version(archive: Archive) -> None:
    article_id, _ = put(archive)
    edited = replace(ARTICLE, text="更正：本轮金额为3亿元。")
    assert put(archive, edited) == (article_id, Stored.EDITED)
    with archive.reading() as tables:
        found = tables.articles.get(article_id)
        versions = tables.articles.versions(article_id)
    assert found is not None
    assert (found.version, found.article.text) == (2, edited.text)
    assert [(version, text) for version, _, _, text in versions] == [(1, ARTICLE.text)]


def test_deals_are_read_back_with_their_facts_and_counted_articles(archive: Archive) -> None:
    article_id, _ = put(archive)
    deal = Deal(0, "星河智能", Status.COMPLETED, "B", CLAIM.amount, None, ("蓝湖资本",), ("蓝湖资本",), NOW, NOW)
    with archive.writing() as tables:
        deal_id = tables.deals.open(deal)
        tables.deals.add_claim(article_id, deal_id, CLAIM)
    with archive.reading() as tables:
        assert tables.deals.find(DealFilter(company="星河智能", round="B")) == [replace(deal, id=deal_id)]
        assert tables.deals.find(DealFilter(status="denied")) == []
        assert tables.deals.claims_of(article_id) == [CLAIM]


def test_a_failed_transaction_leaves_nothing(archive: Archive) -> None:
    def interrupted() -> None:
        with archive.writing() as tables:
            tables.articles.put(ARTICLE, NOW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with archive.reading() as tables:
        assert tables.search.find(All()) == []
        assert tables.articles.get(1) is None


def test_two_writers_store_one_article_once(archive: Archive) -> None:
    outcomes = []
    barrier = threading.Barrier(4)

    def write() -> None:
        barrier.wait()
        outcomes.append(put(archive)[1])

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [Stored.NEW, *[Stored.UNCHANGED] * 3]


def entry(name: str, summary: str = "") -> Entry:
    return Entry(url=f"https://news.example/{name}", title=name, summary=summary, published=NOW)


def test_new_and_changed_entries_wait_for_their_page_and_known_ones_do_not(archive: Archive) -> None:
    with archive.writing() as tables:
        assert tables.entries.note("s", [entry("a"), entry("b")], NOW, baseline=True).pending == 2
        tables.entries.done("s", entry("a").url)
        tables.entries.done("s", entry("b").url)
        changed = [entry("a"), entry("b", "edited"), entry("c")]
        assert tables.entries.note("s", changed, NOW, baseline=False).pending == 2
        waiting = tables.entries.pending("s", NOW)
    assert [pending.entry for pending in waiting] == [entry("b", "edited"), entry("c")]


def test_an_article_that_another_source_brought_is_not_fetched_again(archive: Archive) -> None:
    put(archive)
    with archive.writing() as tables:
        assert tables.entries.note("s", [Entry(ARTICLE.url, "t")], NOW, baseline=False).pending == 0
        assert tables.entries.pending("s", NOW) == []


def test_a_page_that_fails_is_tried_again_later_each_time(archive: Archive) -> None:
    at, waits, last = NOW, [], []
    with archive.writing() as tables:
        tables.entries.note("s", [entry("a")], NOW, baseline=False)
        for _ in range(9):
            tables.entries.failed("s", entry("a").url, at)
            wait = next(m for m in range(1, 10_000) if tables.entries.pending("s", at + timedelta(minutes=m)))
            at += timedelta(minutes=wait)
            waits.append(wait)
            last.append(tables.entries.pending("s", at)[0].last_try)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert last == [False] * 8 + [True]


def test_an_entry_that_changes_at_each_poll_is_fetched_ever_less_often(archive: Archive) -> None:
    fetched = 0
    with archive.writing() as tables:
        for poll in range(6 * 24 * 7):  # every ten minutes for a week
            at = NOW + timedelta(minutes=10 * poll)
            tables.entries.note("s", [entry("a", f"read {poll} times")], at, baseline=False)
            for _ in tables.entries.pending("s", at):
                fetched += 1
                tables.entries.done("s", entry("a").url)
    assert 6 <= fetched <= 14


def test_a_source_that_is_read_otherwise_than_before_begins_anew(archive: Archive) -> None:
    with archive.writing() as tables:
        tables.sources.sync([SourceRow("s", "S", "every 600s", "one address")], NOW)
        tables.sources.polled(Poll("s", PollOutcome.NEW, Validators("e"), "hash"), NOW, NOW + timedelta(days=1), [])
        tables.sources.sync([SourceRow("s", "S", "every 600s", "another address")], NOW)
        state = tables.sources.get("s")
        assert tables.sources.due(["s"], NOW) == ["s"]
    assert state is not None
    assert (state.ways, state.last_success_at) == ((), None)


def test_a_failed_poll_keeps_the_validators_of_the_last_good_one(archive: Archive) -> None:
    with archive.writing() as tables:
        tables.sources.sync([SourceRow("s", "S", "every 600s", "d")], NOW)
        good = Poll("s", PollOutcome.NEW, Validators('W/"1"', "yesterday"), "hash")
        tables.sources.polled(good, NOW, NOW + timedelta(minutes=10), [])
        bad = Poll("s", PollOutcome.HTTP_ERROR, error="status 500")
        tables.sources.polled(bad, NOW, NOW + timedelta(minutes=20), [])
        state = tables.sources.get("s")
    assert state is not None
    way = state.way(0)
    assert (way.validators, way.body_hash, state.failures) == (Validators('W/"1"', "yesterday"), "hash", 1)
    assert (state.last_outcome, state.last_error) == (PollOutcome.HTTP_ERROR, "status 500")


def test_a_source_is_due_when_its_time_has_come_or_its_schedule_was_changed(archive: Archive) -> None:
    later = NOW + timedelta(minutes=10)
    with archive.writing() as tables:
        tables.sources.sync([SourceRow("s", "S", "every 600s", "d")], NOW)
        assert tables.sources.due(["s"], NOW) == ["s"]
        tables.sources.polled(Poll("s", PollOutcome.NOT_MODIFIED), NOW, later, [])
        tables.sources.sync([SourceRow("s", "S", "every 600s", "d")], NOW)
        assert tables.sources.due(["s"], NOW) == []
        assert tables.sources.due(["s"], later) == ["s"]
        tables.sources.sync([SourceRow("s", "S", "every 60s", "d")], NOW)
        assert tables.sources.due(["s"], NOW) == ["s"]
        assert tables.sources.due(["other"], later) == []


@pytest.mark.parametrize(
    ("outcome", "wait"), [(PollOutcome.GONE, None), (PollOutcome.HTTP_ERROR, NOW + timedelta(days=7))]
)
def test_a_source_that_is_gone_or_asked_to_wait_is_not_due_for_another_title_or_schedule(
    archive: Archive, outcome: PollOutcome, wait: datetime | None
) -> None:
    with archive.writing() as tables:
        tables.sources.sync([SourceRow("s", "S", "every 600s", "d")], NOW)
        tables.sources.polled(Poll("s", outcome), NOW, wait, [])
        tables.sources.sync([SourceRow("s", "Another", "every 60s", "d")], NOW)
        assert tables.sources.due(["s"], NOW + timedelta(days=6)) == []
        tables.sources.sync([SourceRow("s", "Another", "every 60s", "another address")], NOW)
        assert tables.sources.due(["s"], NOW) == ["s"]


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root:secret@host/db",
        "nonsense",
        "postgresql:secret",
        "sqlite",
        "sqlite:///",
        "postgresql://u:a@secret@h/db",
    ],
)
def test_an_address_that_is_none_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(ArchiveError) as refused:
        Archive(url).upgrade()
    assert "secret" not in str(refused.value)


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(ArchiveError, match=r"127\.0\.0\.1") as refused:
        Archive("postgresql://u:secret@127.0.0.1:1/db?password=secret").upgrade()
    assert "secret" not in str(refused.value)
