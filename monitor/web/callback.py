"""The callback of WebSub (https://www.w3.org/TR/websub/): hubs verify subscriptions here and tell of what is new."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from monitor.archive import Archive
from monitor.subscriptions import Standing, lease

logger = logging.getLogger(__name__)

LARGEST = 10_000_000
"""Bytes of what a hub sends that are read, to look whether it is signed; feeds are polled, not taken from here."""

_LONGEST_CHALLENGE = 1_000
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class Callback:
    """Answers hubs. What they push is not believed: it makes the source due, and the poll brings what is new."""

    def __init__(self, archive: Archive, soonest: timedelta, now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._soonest = soonest
        self._now = now

    def app(self) -> Starlette:
        """As an ASGI application; what comes before the token in the path is the web server's in front of it."""
        return Starlette(
            routes=[
                Route("/{path:path}", self._verify, methods=["GET"]),
                Route("/{path:path}", self._take, methods=["POST"]),
            ]
        )

    def _verify(self, request: Request) -> Response:
        """A hub asks whether we have asked (section 5.3), or says that it will not (5.2)."""
        asked, token = request.query_params, _token(request)
        mode, challenge = asked.get("hub.mode", ""), asked.get("hub.challenge", "")
        with self._archive.writing() as tables:
            known = tables.subscriptions.by_token(token)
            if known is None or known.topic != asked.get("hub.topic"):
                return _answer(404)
            if mode == "denied":
                tables.subscriptions.change(token, standing=Standing.DENIED.value, ends_at=None)
                logger.warning("%s: the hub %s denies the subscription", known.source, known.hub)
                return _answer(200)
            if mode != "subscribe" or known.asked_at is None or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
                return _answer(404)
            ends = self._now() + lease(asked.get("hub.lease_seconds", ""))
            tables.subscriptions.change(token, standing=Standing.ACTIVE.value, ends_at=ends)
        logger.info("%s: subscribed at %s until %s", known.source, known.hub, f"{ends:%Y-%m-%d %H:%M}")
        return _answer(200, challenge)

    async def _take(self, request: Request) -> Response:
        """A hub tells of something (section 7): what is not signed as agreed is answered alike, and ignored."""
        body = b""
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST:
                    return _answer(413)
        except ClientDisconnect:
            return _answer(400)
        signature = request.headers.get("X-Hub-Signature", "")
        return await run_in_threadpool(self._pushed, _token(request), signature, body)

    def _pushed(self, token: str, signature: str, body: bytes) -> Response:
        now = self._now()
        with self._archive.reading() as tables:
            known = tables.subscriptions.by_token(token)
        if known is None or not known.active(now):
            return _answer(404)
        if not known.signed(signature, body):
            logger.warning(
                "%s: what came in the name of %s is not signed by it and is ignored", known.source, known.hub
            )
            return _answer(202)
        with self._archive.writing() as tables:
            tables.subscriptions.change(token, pushed_at=now)
            tables.sources.hasten(known.source, self._soonest, now)
        logger.info("%s: the hub tells of something new", known.source)
        return _answer(202)


def _token(request: Request) -> str:
    return str(request.path_params["path"]).rpartition("/")[2]


def _answer(status: int, text: str = "") -> Response:
    return PlainTextResponse(text, status, headers=_HEADERS)
