"""Subscribing to feeds at the hubs that they name (WebSub)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from monitor.crawling.turns import NO_PAGE
from monitor.crawling.visits import Visits
from monitor.errors import UrlError
from monitor.models import FeedHints
from monitor.parsing.headers import links
from monitor.subscriptions import Subscription
from monitor.urls import canonical


def announced(response: Response, hints: FeedHints) -> FeedHints:
    """The hints of a feed, with the hub that the answer's headers name before the feed's own (WebSub, section 4)."""
    header = b",".join(response.headers.getlist("Link")).decode("latin-1")
    named = links(header)
    try:
        hub = urljoin(response.url, named.get("hub", ""))
        canonical(hub)
    except (UrlError, ValueError):
        return hints
    if "hub" not in named:
        return hints
    return replace(hints, hub=hub, topic=urljoin(response.url, named.get("self", "")) or hints.topic)


class HubRequests:
    """The requests to hubs of one run."""

    def __init__(self, visits: Callable[[], Visits]) -> None:
        self._visits = visits

    def follow(self, source: str, position: int) -> Iterator[Request]:
        """A request for what is not subscribed to yet, or not for long."""
        wanted = self._visits().hubs.wanted(source, position)
        if wanted is None:
            return
        subscription, form = wanted
        yield Request(
            subscription.hub,
            method="POST",
            body=form,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            callback=self._answered,
            errback=self._failed,
            dont_filter=True,
            meta={"dont_retry": True, NO_PAGE: True},
            cb_kwargs={"subscription": subscription},
        )

    def _answered(self, response: Response, subscription: Subscription) -> None:
        taken = 200 <= response.status < 300
        self._visits().hubs.answered(subscription, "" if taken else f"HTTP status {response.status}")

    def _failed(self, failure: Failure) -> None:
        subscription = failure.request.cb_kwargs["subscription"]  # type: ignore[attr-defined]
        self._visits().hubs.answered(subscription, failure.getErrorMessage().strip() or type(failure.value).__name__)
