"""Dates as feeds and pages of both languages write them."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from zoneinfo import ZoneInfo

EARLIEST = 1990
"""Year before which nothing was on the Web (its first site is of 1990): such a date is a default or a slip."""

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
_MONTH = rf"({'|'.join(_NAMES)})[a-z]{{0,6}}\.?"
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4}) ?[年/.-] ?(\d{1,2}) ?[月/.-] ?(\d{1,2})(?!\d)")
_MONTH_FIRST = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b", re.IGNORECASE)
_YEAR_MONTH_DAY = re.compile(rf"\b(\d{{4}}) {_MONTH} (\d{{1,2}})\b(?!:)", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH},?[ -](\d{{4}})\b", re.IGNORECASE)
_YEAR_LAST = re.compile(
    rf"\b{_MONTH} (\d{{1,2}}) (\d{{1,2}}:\d{{2}}:\d{{2}}) ((?:[A-Z]{{3,4}} )?)(\d{{4}})\b", re.IGNORECASE
)
_NUMBERS = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![\d/.-])")
_NO_YEAR = re.compile(r"(?<![\d/.-])(\d{1,2}) ?[月/-] ?(\d{1,2})(?![\d/.-])")
_TIME = re.compile(
    r"(?P<part>凌晨|早上|上午|中午|下午|傍晚|晚上|晚)? ?(?<!\d)(?P<hour>\d{1,2}) ?[:时点] ?(?P<minute>\d{1,2})(?!\d)"
    r"(?: ?[:分] ?(?P<second>\d{1,2})(?!\d))?(?:[.,]\d{1,9})?"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?(?: ?(?P<zone>Z|UTC|GMT|[A-Z]{3}|(?:UTC|GMT)?[+-]\d{2}:?\d{2})(?![A-Za-z\d]))?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})$")
_AGO = re.compile(
    r"(\d{1,4}|半) ?个?(秒|分|小时|天|周|sec|min|hour|hr|day|week)[a-z]{0,5}[钟]? ?(?:前|ago\b)", re.IGNORECASE
)
_DAY = re.compile(r"(今天|昨天|前天|today|yesterday)", re.IGNORECASE)
_DAYS_BACK = {"今天": 0, "today": 0, "昨天": 1, "yesterday": 1, "前天": 2}
_UNITS = {"秒": 1, "sec": 1, "分": 60, "min": 60, "小时": 3600, "hour": 3600, "hr": 3600}
_UNITS |= {"天": 86_400, "day": 86_400, "周": 604_800, "week": 604_800}
_JUST_NOW = ("刚刚", "刚才", "just now")
_EPOCH = re.compile(r"(\d{10})(\d{3})?")
# Names of zones that news of our two languages use, in minutes; the rest is read in the source's zone.
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "BST": 60, "CET": 60, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420}
_ZONES |= {"CEST": 120, "MDT": -360, "PST": -480, "PDT": -420, "JST": 540, "SGT": 480, "HKT": 480}


def parse_date(text: str, zone: str, now: datetime | None = None) -> datetime | None:
    """The moment that `text` names, aware, in the zone it is written in; None if it names none.

    Understood are RFC 822, ISO 8601, seconds and milliseconds since 1970, English dates with the month as a word, and
    the Chinese forms (2024年6月7日 10:30, 2024/6/7 下午3:05). What has no zone is read in `zone`, an IANA name; a date
    without a time is its midnight. 06-07 10:30 and relative forms (3小时前, 昨天 10:30, 刚刚, 2 hours ago) need `now`.
    Dates before 1990, or more than a day after `now`, give None.
    """
    text = " ".join(unicodedata.normalize("NFKC", text[:200]).split())
    if not text:
        return None
    local = ZoneInfo(zone)
    try:
        moment = _standard(text, local) or (_relative(text, local, now) if now else None) or _written(text, local, now)
        return _plausible(moment, now) if moment else None
    except (ValueError, OverflowError):  # the 31st of February, 25 o'clock
        return None


def _plausible(moment: datetime, now: datetime | None = None) -> datetime | None:
    """`moment` if news can be of that date: not before 1990, nor more than a day after `now`."""
    if not EARLIEST <= moment.year < 9999:
        return None
    return None if now is not None and moment > now + timedelta(days=1) else moment


def _standard(text: str, local: ZoneInfo) -> datetime | None:
    if found := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(found[1]), UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _rfc822(text, local)
    return moment if moment.tzinfo else moment.replace(tzinfo=local)


def _rfc822(text: str, local: ZoneInfo) -> datetime | None:
    # China Standard Time is what sites there mean by CST, the standard means Central Standard Time.
    if local.key.startswith("Asia/"):
        text = text.replace("CST", "+0800")
    if not re.match(r"(?:[a-z]{3,9},? )?\d{1,2}[ -][a-z]{3,9}[ -]\d{2,4} \d", text, re.IGNORECASE):
        return None
    parts = parsedate_tz(text.replace("-0000", "+0000"))
    if parts is None:
        return None
    moment = datetime(*parts[:6], tzinfo=local)
    # parsedate_tz says 0 both for GMT and for a zone that it does not know.
    if parts[9] is None or (parts[9] == 0 and not re.search(r"\b(?:GMT|UTC?|Z)\b|[+-]00:?00", text)):
        return moment
    return moment.replace(tzinfo=UTC) - timedelta(seconds=parts[9])


def _relative(text: str, local: ZoneInfo, now: datetime) -> datetime | None:
    if text.lower().startswith(_JUST_NOW):
        return now
    if found := _AGO.search(text):
        count = 0.5 if found[1] == "半" else int(found[1])
        return now - timedelta(seconds=count * _UNITS[found[2].lower()])
    if found := _DAY.search(text):
        day = now.astimezone(local) - timedelta(days=_DAYS_BACK[found[1].lower()])
        return _at(day.year, day.month, day.day, text[found.end() :], local)
    return None


def _written(text: str, local: ZoneInfo, now: datetime | None) -> datetime | None:
    if found := _YEAR_FIRST.search(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := _MONTH_FIRST.search(text):
        year, month, day = int(found[3]), _MONTHS[found[1].lower()], int(found[2])
    elif found := _DAY_FIRST.search(text):
        year, month, day = int(found[3]), _MONTHS[found[2].lower()], int(found[1])
    elif found := _YEAR_MONTH_DAY.search(text):
        year, month, day = int(found[1]), _MONTHS[found[2].lower()], int(found[3])
    elif found := _YEAR_LAST.search(text):  # C's asctime and Java's Date.toString: Fri Jun 07 10:30:00 CST 2024
        return _at(int(found[5]), _MONTHS[found[1].lower()], int(found[2]), f"{found[3]} {found[4]}", local)
    elif found := _NUMBERS.search(text):  # 3/4/2025 is the American order, 3.4.2025 the European one
        month, day = (int(found[3]), int(found[1])) if found[2] == "." else (int(found[1]), int(found[3]))
        year, month, day = int(found[4]), *((day, month) if month > 12 else (month, day))
    elif now and (found := _NO_YEAR.search(text)):
        return _this_or_last_year(int(found[1]), int(found[2]), text[found.end() :], local, now)
    else:
        return None
    return _at(year, month, day, text[found.end() :], local)


def _this_or_last_year(month: int, day: int, rest: str, local: ZoneInfo, now: datetime) -> datetime:
    year = now.astimezone(local).year
    moment = _at(year, month, day, rest, local)
    return moment if _plausible(moment, now) else _at(year - 1, month, day, rest, local)


def _at(year: int, month: int, day: int, rest: str, local: ZoneInfo) -> datetime:
    """That day at the time that `rest` begins with (after a word or two), else at midnight."""
    found = _TIME.search(rest[:60])
    if not found or found.start() > 12:
        return datetime(year, month, day, tzinfo=local)
    hour = int(found["hour"])
    afternoon = (found["half"] or "").lower() == "p" or found["part"] in ("下午", "傍晚", "晚上", "晚")
    if afternoon and hour < 12:
        hour += 12
    elif hour == 12 and ((found["half"] or "").lower() == "a" or found["part"] == "凌晨"):
        hour = 0
    moment = datetime(year, month, day, hour, int(found["minute"]), int(found["second"] or 0), tzinfo=local)
    minutes = _offset(found["zone"] or "", local)
    return moment if minutes is None else moment.replace(tzinfo=UTC) - timedelta(minutes=minutes)


def _offset(zone: str, local: ZoneInfo) -> int | None:
    if found := _OFFSET.search(zone):
        return int(found[1] + "1") * (int(found[2]) * 60 + int(found[3]))
    if zone.upper() == "CST":
        return None if local.key.startswith("Asia/") else -360
    return _ZONES.get(zone.upper())
