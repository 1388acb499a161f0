"""What channels do not want to hear of, for a time or for good."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select

from monitor.archive.alert_tables import mutes


@dataclass(frozen=True, slots=True)
class Mute:
    """A company (`deal_id` 0) or a deal (`company` empty) that a channel has muted; for good if `until` is None."""

    channel: str
    company: str
    deal_id: int
    until: datetime | None
    muted_by: str
    muted_at: datetime


class MuteTable:
    """The mutes of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, mute: Mute) -> None:
        """Mute; takes the place of what was said of the same before."""
        self.lift(mute.channel, mute.company, mute.deal_id)
        self._connection.execute(
            insert(mutes).values(
                channel=mute.channel,
                company=mute.company,
                deal_id=mute.deal_id,
                until=mute.until,
                muted_by=mute.muted_by,
                muted_at=mute.muted_at,
            )
        )

    def lift(self, channel: str, company: str = "", deal_id: int = 0) -> bool:
        """Hear of it again. Returns whether it was muted."""
        same = (mutes.c.channel == channel, mutes.c.company == company, mutes.c.deal_id == deal_id)
        return self._connection.execute(delete(mutes).where(*same)).rowcount > 0

    def follow(self, old: int, new: int) -> None:
        """Let channels that have muted a deal have muted the one that it is now."""
        for row in self._connection.execute(select(mutes).where(mutes.c.deal_id == old)).all():
            self.put(Mute(row.channel, "", new, row.until, row.muted_by, row.muted_at))

    def current(self, now: datetime, channel: str | None = None) -> list[Mute]:
        """What is muted now, of one channel or of all."""
        holds = [or_(mutes.c.until.is_(None), mutes.c.until > now)]
        if channel is not None:
            holds.append(mutes.c.channel == channel)
        rows = self._connection.execute(select(mutes).where(*holds).order_by(mutes.c.channel, mutes.c.muted_at))
        return [Mute(row.channel, row.company, row.deal_id, row.until, row.muted_by, row.muted_at) for row in rows]
