"""The stand-in's checks of Block Kit, at Slack's documented limits and against slack_sdk's own models."""

import re
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, Option, OptionGroup

from tests.fakes import blockkit
from tests.fakes.blocks import (
    Json,
    actions,
    bullets,
    button,
    confirming,
    context,
    group,
    grouped,
    header,
    image,
    many,
    mrkdwn,
    option,
    options,
    overflow,
    plain,
    rich,
    run,
    section,
    select,
    text,
    url,
)


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda n: header(text=plain(n)), 150),
        (lambda n: header(block_id="x" * n), 255),
        (lambda n: section(text=plain(n)), 3000),
        (lambda n: section(text=mrkdwn(n)), 3000),
        (lambda n: section(block_id="x" * n), 255),
        (lambda n: {"type": "section", "fields": [mrkdwn(n)]}, 2000),
        (lambda n: {"type": "section", "fields": many(n, lambda _: mrkdwn(1))}, 10),
        (lambda n: context(mrkdwn(n)), 3000),
        (lambda n: context(*many(n, lambda _: mrkdwn(1))), 10),
        (lambda n: context(image(alt_text="x" * n)), 2000),
        (lambda n: {"type": "divider", "block_id": "x" * n}, 255),
        (lambda n: image(image_url=url(n)), 3000),
        (lambda n: image(alt_text="x" * n), 2000),
        (lambda n: image(title=plain(n)), 2000),
        (lambda n: section(accessory=image(image_url=url(n))), 3000),
        (lambda n: actions(*many(n, lambda i: button(action_id=str(i)))), 25),
        (lambda n: actions(button(text=plain(n))), 75),
        (lambda n: actions(button(action_id="x" * n)), 255),
        (lambda n: actions(button(url=url(n))), 3000),
        (lambda n: actions(button(value="x" * n)), 2000),
        (lambda n: actions(button(accessibility_label="x" * n)), 75),
        (lambda n: confirming(title=plain(n)), 100),
        (lambda n: confirming(text=plain(n)), 300),
        (lambda n: confirming(confirm=plain(n)), 30),
        (lambda n: confirming(deny=plain(n)), 30),
        (lambda n: actions(overflow(*options(n))), 5),
        (lambda n: actions(overflow(option(), action_id="x" * n)), 255),
        (lambda n: actions(overflow(option(text=plain(n)))), 75),
        (lambda n: actions(overflow(option(value="x" * n))), 150),
        (lambda n: actions(overflow(option(description=plain(n)))), 75),
        (lambda n: actions(overflow(option(url=url(n)))), 3000),
        (lambda n: actions(select(options=options(n))), 100),
        (lambda n: actions(select(options=options(1), placeholder=plain(n))), 150),
        (lambda n: grouped(*many(n, lambda _: group())), 100),
        (lambda n: grouped(group(label=plain(n))), 75),
        (lambda n: grouped(group(options=options(n))), 100),
        (lambda n: rich(bullets(run(text()), indent=n)), 8),
        (lambda n: rich(bullets(run(text()), border=n)), 1),
        (lambda n: rich(run({"type": "link", "url": url(n)})), 3000),
    ],
)
def test_each_limit_is_taken_and_one_more_is_refused(make: Any, most: int) -> None:
    assert blockkit.problems([make(most)]) == []
    assert blockkit.problems([make(most + 1)]) != []


def test_a_message_has_at_most_fifty_blocks() -> None:
    assert blockkit.problems([{"type": "divider"}] * 50) == []
    assert blockkit.problems([{"type": "divider"}] * 51) != []


def test_lengths_are_counted_in_utf_16() -> None:
    assert blockkit.problems([header(text={"type": "plain_text", "text": "😀" * 75})]) == []
    assert blockkit.problems([header(text={"type": "plain_text", "text": "😀" * 76})]) != []


