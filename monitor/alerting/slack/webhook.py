"""Slack by incoming webhook, which can neither edit nor be asked what it posted."""

import re
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.webhook import WebhookClient

from monitor.alerting.cards import Card, escape
from monitor.alerting.content import PLAIN, Style
from monitor.alerting.slack.answers import http_error, sent
from monitor.alerting.slack.bot import BURST, MUTED, PACE, TIMEOUT
from monitor.errors import ConfigError, DeliveryRefusedError


class SlackWebhook:
    """Posts to an incoming webhook, which cannot be asked what it posted."""

    def __init__(self, url: str, *, style: Style = PLAIN, timeout: int = TIMEOUT) -> None:
        """`url` is a secret; `timeout` is in seconds. Connects to nothing yet.

        Raises:
            ConfigError: when `url` cannot be the address of a webhook.
        """
        if not re.fullmatch(r"https?://[!-~]+", url) or not urlsplit(url).hostname:
            raise ConfigError(["the Slack webhook address is none: copy it again (https://hooks.slack.com/…)"])
        self.style = style
        self.pace, self.burst = PACE, BURST
        self._client = WebhookClient(url, timeout=timeout, retry_handlers=[], logger=MUTED)
        self._client.proxy = None  # as above

    def send(self, card: Card) -> None:
        """Posts a card; raises like `SlackBot.send`."""
        self._post(text=card.text, blocks=[dict(block) for block in card.blocks])

    def tell(self, text: str) -> None:
        """Posts plain text: nothing in it is a link or a mention; raises like `send`."""
        self._post(text=escape(text))

    def _post(self, **message: Any) -> None:
        answer = sent("webhook", lambda: self._client.send(**message, unfurl_links=False, unfurl_media=False))
        code = answer.body.strip()
        if answer.status_code != 200:
            raise http_error("webhook", answer.status_code, code, answer.headers)
        if code != "ok":
            raise DeliveryRefusedError("the Slack webhook's address answers, but not as Slack does: check the address")
