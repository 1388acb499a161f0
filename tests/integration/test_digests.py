"""What is held back: digests, quiet hours, limits an hour; what the operator hears when nothing can be delivered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.alerting.content import Style
from monitor.alerting.delivery import ChannelClient, Delivered
from monitor.alerting.operations import tell_notices, watch_delivery
from monitor.alerting.slack import SlackBot, SlackWebhook
from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.errors import DeliveryError
from monitor.models import Alert, AlertKind, AlertState, Claim, Hold, Money
from tests.fakes.archived import ArchivedOutbox, drain
from tests.fakes.outbox import START, Clock, Recorder, alert
from tests.fakes.slack import FakeSlack, links, pings, render_text

HOSTILE = "<!channel> <@U1> <https://evil.example|bank> @here & *b* https://evil.example " * 60


def held(hold: Hold = Hold.DIGEST, *, hours: float = 1, company: str = "星河智能", **more: object) -> Alert:
    return replace(alert(company=company, **more), held=hold, due=START + timedelta(hours=hours))  # type: ignore[arg-type]


def by_state(outbox: ArchivedOutbox, kind: AlertKind = AlertKind.CARD) -> dict[str, int]:
    with outbox.archive.reading() as tables:
        found = [a.state.value for a in tables.alerts.find(AlertFilter(), 500) if a.kind is kind]
    return {state: found.count(state) for state in found}


def test_nothing_of_a_digest_is_sent_before_its_time_and_then_all_in_one_message(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    for company in ("星河智能", "海豚出行", "星河智能"):
        outbox.put(held(company=company))
    assert drain(outbox, bot, clock, 5) == Delivered()
    clock.advance(hours=1)
    assert drain(outbox, bot, clock, 5) == Delivered(sent=1)
    (message,) = slack.messages
    heads = [line for line in render_text(message).splitlines() if line.startswith("*")]
    assert [head.split(" ·")[0] for head in heads] == ["*星河智能", "*星河智能", "*海豚出行"]
    assert render_text(message).startswith("# Digest: 3")
    assert by_state(outbox) == {"sent": 3}


def test_sixty_hostile_deals_in_a_digest_fit_slacks_limits_and_none_is_dropped(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    for number in range(60):
        found = alert().claim
        assert found is not None
        claim = replace(
            found, round=HOSTILE, amount=Money(HOSTILE, 1e9, 2e9, "CNY"), investors=(HOSTILE,) * 20, lead_investors=()
        )
        outbox.put(
            held(
                company=f"C{number % 7} {HOSTILE}"[:200],
                title=f"title {number}. {HOSTILE}",
                sentence=HOSTILE,
                source=HOSTILE,
                claim=claim,
                url=f"https://news.example/{number}?{'x' * 1500}",
            )
        )
    clock.advance(hours=1)
    assert drain(outbox, bot, clock, 30) == Delivered(sent=6)
    told = "\n".join(render_text(message) for message in slack.messages)
    assert sum(f"title {number}. " in told for number in range(60)) == 60
    assert [pings(message) for message in slack.messages] == [[]] * 6
    assert {link for message in slack.messages for link in links(message) if "news.example" not in link} == set()
    assert render_text(slack.messages[0]).splitlines()[0] == "# Digest: 10 (1/6)"
    assert by_state(outbox) == {"sent": 60}


def test_a_digest_whose_answer_was_lost_is_found_and_not_sent_again(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    outbox.put(held())
    outbox.put(held())
    clock.advance(hours=1)
    slack.drop_answer_next("chat.postMessage")
    assert drain(outbox, bot, clock, 60) == Delivered(retried=1, found=1)
    assert len(slack.messages) == 1
    assert by_state(outbox) == {"sent": 2}


def test_a_digest_that_is_refused_is_a_dead_letter_with_its_alerts_and_can_be_sent_again(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    first, second = outbox.put(held()), outbox.put(held())
    clock.advance(hours=1)
    slack.fail_next("is_archived", method="chat.postMessage")
    assert drain(outbox, bot, clock, 3) == Delivered(dead=1)
    assert by_state(outbox) == {"dead": 2}
    assert "is_archived" in (outbox.get(first).error or "")
    with outbox.archive.writing() as tables:
        assert tables.queue.revive(clock(), second) == 1  # by itself
    drain(outbox, bot, clock, 3)
    assert render_text(slack.messages[0]).startswith("# 星河智能")
    with outbox.archive.writing() as tables:
        assert tables.queue.revive(clock()) == 1  # the digest, with what is left of it
    drain(outbox, bot, clock, 3)
    assert render_text(slack.messages[1]).startswith("# Digest: 1")
    assert by_state(outbox) == {"sent": 2}


def test_through_a_webhook_a_doubtful_digest_is_sent_again_and_marked(
    outbox: ArchivedOutbox, slack: FakeSlack, clock: Clock
) -> None:
    outbox.put(held())
    clock.advance(hours=1)
    slack.drop_answer_next()
    drain(outbox, {"deals": SlackWebhook(slack.webhook)}, clock, 60)
    assert ["Possibly a repeat" in render_text(m) for m in slack.messages] == [False, True]


def test_after_quiet_hours_one_alert_comes_as_it_is_and_several_as_a_digest(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    outbox.put(held(Hold.QUIET))
    outbox.put(held(Hold.QUIET, hours=10))
    outbox.put(held(Hold.QUIET, hours=10))
    clock.advance(hours=1)
    drain(outbox, bot, clock, 3)
    assert render_text(slack.messages[0]).startswith("# 星河智能 · Funding round completed")
    clock.advance(hours=9)
    drain(outbox, bot, clock, 3)
    assert render_text(slack.messages[1]).startswith("# Digest: 2")


def test_what_breaks_through_goes_before_what_waits(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    outbox.put(held(Hold.QUIET))
    outbox.put(alert(company="海豚出行"))
    drain(outbox, bot, clock, 3)
    assert [render_text(m).splitlines()[0] for m in slack.messages] == ["# 海豚出行 · Funding round completed"]


def test_over_the_limit_of_an_hour_alerts_wait_and_come_in_one_digest(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    for _ in range(9):
        outbox.put(alert())
    drain(outbox, bot, clock, 60, per_hour={"deals": 3})
    assert len(slack.messages) == 3
    outbox.put(alert())
    drain(outbox, bot, clock, 60, per_hour={"deals": 3})
    assert len(slack.messages) == 3
    clock.advance(hours=1)
    drain(outbox, bot, clock, 60, per_hour={"deals": 3})
    assert render_text(slack.messages[3]).startswith("# Digest: 7")
    assert by_state(outbox) == {"sent": 10}
    outbox.put(alert())
    drain(outbox, bot, clock, 5, per_hour={"deals": 3})
    assert len(slack.messages) == 5


def test_an_alert_that_may_have_arrived_is_not_taken_back_into_a_digest(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    numbers = [outbox.put(alert()) for _ in range(2)]
    slack.drop_answer_next("chat.postMessage")
    drain(outbox, bot, clock, 90, per_hour={"deals": 1})
    assert len(slack.messages) == 1
    assert [outbox.get(number).state for number in numbers] == [AlertState.SENT, AlertState.HELD]


# --- the heartbeat


@pytest.fixture
def told() -> list[str]:
    return []


def watch(archive: Archive, clock: Clock, told: list[str]) -> None:
    class Teller:
        def tell(self, text: str) -> None:
            told.append(text)

    watch_delivery(archive, timedelta(hours=1), clock())
    tell_notices(archive, lambda problem: Teller() if problem == "undelivered" else None, clock)


def test_when_nothing_can_be_delivered_for_an_hour_it_is_told_once_and_once_when_it_can_again(
    outbox: ArchivedOutbox, clock: Clock, told: list[str]
) -> None:
    outbox.put(alert("a"))
    broken: dict[str, ChannelClient] = {"a": Recorder(errors=[DeliveryError("down")] * 200)}
    for _ in range(59):
        drain(outbox, broken, clock, 1)
        clock.advance(seconds=59)
        watch(outbox.archive, clock, told)
    assert told == []
    for _ in range(60):
        drain(outbox, broken, clock, 1)
        clock.advance(seconds=59)
        watch(outbox.archive, clock, told)
    assert told == [
        "Channel a has taken no alert since 2024-06-07 08:00 UTC; what waits and why: monitor alerts list --channel a"
    ]
    clock.advance(hours=1)
    drain(outbox, {"a": Recorder()}, clock, 1)
    for _ in range(2):
        watch(outbox.archive, clock, told)
    assert told[1:] == ["Channel a takes alerts again."]


def test_a_wrong_token_is_told_too_although_its_alerts_do_not_wait(
    outbox: ArchivedOutbox, slack: FakeSlack, clock: Clock, told: list[str]
) -> None:
    outbox.put(alert())
    drain(outbox, {"deals": SlackBot("xoxb-wrong", "#deals", base_url=slack.api, style=Style())}, clock, 2)
    clock.advance(hours=1)
    watch(outbox.archive, clock, told)
    assert len(told) == 1


def test_an_alert_that_waits_for_its_digest_is_no_trouble(
    outbox: ArchivedOutbox, clock: Clock, told: list[str]
) -> None:
    outbox.put(held(hours=24))
    for _ in range(30):
        drain(outbox, {"deals": Recorder()}, clock, 1)
        clock.advance(hours=1)
        watch(outbox.archive, clock, told)
    assert told == []


def test_claims_stay_readable_in_a_digest(outbox: ArchivedOutbox, clock: Clock, slack: FakeSlack) -> None:
    found = alert().claim
    assert isinstance(found, Claim)
    outbox.put(held())
    clock.advance(hours=1)
    drain(outbox, {"deals": SlackBot(slack.token, "#deals", base_url=slack.api, style=Style("zh"))}, clock, 2)
    assert render_text(slack.messages[0]).splitlines()[1:] == [
        (
            "*星河智能 · 完成融资* · 轮次：A轮; 金额：数千万元（1000万–1亿元人民币，约140万–1400万美元）; "
            "领投方：远山资本; 其他投资方：青禾创投"
        ),
        "星河智能完成数千万元A轮融资 <https://news.example/a/1?1> · Example News",
    ]
