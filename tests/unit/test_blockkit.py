"""The stand-in's checks of Block Kit, at Slack's documented limits and against slack_sdk's own models."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    ImageBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from tests.fakes import blockkit


def plain(length: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": "x" * length}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(1), **more}


def many(number: int, make: Any) -> list[Any]:
    return [make(i) for i in range(number)]


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda n: {"type": "header", "text": plain(n)}, 150),
        (lambda n: {"type": "section", "text": mrkdwn(n)}, 3000),
        (lambda n: {"type": "section", "fields": [mrkdwn(n)]}, 2000),
        (lambda n: {"type": "section", "fields": many(n, lambda _: mrkdwn(1))}, 10),
        (lambda n: {"type": "context", "elements": many(n, lambda _: mrkdwn(1))}, 10),
        (lambda n: {"type": "actions", "elements": many(n, lambda i: button(action_id=str(i)))}, 25),
        (lambda n: {"type": "actions", "elements": [{**button(), "text": plain(n)}]}, 75),
        (lambda n: {"type": "actions", "elements": [button(value="x" * n)]}, 2000),
        (lambda n: {"type": "actions", "elements": [button(action_id="x" * n)]}, 255),
        (lambda n: {"type": "actions", "elements": [button(url="https://" + "x" * (n - 8))]}, 3000),
        (lambda n: {"type": "divider", "block_id": "x" * n}, 255),
        (lambda n: {"type": "image", "image_url": "https://" + "x" * (n - 8), "alt_text": "x"}, 3000),
        (lambda n: {"type": "image", "image_url": "https://x", "alt_text": "x" * n}, 2000),
    ],
)
def test_each_limit_is_taken_and_one_more_is_refused(make: Any, most: int) -> None:
    assert blockkit.problems([make(most)]) == []
    assert blockkit.problems([make(most + 1)]) != []


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "divider"}] * 51,
        [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
        [{"type": "actions", "elements": [button(action_id="a"), button(action_id="a")]}],
        [{"type": "actions", "elements": []}],
        [{"type": "actions", "elements": [button(style="loud")]}],
        [{"type": "header", "text": mrkdwn(1)}],
        [{"type": "section"}],
        [{"type": "dance"}],
        [{"type": "context", "elements": [button()]}],
        [{"type": "divider", "text": plain(1)}],
        "no list",
    ],
)
def test_what_slack_refuses_is_refused(blocks: Any) -> None:
    assert blockkit.problems(blocks) != []


TEXTS = st.sampled_from([0, 1, 74, 75, 76, 149, 150, 151, 1999, 2000, 2001, 2999, 3000, 3001]).map(lambda n: "x" * n)
IDS = st.none() | st.sampled_from([1, 255, 256]).map(lambda n: "x" * n)
PLAIN = st.builds(lambda text: PlainTextObject(text=text), TEXTS)
MRKDWN = st.builds(lambda text: MarkdownTextObject(text=text), TEXTS)
BUTTONS = st.builds(
    lambda text, action, url, value, style: ButtonElement(
        text=PlainTextObject(text=text), action_id=action, url=url, value=value, style=style
    ),
    TEXTS,
    IDS,
    st.none() | TEXTS.map(lambda text: f"https://{text}"),
    st.none() | TEXTS,
    st.sampled_from([None, "primary", "danger", "loud"]),
)
BLOCKS = st.one_of(
    st.builds(lambda text, block: HeaderBlock(text=text, block_id=block), PLAIN, IDS),
    st.builds(
        lambda text, fields, block: SectionBlock(text=text, fields=fields, block_id=block),
        st.none() | MRKDWN,
        st.none() | st.lists(MRKDWN, max_size=11),
        IDS,
    ),
    st.builds(
        lambda elements, block: ContextBlock(elements=elements, block_id=block), st.lists(MRKDWN, max_size=11), IDS
    ),
    st.builds(
        lambda elements, block: ActionsBlock(elements=elements, block_id=block), st.lists(BUTTONS, max_size=3), IDS
    ),
    st.builds(
        lambda url, alt, block: ImageBlock(image_url=f"https://{url}", alt_text=alt, block_id=block), TEXTS, TEXTS, IDS
    ),
    st.builds(lambda block: DividerBlock(block_id=block), IDS),
)


@given(BLOCKS)
def test_whatever_slack_sdks_models_refuse_the_stand_in_refuses_too(block: Block) -> None:
    """Not the reverse: the models let pass unknown types, mrkdwn in a header, long addresses, ids used twice."""
    try:
        block.validate_json()
        written = block.to_dict()
    except SlackObjectFormationError:
        # Without its checks, to see what goes over the wire.
        written = _unchecked(block)
        assert blockkit.problems([written]) != []
    else:
        assert isinstance(written, dict)


def _unchecked(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_unchecked(inner) for inner in value]
    attributes = getattr(value, "attributes", None)
    if attributes is None:
        return value
    found = {name: getattr(value, name, None) for name in (*attributes, "type")}
    return {name: _unchecked(inner) for name, inner in found.items() if inner is not None}
