"""Whatever Apprise knows: Feishu, DingTalk, WeCom, e-mail, Teams and some hundred others. An optional extra."""

import logging
from datetime import timedelta
from typing import Any

from monitor.alerting.cards import Card
from monitor.alerting.console import card_lines
from monitor.alerting.content import PLAIN, Style
from monitor.alerting.plaintext import cut
from monitor.errors import ConfigError, DeliveryUncertainError

MAX_TITLE = 250
"""The shortest title that Apprise's services take without cutting it in the middle of a word (apprise/plugins)."""


_HARMLESS = str.maketrans("@<>", "＠‹›")


def harmless(text: str) -> str:
    """A text in which no service finds a mention or markup: `@everyone`, `<!channel>`, `<at user_id="all">`."""
    return text.translate(_HARMLESS)


class AppriseClient:
    """Sends text through one Apprise address. It is not told whether a message that failed has arrived."""

    def __init__(self, url: str, *, style: Style = PLAIN) -> None:
        """`url` is a secret: an address by https://appriseit.com, such as mailto://… or feishu://…

        Raises:
            ConfigError: when Apprise is not installed, or does not know this kind of address.
        """
        try:
            from apprise import Apprise  # noqa: PLC0415 - an optional extra
        except ImportError:
            raise ConfigError(
                ["a channel of the type apprise needs Apprise: pip install 'funding-news-monitor[apprise]'"]
            ) from None
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it logs addresses
        self.style = style
        self.pace, self.burst = timedelta(seconds=3), 5  # DingTalk, the strictest that says so: 20 messages a minute
        self._apprise: Any = Apprise()
        if not self._apprise.add(url):
            raise ConfigError(["the Apprise address is of no kind that Apprise knows (https://appriseit.com)"])

    def send(self, card: Card) -> None:
        """Sends a card.

        Raises:
            DeliveryUncertainError: when the service did not take it, or it is not known whether it did.
        """
        title = card.heading or card.contents[0].header
        links = {content.url for content in card.contents}
        lines = card_lines(card).plain.splitlines()
        self._notify(cut(harmless(title), MAX_TITLE), "\n".join(x if x in links else harmless(x) for x in lines))

    def tell(self, text: str) -> None:
        """Sends a line; raises like `send`."""
        self._notify("", text)

    def _notify(self, title: str, body: str) -> None:
        try:
            taken = self._apprise.notify(title=title, body=body, body_format="text")
        except (OSError, ValueError, TypeError) as error:
            raise DeliveryUncertainError(f"Apprise failed ({type(error).__name__})") from None
        if not taken:
            raise DeliveryUncertainError("Apprise says that the message was not taken: check address and service")
