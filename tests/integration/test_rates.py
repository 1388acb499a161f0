"""How fast messages go to a channel of Slack."""

from collections.abc import Iterator

import pytest

from monitor.alerting.delivery import ChannelClient, Delivered, deliver
from monitor.alerting.slack import SlackBot
from tests.fakes.archived import ArchivedOutbox
from tests.fakes.outbox import Clock, alert
from tests.fakes.slack import FakeSlack, go_direct


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[FakeSlack]:
    go_direct(monkeypatch)
    with FakeSlack(clock=lambda: clock().timestamp()) as server:
        yield server


@pytest.fixture
def bot(slack: FakeSlack) -> dict[str, ChannelClient]:
    return {"deals": SlackBot(slack.token, "#deals", base_url=slack.api)}


def ids_posted(slack: FakeSlack) -> list[int]:
    return [m.metadata["event_payload"]["alert_id"] for m in slack.messages if m.metadata]


def drain(outbox: ArchivedOutbox, channels: dict[str, ChannelClient], clock: Clock, seconds: int) -> Delivered:
    total = Delivered()
    for _ in range(seconds):
        total += deliver(outbox, channels, clock)
        clock.advance(seconds=1)
    return total


def test_alerts_go_out_in_their_order_three_at_once_and_then_one_a_second(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    numbers = [outbox.put(alert()) for _ in range(6)]
    deliver(outbox, bot, clock)
    assert ids_posted(slack) == numbers[:3]
    clock.advance(seconds=1)
    deliver(outbox, bot, clock)
    assert ids_posted(slack) == numbers[:4]
    drain(outbox, bot, clock, 3)
    assert ids_posted(slack) == numbers


def test_a_long_queue_drains_at_the_channels_rate_and_slack_never_has_to_say_so(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    slack.burst = 3
    numbers = [outbox.put(alert()) for _ in range(30)]
    assert drain(outbox, bot, clock, 28) == Delivered(sent=30)
    assert ids_posted(slack) == numbers


def test_slacks_own_limit_is_kept_where_it_is_lower(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    slack.burst = 1
    numbers = [outbox.put(alert()) for _ in range(10)]
    done = drain(outbox, bot, clock, 30)
    assert (done.sent, done.dead) == (10, 0)
    assert ids_posted(slack) == numbers
