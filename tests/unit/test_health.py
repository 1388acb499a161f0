"""Whether a source does what it used to do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health import Facts, PageQuality, Problem, assess, sparkline, told
from monitor.polls import PollOutcome, SourceState, WayState
from tests.conftest import NOW

WELL = SourceState(
    "s",
    last_success_at=NOW,
    last_outcome=PollOutcome.NOT_MODIFIED,
    next_poll_at=NOW,
    recent=tuple(NOW - timedelta(hours=6 * i) for i in range(20, 0, -1)),
)
GOOD = PageQuality("https://s.example/good", titled=True, dated=True, has_text=True)
POOR = PageQuality("https://s.example/poor", titled=True, dated=True, has_text=False)


def problem(state: SourceState = WELL, poor: int = 0, good: int = 40, daily: tuple[int, ...] = ()) -> Problem | None:
    return assess(Facts(state, [POOR] * poor + [GOOD] * good, daily), NOW)


def test_a_source_that_does_what_it_used_to_do_is_well() -> None:
    assert problem() is None


def test_a_new_source_is_not_judged() -> None:
    assert problem(SourceState("s"), good=0) is None
    assert problem(poor=8, good=3) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"failures": 5, "last_success_at": NOW - timedelta(days=1)}, Problem.FAILING),
        ({"failures": 5, "last_success_at": NOW - timedelta(hours=1)}, None),
        ({"failures": 3, "last_outcome": PollOutcome.PARSE_ERROR}, Problem.LAYOUT),
        ({"failures": 2, "last_outcome": PollOutcome.PARSE_ERROR}, None),
        ({"failures": 1, "last_outcome": PollOutcome.GONE, "next_poll_at": None}, Problem.GONE),
        ({"ways": (WayState(0, failures=5), WayState(1))}, Problem.FALLBACK),
        ({"ways": (WayState(0, failures=1, closed=True), WayState(1))}, Problem.FALLBACK),
        ({"ways": (WayState(0, failures=4), WayState(1))}, None),
        ({"recent": tuple(NOW - timedelta(days=40, hours=i) for i in range(20, 0, -1))}, Problem.SILENT),
    ],
)
def test_what_is_wrong_with_a_source_is_named(changes: dict[str, object], expected: Problem | None) -> None:
    assert problem(replace(WELL, **changes)) == expected  # type: ignore[arg-type]


def test_a_layout_has_changed_when_new_articles_lack_what_old_ones_had() -> None:
    assert problem(poor=5) is None
    assert problem(poor=6) is Problem.LAYOUT


def test_a_site_whose_articles_always_lack_something_has_not_changed() -> None:
    assert assess(Facts(WELL, [POOR] * 40), NOW) is None


def test_a_change_of_layout_is_told_once_until_it_is_well_again() -> None:
    told_before = replace(WELL, problem=Problem.LAYOUT)
    assert problem(told_before, poor=40) is Problem.LAYOUT
    assert problem(told_before, poor=3) is Problem.LAYOUT
    assert problem(told_before, poor=2) is None


def test_a_week_that_brings_a_fraction_of_the_weeks_before_is_told() -> None:
    assert problem(daily=(5,) * 21 + (0, 0, 1, 0, 2, 0, 0)) is Problem.LOW_YIELD
    assert problem(daily=(0,) * 28) is None


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("what", [None, *Problem])
def test_the_operator_is_told_which_source_and_what_was_seen(what: Problem | None, language: str) -> None:
    state = replace(WELL, failures=7, last_error="https://s.example/feed answers with HTTP status 500")
    text = told(what, Facts(state, [POOR] * 8, (1,) * 28), "Example", language)  # type: ignore[arg-type]
    assert text.startswith("Example")
    if what in (Problem.FAILING, Problem.GONE, Problem.LAYOUT, Problem.SILENT):
        assert "HTTP status 500" in text
    if what is Problem.LAYOUT:
        assert "https://s.example/poor" in text


@given(st.lists(st.integers(0, 10**6), max_size=30))
def test_a_sparkline_has_a_bar_for_each_count_the_largest_being_the_highest(counts: list[int]) -> None:
    bars = sparkline(counts)
    assert len(bars) == len(counts)
    if any(counts):
        assert bars[counts.index(max(counts))] == "█"
