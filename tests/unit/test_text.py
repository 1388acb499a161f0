"""Text: sentences in Chinese and English, folding with the way back, cleaning."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import text

ANY = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)


def cut(whole: str) -> list[str]:
    return [whole[start:end] for start, end in text.sentences(whole)]


@pytest.mark.parametrize(
    ("whole", "sentences"),
    [
        ("他来了。她走了！谁知道？", ["他来了。", "她走了！", "谁知道？"]),
        ("他说：“成了。”大家鼓掌。", ["他说：“成了。”", "大家鼓掌。"]),
        ("甲完成融资；乙获投", ["甲完成融资；", "乙获投"]),
        ("One raised $1.5 million. Two did not.", ["One raised $1.5 million.", "Two did not."]),
        ("Lumora Inc. raised $5M. It is new.", ["Lumora Inc. raised $5M.", "It is new."]),
        ("The U.S. market grew. J. Doe left.", ["The U.S. market grew.", "J. Doe left."]),
        ("第一段\n第二段", ["第一段", "第二段"]),
        ("· 甲发布新品 · 乙完成融资", ["· 甲发布新品", "乙完成融资"]),
        ("版本号是3.5。", ["版本号是3.5。"]),
        ("  \n \n", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(whole: str, sentences: list[str]) -> None:
    assert cut(whole) == sentences


@given(ANY)
def test_sentences_are_in_order_not_empty_and_leave_out_only_blanks_and_bullets(whole: str) -> None:
    last = 0
    for start, end in text.sentences(whole):
        assert last <= start < end
        assert whole[start:end] == whole[start:end].strip()
        assert not whole[last:start].strip(" \n·•▪●") or not whole[last:start].strip()
        last = end


@given(ANY)
def test_a_place_in_folded_text_leads_back_to_what_it_was_folded_from(whole: str) -> None:
    folded = text.fold_with_positions(whole)
    assert folded.text == text.fold(whole)
    for place in range(len(folded.text)):
        start, end = folded.original(place, place + 1)
        assert folded.text[place] in text.fold(whole[start:end])


def test_folding_makes_width_case_and_script_equal() -> None:
    assert text.fold("ＺＨＩＰＵ 智譜") == text.fold("zhipu 智谱")


def test_a_ligature_leads_back_to_one_character() -> None:
    folded = text.fold_with_positions("aﬁb")
    assert folded.text == "afib"
    assert folded.original(1, 3) == (1, 2)


@given(ANY)
def test_cleaning_twice_changes_nothing_more(whole: str) -> None:
    once = text.clean(whole)
    assert text.clean(once) == once
    assert unicodedata.is_normalized("NFC", once)


def test_cleaning_drops_what_has_no_place_in_text_and_keeps_paragraphs() -> None:
    assert text.clean("\ufeffa\u202eb\x00 \t c \r\n\r\n \u1680 d") == "ab c\nd"


@pytest.mark.parametrize("piece", ["…", "\u1680", " ", ".", "。”", "\n", "\u3000\n", "· "])
def test_no_text_takes_longer_than_its_length_allows(piece: str) -> None:
    start = time.process_time()
    list(text.sentences(piece * 200_000 + "x"))
    text.clean(piece * 1_000_000 + "x")
    assert time.process_time() - start < 3
