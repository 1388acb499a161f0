"""Alerts for people at a terminal, or in a log."""

from datetime import timedelta
from typing import TextIO

import rich.console
from rich.text import Text

from monitor.alerting.cards import Card, utc_words
from monitor.alerting.content import Content
from monitor.alerting.wording import say
from monitor.errors import DeliveryError
from monitor.settings import Language


class _Printer(rich.console.Console):
    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704  called while the error is handled; rich would end the process


class Console:
    """Prints cards on `out`: with colours on a terminal, without in a pipe. Lines are never wrapped."""

    def __init__(self, out: TextIO, language: Language = "en") -> None:
        self.language: Language = language
        self.pace = timedelta(0)
        # Texts come from web pages: nothing in them is markup, a number to colour or an emoji code.
        self._console = _Printer(file=out, markup=False, highlight=False, emoji=False)

    def send(self, card: Card, alert_id: int) -> str:
        """Prints a card; returns a name for it.

        Raises:
            DeliveryError: when nothing can be written (a closed pipe, a full disk).
        """
        try:
            self._console.print(_lines(card.content, alert_id), soft_wrap=True)
            self._console.file.flush()
        except OSError as error:
            raise DeliveryError(f"the alert cannot be printed: {error.strerror}") from error
        return f"console:{alert_id}"

    def tell(self, text: str) -> None:
        """Prints a line; raises like `send`."""
        try:
            self._console.print(text, soft_wrap=True)
            self._console.file.flush()
        except OSError as error:
            raise DeliveryError(f"the notice cannot be printed: {error.strerror}") from error


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
    text.append(" · ".join(note for note in (content.source, published, content.why) if note) + "\n", "dim")
    if content.warning:
        text.append(f"{content.warning}\n", "bold red")
    return text
