from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting.rules import Occasion, Routing, Subject, decide
from monitor.models import AlertDraft, Claim, Evidence, Span, Status, Verdict
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
