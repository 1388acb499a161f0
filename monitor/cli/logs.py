"""What the command line logs, and where to: standard error, coloured on a terminal, or as lines of JSON."""

import json
import logging
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from rich.logging import RichHandler

from monitor.cli.output import err

_OURS = ("monitor", "feed", "check")
"""Our own loggers: the package, and the spiders (Scrapy names loggers after them)."""

_TOLD_BY_US = ("scrapy.downloadermiddlewares", "scrapy.core.downloader")
"""What these complain of (with tracebacks), `monitor.crawling` tells in one line."""

_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|WEBHOOK|APPRISE_URL|DATABASE_URL|DSN", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?<=://)([^\s/:@]*):([^\s/@]+)@")
_IDS = ("run", "source", "article", "url", "channel", "alert")
"""What a message may be about, as fields of its line of JSON."""


def set_up(variables: Mapping[str, str], *, verbose: bool) -> None:
    """Log to standard error: our own messages, and warnings of others; with `verbose` everything of ours.

    MONITOR_LOG=json makes each message a line of JSON. Secrets of the environment are never written.
    """
    secrets = _secrets(variables)
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


def _secrets(variables: Mapping[str, str]) -> list[str]:
    """The values that must not be written, the longest first, as one may be part of another."""
    found = {word for name, value in variables.items() if _SECRET.search(name) for word in _parts(name, value)}
    return sorted((word for word in found if len(word) >= 8), key=len, reverse=True)


def _parts(name: str, value: str) -> Iterable[str]:
    if "DATABASE" in name.upper():  # its address is told, its password is not
        return [found[2] for found in _IN_ADDRESS.finditer(value)]
    return [value, *(word.rpartition(":")[2] for word in value.split())]


def _redacted(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


class _Plain(logging.Formatter):
    """Lines for people."""

    def __init__(self, secrets: list[str], form: str) -> None:
        super().__init__(form)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return _redacted(super().format(record), self._secrets)


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
            "message": _redacted(record.getMessage(), self._secrets),
            **{name: getattr(record, name) for name in _IDS if getattr(record, name, None) is not None},
        }
        if record.exc_info:
            said["error"] = _redacted(self.formatException(record.exc_info), self._secrets)
        return json.dumps(said, ensure_ascii=False, default=str)


def _wanted(record: logging.LogRecord) -> bool:
    # Scrapy sets its loggers to DEBUG, whatever LOG_LEVEL says, so the level alone does not keep them quiet.
    if record.name.startswith(_OURS):
        return True
    return record.levelno >= logging.WARNING and not record.name.startswith(_TOLD_BY_US)
