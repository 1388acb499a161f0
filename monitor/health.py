"""Whether a source does what it used to do, judged by its own history. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.polls import PollOutcome, SourceState
from monitor.settings import Language
from monitor.ways import silent

RECENT_PAGES, FORMER_PAGES = 8, 32
"""Newest articles that are held against those before them."""

MOSTLY, RARELY = 0.75, 0.25
"""Shares of articles without title, date or text: a layout has changed when most lack what few lacked before."""

FAILURES, FAILING_FOR = 5, timedelta(hours=12)
"""A source fails when so many polls in a row did, for so long: shorter troubles pass by themselves."""

UNREADABLE = 3
"""Answers in a row that are not what they should be: another layout, or another address."""

WEEKS, LOW = 3, 0.2
"""A week with less than this share of the weeks before it is told of, if these had an article a day or more."""

_TICKS = "▁▂▃▄▅▆▇█"


class Problem(StrEnum):
    """What is wrong with a source: stored with it, so that each is told once."""

    GONE = "gone"
    FAILING = "failing"
    LAYOUT = "layout"
    FALLBACK = "fallback"
    SILENT = "silent"
    LOW_YIELD = "low_yield"


@dataclass(frozen=True, slots=True)
class PageQuality:
    """What one archived article lacks."""

    url: str
    titled: bool
    dated: bool
    has_text: bool

    @property
    def poor(self) -> bool:
        """True if title, date or text is missing."""
        return not (self.titled and self.dated and self.has_text)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a source: its state, its newest articles (newest first), new entries a day (oldest first)."""

    state: SourceState
    pages: Sequence[PageQuality] = ()
    daily: Sequence[int] = ()


def assess(facts: Facts, now: datetime) -> Problem | None:
    """What is wrong with a source now; None if nothing is, or too little is known of it."""
    state, first = facts.state, facts.state.way(0)
    unreadable = state.last_outcome is PollOutcome.PARSE_ERROR and state.failures >= UNREADABLE
    failing = state.failures >= FAILURES and (
        state.last_success_at is None or now - state.last_success_at >= FAILING_FOR
    )
    signs = {
        Problem.GONE: state.last_outcome is PollOutcome.GONE and state.next_poll_at is None,
        Problem.LAYOUT: (unreadable and state.last_success_at is not None) or _layout_changed(facts),
        Problem.FAILING: failing,
        Problem.FALLBACK: not state.failures and (first.closed or first.failures >= FAILURES),
        Problem.SILENT: silent(state.recent, now),
        Problem.LOW_YIELD: _low(facts.daily),
    }
    return next((problem for problem, seen in signs.items() if seen), None)


def share_lacking(pages: Sequence[PageQuality]) -> float | None:
    """The share of articles that lack title, date or text, 0 to 1; None without articles."""
    return sum(page.poor for page in pages) / len(pages) if pages else None


def _layout_changed(facts: Facts) -> bool:
    pages = facts.pages
    newest, former = pages[:RECENT_PAGES], pages[RECENT_PAGES : RECENT_PAGES + FORMER_PAGES]
    if len(newest) < RECENT_PAGES or len(former) < RECENT_PAGES:
        return False
    lately, before = share_lacking(newest) or 0.0, share_lacking(former) or 0.0
    if facts.state.problem == Problem.LAYOUT:
        return lately > RARELY  # what was told stays until it is well again, even when the old pages are forgotten
    return lately >= MOSTLY and before <= RARELY


def _low(daily: Sequence[int]) -> bool:
    former, lately = daily[-7 * (WEEKS + 1) : -7], daily[-7:]
    if len(former) < 7 * WEEKS:
        return False
    usual = sum(former) / WEEKS
    return usual >= 7 and sum(lately) < LOW * usual


def told(problem: Problem | None, facts: Facts, name: str, language: Language) -> str:
    """What the operator is told: the source, what is wrong, what was seen; that it is well again for None."""
    state = facts.state
    last = f"{state.recent[-1]:%Y-%m-%d %H:%M} UTC" if state.recent else "?"
    error = state.last_error or (state.last_outcome.value if state.last_outcome else "?")
    poor = [page for page in facts.pages[:RECENT_PAGES] if page.poor]
    first = state.way(0)
    week, usual = sum(facts.daily[-7:]), round(sum(facts.daily[-7 * (WEEKS + 1) : -7]) / WEEKS)
    english = {
        None: "is well again",
        Problem.GONE: f"is gone: {error}. It is not asked again; see `monitor sources enable`",
        Problem.FAILING: f"has failed {state.failures} times in a row. Last: {error}",
        Problem.LAYOUT: f"has changed its layout: {len(poor)} of the last {RECENT_PAGES} articles lack title, date or "
        f"text{f', such as {poor[0].url}' if poor else ''}. Last poll: {error}",
        Problem.FALLBACK: "is read by a fallback: its first way "
        + ("is gone" if first.closed else f"has failed {first.failures} times in a row"),
        Problem.SILENT: f"has fallen silent: nothing new since {last}. Last poll: {error}",
        Problem.LOW_YIELD: f"brings little: {week} new in the last week, {usual} a week before",
    }
    chinese = {
        None: "已恢复正常",
        Problem.GONE: f"已不存在：{error}。不再访问；见 `monitor sources enable`",
        Problem.FAILING: f"连续失败 {state.failures} 次。最近：{error}",
        Problem.LAYOUT: f"版面似已改变：最近 {RECENT_PAGES} 篇中有 {len(poor)} 篇缺少标题、日期或正文"
        f"{f'，例如 {poor[0].url}' if poor else ''}。最近访问：{error}",
        Problem.FALLBACK: "正由备用途径读取：首选途径"
        + ("已不存在" if first.closed else f"连续失败 {first.failures} 次"),
        Problem.SILENT: f"已沉默：自 {last} 起没有新内容。最近访问：{error}",
        Problem.LOW_YIELD: f"产出明显减少：最近一周 {week} 条，此前每周约 {usual} 条",
    }
    return f"{name} {english[problem]}" if language == "en" else f"{name}：{chinese[problem]}"


def sparkline(counts: Sequence[int]) -> str:
    """Counts as small bars, scaled to the largest."""
    most = max(counts, default=0)
    return "".join(_TICKS[0] if not most else _TICKS[round(count / most * (len(_TICKS) - 1))] for count in counts)
