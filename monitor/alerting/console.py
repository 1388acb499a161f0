"""Alerts for people at a terminal, or in a log."""

from datetime import timedelta
from typing import TextIO

import rich.console
from rich.text import Text

from monitor.alerting.cards import Card, utc_words
from monitor.alerting.content import PLAIN, Content, Style
from monitor.alerting.wording import say
from monitor.errors import DeliveryError


class _Printer(rich.console.Console):
    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704  called while the error is handled; rich would end the process


class Console:
    """Prints cards on `out`: with colours on a terminal, without in a pipe. Lines are never wrapped."""

    def __init__(self, out: TextIO, style: Style = PLAIN) -> None:
        self.style = style
        self.pace, self.burst = timedelta(0), 1
        # Texts come from web pages: nothing in them is markup, a number to colour or an emoji code.
        self._console = _Printer(file=out, markup=False, highlight=False, emoji=False)

    def send(self, card: Card) -> str:
        """Prints a card; returns a name for it.

        Raises:
            DeliveryError: when nothing can be written (a closed pipe, a full disk).
        """
        self._print(card_lines(card), "alert")
        return f"console:{card.alert.id}"

    def tell(self, text: str) -> None:
        """Prints a line; raises like `send`."""
        self._print(Text(text), "notice")

    def _print(self, text: Text, what: str) -> None:
        try:
            self._console.print(text, soft_wrap=True)
            self._console.file.flush()
        except OSError as error:
            raise DeliveryError(f"the {what} cannot be printed: {error.strerror}") from error


def card_lines(card: Card) -> Text:
    """A card in lines, as a terminal shows it; its plain text is what channels get that have no layout."""
    pieces = [Text(f"{card.heading}  #{card.alert.id}\n", "bold green")] if card.heading else []
    numbers = [member.id for member in card.alert.members] or [card.alert.id]
    pieces += [_lines(content, number) for content, number in zip(card.contents, numbers, strict=True)]
    return Text("\n").join(pieces)


def _lines(content: Content, alert_id: int) -> Text:
    colon = say("colon", content.language)
    published = say("undated", content.language) if content.published is None else utc_words(content.published)
    text = Text.assemble((content.header, "bold green"), (f"  #{alert_id}\n", "dim"), (f"{content.title}\n", "bold"))
    if content.url:
        text.append(f"{content.url}\n", "underline")
    for fact in content.facts:
        text.append(f"  {fact.label}{colon}", "cyan").append(f"{fact.value}\n")
    if content.quote:
        text.append("  > ", "dim")
        for run in content.quote:
            text.append(run.text, "bold yellow" if run.bold else "")
        text.append("\n")
    if content.reported:
        text.append(f"{content.reported}{colon}", "dim")
        text.append(say("separator", content.language).join(outlet.name for outlet in content.outlets) + "\n", "dim")
    text.append(" · ".join(note for note in (content.source, published, *content.notes) if note) + "\n", "dim")
    if content.warning:
        text.append(f"{content.warning}\n", "bold red")
    return text
