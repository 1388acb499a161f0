"""What the command line logs, and where to: standard error, coloured on a terminal, or as lines of JSON."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from rich.logging import RichHandler

from monitor.cli.output import err
from monitor.cli.secrets import redacted, secrets_of

_OURS = ("monitor", "feed", "check")
"""Our own loggers: the package, and the spiders (Scrapy names loggers after them)."""

_TOLD_BY_US = ("scrapy.downloadermiddlewares", "scrapy.core.downloader")
"""What these complain of (with tracebacks), `monitor.crawling` tells in one line."""

_IDS = ("run", "source", "article", "url", "channel", "alert")
"""What a message may be about, as fields of its line of JSON."""


def set_up(variables: Mapping[str, str], *, verbose: bool) -> None:
    """Log to standard error: our own messages, and warnings of others; with `verbose` everything of ours.

    MONITOR_LOG=json makes each message a line of JSON. Secrets of the environment are never written.
    """
    secrets = secrets_of(variables)
    handler: logging.Handler
    if variables.get("MONITOR_LOG") == "json":
        handler = logging.StreamHandler()
        handler.setFormatter(_Json(secrets))
    elif err.is_terminal:
        handler = RichHandler(console=err, show_path=False, log_time_format="%Y-%m-%d %H:%M:%S")
        handler.setFormatter(_Plain(secrets, "%(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(_Plain(secrets, "%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_wanted)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for ours in _OURS:
        logging.getLogger(ours).setLevel(logging.DEBUG if verbose else logging.INFO)


class _Plain(logging.Formatter):
    """Lines for people."""

    def __init__(self, secrets: list[str], form: str) -> None:
        super().__init__(form)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record), self._secrets)


class _Json(logging.Formatter):
    """A line of JSON for each message: at, level, logger, message, error, and what it is about."""

    def __init__(self, secrets: list[str]) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage(), self._secrets),
            **{name: getattr(record, name) for name in _IDS if getattr(record, name, None) is not None},
        }
        if record.exc_info:
            said["error"] = redacted(self.formatException(record.exc_info), self._secrets)
        return json.dumps(said, ensure_ascii=False, default=str)


def _wanted(record: logging.LogRecord) -> bool:
    # Scrapy sets its loggers to DEBUG, whatever LOG_LEVEL says, so the level alone does not keep them quiet.
    if record.name.startswith(_OURS):
        return True
    return record.levelno >= logging.WARNING and not record.name.startswith(_TOLD_BY_US)
