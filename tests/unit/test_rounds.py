"""Names of rounds, normalised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.detection.rounds import find, names


@pytest.mark.parametrize(
    ("text", "rounds"),
    [
        ("完成A轮融资", ["A"]),
        ("完成 A 轮融资", ["A"]),
        ("Ａ＋轮", ["A+"]),
        ("A++轮", ["A++"]),
        ("A1轮", ["A1"]),
        ("Pre-A+轮", ["pre-A+"]),
        ("Pre-A+新一轮融资", ["pre-A+"]),
        ("PreA轮", ["pre-A"]),
        ("pre-B", ["pre-B"]),
        ("天使轮", ["angel"]),
        ("天使+轮", ["angel+"]),
        ("天使++轮融资", ["angel++"]),
        ("天使轮及天使+轮", ["angel", "angel+"]),
        ("种子轮", ["seed"]),
        ("种子+轮", ["seed+"]),
        ("C轮及C+轮", ["C", "C+"]),
        ("A/A+轮", ["A", "A+"]),
        ("B+轮、C轮", ["B+", "C"]),
        ("战略融资", ["strategic"]),
        ("獲得戰略投資", ["strategic"]),
        ("Pre-IPO轮", ["pre-IPO"]),
        ("Series B", ["B"]),
        ("Series B-1", ["B1"]),
        ("Series C+ round", ["C+"]),
        ("pre-Series A", ["pre-A"]),
        ("pre-seed round", ["pre-seed"]),
        ("$5M seed round", ["seed"]),
        ("raises $5M seed", ["seed"]),
        ("strategic investment", ["strategic"]),
        ("pre-IPO round", ["pre-IPO"]),
    ],
)
def test_a_round_is_named_in_one_form(text: str, rounds: list[str]) -> None:
    assert names(text) == rounds


@pytest.mark.parametrize(
    "text",
    [
        "新一轮融资",
        "首轮融资",
        "天使投资人",
        "战略投资者",
        "the series is new",
        "seed the garden",
        "A股",
        "IPO",
        "K轮",
        "一轮",
    ],
)
def test_what_names_no_round_gives_none(text: str) -> None:
    assert names(text) == []


@given(st.sampled_from("ABCDEFGH"), st.sampled_from(["", "+", "++", "1", "2"]), st.booleans())
def test_every_letter_and_addition_is_kept(letter: str, more: str, pre: bool) -> None:
    prefix = "Pre-" if pre else ""
    assert names(f"完成{prefix}{letter}{more}轮融资") == [prefix.lower() + letter + more]


@given(st.text(alphabet="abh轮+-天使种子战略融资pre series12 、及", max_size=60))
def test_rounds_come_in_order_and_apart(text: str) -> None:
    last = 0
    for found in find(text):
        assert last <= found.start < found.end <= len(text)
        last = found.end
