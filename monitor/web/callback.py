"""The callback of WebSub (https://www.w3.org/TR/websub/): hubs verify subscriptions here and tell of what is new."""

import asyncio
import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from monitor.archive import Archive
from monitor.config import Config
from monitor.errors import MonitorError
from monitor.subscriptions import Seal, Standing, Subscription, lease

logger = logging.getLogger(__name__)

LARGEST = 10_000_000
"""Bytes of what a hub sends that are read, to look whether it is signed; feeds are polled, not taken from here."""

PATIENCE = timedelta(minutes=1)
"""Time a sender gets for that: whoever drips would hold one of the few connections for ever."""

_LONGEST_CHALLENGE = 1_000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class Callback:
    """Answers hubs. What they push is not believed: it makes the source due, and the poll brings what is new.

    `config` is asked anew each time, since it may change. A stranger, who knows no token, costs a look at the archive:
    nothing of what he sends is read, nothing is written.
    """

    def __init__(
        self,
        archive: Archive,
        config: Callable[[], Config],
        now: Callable[[], datetime],
        patience: timedelta = PATIENCE,
    ) -> None:
        self._archive = archive
        self._config = config
        self._now = now
        self._patience = patience

    def app(self) -> Starlette:
        """As an ASGI application; what comes before the token in the path is the web server's in front of it."""
        return Starlette(
            routes=[
                Route("/{path:path}", self._verify, methods=["GET"]),
                Route("/{path:path}", self._take, methods=["POST"]),
            ],
            exception_handlers={MonitorError: _not_now},
        )

    def _verify(self, request: Request) -> Response:
        """A hub asks whether we have asked (section 5.3), or says that it will not (5.2)."""
        if request.method == "HEAD":  # which Starlette takes for a GET
            return _answer(405)
        asked = request.query_params
        mode, challenge = asked.get("hub.mode", ""), asked.get("hub.challenge", "")
        known = self._known(_token(request))
        if known is None or known.topic != asked.get("hub.topic") or not self._wanted(known):
            return _answer(404)
        if mode == "denied":
            self._change(known, standing=Standing.DENIED.value, ends_at=None)
            logger.warning("%s: the hub %s denies the subscription", known.source, known.hub)
            return _answer(200)
        if mode != "subscribe" or known.asked_at is None or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
            return _answer(404)
        ends = self._now() + lease(asked.get("hub.lease_seconds", ""))
        self._change(known, standing=Standing.ACTIVE.value, ends_at=ends, failures=0)
        logger.info("%s: subscribed at %s until %s", known.source, known.hub, f"{ends:%Y-%m-%d %H:%M}")
        return _answer(200, challenge)

    async def _take(self, request: Request) -> Response:
        """A hub tells of something (section 7): what is not signed as agreed is answered alike, and ignored."""
        known = await run_in_threadpool(self._known, _token(request))
        if known is None or not known.active(self._now()):
            return _answer(404)
        if not self._wanted(known):
            return _answer(410)  # so that the hub may end it
        seal, size = Seal(known.secret, request.headers.get("X-Hub-Signature", "")), 0
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                async for piece in request.stream():
                    size += len(piece)
                    if size > LARGEST:
                        return _answer(413)
                    seal.update(piece)
        except ClientDisconnect:
            return _answer(400)
        except TimeoutError:
            return _answer(408)
        if seal.unbroken:
            await run_in_threadpool(self._heed, known)
        else:
            logger.warning(
                "%s: what came in the name of %s is not signed by it and is ignored", known.source, known.hub
            )
        return _answer(202)

    def _heed(self, known: Subscription) -> None:
        now, soonest = self._now(), self._config().schedule.fastest
        with self._archive.writing() as tables:
            tables.subscriptions.change(known.token, pushed_at=now)
            tables.sources.hasten(known.source, soonest, now)
        logger.info("%s: the hub tells of something new", known.source)

    def _known(self, token: str) -> Subscription | None:
        if not _TOKEN.fullmatch(token):
            return None
        with self._archive.reading() as tables:
            return tables.subscriptions.by_token(token)

    def _wanted(self, known: Subscription) -> bool:
        config = self._config()
        return config.websub is not None and any(source.name == known.source for source in config.sources)

    def _change(self, known: Subscription, **values: object) -> None:
        with self._archive.writing() as tables:
            tables.subscriptions.change(known.token, **values)


def _token(request: Request) -> str:
    return str(request.path_params["path"]).rpartition("/")[2]


def _answer(status: int, text: str = "") -> Response:
    return PlainTextResponse(text, status, headers=_HEADERS)


def _not_now(_request: Request, error: Exception) -> Response:
    """The archive cannot be had: the hub may come again."""
    logger.error("a hub could not be answered: %s", error)
    return _answer(503)
