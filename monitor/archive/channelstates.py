"""How the channels are: paused for a while, or failing."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from monitor.archive.alert_tables import channel_states
from monitor.archive.rows import insert_or_skip


class ChannelStates:
    """The states of channels in the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def paused_until(self, channel: str) -> datetime | None:
        """Until when nothing is sent to a channel."""
        return self._connection.execute(
            select(channel_states.c.paused_until).where(channel_states.c.channel == channel)
        ).scalar_one_or_none()

    def pause(self, channel: str, until: datetime) -> None:
        """Send nothing to a channel until a time."""
        self._set(channel, paused_until=until)

    def spend(self, channel: str, now: datetime, pace: timedelta, burst: int) -> None:
        """One message more goes to a channel that takes one each `pace`, and up to `burst` at once after a rest.

        The generic cell rate algorithm (ITU-T I.371): a message counts for `pace` from when all before it have been
        counted; nothing is sent while that is more than a burst ahead.
        """
        paced = self._connection.execute(
            select(channel_states.c.paced_until).where(channel_states.c.channel == channel)
        ).scalar_one_or_none()
        paced = max(paced or now, now) + pace
        self._set(channel, paced_until=paced)
        until = paced - pace * (burst - 1)
        if until > now and until > (self.paused_until(channel) or now):
            self.pause(channel, until)

    def failed(self, channel: str, at: datetime) -> None:
        """Something could not be delivered; the first time since something could counts."""
        self._set(channel)
        self._connection.execute(
            update(channel_states)
            .where(channel_states.c.channel == channel, channel_states.c.failing_since.is_(None))
            .values(failing_since=at)
        )

    def works(self, channel: str) -> None:
        """Something was delivered."""
        self._connection.execute(
            update(channel_states)
            .where(channel_states.c.channel == channel, channel_states.c.failing_since.is_not(None))
            .values(failing_since=None)
        )

    def news(self, failing_before: datetime) -> list[tuple[str, datetime | None]]:
        """Channels of which the operator does not know how they are: (channel, since when nothing could be delivered).

        Those that fail since a time, and (None) those that work again after it was told that they fail.
        """
        rows = self._connection.execute(
            select(channel_states)
            .where(
                or_(
                    channel_states.c.told_at.is_(None) & (channel_states.c.failing_since <= failing_before),
                    channel_states.c.told_at.is_not(None) & channel_states.c.failing_since.is_(None),
                )
            )
            .order_by(channel_states.c.channel)
        )
        return [(row.channel, row.failing_since) for row in rows]

    def told(self, channel: str, at: datetime | None) -> None:
        """The operator is told that the channel fails, or (None) that it works again."""
        self._set(channel, told_at=at)

    def _set(self, channel: str, **values: datetime | None) -> None:
        self._connection.execute(insert_or_skip(self._connection, channel_states).values(channel=channel))
        if values:
            self._connection.execute(update(channel_states).where(channel_states.c.channel == channel).values(**values))