@pytest.mark.parametrize(
    "blocks",
    [
        [actions(button(action_id="a")), actions(button(action_id="a"))],  # unique in the containing block, not beyond
        [actions(button(), button())],  # Slack makes up an action_id
        [actions(button(style="danger", url="slack://open"))],
        [section(expand=True, accessory=overflow(*options(2)))],
        [confirming(text=plain(1), style="danger")],
        [actions(select(options=options(3), initial_option=option(value="2")))],
        [actions(select(option_groups=[group(options=options(3))], initial_option=option(value="2")))],
        [{"type": "image", "alt_text": "x", "slack_file": {"id": "F1"}}],
        [section(accessory={"type": "image", "alt_text": "x", "slack_file": {"url": "https://files.slack.com/f"}})],
        [rich(run(text(style={"bold": True}), {"type": "link", "url": "mailto:a@b.example", "text": "b"}))],
        [rich(run({"type": "emoji", "name": "wave"}, {"type": "color", "value": "#F405B3"}))],
        [rich(run({"type": "date", "timestamp": 1, "format": "{date}", "fallback": "x", "url": "https://x"}))],
        [rich(run({"type": "broadcast", "range": "here"}, {"type": "user", "user_id": "U1"}))],
        [rich(bullets(run(text()), run(text()), style="ordered", indent=1, offset=4, border=0))],
        [rich({"type": "rich_text_preformatted", "elements": [text()], "border": 0, "language": "json"})],
        [rich({"type": "rich_text_quote", "elements": [text()], "border": 1})],
    ],
)
def test_what_slack_documents_is_taken(blocks: Any) -> None:
    assert blockkit.problems(blocks) == []


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
        [{"type": "divider", "block_id": []}],
        [{"type": "divider", "text": plain(1)}],
        [{"type": "dance"}],
        [{"type": ["header"]}],
        [None],
        "no list",
        [header(text=mrkdwn(1))],
        [header(text=plain(0))],
        [header(text={**plain(1), "emoji": "yes"})],
        [header(text={**plain(1), "verbatim": True})],
        [{"type": "section"}],
        [section(text={**mrkdwn(1), "emoji": True})],
        [section(expand="yes")],
        [section(fields=[])],
        [context(button())],
        [context(image(title=plain(1)))],
        [image(title=mrkdwn(1))],
        [image(slack_file={"id": "F1"})],
        [image(image_url="ftp://x")],
        [{"type": "image", "alt_text": "x"}],
        [{"type": "image", "alt_text": "x", "slack_file": {"id": "F1", "url": "https://x"}}],
        [actions()],
        [actions(image())],
        [actions(button(action_id="a"), button(action_id="a"))],
        [actions(button(action_id="a"), overflow(option(), action_id="a"))],
        [actions(button(text=mrkdwn(1)))],
        [actions(button(style="loud"))],
        [actions(button(url="no address"))],
        [actions(button(confirm="sure?"))],
        [confirming(title=mrkdwn(1))],
        [confirming(style="loud")],
        [actions(button(confirm={"title": plain(1), "text": plain(1)}))],
        [actions(overflow())],
        [actions(overflow(option(), option()))],
        [actions(overflow(option(text=mrkdwn(1))))],
        [actions(overflow({"text": plain(1)}))],
        [actions(select())],
        [actions(select(options=[]))],
        [actions(select(options=options(1), option_groups=[group()]))],
        [actions(select(options=[option(url="https://x")]))],
        [actions(select(options=options(1), initial_option=option(value="other")))],
        [actions(select(options=options(1), placeholder=mrkdwn(1)))],
        [actions({"type": "plain_text_input"})],
        [rich(text())],
        [rich(run(plain(1)))],
        [rich(run({"type": []}))],
        [rich(run(text(text="")))],
        [rich(run(text(style={"bold": "yes"})))],
        [rich(run(text(style={"loud": True})))],
        [rich(run({"type": "link", "url": "no address"}))],
        [rich(run({"type": "broadcast", "range": "world"}))],
        [rich(run({"type": "user", "user_id": ""}))],
        [rich(run({"type": "date", "timestamp": "1", "format": "{date}"}))],
        [rich(bullets(run(text()), style="stars"))],
        [rich(bullets(bullets(run(text()))))],
        [rich(bullets(run(text()), border=True))],
        [rich({"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]})],
    ],
)
def test_what_slack_refuses_is_refused(blocks: Any) -> None:
    assert blockkit.problems(blocks) != []


# --- against slack_sdk's models

DIFFERENCES = [  # what the models let pass and the stand-in refuses: why, the complaint, an example
    ("the models skip unknown blocks with a warning", "unsupported type: dance", {"type": "dance"}),
    ("… and unknown elements", "unsupported type: dance", actions({"type": "dance"})),
    ("any element may stand in an actions block", "unsupported type: image", actions(image())),
    ("any kind of text does", "expected plain_text, got mrkdwn", header(text=mrkdwn(1))),
    ("empty texts are left out", "at least 1 character", header(text=plain(0))),
    ("empty lists are left out", r"\(1 to \d+ items\)", section(fields=[])),
    ("only a section's main text is measured", r"2001 characters \[.*/fields/", section(fields=[mrkdwn(2001)])),
    ("… in a context none", r"3001 characters \[.*/elements/\d+/text\]", context(mrkdwn(3001))),
    ("… nor an option's description", r"76 characters \[.*/descr", actions(overflow(option(description=plain(76))))),
    ("… nor its address", r"3001 characters \[.*/options/\d/url\]", actions(overflow(option(url=url(3001))))),
    ("addresses are any text", "must be an address", actions(button(url="no address"))),
    ("a select's options may have addresses", "additional property: url", actions(select(options=[option(url="a:b")]))),
    ("no identifiers or values are compared", "must be unique", actions(button(action_id="a"), button(action_id="a"))),
    ("… nor options", "one of the options", actions(select(options=options(1), initial_option=option(value="z")))),
    ("a picture needs no source", "image_url and slack_file", {"type": "image", "alt_text": "x"}),
    (
        "what is in rich text is not checked",
        r"\[/blocks/0/elements/0/elements/",
        rich(run({"type": "link", "url": "x"})),
    ),
]


def refused_by_models(block: Json) -> bool:
    try:
        model = Block.parse(_modelled(block))
        if model is not None:
            model.to_dict()
    except SlackObjectFormationError:
        return True
    return False


def _modelled(value: Any) -> Any:
    """Options as models, since the menus' models do not look into dictionaries."""
    if isinstance(value, list):
        return [_modelled(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if "type" not in value and "value" in value:
        return Option(**value)
    if "type" not in value and "label" in value:
        return OptionGroup(**value)
    return {key: _modelled(inner) for key, inner in value.items()}


@pytest.mark.parametrize(("why", "complaint", "block"), DIFFERENCES)
def test_slack_sdks_models_let_pass_what_the_stand_in_refuses(why: str, complaint: str, block: Json) -> None:
    assert not refused_by_models(block), why
    assert any(re.search(complaint, problem) for problem in blockkit.problems([block]))


def around(limit: int) -> st.SearchStrategy[int]:
    return st.sampled_from([1, 1, limit, limit, limit + 1, 0])


def filled(limit: int) -> st.SearchStrategy[str]:
    return around(limit).map(lambda length: "x" * length)


def of_text(limit: int) -> st.SearchStrategy[Json]:
    return st.builds(lambda make, length: make(length), st.sampled_from([plain, plain, plain, mrkdwn]), around(limit))


def listed(item: st.SearchStrategy[Any], limit: int, plainest: Any) -> st.SearchStrategy[list[Any]]:
    """A few of them, or the plainest so often that the limit is reached or passed."""
    return st.one_of(st.lists(item, min_size=1, max_size=3), around(limit).map(lambda length: [plainest] * length))


URLS = around(3000).map(url)
STYLES = st.sampled_from(["primary", "danger", "loud"])
IDS = filled(255)
CONFIRMS = st.fixed_dictionaries(
    {"title": of_text(100), "text": of_text(300), "confirm": of_text(30), "deny": of_text(30)},
    optional={"style": STYLES},
)
OPTIONS = st.fixed_dictionaries(
    {"text": of_text(75), "value": filled(150)}, optional={"description": of_text(75), "url": URLS}
)
GROUPS = st.fixed_dictionaries({"label": of_text(75), "options": listed(OPTIONS, 100, option())})
IMAGES = st.fixed_dictionaries({"type": st.just("image"), "alt_text": filled(2000)}, optional={"image_url": URLS})
ELEMENTS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("button"), "text": of_text(75)},
        optional={
            "action_id": IDS,
            "url": URLS,
            "value": filled(2000),
            "style": STYLES,
            "confirm": CONFIRMS,
            "accessibility_label": filled(75),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("overflow"), "options": listed(OPTIONS, 5, option())},
        optional={"action_id": IDS, "confirm": CONFIRMS},
    ),
    st.fixed_dictionaries(
        {"type": st.just("static_select")},
        optional={
            "action_id": IDS,
            "placeholder": of_text(150),
            "options": listed(OPTIONS, 100, option()),
            "option_groups": listed(GROUPS, 100, group()),
            "confirm": CONFIRMS,
        },
    ),
    IMAGES,
)
BLOCK_ID = {"block_id": IDS}
BLOCKS = st.one_of(
    st.fixed_dictionaries({"type": st.just("header")}, optional={"text": of_text(150), **BLOCK_ID}),
    st.fixed_dictionaries(
        {"type": st.just("section")},
        optional={
            "text": of_text(3000),
            "fields": listed(of_text(2000), 10, mrkdwn(1)),
            "accessory": ELEMENTS,
            **BLOCK_ID,
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("context"), "elements": listed(st.one_of(of_text(3000), IMAGES), 10, mrkdwn(1))},
        optional=BLOCK_ID,
    ),
    st.fixed_dictionaries({"type": st.just("actions"), "elements": listed(ELEMENTS, 25, button())}, optional=BLOCK_ID),
    st.builds(
        lambda block, more: {**block, **more},
        IMAGES,
        st.fixed_dictionaries({}, optional={"title": of_text(2000), **BLOCK_ID}),
    ),
    st.fixed_dictionaries({"type": st.just("divider")}, optional=BLOCK_ID),
    st.fixed_dictionaries({"type": st.just("rich_text"), "elements": st.just([run(text())])}, optional=BLOCK_ID),
)


@given(BLOCKS)
@settings(max_examples=400)
def test_the_stand_in_and_slack_sdks_models_differ_as_listed_alone(block: Json) -> None:
    """Whatever the models refuse is refused; what they let pass is refused for a listed reason only."""
    problems = blockkit.problems([block])
    if refused_by_models(block):
        event("refused by both")
        assert problems != []
    else:
        event("refused by the stand-in alone" if problems else "taken by both")
        for problem in problems:
            assert any(re.search(complaint, problem) for _, complaint, _ in DIFFERENCES), problem
