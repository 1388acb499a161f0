"""The browser's one way to the network: a proxy on loopback that connects to the addresses the guard lets through.

The guard looks at the connections that this process makes. A browser makes its own, for whatever a page's scripts ask,
so that these would get inside.
"""

import asyncio
import base64
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

logger = logging.getLogger(__name__)

MOST = 50_000_000
"""Bytes that one connection brings; a page with its scripts has 2 to 5 million."""

LONGEST = 300.0
"""Seconds that a connection lasts."""

_OURS = ("connection:", "keep-alive:", "proxy-connection:", "proxy-authorization:")
"""Headers between browser and proxy, which go no further (RFC 9110, 7.6.1)."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the browser asks of its proxy: a tunnel (CONNECT) to a host, or one plain request to be handed on."""

    method: str
    target: str
    headers: tuple[str, ...]
    parts: SplitResult

    @property
    def tunnel(self) -> bool:
        return self.method == "CONNECT"

    @property
    def port(self) -> int:
        return self.parts.port or (443 if self.tunnel else 80)

    def head(self, target: str, *more: str) -> bytes:
        """The head of the request with another target; one connection carries one request."""
        lines = [f"{self.method} {target} HTTP/1.1", *self.headers, *more]
        lines += [] if self.tunnel else ["Connection: close"]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


class Gate:
    """The proxy. `lets_through(host, address)` decides on each address that a name stands for."""

    def __init__(self, lets_through: Callable[[str, str], bool]) -> None:
        self._lets_through = lets_through
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """Begin to listen; returns the address for the browser, `http://127.0.0.1:PORT`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        """Take no more connections."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, browser: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                await self._hand_on(_read(await browser.readuntil(b"\r\n\r\n")), browser, answer)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            # Without any answer, so that the browser fails instead of showing a page of ours.
            logger.debug("a connection of the browser ends: %s", error)
        finally:
            answer.close()

    async def _hand_on(self, asked: _Asked, browser: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        proxy = _proxy_for(asked)
        if proxy is not None:
            site, request = await asyncio.open_connection(proxy.hostname, proxy.port or 80)
            request.write(asked.head(asked.target, *_credentials(proxy)))
        else:
            site, request = await self._connect(asked)
            if asked.tunnel:
                answer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = asked.parts._replace(scheme="", netloc="", fragment="").geturl()
                request.write(asked.head(path or "/"))
        sending = asyncio.ensure_future(_copy(browser, request))
        try:
            await _copy(site, answer)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            request.close()

    async def _connect(self, asked: _Asked) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to an address that was looked at, not to the name: it may stand for another one by then."""
        host = asked.parts.hostname or ""
        found = await asyncio.get_running_loop().getaddrinfo(host, asked.port, type=socket.SOCK_STREAM)
        addresses = dict.fromkeys(str(address[0]) for *_, address in found)
        for address in addresses:
            if self._lets_through(host, address):
                return await asyncio.open_connection(address, asked.port)
        raise ValueError(f"{host} is no public address")


def _read(head: bytes) -> _Asked:
    """The head of a request to a proxy; raises ValueError when it is none."""
    line, *headers = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = line.split(" ")
    parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
    if parts.hostname is None or (method != "CONNECT" and parts.scheme != "http"):
        raise ValueError(f"{line} is no request to a proxy")
    kept = tuple(header for header in headers if not header.lower().startswith(_OURS))
    return _Asked(method, target, kept, parts)


def _proxy_for(asked: _Asked) -> SplitResult | None:
    """The proxy that the environment names for a request, as for all others of this program."""
    host = asked.parts.hostname or ""
    url = None if proxy_bypass(host) else getproxies().get("https" if asked.tunnel else "http")
    return urlsplit(url if "://" in url else f"http://{url}") if url else None


def _credentials(proxy: SplitResult) -> tuple[str, ...]:
    if not proxy.username:
        return ()
    secret = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return (f"Proxy-Authorization: Basic {base64.b64encode(secret.encode()).decode()}",)


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Hand on what comes, until it ends or is too much, and say that it has ended."""
    left = MOST
    while left > 0 and (data := await source.read(65_536)):
        target.write(data)
        await target.drain()
        left -= len(data)
    if target.can_write_eof():
        target.write_eof()
