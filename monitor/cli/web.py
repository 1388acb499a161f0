"""`monitor web`, and the part of `monitor run` that shows the archive in a browser."""

import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Annotated

import typer

from monitor import config
from monitor.archive import Archive
from monitor.bootstrap import environment, utc_now
from monitor.cli.output import err
from monitor.config import Config
from monitor.errors import ConfigError
from monitor.settings import Web
from monitor.settings.web import listening


def web(
    listen: Annotated[
        str | None, typer.Option(help="Host and port, such as 127.0.0.1:8080; else that of the configuration.")
    ] = None,
) -> None:
    """Show the archive in a browser, and to programs, without watching the news. Ctrl-C ends it.

    Anything but an address of this machine alone needs a password (MONITOR_PASSWORD) or tokens (MONITOR_TOKENS).
    """
    env = environment()
    known = config.load(env.config_path) if env.config_path.exists() else None
    settings = (known.web if known else None) or Web()
    if listen is not None:
        try:
            settings = settings.model_copy(update={"listen": listening(listen)})
        except ValueError as error:
            raise ConfigError([f"--listen: {listen!r} {error}"]) from error
    archive = Archive(env.database_url)
    archive.check_version()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with shown(archive, settings, lambda: known, env.variables):
        err.print(f"Archive {archive.address} at {settings.url or f'http://{settings.listen}'}; Ctrl-C ends it.")
        ended.wait()
    archive.close()


def shown(
    archive: Archive,
    settings: Web,
    current: Callable[[], Config | None],
    variables: Mapping[str, str],
    *,
    scheduled: bool = False,
) -> AbstractContextManager[None]:
    """The archive in a browser, meanwhile; `scheduled` says that a scheduler runs beside it."""
    from monitor.web.access import access
    from monitor.web.app import application
    from monitor.web.serving import serving

    app = application(archive, access(settings, variables), settings, current, utc_now, scheduled=scheduled)
    return serving(app, settings.listen, "web.listen")
