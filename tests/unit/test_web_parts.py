"""Parts of pages: cursors, marks in strange texts, words, where a login leads."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting.plaintext import cleaned
from monitor.archive.articles import ArchivedArticle
from monitor.health import Problem
from monitor.models import AlertKind, AlertState, Article, CorrectionKind, Fact, Hold, Mention, Span, Verdict, Withdrawn
from monitor.web.cursors import BadCursorError, read_cursor, written_cursor
from monitor.web.pages.articles import paragraphs
from monitor.web.pages.login import inside
from monitor.web.site import FOLDER, marked
from monitor.web.words import WORDS, say

TIMES = st.integers(0, 7 * 10**15).map(lambda since: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=since))
NUMBERS = st.integers(-(2**62), 2**62)


@given(TIMES, NUMBERS, st.text())
def test_a_cursor_is_read_as_it_was_written(at: datetime, number: int, text: str) -> None:
    assert read_cursor(written_cursor(at, number), datetime, int) == (at, number)
    assert read_cursor(written_cursor(number), int) == number
    assert read_cursor(written_cursor(text, number), str, int) == (text, number)
    assert read_cursor("", int) is None


@given(st.text(min_size=1) | st.from_regex(r"[A-Za-z0-9_-]{1,80}", fullmatch=True))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    try:
        found = read_cursor(text, datetime, int)
    except BadCursorError:
        return
    assert isinstance(found, tuple)


def test_a_cursor_of_another_list_is_refused() -> None:
    for other in (written_cursor(1), written_cursor("x", 1), written_cursor(1, "x"), written_cursor(2**70)):
        with pytest.raises(BadCursorError):
            read_cursor(other, datetime, int)


MARKS = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), max_size=8)


@given(st.text(max_size=50), MARKS)
def test_marks_leave_a_text_as_it_is_and_inert(text: str, marks: list[tuple[int, int]]) -> None:
    shown = str(marked(text, marks))
    bare = re.sub("</?mark>", "", shown)
    assert "<" not in bare
    assert unescape(bare) == cleaned(text)


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6)


@given(st.text(max_size=60), SPANS)
def test_an_article_is_shown_whole_whatever_is_marked(text: str, spans: list[tuple[int, int]]) -> None:
    mentions = tuple(Mention("x", "x", Span("text", min(span), max(span))) for span in spans)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    found = ArchivedArticle(1, Article("https://x.example/", "x", "", text), at, 1, mentions)
    shown = "".join(piece.text for pieces in paragraphs(found, (), "text") for piece in pieces)
    assert "".join(shown.split()) == "".join(text.split())


@given(st.text())
def test_a_login_leads_to_pages_of_ours_alone(target: str) -> None:
    led = inside(target)
    assert led.startswith("/")
    assert not led.startswith(("//", "/\\"))
    assert "\n" not in led
    assert "\t" not in led


def test_words_stand_in_both_languages_with_the_same_places_to_fill() -> None:
    for key, (english, chinese) in WORDS.items():
        assert english.strip(), key
        assert chinese.strip(), key
        places = [sum(field is not None for _, field, *_ in Formatter().parse(words)) for words in (english, chinese)]
        assert places[0] == places[1], key


def test_there_are_words_for_everything_that_is_shown_by_its_name() -> None:
    for prefix, kinds in (
        ("verdict_", Verdict),
        ("state_", AlertState),
        ("kind_", AlertKind),
        ("held_", Hold),
        ("withdrawn_", Withdrawn),
        ("problem_", Problem),
        ("did_", CorrectionKind),
        ("", Fact),
    ):
        for one in kinds:
            assert say(f"{prefix}{one.value}", "zh") != ""


def test_templates_use_words_that_there_are() -> None:
    used: set[str] = set()
    for template in (FOLDER / "templates").glob("*.html"):
        used |= set(re.findall(r"""say\(["']([a-z0-9_]+)["'][,)]""", template.read_text(encoding="utf-8")))
    assert len(used) > 100
    assert used <= WORDS.keys()
