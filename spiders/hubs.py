"""Subscribing to feeds at the hubs that they name (WebSub)."""

from collections.abc import Callable, Iterator
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from monitor.crawling.turns import NO_PAGE
from monitor.crawling.visits import Visits
from monitor.errors import UrlError
from monitor.subscriptions import Subscription
from monitor.urls import canonical
from spiders.answers import header, reason

_MOVED = (307, 308)
"""Redirects that a hub may answer with (section 5.1); after others Scrapy would ask it for a page."""

_MOST_MOVES = 5


class HubRequests:
    """The requests to hubs of one run."""

    def __init__(self, visits: Callable[[], Visits]) -> None:
        self._visits = visits

    def follow(self, source: str, position: int) -> Iterator[Request]:
        """A request for what is not subscribed to yet, or not for long."""
        wanted = self._visits().hubs.wanted(source, position)
        if wanted is not None:
            subscription, form = wanted
            yield self._request(subscription.hub, form.encode(), subscription, moves=0)

    def _request(self, url: str, form: bytes, subscription: Subscription, moves: int) -> Request:
        return Request(
            url,
            method="POST",
            body=form,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            callback=self._answered,
            errback=self._failed,
            dont_filter=True,
            meta={"dont_retry": True, "dont_redirect": True, NO_PAGE: True},
            cb_kwargs={"subscription": subscription, "moves": moves},
        )

    def _answered(self, response: Response, subscription: Subscription, moves: int) -> Iterator[Request]:
        error = "" if 200 <= response.status < 300 else f"HTTP status {response.status}"
        if response.status in _MOVED and moves < _MOST_MOVES and response.request is not None:
            try:
                url = _moved_to(response, subscription)
            except UrlError as objection:
                error = str(objection)
            else:
                yield self._request(url, response.request.body, subscription, moves + 1)
                return
        self._visits().hubs.answered(subscription, error)

    def _failed(self, failure: Failure) -> None:
        subscription = failure.request.cb_kwargs["subscription"]  # type: ignore[attr-defined]
        self._visits().hubs.answered(subscription, reason(failure))


def _moved_to(response: Response, subscription: Subscription) -> str:
    """Where a hub has moved to.

    Raises:
        UrlError: when the form must not go there. It does not show the address, which may repeat what is ours alone.
    """
    try:
        url = urljoin(response.url, header(response, "Location"))
        canonical(url)
    except (UrlError, ValueError):
        raise UrlError("it has moved to where it cannot be asked") from None
    if subscription.secret and not url.lower().startswith("https:"):
        raise UrlError("it has moved to an address without HTTPS, where the secret is not told")
    return url
