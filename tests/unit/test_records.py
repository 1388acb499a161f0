"""Deals and texts as rows of a spreadsheet."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from monitor.models import Deal, Money, Status
from monitor.records import DEAL_COLUMNS, cells, deal_record
from tests.conftest import NOW


def test_a_deal_is_a_record_of_flat_values() -> None:
    amount = Money("2亿元", 200_000_000, 200_000_000, "CNY")
    deal = Deal(7, "星河智能", Status.COMPLETED, "B", amount, None, ("蓝湖资本", "红杉"), ("蓝湖资本",), NOW, NOW, 3)
    row = deal_record(deal)
    assert tuple(row) == DEAL_COLUMNS
    assert row["company"] == "星河智能"
    assert (row["amount"], row["amount_low"], row["currency"], row["amount_usd"]) == ("2亿元", 2e8, "CNY", 27_800_000)
    assert (row["valuation"], row["investors"], row["seen_at"]) == (
        None,
        ["蓝湖资本", "红杉"],
        "2026-03-02T08:00:00+00:00",
    )


@given(st.sampled_from("=+-@＝＋－＠\t\r\n"), st.text(max_size=20))
def test_no_text_is_a_formula(first: str, rest: str) -> None:
    (cell,) = cells([first + rest])
    assert str(cell) == f"'{first}{rest}"


@given(
    st.lists(
        st.one_of(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(), st.none()), min_size=2
    )
)
def test_rows_are_read_back_as_they_were_written(row: list[object]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(cells(row))
    (read,) = csv.reader(io.StringIO(written.getvalue(), newline=""))
    assert read == [str(cell) for cell in cells(row)]
