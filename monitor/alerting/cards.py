"""Alert to Slack message: Block Kit blocks and the text that notifications show.

The headline and the sentence are rich_text blocks rather than mrkdwn. A mrkdwn `*bold*` is only bold between blanks or
punctuation, which Chinese does not have, and every article would be a chance to get the escaping wrong; an element of
rich_text is literal text with its style beside it (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block).
What is left of mrkdwn is escaped and `verbatim`, so that Slack makes no links or mentions out of it by itself
(https://docs.slack.dev/reference/block-kit/composition-objects/text-object).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.alerting.content import Content, Fact, Run, compose
from monitor.alerting.wording import say
from monitor.models import Alert
from monitor.settings import Language

Json = str | int | bool | Sequence["Json"] | Mapping[str, "Json"]
Block = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Card:
    """One alert, ready to send.

    `text` is the fallback for notifications, escaped as mrkdwn; `blocks` are ready for JSON and fit Slack's limits;
    `content` is the same in plain words, for channels that are not Slack.
    """

    text: str
    blocks: tuple[Block, ...]
    content: Content


def render(alert: Alert, language: Language) -> Card:
    """The card of one alert; a `doubtful` one says that it may be a repeat. Never fails and never pings anybody."""
    content = compose(alert, language)
    return Card(
        text=escape(f"{content.header}{say('colon', language)}{content.title}"),
        blocks=tuple(_blocks(content)),
        content=content,
    )


def escape(text: str) -> str:
    """Plain text as mrkdwn that reads the same; https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(content: Content) -> list[Block]:
    blocks = [_header(content.header), _headline(content)]
    if content.facts:
        blocks.append({"type": "section", "fields": [_field(fact) for fact in content.facts]})
    if content.quote:
        quote: Block = {"type": "rich_text_quote", "elements": [_text(run) for run in content.quote]}
        blocks.append({"type": "rich_text", "elements": [quote]})
    blocks.append({"type": "context", "elements": [_mrkdwn(note) for note in _notes(content)]})
    return blocks


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _headline(content: Content) -> Block:
    title = _text(Run(content.title, bold=True))
    if content.url:
        title = {**title, "type": "link", "url": content.url}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [title]}]}


def _text(run: Run) -> Block:
    element: dict[str, Json] = {"type": "text", "text": run.text}
    if run.bold:
        element["style"] = {"bold": True}
    return element


def _field(fact: Fact) -> Block:
    return _mrkdwn(f"*{escape(fact.label)}*\n{escape(fact.value)}")


def _notes(content: Content) -> list[str]:
    published = say("undated", content.language) if content.published is None else _date(content.published)
    notes = [escape(content.source), published, escape(content.why), escape(content.warning)]
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
