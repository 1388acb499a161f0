"""The targets of `make fuzz` hold against what hypothesis makes of their seeds: the short form of it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

PIECE = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        ["亿元", "$", "轮融资", "<", ">", "]]>", "&#0;", "\0", "\ud800", "(", '"', "OR ", "%00", "://"]
    ).map(lambda text: text.encode("utf-8", "surrogatepass")),
)


@st.composite
def mutated(draw: Any, seeds: tuple[bytes, ...]) -> bytes:
    """A seed with pieces cut out, put in and doubled."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 40)))
        data = data[:start] + draw(st.one_of(PIECE, st.just(data[start:end] * 3))) + data[end:]
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=150)
@given(data=st.data())
def test_whatever_comes_is_read_or_refused(name: str, data: st.DataObject) -> None:
    target = TARGETS[name]
    target.read(data.draw(mutated(target.seeds)))
