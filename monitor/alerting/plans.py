"""When a channel hears of an alert: at once, in a digest, after its quiet hours."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.alerting.worth import usd
from monitor.models import Claim, Hold
from monitor.settings import Digest, Quiet, Timed, Urgent
from monitor.settings.channels import WEEKDAYS


def due(channel: Timed, claim: Claim | None, now: datetime) -> tuple[datetime, Hold | None]:
    """When an alert that comes up `now` is to be sent, and what it waits for until then.

    A digest that would fall into the quiet hours comes at their end.
    """
    zone = ZoneInfo(channel.timezone)
    at, held = now, None
    if channel.digest is not None and not _urgent(channel.digest.unless, claim):
        at, held = next_digest(channel.digest, zone, now), Hold.DIGEST
    quiet = channel.quiet
    if quiet is not None and not _urgent(quiet.unless, claim):
        end = quiet_until(quiet, zone, at)
        if end is not None:
            at, held = end, held or Hold.QUIET
    return at, held


def next_digest(digest: Digest, zone: ZoneInfo, now: datetime) -> datetime:
    """The first time after `now` at which the digest is sent, UTC.

    Where a clock is put forward over that time, the digest comes as much later; where it is put back, at the first of
    the two.
    """
    if digest.every == "hour":
        begin = now.astimezone(zone).replace(minute=digest.at.minute, second=0, microsecond=0).astimezone(now.tzinfo)
        return begin if begin > now else begin + timedelta(hours=1)
    weekday = WEEKDAYS.index(digest.weekday) if digest.every == "week" else None
    return _next(digest.at, weekday, zone, now)


def quiet_until(quiet: Quiet, zone: ZoneInfo, at: datetime) -> datetime | None:
    """When the quiet hours end in which `at` lies; None if it lies in none."""
    local = at.astimezone(zone).time()
    inside = (
        quiet.begin <= local < quiet.end if quiet.begin < quiet.end else local >= quiet.begin or (local < quiet.end)
    )
    return _next(quiet.end, None, zone, at) if inside else None


def _next(clock: time, weekday: int | None, zone: ZoneInfo, now: datetime) -> datetime:
    """The first time after `now` at which a clock of that zone shows this, on that day of the week if one is given."""
    today = now.astimezone(zone).date()
    for days in range(-1, 9):
        day = today + timedelta(days=days)
        at = _at(day, clock, zone, now)
        if at > now and weekday in (None, day.weekday()):
            return at
    raise AssertionError("a week has every weekday")


def _at(day: date, clock: time, zone: ZoneInfo, now: datetime) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(now.tzinfo)


def _urgent(urgent: Urgent | None, claim: Claim | None) -> bool:
    if urgent is None or claim is None:
        return False
    enough = urgent.min_usd is not None and usd(claim.amount) >= urgent.min_usd
    return enough or claim.status in urgent.status
