"""How fast messages go to a channel of Slack."""

from monitor.alerting.delivery import ChannelClient, Delivered, deliver
from tests.fakes.archived import ArchivedOutbox, drain
from tests.fakes.outbox import Clock, alert
from tests.fakes.slack import FakeSlack
from tests.fakes.slackwire import ids_posted


def test_alerts_go_out_in_their_order_three_at_once_and_then_one_a_second(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    numbers = [outbox.put(alert()) for _ in range(6)]
    deliver(outbox, bot, clock)
    assert ids_posted(slack.messages) == numbers[:3]
    clock.advance(seconds=1)
    deliver(outbox, bot, clock)
    assert ids_posted(slack.messages) == numbers[:4]
    drain(outbox, bot, clock, 3)
    assert ids_posted(slack.messages) == numbers


def test_a_long_queue_drains_at_the_channels_rate_and_slack_never_has_to_say_so(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    slack.burst = 3
    numbers = [outbox.put(alert()) for _ in range(30)]
    assert drain(outbox, bot, clock, 28) == Delivered(sent=30)
    assert ids_posted(slack.messages) == numbers


def test_slacks_own_limit_is_kept_where_it_is_lower(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    slack.burst = 1
    numbers = [outbox.put(alert()) for _ in range(10)]
    done = drain(outbox, bot, clock, 30)
    assert (done.sent, done.dead) == (10, 0)
    assert ids_posted(slack.messages) == numbers
