import io

import pytest

from monitor.alerting.cards import render
from monitor.alerting.console import Console
from monitor.alerting.content import Style
from monitor.errors import DeliveryError
from tests.fakes.outbox import alert


def test_a_card_is_printed_in_plain_lines_that_are_not_wrapped() -> None:
    out = io.StringIO()
    url = "https://news.example/" + "long/" * 60
    assert Console(out).send(render(alert(url=url), Style("en"))) == "console:1"
    assert out.getvalue().splitlines()[:-1] == [
        "星河智能 · Funding round completed  #1",
        "星河智能完成数千万元A轮融资",
        url,
        "  Round: Series A",
        "  Amount: 数千万元 (CNY 10M–100M, about USD 1.4M–14M)",
        "  Lead investors: 远山资本",
        "  Other investors: 青禾创投",
        "  > 星河智能今日宣布完成数千万元A轮融资，由远山资本领投。",
        (
            "Example News · 2024-06-07 08:00 UTC · Confidence: medium (one source) · "
            "First report of this deal (rule completed)"
        ),
    ]


def test_a_title_can_neither_steer_the_terminal_nor_be_taken_for_markup() -> None:
    out = io.StringIO()
    Console(out).send(render(alert(title="\x1b[2J\x07[red]x[/red] :bomb:\r\u202e"), Style("en")))
    assert "[2J[red]x[/red] :bomb:" in out.getvalue()
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(out.getvalue())


def test_a_possible_repeat_is_marked() -> None:
    out = io.StringIO()
    Console(out, Style("zh")).send(render(alert(doubtful=True), Style("zh")))
    assert "可能重复" in out.getvalue()


def test_a_closed_pipe_is_an_error_of_delivery() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:  # noqa: ARG002  a pipe whose reader has gone
            raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(DeliveryError, match="cannot be printed"):
        Console(Closed()).send(render(alert(), Style("en")))
