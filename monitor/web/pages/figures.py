"""Charts of what the archive holds and how fast it tells."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.alerting.wording import round_words
from monitor.archive.statistics import Figures
from monitor.settings import Language
from monitor.web.charts import Chart
from monitor.web.site import SECONDS, day_of, language_of, site_of
from monitor.web.words import say

SHOWN = timedelta(days=90)
"""What is shown unless another time is asked for."""

LINES = 8
"""Sources with lines of their own; the others are drawn as one."""


def shown(request: Request) -> Response:
    """The charts of a time: of the last three months unless another is asked for."""
    site, language = site_of(request), language_of(request)
    today = site.clock().date()
    try:
        after = day_of(request.query_params.get("after", "")) or today - SHOWN
        before = day_of(request.query_params.get("before", ""))
    except ValueError as error:
        raise HTTPException(400) from error
    start = datetime.combine(after, time(), UTC)
    end = datetime.combine(before, time(), UTC) if before else None
    with site.archive.reading(SECONDS) as tables:
        found = tables.statistics.figures(start, end)
    return site.render(
        request,
        "figures.html",
        figures=found,
        after=after,
        before=before,
        raised=_raised(found, language),
        rounds=_rounds(found, language),
        daily=_daily(found, language),
        lag=Chart(
            say("lag_chart", language),
            list(found.lags),
            {
                say("median", language): [round(one.median / 60, 1) for one in found.lags.values()],
                say("slow", language): [round(one.slow / 60, 1) for one in found.lags.values()],
            },
            "line",
        ),
    )


def _raised(found: Figures, language: Language) -> Chart:
    months = _without_gaps(list(found.raised), lambda day: (day.replace(day=28) + timedelta(days=4)).replace(day=1))
    values = [round(found.raised.get(month, 0)) for month in months]
    return Chart(say("raised_by_month", language), months, {say("usd", language): values})


def _without_gaps(labels: Sequence[str], following: Callable[[date], date]) -> list[str]:
    """Days or months from the first to the last of these, those of which nothing is told too."""
    if not labels:
        return []
    size, found = len(labels[0]), []
    day, last = date.fromisoformat(f"{min(labels)}-01"[:10]), max(labels)
    while (label := day.isoformat()[:size]) <= last:
        found.append(label)
        day = following(day)
    return found


def _rounds(found: Figures, language: Language) -> Chart:
    labels = [round_words(name, language) if name else say("no_round", language) for name in found.rounds]
    return Chart(say("deals_by_round", language), labels, {say("deals", language): list(found.rounds.values())})


def _daily(found: Figures, language: Language) -> Chart:
    """The liveliest sources each, the others together."""
    told = sorted({day for of_source in found.daily.values() for day in of_source})
    days = _without_gaps(told, lambda day: day + timedelta(days=1))
    by_number = sorted(found.daily, key=lambda source: (-sum(found.daily[source].values()), source))
    series = {source: [found.daily[source].get(day, 0) for day in days] for source in by_number[:LINES]}
    if by_number[LINES:]:
        others = [sum(found.daily[source].get(day, 0) for source in by_number[LINES:]) for day in days]
        series[say("other_sources", language)] = others
    return Chart(say("articles_by_day", language), days, series, stacked=True)


routes = [Route("/figures", shown, methods=["GET"])]
