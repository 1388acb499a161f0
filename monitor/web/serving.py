"""Serving an application from a thread beside the scheduler."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from monitor.errors import ConfigError

CONNECTIONS = 100
"""Requests that are answered at once; more are told to come again."""


_LOOK = 0.5
"""Seconds between looks whether it is to end."""


class _Server(uvicorn.Server):
    """A server that rests while nobody asks: uvicorn's own wakes up ten times a second."""

    async def main_loop(self) -> None:
        """Called by uvicorn: look whether it is to end, and renew what depends on the time."""
        while not await self.on_tick(0):
            await asyncio.sleep(_LOOK)


@contextmanager
def serving(app: ASGIApp, listen: str, key: str) -> Iterator[None]:
    """Answer at `listen`, `host:port`, meanwhile; `key` is the setting that names it.

    Raises:
        ConfigError: when that address cannot be had.
    """
    host, _, port = listen.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    try:
        listening = socket.create_server((host.strip("[]"), int(port)), family=family)
    except (OSError, OverflowError) as error:
        raise ConfigError([f"{key}: {listen}: cannot be listened at: {error}"]) from error
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, limit_concurrency=CONNECTIONS, lifespan="off",
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = _Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(3)
        listening.close()
