"""The targets of `make fuzz` hold against what hypothesis makes of their seeds: the short form of it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, Refused

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
    """What is read in the same bytes is the same twice; what each target holds it against is in itself."""
    target = TARGETS[name]
    given_bytes = data.draw(mutated(target.seeds))
    found = target.read(given_bytes)
    assert target.read(given_bytes) == found
    assert not isinstance(found, Refused) or found.why


@pytest.mark.parametrize("name", TARGETS)
def test_what_they_begin_with_is_read(name: str) -> None:
    target = TARGETS[name]
    assert not isinstance(target.read(target.seeds[0]), Refused)
