from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting.rules import Mutes, Occasion, Routing, Subject, decide
from monitor.models import AlertDraft, Claim, Evidence, Money, Span, Status, Verdict
from monitor.settings import Route

NOW = datetime(2024, 6, 7, 8, 0, tzinfo=UTC)
EVIDENCE = Evidence("Acme raises $5M.", Span("text", 0, 16))


def deal(number: int = 1, company: str = "Acme") -> Subject:
    claim = Claim(company, news=True, status=Status.COMPLETED, evidence=EVIDENCE, rule="r")
    return Subject(f"deal:{number}", company, "funding", EVIDENCE, claim)


def match(topic: str = "chips", company: str = "Acme", article: int = 7) -> Subject:
    return Subject(f"topic:{topic}:{company}:{article}", company, topic, EVIDENCE)


def route(*channels: str, topics: tuple[str, ...] = ("funding",), companies: tuple[str, ...] = ()) -> Route:
    return Route(channels=channels, topics=topics, companies=companies)


def decided(
    subjects: Sequence[Subject],
    *routes: Route,
    published: datetime | None = NOW,
    max_age: timedelta | None = timedelta(days=3),
    baseline: bool = False,
) -> tuple[AlertDraft, ...]:
    occasion = Occasion(published, NOW, baseline=baseline)
    return decide(subjects, Routing(routes, max_age=max_age), occasion)


def test_a_deal_goes_to_the_channels_of_every_route_that_takes_its_topic_and_company() -> None:
    drafts = decided(
        [deal()],
        route("all"),
        route("acme", companies=("Acme",)),
        route("others", companies=("Globex",)),
        route("chips", topics=("chips",)),
    )
    assert [d.channel for d in drafts] == ["all", "acme"]
    assert {d.verdict for d in drafts} == {Verdict.NEW_DEAL}
    assert all(d.wanted and d.subject == "deal:1" and d.claim for d in drafts)


def test_a_channel_named_by_two_routes_hears_of_a_subject_once() -> None:
    assert len(decided([deal()], route("a", "b"), route("b", "a"))) == 2


def test_a_deal_goes_before_the_topic_matches_of_the_same_company_and_article() -> None:
    drafts = decided([match(), deal()], route("a", topics=("funding", "chips")))
    assert [d.verdict for d in drafts] == [Verdict.NEW_DEAL, Verdict.TOPIC_MATCH]


def test_topic_matches_go_in_the_order_in_which_they_were_found() -> None:
    drafts = decided([match("cloud"), match("chips")], route("a", topics=("chips", "cloud")))
    assert [d.topic for d in drafts] == ["cloud", "chips"]


def test_an_article_about_two_companies_tells_of_both() -> None:
    drafts = decided(
        [deal(1, "Acme"), deal(2, "Globex"), match(company="Initech")], route("a", topics=("funding", "chips"))
    )
    assert [d.company for d in drafts] == ["Acme", "Globex", "Initech"]


def test_a_channel_that_does_not_take_the_deal_still_hears_of_the_topic() -> None:
    drafts = decided([deal(), match()], route("deals"), route("chips", topics=("chips",)))
    assert [(d.channel, d.topic) for d in drafts] == [("deals", "funding"), ("chips", "chips")]


@pytest.mark.parametrize(
    ("published", "baseline", "verdict"),
    [
        (NOW - timedelta(days=3), False, Verdict.NEW_DEAL),
        (NOW - timedelta(days=3, seconds=1), False, Verdict.TOO_OLD),
        (NOW - timedelta(days=3, seconds=1), True, Verdict.TOO_OLD),
        (NOW - timedelta(hours=1), True, Verdict.NEW_DEAL),
        (NOW + timedelta(hours=1), False, Verdict.NEW_DEAL),
        (None, False, Verdict.NEW_DEAL),
        (None, True, Verdict.BASELINE),
    ],
)
def test_old_articles_and_undated_ones_of_a_first_visit_are_held_back_with_the_reason(
    published: datetime | None, baseline: bool, verdict: Verdict
) -> None:
    (draft,) = decided([deal()], route("a"), published=published, baseline=baseline)
    assert draft.verdict is verdict
    assert draft.wanted == (verdict is Verdict.NEW_DEAL)


@pytest.mark.parametrize("published", [None, datetime(2001, 1, 1, tzinfo=UTC)])
def test_nothing_is_held_back_when_old_articles_were_asked_for(published: datetime | None) -> None:
    (draft,) = decided([deal()], route("a"), published=published, max_age=None, baseline=True)
    assert draft.wanted


