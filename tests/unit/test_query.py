"""The language of queries: what is meant, and what is told of what is not understood."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.models import Claim, Evidence, Money, Span, Status
from monitor.searching.index import lookup
from monitor.searching.matching import Candidate, Matcher, fits_sum
from monitor.searching.nodes import All, Label, Lacks, Node, Some, Sum, Term, Told, Within, all_of
from monitor.searching.query import DEEPEST, LONGEST, MOST_TERMS, QueryError, parse
from monitor.searching.wording import Complaint

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("", All()),
        ("智谱", Term("智谱")),
        ("智譜 AI", All((Term("智谱"), Term("ai")))),
        ("a AND b", All((Term("a"), Term("b")))),
        ("a b OR c", Some((All((Term("a"), Term("b"))), Term("c")))),
        ("a (b｜c)", All((Term("a"), Some((Term("b"), Term("c")))))),
        ("a -b", All((Term("a"), Lacks(Term("b"))))),
        ("a NOT b", All((Term("a"), Lacks(Term("b"))))),
        ("pre-A", Term("pre-a")),
        ("“Series B”", Term("series b")),
        ("「月之暗面」", Term("月之暗面")),
        ("Anthrop*", Term("anthrop", prefix=True)),
        ("title:融资", Term("融资", title=True)),
        ('title:"series b"', Term("series b", title=True)),
        ("标题：融资", Term("融资", title=True)),
        ("company:智谱AI", Label("company", "智谱AI")),
        ('company:"Scale AI"', Label("company", "Scale AI")),
        ("lang:ZH", Label("lang", "zh")),
        ("https://x.example/a", Term("https://x.example/a")),
        ("10:30", Term("10:30")),
        ("a ， b", All((Term("a"), Term("b")))),
        ("a OR ！", Term("a")),
        ("a -！", Term("a")),
        ("after:2026", Within(after=datetime(2026, 1, 1, tzinfo=UTC))),
        ("before:2026年2月3日", Within(before=datetime(2026, 2, 3, tzinfo=UTC))),
        ("after:30d", Within(after=datetime(2026, 1, 31, tzinfo=UTC))),
        ("status:洽谈", Told(statuses=(Status.IN_TALKS,))),
        ("round:天使", Told(rounds=("angel",))),
        ("round:b+", Told(rounds=("B+",))),
        ("amount>1亿", Told(sums=(Sum(1e8, None, above=True, equal=False),))),
        ("amount<=$1.5b", Told(sums=(Sum(1.5e9, "USD", above=False, equal=True),))),
        ("金额≥5000万元", Told(sums=(Sum(5e7, "CNY", above=True, equal=True),))),
        ("round:B amount>100m", Told(rounds=("B",), sums=(Sum(1e8, None, above=True, equal=False),))),
    ],
)
def test_a_query_means_what_it_says(query: str, meant: object) -> None:
    assert parse(query, TODAY) == meant


@pytest.mark.parametrize(
    ("query", "complaint", "place"),
    [
        ("a OR", Complaint.NOTHING_BESIDE, "OR"),
        ("OR a", Complaint.NOTHING_BESIDE, "OR"),
        ("a AND", Complaint.NOTHING_BESIDE, "AND"),
        ("a AND OR b", Complaint.NOTHING_BESIDE, "AND"),
        ("a NOT", Complaint.NOTHING_AFTER, "NOT"),
        ("a --b", Complaint.NOTHING_AFTER, "-"),
        ("(a b", Complaint.NOT_CLOSED, "("),
        ("a b) c", Complaint.NOT_OPENED, ")"),
        ('a "b c', Complaint.NO_END, '"b c'),
        ("a compny:智谱", Complaint.NO_FIELD, "compny:"),
        ("a company:", Complaint.NO_VALUE, "company:"),
        ("after:2026-13", Complaint.NO_DATE, "after:2026-13"),
        ("after:soon", Complaint.NO_DATE, "after:soon"),
        ("after:99999999d", Complaint.NO_DATE, "after:99999999d"),
        ("round:Q", Complaint.NO_ROUND, "round:Q"),
        ("status:open", Complaint.NO_STATUS, "status:open"),
        ("amount>much", Complaint.NO_AMOUNT, "amount>much"),
        ("amount:3", Complaint.NO_SIGN, "amount:3"),
        ("source>3", Complaint.NOT_COMPARED, "source>3"),
        ("！ ？", Complaint.NOTHING, "！ ？"),
    ],
)
def test_what_is_not_understood_is_told_with_its_place(query: str, complaint: Complaint, place: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query, TODAY)
    error = caught.value
    assert (error.complaint, query[error.start : error.end]) == (complaint, place)
    for words in (error.told("en"), error.told("zh")):
        assert str(error.start + 1) in words
        assert "{" not in words


@pytest.mark.parametrize(
    "query", ["x" * (LONGEST + 1), "(" * (DEEPEST + 1) + "x" + ")" * (DEEPEST + 1), "x " * (MOST_TERMS + 1)]
)
def test_a_query_beyond_all_measure_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        parse(query, TODAY)


def test_a_query_at_the_limits_is_taken() -> None:
    assert parse("(" * DEEPEST + "x" + ")" * DEEPEST, TODAY) == Term("x")
    assert len(parse("x " * MOST_TERMS, TODAY).parts) == MOST_TERMS  # type: ignore[union-attr]


PIECES = st.sampled_from(
    ["融资", "AI", '"', "“", "(", ")", "（", " ", "OR", "AND", "NOT", "-", "*", ":", "company:", "amount>", "1亿",
     "after:", "30d", "2026-02", "round:", "\u0301", "\ud800", "ß", "|", "title:", ">", "\x00", "'", "\\"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=14).map("".join), st.lists(PIECES).map(" ".join)))
def test_any_text_is_a_query_or_refused_within_itself(query: str) -> None:
    found, refused = read(query)
    if refused is not None:
        assert 0 <= refused.start <= refused.end <= len(query)
        assert refused.told("zh")
    else:
        lookup(found)
        assert Matcher(found).fits(Candidate("融资", "AI", datetime(2026, 1, 1, tzinfo=UTC))) in (True, False)


def read(query: str) -> tuple[Node, QueryError | None]:
    try:
        return parse(query, TODAY), None
    except QueryError as error:
        return All(), error


@given(st.text("星河智能完成融资 AIb,。", min_size=1, max_size=12), st.text("ab 星河。", max_size=6))
def test_what_is_quoted_from_a_text_between_other_signs_fits_it(piece: str, around: str) -> None:
    query = parse(f'"{piece}"', TODAY) if any(character.isalnum() for character in piece) else All()
    text = f"{around}，{piece}，{around}"
    assert Matcher(query).fits(Candidate("", text, datetime(2026, 1, 1, tzinfo=UTC)))


def test_what_is_marked_is_what_matched_in_text_that_grows_when_folded() -> None:
    candidate = Candidate("㍿星河", "ﬃ 藍湖資本 ①", datetime(2026, 1, 1, tzinfo=UTC))
    shown = Matcher(parse("蓝湖 星河", TODAY)).show(candidate)
    assert [candidate.title[a:b] for a, b in shown.title_marks] == ["星河"]
    assert [shown.snippet[a:b] for a, b in shown.marks] == ["藍湖"]


def test_amounts_are_compared_by_what_is_said_for_sure() -> None:
    over, upto = Money("超10亿元", 1e9, None, "CNY"), Money("最高10亿元", None, 1e9, "CNY")
    assert fits_sum(over, Sum(5e8, None, above=True, equal=False))
    assert not fits_sum(over, Sum(1e9, None, above=True, equal=False))
    assert fits_sum(over, Sum(1e9, None, above=True, equal=True))
    assert fits_sum(upto, Sum(1e9, "CNY", above=False, equal=True))
    assert not fits_sum(upto, Sum(1e9, "CNY", above=False, equal=False))
    assert fits_sum(over, Sum(1e8, "USD", above=True, equal=False))  # 139 million dollars
    assert not fits_sum(Money("1 XXX", 1, 1, "XXX"), Sum(0.5, "USD", above=True, equal=False))
    assert not fits_sum(Money("?", None, None, "CNY"), Sum(1, None, above=True, equal=True))


def test_what_is_asked_of_a_deal_is_asked_of_one_deal_of_that_company() -> None:
    evidence = Evidence("s", Span("text", 0, 1))
    claim = Claim("星河智能", news=True, status=Status.COMPLETED, evidence=evidence, rule="r", round="B")
    background = Claim("星河智能", news=False, status=Status.COMPLETED, evidence=evidence, rule="r", round="A")
    candidate = Candidate("", "", datetime(2026, 1, 1, tzinfo=UTC), claims=(claim, background))
    asked = {query: Matcher(parse(query, TODAY)).fits(candidate) for query in ("round:B", "round:A", "status:denied")}
    assert asked == {"round:B": True, "round:A": False, "status:denied": False}
    together = all_of([Label("company", "远山"), parse("round:B", TODAY)])
    assert together == All((Label("company", "远山"), Told(rounds=("B",), companies=("远山",))))
