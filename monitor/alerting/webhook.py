"""JSON to a program of somebody's own, signed by the Standard Webhooks specification.

The body is described by `docs/webhook.schema.json`; `webhook-id` is the same for each attempt, so that a receiver can
pass over what it has got (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from monitor import __version__
from monitor.alerting.cards import Card
from monitor.alerting.content import PLAIN, Style
from monitor.alerting.payload import notice_payload, payload
from monitor.alerting.statuses import passing
from monitor.errors import ConfigError, DeliveryError, DeliveryRefusedError, DeliveryUncertainError

TIMEOUT = 10
"""Seconds that a receiver may take; it should put work off until it has answered."""


class SignedWebhook:
    """Posts signed JSON to one address."""

    def __init__(self, url: str, secret: str, *, clock: Callable[[], datetime], style: Style = PLAIN) -> None:
        """`url` and `secret` are secrets; the secret is base64 after `whsec_`, of 24 to 64 bytes.

        Raises:
            ConfigError: when they cannot be used.
        """
        if not re.fullmatch(r"https?://[!-~]+", url) or not urlsplit(url).hostname:
            raise ConfigError(["the webhook's address is none: it begins with https:// and has no blanks"])
        self.style = style
        self.pace, self.burst = timedelta(0), 1
        self._url, self._key, self._clock = url, _key(secret), clock
        self._opener = build_opener(_NoRedirects)

    def send(self, card: Card) -> None:
        """Posts a card.

        Raises:
            DeliveryUncertainError: when it may have arrived; the next attempt has the same `webhook-id`.
            DeliveryRefusedError: when the receiver refuses it for good (410, 401, 403, 404, a redirect).
            DeliveryError: when it is to be tried again.
        """
        self._post(f"alert-{card.alert.id}", payload(card))

    def tell(self, text: str) -> None:
        """Posts a notice; raises like `send`."""
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        self._post(f"notice-{int(self._clock().timestamp())}-{digest}", notice_payload(text, self._clock()))

    def _post(self, number: str, said: dict[str, Any]) -> None:
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        sent_at = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"funding-news-monitor/{__version__}",
            "webhook-id": number,
            "webhook-timestamp": sent_at,
            "webhook-signature": signature(self._key, number, sent_at, body),
        }
        request = Request(self._url, data=body, headers=headers, method="POST")  # noqa: S310 - checked above
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                answer.read(65_536)
        except HTTPError as error:
            with error:
                for_good = DeliveryRefusedError(f"the webhook answered HTTP {error.code}: check its address and secret")
                raise (passing("the webhook", error.code, dict(error.headers)) or for_good) from None
        except URLError as error:  # what fails until the request is written to its end (urllib.request, do_open)
            raise DeliveryError(f"the webhook is out of reach: {error.reason}") from None
        except (OSError, HTTPException) as error:
            raise DeliveryUncertainError(f"the webhook's answer was lost ({type(error).__name__})") from None


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


def signature(key: bytes, number: str, sent_at: str, body: bytes) -> str:
    """The header `webhook-signature` of a body: version, and the HMAC-SHA256 of id, time and body in base64."""
    signed = b".".join((number.encode(), sent_at.encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        raise ConfigError(
            ["the webhook's secret is none: 24 to 64 random bytes in base64 after whsec_ (openssl rand -base64 32)"]
        )
    return key