names = st.sampled_from(["a", "b", "c"])
topics = st.sampled_from(["funding", "chips", "cloud"])
subjects = st.lists(st.one_of(st.builds(deal, st.integers(1, 3), names), st.builds(match, topics, names)), max_size=8)
routes = st.lists(
    st.builds(
        lambda ch, to, co: route(*ch, topics=tuple(to), companies=tuple(co)),
        st.lists(names, min_size=1, max_size=3),
        st.lists(topics, max_size=3),
        st.lists(names, max_size=2),
    ),
    max_size=4,
)


@given(subjects, routes)
def test_every_subject_goes_to_the_channels_of_its_routes_and_to_no_others(
    found: list[Subject], rules: list[Route]
) -> None:
    drafts = decided(found, *rules)
    expected = {
        (channel, subject.key)
        for subject in found
        for rule in rules
        if subject.topic in rule.topics and (not rule.companies or subject.company in rule.companies)
        for channel in rule.channels
    }
    assert {(d.channel, d.subject) for d in drafts} == expected


# --- conditions of routes


def rule(*channels: str, **conditions: Any) -> Route:
    return Route.model_validate({"channels": channels, **conditions})


def told(**facts: Any) -> Subject:
    claim = Claim("Acme", **{"news": True, "status": Status.COMPLETED, "evidence": EVIDENCE, "rule": "r", **facts})
    return Subject("deal:1", "Acme", "funding", EVIDENCE, claim, deal_id=1, known=claim)


def channels(subject: Subject, routing: Routing) -> list[str]:
    return [draft.channel for draft in decide([subject], routing, Occasion(NOW, NOW, "36kr", "zh"))]


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"status": ("completed",)}, True),
        ({"status": ("in_talks", "denied")}, False),
        ({"rounds": ("A", "B")}, True),
        ({"rounds": ("seed",)}, False),
        ({"languages": ("zh",)}, True),
        ({"languages": ("en",)}, False),
        ({"sources": ("36kr", "huxiu")}, True),
        ({"sources": ("techcrunch",)}, False),
        ({"min_usd": 10_000_000}, True),
        ({"min_usd": 10_000_001}, False),
        ({"groups": ("robots",)}, True),
        ({"groups": ("chips",)}, False),
        ({"groups": ("chips",), "companies": ("Acme",)}, True),
        ({"roles": ("investor",)}, False),
        ({"status": ("completed",), "rounds": ("C",)}, False),
    ],
)
def test_every_condition_of_a_route_must_hold(conditions: dict[str, Any], fits: bool) -> None:
    subject = told(round="B", amount=Money("$10M", 1e7, 1e7, "USD"))
    routing = Routing((rule("a", **conditions),), groups={"robots": {"Acme"}, "chips": {"Globex"}})
    assert channels(subject, routing) == (["a"] if fits else [])


def test_what_an_earlier_report_said_counts_for_a_later_one() -> None:
    later = replace(told(), known=told(amount=Money("$10M", 1e7, 1e7, "USD"), round="B").claim)
    assert channels(later, Routing((rule("a", min_usd=10_000_000, rounds=("B",)),))) == ["a"]


def test_of_all_routes_that_fit_the_first_counts_alone_if_so_configured() -> None:
    routes = (rule("seed", rounds=("seed",)), rule("b", rounds=("B",)), rule("all"))
    subject = told(round="B")
    assert channels(subject, Routing(routes)) == ["b", "all"]
    assert channels(subject, Routing(routes, match="first")) == ["b"]


def test_what_no_route_takes_goes_to_the_default_if_the_company_is_watched() -> None:
    routing = Routing((rule("seed", rounds=("seed",)),), default=("rest",))
    assert channels(told(round="B"), routing) == ["rest"]
    assert channels(told(round="seed"), routing) == ["seed"]
    assert channels(told(round="B", watched=False), routing) == []


def test_a_topic_has_neither_amount_nor_status_nor_round() -> None:
    topics = ("chips",)
    for conditions in ({"min_usd": 1}, {"status": ("completed",)}, {"rounds": ("A",)}):
        assert channels(match(), Routing((rule("a", topics=topics, **conditions),))) == []
    assert channels(match(), Routing((rule("a", topics=topics),))) == ["a"]


def test_a_channel_that_muted_the_company_or_the_deal_is_told_nothing_and_why_is_recorded() -> None:
    routing = Routing((rule("a", "b"),))
    for mutes in (Mutes(companies={("a", "Acme")}), Mutes(deals={("a", 1)})):
        drafts = decide([told()], routing, Occasion(NOW, NOW), mutes)
        assert [(d.channel, d.verdict, d.wanted) for d in drafts] == [
            ("a", Verdict.MUTED, False),
            ("b", Verdict.NEW_DEAL, True),
        ]
