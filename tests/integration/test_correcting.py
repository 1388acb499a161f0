"""What people correct, and how later articles and alerts keep to it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from monitor.alerting.content import Style, compose
from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.archive.deals import DealFilter
from monitor.correcting import Correcting, CorrectionError, Fault
from monitor.models import Alert, Deal, Fact, Status, Verdict, Withdrawn
from tests.conftest import NOW, on_sqlite
from tests.fakes.newsroom import A_ROUND, B_ROUND, Newsroom
from tests.fakes.program import Program
from tests.integration.conftest import Publish


@dataclass
class Desk(Newsroom):
    """A newsroom where a person corrects what became of articles."""

    def correct(self, what: str, *arguments: object) -> Deal:
        with self.archive.writing() as tables:
            deal: Deal = getattr(Correcting(tables, "Li Lei", NOW), what)(*arguments)
        return deal

    def deals(self, *, dismissed: bool = False) -> list[Deal]:
        with self.archive.reading() as tables:
            return tables.deals.find(DealFilter(dismissed=dismissed))

    def alerts(self) -> list[Alert]:
        with self.archive.reading() as tables:
            found = [tables.alerts.get(alert.id) for alert in tables.alerts.find(AlertFilter())]
        return [alert for alert in found if alert is not None]

    def send(self) -> list[str]:
        """Deliver what waits; returns the headers of new messages."""
        sent, outbox = [], self.archive.outbox
        while (alert := outbox.lease("deals", NOW + timedelta(days=99), NOW + timedelta(days=100))) is not None:
            outbox.sent(alert, f"m{alert.id}", NOW)
            sent.append(compose(alert, Style()).header)
        return sent

    def edits(self) -> list[str]:
        """What the messages show that are to be edited."""
        shown, outbox = [], self.archive.outbox
        while (stale := outbox.stale("deals", NOW + timedelta(days=99))) is not None:
            content = compose(stale[0], Style())
            shown.append(f"{content.header} {' '.join(fact.value for fact in content.facts)}")
            outbox.edited(stale[0].id, stale[1])
        return shown


@pytest.fixture
def newsroom(archive: Archive) -> Desk:
    return Desk(archive)


def test_a_fact_that_a_person_sets_stands_whatever_articles_say(newsroom: Desk) -> None:
    newsroom.tell(B_ROUND)
    newsroom.send()
    deal = newsroom.correct("edit", 1, Fact.AMOUNT, "3亿元")
    assert (deal.amount and deal.amount.low, deal.corrected) == (3e8, (Fact.AMOUNT,))
    assert any("3亿元" in shown for shown in newsroom.edits())
    newsroom.tell("星河智能完成2.8亿元B轮融资，红杉中国跟投", days=0.5)
    (deal,) = newsroom.deals()
    assert deal.amount is not None
    assert deal.amount.low == 3e8
    assert "红杉中国" in deal.investors
    assert newsroom.send() == []  # an amount that a person has set is no news


def test_a_fact_can_be_what_the_articles_say_again(newsroom: Desk) -> None:
    newsroom.tell(B_ROUND)
    assert newsroom.correct("edit", 1, Fact.ROUND, "").round is None
    assert newsroom.correct("edit", 1, Fact.STATUS, "否认").status is Status.DENIED
    assert newsroom.correct("edit", 1, Fact.LEAD_INVESTORS, "红杉、IDG").lead_investors == ("红杉", "IDG")
    newsroom.correct("edit", 1, Fact.STATUS, None)
    newsroom.correct("edit", 1, Fact.LEAD_INVESTORS, None)
    deal = newsroom.correct("edit", 1, Fact.ROUND, None)
    assert (deal.round, deal.status, deal.lead_investors, deal.corrected) == ("B", Status.COMPLETED, ("蓝湖资本",), ())


def test_grouping_goes_by_what_a_person_has_set(newsroom: Desk) -> None:
    newsroom.tell(B_ROUND)
    newsroom.correct("edit", 1, Fact.ROUND, "C轮")
    newsroom.tell("星河智能完成2亿元C轮融资", days=1)
    assert [(deal.id, deal.round, deal.articles) for deal in newsroom.deals()] == [(1, "C", 2)]


def test_merged_deals_are_one_for_later_articles_too(newsroom: Desk) -> None:
    newsroom.tell(A_ROUND)
    newsroom.tell(B_ROUND)
    newsroom.send()
    assert len(newsroom.deals()) == 2
    deal = newsroom.correct("merge", 1, 2)
    assert (deal.id, deal.articles) == (1, 2)
    withdrawn = {alert.deal_id: alert.withdrawn for alert in newsroom.alerts()}
    assert withdrawn == {1: None, 2: Withdrawn.MERGED}
    assert "星河智能 · Same deal as another alert" in " ".join(newsroom.edits())
    newsroom.tell("星河智能获2亿元B轮融资", days=2)
    newsroom.tell("星河智能获1亿元A轮融资", days=3)
    assert [(found.id, found.articles) for found in newsroom.deals()] == [(1, 4)]
    assert all("完成" not in header for header in newsroom.send())
    assert len([alert for alert in newsroom.alerts() if alert.kind == "card"]) == 2


def test_a_channel_that_heard_of_one_of_two_is_not_told_again(newsroom: Desk) -> None:
    newsroom.tell(A_ROUND, days=-30)
    newsroom.tell(B_ROUND)
    newsroom.send()
    with newsroom.archive.writing() as tables:
        first = tables.alerts.find(AlertFilter(deal_id=1))
    newsroom.correct("merge", 1, 2)
    assert {alert.deal_id for alert in newsroom.alerts()} == ({1} if not first else {1, 2})
    newsroom.tell("星河智能获2亿元B轮融资", days=2)
    assert newsroom.send() == []


def test_a_deal_can_be_split_and_an_article_that_is_read_again_stays(newsroom: Desk) -> None:
    newsroom.tell("星河智能完成2亿元融资")
    other = newsroom.tell("星河智能完成2亿元融资，用于海外", url="https://other.example/a", days=1)
    newsroom.send()
    new = newsroom.correct("split", 1, [other])
    assert sorted((deal.id, deal.articles) for deal in newsroom.deals()) == [(1, 1), (new.id, 1)]
    newsroom.tell("星河智能完成2亿元融资，用于海外市场", url="https://other.example/a", days=1)
    newsroom.tell("星河智能完成2亿元融资（更新）", url="https://news.example/1", days=1)
    with newsroom.archive.reading() as tables:
        told = {
            number: [r.article_id for r in reports] for number, reports in tables.deals.reports([1, new.id]).items()
        }
    assert told == {1: [1], new.id: [other]}


def test_the_alert_of_an_article_goes_with_it(newsroom: Desk) -> None:
    first = newsroom.tell("星河智能完成2亿元融资")
    newsroom.tell("星河智能获2亿元融资", days=0.1)
    new = newsroom.correct("split", 1, [first])
    assert [(alert.article_id, alert.deal_id) for alert in newsroom.alerts()] == [(first, new.id)]


def test_what_is_no_deal_is_listed_and_told_no_more(newsroom: Desk) -> None:
    newsroom.tell(B_ROUND)
    newsroom.send()
    newsroom.correct("dismiss", 1)
    assert newsroom.edits()[0].startswith("星河智能 · Marked as no deal")
    newsroom.tell("星河智能获2亿元B轮融资，红杉中国跟投", days=1)
    assert newsroom.deals() == []
    assert [deal.articles for deal in newsroom.deals(dismissed=True)] == [2]
    assert newsroom.send() == []
    newsroom.correct("restore", 1)
    assert [deal.id for deal in newsroom.deals()] == [1]
    assert newsroom.edits()[0].startswith("星河智能 · Funding round completed")


def test_what_waits_about_no_deal_is_not_sent(newsroom: Desk) -> None:
    newsroom.tell(B_ROUND)
    newsroom.correct("dismiss", 1)
    assert newsroom.send() == []
    assert [alert.verdict for alert in newsroom.alerts()] == [Verdict.DISMISSED]


def test_who_corrected_what_and_when_is_kept(newsroom: Desk) -> None:
    newsroom.tell(A_ROUND)
    newsroom.tell(B_ROUND)
    newsroom.correct("edit", 1, Fact.AMOUNT, "1.2亿元")
    newsroom.correct("merge", 2, 1)
    with newsroom.archive.reading() as tables:
        made = tables.corrections.of(1)
    assert [(one.kind, one.person, one.at, one.detail) for one in made] == [
        ("edit", "Li Lei", NOW, "amount: 1.2亿元"),
        ("merge", "Li Lei", NOW, "1 → 2"),
    ]


@pytest.mark.parametrize(
    ("what", "arguments", "fault"),
    [
        ("merge", (1, 1), Fault.SAME),
        ("merge", (1, 99), Fault.NO_DEAL),
        ("dismiss", (2**70,), Fault.NO_DEAL),
        ("split", (1, [1]), Fault.ALL_ARTICLES),
        ("split", (1, []), Fault.NO_ARTICLES),
        ("split", (1, [77]), Fault.NO_ARTICLES),
        ("edit", (1, Fact.AMOUNT, "much"), Fault.NO_MONEY),
        ("edit", (1, Fact.ROUND, "ZZ"), Fault.NO_ROUND),
        ("edit", (1, Fact.STATUS, "maybe"), Fault.NO_STATUS),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    newsroom: Desk, what: str, arguments: tuple[object, ...], fault: Fault
) -> None:
    newsroom.tell(B_ROUND)
    before = newsroom.deals()
    with pytest.raises(CorrectionError) as refused:
        newsroom.correct(what, *arguments)
    assert newsroom.deals() == before
    assert str(refused.value) == refused.value.told("en") != refused.value.told("zh")
    assert refused.value.fault is fault


def test_a_merged_deal_is_known_by_its_new_number(newsroom: Desk) -> None:
    newsroom.tell(A_ROUND)
    newsroom.tell(B_ROUND)
    newsroom.correct("merge", 2, 1)
    with pytest.raises(CorrectionError, match="deal 1 is part of deal 2"):
        newsroom.correct("dismiss", 1)


@on_sqlite
def test_the_command_line_corrects_and_shows(program: Program, publish: Publish) -> None:
    publish("deal", B_ROUND, f"{B_ROUND}。")
    publish("other", A_ROUND, f"{A_ROUND}。")
    assert program.run("crawl").returncode == 0
    rounds = {deal["round"]: deal["id"] for deal in program.ask("deals")}
    assert program.run("deals", "edit", str(rounds["B"]), "amount", "2.5亿元", "--by", "Han").returncode == 0
    shown = program.ask("deals", "show", str(rounds["B"]))
    assert shown["deal"]["amount"] == "2.5亿元"
    assert shown["deal"]["corrected"] == ["amount"]
    assert shown["reports"][0]["claim"]["amount"]["low"] == 2e8
    assert [one["person"] for one in shown["corrections"]] == ["Han"]
    assert program.run("deals", "merge", str(rounds["A"]), str(rounds["B"])).returncode == 0
    assert [deal["id"] for deal in program.ask("deals")] == [rounds["A"]]
    assert program.run("deals", "dismiss", str(rounds["A"])).returncode == 0
    assert program.ask("deals") == []
    assert [deal["id"] for deal in program.ask("deals", "--dismissed")] == [rounds["A"]]
    assert program.run("deals", "restore", str(rounds["A"])).returncode == 0
    failed = program.run("deals", "dismiss", "77")
    assert failed.returncode == 1
    assert "there is no deal 77" in failed.stderr
