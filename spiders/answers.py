"""What is read off an HTTP answer, or off the failure to get one."""

from hashlib import blake2b
from itertools import takewhile

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from monitor.bootstrap import utc_now
from monitor.crawling.turns import NotNowError
from monitor.parsing.headers import fresh_for, retry_after
from monitor.polls import Validators, Wishes

_LONGEST_VALIDATOR = 1_000
"""Characters; longer ETags are no validators, and would go into every request."""

_PERMANENT = (301, 308)


def header(response: Response, name: str) -> str:
    """A header's value, "" where there is none."""
    return (response.headers.get(name) or b"").decode("latin-1")


def content_type(response: Response) -> str:
    """The header Content-Type."""
    return header(response, "Content-Type")


def links(response: Response) -> str:
    """The headers Link, as one."""
    return b", ".join(response.headers.getlist("Link")).decode("latin-1")


def validators(response: Response) -> Validators:
    """What to send back next time, byte for byte."""
    return Validators(_validator(response, "ETag"), _validator(response, "Last-Modified"))


def _validator(response: Response, name: str) -> str | None:
    """A header's value; None for one with control characters or too long to send back."""
    value = header(response, name)
    return value if value and value.isprintable() and len(value) <= _LONGEST_VALIDATOR else None


def conditions(known: Validators) -> dict[str, str]:
    """Headers that ask for a body only if something has changed."""
    named = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in named.items() if value}


def digest(response: Response) -> str:
    """A short hash of the body."""
    return blake2b(response.body, digest_size=16).hexdigest()


def wishes(response: Response) -> Wishes:
    """When the server wants to be asked again."""
    date = header(response, "Date")
    if response.status in (200, 304):
        fresh = fresh_for(header(response, "Cache-Control"), header(response, "Expires"), date, header(response, "Age"))
        return Wishes(fresh_for=fresh)
    return Wishes(retry_after=retry_after(header(response, "Retry-After"), utc_now(), date))


def moved_to(response: Response) -> str | None:
    """Where permanent redirects (301, 308) led from the address that was asked, before any other kind."""
    addresses = [*response.meta.get("redirect_urls", ())[1:], response.url]
    steps = takewhile(
        lambda step: step[0] in _PERMANENT, zip(response.meta.get("redirect_reasons", ()), addresses, strict=False)
    )
    return next((address for _, address in reversed(list(steps))), None)


def refused(failure: Failure) -> bool:
    """True if the request was not sent, or not followed up, for good: forbidden by robots.txt, no public address."""
    return isinstance(failure.value, IgnoreRequest) and not isinstance(failure.value, NotNowError)


def reason(failure: Failure) -> str:
    """Why there is no answer, in a line."""
    message = failure.getErrorMessage().strip()
    return message.splitlines()[0][:300] if message else type(failure.value).__name__
