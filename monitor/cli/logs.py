"""What the command line logs, and where to: standard error, coloured on a terminal."""

import logging

from rich.logging import RichHandler

from monitor.cli.output import err

_OURS = ("monitor", "feed", "check")
"""Our own loggers: the package, and the spiders (Scrapy names loggers after them)."""

_TOLD_BY_US = ("scrapy.downloadermiddlewares", "scrapy.core.downloader")
"""What these complain of (with tracebacks), `monitor.crawling` tells in one line."""


def set_up(*, verbose: bool) -> None:
    """Log to standard error: our own messages, and warnings of others; with `verbose` everything of ours."""
    handler: logging.Handler = RichHandler(console=err, show_path=False, log_time_format="%Y-%m-%d %H:%M:%S")
    handler.setFormatter(logging.Formatter("%(message)s"))
    if not err.is_terminal:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_wanted)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for ours in _OURS:
        logging.getLogger(ours).setLevel(logging.DEBUG if verbose else logging.INFO)


def _wanted(record: logging.LogRecord) -> bool:
    # Scrapy sets its loggers to DEBUG, whatever LOG_LEVEL says, so the level alone does not keep them quiet.
    if record.name.startswith(_OURS):
        return True
    return record.levelno >= logging.WARNING and not record.name.startswith(_TOLD_BY_US)
