"""Alert to Slack message: Block Kit blocks and the text that notifications show.

The headline and the sentence are rich_text blocks rather than mrkdwn. A mrkdwn `*bold*` is only bold between blanks or
punctuation, which Chinese does not have, and every article would be a chance to get the escaping wrong; an element of
rich_text is literal text with its style beside it (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block).
What is left of mrkdwn is escaped and `verbatim`, so that Slack makes no links or mentions out of it by itself
(https://docs.slack.dev/reference/block-kit/composition-objects/text-object).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from monitor.alerting.content import Content, Fact, Run, Style, compose
from monitor.alerting.plaintext import cut, web_address
from monitor.alerting.wording import say
from monitor.models import Alert, AlertKind

Json = str | int | bool | Sequence["Json"] | Mapping[str, "Json"]
Block = Mapping[str, Json]

DIGEST_ALERTS = 10
"""Alerts in one message of a digest: so many fit Slack's limits whatever they say, 50 blocks and some 13,000 characters
(https://github.com/slackapi/bolt-js/issues/2509), as each has at most 1,200."""

RELEVANT, IRRELEVANT, MUTE_DEAL, MUTE_COMPANY = "relevant", "irrelevant", "mute_deal", "mute_company"
OPEN_ARTICLE, OPEN_ARCHIVE = "open_article", "open_archive"
"""Names of the buttons' actions; the value of each is the alert's number."""


@dataclass(frozen=True, slots=True)
class Card:
    """One message, ready to send.

    `text` is the fallback for notifications, escaped as mrkdwn; `blocks` are ready for JSON and fit Slack's limits.
    `heading` and `contents` are the same in plain words, for channels that are not Slack: one content for an alert, one
    for each alert of a digest, whose `heading` counts them (else it is empty). `alert` is what it was made of.
    """

    text: str
    blocks: tuple[Block, ...]
    heading: str
    contents: tuple[Content, ...]
    alert: Alert


def render(alert: Alert, style: Style) -> Card:
    """The message for an alert; a `doubtful` one says that it may be a repeat. Never fails and never pings anybody."""
    if alert.kind is AlertKind.DIGEST:
        return _digest(alert, style)
    content = compose(alert, style)
    return Card(
        text=escape(f"{content.header}{say('colon', style.language)}{content.title}"),
        blocks=tuple(_blocks(content, alert, style)),
        heading="",
        contents=(content,),
        alert=alert,
    )


def escape(text: str) -> str:
    """Plain text as mrkdwn that reads the same; https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(content: Content, alert: Alert, style: Style) -> list[Block]:
    blocks = [_header(content.header), _rich(_headline(content))]
    if content.facts:
        blocks.append({"type": "section", "fields": [_field(fact) for fact in content.facts]})
    if content.quote:
        quote: Block = {"type": "rich_text_quote", "elements": [_text(run) for run in content.quote]}
        blocks.append({"type": "rich_text", "elements": [quote]})
    if content.reported:
        blocks.append(_rich(*_outlets(content)))
    blocks.append({"type": "context", "elements": [_mrkdwn(note) for note in _notes(content)]})
    buttons = list(_buttons(content, alert, style))
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    return blocks


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def _headline(content: Content) -> Block:
    return _linked(content.title, content.url, bold=True)


def _linked(text: str, url: str, *, bold: bool = False) -> Block:
    element = _text(Run(text, bold=bold))
    return {**element, "type": "link", "url": url} if url else element


def _text(run: Run) -> Block:
    element: dict[str, Json] = {"type": "text", "text": run.text}
    if run.bold:
        element["style"] = {"bold": True}
    return element


def _field(fact: Fact) -> Block:
    return _mrkdwn(f"*{escape(fact.label)}*\n{escape(fact.value)}")


def _outlets(content: Content) -> Iterator[Block]:
    yield _text(Run(f"{content.reported}{say('colon', content.language)}"))
    for i, outlet in enumerate(content.outlets):
        if i:
            yield _text(Run(say("separator", content.language)))
        yield _linked(outlet.name, outlet.url)


def _notes(content: Content) -> list[str]:
    published = say("undated", content.language) if content.published is None else _date(content.published)
    notes = [escape(content.source), published, *map(escape, content.notes), escape(content.warning)]
    return [note for note in notes if note]


def _date(moment: datetime) -> str:
    """The reader's own time; the words after | are for clients that cannot convert it.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    utc = moment.astimezone(UTC)
    return f"<!date^{int(utc.timestamp())}^{{date_short_pretty}} {{time}}|{utc_words(utc)}>"


def utc_words(moment: datetime) -> str:
    """A time in UTC, to the minute."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _buttons(content: Content, alert: Alert, style: Style) -> Iterator[Block]:
    if alert.kind is not AlertKind.CARD:
        return
    if content.url:
        yield _button(OPEN_ARTICLE, alert, style, url=content.url)
    if content.archive:
        yield _button(OPEN_ARCHIVE, alert, style, url=content.archive)
    if style.interactive:
        yield _button(RELEVANT, alert, style)
        yield _button(IRRELEVANT, alert, style)
        if alert.deal_id is not None:
            yield _button(MUTE_DEAL, alert, style)
        yield _button(MUTE_COMPANY, alert, style)


def _button(action: str, alert: Alert, style: Style, **more: Json) -> Block:
    label: Block = {"type": "plain_text", "text": say(f"button.{action}", style.language), "emoji": False}
    return {"type": "button", "action_id": action, "text": label, "value": str(alert.id), **more}


def _digest(alert: Alert, style: Style) -> Card:
    """Several alerts in one message, a company's together."""
    language = style.language
    contents = tuple(compose(member, style) for member in alert.members)
    heading = say("digest", language).format(len(contents))
    if alert.pages > 1:
        heading = say("aside", language).format(heading, f"{alert.page}/{alert.pages}")
    blocks = [_header(heading)]
    pairs = zip(alert.members, contents, strict=True)
    for _, group in groupby(pairs, key=lambda pair: pair[0].company):
        blocks += [_item(content) for _, content in group]
    if alert.doubtful:
        blocks.append({"type": "context", "elements": [_mrkdwn(escape(say("repeat", language)))]})
    headers = say("separator", language).join(content.header for content in contents)
    return Card(
        text=escape(cut(f"{heading}{say('colon', language)}{headers}", 1000)),
        blocks=tuple(blocks),
        heading=heading,
        contents=contents,
        alert=alert,
    )


def _item(content: Content) -> Block:
    """One alert of a digest: what, the facts, the headline, the source; at most 1,200 characters."""
    colon, dot = say("colon", content.language), Run(" · ")
    facts = "; ".join(f"{fact.label}{colon}{fact.value}" for fact in content.facts)
    said = [_text(Run(content.header, bold=True))]
    if facts:
        said += [_text(dot), _text(Run(cut(facts, 300)))]
    said += [_text(Run("\n")), _linked(cut(content.title, 160), web_address(content.url, 400))]
    said += [_text(dot), _text(Run(cut(content.source, 60)))]
    if content.reported:
        said += [_text(dot), _text(Run(content.reported))]
    return _rich(*said)
